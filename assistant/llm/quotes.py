"""The request's own words in the mouth of whoever answers it: "my hands are cold" becomes "your hands are cold"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from assistant import yaml_files
from assistant.llm.claims import says, words
from assistant.models import Language


class _Words(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    supposing: dict[Language, str]
    doubting: dict[Language, str]
    there_is: dict[Language, str]
    joins: dict[Language, str]
    places: str
    denying: str
    orders: dict[Language, str]
    verbs: dict[Language, str]
    subjects: dict[Language, str]
    reported: dict[Language, str]
    persons: dict[Language, dict[str, str]]
    fillers: dict[Language, str]


@dataclass(frozen=True, slots=True)
class _Word:
    raw: str
    normal: str
    """The same, whoever speaks it."""
    start: int
    piece: int
    """Where the piece begins that it is in."""


@dataclass(frozen=True, slots=True)
class Quoting:
    """What may be repeated of a request."""

    request: str
    language: Language

    def quoted(self, said: str) -> str | None:
        """The words as they are said to the speaker, if they stand so in the request, one after the other."""
        told = re.sub(rf"^\s*(?:{_words().reported.get(self.language, '(?!)')})\s+", "", said)
        reported = told != said
        if "?" in self.request or not any(map(_says_something, _normal(told, self.language))):
            return None
        spoken = to_you(said, self.language).strip()
        if self._stands(told, freely=reported) and (reported or self._is_clause(spoken)):
            return spoken
        rest = re.sub(rf"^\s*(?:{_words().there_is.get(self.language, '(?!)')})\s+", "", told)
        return spoken if rest != told and self._is_a_piece(rest) else None

    def _stands(self, told: str, *, freely: bool) -> bool:
        """freely: as a part of what was asked for, not as a sentence of its own."""
        own, asked = _normal(told, self.language), self._asked()
        return any(
            [word.normal for word in asked[at : at + len(own)]] == own
            and not self._denied(asked[at])
            and (freely or (self._may_begin(asked, at) and self._may_end(asked, at + len(own))))
            for at in range(len(asked) - len(own) + 1)
        )

    def _may_begin(self, asked: Sequence[_Word], at: int) -> bool:
        """What follows "she is sure that" is not said by itself."""
        if at == 0 or asked[at - 1].piece != asked[at].piece or self._joins(asked[at - 1]):
            return True
        return _is_place(self.request[asked[at].piece : asked[at].start], whole=True)

    def _may_end(self, asked: Sequence[_Word], end: int) -> bool:
        """ "I am cold in the mornings" is not "I am cold"."""
        if end == len(asked) or asked[end].piece != asked[end - 1].piece or self._joins(asked[end]):
            return True
        return _is_place(self.request[asked[end - 1].start + len(asked[end - 1].raw) :], whole=False)

    def _joins(self, word: _Word) -> bool:
        return re.fullmatch(_words().joins.get(self.language, "(?!)"), word.raw) is not None

    def _is_a_piece(self, told: str) -> bool:
        """ "It is bedtime", where somebody said: "bedtime, lights out" """
        own, asked = _normal(told, self.language), self._asked()
        pieces = {word.piece: [one for one in asked if one.piece == word.piece] for word in asked}
        return any([word.normal for word in each] == own and not self._denied(each[0]) for each in pieces.values())

    def _asked(self) -> list[_Word]:
        """The request word for word; between commas lies a piece."""
        return [
            word
            for piece in re.finditer(r"[^,.;:!]+", self.request)
            for word in _spoken(piece.group(), self.language, piece.start())
        ]

    def _denied(self, first: _Word) -> bool:
        """What is supposed, wished for or denied is no report."""
        before, within = self.request[: first.start], self.request[first.piece : first.start]
        supposing, doubting = (
            patterns.get(self.language, "(?!)") for patterns in (_words().supposing, _words().doubting)
        )
        denied = any(says(_words().denying, word) for word in re.findall(r"[^\W\d_]+", before)[-3:])
        return denied or says(supposing, before) or says(doubting, within)

    def _is_clause(self, said: str) -> bool:
        """Whether somebody does or is something in it."""
        orders, verbs, subjects = (
            patterns.get(self.language, "(?!)") for patterns in (_words().orders, _words().verbs, _words().subjects)
        )
        text = said.replace("'", " ")
        if re.match(rf"(?:{orders})\b", text):
            return False
        return re.match(rf"(?:{subjects})\b", text) is not None or says(verbs, text)


def to_you(clause: str, language: Language) -> str:
    """As it is said to who said it."""
    for pattern, word in words().addressed.get(language, {}).items():
        clause = re.sub(rf"(?<![\w'’])(?:{pattern})(?![\w'’])", word, clause, flags=re.IGNORECASE)
    return clause


def _is_place(text: str, *, whole: bool) -> bool:
    """ "In the bedroom": where something is so changes nothing of it."""
    rooms = re.sub(r"\s*\|\s*", "|", words().rooms)
    place = re.match(rf"\W*(?:{_words().places}\W+)+(?:{rooms})(?!\w)", text)
    return place is not None and (not whole or not text[place.end() :].strip())


def _says_something(word: str) -> bool:
    return len(word) > 3 or (len(word) == 3 and word not in _SMALL)


_SMALL = (
    "you",
    "are",
    "was",
    "the",
    "and",
    "has",
    "had",
    "not",
    "can",
    "per",
    "che",
    "non",
    "sei",
    "hai",
    "con",
    "una",
)


def _normal(text: str, language: Language) -> list[str]:
    return [word.normal for word in _spoken(text, language, 0)]


def _spoken(text: str, language: Language, since: int) -> list[_Word]:
    """Word for word, without those that only colour the others."""
    persons, fillers = _words().persons.get(language, {}), _words().fillers.get(language, "(?!)")
    found: list[_Word] = []
    for match in re.finditer(r"can(?=not\b)|[^\W\d_]+|\d+(?:[.,]\d+)?", text):
        raw = match.group().casefold()
        if not re.fullmatch(fillers, raw):
            normal = persons.get(raw, raw)
            found.append(
                _Word(raw, _second_person(normal) if language == "it" else normal, since + match.start(), since)
            )
    return found


def _second_person(word: str) -> str:
    """ "trovo" as "trovi": whoever speaks, the stem and so the word are the same."""
    return word[:-1] + "i" if len(word) > 3 and word.endswith("o") else word


@cache
def _words() -> _Words:
    return _Words.model_validate(yaml_files.read(Path(__file__).with_name("clauses.yaml")))
