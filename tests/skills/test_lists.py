"""Putting on lists, ticking off, taking off, reading out."""

from __future__ import annotations

import pytest

from assistant.errors import NotPossible
from assistant.models import Action
from tests.fakes import FakeLists
from tests.skills.asking import answered_twice, ask, decided

LIST = "shopping list"


def on_it(item: str, service: str = "add_item") -> Action:
    return Action("todo.shopping_list", service, {"item": item})


async def test_several_things_are_put_on_one_by_one() -> None:
    assert await decided("HassListAddItem", LIST, FakeLists(), item="milk") == [on_it("milk")]
    assert await decided("HassListAddItem", LIST, FakeLists(), item="milk, bread and two eggs") == [
        on_it("milk"), on_it("bread"), on_it("two eggs"),
    ]  # fmt: skip


async def test_things_are_ticked_off_as_people_call_them() -> None:
    house = FakeLists("Milk", "two tins of tomatoes", "bread")
    (ticked,) = await decided("HassListCompleteItem", LIST, house, item="the milk")
    assert ticked.arguments == {"item": "Milk", "status": "completed"}
    assert await decided("HassListRemoveItem", LIST, house, item="tomatoes") == [
        on_it("two tins of tomatoes", "remove_item")
    ]


async def test_what_is_not_on_it_or_may_be_two_things_is_no_guess() -> None:
    house = FakeLists("red wine", "white wine")
    with pytest.raises(NotPossible) as raised:
        await ask("HassListRemoveItem", LIST, house, item="beer")
    assert raised.value.say.values["what"] == "item"
    with pytest.raises(NotPossible) as raised:
        await ask("HassListRemoveItem", LIST, house, item="wine")
    assert raised.value.say.values["what"] == "items"


async def test_a_list_is_read_out() -> None:
    assert await answered_twice("HassGetState", LIST, FakeLists("milk", "bread", "eggs"), {}) == (
        "On the shopping list: milk, bread and eggs.", "Nella lista della spesa: milk, bread ed eggs.",
    )  # fmt: skip
    assert await answered_twice("HassGetState", LIST, FakeLists(), {}) == (
        "There is nothing on the shopping list.", "Nella lista della spesa non c'è niente.",
    )  # fmt: skip
    many = FakeLists(*(f"thing {number}" for number in range(1, 16)))
    english, _ = await answered_twice("HassGetState", LIST, many, {})
    assert english.endswith("thing 11 and thing 12, and 3 more.")


async def test_whether_something_is_on_it() -> None:
    house = FakeLists("oat milk")
    asked = {"state": "milk", "question": "one_yesno"}
    assert await answered_twice("HassGetState", LIST, house, asked) == (
        "Yes, oat milk is on the shopping list.", "Sì, nella lista della spesa c'è oat milk.",
    )  # fmt: skip
    english, _ = await answered_twice("HassGetState", LIST, house, {**asked, "state": "beer"})
    assert english == "No, beer is not on the shopping list."


async def test_a_list_of_home_assistant_that_tells_only_a_number_is_counted() -> None:
    house = FakeLists()
    house.report("todo.shopping_list", "3")
    english, italian = await answered_twice("HassGetState", LIST, house, {})
    assert (english, italian) == ("There are 3 things on the shopping list.", "Nella lista della spesa ci sono 3 cose.")
