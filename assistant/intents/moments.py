"""A date or a time that a device is set to: the words behind "to" as a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from assistant.intents.times.reading import TIME, clock_words, masked
from assistant.intents.times.when import When, moment
from assistant.models import Intent, Language

INTENT = "MomentSet"
DOMAINS = ("date", "datetime", "time")

_AT: Mapping[Language, str] = {"en": "at", "it": "alle"}
"""What makes an hour of a bare number."""


def set_to(intent: Intent, language: Language, now: datetime) -> Intent | None:
    """None for words that say no date where one is wanted, or no time of day, or more than that.

    An hour is of 24, as it was said.
    """
    said, domain = str(intent.slots.get("at")), "".join(intent.target.ids).partition(".")[0]
    texts = (said, f"{_AT.get(language, '')} {said}")
    when = next((when for text in texts if (when := _when(text, language)) is not None), None)
    if when is None or when.rule is not None or when.seconds is not None:
        return None
    of_day, no_day = when.clock is not None, replace(when, clock=None, pinned=None, part=None) == When()
    if of_day == (domain == "date") or (domain == "time" and not no_day):
        return None
    at = moment(replace(when, pinned=True), now, loose=True)
    return replace(intent, slots={"at": at.at.isoformat()}) if at else None


def _when(text: str, language: Language) -> When | None:
    mask = masked(clock_words(text, language), language)
    return mask.when if mask is not None and mask.words == (TIME,) else None
