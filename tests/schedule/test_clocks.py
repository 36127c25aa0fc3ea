"""Clocks that are put forward and back, by law and by hand; all times are passed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assistant.intents.times.reading import read
from assistant.models import Scheduled, Turn
from assistant.schedule.keeper import Keeper, Told
from assistant.schedule.recurrence import instant, next_after
from assistant.schedule.schedule import Schedule
from tests.fakes import FakeHouse

ROME, NEW_YORK = ZoneInfo("Europe/Rome"), ZoneInfo("America/New_York")
FORWARD = datetime(2026, 3, 29, tzinfo=ROME)
"""At 2:00 the clocks show 3:00."""
BACK = datetime(2026, 10, 25, tzinfo=ROME)
"""At 3:00 the clocks show 2:00 once more."""


@dataclass
class Clocks:
    """A wall clock and a steady one, moved together or apart."""

    wall: datetime
    steady: float = 0.0
    told: list[tuple[str, datetime]] = field(default_factory=list)
    schedule: Schedule = field(init=False)
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        zone = self.wall.tzinfo
        assert zone is not None
        self.wall = self.wall.astimezone(UTC)
        self.schedule = Schedule(Path(":memory:"), zone, lambda: self.wall)
        self.schedule.open()
        self.keeper = Keeper(self.schedule, FakeHouse(), self._do, self._tell, clock=lambda: self.steady)

    async def passes(self, seconds: float, step: float = 2.0) -> None:
        """Time, in the steps in which the keeper looks."""
        end = self.steady + seconds
        while self.steady < end:
            step = min(step, end - self.steady)
            self.steady += step
            self.wall += timedelta(seconds=step)
            await self._look()

    async def is_put(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        await self._look()

    def times(self) -> list[str]:
        return [f"{at.astimezone(self.schedule.zone):%d %H:%M}" for _, at in self.told]

    async def _look(self) -> None:
        await self.keeper.look()
        await self.keeper.settled()

    async def _do(self, item: Scheduled) -> Turn:
        raise AssertionError("nothing here is a command")

    async def _tell(self, told: Told) -> None:
        self.told.append((told.text, self.wall))


# ── summer time ──────────────────────────────────────────────────────────────────────────


def test_a_time_that_is_skipped_rings_when_it_would_have_been() -> None:
    at = instant(datetime(2026, 3, 29, 2, 30), ROME)
    assert at.astimezone(ROME).strftime("%H:%M") == "03:30"


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    assert instant(datetime(2026, 10, 25, 2, 30), ROME) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", [ROME, NEW_YORK])
def test_seven_is_seven_all_year(zone: ZoneInfo) -> None:
    start, moment, shown = datetime(2026, 1, 1, 7), datetime(2026, 1, 1, tzinfo=zone), []
    for _ in range(365):
        found = next_after(start, "FREQ=DAILY", moment, zone)
        assert found is not None
        shown.append(found.astimezone(zone).strftime("%m-%d %H:%M"))
        moment = found
    assert len(set(shown)) == 365 and all(each.endswith("07:00") for each in shown)


@pytest.mark.parametrize("day", [FORWARD, BACK])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 4])
async def test_once_a_day_also_on_the_day_of_the_change(day: datetime, hour: int) -> None:
    clocks = Clocks(day - timedelta(hours=12))
    first = (day - timedelta(days=1)).replace(hour=hour, minute=30)
    due = next_after(first.replace(tzinfo=None), "FREQ=DAILY", clocks.wall, ROME)
    start = due and day.replace(tzinfo=None, hour=hour, minute=30)
    await clocks.schedule.add("alarm", due, repeats="FREQ=DAILY", start=start)
    await clocks.passes(3 * 86_400, step=300)
    assert len(clocks.told) == 3
    expected = "03:30" if day is FORWARD and hour == 2 else f"{hour:02d}:30"
    assert clocks.times()[0].endswith(expected)
    assert [time[-5:] for time in clocks.times()[1:]] == [f"{hour:02d}:30"] * 2


async def test_ten_minutes_are_ten_minutes_over_the_change() -> None:
    for day in (FORWARD, BACK):
        clocks = Clocks((day + timedelta(hours=1, minutes=55)).astimezone(ROME))
        await clocks.schedule.add("timer", seconds=600)
        await clocks.passes(598)
        assert clocks.told == []
        await clocks.passes(2)
        assert len(clocks.told) == 1


def test_a_spoken_time_over_the_change() -> None:
    """Two hours from 1:30 on the night that has no 2:30; and seven in the morning after it."""
    night = datetime(2026, 3, 29, 1, 30, tzinfo=ROME)
    found = read("in two hours", "en", night)
    assert found is not None and found.at.strftime("%H:%M") == "04:30"
    found = read("at seven in the morning", "en", night)
    assert found is not None and (found.at.astimezone(UTC) - night.astimezone(UTC)) == timedelta(hours=4.5)
    found = read("at 2:30 in the morning", "en", night - timedelta(hours=2))
    assert found is not None and found.at.strftime("%d %H:%M") == "29 03:30"


# ── clocks put right ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 86_400.0, -86_400.0, 30.0])
async def test_a_timer_counts_through_a_jump(jump: float) -> None:
    clocks = Clocks(datetime(2026, 11, 26, 11, 22, tzinfo=ROME))
    await clocks.schedule.add("timer", seconds=600)
    await clocks.passes(300)
    await clocks.is_put(jump)
    await clocks.passes(298)
    assert clocks.told == []
    await clocks.passes(2)
    assert len(clocks.told) == 1


async def test_an_alarm_follows_the_clock_on_the_wall() -> None:
    clocks = Clocks(datetime(2026, 11, 26, 6, 0, tzinfo=ROME))
    await clocks.schedule.add("alarm", datetime(2026, 11, 26, 7, 0, tzinfo=ROME), repeats="FREQ=DAILY")
    await clocks.is_put(3590)
    await clocks.passes(10)
    assert clocks.times() == ["26 07:00"]


async def test_a_clock_put_back_rings_nothing_twice() -> None:
    clocks = Clocks(datetime(2026, 11, 26, 6, 59, tzinfo=ROME))
    await clocks.schedule.add("alarm", datetime(2026, 11, 26, 7, 0, tzinfo=ROME), repeats="FREQ=DAILY")
    await clocks.schedule.add("reminder", datetime(2026, 11, 26, 7, 0, tzinfo=ROME), text="once")
    await clocks.passes(60)
    assert len(clocks.told) == 2
    await clocks.is_put(-1800)
    await clocks.passes(3600, step=60)
    assert len(clocks.told) == 2


async def test_a_clock_put_forward_tells_late_what_it_skipped() -> None:
    clocks = Clocks(datetime(2026, 11, 26, 6, 0, tzinfo=ROME))
    await clocks.schedule.add("reminder", datetime(2026, 11, 26, 7, 0, tzinfo=ROME), text="call Anna")
    await clocks.is_put(2 * 3600)
    assert [text for text, _ in clocks.told] == ["A late reminder, for today at 7:00: call Anna."]


async def test_a_slow_drift_is_no_jump() -> None:
    """Time servers slew by milliseconds; a timer of ten minutes may follow that."""
    clocks = Clocks(datetime(2026, 11, 26, 11, 22, tzinfo=ROME))
    await clocks.schedule.add("timer", seconds=600)
    for _ in range(60):
        clocks.wall += timedelta(milliseconds=5)
        await clocks.passes(10)
    assert len(clocks.told) == 1
