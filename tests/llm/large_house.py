"""Houses of any size, for what must not grow with them: the prompt."""

from __future__ import annotations

import itertools

from assistant.models import Entity, Floor, Limits, Room, State
from tests.llm.sample_house import SampleHouse

ROOMS = (
    "Kitchen", "Living Room", "Dining Room", "Hallway", "Study", "Garage", "Laundry", "Pantry",
    "Main Bedroom", "Guest Bedroom", "Children's Room", "Bathroom", "Nursery", "Dressing Room", "Landing", "Balcony",
    "Cellar", "Workshop", "Boiler Room", "Wine Cellar", "Attic", "Terrace", "Garden", "Porch", "Shed",
)  # fmt: skip
FLOORS = ("Ground Floor", "First Floor", "Basement")
KINDS = (
    ("light", "Ceiling Light", None, None, "on"), ("light", "Lamp", None, None, "off"),
    ("cover", "Blinds", "blind", None, "open"), ("sensor", "Temperature", "temperature", "°C", "20.5"),
    ("binary_sensor", "Window", "window", None, "off"), ("switch", "Plug", "outlet", None, "off"),
    ("climate", "Radiator", None, "°C", "heat"), ("binary_sensor", "Motion", "motion", None, "off"),
    ("light", "Wall Light", None, None, "off"), ("sensor", "Humidity", "humidity", "%", "48"),
    ("switch", "Fan Heater", None, None, "off"), ("sensor", "Brightness", "illuminance", "lx", "80"),
)  # fmt: skip


def large_house(devices: int) -> SampleHouse:
    """So many devices over twelve a room, on three floors."""
    rooms = [_room(number) for number in range(-(-devices // len(KINDS)))]
    entities = list(itertools.islice(_devices(rooms), devices))
    house = SampleHouse([entity for entity, _ in entities], rooms)
    house.floors = tuple(Floor(name, {"it": (_ITALIAN_FLOORS[name],)}) for name in FLOORS)
    house.states = {entity.id: State(entity.id, value) for entity, value in entities}
    return house


_ITALIAN_FLOORS = {"Ground Floor": "il piano terra", "First Floor": "il primo piano", "Basement": "la cantina"}


def _room(number: int) -> Room:
    again = number // len(ROOMS)
    return Room(ROOMS[number % len(ROOMS)] + (f" {again + 1}" if again else ""), FLOORS[number // 8 % 3])


def _devices(rooms: list[Room]):  # type: ignore[no-untyped-def]
    for room, (domain, kind, device_class, unit, value) in itertools.product(rooms, KINDS):
        name = f"{room.name} {kind}"
        yield (
            Entity(
                f"{domain}.{name.lower().translate(_SLUG)}",
                name,
                room.name,
                room.floor,
                device_class=device_class,
                unit=unit,
                features=_FEATURES.get(domain, frozenset()),
                limits={"temperature": Limits(5, 30, 0.5)} if domain == "climate" else {},
                options={"hvac_mode": ("off", "heat")} if domain == "climate" else {},
            ),
            value,
        )


_SLUG = str.maketrans({" ": "_", "'": None})
_FEATURES = {"light": frozenset({"brightness", "color_temperature"}), "cover": frozenset({"position"})}
