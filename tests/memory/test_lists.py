"""The lists on a real SQLite file."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import NotPossible
from assistant.memory.lists import LONGEST_ITEM, MOST_ITEMS, SqliteLists
from assistant.models import Action, Allowed, Outcome, State

SHOPPING = "todo.shopping_list"


async def do(lists: SqliteLists, service: str, item: str, list_: str = SHOPPING) -> Outcome:
    return await lists.perform(Allowed(Action(list_, service, {"item": item})))


def items(state: State) -> list[str]:
    return [item for item in str(state.attributes["items"]).split("\n") if item]


async def test_lists_outlive_the_assistant(tmp_path: Path) -> None:
    """What was put on a list is there after a restart; what was ticked off or taken off is not."""
    async with SqliteLists(tmp_path / "lists.sqlite") as lists:
        for item in ("milk", "bread", "eggs", "latte d'avena 🥛"):
            assert (await do(lists, "add_item", item)).confirmed is True
        await do(lists, "add_item", "call the plumber", "todo.to_do_list")
        await do(lists, "update_item", "bread")
        await do(lists, "remove_item", "eggs")

    async with SqliteLists(tmp_path / "lists.sqlite") as lists:
        state = lists.state(SHOPPING)
        assert (state.value, items(state)) == ("2", ["milk", "latte d'avena 🥛"])
        assert items(lists.state("todo.to_do_list")) == ["call the plumber"]


async def test_the_same_thing_twice_goes_off_once(tmp_path: Path) -> None:
    async with SqliteLists(tmp_path / "lists.sqlite") as lists:
        await do(lists, "add_item", "milk")
        await do(lists, "add_item", "milk")
        await do(lists, "remove_item", "milk")
        assert items(lists.state(SHOPPING)) == ["milk"]


async def test_bad_items_are_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    async with SqliteLists(tmp_path / "lists.sqlite") as lists:
        await do(lists, "add_item", "milk")
        for item in ("", "  ", "x" * (LONGEST_ITEM + 1)):
            with pytest.raises(NotPossible):
                await do(lists, "add_item", item)
        with pytest.raises(NotPossible):
            await do(lists, "remove_item", "beer")
        assert items(lists.state(SHOPPING)) == ["milk"]


async def test_a_list_has_an_end(tmp_path: Path) -> None:
    async with SqliteLists(tmp_path / "lists.sqlite") as lists:
        for number in range(MOST_ITEMS):
            await do(lists, "add_item", str(number))
        with pytest.raises(NotPossible):
            await do(lists, "add_item", "one too many")


async def test_a_file_that_is_no_database_is_said_and_survived(tmp_path: Path) -> None:
    (tmp_path / "lists.sqlite").write_bytes(b"this is no database" * 100)
    told: list[str] = []
    async with SqliteLists(tmp_path / "lists.sqlite", told.append) as lists:
        assert len(told) == 1
        assert not lists.state(SHOPPING).available
        outcome = await do(lists, "add_item", "milk")
        assert outcome.confirmed is False
        assert outcome.problem == "the lists cannot be opened"
