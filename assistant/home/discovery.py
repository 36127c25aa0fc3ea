"""Home Assistant's MQTT discovery: what devices announce of themselves, read one message at a time.

ha-mqtt-models-pydantic knows the abbreviations, the options of each component and their types. What it does not do and
we do here: the topic grammar; `~`; device messages with their shared options, component by component, so that one wrong
component does not cost us its siblings; removal; device details that it forbids and we do not need; valves that report
a position, which its 1.0.1 always refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ha_mqtt_models_pydantic import COMPONENT_MODELS, MqttEntityCommon, parse_component_payload
from ha_mqtt_models_pydantic.discovery import expand_abbreviations
from pydantic import ValidationError

from assistant.home.cleaning import may_have_halves, plain, whole_json
from assistant.home.templates import LARGEST_PAYLOAD
from assistant.home.topics import first_fault

Key = tuple[str, str]
"""Discovery topic and component id ("" in a single-component message)."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the announcement says about names; registry.py makes the name, the id and the room of it."""

    name: str | None = None
    named: bool = False
    """Whether a name was given at all; a given null means: call it as the device."""
    device: str | None = None
    object_id: str | None = None
    unique_id: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """A component is there, or changed."""

    key: Key
    domain: str
    config: MqttEntityCommon
    label: Label
    reports_position: bool = False
    """Of a valve."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The component is gone; with an empty component id, everything of that topic."""

    key: Key


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something announced that we cannot or need not use."""

    key: Key
    reason: str


Change = Announced | Removed | LeftOut

ORIGIN = "mimo-assistant"
"""How assistants sign their announcements: they are nobody's devices to talk about, least of all their own."""

SILENT = {
    "camera": "pictures cannot be spoken",
    "device_automation": "it is a trigger, not an entity",
    "image": "pictures cannot be spoken",
    "notify": "it shows messages and has no state",
    "tag": "it is a trigger, not an entity",
}
"""Kinds that are nothing to name, read or command by voice, and why."""

SHARED_OPTIONS = (
    "availability", "availability_mode", "availability_template", "availability_topic", "command_topic", "device",
    "encoding", "origin", "payload_available", "payload_not_available", "qos", "state_topic", "~",
)  # fmt: skip
"""What a component of a device message inherits from the message."""

_DEVICE_DETAILS = ("connections", "identifiers", "name", "suggested_area")
_SPOKEN = frozenset({
    "device_class", "effect_list", "fan_modes", "fan_speed_list", "modes", "options", "preset_modes", "swing_modes",
    "unit_of_measurement",
})  # fmt: skip
"""Besides names: what is shown and spoken as it was announced."""

_LARGEST_OPTION = 1e12

_UNUSED = ("entity_picture", "icon", "origin")
"""Decoration that must not cost us a device when it is malformed."""


class Discovery:
    """The grammar of one discovery prefix."""

    def __init__(self, prefix: str) -> None:
        self.topics = (f"{prefix}/+/+/config", f"{prefix}/+/+/+/config")
        self._grammar = re.compile(
            rf"{re.escape(prefix)}/(?P<component>\w+)/(?:(?P<node>[a-zA-Z0-9_-]+)/)?(?P<object>[a-zA-Z0-9_-]+)/config"
        )

    def covers(self, topic: str) -> bool:
        return self._grammar.fullmatch(topic) is not None

    def read(self, topic: str, data: bytes) -> list[Change]:
        """What a message on a discovery topic changes. Never raises: what cannot be used comes back as LeftOut."""
        match = self._grammar.fullmatch(topic)
        if match is None:
            return [LeftOut((topic, ""), "not a discovery topic")]
        if not data.strip():
            return [Removed((topic, ""))]
        try:
            payload = _expanded(data)
        except ValueError as error:
            return [LeftOut((topic, ""), str(error))]
        if payload.get("migrate_discovery") is True:
            # The entities are about to be announced elsewhere, under the same unique ids.
            return [Removed((topic, ""))]
        if _signed_by_an_assistant(payload):
            return [Removed((topic, "")), LeftOut((topic, ""), "it is a voice assistant's own")]
        if match["component"] == "device":
            return _device(topic, payload)
        return [_component((topic, ""), match["component"], payload)]


def _expanded(data: bytes) -> dict[str, Any]:
    """Raises ValueError with the reason."""
    if len(data) > LARGEST_PAYLOAD:
        raise ValueError(f"{len(data)} bytes; the longest that is read is {LARGEST_PAYLOAD}")
    try:
        text = data.decode("utf-8")
        payload = whole_json(json.loads(text)) if may_have_halves(text) else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise ValueError(f"a JSON {type(payload).__name__}, not an object")
    try:
        expanded: dict[str, Any] = expand_abbreviations(payload)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return expanded


