"""The schedule's table in SQLite, where an item is claimed before it runs, so that it never runs twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from assistant.models import Scheduled

_ITEM: TypeAdapter[Scheduled] = TypeAdapter(Scheduled)

KEPT_DAYS = 30
"""For which it is known what ran."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER NOT NULL,
    due REAL NOT NULL,
    item TEXT NOT NULL,
    claimed REAL NOT NULL,
    finished REAL,
    outcome TEXT,
    PRIMARY KEY (id, due)
);
PRAGMA user_version = 1;
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One time that an item fell due; its item as it was then."""

    item: Scheduled
    due: datetime


class Store:
    """Every method is one transaction, on the disk when it returns; a kill leaves all of it or nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Raises sqlite3.DatabaseError or OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, check_same_thread=False, timeout=5, isolation_level="IMMEDIATE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # a power cut loses nothing that was acknowledged
        connection.executescript(_SCHEMA)
        self._connection = connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def version(self) -> int:
        """Changes when another process wrote."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def items(self) -> list[Scheduled]:
        rows = self._db.execute("SELECT id, item FROM items ORDER BY id").fetchall()
        return [replace(_ITEM.validate_json(text), id=number) for number, text in rows]

    # ── changes ──

    def insert(self, item: Scheduled) -> Scheduled:
        """With its number, which is never given to another."""
        with self._db as db:
            number = db.execute("INSERT INTO items (item) VALUES (?)", (_text(item),)).lastrowid
        assert number is not None, "SQLite numbers every row"
        return replace(item, id=number)

    def update(self, *items: Scheduled) -> None:
        with self._db as db:
            db.executemany("UPDATE items SET item = ? WHERE id = ?", [(_text(item), item.id) for item in items])

    def delete(self, *numbers: int) -> None:
        with self._db as db:
            db.executemany("DELETE FROM items WHERE id = ?", [(number,) for number in numbers])

    # ── running ──

    def claim(self, item: Scheduled, due: datetime, after: Scheduled | None, now: datetime) -> bool:
        """Take one run of it; `after` is the item from then on, None when that was all. False: it is another's,
        or no longer as it was."""
        with self._db as db:
            db.execute("BEGIN IMMEDIATE")  # nobody changes it between the look and the claim
            row = db.execute("SELECT item FROM items WHERE id = ?", (item.id,)).fetchone()
            if row is None or row[0] != _text(item):
                return False
            taken = db.execute(
                "INSERT OR IGNORE INTO runs (id, due, item, claimed) VALUES (?, ?, ?, ?)",
                (item.id, due.timestamp(), _text(item), now.timestamp()),
            ).rowcount
            if after is None:
                db.execute("DELETE FROM items WHERE id = ?", (item.id,))
            else:
                db.execute("UPDATE items SET item = ? WHERE id = ?", (_text(after), item.id))
        return taken == 1

    def finish(self, run: Run, outcome: str, now: datetime) -> None:
        with self._db as db:
            db.execute(
                "UPDATE runs SET finished = ?, outcome = ? WHERE id = ? AND due = ?",
                (now.timestamp(), outcome, run.item.id, run.due.timestamp()),
            )

    def unfinished(self) -> Sequence[Run]:
        """What was claimed by a process that did not live to finish it."""
        rows = self._db.execute("SELECT id, due, item FROM runs WHERE finished IS NULL ORDER BY due").fetchall()
        return [Run(replace(_ITEM.validate_json(text), id=number), datetime.fromtimestamp(due, UTC))
                for number, due, text in rows]  # fmt: skip

    def forget(self, now: datetime) -> None:
        """Runs that are long over."""
        with self._db as db:
            db.execute("DELETE FROM runs WHERE finished < ?", (now.timestamp() - KEPT_DAYS * 86_400,))

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.OperationalError("the schedule cannot be opened")
        return self._connection


def _text(item: Scheduled) -> str:
    return _ITEM.dump_json(replace(item, id=0)).decode()
