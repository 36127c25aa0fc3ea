"""Home Assistant's MQTT discovery: what devices announce of themselves, read one message at a time.

ha-mqtt-models-pydantic knows the options of most components and their types; kinds/models.py adds what it lacks. What
it does not do and we do here: the topic grammar; `~`; device messages with their shared options and child devices,
component by component, so that one wrong component does not cost us its siblings; removal; device details that it
forbids and we do not need.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ha_mqtt_models_pydantic import MqttEntityCommon
from pydantic import ValidationError

from assistant.home.abbreviations import expanded
from assistant.home.cleaning import may_have_halves, name, plain, whole_json
from assistant.home.kinds import KINDS, SILENT, parse
from assistant.home.templates import LARGEST_PAYLOAD
from assistant.home.topics import first_fault
from assistant.models import Message, Source

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
    device_ids: frozenset[str] = frozenset()
    """As Home Assistant's registry has them: "mqtt:0x0017", "mac:00:17:88:01:02:03"."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A component is there, or changed."""

    key: Key
    domain: str
    config: MqttEntityCommon
    label: Label
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other topics that say the same as one of its own."""
    question: Message | None = None
    """What makes it report, where its own topics do not tell."""
    source: Source = "mqtt"


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

SHARED_OPTIONS = (
    "availability", "availability_mode", "availability_template", "availability_topic", "command_topic", "device",
    "encoding", "payload_available", "payload_not_available", "qos", "state_topic", "~",
)  # fmt: skip
"""What a component of a device message inherits from the message."""

_SPOKEN = frozenset({
    "available_tones", "device_class", "effect_list", "event_types", "fan_modes", "fan_speed_list", "modes", "options",
    "preset_modes", "swing_horizontal_modes", "swing_modes", "title", "unit_of_measurement",
})  # fmt: skip
"""Besides names: what is shown and spoken as it was announced."""

_LARGEST_OPTION = 1e12

_CROWDS = (("sensor",), ("binary_sensor", "update"), ("device", "button", "light", "number", "select", "switch"))
"""Kinds of which a house may have thousands, no more than a broker tells at once."""

_UNUSED = frozenset({"device", "entity_picture", "icon", "json_attributes_template", "json_attributes_topic", "origin",
                     "release_summary", "release_url"})  # fmt: skip
"""What the label has read already, and decoration that must not cost us a device when it is malformed."""


class Discovery:
    """The grammar of one discovery prefix."""

    def __init__(self, prefix: str) -> None:
        many = [kind for crowd in _CROWDS for kind in crowd]
        apart = [*_CROWDS, [kind for kind in (*KINDS, *SILENT) if kind not in many]]
        self.crowds: Sequence[Sequence[str]] = [
            [f"{prefix}/{kind}/{rest}/config" for kind in kinds for rest in ("+", "+/+")] for kinds in apart
        ]
        """Topics to subscribe to, by crowds that are best called one after the other."""
        self._prefix = prefix
        self._grammar = re.compile(
            rf"{re.escape(prefix)}/(?P<component>\w+)/(?:(?P<node>[a-zA-Z0-9_-]+)/)?(?P<object>[a-zA-Z0-9_-]+)/config"
        )

    def covers(self, topic: str) -> bool:
        return self._grammar.fullmatch(topic) is not None

    def node_in(self, topic: str) -> str | None:
        """Who announces something there, where the topic tells."""
        match = self._grammar.fullmatch(topic)
        return match["node"] if match else None

    def of_node(self, node: str) -> str:
        """All that one of them announces."""
        return f"{self._prefix}/+/{node}/+/config"

    def read(self, topic: str, data: bytes) -> Iterator[Change]:
        """What a message on a discovery topic changes, one component at a time.

        Never raises: what cannot be used comes back as LeftOut.
        """
        match = self._grammar.fullmatch(topic)
        if match is None:
            yield LeftOut((topic, ""), "not a discovery topic")
            return
        if not data.strip():
            yield Removed((topic, ""))
            return
        try:
            payload = _read(data)
        except ValueError as error:
            yield LeftOut((topic, ""), str(error))
            return
        if payload.get("migrate_discovery") is True:
            # About to be announced elsewhere under the same unique ids: the registry then hands them over, states and
            # all. What does not move goes with the empty message that ends a migration.
            return
        if _signed_by_an_assistant(payload):
            yield Removed((topic, ""))
            yield LeftOut((topic, ""), "it is a voice assistant's own")
            return
        if match["component"] == "device":
            yield from _device(topic, payload)
        else:
            yield _component((topic, ""), match["component"], payload)


def _read(data: bytes) -> dict[str, Any]:
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
    return expanded(payload)


def _signed_by_an_assistant(payload: Mapping[str, Any]) -> bool:
    origin = payload.get("origin")
    return isinstance(origin, dict) and origin.get("name") == ORIGIN


def _device(topic: str, payload: dict[str, Any]) -> Iterator[Change]:
    components = list(_components(payload))
    if not components:
        yield LeftOut((topic, ""), "a device message without components")
    shared = {option: payload[option] for option in SHARED_OPTIONS if option in payload}
    for component_id, component, device in components:
        key = (topic, plain(component_id))
        if not isinstance(component, dict) or not isinstance(component.get("platform"), str):
            yield LeftOut(key, "a component without a platform")
        elif len(component) == 1:
            yield Removed(key)
        else:
            yield _component(key, component["platform"], {**shared, **component, "device": device})


def _components(payload: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Id, options and device: the message's own, or a child that is named apart (one socket of a power strip)."""
    device = payload.get("device")
    parent = device if isinstance(device, dict) else {}
    families = [(payload.get("components"), parent)]
    for child in payload.get("child_devices") or ():
        families.append((child.get("components"), {**parent, "child_device": child}))
    for components, family in families:
        if isinstance(components, dict):
            for component_id, component in components.items():
                yield str(component_id), component, family


