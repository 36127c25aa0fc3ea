"""How the devices of the virtual house behave: each takes commands on its topics and reports what it really does."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Publish = Callable[[str, str, bool], Awaitable[None]]
"""Topic, payload, whether the broker keeps it."""


class DeviceDescription(BaseModel):
    """One device of house.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    behaves: Literal[
        "json_lamp",
        "basic_lamp",
        "plug",
        "shutter",
        "thermostat",
        "door_lock",
        "robot",
        "ventilator",
        "sensor",
        "scene",
    ] = Field(alias="is")
    topic: str
    begins: dict[str, JsonValue]
    announces: dict[str, JsonValue]
    retains: bool = True
    """Whether the broker keeps its states; one that does not answers `<topic>/get`."""
    seconds: float = 1.0
    """Of what moves: from one end to the other."""
    wanders: dict[str, float] = {}
    """Of sensors: the largest change from one report to the next."""
    sends: dict[str, str] = {}
    """Of scenes: topic and payload for each thing it sets."""


class Gadget:
    """A device; `commands` are the topics that it listens to."""

    suffixes: ClassVar[tuple[str, ...]] = ("set",)

    def __init__(self, description: DeviceDescription, publish: Publish) -> None:
        self.description = description
        self.topic = description.topic
        self.now: dict[str, JsonValue] = dict(description.begins)
        self._publish = publish

    @property
    def commands(self) -> tuple[str, ...]:
        asked = () if self.description.retains else (f"{self.topic}/get",)
        return (*(f"{self.topic}/{suffix}" for suffix in self.suffixes), *asked)

    async def receive(self, suffix: str, payload: str) -> None:
        """A command on `<topic>/<suffix>`; what makes no sense is ignored, as devices do."""
        if suffix != "get":
            self.obey(suffix, payload)
        await self.report()

    def obey(self, suffix: str, payload: str) -> None: ...

    def become(self, now: Mapping[str, JsonValue]) -> None:
        """As if set by hand, at once."""
        self.now = dict(now)

    async def report(self) -> None:
        """Everything it has to say; the usual form is one JSON object."""
        await self.say("", json.dumps(self.now))

    async def say(self, suffix: str, payload: str) -> None:
        await self._publish(f"{self.topic}/{suffix}" if suffix else self.topic, payload, self.description.retains)

    async def live(self) -> None:
        """What it does of its own accord, for as long as the house stands."""


class JsonLamp(Gadget):
    def obey(self, suffix: str, payload: str) -> None:
        wish = _json(payload)
        if wish.get("state") in ("ON", "OFF"):
            self.now["state"] = wish["state"]
        if isinstance(wish.get("brightness"), int | float):
            self.now["brightness"] = wish["brightness"]
        if "color_temp" in wish and "color_temp" in self.description.begins:
            self.now |= {"color_temp": wish["color_temp"], "color_mode": "color_temp"}
            self.now.pop("color", None)
        if isinstance(wish.get("color"), dict):
            self.now |= {"color": wish["color"], "color_mode": "rgb"}


class BasicLamp(Gadget):
    suffixes = ("set", "brightness/set")

    def obey(self, suffix: str, payload: str) -> None:
        if suffix == "set" and payload in ("ON", "OFF"):
            self.now["state"] = payload
        elif suffix == "brightness/set" and payload.isdecimal():
            self.now |= {"brightness": min(100, int(payload)), "state": "ON"}

    async def report(self) -> None:
        await self.say("brightness", str(self.now["brightness"]))
        await self.say("state", str(self.now["state"]))


class Plug(Gadget):
    def obey(self, suffix: str, payload: str) -> None:
        if payload in ("ON", "OFF"):
            self.now["state"] = payload

    async def report(self) -> None:
        await self.say("", json.dumps({"POWER": self.now["state"]}))


class Shutter(Gadget):
    """Moves step by step, tells where it is, and can be stopped on the way."""

    suffixes = ("set", "position/set")
    STEP_SECONDS = 0.1

    def __init__(self, description: DeviceDescription, publish: Publish) -> None:
        super().__init__(description, publish)
        self._target = self._position
        self._told = asyncio.Event()

    @property
    def _position(self) -> float:
        return float(str(self.now["position"]))

    def become(self, now: Mapping[str, JsonValue]) -> None:
        super().become(now)
        self._target = self._position

    def obey(self, suffix: str, payload: str) -> None:
        if suffix == "set":
            self._target = {"OPEN": 100.0, "CLOSE": 0.0, "STOP": self._position}.get(payload, self._target)
        elif payload.isdecimal():
            self._target = float(min(100, int(payload)))
        self._told.set()

    async def report(self) -> None:
        await self.say("position", str(round(self._position)))
        await self.say("state", self._word())

    async def live(self) -> None:
        step = 100 * self.STEP_SECONDS / self.description.seconds
        while True:
            await self._told.wait()
            self._told.clear()
            while self._position != self._target:
                await asyncio.sleep(self.STEP_SECONDS)
                way = self._target - self._position
                self.now["position"] = self._position + max(-step, min(step, way))
                await self.report()

    def _word(self) -> str:
        if self._position != self._target:
            return "opening" if self._target > self._position else "closing"
        return "closed" if self._position == 0 else "open"


