"""What people really go on to say: whole dialogues, judged by how the house stands afterwards."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant import yaml_files
from assistant.models import State, Turn
from tests.fakes import ENTITIES, STATES, FakeHouse, thing
from tests.stories import House

FOLDER = Path(__file__).parent / "sentences"

LAMPS = (
    thing("light.small_lamp", "Living Room", "la lampada bassa", "brightness"),
    thing("light.tall_lamp", "Living Room", "la lampada alta", "brightness"),
)


def dialogues(language: str) -> list[Any]:
    files = (FOLDER / f"dialogues_{language}.yaml", FOLDER / f"dialogues_more_{language}.yaml")
    rows = [row for file in files for row in yaml_files.read(file)]
    return [pytest.param(language, row, id=f"{language}: {' '.join(row['say'])}") for row in rows]


@cache
def house_with(lamps: bool) -> House:
    """Its reflex learns once; every dialogue is a session of its own in a house as it was at first."""
    if not lamps:
        return House()
    others = [entity for entity in ENTITIES if entity.domain != "light"]
    return House(devices=FakeHouse([*others, *LAMPS]))


def house_for(row: dict[str, Any]) -> House:
    house = house_with(row.get("house") == "lamps")
    house.devices.states = {name: State(name, value, attributes) for name, (value, attributes) in STATES.items()}
    for lamp in LAMPS if row.get("house") == "lamps" else ():
        house.devices.report(lamp.id, "off")
    house.spoken.clear()
    return house


@pytest.mark.parametrize(("language", "row"), [*dialogues("en"), *dialogues("it")])
async def test_a_dialogue(language: str, row: dict[str, Any]) -> None:
    house = house_for(row)
    for text in row["say"]:
        turn = await house.say(text, language, row.get("room"), session=" ".join(row["say"]))
    assert_stands(house, row["then"])
    assert_said(turn, row)


def assert_stands(house: House, then: dict[str, Any]) -> None:
    """The expected changes and no others."""
    changed = {name for name, state in house.devices.states.items() if state.value != value_at_first(name)}
    wanted = {name for name, each in then.items() if isinstance(each, str)}
    values = {name: house.devices.states[name].value for name in changed}
    assert {name: values.get(name) for name in wanted} == {name: then[name] for name in wanted}, house.spoken
    assert changed <= set(then), (values, house.spoken)
    for name, attributes in then.items():
        for attribute, expected in attributes.items() if isinstance(attributes, dict) else ():
            now = house.devices.states[name].attributes.get(attribute)
            assert fits(now, expected), (name, attribute, now, house.spoken)


def value_at_first(name: str) -> str:
    return STATES[name][0] if name in STATES else "off"


def fits(now: object, expected: str) -> bool:
    sign, value = expected[0], expected[1:]
    if sign == "=":
        return str(now).removesuffix(".0") == value
    assert isinstance(now, int | float)
    return now > float(value) if sign == ">" else now < float(value)


def assert_said(turn: Turn, row: dict[str, Any]) -> None:
    if "says" in row:
        assert re.search(row["says"], turn.reply, re.IGNORECASE), turn.reply
    if "waits" in row:
        assert turn.expects_answer is row["waits"]
