"""The virtual house announces itself and obeys as real devices do, on the broker that comes with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.config import ConfirmSettings, MqttSettings
from assistant.demo.broker import EmbeddedBroker
from assistant.demo.house import VirtualHouse
from assistant.errors import HouseUnreachable
from assistant.home.home import Home
from assistant.models import Action, Allowed, Outcome, Value
from tests.brokers import Mosquitto, free_port, until

EXPECTED = {
    "binary_sensor.bedroom_window": "Bedroom", "binary_sensor.hallway_motion": "Hallway",
    "climate.thermostat": "Living Room", "cover.garage_door": "Garage", "cover.living_room_blinds": "Living Room",
    "fan.bedroom_fan": "Bedroom", "light.bedroom_light": "Bedroom", "light.kitchen_light": "Kitchen",
    "light.living_room_light": "Living Room", "light.reading_lamp": "Living Room", "lock.front_door": "Hallway",
    "scene.movie_night": None, "sensor.bedroom_humidity": "Bedroom", "sensor.bedroom_temperature": "Bedroom",
    "sensor.living_room_brightness": "Living Room", "switch.coffee_machine": "Kitchen",
    "vacuum.robot_vacuum": "Living Room",
}  # fmt: skip


@pytest.fixture
async def home(any_broker: Mosquitto | EmbeddedBroker) -> AsyncIterator[Home]:
    async with VirtualHouse(any_broker.host, any_broker.port) as devices:
        mqtt = MqttSettings(host=any_broker.host, port=any_broker.port)
        async with Home(mqtt, ConfirmSettings(), devices.settings) as home:
            await home.settled()
            yield home


async def do(home: Home, entity_id: str, service: str, **arguments: Value) -> Outcome:
    return await home.perform(Allowed(Action(entity_id, service, arguments)))


async def test_it_introduces_itself(home: Home) -> None:
    assert {entity.id: entity.room for entity in home.entities()} == EXPECTED
    assert home.left_out == {}
    assert {room.name: room.floor for room in home.rooms} == {
        "Kitchen": "Ground floor",
        "Living Room": "Ground floor",
        "Hallway": "Ground floor",
        "Garage": "Ground floor",
        "Bedroom": "First floor",
    }
    for entity in home.entities():
        state = home.state(entity.id)
        assert state.available, entity.id
        assert (state.value is None) is (entity.domain == "scene"), entity.id
    lamp = home.entity("light.living_room_light")
    assert lamp is not None
    assert lamp.features == {"brightness", "color", "color_temperature"}
    assert lamp.spoken("it") == "la luce del soggiorno"
    garage = home.entity("cover.garage_door")
    assert garage is not None
    assert garage.device_class == "garage"


TOLD: list[tuple[str, str, dict[str, Value], str, dict[str, Value]]] = [
    ("light.kitchen_light", "turn_on", {"brightness": 40}, "on", {"brightness": 40}),
    ("light.kitchen_light", "turn_on", {"color_temperature": 4000}, "on", {"color_temperature": 4000}),
    ("light.living_room_light", "turn_on", {"color": "blue"}, "on", {"color": "blue"}),
    ("light.living_room_light", "turn_on", {"color_temperature": 2200}, "on", {"color_temperature": 2200}),
    ("light.reading_lamp", "turn_on", {}, "on", {"brightness": 50}),
    ("light.bedroom_light", "turn_on", {"brightness": 30}, "on", {"brightness": 30}),
    ("switch.coffee_machine", "turn_on", {}, "on", {}),
    ("switch.coffee_machine", "toggle", {}, "off", {}),
    ("cover.living_room_blinds", "set_cover_position", {"position": 80}, "open", {"position": 80}),
    ("cover.garage_door", "open_cover", {}, "open", {}),
    ("lock.front_door", "lock", {}, "locked", {}),
    ("climate.thermostat", "set_temperature", {"temperature": 21.5}, "heat", {"temperature": 21.5}),
    ("climate.thermostat", "set_hvac_mode", {"hvac_mode": "auto"}, "auto", {"temperature": 21.5}),
    ("vacuum.robot_vacuum", "start", {}, "cleaning", {}),
    ("vacuum.robot_vacuum", "set_fan_speed", {"fan_speed": "high"}, "cleaning", {"fan_speed": "high"}),
    ("fan.bedroom_fan", "set_percentage", {"percentage": 75}, "on", {"percentage": 75}),
]
"""Entity, service, arguments; then the state and the attributes that it must report."""


async def test_every_kind_does_what_it_is_told(home: Home) -> None:
    for entity_id, service, arguments, value, attributes in TOLD:
        outcome = await do(home, entity_id, service, **arguments)

        assert outcome.confirmed is True, (entity_id, service, outcome.problem)
        assert outcome.state is not None
        await until(lambda: home.state(entity_id).value == value)  # noqa: B023 - awaited here; covers move for a while
        assert {key: home.state(entity_id).attributes.get(key) for key in attributes} == attributes


async def test_a_shutter_can_be_stopped_on_its_way(home: Home) -> None:
    closing = asyncio.create_task(do(home, "cover.living_room_blinds", "close_cover"), name="close")
    await until(lambda: home.state("cover.living_room_blinds").value == "closing")
    await asyncio.sleep(0.3)

    stopped = await do(home, "cover.living_room_blinds", "stop_cover")

    assert stopped.confirmed is True
    position = home.state("cover.living_room_blinds").attributes["position"]
    assert isinstance(position, int)
    assert 40 < position < 95
    closing.cancel()


async def test_movie_night_really_dims_the_living_room(home: Home) -> None:
    await do(home, "light.reading_lamp", "turn_on")

    outcome = await do(home, "scene.movie_night", "turn_on")

    assert outcome.confirmed is None
    await until(lambda: home.state("light.reading_lamp").value == "off")
    await until(lambda: home.state("cover.living_room_blinds").value == "closed")
    light = home.state("light.living_room_light")
    assert (light.value, light.attributes["brightness"]) == ("on", 20)


async def test_the_robot_goes_home(home: Home) -> None:
    await do(home, "vacuum.robot_vacuum", "start")
    assert (await do(home, "vacuum.robot_vacuum", "return_to_base")).confirmed is True
    await until(lambda: home.state("vacuum.robot_vacuum").value == "docked")


async def test_confirmation_is_quick_on_the_embedded_broker(embedded: EmbeddedBroker) -> None:
    """Typically below 15 ms; the median of many, so that a busy machine does not decide."""
    async with VirtualHouse(embedded.host, embedded.port) as devices:
        mqtt = MqttSettings(host=embedded.host, port=embedded.port)
        async with Home(mqtt, ConfirmSettings(), devices.settings) as home:
            await home.settled()
            outcomes = [await do(home, "light.reading_lamp", "toggle") for _ in range(21)]

    assert all(outcome.confirmed for outcome in outcomes)
    assert sorted(outcome.act_ms + outcome.confirm_ms for outcome in outcomes)[10] < 15


async def test_without_a_broker_it_says_so() -> None:
    async with asyncio.timeout(15):
        with pytest.raises(HouseUnreachable):
            async with VirtualHouse("127.0.0.1", free_port(), ready_seconds=0.3):
                pass


async def test_a_port_in_use_is_said(embedded: EmbeddedBroker) -> None:
    with pytest.raises(HouseUnreachable):
        async with EmbeddedBroker(embedded.port):
            pass