def _component(key: Key, domain: str, payload: dict[str, Any]) -> Announced | LeftOut:
    domain = plain(domain)
    if domain in SILENT:
        return LeftOut(key, f"{domain}: {SILENT[domain]}")
    if domain not in KINDS:
        return LeftOut(key, f"{domain}: a kind that is not known")
    label = _label(payload)
    payload = _cleaned(_with_base(payload))
    try:
        config = parse(domain, payload)
    except ValidationError as error:
        return LeftOut(key, plain(f"{domain}: {_sentence(error)}"))
    except (ValueError, TypeError, AttributeError) as error:
        return LeftOut(key, plain(f"{domain}: {error}"))
    unusable = first_fault(payload) or _absurd(config)
    if unusable:
        return LeftOut(key, f"{domain}: {unusable}")
    return Announced(key, domain, config, label)


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
    if cleaned.pop("visible_by_default", True) is False:
        cleaned["enabled_by_default"] = False
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
    child = details.get("child_device")
    own_name = name(child.get("name")) if isinstance(child, dict) else None
    object_id = name(payload.get("default_entity_id")) or name(payload.get("object_id"))
    return Label(
        name=name(payload.get("name")),
        named="name" in payload,
        device=own_name or name(details.get("name")),
        object_id=object_id.rpartition(".")[2] if object_id else None,
        unique_id=name(payload.get("unique_id")),
        area=name(details.get("suggested_area")),
        device_ids=_device_ids(child if isinstance(child, dict) else details),
    )


def _device_ids(details: Mapping[str, Any]) -> frozenset[str]:
    """Identifiers are those of Home Assistant's MQTT integration, connections anybody's."""
    given, connections = details.get("identifiers"), details.get("connections")
    identifiers = [f"mqtt:{each}" for each in (given if isinstance(given, list) else [given]) if each]
    pairs = [pair for pair in (connections if isinstance(connections, list) else []) if isinstance(pair, list)]
    return frozenset(each.casefold() for each in [*identifiers, *(":".join(map(str, pair)) for pair in pairs)])


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
