"""One way to say a time: an expression over normalised words, and what it comes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.intents.times.when import When

SIZES: Mapping[str, float] = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}

MOST_MINUTES = 59
LAST_HOUR = 24


@dataclass(frozen=True, slots=True)
class Pattern:
    expression: re.Pattern[str]
    meaning: Callable[[re.Match[str]], When | None]

    @classmethod
    def of(cls, expression: str, meaning: Callable[[re.Match[str]], When | None]) -> Pattern:
        return cls(re.compile(rf"(?:{expression})(?= |$)"), meaning)

    def at_start(self, text: str) -> tuple[When, int] | None:
        """What the text begins with, and how many words that takes."""
        found = self.expression.match(text)
        when = self.meaning(found) if found else None
        return (when, len(found.group().split())) if found and when else None


@dataclass(frozen=True, slots=True)
class Amount:
    """A length of time: parts with their values, which a language joins."""

    expression: re.Pattern[str]
    seconds: Callable[[str], float]

    def at_start(self, text: str) -> tuple[float, int] | None:
        found = self.expression.match(text)
        return (float(self.seconds(found.group())), len(found.group().split())) if found else None


def counted(seconds: float, text: str, whole_days: re.Pattern[str]) -> When:
    """ "In two days" is a day, not 48 hours."""
    if whole_days.search(text) and seconds % SIZES["day"] == 0:
        return When(later_days=round(seconds / SIZES["day"]))
    return When(seconds=seconds)


def clock(hour: int, minute: int, **more: object) -> When | None:
    """None for what no clock shows."""
    if hour == LAST_HOUR and minute == 0:
        return When(clock=(0, 0), pinned=True)
    if hour >= LAST_HOUR or minute > MOST_MINUTES:
        return None
    return When(clock=(hour, minute), **more)  # type: ignore[arg-type]


def before(hour: int, minutes: int, **more: object) -> When | None:
    """ "Ten to five"."""
    if not 1 <= hour <= LAST_HOUR or not 0 < minutes <= MOST_MINUTES:
        return None
    return clock(12 if hour == 1 else hour - 1, 60 - minutes, **more)


def weekly(days: list[int]) -> str:
    names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    return "FREQ=WEEKLY;BYDAY=" + ",".join(names[day] for day in sorted(set(days)))


def through(first: int, last: int) -> list[int]:
    """From one weekday to another, over the week's end if need be."""
    return [(first + more) % 7 for more in range((last - first) % 7 + 1)]
