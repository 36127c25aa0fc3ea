"""What a language's words mean: phrases, each with its concepts, from words/<language>.yaml."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from assistant import yaml_files
from assistant.intents.normalize import folded
from assistant.models import Language

_FOLDER = Path(__file__).parent / "words"

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """What one phrase stands for: a verb, a noun, a number, a place, ..."""

    kind: str
    value: str = ""


_NEVER = re.compile("(?!)")


@dataclass(frozen=True, slots=True)
class Lexicon:
    phrases: Mapping[Phrase, tuple[Concept, ...]]
    plurals: frozenset[str]
    longest: Mapping[str, int]
    """By first word: the words of its longest phrase."""
    opposites: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Verbs that a repair must never take for each other."""
    unrepaired: frozenset[str] = frozenset()
    """Words of sentences that are left as they were heard."""
    guessed: tuple[Phrase, ...] = ()
    """The common verbs, which alone a repair guesses."""
    synonyms: Mapping[Phrase, tuple[Phrase, ...]] = field(default_factory=dict)
    """Words in the names of things, and what people say instead."""
    openings: Mapping[str, frozenset[Phrase]] = field(default_factory=dict)
    """How clauses begin that accompany a command: `because`, `tidings`; and `conditions`, which are never dropped."""
    ranges: re.Pattern[str] = _NEVER
    """Two ends of one range, not one order for each: "between 19 degrees and 23"."""

    def verbs(self) -> Iterator[tuple[Phrase, str]]:
        for phrase, concepts in self.phrases.items():
            for concept in concepts:
                if concept.kind == "verb":
                    yield phrase, concept.value


@cache
def lexicon(language: Language) -> Lexicon | None:
    """None where nobody wrote one."""
    path = _FOLDER / f"{language}.yaml"
    if not path.exists():
        return None
    data: dict[str, Any] = yaml_files.read(path)
    plurals, opposites, unrepaired, guessed = (
        data.pop(name, []) for name in ("plural", "opposites", "unrepaired", "guessed")
    )
    ranges = _ranges(data.pop("ranges", []))
    endings: dict[str, str] = data.pop("endings", {})
    synonyms = {expanded(word)[0]: tuple(phrase for text in others for phrase in expanded(text))
                for word, others in data.pop("synonyms", {}).items()}  # fmt: skip
    openings = {
        kind: frozenset(phrase for text in texts for phrase in expanded(text))
        for kind, texts in data.pop("asides", {}).items()
    }
    phrases: dict[Phrase, tuple[Concept, ...]] = {}
    for kind, value, text in _entries(data):
        for phrase in expanded(_inflected(text, endings)):
            known = phrases.setdefault(phrase, ())
            if Concept(kind, value) not in known:
                phrases[phrase] = (*known, Concept(kind, value))
    longest: dict[str, int] = {}
    for phrase in phrases:
        longest[phrase[0]] = max(len(phrase), longest.get(phrase[0], 0))
    apart = {verb: frozenset(a if verb == b else b for a, b in opposites if verb in (a, b))
             for pair in opposites for verb in pair}  # fmt: skip
    common = tuple(phrase for text in guessed for phrase in expanded(text))
    return Lexicon(
        phrases, frozenset(plurals), longest, apart, frozenset(unrepaired), common, synonyms, openings, ranges
    )


def expanded(text: str) -> list[Phrase]:
    """ "turn {the,} light{s,}" in all its forms, as folded words."""
    pieces = re.split(r"\{([^}]*)\}", text)
    options = [piece.split(",") if index % 2 else [piece] for index, piece in enumerate(pieces)]
    forms = {" ".join("".join(chosen).split()) for chosen in itertools.product(*options)}
    return [tuple(folded(word) for word in form.casefold().split()) for form in sorted(forms) if form]


def _ranges(phrases: Sequence[str]) -> re.Pattern[str]:
    """ "between # and #": a # is a number, which may bring its unit."""
    spoken = "|".join(re.escape(folded(phrase)).replace(r"\#", r"\d\S*(?: \w+)?") for phrase in phrases)
    return re.compile(rf"(?:^| )(?:{spoken})(?: |$)") if phrases else _NEVER


def _inflected(text: str, endings: Mapping[str, str]) -> str:
    """ "accend<ERE>": a stem with the endings of its class, which the file lists once."""
    return re.sub(r"<(\w+)>", lambda found: "{" + endings[found[1]] + "}", text)


def _entries(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(kind, value, text): a section of plain phrases has no value."""
    for section, content in data.items():
        if isinstance(content, list):
            for text in content:
                yield section, "", str(text)
        else:
            for value, texts in content.items():
                for text in texts:
                    yield _KINDS.get(section, section), str(value), str(text)


_KINDS = {
    "verbs": "verb", "particles": "particle", "adjectives": "state", "levels": "level", "speeds": "speed_level",
    "nouns": "noun", "modes": "mode", "colors": "color", "kelvins": "color_temperature", "questions": "question",
    "phrases": "whole",
}  # fmt: skip
