"""Houses for tests: the demo's ids and names, and a larger one for timing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import yaml_files
from assistant.memory.lists import LISTS
from assistant.models import Entity, Floor, Limits, Room, State

DEMO = Path(__file__).parents[2] / "assistant" / "demo" / "house.yaml"

_THINGS = {
    "light.kitchen_light": ("Kitchen Light", "Kitchen", None),
    "light.living_room_light": ("Living Room Light", "Living Room", None),
    "light.reading_lamp": ("Reading Lamp", "Living Room", None),
    "light.bedroom_light": ("Bedroom Light", "Bedroom", None),
    "switch.coffee_machine": ("Coffee Machine", "Kitchen", "outlet"),
    "cover.living_room_blinds": ("Living Room Blinds", "Living Room", "blind"),
    "cover.garage_door": ("Garage Door", "Garage", "garage"),
    "climate.thermostat": ("Thermostat", "Living Room", None),
    "lock.front_door": ("Front Door", "Hallway", None),
    "vacuum.robot_vacuum": ("Robot Vacuum", "Living Room", None),
    "fan.bedroom_fan": ("Bedroom Fan", "Bedroom", None),
    "binary_sensor.hallway_motion": ("Hallway Motion", "Hallway", "motion"),
    "binary_sensor.bedroom_window": ("Bedroom Window", "Bedroom", "window"),
    "sensor.bedroom_temperature": ("Bedroom Temperature", "Bedroom", "temperature"),
    "sensor.bedroom_humidity": ("Bedroom Humidity", "Bedroom", "humidity"),
    "sensor.living_room_brightness": ("Living Room Brightness", "Living Room", "illuminance"),
    "scene.movie_night": ("Movie Night", None, None),
}


@dataclass
class FakeHouse:
    """The read side of a house, without states."""

    things: Sequence[Entity]
    rooms: Sequence[Room]
    floors: Sequence[Floor]
    revision: int = 1

    def entities(self) -> Sequence[Entity]:
        return sorted(self.things, key=lambda entity: entity.id)

    def entity(self, entity_id: str) -> Entity | None:
        return next((entity for entity in self.things if entity.id == entity_id), None)

    def state(self, entity_id: str) -> State:
        return State(entity_id)


def demo_house() -> FakeHouse:
    data: dict[str, Any] = yaml_files.read(DEMO)["house"]
    rooms = [Room(name, each.get("floor"), _aliases(each)) for name, each in data["rooms"].items()]
    floors = [Floor(name, _aliases(each)) for name, each in data["floors"].items()]
    things = [
        Entity(entity_id, name, room, device_class=device_class, aliases=_aliases(data["devices"].get(entity_id, {})))
        for entity_id, (name, room, device_class) in _THINGS.items()
    ]
    return FakeHouse(things, rooms, floors)


def large_house() -> FakeHouse:
    """The demo house and more lamps, sockets, blinds and sensors: 50 entities."""
    house = demo_house()
    more = []
    for room in ("Bathroom", "Study", "Nursery", "Dining Room", "Cellar"):
        for kind, suffix, device_class in (
            ("light", "Ceiling Light", None), ("light", "Floor Lamp", None), ("switch", "Heater Plug", "outlet"),
            ("cover", "Shutter", "shutter"), ("binary_sensor", "Window", "window"),
            ("sensor", "Temperature", "temperature"),
            ("fan", "Fan", None),
        ):  # fmt: skip
            entity_id = f"{kind}.{room}_{suffix}".lower().replace(" ", "_")
            more.append(Entity(entity_id, f"{room} {suffix}", room, device_class=device_class))
    rooms = [
        *house.rooms,
        *(Room(name, "First floor") for name in ("Bathroom", "Study", "Nursery", "Dining Room", "Cellar")),
    ]
    return FakeHouse([*house.things, *more][:50], rooms, house.floors)


def house_of_many_kinds() -> FakeHouse:
    """The demo house with one or two of every other kind, and the lists."""
    house = demo_house()
    kept = [each for each in house.things if each.id not in {new.id for new in _MANY_KINDS}]
    return FakeHouse([*kept, *_MANY_KINDS, *LISTS], house.rooms, house.floors)


def _thing(entity_id: str, room: str | None, en: tuple[str, ...] = (), it: tuple[str, ...] = (), **more: Any) -> Entity:
    name = entity_id.partition(".")[2].replace("_", " ").title()
    return Entity(entity_id, name, room, aliases={"en": en, "it": it}, **more)


_MANY_KINDS = (
    _thing("media_player.kitchen_radio", "Kitchen", ("radio",), ("la radio della cucina", "la radio")),
    _thing("media_player.television", "Living Room", ("tv", "telly"), ("la televisione", "la tv", "la tele")),
    _thing("media_player.bedroom_speaker", "Bedroom", (), ("la cassa della camera",)),
    _thing("humidifier.bedroom_humidifier", "Bedroom", ("humidifier",), ("l'umidificatore",), unit="%",
           limits={"humidity": Limits(30, 70)}, options={"mode": ("normal", "baby", "sleep")}),
    _thing("water_heater.hot_water_tank", "Garage", (), ("lo scaldabagno",), unit="°C",
           limits={"temperature": Limits(40, 65)}, options={"operation_mode": ("eco", "electric", "off")}),
    _thing("lawn_mower.lawn_mower", None, ("mower",), ("il tagliaerba",)),
    _thing("alarm_control_panel.alarm", None, ("burglar alarm",), ("l'allarme", "l'antifurto")),
    _thing("siren.siren", None, (), ("la sirena",)),
    _thing("number.doorbell_volume", None, (), ("il volume del campanello",), limits={"value": Limits(0, 10)}),
    _thing("select.doorbell_tune", None, (), ("la melodia del campanello",),
           options={"option": ("Ding Dong", "Westminster")}),
    _thing("script.breakfast", None, (), ("colazione",), readable=False),
    _thing("script.bedtime_routine", None, (), ("la routine della notte",), readable=False),
    _thing("cover.bedroom_blinds", "Bedroom", (), ("la veneziana della camera", "la veneziana"), device_class="blind",
           features=frozenset({"open", "close", "position", "tilt"})),
    _thing("fan.bedroom_fan", "Bedroom", (), ("il ventilatore della camera", "il ventilatore"),
           features=frozenset({"percentage", "oscillate", "direction", "preset_mode"}),
           options={"preset_mode": ("auto", "sleep")}),
    _thing("climate.thermostat", "Living Room", ("heating",), ("il termostato", "il riscaldamento"), unit="°C",
           limits={"temperature": Limits(7, 30)},
           options={"hvac_mode": ("off", "heat"), "preset_mode": ("eco", "away", "comfort", "boost")}),
    _thing("vacuum.robot_vacuum", "Living Room", ("robot", "vacuum cleaner", "hoover"),
           ("il robot aspirapolvere", "l'aspirapolvere", "il robot"),
           options={"area": ("Kitchen", "Living Room", "Bedroom")}),
    _thing("binary_sensor.kitchen_window", "Kitchen", (), ("la finestra della cucina",), device_class="window"),
    _thing("sensor.kitchen_humidity", "Kitchen", (), ("l'umidità della cucina",), device_class="humidity", unit="%"),
    _thing("sensor.kitchen_temperature", "Kitchen", (), ("la temperatura della cucina",), device_class="temperature",
           unit="°C"),
)  # fmt: skip


def _aliases(section: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(names) for language, names in section.get("aliases", {}).items()}
