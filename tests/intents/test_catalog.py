"""Skill files: loaded, checked, told to the model, and asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import skills
from assistant.errors import Missing, NotPossible, NotUnderstood, OutOfRange
from assistant.intents.catalog import Catalog
from assistant.models import Action, Reply, Resolved, Value
from assistant.skill import Speaker
from tests.fakes import FakeHouse, thing

OWN = Path(skills.__path__[0])

SPRINKLERS = '''
"""Garden sprinklers."""
from assistant.skill import Action, Percent, Reply, Skill, Speaker, Targets, intent

class Sprinklers(Skill):
    domain = "sprinkler"

    @intent("SprinkleFor")
    async def sprinkle(self, targets: Targets, speaker: Speaker, minutes: int, strength: Percent = 50) -> Reply:
        """Water the garden."""
        return Reply(speech=f"{speaker.room}: {minutes} at {strength}")

    @intent("SprinkleCount")
    async def count(self) -> Reply:
        """Count the sprinklers."""
        return Reply(speech="three")
'''

BROKEN = {
    "syntax.py": "def (",
    "imports.py": "import no_such_module",
    "raises.py": "raise SystemExit(3)",
    "empty.py": "",
    "two.py": "from assistant.skill import Skill\nclass A(Skill): ...\nclass B(Skill): ...",
    "nothing.py": "from assistant.skill import Skill\nclass A(Skill): ...",
    "unsure.py": SPRINKLERS.replace("minutes: int", "minutes"),
    "not_async.py": SPRINKLERS.replace("async def", "def"),
    "no_reply.py": SPRINKLERS.replace("-> Reply", "-> str"),
    "star.py": SPRINKLERS.replace("minutes: int,", "*minutes: int,"),
    "odd_type.py": SPRINKLERS.replace("minutes: int", "minutes: object.__class__.__subclasses__"),
    "same.py": SPRINKLERS.replace('"SprinkleFor"', '"HassTurnOn"').replace('"sprinkler"', '"light"'),
}


def catalog(house: FakeHouse | None = None, *more: Path) -> Catalog:
    return Catalog.load([OWN, *more], house or FakeHouse())


async def ask(intent: str, *ids: str, house: FakeHouse | None = None, **slots: Value) -> Reply:
    house = house or FakeHouse()
    entities = tuple(entity for entity_id in ids if (entity := house.entity(entity_id)))
    assert len(entities) == len(ids)
    return await catalog(house).handle(Resolved(intent, entities, slots), Speaker())


def test_our_own_skills_all_load() -> None:
    assert catalog().broken == ()


def test_a_broken_file_is_reported_and_the_rest_runs(tmp_path: Path) -> None:
    for name, text in BROKEN.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "sprinklers.py").write_text(SPRINKLERS, encoding="utf-8")
    (tmp_path / "_private.py").write_text("def (", encoding="utf-8")

    loaded = catalog(None, tmp_path)

    assert sorted(error.reason.split(":")[0] for error in loaded.broken) == sorted(BROKEN)
    assert "SprinkleFor" in {tool.intent for tool in loaded.tools()}
    same = next(error.reason for error in loaded.broken if error.reason.startswith("same.py"))
    assert same == "same.py: HassTurnOn for light is already in lights.py"


async def test_a_users_skill_is_told_who_asks_and_gets_its_slots(tmp_path: Path) -> None:
    (tmp_path / "sprinklers.py").write_text(SPRINKLERS, encoding="utf-8")
    house = FakeHouse()
    house.add(garden := thing("sprinkler.garden", None))
    loaded = catalog(house, tmp_path)
    reply = await loaded.handle(Resolved("SprinkleFor", (garden,), {"minutes": "5"}), Speaker("en", "Kitchen"))
    assert reply.speech == "Kitchen: 5 at 50"
    with pytest.raises(Missing, match="minutes"):
        await loaded.handle(Resolved("SprinkleFor", (garden,), {}), Speaker())
    assert (await loaded.handle(Resolved("SprinkleCount"), Speaker())).speech == "three"


def test_tools_tell_the_model_what_the_signature_says() -> None:
    tools = {tool.intent: tool for tool in catalog().tools()}
    light = tools["HassLightSet"]
    assert light.domains == ("light",)
    assert light.arguments["brightness"] == {
        "type": "integer", "minimum": 0, "maximum": 100, "description": "percent",
    }  # fmt: skip
    assert light.required == ()
    assert light.help == "Change how lights shine."
    assert tools["HassSetPosition"].required == ("position",)
    assert {"light", "lock", "cover", "climate"} <= set(tools["HassTurnOn"].domains)
    assert tools["HassGetState"].question
    assert {"sensor", "binary_sensor", "light"} <= set(tools["HassGetState"].domains)
    assert not tools["HassTurnOn"].question
    assert "HassGetCurrentTime" not in tools, "people ask for it in set phrases only"


async def test_targets_go_to_the_skill_of_their_domain() -> None:
    reply = await ask("HassTurnOn", "light.kitchen_light", "lock.front_door", "cover.garage_door", "scene.movie_night")
    assert reply.actions == (
        Action("light.kitchen_light", "turn_on"),
        Action("lock.front_door", "lock"),
        Action("cover.garage_door", "open_cover"),
        Action("scene.movie_night", "turn_on"),
    )


async def test_numbers_written_as_words_of_digits_are_numbers() -> None:
    reply = await ask("HassLightSet", "light.kitchen_light", brightness="40")
    assert reply.actions == (Action("light.kitchen_light", "turn_on", {"brightness": 40}),)


async def test_a_domain_that_nobody_serves_for_this_intent_is_not_possible() -> None:
    with pytest.raises(NotPossible, match=r"sensor\.bedroom_temperature"):
        await ask("HassTurnOn", "light.kitchen_light", "sensor.bedroom_temperature")


async def test_unknown_intents_slots_and_values_are_named() -> None:
    with pytest.raises(NotUnderstood, match="HassDance"):
        await ask("HassDance", "light.kitchen_light")
    with pytest.raises(NotPossible, match="wattage"):
        await ask("HassLightSet", "light.kitchen_light", wattage=3)
    with pytest.raises(NotUnderstood, match="brightness"):
        await ask("HassLightSet", "light.kitchen_light", brightness="very")
    with pytest.raises(Missing, match="position"):
        await ask("HassSetPosition", "cover.living_room_blinds")
    with pytest.raises(NotUnderstood, match="HassTurnOn"):
        await ask("HassTurnOn")


async def test_what_is_beyond_a_range_is_said_with_the_range() -> None:
    with pytest.raises(OutOfRange) as raised:
        await ask("HassLightSet", "light.kitchen_light", brightness=140)
    assert (raised.value.say.values["minimum"], raised.value.say.values["maximum"]) == (0, 100)
    with pytest.raises(OutOfRange) as raised:
        await ask("HassClimateSetTemperature", "climate.thermostat", temperature=45)
    assert (raised.value.say.values["minimum"], raised.value.say.values["maximum"]) == (7, 30)
    assert raised.value.say.values["unit"] == "°C"
    with pytest.raises(OutOfRange):
        await ask("HassLightSet", "light.living_room_light", temperature=9000)


async def test_a_mode_that_the_device_lacks_is_said_with_those_it_has() -> None:
    with pytest.raises(NotPossible) as raised:
        await ask("HassClimateSetHvacMode", "climate.thermostat", hvac_mode="cool")
    assert raised.value.say.values["options"] == ("off", "heat")
