"""What a sentence speaks of: names of the house and kinds of thing, found with the words of words.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant import yaml_files
from assistant.interfaces import House
from assistant.models import Language

_HAN = r"\u3400-\u9fff"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or a kind of thing, and what it may stand for."""

    start: int
    end: int
    kind: Literal["entity", "room", "floor", "thing"]
    meant: frozenset[str]
    """Entity ids, room or floor names, or domains and device classes."""


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    addressed: dict[Language, dict[str, str]]
    tell_tale: dict[Language, str]
    judgements: tuple[str, ...]
    rooms: str
    things: dict[str, frozenset[str]]
    needs: dict[str, frozenset[str]]
    numbers: dict[str, float]
    boasts: dict[Language, str]
    whole: str
    someone: str
    inside: str
    pointing: str
    measured: str
    offers: str
    household: str
    here_and_now: str
    pledges: dict[Language, str]


@cache
def words() -> Words:
    return Words.model_validate(yaml_files.read(Path(__file__).with_name("words.yaml")))


def find(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Matches on whole words."""
    return _whole(pattern, letter(text)).finditer(text)


def letter(text: str) -> str:
    """What a word of this text may not go on with; Chinese has no spaces to tell words by.

    Python takes 4 ms to compile a pattern that leaves Chinese out, and there are hundreds of them.
    """
    return rf"[^\W{_HAN}]" if _CHINESE.search(text) else r"\w"


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


def _overlaps(match: re.Match[str], taken: Sequence[Mention]) -> bool:
    return any(match.start() < one.end and one.start < match.end() for one in taken)


@cache
def _whole(pattern: str, letter: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!{letter})(?:{pattern})(?!{letter}|(?<=\d)[.,]\d)")


_CHINESE = re.compile(rf"[{_HAN}]")
_ARTICLE = re.compile(r"^(?:(?:the|il|lo|la|i|gli|le)\s+|l['’]\s*)")
