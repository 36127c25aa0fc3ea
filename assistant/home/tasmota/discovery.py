"""Tasmota's own discovery: what a device says of itself becomes the same announcements as Home Assistant's.

Tasmota tells relays, lights, shutters, switches and fans in tasmota/discovery/<MAC>/config and sensors in .../sensors.
It keeps no state at the broker, reports each on two or three topics and answers when asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from assistant.home.cleaning import name, plain, whole_json
from assistant.home.discovery import Announced, Change, Key, Label, LeftOut, Removed
from assistant.home.kinds import parse
from assistant.home.tasmota.device import Device
from assistant.home.tasmota.parts import Part, measuring, parts
from assistant.home.tasmota.sensors import Sensor, sensors_in
from assistant.home.templates import LARGEST_PAYLOAD
from assistant.home.topics import first_fault
from assistant.models import Message

DEFAULT_NAME = "Tasmota"
"""What nobody has named yet; nobody wants to say it before the name of a socket."""


class Tasmota:
    """Remembers devices, as sensors are announced apart from what they need to be read."""

    topics = ("tasmota/discovery/+/config", "tasmota/discovery/+/sensors")

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}
        self._sensors: dict[str, Sequence[Sensor]] = {}
        self._known: dict[str, set[Key]] = {}
        """Announced keys by topic."""

    def covers(self, topic: str) -> bool:
        return _GRAMMAR.fullmatch(topic) is not None

    def read(self, topic: str, data: bytes) -> list[Change]:
        """What a message changes. Never raises: what cannot be used comes back as LeftOut."""
        match = _GRAMMAR.fullmatch(topic)
        if match is None:
            return [LeftOut((topic, ""), "not a discovery topic")]
        mac, what = match["mac"], match["what"]
        if not data.strip():
            return self._forget(mac, what)
        try:
            if what == "config":
                self._devices[mac] = Device.model_validate(_object(data))
            else:
                self._sensors[mac] = sensors_in(_object(data))
        except ValidationError as error:
            first = error.errors()[0]
            return [LeftOut((topic, ""), plain(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"))]
        except ValueError as error:
            return [LeftOut((topic, ""), plain(str(error)))]
        return self._announce(mac)

    def _forget(self, mac: str, what: str) -> list[Change]:
        """Without its config nothing of a device can be read."""
        (self._devices if what == "config" else self._sensors).pop(mac, None)
        gone = ("config", "sensors") if what == "config" else ("sensors",)
        return [change for each in gone for change in self._gone(_topic(mac, each), ())]

    def _announce(self, mac: str) -> list[Change]:
        """A device's parts, and the sensors that may have come before it."""
        device = self._devices.get(mac)
        if device is None:
            return []
        changes: list[Change] = []
        for what, found_parts in (
            ("config", parts(device)),
            ("sensors", measuring(device, self._sensors.get(mac, ()))),
        ):
            topic = _topic(mac, what)
            found = [_announced(topic, part, device) for part in found_parts]
            changes += [*self._gone(topic, [change.key for change in found]), *found]
        return changes

    def _gone(self, topic: str, there: Sequence[Key]) -> list[Change]:
        """What was announced before and is not any more."""
        before, self._known[topic] = self._known.get(topic, set()), set(there)
        return [Removed(key) for key in sorted(before - self._known[topic])]


_GRAMMAR = re.compile(r"tasmota/discovery/(?P<mac>[A-Z0-9_-]+)/(?P<what>config|sensors)")


def _topic(mac: str, what: str) -> str:
    return f"tasmota/discovery/{mac}/{what}"


def _object(data: bytes) -> Mapping[str, Any]:
    """Raises ValueError with the reason."""
    if len(data) > LARGEST_PAYLOAD:
        raise ValueError(f"{len(data)} bytes; the longest that is read is {LARGEST_PAYLOAD}")
    try:
        payload = whole_json(json.loads(data.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise ValueError(f"a JSON {type(payload).__name__}, not an object")
    return payload


def _announced(topic: str, part: Part, device: Device) -> Announced | LeftOut:
    key = (topic, part.id)
    payload = {**part.payload, **_availability(device)}
    try:
        config = parse(part.domain, payload)
    except ValueError as error:
        return LeftOut(key, plain(f"{part.domain}: {error}"))
    if unusable := first_fault(payload):
        return LeftOut(key, f"{part.domain}: {unusable}")
    command, question = ("STATUS", "10") if part.measures else ("STATE", "")
    return Announced(key, part.domain, config, _label(part, device), _others(part, device),
                     Message(device.told(command), question, qos=0), "tasmota")  # fmt: skip


def _availability(device: Device) -> Mapping[str, str]:
    """Who sleeps deeply is away most of the time, and yet there."""
    if device.deep_sleep:
        return {}
    return {
        "availability_topic": device.tells("LWT"),
        "payload_available": device.online,
        "payload_not_available": device.offline,
    }


def _others(part: Part, device: Device) -> Mapping[str, tuple[str, ...]]:
    """What it says after a command it also tells every few minutes."""
    result, sensor = device.says("RESULT"), device.tells("SENSOR")
    if not part.measures:
        return {result: (device.tells("STATE"),)}
    return {result: (sensor, device.says("STATUS10")), sensor: (device.says("STATUS10"),)}


def _label(part: Part, device: Device) -> Label:
    own, whole = name(part.name), name(device.name)
    unnamed = whole == DEFAULT_NAME and own is not None
    return Label(
        name=own,
        named=True,
        device=None if unnamed else whole,
        object_id=f"{whole} {own}" if own else whole,
        unique_id=f"{device.mac}_{part.domain}_{part.id}",
        device_ids=frozenset({"mac:" + ":".join(re.findall("..", device.mac.lower()))}),
    )
