"""The shopping list and the to-do list, kept in SQLite and told like any other device of the house."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from assistant.errors import NotPossible
from assistant.models import Action, Allowed, Entity, Floor, Outcome, Room, State

log = logging.getLogger(__name__)

LISTS = (
    Entity("todo.shopping_list", "Shopping List", aliases={
        "en": ("groceries list", "grocery list"), "it": ("la lista della spesa", "la spesa"), "zh": ("购物清单",)}),
    Entity("todo.to_do_list", "To-do List", aliases={
        "en": ("todo list", "task list", "list of tasks"),
        "it": ("la lista delle cose da fare", "la lista dei compiti"), "zh": ("待办事项",)}),
)  # fmt: skip

MOST_ITEMS = 500
"""Of one list; more is no list that anybody keeps."""
LONGEST_ITEM = 120

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    list TEXT NOT NULL,
    item TEXT NOT NULL,
    at TEXT NOT NULL,
    done TEXT
);
PRAGMA user_version = 1;
"""


class SqliteLists:
    """A context manager. Implements interfaces.House and interfaces.Commands for its lists; a list's state is the
    number of its open items, which stand in the attribute `items`, one a line."""

    revision = 1
    rooms: Sequence[Room] = ()
    floors: Sequence[Floor] = ()

    def __init__(self, path: Path, warn: Callable[[str], None] = log.warning) -> None:
        self._path = path
        self._warn = warn
        self._connection: sqlite3.Connection | None = None
        self._writing = asyncio.Lock()
        self._open: dict[str, list[str]] = {each.id: [] for each in LISTS}
        self._changed_at: dict[str, datetime] = {}

    async def __aenter__(self) -> SqliteLists:
        await asyncio.to_thread(self._begin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await asyncio.to_thread(self._connection.close)

    def entities(self) -> Sequence[Entity]:
        return LISTS

    def entity(self, entity_id: str) -> Entity | None:
        return next((each for each in LISTS if each.id == entity_id), None)

    def state(self, entity_id: str) -> State:
        if self._connection is None:
            return State(entity_id, available=False)
        items = self._open.get(entity_id, [])
        return State(entity_id, str(len(items)), {"items": "\n".join(items)}, self._changed_at.get(entity_id))

    async def perform(self, allowed: Allowed) -> Outcome:
        """Raises NotPossible where the list lacks the item or is full."""
        action = allowed.action
        async with self._writing:
            problem = await asyncio.to_thread(self._do, action)
        return Outcome(action, allowed, confirmed=problem is None, state=self.state(action.entity_id), problem=problem)

    # ── in the thread that writes ──

    def _begin(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, check_same_thread=False, timeout=5)
            self._connection.executescript(_SCHEMA)
            for name, item in self._connection.execute("SELECT list, item FROM items WHERE done IS NULL ORDER BY at"):
                self._open.setdefault(name, []).append(item)
        except (sqlite3.DatabaseError, OSError) as error:
            self._connection = None
            self._warn(f"The lists {self._path} cannot be opened ({error}); nothing can be put on them.")

    def _do(self, action: Action) -> str | None:
        """Why it could not be kept; None when it was."""
        if self._connection is None:
            return "the lists cannot be opened"
        items, item = self._open[action.entity_id], str(action.arguments.get("item", "")).strip()
        now = datetime.now(UTC)
        try:
            with self._connection:
                self._change(self._connection, action, items, item, now.isoformat())
        except sqlite3.DatabaseError as error:
            return f"the lists could not be written: {error}"
        self._changed_at[action.entity_id] = now
        return None

    def _change(self, connection: sqlite3.Connection, action: Action, items: list[str], item: str, now: str) -> None:
        """What is in memory follows what the database took."""
        name = action.entity_id
        if action.service == "add_item":
            self._expect_room(action, items, item)
            connection.execute("INSERT INTO items VALUES (?, ?, ?, NULL)", (name, item, now))
            items.append(item)
            return
        if item not in items:
            raise NotPossible(f"{item!r} is not on {name}", name=self.entity(name), what="item", item=item)
        row = "SELECT rowid FROM items WHERE list = ? AND item = ? AND done IS NULL ORDER BY at LIMIT 1"
        if action.service == "remove_item":
            connection.execute(f"DELETE FROM items WHERE rowid = ({row})", (name, item))
        else:
            connection.execute(f"UPDATE items SET done = ? WHERE rowid = ({row})", (now, name, item))
        items.remove(item)

    def _expect_room(self, action: Action, items: list[str], item: str) -> None:
        thing = self.entity(action.entity_id)
        if not item or len(item) > LONGEST_ITEM:
            raise NotPossible(f"an item has 1 to {LONGEST_ITEM} characters", name=thing, what="item")
        if len(items) >= MOST_ITEMS:
            raise NotPossible(f"{action.entity_id} has {MOST_ITEMS} items already", name=thing, what="item")