def _signed_by_an_assistant(payload: Mapping[str, Any]) -> bool:
    origin = payload.get("origin")
    return isinstance(origin, dict) and origin.get("name") == ORIGIN


def _device(topic: str, payload: dict[str, Any]) -> list[Change]:
    components = payload.get("components")
    if not isinstance(components, dict):
        return [LeftOut((topic, ""), "a device message without components")]
    shared = {option: payload[option] for option in SHARED_OPTIONS if option in payload}
    changes: list[Change] = []
    for component_id, component in components.items():
        key = (topic, plain(str(component_id)))
        if not isinstance(component, dict) or not isinstance(component.get("platform"), str):
            changes.append(LeftOut(key, "a component without a platform"))
        elif len(component) == 1:
            changes.append(Removed(key))
        else:
            changes.append(_component(key, component["platform"], {**shared, **component}))
    return changes


def _component(key: Key, domain: str, payload: dict[str, Any]) -> Announced | LeftOut:
    domain = plain(domain)
    if domain in SILENT:
        return LeftOut(key, f"{domain}: {SILENT[domain]}")
    if domain not in COMPONENT_MODELS:
        return LeftOut(key, f"{domain}: a kind that is not known")
    payload = _cleaned(_with_base(payload))
    reports_position = domain == "valve" and payload.pop("reports_position", False) in (True, "true")
    try:
        config = parse_component_payload(domain, payload, expand_aliases=False)
        label = _label(payload)
    except ValidationError as error:
        return LeftOut(key, plain(f"{domain}: {_sentence(error)}"))
    except (ValueError, TypeError, AttributeError) as error:
        return LeftOut(key, plain(f"{domain}: {error}"))
    if not isinstance(config, MqttEntityCommon):
        return LeftOut(key, f"{domain}: has no state and takes no commands")
    unusable = first_fault(payload) or _absurd(config)
    if unusable:
        return LeftOut(key, f"{domain}: {unusable}")
    return Announced(key, domain, config, label, reports_position)


def _with_base(payload: dict[str, Any]) -> dict[str, Any]:
    """`~` at the start or end of a topic stands for the value of "~"."""
    base = payload.get("~")
    if not isinstance(base, str):
        return payload
    based = {
        key: _based(value, base) if key.endswith("topic") else value for key, value in payload.items() if key != "~"
    }
    availability = based.get("availability")
    if isinstance(availability, dict):
        availability = [availability]
    if isinstance(availability, list):
        based["availability"] = [
            {**item, "topic": _based(item.get("topic"), base)} if isinstance(item, dict) else item
            for item in availability
        ]
    return based


def _based(topic: Any, base: str) -> Any:
    if not isinstance(topic, str):
        return topic
    if topic.startswith("~"):
        topic = base + topic[1:]
    return topic[:-1] + base if topic.endswith("~") else topic


def _cleaned(payload: dict[str, Any]) -> dict[str, Any]:
    cleaned = {key: _presentable(value) if key in _SPOKEN else value
               for key, value in payload.items() if key not in _UNUSED}  # fmt: skip
    device = cleaned.get("device")
    if isinstance(device, dict):
        cleaned["device"] = {key: value for key, value in device.items() if key in _DEVICE_DETAILS}
    return cleaned


def _presentable(value: Any) -> Any:
    if isinstance(value, list):
        return [_presentable(item) for item in value]
    return plain(value) if isinstance(value, str) else value


def _absurd(config: MqttEntityCommon) -> str | None:
    """A number that nothing can be reckoned with: NaN, infinity, or a scale without end."""
    for option, value in config:
        if isinstance(value, int | float) and not abs(value) <= _LARGEST_OPTION:
            return f"{option}: is not a usable number"
    return None


def _label(payload: Mapping[str, Any]) -> Label:
    device = payload.get("device")
    details: Mapping[str, Any] = device if isinstance(device, dict) else {}
    object_id = _text(payload.get("default_entity_id")) or _text(payload.get("object_id"))
    return Label(
        name=_text(payload.get("name")),
        named="name" in payload,
        device=_text(details.get("name")),
        object_id=object_id.rpartition(".")[2] if object_id else None,
        unique_id=_text(payload.get("unique_id")),
        area=_text(details.get("suggested_area")),
    )


def _text(value: object) -> str | None:
    """None for nothing and for white space."""
    return " ".join(plain(" ".join(str(value).split())).split()) or None if value is not None else None


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
