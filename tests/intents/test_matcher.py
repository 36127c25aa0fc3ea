"""The reflex understands what people say, and leaves alone what it does not wholly understand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assistant.errors import NotFound
from assistant.intents.matcher import Reflex
from assistant.intents.targets import resolve
from assistant.models import Intent, Target
from tests.intents.houses import demo_house


@pytest.fixture(scope="module")
def reflex() -> Reflex:
    return Reflex(demo_house())


def only(reflex: Reflex, text: str, language: str = "en") -> Intent:
    intents = reflex.match(text, language).intents
    assert len(intents) == 1, intents
    return intents[0]


@pytest.mark.parametrize(
    ("language", "text", "name", "entity"),
    [
        ("en", "Turn on the kitchen light.", "HassTurnOn", "light.kitchen_light"),
        ("en", "Could you switch the light in the bedroom off, please?", "HassTurnOff", "light.bedroom_light"),
        ("en", "lock the front door", "HassTurnOn", "lock.front_door"),
        ("en", "unlock the front door", "HassTurnOff", "lock.front_door"),
        ("en", "close the garage door", "HassTurnOff", "cover.garage_door"),
        ("en", "stop the blinds", "HassStopMoving", "cover.living_room_blinds"),
        ("en", "movie night", "HassTurnOn", "scene.movie_night"),
        ("en", "turn off the lounge light", "HassTurnOff", "light.living_room_light"),
        ("en", "pop the heating on", "HassTurnOn", "climate.thermostat"),
        ("en", "make sure the front door is locked", "HassTurnOn", "lock.front_door"),
        ("en", "let's get the garage closed", "HassTurnOff", "cover.garage_door"),
        ("en", "can we have the blinds closed?", "HassTurnOff", "cover.living_room_blinds"),
        ("en", "turn off the lamp", "HassTurnOff", "light.reading_lamp"),
        ("en", "It'd be great if you'd lower the blinds.", "HassTurnOff", "cover.living_room_blinds"),
        ("en", "we don't need the kitchen light anymore, turn it off", "HassTurnOff", "light.kitchen_light"),
        ("en", "undo the front door lock", "HassTurnOff", "lock.front_door"),
        ("en", "I'd like the front door unlocked", "HassTurnOff", "lock.front_door"),
        ("en", "draw the curtains in the lounge", "HassTurnOff", "cover.living_room_blinds"),
        ("en", "draw the blinds open", "HassTurnOn", "cover.living_room_blinds"),
        ("en", "the kitchen light should be off", "HassTurnOff", "light.kitchen_light"),
        ("en", "the sun is in my eyes, close the blinds", "HassTurnOff", "cover.living_room_blinds"),
        ("en", "turn on the kitchen light, no, the reading lamp", "HassTurnOn", "light.reading_lamp"),
        ("en", "stop the garage", "HassStopMoving", "cover.garage_door"),
        ("it", "Accendi la luce della cucina.", "HassTurnOn", "light.kitchen_light"),
        ("it", "mi chiudi a chiave la porta di casa?", "HassTurnOn", "lock.front_door"),
        ("it", "tira giù le tapparelle", "HassTurnOff", "cover.living_room_blinds"),
        ("it", "fai partire il robot", "HassVacuumStart", "vacuum.robot_vacuum"),
        ("it", "manda il robot a casa", "HassVacuumReturnToBase", "vacuum.robot_vacuum"),
    ],
)
def test_a_named_thing(reflex: Reflex, language: str, text: str, name: str, entity: str) -> None:
    assert only(reflex, text, language) == Intent(name, Target(ids=(entity,)))


@pytest.mark.parametrize(
    ("language", "text", "slots"),
    [
        ("en", "set the thermostat to twenty one point five degrees", {"temperature": 21.5}),
        ("en", "turn the heating down two degrees", {"temperature_step": -2}),
        ("en", "dim the reading lamp to 20%", {"brightness": 20}),
        ("en", "lower the reading lamp by 20 percent", {"brightness_step": -20}),
        ("en", "make the living room light blue", {"color": "blue"}),
        ("en", "open the blinds halfway", {"position": 50}),
        ("en", "set heating to auto", {"hvac_mode": "auto"}),
        ("en", "drop the temperature by half a degree", {"temperature_step": -0.5}),
        ("en", "turn the bedroom fan up", {"percentage_step": 25}),
        ("en", "give me a bit more light in the kitchen", {"brightness_step": 20}),
        ("en", "kitchen light up ten percent", {"brightness_step": 10}),
        ("en", "kitchen light up to ten percent", {"brightness": 10}),
        ("en", "can the living room light go violet?", {"color": "violet"}),
        ("en", "open the blinds a third", {"position": 33}),
        ("en", "take the heating down by a degree and a half", {"temperature_step": -1.5}),
        ("en", "slow the bedroom fan down", {"percentage_step": -25}),
        ("en", "bedroom fan to a hundred percent", {"percentage": 100}),
        ("en", "set the thermostat to 20, no, 21 degrees", {"temperature": 21}),
        ("it", "imposta il termostato a ventuno gradi e mezzo", {"temperature": 21.5}),
        ("it", "metti la luce del soggiorno blu", {"color": "blue"}),
        ("it", "abbassa la lampada da lettura del 10 per cento", {"brightness_step": -10}),
    ],
)
def test_values(reflex: Reflex, language: str, text: str, slots: dict[str, object]) -> None:
    assert only(reflex, text, language).slots == slots


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("turn off the lights", Target(domain="light", here=True)),
        ("turn off all the lights", Target(domain="light", everywhere=True)),
        ("turn off the lights upstairs", Target(domain="light", floor="First floor")),
        ("turn off the lights in the lounge", Target(domain="light", area="Living Room")),
        ("turn everything off", Target(everywhere=True)),
        (
            "all the lights off except the reading lamp",
            Target(domain="light", everywhere=True, excluded=("light.reading_lamp",)),
        ),
    ],
)
def test_places(reflex: Reflex, text: str, target: Target) -> None:
    assert only(reflex, text) == Intent("HassTurnOff", target)


def test_the_second_half_inherits_the_verb(reflex: Reflex) -> None:
    intents = reflex.match("turn off the coffee machine and the kitchen light", "en").intents
    assert [(intent.name, intent.target.ids) for intent in intents] == [
        ("HassTurnOff", ("switch.coffee_machine",)),
        ("HassTurnOff", ("light.kitchen_light",)),
    ]


def test_the_big_light_is_no_lamp(reflex: Reflex) -> None:
    assert only(reflex, "put the big light on").target.excluded == ("light.reading_lamp",)
    assert only(reflex, "put the light on").target.excluded == ()


def test_three_orders(reflex: Reflex) -> None:
    intents = reflex.match("open the garage, turn on the kitchen light and start the coffee machine", "en").intents
    assert [intent.target.ids[0] for intent in intents] == [
        "cover.garage_door",
        "light.kitchen_light",
        "switch.coffee_machine",
    ]


def test_an_order_lends_no_noun_to_another(reflex: Reflex) -> None:
    closing, _ = reflex.match("close the garage and turn off the bedroom lights", "en").intents
    assert closing == Intent("HassTurnOff", Target(ids=("cover.garage_door",)))


def test_both_halves_or_nothing(reflex: Reflex) -> None:
    assert reflex.match("turn off the kitchen light and order a pizza", "en").intents == ()


def test_a_question_only_reads(reflex: Reflex) -> None:
    assert only(reflex, "is the garage door open?") == Intent(
        "HassGetState", Target(ids=("cover.garage_door",)), {"question": "one_yesno", "state": "open"}
    )
    assert only(reflex, "quante luci sono accese?", "it").slots == {"question": "how_many", "state": "on"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I'm leaving home"),
        ("en", "it's cold"),
        ("en", "what is the capital of France"),
        ("en", "tell me a joke"),
        ("en", "don't open the garage door"),
        ("en", "turn on the kitchen light in ten minutes"),
        ("en", "if it gets dark turn on the lights"),
        ("en", "the lights were off"),
        ("en", "turn on the light at 7"),
        ("en", "open the bathroom blinds"),
        ("en", "someone opened the garage door"),
        ("en", "what a bright room"),
        ("en", "is the back door locked"),
        ("en", "unlocked the front door"),
        ("en", "close the gate"),
        ("en", "is the gate open"),
        ("en", "open the awning"),
        ("en", "we don't need to turn off the lights"),
        ("en", "should I turn off the lights?"),
        ("en", "the kitchen light needs a new bulb"),
        ("it", "ho freddo"),
        ("it", "non aprire il garage"),
        ("it", "mi piace la luce del soggiorno"),
        ("it", "quando esco spegni le luci"),
        ("it", "vado in cucina"),
    ],
)
def test_left_to_the_brain(reflex: Reflex, language: str, text: str) -> None:
    assert reflex.match(text, language).intents == ()


async def test_a_new_name_is_known_once_it_is_learnt() -> None:
    """Meanwhile the old names go on answering."""
    house = demo_house()
    reflex = Reflex(house)
    assert reflex.match("turn on the toaster", "en").intents == ()
    house.things = [*house.things, type(house.things[0])("switch.toaster", "Toaster", "Kitchen")]
    house.revision += 1
    learning = asyncio.create_task(reflex.prepare("en"))
    await asyncio.sleep(0)
    assert only(reflex, "turn on the kitchen light").target.ids == ("light.kitchen_light",)
    await learning
    assert only(reflex, "turn on the toaster").target.ids == ("switch.toaster",)


async def test_what_was_removed_is_found_missing() -> None:
    house = demo_house()
    reflex = Reflex(house)
    await reflex.prepare("en")
    house.things = [thing for thing in house.things if thing.id != "light.reading_lamp"]
    house.revision += 1
    with pytest.raises(NotFound):
        resolve(only(reflex, "turn on the reading lamp"), house, None, "en")
    await reflex.prepare("en")
    assert reflex.match("turn on the reading lamp", "en").intents == ()


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("turn on the kitchen light", True),
        ("turn on the light", False),
        ("turn on the kitchen", False),
        ("turn on the light in the", False),
        ("turn on the kitchen light and", False),
        ("set the thermostat to 20", False),
        ("set the thermostat to 20 degrees", True),
    ],
)
def test_complete(reflex: Reflex, text: str, complete: bool) -> None:
    assert reflex.complete(text, "en") is complete


def test_a_skill_brings_its_own_sentences(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "tea.yaml").write_text(
        "language: en\nintents:\n  MakeTea:\n    data:\n      - sentences: ['brew [me] [some] tea']\n"
    )
    assert only(Reflex(demo_house(), [tmp_path]), "brew me some tea.") == Intent("MakeTea")


def test_chinese_by_home_assistants_templates() -> None:
    reflex = Reflex(demo_house(), [Path(__file__).parents[2] / "skills" / "sentences"])
    assert only(reflex, "锁上前门", "zh") == Intent("HassTurnOn", Target(ids=("lock.front_door",)))
    assert only(reflex, "打开客厅的灯", "zh") == Intent("HassTurnOn", Target(area="Living Room", domain="light"))
    assert reflex.match("法国的首都是哪里", "zh").intents == ()
