"""Houses for tests: the demo's ids and names, and a larger one for timing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.models import Entity, Floor, Room, State

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
    data: dict[str, Any] = yaml.safe_load(DEMO.read_text(encoding="utf-8"))["house"]
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


def _aliases(section: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(names) for language, names in section.get("aliases", {}).items()}
