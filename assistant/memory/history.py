"""When things changed and who asked for it: seen live, a few changes of each thing, beside the turns in SQLite."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from assistant.events import Done, Event
from assistant.models import Change, State
from assistant.record import SEALED, restore

log = logging.getLogger(__name__)

KEPT_CHANGES = 50
"""Of each thing; the oldest go first."""

KEPT_DAYS = 180

WRITE_SECONDS = 1.0
"""How long changes wait for company before they are written."""

MOST_WAITING = 20_000
"""A house that chatters more than this between two writes loses the rest."""

_UNDER_WAY = ("opening", "closing", "locking", "unlocking", "arming", "pending", "returning")
"""Stations on the way to what somebody asked for."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS changes (
    entity TEXT NOT NULL,
    at TEXT NOT NULL,
    value TEXT NOT NULL,
    turn TEXT
);
CREATE INDEX IF NOT EXISTS changes_by_entity ON changes (entity, at);
CREATE TABLE IF NOT EXISTS watched_since (at TEXT NOT NULL);
"""


class SqliteHistory:
    """A context manager beside the journal, in the same file. Implements interfaces.History; `note` is told every
    state by the house, `watch` every event of a turn: neither knows what becomes of it."""

    def __init__(self, path: Path, warn: Callable[[str], None] = log.warning) -> None:
        self._path = path
        self._warn = warn
        self._connection: sqlite3.Connection | None = None
        self._using = asyncio.Lock()
        self._waiting: list[list[str | None]] = []
        """[entity, at, value, turn] of what is not written yet."""
        self._more = asyncio.Event()
        self._acting: dict[str, str] = {}
        """By entity the turn whose command is still under way."""
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> SqliteHistory:
        await asyncio.to_thread(self._open)
        self._writer = asyncio.create_task(self._write_down(), name="write down changes")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        await self._flush()
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)

    # ── what is told ──

    def note(self, before: State, after: State) -> None:
        """A report that came in. Measurements are no changes; a first report is none that anybody saw."""
        old, new = before.value, after.value
        if old is None or new is None or old == new or _is_number(new) or len(self._waiting) >= MOST_WAITING:
            return
        entity, at = after.entity_id, _written(after.at or datetime.now(UTC))
        turn = self._acting.pop(entity, None) if old in _UNDER_WAY else None
        if turn is not None and new in _UNDER_WAY:
            self._acting[entity] = turn
        self._waiting.append([entity, at, new, turn])
        self._more.set()

    def watch(self, event: Event) -> None:
        """A command was carried out: what its device has reported since it was sent is its doing."""
        if not isinstance(event, Done) or not event.outcome.messages:
            return
        outcome, turn = event.outcome, event.turn.id
        entity = outcome.action.entity_id
        took = timedelta(milliseconds=outcome.act_ms + outcome.confirm_ms + 50)
        began = _written(datetime.now(UTC) - took)
        if outcome.state is not None and outcome.state.value in _UNDER_WAY:
            self._acting[entity] = turn
        for row in self._waiting:
            if row[0] == entity and str(row[1]) >= began:
                row[3] = turn
        self._waiting.append([entity, began, None, turn])
        self._more.set()

    # ── what is asked ──

    async def last(self, entity_id: str, values: Collection[str] = ()) -> Change | None:
        await self._flush()
        wanted = f"AND value IN ({', '.join('?' * len(values))})" if values else ""
        query = f"SELECT at, value, turn FROM changes WHERE entity = ? {wanted} ORDER BY at DESC, rowid DESC LIMIT 1"
        rows = await self._read(query, [entity_id, *values])
        if not rows:
            return None
        at, value, turn = rows[0]
        request, because = await self._asked_in(turn)
        return Change(entity_id, value, datetime.fromisoformat(at), request, because)

    async def since(self) -> datetime | None:
        rows = await self._read("SELECT MIN(at) FROM watched_since", [])
        return datetime.fromisoformat(rows[0][0]) if rows and rows[0][0] else None

    async def _asked_in(self, turn: str | None) -> tuple[str | None, str | None]:
        rows = await self._read("SELECT record FROM turns WHERE id = ?", [turn]) if turn else []
        try:
            asked = restore(rows[0][0]) if rows else None
        except ValidationError:
            asked = None
        if asked is None:
            return ("" if turn else None), None
        words = (asked.transcript.text if asked.transcript else asked.request.text) or ""
        return words.replace(SEALED, ""), asked.because

    # ── the file ──

    async def _write_down(self) -> None:
        while True:
            await self._more.wait()
            await asyncio.sleep(WRITE_SECONDS)
            await self._flush()

    async def _flush(self) -> None:
        async with self._using:
            rows, self._waiting = self._waiting, []
            self._more.clear()
            if rows:
                await asyncio.to_thread(self._write, rows)

    async def _read(self, query: str, values: list[str]) -> list[tuple[str, ...]]:
        async with self._using:
            return await asyncio.to_thread(self._fetch, query, values)

    def _open(self) -> None:
        try:
            connection = sqlite3.connect(self._path, check_same_thread=False, timeout=5)
            connection.executescript(_SCHEMA)
            with connection:
                connection.execute(
                    "INSERT INTO watched_since SELECT ? WHERE NOT EXISTS (SELECT 1 FROM watched_since)",
                    (_written(datetime.now(UTC)),),
                )
                oldest = _written(datetime.now(UTC) - timedelta(days=KEPT_DAYS))
                connection.execute("DELETE FROM changes WHERE at < ?", (oldest,))
            self._connection = connection
        except sqlite3.DatabaseError as error:
            self._warn(f"The history in {self._path} cannot be opened ({error}); changes are not kept.")

    def _write(self, rows: list[list[str | None]]) -> None:
        if self._connection is None:
            return
        try:
            with self._connection as connection:
                for entity, at, value, turn in rows:
                    if value is not None:
                        connection.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", (entity, at, value, turn))
                    else:  # a command: what was written of its device before we knew of it
                        connection.execute(
                            "UPDATE changes SET turn = ? WHERE entity = ? AND at >= ? AND turn IS NULL",
                            (turn, entity, at),
                        )
                for entity in {row[0] for row in rows}:
                    connection.execute(
                        "DELETE FROM changes WHERE entity = ? AND rowid NOT IN "
                        "(SELECT rowid FROM changes WHERE entity = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
                        (entity, entity, KEPT_CHANGES),
                    )
        except sqlite3.DatabaseError as error:
            self._warn(f"Changes of the house could not be written down: {error}.")

    def _fetch(self, query: str, values: list[str]) -> list[tuple[str, ...]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._warn(f"The history could not be read: {error}.")
            return []


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _written(at: datetime) -> str:
    """In UTC and always as long, so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
