"""Every turn in SQLite, one row each, so that "why?" has an answer that nobody made up."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from assistant.models import Turn
from assistant.record import dump, restore, sealed

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    session TEXT NOT NULL,
    path TEXT NOT NULL,
    transcript TEXT,
    reply TEXT NOT NULL,
    error TEXT,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS turns_by_time ON turns (at);
PRAGMA user_version = 1;
"""


class SqliteJournal:
    """A context manager; `warn` is told, in words for a person, when turns cannot be kept."""

    def __init__(self, path: Path, warn: Callable[[str], None] = log.warning) -> None:
        self._path = path
        self._warn = warn
        self._connection: sqlite3.Connection | None = None
        self._writing = asyncio.Lock()

    async def __aenter__(self) -> SqliteJournal:
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)

    async def keep(self, turn: Turn) -> None:
        """Write or overwrite the turn's row. A full disk or a lost file is said, never raised."""
        turn = sealed(turn)
        try:
            record = dump(turn)
        except ValueError as error:
            self._warn(f"This turn could not be written to the journal: {error}.")
            return
        row = (turn.id, turn.at.isoformat(), turn.request.session, turn.path,
               turn.transcript.text if turn.transcript else None, turn.reply, turn.error, record)  # fmt: skip
        async with self._writing:
            await asyncio.to_thread(self._write, row)

    async def last(self, session: str | None = None, limit: int = 1) -> Sequence[Turn]:
        """The newest turns first; rows that cannot be read are left out."""
        where, values = ("WHERE session = ?", [session]) if session is not None else ("", [])
        query = f"SELECT record FROM turns {where} ORDER BY at DESC, rowid DESC LIMIT ?"
        async with self._writing:
            rows = await asyncio.to_thread(self._read, query, [*values, limit])
        return [turn for (text,) in rows if (turn := _restored(text)) is not None]

    def limit_pages(self, pages: int) -> None:
        """The most pages of 4 KiB that the file may grow to."""
        if self._connection is not None:
            self._connection.execute(f"PRAGMA max_page_count = {pages:d}")

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connected(self._path)
        except sqlite3.OperationalError as error:
            self._warn(f"The journal {self._path} cannot be opened ({error}); turns are not kept.")
        except OSError as error:
            self._warn(
                f"The journal's folder {self._path.parent} cannot be made ({error.strerror}); turns are not kept."
            )
        except sqlite3.DatabaseError as error:
            aside = _moved_aside(self._path)
            self._warn(f"The journal was damaged ({error}); it was moved to {aside.name} and a new one begun.")
            self._connection = _connected(self._path)

    def _write(self, row: tuple[str | None, ...]) -> None:
        if self._connection is None:
            return
        try:
            with self._connection:
                self._connection.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.DatabaseError as error:
            self._warn(f"This turn could not be written to the journal: {error}.")

    def _read(self, query: str, values: list[object]) -> list[tuple[str]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            self._warn(f"The journal could not be read: {error}.")
            return []


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("it fails SQLite's own check")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _moved_aside(path: Path) -> Path:
    number = next(n for n in range(1, 10_000) if not path.with_suffix(f".damaged-{n}").exists())
    aside = path.with_suffix(f".damaged-{number}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside


def _restored(text: str) -> Turn | None:
    try:
        return restore(text)
    except ValidationError as error:
        log.warning("a journal row cannot be read: %s", error.errors()[0]["msg"])
        return None
