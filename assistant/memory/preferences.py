"""What the speaker said of themselves: what to call them, what they call things, what they prefer; kept in SQLite."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from assistant.models import PREFERENCES, Action, Allowed, Entity, Floor, Language, Outcome, Room, State

log = logging.getLogger(__name__)

MOST = 100
"""More is no set of preferences; and a model is told only a few."""
LONGEST = 120

_THING = Entity(PREFERENCES, "Preferences", aliases={"it": ("le preferenze",), "zh": ("偏好",)}, hidden=True)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS preferences (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    said TEXT NOT NULL,
    meant TEXT NOT NULL,
    language TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (kind, topic)
);
PRAGMA user_version = 1;
"""


@dataclass(frozen=True, slots=True)
class Preference:
    number: int
    kind: str
    """name, alias or fact."""
    said: str
    """The other name of a thing, or the fact in the speaker's words."""
    meant: str
    """The id of that thing, or what the speaker wants to be called."""
    language: Language
    at: datetime

    def row(self) -> dict[str, Any]:
        """As `preferences --json` prints it."""
        return {"number": self.number, "kind": self.kind, "said": self.said or None, "meant": self.meant or None,
                "language": self.language, "at": self.at.isoformat()}  # fmt: skip


class SqlitePreferences:
    """A context manager. A part of the household with one thing of its own, which is told to remember and to forget
    like any other: by an action that passes the policy."""

    rooms: Sequence[Room] = ()
    floors: Sequence[Floor] = ()

    def __init__(
        self,
        path: Path,
        warn: Callable[[str], None] = log.warning,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._now = now
        self._path = path
        self._warn = warn
        self._connection: sqlite3.Connection | None = None
        self._writing = asyncio.Lock()
        self.kept: tuple[Preference, ...] = ()
        """The oldest first."""
        self.revision = 1

    async def __aenter__(self) -> SqlitePreferences:
        await asyncio.to_thread(self.open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def entities(self) -> Sequence[Entity]:
        return (_THING,)

    def entity(self, entity_id: str) -> Entity | None:
        return _THING if entity_id == PREFERENCES else None

    def state(self, entity_id: str) -> State:
        """How many; `name`, `aliases` (a line each: other name, tab, id), `facts` (a line each) and the `last` one."""
        if self._connection is None:
            return State(entity_id, available=False)
        attributes = {
            "name": next((each.meant for each in self.kept if each.kind == "name"), ""),
            "aliases": "\n".join(f"{each.said}\t{each.meant}" for each in self.kept if each.kind == "alias"),
            "facts": "\n".join(each.said for each in self.kept if each.kind == "fact"),
            "last": next((each.said or each.meant for each in reversed(self.kept)), ""),
        }
        return State(entity_id, str(len(self.kept)), attributes, self.kept[-1].at if self.kept else None)

    def nicknames(self) -> Mapping[str, Mapping[Language, tuple[str, ...]]]:
        """By entity id: what the speaker calls it besides."""
        found: dict[str, dict[Language, tuple[str, ...]]] = {}
        for each in self.kept:
            if each.kind == "alias":
                of_it = found.setdefault(each.meant, {})
                of_it[each.language] = (*of_it.get(each.language, ()), each.said)
        return found

    async def perform(self, allowed: Allowed) -> Outcome:
        action = allowed.action
        async with self._writing:
            problem = await asyncio.to_thread(self._do, action)
        return Outcome(action, allowed, confirmed=problem is None, state=self.state(PREFERENCES), problem=problem)

    async def forget(self, number: int) -> bool:
        """Whether there was one of this number. The command line's way, which names what it listed."""
        async with self._writing:
            known = any(each.number == number for each in self.kept)
            return known and await asyncio.to_thread(self._forget, "number = ?", (number,)) is None

    # ── in the thread that writes ──

    def open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, check_same_thread=False, timeout=5)
            self._connection.executescript(_SCHEMA)
            self._read(self._connection)
        except (sqlite3.DatabaseError, OSError) as error:
            self._connection = None
            self._warn(f"The preferences {self._path} cannot be opened ({error}); none can be kept.")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _do(self, action: Action) -> str | None:
        """Why it could not be kept; None when it was."""
        told = {name: str(action.arguments.get(name) or "") for name in ("kind", "said", "meant", "language")}
        if action.service == "remember":
            if max(len(told["said"]), len(told["meant"])) > LONGEST or len(self.kept) >= MOST:
                return f"a preference has at most {LONGEST} characters, and {MOST} are kept"
            topic = topic_of(told["kind"], told["said"])
            return self._change(
                "INSERT OR REPLACE INTO preferences (kind, topic, said, meant, language, at) VALUES (?, ?, ?, ?, ?, ?)",
                (told["kind"], topic, told["said"], told["meant"], told["language"], self._now().isoformat()),
            )
        match told["kind"]:
            case "all":
                return self._forget("1", ())
            case "last":
                return self._forget("number = (SELECT MAX(number) FROM preferences)", ())
            case kind:
                return self._forget("kind = ? AND topic = ?", (kind, topic_of(kind, told["said"])))

    def _forget(self, where: str, values: Sequence[object]) -> str | None:
        return self._change(f"DELETE FROM preferences WHERE {where}", values)

    def _change(self, statement: str, values: Sequence[object]) -> str | None:
        if self._connection is None:
            return "the preferences cannot be opened"
        try:
            with self._connection as connection:
                connection.execute(statement, values)
            self._read(self._connection)
        except sqlite3.DatabaseError as error:
            return f"the preferences could not be written: {error}"
        self.revision += 1
        return None

    def _read(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(
            "SELECT number, kind, said, meant, language, at FROM preferences ORDER BY number"
        ).fetchall()
        self.kept = tuple(
            Preference(number, kind, said, meant, language, datetime.fromisoformat(at))
            for number, kind, said, meant, language, at in rows
        )


_ARTICLE = re.compile(r"^(?:the|my|our|a|an|il|lo|la|i|gli|le|un|una|mio|mia|l['’])\s*\b", re.IGNORECASE)
_VALUES = re.compile(r"\d+(?:[.,]\d+)?|\b(?:warm|cold|cool|bright|dim|dark|soft|low|high|loud|quiet|calda|caldo|fredda|"
                     r"freddo|forte|debole|bassa|basso|alta|alto|soffusa|chiara|scura)\b", re.IGNORECASE)  # fmt: skip


def topic_of(kind: str, said: str) -> str:
    """What it is about: said anew it takes the place of what was said before ("always 20 degrees at night")."""
    if kind == "name":
        return ""
    folded = " ".join(said.casefold().replace("’", "'").split())
    return _ARTICLE.sub("", folded) if kind == "alias" else " ".join(_VALUES.sub("…", folded).split())
