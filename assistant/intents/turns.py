"""The words by which people go on from what they last said, from words/follow_ups.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant import yaml_files
from assistant.intents.lexicon import Phrase, expanded
from assistant.models import Language

_FILE = Path(__file__).parent / "words" / "follow_ups.yaml"

ORDINALS = ("first", "second", "third", "fourth", "fifth")

_CHINESE_SIGNS = "，。！？、 ,.!?"


@dataclass(frozen=True, slots=True)
class Turns:
    """One language's, by what they mean."""

    phrases: Mapping[str, frozenset[Phrase]]
    longest: int

    def means(self, said: Sequence[str], kind: str) -> bool:
        """Whether it is such a phrase and nothing else."""
        return tuple(word for word in said if word != ",") in self.phrases.get(kind, ())

    def before(self, said: Sequence[str], kinds: Iterable[str]) -> tuple[str, int]:
        """The longest such phrase that it begins with: its kind and words; ("", 0) when there is none."""
        for length in range(min(self.longest, len(said)), 0, -1):
            for kind in kinds:
                if tuple(said[:length]) in self.phrases.get(kind, ()):
                    return kind, length
        return "", 0

    def after(self, said: Sequence[str], kinds: Iterable[str]) -> tuple[str, int]:
        """The longest such phrase that it ends with."""
        for length in range(min(self.longest, len(said)), 0, -1):
            for kind in kinds:
                if tuple(said[-length:]) in self.phrases.get(kind, ()):
                    return kind, length
        return "", 0

    def without(self, said: Sequence[str], kind: str) -> tuple[str, ...]:
        """The rest, less such phrases wherever they stand."""
        rest: list[str] = []
        position = 0
        while position < len(said):
            _, length = self.before(said[position:], (kind,))
            if not length:
                rest.append(said[position])
            position += length or 1
        return tuple(rest)


@cache
def turns(language: Language) -> Turns:
    """Empty for a language that has none."""
    content = yaml_files.read(_FILE).get(language, {})
    phrases = {
        kind: frozenset(form for text in texts for form in expanded(str(text))) for kind, texts in content.items()
    }
    return Turns(phrases, max((len(form) for forms in phrases.values() for form in forms), default=0))


def spoken(text: str, said: Sequence[str], language: Language) -> tuple[str, ...]:
    """The words to compare; Chinese has no spaces, there a phrase is one word."""
    return (text.strip(_CHINESE_SIGNS),) if language == "zh" else tuple(said)
