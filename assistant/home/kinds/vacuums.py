"""Robot vacuum cleaners, room by room where they tell their rooms."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from assistant.home.cleaning import finite, plain
from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, Report, choices, is_now, messages, says
from assistant.home.kinds.models import VacuumConfig
from assistant.home.kinds.reading import record
from assistant.home.templates import Payload, write

STATES = frozenset({"cleaning", "docked", "paused", "idle", "returning", "error"})

MOST_ROOMS = 100

_SERVICES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "start": ("start", "payload_start", ("cleaning",)),
    "turn_on": ("start", "payload_start", ("cleaning",)),
    "pause": ("pause", "payload_pause", ("paused", "idle")),
    "stop": ("stop", "payload_stop", ("idle", "paused", "docked")),
    "return_to_base": ("return_home", "payload_return_to_base", ("returning", "docked")),
    "turn_off": ("return_home", "payload_return_to_base", ("returning", "docked")),
    "locate": ("locate", "payload_locate", ()),
    "clean_spot": ("clean_spot", "payload_clean_spot", ("cleaning",)),
}
"""Service: the feature it needs, its payload, and the states that show that it was obeyed."""

_VALETUDO = re.compile(r"(?P<robot>[^/]+/[^/]+)/hass/[^/]+/state")
"""Where Valetudo reports for Home Assistant; its own topics stand beside it."""

_BY_VALETUDO = '{"segment_ids": {{ value | to_json }}, "iterations": 1, "customOrder": true}'


class Vacuum(Kind[VacuumConfig]):
    """The rooms come in its state, as Home Assistant wants them since 2026, or from Valetudo's own map topic."""

    __slots__ = ("rooms",)
    moves = True

    def __init__(self, config: VacuumConfig) -> None:
        super().__init__(config)
        self.rooms: Mapping[str, str] = {}
        """Segment id by the room's name."""

    @property
    def abilities(self) -> Abilities:
        features = set(self.config.supported_features or ())
        if self.rooms and self._rooms_told()[0]:
            features.add("clean_area")
        areas = list(self.rooms) if "clean_area" in features else None
        return Abilities(frozenset(features), {}, choices(fan_speed=self.config.fan_speed_list, area=areas))

    def readings(self) -> list[Reading]:
        config = self.config
        found = [Reading(config.state_topic, self._note)] if config.state_topic else []
        robot = self._valetudo()
        if robot and not config.clean_segments_command_topic:
            found.append(Reading(f"{robot}/MapData/segments", self._note_rooms))
        return found

    def order(self, command: Command) -> Order:
        config = self.config
        match command.service:
            case "set_fan_speed":
                speed = command.needed(command.choice("fan_speed"), "fan_speed")
                topic = command.needed(config.set_fan_speed_topic, "fan_speed")
                return Order(messages((topic, speed)), says("fan_speed", speed), repeatable=True)
            case "clean_area":
                return self._clean(command)
            case "send_command":
                return self._send(command)
            case service if service in _SERVICES:
                feature, field, done = _SERVICES[service]
                command.needs(feature)
                topic = command.needed(config.command_topic, service)
                told = messages((topic, str(getattr(config, field))))
                return Order(told, is_now(*done) if done else None)
            case _:
                raise command.lacks(command.service)

    # ── told ──

    def _clean(self, command: Command) -> Order:
        """area: rooms as the robot calls them, with commas between."""
        command.needs("clean_area")
        names = [name.strip() for name in command.needed(command.text("area"), "area").split(",")]
        segments = [self.rooms[command.known("area", name)] for name in names if name]
        topic, template = self._rooms_told()
        payload = write(template, segments) if template else json.dumps(segments)
        return Order(messages((str(topic), payload)), is_now("cleaning"))

    def _send(self, command: Command) -> Order:
        command.needs("send_command")
        topic = command.needed(self.config.send_command_topic, "send_command")
        word = command.needed(command.text("command"), "command")
        details = {name: value for name, value in command.action.arguments.items() if name != "command"}
        return Order(messages((topic, json.dumps({"command": word, **details}) if details else word)))

    def _rooms_told(self) -> tuple[str | None, str | None]:
        """Topic and template of room cleaning."""
        config, robot = self.config, self._valetudo()
        if config.clean_segments_command_topic:
            return config.clean_segments_command_topic, config.clean_segments_command_template
        return (f"{robot}/MapSegmentationCapability/clean/set", _BY_VALETUDO) if robot else (None, None)

    def _valetudo(self) -> str | None:
        found = _VALETUDO.fullmatch(self.config.state_topic or "")
        return found["robot"] if found else None

    # ── heard ──

    def _note(self, payload: Payload, report: Report) -> None:
        """Always JSON: {"state": "docked", "fan_speed": "max", "battery_level": 80, "segments": {"16": "Kitchen"}}."""
        said = record(payload)
        state = said.get("state")
        if isinstance(state, str) and state in STATES:
            report["state"] = state
        elif "state" in said and state is None:
            report["state"] = None
        for key in ("fan_speed", "battery_level"):
            value = said.get(key)
            if isinstance(value, str):
                report[key] = value
            elif isinstance(value, int | float):
                report[key] = finite(value)
        if isinstance(said.get("segments"), dict):
            self._learn(said["segments"])

    def _note_rooms(self, payload: Payload, report: Report) -> None:
        self._learn(record(payload))

    def _learn(self, segments: object) -> None:
        """{"16": "Kitchen"}; a room without a name has its number for one."""
        if not isinstance(segments, dict):
            return
        rooms = {plain(str(name)).strip(): str(number) for number, name in list(segments.items())[:MOST_ROOMS]}
        rooms.pop("", None)
        if rooms != self.rooms:
            self.rooms = rooms
            self.revision += 1
