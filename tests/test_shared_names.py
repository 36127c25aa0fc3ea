"""A name that two devices share is a question, never a guess; a name for several devices means all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.models import Entity, Intent, Plan, Target
from tests.fakes import FakeBrain, FakeHouse, thing
from tests.stories import House

CALLED = {"it": ("la lampada da tavolo",), "zh": ("台灯",)}


def called_alike(*things: tuple[str, str | None], name: str = "Desk Lamp", **more: object) -> House:
    """(entity id, room) of devices that share a name."""
    devices = FakeHouse()
    for entity_id, room in things:
        devices.add(replace(thing(entity_id, room, "", "brightness"), name=name, aliases=CALLED))
        devices.report(entity_id, "off", brightness=10)
    return House(devices=devices, **more)  # type: ignore[arg-type]


TWO = (("light.lamp_1", "Bedroom"), ("light.lamp_2", "Kitchen"))


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("turn on the desk lamp", "Which desk lamp do you mean: the one in the bedroom or the one in the kitchen?"),
        ("dim the desk lamp to 20%", "Which desk lamp do you mean: the one in the bedroom or the one in the kitchen?"),
        ("is the desk lamp on?", "Which desk lamp do you mean: the one in the bedroom or the one in the kitchen?"),
        ("accendi la lampada da tavolo",
         "Quale lampada da tavolo intendi: quella in camera da letto o quella in cucina?"),
        ("打开台灯", "你指的是哪一个台灯：卧室的还是厨房的？"),
    ],
)  # fmt: skip
async def test_it_is_asked_which(said: str, asked: str) -> None:
    house = called_alike(*TWO)
    await house.say(said, language="zh" if said.startswith("打") else None)

    assert house.spoken == [asked]
    assert house.published == []


async def test_the_room_that_is_said_tells() -> None:
    house = called_alike(*TWO)
    await house.say("turn on the desk lamp in the kitchen", room="Bedroom")
    assert house.published == [("lamp_2/set", "ON")]


async def test_else_the_room_of_the_speaker_tells() -> None:
    house = called_alike(*TWO)
    await house.say("turn on the desk lamp", room="Bedroom")
    assert house.published == [("lamp_1/set", "ON")]


async def test_a_lamp_and_a_plug_of_one_name_are_told_apart_by_what_they_are() -> None:
    house = called_alike(("light.lamp", "Bedroom"), ("switch.lamp", "Bedroom"))
    await house.say("turn on the desk lamp")
    assert house.spoken == ["Which desk lamp do you mean: the light or the switch?"]
    assert house.published == []

    await house.say("dim the desk lamp to 20%")
    assert house.published == [("lamp/set", "ON")], "only one of them can be dimmed"


async def test_what_nothing_tells_apart_needs_another_name() -> None:
    house = called_alike(("light.lamp_1", "Bedroom"), ("light.lamp_2", "Bedroom"))
    await house.say("turn on the desk lamp")
    assert house.spoken == [
        "2 things are called desk lamp, and nothing tells them apart: give each a name of its own in config.yaml."
    ]


async def test_a_third_is_told_by_its_room_too() -> None:
    house = called_alike(*TWO, ("light.lamp_3", "Living Room"))
    await house.say("turn on the desk lamp")
    assert house.spoken == [
        "Which desk lamp do you mean: the one in the bedroom, the one in the kitchen or the one in the living room?"
    ]


async def test_one_that_is_hidden_does_not_count() -> None:
    house = called_alike(("light.lamp_1", "Bedroom"))
    house.devices.add(Entity("light.lamp_2", "Desk Lamp", hidden=True))
    await house.say("turn on the desk lamp")
    assert house.published == [("lamp_1/set", "ON")]


def plan(*ids: str) -> FakeBrain:
    return FakeBrain(Plan((Intent("HassTurnOn", Target(ids=ids)),)))


async def test_the_model_does_not_choose_either() -> None:
    """It is shown both, and would just take one."""
    house = called_alike(*TWO, brain=plan("light.lamp_2"))
    turn = await house.say("I would be so glad if the desk lamp gave me some light")
    assert turn.path == "brain"
    assert house.spoken == ["Which desk lamp do you mean: the one in the bedroom or the one in the kitchen?"]
    assert house.published == []


@pytest.mark.parametrize(
    ("said", "room", "ids"),
    [
        ("I would be so glad if the desk lamp in the kitchen gave me some light", "Bedroom", ("light.lamp_2",)),
        ("I would be so glad if the desk lamp gave me some light", "Kitchen", ("light.lamp_2",)),
        ("I would be so glad if both, each desk lamp, gave me some light", None, ("light.lamp_1", "light.lamp_2")),
        ("I would be so glad about some light to write by", "Kitchen", ("light.lamp_2",)),
    ],
)
async def test_the_model_may_where_it_was_told(said: str, room: str | None, ids: tuple[str, ...]) -> None:
    house = called_alike(*TWO, brain=plan(*ids))
    await house.say(said, room=room)
    assert [action.entity_id for action in house.commands.performed] == list(ids)


# ── groups ───────────────────────────────────────────────────────────────────────────────


def christmas(*members: str, domain: str = "light", **more: object) -> House:
    devices = FakeHouse()
    devices.add(
        Entity(f"{domain}.group_christmas", "Christmas Lights", aliases={"it": ("le luci di Natale",)},
               features=frozenset({"brightness"}), hidden=True, members=members)
    )  # fmt: skip
    return House(devices=devices, **more)  # type: ignore[arg-type]


LAMPS = ("light.reading_lamp", "light.kitchen_light")
MIXED = ("light.reading_lamp", "switch.coffee_machine", "switch.freezer")


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("turn on the Christmas lights", "The reading lamp and the kitchen light are on."),
        ("accendi le luci di natale", "Ho acceso la lampada da lettura e la luce della cucina."),
        ("set the Christmas lights to 30%", "The reading lamp and the kitchen light are at 30%."),
    ],
)
async def test_a_command_reaches_every_member(said: str, reply: str) -> None:
    house = christmas(*LAMPS)
    await house.say(said)
    assert [action.entity_id for action in house.commands.performed] == list(LAMPS)
    assert house.spoken == [reply]


async def test_each_member_has_to_confirm_it() -> None:
    house = christmas(*LAMPS)
    house.commands.silent.add("light.kitchen_light")
    await house.say("turn on the Christmas lights")
    assert house.spoken == ["The reading lamp is on. I sent it, but the kitchen light has not answered."]


async def test_a_critical_member_asks() -> None:
    house = christmas(*MIXED, domain="switch")
    await house.say("turn off the Christmas lights")
    assert house.spoken == ["The reading lamp and the coffee machine are off. Shall I turn off the freezer?"]
    assert ("freezer/set", "OFF") not in house.published


async def test_a_member_that_is_not_there_is_missed_aloud() -> None:
    house = christmas("light.reading_lamp", "light.star")
    turn = await house.say("turn on the Christmas lights")
    assert house.published == [("reading_lamp/set", "ON")]
    assert house.spoken[0].startswith("The reading lamp is on.")
    assert "light.star" in house.spoken[0]
    assert [outcome.verdict.kind for outcome in turn.outcomes] == ["allowed", "denied"]


async def test_the_lights_are_not_doubled_by_a_groups_name() -> None:
    house = christmas(*LAMPS)
    await house.say("turn on all the lights")
    assert sorted(action.entity_id for action in house.commands.performed) == [
        "light.bedroom_light", "light.garage_light", "light.kitchen_light", "light.living_room_light",
        "light.reading_lamp",
    ]  # fmt: skip


async def test_all_but_the_group_leaves_its_members_alone() -> None:
    house = christmas(*LAMPS)
    await house.say("turn off all lights except the Christmas lights")
    assert not {action.entity_id for action in house.commands.performed} & set(LAMPS)
    assert len(house.published) == 3


async def test_a_question_about_a_group_is_about_its_members() -> None:
    house = christmas(*LAMPS)
    house.devices.report("light.kitchen_light", "on")
    await house.say("are the Christmas lights on?")
    assert house.spoken == ["The kitchen light is on."]


async def test_the_model_may_use_the_name_of_a_group() -> None:
    house = christmas(*LAMPS, brain=plan("light.group_christmas"))
    await house.say("turn on the Christmas lights, it is the first of December and I feel like it")
    assert [action.entity_id for action in house.commands.performed] == list(LAMPS)
