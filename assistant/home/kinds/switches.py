"""What is on or off: switches and sirens."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ha_mqtt_models_pydantic import Siren as SirenConfig
from ha_mqtt_models_pydantic import Switch as SwitchConfig

from assistant.home.cleaning import finite
from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, Report, choices, having, is_now, messages
from assistant.home.kinds.reading import NO_VALUE, record, words
from assistant.home.templates import Payload, Unreadable, read, write
from assistant.models import Limits, Value


class Switch(Kind[SwitchConfig]):
    __slots__ = ()

    def readings(self) -> list[Reading]:
        config = self.config
        on, off = config.state_on or config.payload_on, config.state_off or config.payload_off
        return words("state", config.state_topic, config.value_template, {on: "on", off: "off"})

    def order(self, command: Command) -> Order:
        config, service = self.config, command.toggled()
        if service not in ("turn_on", "turn_off"):
            raise command.lacks(command.service)
        on = service == "turn_on"
        payload = write(config.command_template, config.payload_on if on else config.payload_off)
        topic = command.needed(config.command_topic, service)
        return Order(messages((topic, payload)), is_now("on" if on else "off"), repeatable=command.definite)


_LONGEST_ALARM = 3600.0


class Siren(Kind[SirenConfig]):
    """Told and heard in JSON, or in plain words."""

    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        config = self.config
        features = having(
            tone=config.available_tones, duration=config.support_duration, volume_level=config.support_volume_set
        )
        return Abilities(features, {"volume_level": Limits(0, 1)}, choices(tone=config.available_tones))

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)] if self.config.state_topic else []

    def order(self, command: Command) -> Order:
        config, service = self.config, command.toggled()
        topic = command.needed(config.command_topic, service)
        match service:
            case "turn_on":
                payload = self._payload(config.payload_on, config.command_template, self._details(command))
            case "turn_off":
                template = config.command_off_template or config.command_template
                payload = self._payload(config.payload_off, template, {})
            case _:
                raise command.lacks(command.service)
        wanted = is_now("on" if service == "turn_on" else "off")
        return Order(messages((topic, payload)), wanted, repeatable=command.definite)

    def _details(self, command: Command) -> dict[str, Value]:
        for name in ("tone", "duration", "volume_level"):
            if command.has(name):
                command.needs(name)
        seconds = command.number("duration", Limits(0, _LONGEST_ALARM))
        details: dict[str, Value] = {
            "tone": command.choice("tone"),
            "duration": None if seconds is None else round(seconds),  # Home Assistant sends whole ones
            "volume_level": command.number("volume_level"),
        }
        return {name: value for name, value in details.items() if value is not None}

    def _payload(self, state: str, template: str | None, details: Mapping[str, Value]) -> str:
        """As in Home Assistant: without a template it is always JSON."""
        if template:
            return write(template, state, state=state, **details)
        return json.dumps({"state": state, **details})

    def _note(self, payload: Payload, report: Report) -> None:
        config = self.config
        text = read(config.state_value_template, payload)
        meant = {
            config.state_on or config.payload_on: "on",
            config.state_off or config.payload_off: "off",
            NO_VALUE: None,
        }
        if text in meant:
            report["state"] = meant[text]
            return
        said = record(Payload(text))
        if said.get("state") in meant:
            report["state"] = meant[str(said["state"])]
        elif "state" in said:
            raise Unreadable(f"{text[:80]!r} is neither on nor off")
        for name in ("duration", "volume_level"):
            if name in said:
                report[name] = finite(said[name])
        if isinstance(said.get("tone"), str):
            report["tone"] = str(said["tone"])
