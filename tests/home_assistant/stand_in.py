"""Stands in for Home Assistant where it is not installed: runs the automations of our package as it does.

It reads the real YAML, renders every template of it with Jinja2 and Home Assistant's functions, parses the results as
Home Assistant does, and publishes on the real broker. Its house is the one of `config/`; what is simulated is only
what the automations call and see. `real.py` runs the same stories against the real one.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import yaml
from aiomqtt import Client
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.home_assistant.real import PACKAGE


@dataclass(slots=True)
class Thing:
    """A state object, as templates see it."""

    entity_id: str
    name: str
    state: str
    attributes: dict[str, Any] = field(default_factory=dict)
    area: str | None = None
    labels: tuple[str, ...] = ()
    device: Mapping[str, Any] | None = None
    mqtt: bool = False
    last_updated: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def domain(self) -> str:
        return self.entity_id.partition(".")[0]


class States:
    """`states(id)`, `states[id]`, `states.sensor`, and all of them in a loop."""

    def __init__(self, things: Mapping[str, Thing]) -> None:
        self._things = things

    def __call__(self, entity_id: str) -> str:
        return self._things[entity_id].state if entity_id in self._things else "unknown"

    def __getitem__(self, entity_id: str) -> Thing | None:
        return self._things.get(entity_id)

    def __getattr__(self, domain: str) -> list[Thing]:
        return [thing for thing in self._things.values() if thing.domain == domain]

    def __iter__(self) -> Any:
        return iter(list(self._things.values()))


def paper_house() -> dict[str, Thing]:
    """As in config/, with the desk lamp that came over MQTT and was renamed by its owner."""
    things = [
        Thing("light.floor_lamp", "Floor lamp", "on", {
            "supported_color_modes": ["brightness"], "color_mode": "brightness", "brightness": 128,
            "supported_features": 0,
        }, "Lounge"),
        Thing("media_player.television", "Television", "playing", {
            "source_list": ["TV", "HDMI 1"], "volume_level": 0.4, "is_volume_muted": False, "media_title": "News",
            "supported_features": 22957,
        }, "Lounge", ("alias: telly",)),
        Thing("lock.back_door", "Back door", "unlocked", {"supported_features": 0}),
        Thing("scene.movie_time", "Movie time", "unknown", {}, "Lounge"),
        Thing("script.good_night", "Good night", "off", {"mode": "single"}),
        Thing("cover.garage_door", "Garage door", "closed", {"device_class": "garage", "supported_features": 3}),
        Thing("sensor.sun_next_dawn", "Sun Next dawn", "unknown"),
    ]  # fmt: skip
    return {thing.entity_id: thing for thing in things}


class ServiceFailed(Exception):
    """Home Assistant then ends the automation's run and writes its log; nobody else hears of it."""


