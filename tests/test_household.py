"""Devices and lists as one house."""

from __future__ import annotations

from assistant.household import Household
from assistant.models import Action, Allowed
from tests.fakes import FakeCommands, FakeHouse, FakeLists, Told, thing


def household(house: FakeHouse, lists: FakeLists) -> Household:
    return Household(Told(house, FakeCommands(house)), lists)


async def test_each_part_is_told_its_own() -> None:
    house, lists = FakeHouse(), FakeLists("milk")
    both = household(house, lists)
    await both.perform(Allowed(Action("light.kitchen_light", "turn_on")))
    await both.perform(Allowed(Action("todo.shopping_list", "add_item", {"item": "bread"})))
    assert both.state("light.kitchen_light").value == "on"
    assert both.state("todo.shopping_list").value == "2"
    ids = [entity.id for entity in both.entities()]
    assert ids == sorted(ids)
    assert {"light.kitchen_light", "todo.shopping_list"} <= set(ids)
    assert not both.state("light.nowhere").available


def test_a_list_that_the_house_brings_takes_the_place_of_ours() -> None:
    house, lists = FakeHouse(), FakeLists("milk")
    both = household(house, lists)
    assert both.entity("todo.shopping_list") is not None
    house.add(thing("todo.bring", None, name="Shopping list"))
    assert both.entity("todo.bring") is not None
    assert both.entity("todo.shopping_list") is None
