"""The house of the evaluation: described in a few words, announced as real devices do it, set back at will."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from assistant import yaml_files
from assistant.config import DeviceSettings, FloorSettings, HouseSettings, RoomSettings
from assistant.demo.broker import EmbeddedBroker
from assistant.demo.gadgets import DeviceDescription, Gadget
from assistant.demo.house import STATUS, HouseDescription, VirtualHouse

HOUSE = Path(__file__).with_name("house.yaml")

CALM_SECONDS = 0.25
"""So long without a change, and what was set in motion has arrived."""

Words = Mapping[str, JsonValue]
"""What a device says of itself."""

Snapshot = Mapping[str, Words]


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Called(_Described):
    """A floor, or what all parts of the house have: other names, by language."""

    en: list[str] = []
    it: list[str] = []

    @property
    def aliases(self) -> dict[Literal["en", "it", "zh"], list[str]]:
        return {"en": self.en, "it": self.it}


class Place(Called):
    floor: str


class Device(Called):
    behaves: Literal["lamp", "plug", "cover", "thermostat", "lock", "robot", "fan", "sensor", "scene"] = Field(
        alias="is"
    )
    room: str | None = None
    device_class: str | None = Field(default=None, alias="class")
    unit: str | None = None
    can: list[str] = []
    critical: bool = False
    begins: dict[str, JsonValue]
    sends: dict[str, str] = {}


class Description(_Described):
    """house.yaml."""

    floors: dict[str, Called]
    rooms: dict[str, Place]
    devices: dict[str, Device]

    @classmethod
    def load(cls, path: Path = HOUSE) -> Description:
        return cls.model_validate(yaml_files.read(path))

    def settings(self) -> HouseSettings:
        """What the devices do not say of themselves, as config.yaml would."""
        return HouseSettings(
            floors={name: FloorSettings(aliases=floor.aliases) for name, floor in self.floors.items()},
            rooms={name: RoomSettings(floor=room.floor, aliases=room.aliases) for name, room in self.rooms.items()},
            devices={
                entity: DeviceSettings(aliases=device.aliases, critical=device.critical)
                for entity, device in self.devices.items()
            },
        )

    def announced(self) -> HouseDescription:
        """The same house as the virtual house's machinery takes it."""
        devices = tuple(_announced(entity, device) for entity, device in self.devices.items())
        return HouseDescription(house=self.settings(), devices=devices)


@dataclass(slots=True)
class House:
    """The devices as they stand, and the hand that sets them."""

    description: Description
    virtual: VirtualHouse

    @property
    def host(self) -> str:
        return self.virtual.host

    @property
    def port(self) -> int:
        return self.virtual.port

    async def set_back(self, given: Mapping[str, Words]) -> Snapshot:
        """Every device as it begins, but for what this request is given. Returns how they stand."""
        for entity, device in self.description.devices.items():
            gadget = self._gadget(entity)
            gadget.become({**device.begins, **given.get(entity, {})})
            await gadget.report()
        return self.snapshot()

    async def calm(self) -> Snapshot:
        """How they stand once nothing moves any more."""
        before = self.snapshot()
        while True:
            await asyncio.sleep(CALM_SECONDS)
            now = self.snapshot()
            if now == before:
                return now
            before = now

    def snapshot(self) -> Snapshot:
        """What the devices themselves are, whatever the assistant believes."""
        return {entity: dict(self._gadget(entity).now) for entity in self.description.devices}

    def _gadget(self, entity: str) -> Gadget:
        return self.virtual.device(_topic(entity))


@asynccontextmanager
async def open_house(path: Path = HOUSE) -> AsyncIterator[House]:
    """On a broker of its own."""
    description = Description.load(path)
    async with (
        EmbeddedBroker() as broker,
        VirtualHouse(broker.host, broker.port, description=description.announced()) as virtual,
    ):
        yield House(description, virtual)


# ── what the devices announce ────────────────────────────────────────────────────────────


def _topic(entity: str) -> str:
    return f"eval/{entity.partition('.')[2]}"


_GADGETS: Mapping[str, str] = {
    "lamp": "json_lamp", "plug": "plug", "cover": "shutter", "thermostat": "thermostat", "lock": "door_lock",
    "robot": "robot", "fan": "ventilator", "sensor": "sensor", "scene": "scene",
}  # fmt: skip


