"""What stands on Home Assistant's own lists: their state is only a number, so the items are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.home.cleaning import plain
from assistant.home.snapshot import Listed
from assistant.models import Value

GET_ITEMS = "todo.get_items"
OPEN = {"status": ["needs_action"]}
MOST_ITEMS = 500
LONGEST_ITEM = 120


@dataclass(slots=True)
class TodoItems:
    """By Home Assistant's id of the list."""

    _items: dict[str, str] = field(default_factory=dict)
    """One item a line, as in memory/lists.py."""
    _as_of: dict[str, object] = field(default_factory=dict)
    """The report after which they were asked for."""

    def unread(self, listed: Iterable[Listed]) -> list[Listed]:
        """The lists that have reported since."""
        return [each for each in listed if each.domain == "todo" and self._as_of.get(each.id) != _report(each)]

    def note(self, listed: Listed, answer: Mapping[str, Any] | None) -> None:
        """The service's answer, {list: {"items": [{"summary": text, ...}]}}; None: there was none, and that is that."""
        self._as_of[listed.id] = _report(listed)
        told = (answer or {}).get(listed.id)
        rows = told.get("items") if isinstance(told, dict) else None
        if not isinstance(rows, list):
            self._items.pop(listed.id, None)
            return
        items = [row["summary"] for row in rows if isinstance(row, dict) and isinstance(row.get("summary"), str)]
        self._items[listed.id] = "\n".join(plain(item, LONGEST_ITEM).replace("\n", " ") for item in items[:MOST_ITEMS])

    def of(self, list_id: str) -> Mapping[str, Value]:
        """As attributes of its state."""
        return {"items": self._items[list_id]} if list_id in self._items else {}


def _report(listed: Listed) -> object:
    return listed.state, listed.at