class StandIn:
    def __init__(self, client: Client) -> None:
        self.things = paper_house()
        self._client = client
        package = yaml.safe_load(PACKAGE.read_text())
        self._automations = package["automation"]
        self._runs: set[asyncio.Task[None]] = set()
        self._jinja = ImmutableSandboxedEnvironment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
        self._jinja.filters |= {"to_json": _to_json, "label_name": lambda label: label, "state_attr": self._state_attr}
        self._jinja.tests["match"] = lambda text, pattern: re.match(pattern, str(text)) is not None
        self._jinja.globals |= {
            "states": States(self.things), "now": lambda: datetime.now(UTC),
            "integration_entities": lambda domain: [each.entity_id for each in self.things.values() if each.mqtt],
            "areas": lambda: ["lounge"], "area_name": self._area_name, "floor_name": lambda area: "Ground floor",
            "labels": lambda of: ("alias it: il salotto",) if of == "lounge" else self.things[of].labels,
            "is_hidden_entity": lambda entity_id: False,
            "device_id": lambda entity_id: entity_id if self.things[entity_id].device else None,
            "device_attr": self._device_attr,
        }  # fmt: skip

    def _area_name(self, what: str) -> str | None:
        return "Lounge" if what == "lounge" else self.things[what].area

    def _state_attr(self, entity_id: str, name: str) -> Any:
        return self.things[entity_id].attributes.get(name) if entity_id in self.things else None

    def _device_attr(self, device: str, name: str) -> Any:
        thing = self.things.get(device)
        return (thing.device or {}).get(name) if thing else None

    # ── triggers ──

    async def listen(self) -> None:
        async for message in self._client.messages:
            topic, payload = message.topic.value, bytes(message.payload).decode()  # type: ignore[arg-type]
            if topic.startswith("homeassistant/"):
                await self._discovered(topic, payload)
            elif topic == "desk":
                await self.become("light.desk_lamp", payload.lower())
            trigger: dict[str, Any] = {"platform": "mqtt", "topic": topic, "payload": payload}
            with contextlib.suppress(ValueError):
                trigger["payload_json"] = json.loads(payload)
            for automation, each in self._triggers("mqtt"):
                if self._render(each["topic"], automation.get("trigger_variables", {})) == topic:
                    self._run(automation, trigger)

    def start(self) -> None:
        for automation, each in self._triggers("homeassistant"):
            if each["event"] == "start":
                self._run(automation, {"platform": "homeassistant"})

    def fire(self, event: str, data: Mapping[str, Any]) -> None:
        for automation, each in self._triggers("event"):
            wanted = each["event_type"]
            if event in (wanted if isinstance(wanted, list) else [wanted]):
                self._run(automation, {"platform": "event", "event": {"data": data}})

    def _triggers(self, platform: str) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
        return [(automation, each) for automation in self._automations for each in automation["triggers"]
                if each["trigger"] == platform]  # fmt: skip

    def _run(self, automation: dict[str, Any], trigger: dict[str, Any]) -> None:
        task = asyncio.create_task(self._run_through(automation, trigger), name=automation["id"])
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)

    async def _run_through(self, automation: dict[str, Any], trigger: dict[str, Any]) -> None:
        values: dict[str, Any] = {"trigger": trigger}
        self._assign(automation.get("variables", {}), values)
        if all(self._true(condition, values) for condition in automation.get("conditions", [])):
            with contextlib.suppress(ServiceFailed):
                await self._do(automation["actions"], values)

    # ── actions ──

    async def _do(self, actions: list[dict[str, Any]], values: dict[str, Any]) -> None:
        for action in actions:
            match action:
                case {"delay": _}:
                    await asyncio.sleep(0)
                case {"variables": variables}:
                    self._assign(variables, values)
                case {"choose": choices}:
                    chosen = next((one["sequence"] for one in choices if self._true(one["conditions"], values)),
                                  action.get("default", []))  # fmt: skip
                    await self._do(chosen, values)
                case {"repeat": {"for_each": items, "sequence": sequence}}:
                    each = self._render(items, values)
                    for number, item in enumerate(each, 1):
                        values["repeat"] = {"index": number, "first": number == 1, "item": item}
                        await self._do(sequence, values)
                case {"action": name}:
                    await self._call(self._render(name, values), action, values)
                case _:
                    raise AssertionError(f"an action that the stand-in does not know: {action}")

    async def _call(self, name: str, action: dict[str, Any], values: dict[str, Any]) -> None:
        data = self._rendered(action.get("data", {}), values, text=name == "mqtt.publish")
        if name == "mqtt.publish":
            await self._client.publish(data["topic"], data["payload"], qos=int(data.get("qos", 0)),
                                       retain=bool(data.get("retain", False)))  # fmt: skip
            return
        domain, _, service = name.partition(".")
        obey = SERVICES.get((domain, service))
        if obey is None:
            raise ServiceFailed(f"{name} does not exist")
        for entity_id in self._render(action["target"]["entity_id"], values):
            for changed, attributes in obey(entity_id, data).items():
                await self.become(changed, attributes.pop("state", None), **attributes)

    async def become(self, entity_id: str, state: str | None, **attributes: Any) -> None:
        """A state changes, and everybody hears of it."""
        thing = self.things[entity_id]
        before = (thing.state, dict(thing.attributes))
        thing.state = state or thing.state
        thing.attributes |= attributes
        if before != (thing.state, thing.attributes):
            thing.last_updated = datetime.now(UTC)
            self.fire("state_changed", {"entity_id": entity_id, "new_state": thing})

    async def _discovered(self, topic: str, payload: str) -> None:
        """Home Assistant takes it as well; its owner gave the lamp a name and a room."""
        if topic != "homeassistant/light/desk/config":
            return
        device = {"name": "Desk lamp", "name_by_user": "Writing lamp", "identifiers": [("mqtt", "desk_device")],
                  "connections": []}  # fmt: skip
        attributes = {"supported_color_modes": ["onoff"], "supported_features": 0}
        self.things["light.desk_lamp"] = Thing(
            "light.desk_lamp", "Writing lamp", "unknown", attributes, "Lounge", (), device, mqtt=True
        )
        await self._client.subscribe(json.loads(payload)["stat_t"])
        self.fire("entity_registry_updated", {})

    # ── templates ──

    def _assign(self, variables: Mapping[str, Any], values: dict[str, Any]) -> None:
        for name, given in variables.items():
            values[name] = self._rendered(given, values)

    def _rendered(self, given: Any, values: Mapping[str, Any], text: bool = False) -> Any:
        match given:
            case str():
                return self._render(given, values, text)
            case dict():
                return {key: self._rendered(value, values, text) for key, value in given.items()}
            case list():
                return [self._rendered(value, values, text) for value in given]
            case _:
                return given

    def _render(self, template: str, values: Mapping[str, Any], text: bool = False) -> Any:
        """A result that reads like a Python value is one, as in Home Assistant; a payload stays as it was written."""
        if "{" not in template:
            return template
        rendered = self._jinja.from_string(template).render(**values).strip()
        assert len(rendered) <= 256 * 1024, "Home Assistant renders no more"
        if text:
            return rendered
        try:
            parsed = ast.literal_eval(rendered)
        except (ValueError, SyntaxError, MemoryError):
            return rendered
        numeric = isinstance(parsed, int | float) and not isinstance(parsed, bool)
        plain_number = re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", rendered) is not None
        return rendered if isinstance(parsed, str) or (numeric and not plain_number) else parsed

    def _true(self, condition: str, values: Mapping[str, Any]) -> bool:
        return self._render(condition, values, text=True).lower() in ("true", "yes", "on", "1")


