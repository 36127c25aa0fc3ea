"""A plan has to be about what was asked: stories with a brain that plans what it is told to."""

from __future__ import annotations

import pytest

from assistant.errors import AtOnce
from assistant.intents.agreement import expect_agreement
from assistant.intents.mood import is_question
from assistant.intents.talk import is_small_talk
from assistant.llm.conditions import condition
from assistant.models import Action, Intent, Plan, Target
from assistant.pipeline import Settings
from tests.eval.judged import Judged, load, read_plan
from tests.fakes import ENTITIES, FakeBrain, FakeHouse, thing
from tests.stories import House


def a_house(plan: str) -> House:
    return House(Settings(routing="brain_only"), brain=FakeBrain(read_plan(plan)))


@pytest.mark.parametrize(
    ("text", "language", "room", "plan"),
    [
        ("it is too dark to read in the living room", "en", None, "HassTurnOn light.reading_lamp"),
        ("I would love a cup of coffee", "en", None, "HassTurnOn switch.coffee_machine"),
        ("ho freddo", "it", None, "HassClimateSetTemperature climate.thermostat temperature=22"),
        ("qui non si vede niente", "it", "Kitchen", "HassTurnOn light.kitchen_light"),
        ("the kitchen should feel a bit more welcoming", "en", None, "HassTurnOn light.kitchen_light"),
    ],
)
async def test_a_wish_is_fulfilled_at_once(text: str, language: str, room: str | None, plan: str) -> None:
    house = a_house(plan)
    await house.say(text, language, room)
    assert len(house.published) == 1


@pytest.mark.parametrize(
    ("text", "language", "plan"),
    [
        ("I would love a cup of coffee", "en", "HassTurnOff light.kitchen_light"),
        ("it is too dark to read in the living room", "en", "HassTurnOn light.bedroom_light"),
        ("it is too dark to read in the living room", "en", "HassTurnOff light.reading_lamp"),
        ("ho freddo", "it", "HassTurnOn light.kitchen_light"),
        ("my boss was a nuisance again", "en", "HassTurnOn switch.coffee_machine"),
    ],
)
async def test_what_the_request_does_not_speak_of_waits_for_a_yes(text: str, language: str, plan: str) -> None:
    house = a_house(plan)
    await house.say(text, language)
    assert house.published == [] and house.spoken[-1].endswith("?")
    await house.say("yes" if language == "en" else "sì", language)
    assert len(house.published) == 1


@pytest.mark.parametrize(
    ("text", "language", "plan", "said"),
    [
        ("the conservatory is too dark", "en", "HassTurnOn light.reading_lamp", "I know no room called conservatory."),
        ("accendi la lavastoviglie", "it", "HassTurnOn switch.coffee_machine", "lavastoviglie"),
        ("paint the garage light purple", "en", "HassTurnOn light.garage_light",
         "The garage light cannot change its colour. It can be switched on and off."),
        ("chiudi a chiave la lampada da lettura", "it", "HassTurnOff light.reading_lamp",
         "non si può chiudere a chiave"),
        ("order me a coffee from the bar", "en", "HassTurnOn switch.coffee_machine", "no matter of this house"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_the_reason(text: str, language: str, plan: str, said: str) -> None:
    house = a_house(plan)
    await house.say(text, language)
    assert house.published == [] and said in house.spoken[-1]


async def test_of_several_alike_it_is_asked_which() -> None:
    house = a_house("HassTurnOn light.kitchen_light")
    turn = await house.say("I want a light", "en", "Hallway")
    assert (house.published, turn.error_kind) == ([], "Ambiguous")


async def test_a_condition_that_is_not_so_needs_no_model() -> None:
    house = a_house("HassTurnOn light.kitchen_light")
    house.devices.report("light.reading_lamp", "off")
    await house.say("if the reading lamp is on, turn on the kitchen light")
    assert house.published == []
    assert house.spoken == ["I did nothing: the reading lamp is off."]
    assert isinstance(house.brain, FakeBrain) and house.brain.asked == []


async def test_a_condition_that_is_so_is_no_hindrance_and_one_that_nobody_knows_is_asked() -> None:
    house = a_house("HassTurnOn light.kitchen_light")
    house.devices.report("light.reading_lamp", "off")
    await house.say("se la lampada da lettura è spenta, accendi la luce della cucina", "it")
    assert house.published == [("kitchen_light/set", "ON")]
    await house.say("turn on the kitchen light if it rains")
    assert len(house.published) == 1 and house.spoken[-1] == "Shall I turn on the kitchen light?"


@pytest.mark.parametrize(
    ("clause", "holds"),
    [
        ("c'è movimento", False), ("non c'è movimento", True), ("non c'è nessun movimento", True),
        ("non c'è alcun movimento", True),
    ],
)  # fmt: skip
def test_italian_denies_twice_what_it_denies_once(clause: str, holds: bool) -> None:
    others = [each for each in ENTITIES if each.id != "binary_sensor.hallway_motion"]
    house = FakeHouse([*others, thing("binary_sensor.hallway_motion", "Hallway", "l'occhio", device_class="motion")])
    found = condition(f"se {clause} nell'ingresso, spegni la luce della cucina", "it", None, house)
    assert found is not None and found.holds is holds


async def test_a_plan_that_contradicts_itself_is_refused() -> None:
    house = a_house("HassTurnOn light.kitchen_light; HassTurnOff light.kitchen_light")
    await house.say("turn the kitchen light on and off at the same time")
    assert house.published == [] and house.spoken == ["The kitchen light cannot do both at once."]


def test_two_values_at_once_contradict_and_two_items_of_a_list_do_not() -> None:
    with pytest.raises(AtOnce):
        expect_agreement(
            [Action("light.x", "turn_on", {"brightness": 1}), Action("light.x", "turn_on", {"brightness": 2})],
            FakeHouse(),
        )
    items = [Action("todo.x", "add_item", {"item": item}) for item in ("milk", "bread")]
    expect_agreement([*items, Action("light.x", "turn_on"), Action("light.y", "turn_off")], FakeHouse())


async def test_talk_is_answered_and_moves_nothing() -> None:
    brain = FakeBrain(Plan((Intent("HassTurnOn", Target(ids=("light.kitchen_light",))),)))
    house = House(brain=brain)
    await house.say("tell me a joke")
    assert (brain.may, house.published) == (["talk"], [])


@pytest.mark.parametrize("case", [each for each in load() if each.of == "talk"], ids=lambda each: each.text)
def test_talk_is_known(case: Judged) -> None:
    assert is_small_talk(case.text, case.language) or is_question(case.text, case.language)


@pytest.mark.parametrize("case", [each for each in load() if each.of != "talk"], ids=lambda each: each.text)
def test_nothing_else_is_taken_for_talk(case: Judged) -> None:
    assert not is_small_talk(case.text, case.language)
