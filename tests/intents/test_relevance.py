"""A plan for another thing than the one that was ordered is refused."""

from __future__ import annotations

import pytest

from assistant.errors import NotFound, NotUnderstood
from assistant.intents.relevance import expect_the_named
from assistant.models import Resolved
from tests.fakes import FakeHouse

HOUSE = FakeHouse()


def plan(entity_id: str) -> list[Resolved]:
    entity = HOUSE.entity(entity_id)
    assert entity is not None
    return [Resolved("HassTurnOn", (entity,))]


@pytest.mark.parametrize(
    ("text", "language", "entity_id"),
    [
        ("turn on the toaster", "en", "switch.coffee_machine"),
        ("Open the sunroof.", "en", "cover.living_room_blinds"),
        ("please switch off the aquarium pump", "en", "light.kitchen_light"),
        ("accendi il tostapane", "it", "switch.coffee_machine"),
        ("Spegni la radio.", "it", "light.bedroom_light"),
    ],
)
def test_another_thing_is_refused(text: str, language: str, entity_id: str) -> None:
    with pytest.raises(NotFound):
        expect_the_named(text, plan(entity_id), HOUSE, language)


def test_what_is_here_is_not_said_to_be_missing() -> None:
    """The plan went astray, not the person: "I know no device called front door" would not be so."""
    with pytest.raises(NotUnderstood):
        expect_the_named("unlock the front door", plan("switch.coffee_machine"), HOUSE, "en")


@pytest.mark.parametrize(
    ("text", "language", "entity_id"),
    [
        ("turn on the light over the stove in the kitchen", "en", "light.kitchen_light"),
        ("open everything that lets sun into the lounge", "en", "cover.living_room_blinds"),
        ("I would love a cup of coffee", "en", "switch.coffee_machine"),
        ("it is too dark to read in the living room", "en", "light.reading_lamp"),
        ("set a romantic mood", "en", "light.living_room_light"),
        ("turn off whatever heats the place, the heating I mean", "en", "climate.thermostat"),
        ("accendi qualcosa in salotto per leggere", "it", "light.reading_lamp"),
        ("ho freddo", "it", "climate.thermostat"),
        ("打开灯", "zh", "light.kitchen_light"),
    ],
)
def test_what_may_be_meant_is_let_through(text: str, language: str, entity_id: str) -> None:
    expect_the_named(text, plan(entity_id), HOUSE, language)
