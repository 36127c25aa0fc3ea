"""A small house that stands still, and the tools of its skills, for the tests of the brain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.models import Entity, Floor, Limits, Room, State, Tool, Value

ROOMS = (
    Room("Bedroom", "First floor", {"it": ("la camera da letto", "la camera")}),
    Room("Garage", "Ground floor", {"it": ("il garage",)}),
    Room("Hallway", "Ground floor", {"it": ("l'ingresso", "il corridoio")}),
    Room("Kitchen", "Ground floor", {"it": ("la cucina",), "zh": ("厨房",)}),
    Room("Living Room", "Ground floor", {"en": ("lounge",), "it": ("il soggiorno", "il salotto")}),
)

PERCENT = {"type": "integer", "minimum": 0, "maximum": 100, "description": "percent"}
TEMPERATURE = {"type": "number", "minimum": -50, "maximum": 120}


def _light(entity_id: str, name: str, room: str, *more: str, it: str = "") -> Entity:
    return Entity(entity_id, name, room, features=frozenset({"brightness", *more}), aliases={"it": (it,)} if it else {})


ENTITIES = (
    Entity("binary_sensor.bedroom_window", "Bedroom Window", "Bedroom", device_class="window"),
    Entity("binary_sensor.hallway_motion", "Hallway Motion", "Hallway", device_class="motion"),
    Entity("climate.thermostat", "Thermostat", "Living Room", features=frozenset({"temperature"}),
           limits={"temperature": Limits(7, 30, 0.5)}, options={"hvac_mode": ("off", "heat")},
           aliases={"it": ("il termostato", "il riscaldamento")}),
    Entity("cover.garage_door", "Garage Door", "Garage", device_class="garage", features=frozenset({"open", "close"})),
    Entity("cover.living_room_blinds", "Living Room Blinds", "Living Room", device_class="blind",
           features=frozenset({"position"}), aliases={"it": ("la tapparella del soggiorno",)}),
    Entity("fan.bedroom_fan", "Bedroom Fan", "Bedroom", features=frozenset({"percentage"})),
    _light("light.bedroom_light", "Bedroom Light", "Bedroom"),
    _light("light.kitchen_light", "Kitchen Light", "Kitchen", it="la luce della cucina"),
    _light("light.living_room_light", "Living Room Light", "Living Room", "color", it="la luce del soggiorno"),
    _light("light.reading_lamp", "Reading Lamp", "Living Room", it="la lampada da lettura"),
    Entity("lock.front_door", "Front Door", "Hallway", aliases={"it": ("la porta d'ingresso",)}),
    Entity("scene.movie_night", "Movie Night", "Living Room", readable=False),
    Entity("sensor.bedroom_humidity", "Bedroom Humidity", "Bedroom", device_class="humidity", unit="%"),
    Entity("sensor.bedroom_temperature", "Bedroom Temperature", "Bedroom", device_class="temperature", unit="°C"),
    Entity("sensor.living_room_brightness", "Living Room Brightness", "Living Room", device_class="illuminance",
           unit="lx"),
    Entity("sensor.router_uptime", "Router Uptime", None, unit="h", hidden=True),
    Entity("switch.coffee_machine", "Coffee Machine", "Kitchen", aliases={"it": ("la macchina del caffè",)}),
    Entity("vacuum.robot_vacuum", "Robot Vacuum", "Hallway"),
)  # fmt: skip

STATES: Mapping[str, tuple[str, Mapping[str, Value]]] = {
    "binary_sensor.bedroom_window": ("off", {}),
    "binary_sensor.hallway_motion": ("off", {}),
    "climate.thermostat": ("heat", {"temperature": 20.0, "current_temperature": 18.5, "hvac_action": "heating"}),
    "cover.garage_door": ("closed", {}),
    "cover.living_room_blinds": ("open", {"position": 100}),
    "fan.bedroom_fan": ("off", {}),
    "light.bedroom_light": ("on", {"brightness": 80}),
    "light.kitchen_light": ("off", {}),
    "light.living_room_light": ("off", {}),
    "light.reading_lamp": ("off", {}),
    "lock.front_door": ("locked", {}),
    "sensor.bedroom_humidity": ("61", {}),
    "sensor.bedroom_temperature": ("19.2", {}),
    "sensor.living_room_brightness": ("12", {}),
    "switch.coffee_machine": ("off", {}),
    "vacuum.robot_vacuum": ("docked", {"battery_level": 100}),
}

TOOLS = (
    Tool("HassClimateSetTemperature", ("climate",), {"temperature": TEMPERATURE}, ("temperature",),
         "Set the temperature."),
    Tool("HassFanSetSpeed", ("fan",), {"percentage": PERCENT}, ("percentage",), "Set how fast fans turn."),
    Tool("HassGetState", ("light", "switch", "cover", "climate", "lock", "sensor", "binary_sensor", "vacuum", "fan"),
         {"state": {"type": "string"}}, (), "Tell a device's state.", question=True),
    Tool("HassLightSet", ("light",),
         {"brightness": PERCENT, "color": {"type": "string", "maxLength": 40}}, (),
         "Change how bright or which colour."),
    Tool("HassSetPosition", ("cover",), {"position": PERCENT}, ("position",),
         "Move covers to a position, 100 is open."),
    Tool("HassTurnOff", ("light", "switch", "fan", "cover", "lock"), {}, (),
         "Turn off; close covers; unlock locks."),
    Tool("HassTurnOn", ("light", "switch", "fan", "cover", "lock", "scene"), {}, (), 
         "Turn on; open covers; lock locks."),
    Tool("HassVacuumStart", ("vacuum",), {}, (), "Start cleaning."),
    Tool("HassBroadcast", (), {"message": {"type": "string"}}, ("message",), "Say a message in every room."),
)  # fmt: skip


class SampleHouse:
    """Implements interfaces.House; nothing in it moves."""

    def __init__(self, entities: Sequence[Entity] = ENTITIES, rooms: Sequence[Room] = ROOMS) -> None:
        self.rooms: Sequence[Room] = rooms
        self.floors: Sequence[Floor] = (Floor("First floor"), Floor("Ground floor"))
        self.revision = 1
        self.states = {name: State(name, value, attributes) for name, (value, attributes) in STATES.items()}
        self._entities = tuple(sorted(entities, key=lambda entity: entity.id))

    def entities(self) -> Sequence[Entity]:
        return self._entities

    def entity(self, entity_id: str) -> Entity | None:
        return next((entity for entity in self._entities if entity.id == entity_id), None)

    def state(self, entity_id: str) -> State:
        return self.states.get(entity_id, State(entity_id))
