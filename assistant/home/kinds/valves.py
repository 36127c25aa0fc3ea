"""Water and gas valves."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.kinds.command import Command
from assistant.home.kinds.covers import arrived, by_position, moved
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, Report, having, messages
from assistant.home.kinds.models import ValveConfig
from assistant.home.scales import percent_of, value_of
from assistant.home.templates import Payload, Unreadable, number, read, write
from assistant.models import Value


class Valve(Kind[ValveConfig]):
    """Those that report a position are told one, in the device's own numbers; the others have words."""

    __slots__ = ()
    moves = True
    guards = True

    @property
    def abilities(self) -> Abilities:
        config = self.config
        return Abilities(having(open=True, close=True, position=config.reports_position, stop=config.payload_stop))

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)] if self.config.state_topic else []

    def settle(self, report: Mapping[str, Value], age: float | None) -> str | None:
        return by_position(report)

    def order(self, command: Command) -> Order:
        config, service = self.config, command.toggled("open_valve", "close_valve", "closed")
        topic = command.needed(config.command_topic, service)
        if config.reports_position and service != "stop_valve":
            percent = command.needed(self._percent(service, command), service)
            value = value_of(percent, config.position_closed, config.position_open)
            return arrived(messages((topic, write(config.command_template, value))), percent)
        payloads = {
            "open_valve": config.payload_open,
            "close_valve": config.payload_close,
            "stop_valve": config.payload_stop,
        }
        payload = command.needed(payloads.get(service), service)
        return moved(messages((topic, write(config.command_template, payload))), service)

    def _percent(self, service: str, command: Command) -> int | None:
        if service == "set_valve_position":
            return command.needed(command.percent("position"), "position")
        return {"open_valve": 100, "close_valve": 0}.get(service)

    def _note(self, payload: Payload, report: Report) -> None:
        config = self.config
        moving = {config.state_opening: "opening", config.state_closing: "closing"}
        words = {config.state_open: "open", config.state_closed: "closed", **moving}
        text = read(config.value_template, payload)
        inner = Payload(text)
        position: object = None
        if inner.is_json and isinstance(inner.json, dict):
            position, text = inner.json.get("position"), str(inner.json.get("state", ""))
        elif config.reports_position and text not in moving:
            position, text = text, ""
        if text:
            if text not in words:
                raise Unreadable(f"{text[:80]!r} is none of {', '.join(words)}")
            report["state"] = words[text]
        step = None if position is None else number(str(position))
        if step is not None:
            report["position"] = percent_of(step, config.position_closed, config.position_open)
            if not text:
                report["state"] = None