def _announced(entity: str, device: Device) -> DeviceDescription:
    domain, _, name = entity.partition(".")
    topic = _topic(entity)
    config: dict[str, JsonValue] = {
        "name": None,
        "default_entity_id": entity,
        "unique_id": f"eval_{name}",
        "availability_topic": STATUS,
        "device": {
            "identifiers": f"eval_{name}",
            "name": name.replace("_", " ").title(),
            **({"suggested_area": device.room} if device.room else {}),
        },
        **({"device_class": device.device_class} if device.device_class else {}),
        **_wiring(domain, topic, device),
    }
    return DeviceDescription.model_validate(
        {
            "is": _GADGETS[device.behaves],
            "topic": topic,
            "seconds": 0.2,
            "begins": device.begins,
            "announces": {f"homeassistant/{domain}/{name}/config": config},
            "sends": {f"eval/{other}/set": payload for other, payload in device.sends.items()},
        }
    )


def _wiring(domain: str, topic: str, device: Device) -> dict[str, JsonValue]:
    """Topics and abilities, in Home Assistant's words for its kind."""
    here: dict[str, JsonValue] = {"state_topic": topic}
    match device.behaves:
        case "lamp":
            return here | {"command_topic": f"{topic}/set", "schema": "json"} | _light(device.can)
        case "plug":
            return here | {"command_topic": f"{topic}/set", "value_template": "{{ value_json.POWER }}"}
        case "cover":
            ways: dict[str, JsonValue] = {
                "position_topic": f"{topic}/position", "set_position_topic": f"{topic}/position/set",
            } if device.device_class != "garage" else {}  # fmt: skip
            said: dict[str, JsonValue] = {f"state_{word}": word for word in ("open", "closed", "opening", "closing")}
            return {"command_topic": f"{topic}/set", "state_topic": f"{topic}/state"} | said | ways
        case "thermostat":
            return _thermostat(topic)
        case "lock":
            return here | {"command_topic": f"{topic}/set"}
        case "robot":
            return here | {
                "command_topic": f"{topic}/command",
                "supported_features": ["start", "pause", "stop", "return_home", "status"],
            }
        case "fan":
            return {
                "command_topic": f"{topic}/set", "state_topic": f"{topic}/state", "speed_range_min": 1,
                "percentage_command_topic": f"{topic}/speed/set", "percentage_state_topic": f"{topic}/speed",
                "speed_range_max": 4,
            }  # fmt: skip
        case "sensor" if domain == "binary_sensor":
            return here | {"value_template": "{{ 'ON' if value_json.value else 'OFF' }}"}
        case "sensor":
            return here | {"value_template": "{{ value_json.value }}", "unit_of_measurement": device.unit}
        case "scene":
            return {"command_topic": f"{topic}/set", "payload_on": "ON"}


def _light(can: list[str]) -> dict[str, JsonValue]:
    if not can:
        return {"supported_color_modes": ["onoff"], "brightness": False}
    modes: list[JsonValue] = [mode for name, mode in (("color", "rgb"), ("color_temp", "color_temp")) if name in can]
    kelvin: dict[str, JsonValue] = {"color_temp_kelvin": True, "min_kelvin": 2200, "max_kelvin": 6500}
    dimmed: dict[str, JsonValue] = {"brightness": True, "brightness_scale": 100}
    return dimmed | {"supported_color_modes": modes or ["brightness"]} | (kelvin if "color_temp" in can else {})


def _thermostat(topic: str) -> dict[str, JsonValue]:
    return {
        "mode_command_topic": f"{topic}/mode/set",
        "mode_state_topic": topic,
        "mode_state_template": "{{ value_json.mode }}",
        "temperature_command_topic": f"{topic}/temperature/set",
        "temperature_state_topic": topic,
        "temperature_state_template": "{{ value_json.temperature }}",
        "current_temperature_topic": topic,
        "current_temperature_template": "{{ value_json.current_temperature }}",
        "action_topic": topic,
        "action_template": "{{ value_json.action }}",
        "modes": ["off", "heat"],
        "min_temp": 7,
        "max_temp": 28,
        "temp_step": 0.5,
        "temperature_unit": "C",
    }
