"""The usual ways to read one value from one topic."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from assistant.home.kinds.kind import Reading, Report
from assistant.home.templates import Payload, Unreadable, number, read
from assistant.models import Value

NO_VALUE = "None"
"""What Home Assistant's templates render for "it is not known"."""


def words(key: str, topic: str | None, template: str | None, meant: Mapping[str, Value]) -> list[Reading]:
    """A value that is one of the device's own words."""

    def note(payload: Payload, report: Report) -> None:
        text = read(template, payload)
        if text in meant:
            report[key] = meant[text]
        elif text == NO_VALUE:
            report[key] = None
        else:
            raise Unreadable(f"{text[:80]!r} is none of {', '.join(meant)}")

    return [Reading(topic, note)] if topic else []


def options(
    key: str, topic: str | None, template: str | None, known: Collection[str], reset: Collection[str] = (NO_VALUE,)
) -> list[Reading]:
    """A value that is one of the announced choices; `reset` are the device's words for none."""

    def note(payload: Payload, report: Report) -> None:
        text = read(template, payload)
        if text not in known and text not in reset:
            raise Unreadable(f"{text[:80]!r} is none of {', '.join(known)}")
        report[key] = text if text in known else None

    return [Reading(topic, note)] if topic else []


def text(
    key: str, topic: str | None, template: str | None, *, lower: bool = False, counts: bool = False
) -> list[Reading]:
    """counts: it is a number, though reported as text; "nan" is then no value."""

    def note(payload: Payload, report: Report) -> None:
        said = read(template, payload)
        if said == "":
            raise Unreadable("says nothing")
        value = None if said == NO_VALUE or (counts and _is_endless(said)) else said
        report[key] = value.lower() if value and lower else value

    return [Reading(topic, note)] if topic else []


def figure(key: str, topic: str | None, template: str | None, reset: str = NO_VALUE) -> list[Reading]:
    """A number; `reset` is the device's word for none."""

    def note(payload: Payload, report: Report) -> None:
        said = read(template, payload)
        report[key] = None if said == reset else number(said)

    return [Reading(topic, note)] if topic else []


def record(payload: Payload) -> Mapping[str, object]:
    """A payload that must be a JSON object."""
    said = payload.json
    if not isinstance(said, dict):
        raise Unreadable(f"{payload.text[:80]!r} is not an object")
    return said


def _is_endless(said: str) -> bool:
    try:
        return not math.isfinite(float(said))
    except ValueError:
        return False
