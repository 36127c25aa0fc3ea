"""Finding the times in a sentence: each language's patterns, word by word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.intents.normalize import words
from assistant.intents.times import english, italian
from assistant.intents.times.pattern import Pattern
from assistant.intents.times.when import Moment, When, moment
from assistant.models import Language

_PATTERNS: Mapping[Language, Sequence[Pattern]] = {"en": english.PATTERNS, "it": italian.PATTERNS}
_AMOUNTS: Mapping[Language, Callable[[str], tuple[float, int] | None]] = {
    "en": english.AMOUNT.at_start,
    "it": italian.AMOUNT.at_start,
}

_AS_AT: Mapping[Language, Mapping[str, str]] = {
    "en": {"for": "at", "to": "at", "from": "at"},
    "it": {"delle": "alle", "dell": "all", "dalle": "alle"},
}
"""An alarm is "for seven", and moved "to eight"."""

TIME, AMOUNT = "⌚", "⏳"
"""What stands for them in a masked sentence."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence whose times and lengths of time each became one sign."""

    words: tuple[str, ...]
    times: tuple[When, ...]
    """One for each ⌚, in order; expressions that stand together are one."""
    amounts: tuple[float, ...]
    """Seconds, one for each ⏳."""
    spans: tuple[tuple[int, int], ...]
    """For each word of this sentence: which words of the unmasked one it stands for."""

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def when(self) -> When | None:
        """All that it says of a time, wherever it says it; None where that is nothing, or too much."""
        whole: When | None = When()
        for each in self.times:
            whole = whole and whole.joined(each)
        return whole if self.times else None


def clock_words(text: str, language: Language, waking: bool = False) -> tuple[str, ...]:
    """Normalised, with what the normaliser would take from a time: "7:30", "7 p.m."; an alarm is "for seven"."""
    plain = re.sub(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", r"\1 colon \2", text)
    plain = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", plain, flags=re.IGNORECASE)
    said = words(plain, language)
    to_at = _AS_AT.get(language, {}) if waking else {}
    follows = zip(("", *said), said, [*said[1:], "", ""], [*said[2:], "", ""], strict=False)
    return tuple(
        to_at[word] if word in to_at and _is_hour(next_, after) and not _counts(before) else word
        for before, word, next_, after in follows
    )


def masked(said: Sequence[str], language: Language) -> Masked | None:
    """None where no one wrote down how the language says times."""
    if language not in _PATTERNS:
        return None
    found: list[tuple[str, When | float | None, int, int]] = []
    position = 0
    while position < len(said):
        rest = " ".join(said[position:])
        if (time := _time_at(rest, language)) is not None:
            when, length = time
            found.append((TIME, when, position, position + length))
        elif (amount := _AMOUNTS[language](rest)) is not None:
            seconds, length = amount
            found.append((AMOUNT, seconds, position, position + length))
        else:
            length = 1
            found.append((said[position], None, position, position + 1))
        position += length
    return _together(found)


def read(text: str, language: Language, now: datetime, *, waking: bool = False, loose: bool = False) -> Moment | None:
    """The moment that a text means which says nothing else."""
    mask = masked(clock_words(text, language, waking), language)
    if mask is None or mask.words != (TIME,) or mask.when is None:
        return None
    return moment(mask.when, now, waking=waking, loose=loose)


def _is_hour(word: str, after: str) -> bool:
    return word in ("noon", "half", "quarter", "una") or (
        word.replace(".", "").isdigit() and re.match("hour|min|sec|day|or[ae]$", after) is None
    )


def _counts(word: str) -> bool:
    """ "Quarter to seven"."""
    return word.isdigit() or word in ("quarter", "minutes", "minute", "half")


def _time_at(rest: str, language: Language) -> tuple[When, int] | None:
    """The longest expression that the rest of the sentence begins with, and how many words it takes."""
    best: tuple[When, int] | None = None
    for pattern in _PATTERNS[language]:
        found = pattern.at_start(rest)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    return best


def _together(found: Sequence[tuple[str, When | float | None, int, int]]) -> Masked:
    """Times that stand side by side, or with a comma between, are one if they can be."""
    result: list[tuple[str, When | float | None, int, int]] = []
    for sign, value, start, end in found:
        comma = len(result) > 1 and result[-1][0] == "," and result[-2][0] == TIME
        before = result[-2] if comma else result[-1] if result else None
        both = isinstance(value, When) and before is not None and isinstance(before[1], When)
        joined = before[1].joined(value) if both and before else None  # type: ignore[union-attr, arg-type]
        if joined is not None and before is not None:
            del result[-2 if comma else -1 :]
            result.append((TIME, joined, before[2], end))
        else:
            result.append((sign, value, start, end))
    return Masked(
        tuple(sign for sign, *_ in result),
        tuple(value for _, value, *_ in result if isinstance(value, When)),
        tuple(value for _, value, *_ in result if isinstance(value, float)),
        tuple((start, end) for *_, start, end in result),
    )
