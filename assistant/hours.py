"""Hours of the day and days of the week, as rules and quiet hours name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time to another, past midnight where the second is the earlier one; always where neither is given."""

    begin: time | None = None
    end: time | None = None
    weekdays: tuple[Weekday, ...] = ()
    """Of the day on which they begin: the night of Friday ends on Saturday. Empty: every day."""

    def __contains__(self, now: datetime) -> bool:
        if self.begin is None or self.end is None:
            return self._on(now)
        clock = now.time().replace(tzinfo=None)
        if self.begin < self.end:
            return self.begin <= clock < self.end and self._on(now)
        if clock >= self.begin:
            return self._on(now)
        return clock < self.end and self._on(now - timedelta(days=1))

    def _on(self, day: datetime) -> bool:
        return not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays
