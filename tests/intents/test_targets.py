"""Who is meant: ids, names, rooms, floors, kinds, here, everywhere; and a question rather than a guess."""

from __future__ import annotations

import pytest

from assistant.errors import Ambiguous, NotFound
from assistant.intents.targets import resolve
from assistant.models import Intent, Target, Value
from tests.fakes import FakeHouse, thing


def meant(target: Target, intent: str = "HassTurnOn", room: str | None = None, language: str = "en",
          house: FakeHouse | None = None, **slots: Value) -> list[str]:  # fmt: skip
    resolved = resolve(Intent(intent, target, slots), house or FakeHouse(), room, language)
    return [entity.id for entity in resolved.targets]


@pytest.mark.parametrize(
    "name", ["Reading Lamp", "reading lamp", "the reading lamp", "la lampada da lettura", "Lampada  da lettura"]
)
def test_a_name_is_found_in_any_language_without_its_article(name: str) -> None:
    assert meant(Target(name=name)) == ["light.reading_lamp"]


def test_an_elided_article_is_an_article() -> None:
    assert meant(Target(area="ingresso", domain="lock")) == ["lock.front_door"]
    assert meant(Target(area="l’ingresso", domain="lock")) == ["lock.front_door"]


def test_an_unknown_name_is_said_back() -> None:
    with pytest.raises(NotFound) as raised:
        meant(Target(name="disco ball"))
    assert raised.value.say.values["kind"] == "device"
    assert raised.value.say.values["name"] == "disco ball"


def test_a_name_in_another_room_is_not_taken() -> None:
    with pytest.raises(NotFound):
        meant(Target(name="reading lamp", area="kitchen"))


def two_lamps() -> FakeHouse:
    house = FakeHouse()
    house.add(thing("light.lamp_1", "Bedroom"), thing("light.lamp_2", "Kitchen"))
    for entity_id in ("light.lamp_1", "light.lamp_2"):
        lamp = house.entity(entity_id)
        assert lamp is not None
        house.add(type(lamp)(lamp.id, "Desk Lamp", lamp.room))
    return house


def test_two_of_the_same_name_are_a_question() -> None:
    with pytest.raises(Ambiguous) as raised:
        meant(Target(name="desk lamp"), house=two_lamps())
    assert raised.value.say.values["names"] == ("Desk Lamp", "Desk Lamp")


def test_of_two_of_the_same_name_the_one_in_the_room_is_meant() -> None:
    assert meant(Target(name="desk lamp"), house=two_lamps(), room="Bedroom") == ["light.lamp_1"]
    assert meant(Target(name="desk lamp", area="kitchen"), house=two_lamps(), room="Bedroom") == ["light.lamp_2"]


def test_ids_win_over_everything_else() -> None:
    assert meant(Target(ids=("light.kitchen_light",), area="bedroom", domain="lock")) == ["light.kitchen_light"]
    with pytest.raises(NotFound):
        meant(Target(ids=("light.of_my_life",)))


def test_the_lights_of_a_room_are_all_of_them() -> None:
    both = ["light.living_room_light", "light.reading_lamp"]
    assert meant(Target(area="living room", domain="light")) == both
    assert meant(Target(area="lounge", domain="light")) == both
    assert meant(Target(area="客厅", domain="light")) == both


def test_a_room_alone_means_its_lights() -> None:
    assert meant(Target(area="kitchen"), "HassTurnOff") == ["light.kitchen_light"]


def test_a_floor_means_its_rooms() -> None:
    assert meant(Target(floor="upstairs", domain="light")) == ["light.bedroom_light"]
    assert meant(Target(floor="di sopra", domain="light")) == ["light.bedroom_light"]


def test_unknown_rooms_and_floors_are_said_back() -> None:
    with pytest.raises(NotFound) as raised:
        meant(Target(area="attic", domain="light"))
    assert (raised.value.say.values["kind"], raised.value.say.values["name"]) == ("room", "attic")
    with pytest.raises(NotFound) as raised:
        meant(Target(floor="cellar", domain="light"))
    assert raised.value.say.values["kind"] == "floor"


def test_a_room_without_such_a_thing_is_said_back() -> None:
    with pytest.raises(NotFound) as raised:
        meant(Target(area="kitchen", domain="lock"))
    assert raised.value.say.values == {"kind": "lock", "name": "lock", "place": "kitchen"}