def _to_json(value: Any) -> str:
    """As orjson, which knows tuples but no other objects."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


Change = dict[str, dict[str, Any]]


def _lamp_on(entity_id: str, data: Mapping[str, Any]) -> Change:
    if set(data) - {"brightness_pct", "transition", "rgb_color", "effect", "color_temp_kelvin"}:
        raise ServiceFailed("not a valid option")
    percent = data.get("brightness_pct")
    return {entity_id: {"state": "on"} | ({"brightness": round(percent * 2.55)} if percent else {})}


def _no_next_track(entity_id: str, data: Mapping[str, Any]) -> Change:
    raise ServiceFailed("the television has no next track")


SERVICES: Mapping[tuple[str, str], Callable[[str, Mapping[str, Any]], Change]] = {
    ("light", "turn_on"): _lamp_on,
    ("light", "turn_off"): lambda lamp, data: {lamp: {"state": "off"}},
    ("lock", "lock"): lambda door, data: {door: {"state": "locked"}},
    ("lock", "unlock"): lambda door, data: {door: {"state": "unlocked"}},
    ("media_player", "media_pause"): lambda player, data: {player: {"state": "paused"}},
    ("media_player", "media_play"): lambda player, data: {player: {"state": "playing"}},
    ("media_player", "media_next_track"): _no_next_track,
    ("media_player", "volume_set"): lambda player, data: {player: {"volume_level": data["volume_level"]}},
    ("media_player", "volume_mute"): lambda player, data: {player: {"is_volume_muted": data["is_volume_muted"]}},
    ("scene", "turn_on"): lambda scene, data: {
        scene: {"state": datetime.now(UTC).isoformat()}, "light.floor_lamp": {"state": "off"},
    },
    ("script", "turn_on"): lambda script, data: {"light.floor_lamp": {"state": "off"}},
}  # fmt: skip


@asynccontextmanager
async def home_assistant_stand_in(host: str, port: int) -> AsyncIterator[StandIn]:
    async with Client(host, port) as client:
        stand_in = StandIn(client)
        await client.subscribe([("mimo-assistant/ha/call", 1), ("mimo-assistant/ha/ask", 1), ("homeassistant/#", 1)])
        listening = asyncio.create_task(stand_in.listen(), name="home assistant's stand-in")
        stand_in.start()
        try:
            yield stand_in
        finally:
            listening.cancel()
            await asyncio.wait({listening})
