"""The journal read back: searched, each turn looked up, marked as wrong, and how long its stages took."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from assistant.errors import AssistantError
from assistant.models import Turn
from assistant.record import restore

log = logging.getLogger(__name__)

Only = Literal["errors", "wrong"]

MOST_WORDS = 8
"""Of a search; more are left out."""

MOST_MEASURED = 5_000
"""Turns, the newest, whose latencies are looked at."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (
    turn TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    note TEXT NOT NULL
);
"""

_TIMINGS: TypeAdapter[dict[str, float]] = TypeAdapter(dict[str, float])


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's word that a turn was wrong."""

    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    turn: Turn
    wrong: Mark | None = None


class Archive:
    """A context manager, beside the journal in the same file, with a connection of its own: a long search never holds
    up a turn. Rows that cannot be read are left out."""

    def __init__(self, path: Path, warn: Callable[[str], None] = log.warning) -> None:
        self._path = path
        self._warn = warn
        self._connection: sqlite3.Connection | None = None
        self._using = asyncio.Lock()

    async def __aenter__(self) -> Archive:
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with self._using:
            if self._connection is not None:
                await asyncio.to_thread(self._connection.close)

    async def search(
        self, text: str = "", before: datetime | None = None, limit: int = 50, only: Only | None = None
    ) -> Sequence[Kept]:
        """The newest first, older than `before`; every word of the text is in the request, the reply or the error."""
        where, values = _conditions(text, before, only)
        query = f"{_SELECT} {where} ORDER BY turns.at DESC, turns.rowid DESC LIMIT ?"
        return _kept(await self._read(query, [*values, limit]))

    async def turn(self, turn_id: str) -> Kept | None:
        return next(iter(_kept(await self._read(f"{_SELECT} WHERE turns.id = ?", [turn_id]))), None)

    async def mark(self, turn_id: str, note: str) -> Mark:
        """Raises AssistantError where it cannot be kept."""
        mark = Mark(note, datetime.now(UTC))
        await self._write("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", [turn_id, mark.at.isoformat(), note])
        return mark

    async def unmark(self, turn_id: str) -> None:
        await self._write("DELETE FROM marks WHERE turn = ?", [turn_id])

    async def timings(self, since: datetime) -> Sequence[tuple[datetime, dict[str, float]]]:
        """When each turn was and how many ms its stages took, the newest first."""
        query = "SELECT at, json_extract(record, '$.timings_ms') FROM turns WHERE at >= ? ORDER BY at DESC LIMIT ?"
        rows = await self._read(query, [since.astimezone(UTC).isoformat(), MOST_MEASURED])
        return [(datetime.fromisoformat(at), _TIMINGS.validate_json(written)) for at, written in rows if written]

    # ── the file ──

    async def _read(self, query: str, values: Sequence[object]) -> list[tuple[str, ...]]:
        async with self._using:
            return await asyncio.to_thread(self._fetch, query, values)

    async def _write(self, statement: str, values: Sequence[object]) -> None:
        async with self._using:
            await asyncio.to_thread(self._execute, statement, values)

    def _open(self) -> None:
        try:
            connection = sqlite3.connect(self._path, check_same_thread=False, timeout=5)
            connection.create_function("folded", 1, _folded, deterministic=True)
            connection.executescript(_SCHEMA)
            self._connection = connection
        except sqlite3.DatabaseError as error:
            self._warn(f"The journal {self._path} cannot be searched: {error}.")

    def _fetch(self, query: str, values: Sequence[object]) -> list[tuple[str, ...]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._warn(f"The journal could not be searched: {error}.")
            return []

    def _execute(self, statement: str, values: Sequence[object]) -> None:
        with _said():
            if self._connection is None:
                raise sqlite3.OperationalError("it is not open")
            with self._connection:
                self._connection.execute(statement, values)


_SELECT = "SELECT turns.record, marks.note, marks.at FROM turns LEFT JOIN marks ON marks.turn = turns.id"

_SEARCHED = "folded(coalesce(transcript, '') || ' ' || reply || ' ' || coalesce(error, '')) LIKE ? ESCAPE '\\'"


def _conditions(text: str, before: datetime | None, only: Only | None) -> tuple[str, list[object]]:
    words = text.split()[:MOST_WORDS]
    conditions, values = [_SEARCHED] * len(words), [f"%{_escaped(word.casefold())}%" for word in words]
    if before is not None:
        conditions.append("turns.at < ?")
        values.append(before.astimezone(UTC).isoformat())
    match only:
        case "errors":
            conditions.append("turns.error IS NOT NULL")
        case "wrong":
            conditions.append("marks.turn IS NOT NULL")
    return f"WHERE {' AND '.join(conditions)}" if conditions else "", list(values)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _folded(text: str | None) -> str:
    return (text or "").casefold()


def _kept(rows: Sequence[tuple[str, ...]]) -> list[Kept]:
    found = []
    for record, note, at in rows:
        try:
            mark = Mark(note, datetime.fromisoformat(at)) if at else None
            found.append(Kept(restore(record), mark))
        except ValidationError as error:
            log.warning("a journal row cannot be read: %s", error.errors()[0]["msg"])
    return found


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise AssistantError(f"the journal could not be written: {error}") from error
