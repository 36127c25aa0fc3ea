"""The schedule on a real SQLite file: it outlives the assistant, and runs everything once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assistant.errors import NotPlanned
from assistant.models import Action, Allowed, Scheduled, Watch
from assistant.schedule.schedule import MOST_ITEMS, Schedule

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 26, 11, 22, tzinfo=ROME)


class Wall:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def opened(folder: Path, wall: Wall | None = None) -> Schedule:
    return Schedule(folder / "schedule.sqlite", ROME, wall or Wall())


async def test_it_outlives_the_assistant(tmp_path: Path) -> None:
    async with opened(tmp_path) as schedule:
        timer = await schedule.add("timer", seconds=600, name="pasta", room="Kitchen", language="it")
        alarm = await schedule.add("alarm", NOW + timedelta(hours=20), repeats="FREQ=DAILY")
        watch = await schedule.add("watch", watch=Watch(("light.lamp",), "off", "the lamp goes off"), text="do it")
        paused = await schedule.pause((await schedule.add("timer", seconds=60)).id)
        gone = await schedule.add("reminder", NOW + timedelta(hours=1), text="caffè ☕")
        await schedule.cancel(gone.id)
        longer = await schedule.change(timer.id, seconds=120)
    async with opened(tmp_path) as schedule:
        assert list(schedule.items()) == [longer, alarm, watch, paused]
        assert longer.seconds == 720 and longer.due == (NOW + timedelta(seconds=720)).astimezone(UTC)
        assert (await schedule.add("timer", seconds=1)).id > gone.id, "a number is never given twice"


async def test_the_rows_for_the_console(tmp_path: Path) -> None:
    async with opened(tmp_path) as schedule:
        await schedule.add("timer", seconds=600, name="pasta", room="Kitchen")
        assert schedule.rows() == [{
            "id": 1, "kind": "timer", "name": "pasta", "text": "", "due": "2026-11-26T11:32:00+01:00", "repeats": None,
            "seconds": 600.0, "remaining_seconds": 600, "paused": False, "language": "en", "room": "Kitchen",
        }]  # fmt: skip


async def test_a_run_is_claimed_by_one(tmp_path: Path) -> None:
    """Two processes, and two looks of one: only the first claim counts."""
    wall = Wall()
    async with opened(tmp_path, wall) as one, opened(tmp_path, wall) as other:
        item = await one.add("command", NOW + timedelta(minutes=5), text="lights off")
        await other.look()
        wall.now += timedelta(minutes=5)
        claims = await asyncio.gather(one.claim(item), other.claim(item), one.claim(item), other.claim(item))
        assert sum(claim is not None for claim in claims) == 1
        assert [run.item.text for run in await one.unfinished()] == ["lights off"]


async def test_what_was_changed_meanwhile_is_not_run_as_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as schedule:
        item = await schedule.add("timer", seconds=1)
        await schedule.change(item.id, seconds=60)
        assert await schedule.claim(item) is None


async def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as schedule:
        for due, why in ((NOW - timedelta(minutes=1), "past"), (NOW + timedelta(days=400), "far"), (None, "time")):
            with pytest.raises(NotPlanned) as raised:
                await schedule.add("reminder", due, text="x")
            assert raised.value.say.values["why"] == why
        with pytest.raises(NotPlanned):
            await schedule.add("reminder", NOW + timedelta(hours=1), text="x" * 301)
        with pytest.raises(NotPlanned):
            await schedule.cancel(7)
        with pytest.raises(NotPlanned):
            await schedule.resume((await schedule.add("timer", seconds=5)).id)
        assert len(schedule.items()) == 1


async def test_it_has_an_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as schedule:
        for _ in range(MOST_ITEMS):
            await schedule.add("timer", seconds=600)
        with pytest.raises(NotPlanned):
            await schedule.add("timer", seconds=600)


async def test_a_file_that_is_no_database_is_said_and_survived(tmp_path: Path) -> None:
    (tmp_path / "schedule.sqlite").write_bytes(b"this is no database" * 100)
    told: list[str] = []
    async with Schedule(tmp_path / "schedule.sqlite", ROME, Wall(), told.append) as schedule:
        assert len(told) == 1 and not schedule.state("schedule.timers").available
        with pytest.raises(NotPlanned):
            await schedule.perform(Allowed(Action("schedule.timers", "add_timer", {"seconds": 60})))


async def test_cancelling_who_writes_leaves_disk_and_memory_alike(tmp_path: Path) -> None:
    async with opened(tmp_path) as schedule:
        writing = asyncio.create_task(schedule.add("timer", seconds=60))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        known = list(schedule.items())
    async with opened(tmp_path) as schedule:
        assert list(schedule.items()) == known


def test_the_model_is_not_told_of_it(tmp_path: Path) -> None:
    assert all(entity.hidden for entity in opened(tmp_path).entities())


async def test_a_state_counts_what_is_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as schedule:
        await schedule.add("timer", seconds=60)
        assert (schedule.state("schedule.timers").value, schedule.state("schedule.alarms").value) == ("1", "0")


def test_an_item_is_shown_as_paused() -> None:
    assert Scheduled(1, "timer", remaining=3.0).paused
