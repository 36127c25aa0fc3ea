"""What was seen to change, on a real SQLite file beside the journal."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.events import Done
from assistant.memory.history import KEPT_CHANGES, SqliteHistory
from assistant.memory.journal import SqliteJournal
from assistant.models import Action, Allowed, Message, Outcome, Request, State, Transcript, Turn

LIGHT = "light.lamp"
DOOR = "cover.garage_door"


def now(seconds: float = 0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def went(
    history: SqliteHistory, entity: str, before: str | None, after: str | None, at: datetime | None = None
) -> None:
    history.note(State(entity, before), State(entity, after, at=at or now()))


def turn(text: str = "lamp on") -> Turn:
    return Turn("t1", now(), Request(text, session="x"), transcript=Transcript(text, "en"))


def acted(asked: Turn, entity: str, service: str, reported: str) -> Done:
    action = Action(entity, service)
    outcome = Outcome(action, Allowed(action), (Message("x", "y"),), True, State(entity, reported), None, 5, 40)
    asked.outcomes.append(outcome)
    return Done(asked, outcome)


async def test_the_newest_change_is_found(tmp_path: Path) -> None:
    async with SqliteHistory(tmp_path / "journal.sqlite") as history:
        went(history, LIGHT, "off", "on", now(-300))
        went(history, LIGHT, "on", "off", now(-200))
        went(history, LIGHT, "off", "on", now(-100))
        went(history, LIGHT, "on", "off", now(-50))
        on = await history.last(LIGHT, ("on",))
        assert on is not None
        assert 99 < (now() - on.at).total_seconds() < 110
        latest = await history.last(LIGHT)
        assert latest is not None
        assert (latest.value, latest.request) == ("off", None)
        assert await history.last(LIGHT, ("unavailable",)) is None
        assert await history.last("light.other") is None


async def test_what_nobody_saw_happen_is_no_change(tmp_path: Path) -> None:
    """A first report, a repeated one, a measurement and a loss of contact."""
    async with SqliteHistory(tmp_path / "journal.sqlite") as history:
        went(history, LIGHT, None, "on")
        went(history, LIGHT, "on", "on")
        went(history, "sensor.warmth", "20.5", "21")
        went(history, LIGHT, "on", None)
        assert await history.last(LIGHT) is None
        assert await history.last("sensor.warmth") is None


async def test_who_asked_is_known_from_the_turn(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with SqliteJournal(path) as journal, SqliteHistory(path) as history:
        asked = turn()
        went(history, LIGHT, "on", "off", now(-60))
        went(history, LIGHT, "off", "on")
        history.watch(acted(asked, LIGHT, "turn_on", "on"))
        await journal.keep(asked)
        went(history, "light.other", "off", "on")

        ours, others = await history.last(LIGHT), await history.last("light.other")
        assert ours is not None
        assert ours.request == "lamp on"
        assert others is not None
        assert others.request is None
        before = await history.last(LIGHT, ("off",))
        assert before is not None
        assert before.request is None


async def test_it_knows_also_what_was_written_down_before_the_command_was_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with SqliteJournal(path) as journal, SqliteHistory(path) as history:
        asked = turn()
        went(history, LIGHT, "off", "on")
        assert await history.last(LIGHT) is not None  # written
        history.watch(acted(asked, LIGHT, "turn_on", "on"))
        await journal.keep(asked)
        change = await history.last(LIGHT)
        assert change is not None
        assert change.request == "lamp on"


async def test_what_arrives_later_is_still_ours_and_what_somebody_else_does_is_not(tmp_path: Path) -> None:
    """The garage opens for half a minute after the command; then somebody closes it by hand."""
    path = tmp_path / "journal.sqlite"
    async with SqliteJournal(path) as journal, SqliteHistory(path) as history:
        asked = turn("open the garage")
        went(history, DOOR, "closed", "opening")
        history.watch(acted(asked, DOOR, "open_cover", "opening"))
        await journal.keep(asked)
        went(history, DOOR, "opening", "open")
        went(history, DOOR, "open", "closed")
        opened, closed = await history.last(DOOR, ("open",)), await history.last(DOOR, ("closed",))
        assert opened is not None
        assert opened.request == "open the garage"
        assert closed is not None
        assert closed.request is None


async def test_it_keeps_a_bounded_number(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with SqliteHistory(path) as history:
        for second in range(4 * KEPT_CHANGES):
            on = second % 2 == 0
            went(history, LIGHT, "off" if on else "on", "on" if on else "off", now(-1000 + second))
        last = await history.last(LIGHT)
        assert last is not None
        assert last.value == "off"
    kept = sqlite3.connect(path).execute("SELECT COUNT(*) FROM changes").fetchone()
    assert kept == (KEPT_CHANGES,)


async def test_it_remembers_over_a_restart_and_since_when(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with SqliteHistory(path) as history:
        began = await history.since()
        went(history, LIGHT, "off", "on")
    async with SqliteHistory(path) as history:
        change = await history.last(LIGHT)
        assert change is not None
        assert change.value == "on"
        assert await history.since() == began
        assert began is not None
        assert (now() - began).total_seconds() < 60


async def test_a_damaged_file_is_said_and_survived(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"nonsense " * 500)
    told: list[str] = []
    async with SqliteHistory(tmp_path / "journal.sqlite", told.append) as history:
        went(history, LIGHT, "off", "on")
        assert await history.last(LIGHT) is None
        assert await history.since() is None
    assert len(told) == 1
