"""What a clause claims: the names, states and numbers in it, found with the words of words.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from assistant.interfaces import House
from assistant.models import Language

CHINESE = r"\u3400-\u9fff"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or a kind of thing, and what it may stand for."""

    start: int
    end: int
    kind: Literal["entity", "room", "floor", "thing"]
    meant: frozenset[str]
    """Entity ids, room or floor names, or domains and device classes."""


Time = Literal["before", "after", "either"]
"""Of what was done: "the lamp was off" is said of before, "it is now on" of after."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A state or a number that is said of something."""

    start: int
    end: int
    states: frozenset[str] = frozenset()
    number: float | None = None
    unit: str = ""
    when: Time = "either"
    compares: Literal["over", "under", ""] = ""
    """ "above 20": the number is not the value, the value is beyond it."""
    is_set: bool = False
    """ "set to 20": not what is measured."""


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    states: dict[Language, dict[str, frozenset[str]]]
    negations: dict[Language, str]
    past: str
    now: str
    present: str
    over: str
    under: str
    set_to: str
    addressed: dict[Language, dict[str, str]]
    plain: dict[Language, str]
    tell_tale: dict[Language, str]
    openers: str
    judgements: tuple[str, ...]
    rooms: str
    things: dict[str, frozenset[str]]
    needs: dict[str, frozenset[str]]
    units: dict[str, str]
    numbers: dict[str, float]
    boasts: dict[Language, str]
    whole: str
    none: str
    nobody: str
    someone: str
    inside: str
    pointing: str
    measured: str
    offers: str


@cache
def words() -> Words:
    text = Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    return Words.model_validate(yaml.safe_load(text))


def find(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Matches on whole words; Chinese has no spaces to tell them by."""
    return _whole(pattern).finditer(text)


def says(pattern: str, text: str) -> bool:
    return next(find(pattern, text), None) is not None


def bare(name: str) -> str:
    """Without its article, which a sentence may melt into a preposition ("nel soggiorno")."""
    return _ARTICLE.sub("", name.casefold())


def names_in(text: str, house: House) -> list[Mention]:
    """What the house knows by name, the longest names first and none inside another."""
    phrases: dict[tuple[str, str], set[str]] = {}
    for kind, name, meant in _names(house):
        if (phrase := bare(name)) and phrase in text:
            phrases.setdefault((kind, phrase), set()).add(meant)
    found: list[Mention] = []
    for (kind, phrase), known_as in sorted(phrases.items(), key=lambda item: (-len(item[0][1]), item[0][0])):
        for match in find(rf"{re.escape(phrase)}(?:s|'s|’s)?", text):
            if not _overlaps(match, found):
                found.append(Mention(*match.span(), kind=kind, meant=frozenset(known_as)))  # type: ignore[arg-type]
    return found


def things_in(text: str, names: Sequence[Mention]) -> list[Mention]:
    """Kinds of thing that are spoken of outside of names."""
    return [
        Mention(*match.span(), kind="thing", meant=kinds)
        for pattern, kinds in words().things.items()
        for match in find(pattern, text)
        if not _overlaps(match, names)
    ]


def claims_in(text: str, language: Language, names: Sequence[Mention]) -> list[Claim]:
    """States and numbers, in order."""
    found: list[Claim] = []
    for pattern, states in words().states.get(language, {}).items():
        for match in find(pattern, text):
            if not _overlaps(match, [*names, *found]):
                found.append(Claim(*match.span(), states=states))
    spelled = "|".join(words().numbers)
    for match in find(rf"-?\d+(?:[.,]\d+)?|(?<!per )(?:{spelled})", text):
        if not _overlaps(match, [*names, *found]):
            said = match.group()
            number = words().numbers.get(said)
            found.append(Claim(*match.span(), number=float(said.replace(",", ".")) if number is None else number,
                               unit=_unit_after(text[match.end() :])))  # fmt: skip
    return _in_their_light(sorted(found, key=lambda claim: claim.start), text)


def _in_their_light(claims: Sequence[Claim], text: str) -> list[Claim]:
    """With what the words before each make of it: the time, a comparison, a setting."""
    told: list[Claim] = []
    for index, claim in enumerate(claims):
        since = text[told[-1].end if told else 0 : claim.start]
        until = claims[index + 1].start if index + 1 < len(claims) else len(text)
        inherited = told[-1].when if told else "either"
        when = _when(since + text[claim.start : claim.end]) or _when(text[claim.end : until]) or inherited
        over, under = (_ends_with(pattern, since) for pattern in (words().over, words().under))
        again = bool(told) and told[-1].is_set and _ends_with("to|a", since)  # "… set to 20 and the bedroom to 19"
        compares: Literal["over", "under", ""] = "over" if over else "under" if under else ""
        is_set = again or _ends_with(words().set_to, since)
        told.append(replace(claim, when=when, compares=compares, is_set=is_set))
    return told


def _when(text: str) -> Time | None:
    tenses: tuple[tuple[str, Time], ...] = (
        (words().now, "after"), (words().past, "before"), (words().present, "either")
    )  # fmt: skip
    return next((when for pattern, when in tenses if says(pattern, text)), None)


def _ends_with(pattern: str, text: str) -> bool:
    return re.search(rf"(?<!\w)(?:{pattern})(?: (?:the|il|i|al|del))?[ '’]*$", text) is not None


def is_of_the_house(text: str) -> bool:
    """Whether words without a name of the house in them still tell how it stands there; general talk does not."""
    told = re.sub(words().offers, " ", text)
    things = bool(things_in(told, ())) or says(_folded(words().rooms), told)
    whole, inside = says(words().whole, told), says(words().inside, told)
    judged = any(says(pattern, told) for pattern in words().judgements)
    return (
        says(words().measured, told)
        or says(words().someone, told)
        or (inside and (judged or whole))
        or (whole and things)
        or (_tells_a_state(told) and (things or whole or inside or says(words().pointing, told)))
    )


def _tells_a_state(text: str) -> bool:
    """In any language: a model does not always keep to the one that it is asked in."""
    return any(says(pattern, text) for patterns in words().states.values() for pattern in patterns)


def _folded(pattern: str) -> str:
    """A list of words that YAML wrote on several lines."""
    return re.sub(r"\s*\|\s*", "|", pattern)


def _unit_after(text: str) -> str:
    return next((unit for unit, pattern in words().units.items() if re.match(rf"\s*(?:{pattern})", text)), "")


def _names(house: House) -> Iterator[tuple[str, str, str]]:
    for entity in house.entities():
        for name in (entity.name, *(alias for aliases in entity.aliases.values() for alias in aliases)):
            yield "entity", name, entity.id
    for room in house.rooms:
        for name in (room.name, *(alias for aliases in room.aliases.values() for alias in aliases)):
            yield "room", name, room.name
    for floor in house.floors:
        for name in (floor.name, *(alias for aliases in floor.aliases.values() for alias in aliases)):
            yield "floor", name, floor.name


def _overlaps(match: re.Match[str], taken: Sequence[Mention | Claim]) -> bool:
    return any(match.start() < one.end and one.start < match.end() for one in taken)


@cache
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W{CHINESE}])(?:{pattern})(?![^\W{CHINESE}]|(?<=\d)[.,]\d)")


_ARTICLE = re.compile(r"^(?:(?:the|il|lo|la|i|gli|le)\s+|l['’]\s*)")
