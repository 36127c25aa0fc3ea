"""The request's own words in the mouth of whoever answers it: "my hands are cold" becomes "your hands are cold"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from assistant.llm.claims import says, words
from assistant.models import Language


class _Words(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    supposing: dict[Language, str]
    doubting: dict[Language, str]
    there_is: dict[Language, str]
    denying: str
    orders: dict[Language, str]
    verbs: dict[Language, str]
    subjects: dict[Language, str]
    reported: dict[Language, str]
    persons: dict[Language, dict[str, str]]
    fillers: dict[Language, str]


@dataclass(frozen=True, slots=True)
class Quoting:
    """What may be repeated of a request."""

    request: str
    language: Language

    def quoted(self, said: str) -> str | None:
        """The words as they are said to the speaker, if they stand so in the request, one after the other."""
        told = re.sub(rf"^\s*(?:{_words().reported.get(self.language, '(?!)')})\s+", "", said)
        reported = told != said
        if "?" in self.request or not any(len(word) > 3 for word in _normal(told, self.language)):
            return None
        spoken = to_you(said, self.language).strip()
        if self._stands(told, least=1 if reported else 2) and (reported or self._is_clause(spoken)):
            return spoken
        rest = re.sub(rf"^\s*(?:{_words().there_is.get(self.language, '(?!)')})\s+", "", told)
        return spoken if rest != told and self._is_a_piece(rest) else None

    def _stands(self, told: str, least: int) -> bool:
        own, asked, starts = _normal(told, self.language), *self._asked()
        return len(own) >= least and any(
            asked[at : at + len(own)] == own and not self._denied(asked[:at], starts[at])
            for at in range(len(asked) - len(own) + 1)
        )

    def _is_a_piece(self, told: str) -> bool:
        """ "It is bedtime", where somebody said: "bedtime, lights out" """
        own, asked, starts = _normal(told, self.language), *self._asked()
        return any(
            [word for word, start in zip(asked, starts, strict=True) if start == begins] == own
            and not self._denied(asked[:begins], begins)
            for begins in set(starts)
        )

    def _asked(self) -> tuple[list[str], list[int]]:
        """The request word for word, and for each word where the piece between commas begins that it is in."""
        asked: list[str] = []
        starts: list[int] = []
        for piece in re.split(r"[,.;:!]", self.request):
            spoken = _normal(piece, self.language)
            starts += [len(asked)] * len(spoken)
            asked += spoken
        return asked, starts

    def _denied(self, before: Sequence[str], since: int) -> bool:
        """What is supposed, wished for or denied is no report."""
        supposing, doubting = (
            patterns.get(self.language, "(?!)") for patterns in (_words().supposing, _words().doubting)
        )
        return (
            says(supposing, " ".join(before))
            or says(doubting, " ".join(before[since:]))
            or any(says(_words().denying, word) for word in before[-3:])
        )

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


def _normal(text: str, language: Language) -> list[str]:
    """Word for word, whoever speaks them, without those that only colour them."""
    persons, fillers = _words().persons.get(language, {}), _words().fillers.get(language, "(?!)")
    found = re.findall(r"[^\W\d_]+|\d+(?:[.,]\d+)?", text.casefold().replace("cannot", "can not"))
    spoken = [persons.get(word, word) for word in found if not re.fullmatch(fillers, word)]
    return [_second_person(word) for word in spoken] if language == "it" else spoken


def _second_person(word: str) -> str:
    """ "trovo" as "trovi": whoever speaks, the stem and so the word are the same."""
    return word[:-1] + "i" if len(word) > 3 and word.endswith("o") else word


@cache
def _words() -> _Words:
    text = Path(__file__).with_name("clauses.yaml").read_text(encoding="utf-8")
    return _Words.model_validate(yaml.safe_load(text))
