"""The journal on a real SQLite file: whole turns, damage, a full disk."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.memory.journal import SqliteJournal
from assistant.models import (
    Action,
    Allowed,
    Denied,
    Entity,
    Message,
    NeedsConfirmation,
    Outcome,
    Repair,
    Request,
    Resolved,
    State,
    Transcript,
    Turn,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LAMP = Entity("light.lamp", "Lamp", room="Kitchen", aliases={"it": ("la lampada",)}, features=frozenset({"brightness"}))
ON = Action("light.lamp", "turn_on", {"brightness": 40})


def a_turn(identity: str = "t1", session: str = "kitchen") -> Turn:
    return Turn(
        id=identity,
        at=NOON,
        request=Request("lamp to 40", session=session),
        transcript=Transcript("lamp to 40", "en"),
        repairs=(Repair("lump", "lamp"),),
        path="reflex",
        routed_because="fits HassLightSet",
        intents=[Resolved("HassLightSet", (LAMP,), {"brightness": 40})],
        read=[State("light.lamp", "off", {"brightness": 10}, NOON)],
        outcomes=[
            Outcome(
                ON, Allowed(ON), (Message("lamp/set", "ON"),), True, State("light.lamp", "on", {}, NOON), None, 1, 2
            ),
            Outcome(ON, NeedsConfirmation(ON, "it is critical")),
            Outcome(ON, Denied(ON, "a question was asked")),
        ],
        reply="The lamp is on.",
        timings_ms={"match": 3.2},
    )


async def test_keeps_the_whole_turn(tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "journal.sqlite") as journal:
        await journal.keep(a_turn())
    async with SqliteJournal(tmp_path / "journal.sqlite") as journal:
        assert await journal.last() == [a_turn()]


async def test_gives_the_newest_of_a_session(tmp_path: Path) -> None:
    async with SqliteJournal(tmp_path / "journal.sqlite") as journal:
        await journal.keep(a_turn("t1"))
        await journal.keep(replace(a_turn("t2", session="bedroom"), at=NOON + timedelta(seconds=1)))
        await journal.keep(replace(a_turn("t3"), at=NOON + timedelta(seconds=2)))
        assert [turn.id for turn in await journal.last(limit=5)] == ["t3", "t2", "t1"]
        assert [turn.id for turn in await journal.last("bedroom")] == ["t2"]


async def test_a_damaged_journal_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    said: list[str] = []
    async with SqliteJournal(path, said.append) as journal:
        await journal.keep(a_turn())
        assert len(await journal.last()) == 1
    assert "damaged" in said[0] and "new one begun" in said[0]
    assert (tmp_path / "journal.damaged-1").read_bytes().startswith(b"this is no database")


async def test_a_full_disk_is_said_and_the_turn_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    said: list[str] = []
    async with SqliteJournal(path, said.append) as journal:
        with sqlite3.connect(path) as other:
            (pages,) = other.execute("PRAGMA page_count").fetchone()
        journal.limit_pages(pages)
        await journal.keep(replace(a_turn(), thoughts="x" * 100_000))
    assert said == ["This turn could not be written to the journal: database or disk is full."]


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said: list[str] = []
    async with SqliteJournal(tmp_path / "file" / "journal.sqlite", said.append) as journal:
        await journal.keep(a_turn())
        assert await journal.last() == []
    assert len(said) == 1 and "turns are not kept" in said[0]


async def test_the_code_of_an_alarm_is_never_kept(tmp_path: Path) -> None:
    """Neither as it was spoken nor as it was sent."""
    disarm = Action("alarm_control_panel.alarm", "alarm_disarm", {"code": "4711"})
    turn = replace(
        a_turn(),
        request=Request("disarm the alarm, 4711"),
        transcript=Transcript("disarm the alarm, four seven one one", "en"),
        intents=[Resolved("AlarmDisarm", (), {"code": "4711"})],
        thoughts="The code is 4711.",
        plan='{"code": "4711"}',
        outcomes=[Outcome(disarm, Allowed(disarm), (Message("alarm/set", '{"code": 4711}'),), True)],
    )
    async with SqliteJournal(tmp_path / "journal.sqlite") as journal:
        await journal.keep(turn)
        (kept,) = await journal.last()
    assert kept.outcomes[0].action.service == "alarm_disarm"
    written = _written(tmp_path)
    assert b"4711" not in written
    assert b"four seven" not in written


def _written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
