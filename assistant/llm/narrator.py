"""Speaks of a turn only what its record holds.

A model's reason is no log of what moved it. So its clause only selects: it is parsed whole into claims about the house
and words of the request, each is held against the record, and what holds is said in our own sentences. A clause with a
word in it that cannot be accounted for is dropped: a pipe that "is broken" is broken in no record.
"""

from __future__ import annotations

import re

from assistant.errors import NotUnderstood
from assistant.interfaces import House
from assistant.llm.claims import words
from assistant.llm.clauses import parse
from assistant.llm.evidence import Evidence
from assistant.llm.facts import facts
from assistant.llm.quotes import Quoting
from assistant.llm.reasons import reason
from assistant.llm.steps import steps
from assistant.llm.talk import told
from assistant.models import Language, Turn

__all__ = ["boasts", "grounded", "speaks_truly", "steps"]

TONGUES = ("en", "it", "zh")
"""A model does not always keep to the one that it is asked in."""

LONGEST = 160
"""Characters; more is no clause."""


def grounded(because: str, turn: Turn, house: House, language: Language) -> str | None:
    """What of the model's clause the record bears out, in our words and the speaker's language.

    None, if any of it is not borne out, cannot be parsed, or is no reason for what was done.
    """
    said = because if len(because) <= LONGEST else ""
    clause = _with_names(" ".join(said.split()), house, "en")
    record = Evidence.of(turn, house)
    for tongue in dict.fromkeys((language, *TONGUES)):
        parsed = parse(clause, tongue, house, Quoting(record.request, language))
        if parsed is None:
            continue
        found = facts(parsed.claims, record)
        return None if found is None else reason(found, parsed.quotes, record, language)
    return None


def doubt(said: str, turn: Turn, house: House, language: Language) -> None:
    """Raises NotUnderstood where the model's words claim what the record does not hold."""
    if boasts(said, language):
        raise NotUnderstood("the model says that it acted, but it planned no action")
    if not speaks_truly(said, turn, house, language):
        raise NotUnderstood("the model says of the house what the record does not hold")


def speaks_truly(said: str, turn: Turn, house: House, language: Language) -> bool:
    """Whether the model's own words may be spoken: each sentence that tells of the house must be in the record.

    What they say of all doors must be there of every door. General talk says nothing of the house.
    """
    return all(_holds(sentence, turn, house, language) for sentence in told(_with_names(said, house, language), house))


def _holds(said: str, turn: Turn, house: House, language: Language) -> bool:
    """Whether it is parsed whole and the record bears out all of it."""
    record = Evidence.of(turn, house)
    for tongue in dict.fromkeys((language, *TONGUES)):
        parsed = parse(said, tongue, house, Quoting("", tongue))
        if parsed is not None:
            return bool(facts(parsed.claims, record))
    return False


def boasts(said: str, language: Language) -> bool:
    """Whether the model says that it acted. Only the house can say so."""
    patterns = (pattern for code, pattern in words().boasts.items() if code in (language, "en"))
    return any(re.search(pattern, said.strip(), re.IGNORECASE) for pattern in patterns)


def _with_names(clause: str, house: House, language: Language) -> str:
    """Models like to write ids; people do not say them."""

    def name(match: re.Match[str]) -> str:
        entity = house.entity(match.group())
        if entity is None:
            return match.group()
        spoken = entity.spoken(language)
        return (
            f"the {spoken}"
            if language == "en" and not match.string[: match.start()].rstrip().endswith("the")
            else spoken
        )

    return re.sub(r"\b[a-z_]+\.[a-z0-9_]+\b", name, clause)