class Thermostat(Gadget):
    """Warms the room by a tenth of a degree every few seconds while it heats."""

    suffixes = ("mode/set", "temperature/set")
    SECONDS = 5.0

    def obey(self, suffix: str, payload: str) -> None:
        if suffix == "mode/set" and payload in ("off", "heat", "auto"):
            self.now["mode"] = payload
        elif suffix == "temperature/set" and _is_number(payload) and 5 <= float(payload) <= 30:
            self.now["temperature"] = float(payload)

    async def report(self) -> None:
        await self.say("", json.dumps({**self.now, "action": self._action()}))

    async def live(self) -> None:
        while True:
            await asyncio.sleep(self.SECONDS)
            change = (
                0.1 if self._action() == "heating" else -0.1 if self._warmth() > 17 and self.now["mode"] == "off" else 0
            )
            if change:
                self.now["current_temperature"] = round(self._warmth() + change, 1)
                await self.report()

    def _action(self) -> str:
        if self.now["mode"] == "off":
            return "off"
        return "heating" if self._warmth() < float(str(self.now["temperature"])) else "idle"

    def _warmth(self) -> float:
        return float(str(self.now["current_temperature"]))


class DoorLock(Gadget):
    """Its bolt takes a moment."""

    def __init__(self, description: DeviceDescription, publish: Publish) -> None:
        super().__init__(description, publish)
        self._goal = self.now["state"]
        self._told = asyncio.Event()

    def become(self, now: Mapping[str, JsonValue]) -> None:
        super().become(now)
        self._goal = self.now["state"]

    def obey(self, suffix: str, payload: str) -> None:
        goal = {"LOCK": "LOCKED", "UNLOCK": "UNLOCKED"}.get(payload)
        if goal is not None and goal != self._goal:
            self._goal = goal
            self.now["state"] = "LOCKING" if goal == "LOCKED" else "UNLOCKING"
            self._told.set()

    async def report(self) -> None:
        await self.say("", str(self.now["state"]))

    async def live(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            await asyncio.sleep(self.description.seconds)
            if not self._told.is_set():
                self.now["state"] = self._goal
                await self.report()


class Robot(Gadget):
    """Cleans until it is called back; the way home takes `seconds`."""

    suffixes = ("command", "fan_speed/set")

    def __init__(self, description: DeviceDescription, publish: Publish) -> None:
        super().__init__(description, publish)
        self._called = asyncio.Event()

    def obey(self, suffix: str, payload: str) -> None:
        if suffix == "fan_speed/set":
            self.now["fan_speed"] = payload
        elif payload == "return_to_base" and self.now["state"] != "docked":
            self.now["state"] = "returning"
            self._called.set()
        elif payload in ("start", "pause", "stop"):
            self.now["state"] = {"start": "cleaning", "pause": "paused", "stop": "idle"}[payload]

    async def live(self) -> None:
        while True:
            await self._called.wait()
            self._called.clear()
            await asyncio.sleep(self.description.seconds)
            if self.now["state"] == "returning":
                self.now["state"] = "docked"
                await self.report()


class Ventilator(Gadget):
    suffixes = ("set", "speed/set")

    def obey(self, suffix: str, payload: str) -> None:
        if suffix == "set" and payload in ("ON", "OFF"):
            self.now["state"] = payload
        elif suffix == "speed/set" and payload in ("0", "1", "2", "3", "4"):
            self.now |= {"state": "OFF"} if payload == "0" else {"speed": int(payload), "state": "ON"}

    async def report(self) -> None:
        await self.say("speed", str(self.now["speed"]))
        await self.say("state", str(self.now["state"]))


class Sensor(Gadget):
    """Reports every now and then; values wander slowly about where they began."""

    suffixes = ()
    SECONDS = 30.0

    async def live(self) -> None:
        while self.description.wanders:
            await asyncio.sleep(self.SECONDS)
            for name, most in self.description.wanders.items():
                began, value = float(str(self.description.begins[name])), float(str(self.now[name]))
                home = (began - value) / 10
                self.now[name] = round(value + home + random.uniform(-most, most), 1)
            await self.report()


class Scene(Gadget):
    """Sets other devices, as a hub does; it has no state of its own."""

    async def receive(self, suffix: str, payload: str) -> None:
        if payload == "ON":
            for topic, command in self.description.sends.items():
                await self._publish(topic, command, False)

    async def report(self) -> None: ...


GADGETS: Mapping[str, type[Gadget]] = {
    "json_lamp": JsonLamp,
    "basic_lamp": BasicLamp,
    "plug": Plug,
    "shutter": Shutter,
    "thermostat": Thermostat,
    "door_lock": DoorLock,
    "robot": Robot,
    "ventilator": Ventilator,
    "sensor": Sensor,
    "scene": Scene,
}


def _json(payload: str) -> dict[str, JsonValue]:
    try:
        value = json.loads(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