def test_here_is_the_room_of_the_speaker() -> None:
    assert meant(Target(domain="light", here=True), room="Bedroom") == ["light.bedroom_light"]
    assert meant(Target(domain="light", here=True), room="la camera") == ["light.bedroom_light"]


def test_the_only_one_of_the_house_is_meant_from_everywhere() -> None:
    assert meant(Target(domain="lock", here=True), room="Bedroom") == ["lock.front_door"]
    assert meant(Target(domain="lock")) == ["lock.front_door"]


def test_one_of_many_is_never_guessed() -> None:
    with pytest.raises(Ambiguous) as raised:
        meant(Target(domain="light", here=True), room="Hallway", language="it")
    assert "la luce della cucina" in raised.value.say.values["names"]  # type: ignore[operator]
    with pytest.raises(Ambiguous):
        meant(Target(domain="light"))


def test_everywhere_is_everywhere_but_for_what_was_excluded() -> None:
    found = meant(Target(domain="light", everywhere=True, excluded=("light.kitchen_light",)))
    assert len(found) == 4
    assert "light.kitchen_light" not in found


def test_turning_everything_off_unlocks_and_closes_nothing() -> None:
    found = meant(Target(everywhere=True), "HassTurnOff")
    assert {entity_id.partition(".")[0] for entity_id in found} == {"light", "switch", "fan"}


def test_hidden_things_answer_to_their_name_only() -> None:
    assert meant(Target(name="router uptime"), "HassGetState") == ["sensor.router_uptime"]
    assert "sensor.router_uptime" not in meant(Target(domain="sensor"), "HassGetState", question="which")


def test_window_coverings_are_not_kept_apart_by_their_makers_words() -> None:
    assert meant(Target(domain="cover", device_class="curtain", area="living room")) == ["cover.living_room_blinds"]
    assert meant(Target(domain="cover", device_class="shutter"), room="Bedroom") == ["cover.living_room_blinds"]
    with pytest.raises(NotFound):
        meant(Target(domain="cover", device_class="awning", area="garage"))


def test_the_door_of_the_garage_is_the_garage_door() -> None:
    assert meant(Target(domain="cover", device_class="door", area="garage")) == ["cover.garage_door"]


def test_a_window_asked_about_is_the_sensor_on_it() -> None:
    assert meant(Target(device_class="window", domain="binary_sensor"), "HassGetState") == [
        "binary_sensor.bedroom_window"
    ]
    assert meant(Target(device_class="window"), "HassGetState") == ["binary_sensor.bedroom_window"]


def test_intents_imply_their_kind() -> None:
    assert meant(Target(), "HassClimateSetTemperature") == ["climate.thermostat"]
    assert meant(Target(area="bedroom"), "HassClimateGetTemperature") == ["sensor.bedroom_temperature"]
    assert meant(Target(area="living room"), "HassClimateGetTemperature") == ["climate.thermostat"]
    assert meant(Target(area="kitchen"), "HassLightSet") == ["light.kitchen_light"]
    assert meant(Target(), "HassVacuumStart") == ["vacuum.robot_vacuum"]


def test_intents_without_a_target_have_none() -> None:
    assert meant(Target(), "HassGetCurrentTime", room="Kitchen") == []
    assert meant(Target(), "HassNevermind") == []


def test_questions_about_a_kind_are_about_the_whole_house() -> None:
    assert len(meant(Target(domain="light"), "HassGetState", room="Kitchen", state="on", question="any")) == 5
    assert meant(Target(domain="light", here=True), "HassGetState", room="Kitchen", state="on", question="any") == [
        "light.kitchen_light"
    ]


def test_extremes_are_sought_among_thermostats_too_and_averages_not() -> None:
    anywhere = Target(domain="sensor", device_class="temperature", everywhere=True)
    measuring = ["sensor.bedroom_temperature", "climate.thermostat"]
    assert meant(anywhere, "HassGetState", question="highest") == measuring
    assert meant(anywhere, "HassGetState", question="lowest") == measuring
    assert meant(anywhere, "HassGetState", question="average") == ["sensor.bedroom_temperature"]
