"""What is told and never reports: buttons, scenes, messages to screens and phones, infrared senders."""

from __future__ import annotations

import json

from ha_mqtt_models_pydantic import Button as ButtonConfig
from ha_mqtt_models_pydantic import Notify as NotifyConfig
from ha_mqtt_models_pydantic import Scene as SceneConfig

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Kind, Order, Reading, Report, messages
from assistant.home.kinds.models import EmitterConfig, ReceiverConfig
from assistant.home.kinds.reading import record
from assistant.home.templates import Payload, Unreadable, read, write
from assistant.models import Limits

LONGEST_MESSAGE = 2_000


class Button(Kind[ButtonConfig]):
    __slots__ = ()

    def order(self, command: Command) -> Order:
        if command.service != "press":
            raise command.lacks(command.service)
        payload = write(self.config.command_template, self.config.payload_press)
        return Order(messages((self.config.command_topic, payload)))


class Scene(Kind[SceneConfig]):
    __slots__ = ()

    def order(self, command: Command) -> Order:
        if command.service != "turn_on":
            raise command.lacks(command.service)
        return Order(messages((self.config.command_topic, self.config.payload_on or "ON")))


class Notify(Kind[NotifyConfig]):
    __slots__ = ()

    def order(self, command: Command) -> Order:
        if command.service != "send_message":
            raise command.lacks(command.service)
        text = command.needed(command.text("message", 1, LONGEST_MESSAGE), "message")
        payload = write(self.config.command_template, text, title=command.text("title"))
        return Order(messages((self.config.command_topic, payload)))


_LONGEST_SIGNAL = 4_000


class Emitter(Kind[EmitterConfig]):
    """timings: microseconds, pauses negative, with commas between; nobody says them, automations may."""

    __slots__ = ()

    def order(self, command: Command) -> Order:
        if command.service != "send_command":
            raise command.lacks(command.service)
        written = command.needed(command.text("timings", 1, _LONGEST_SIGNAL), "timings")
        try:
            timings = [int(part) for part in written.split(",")]
        except ValueError as error:
            raise command.makes_no_sense(f"{written[:80]!r} is no list of timings", "timings") from error
        signal = {
            "timings": timings,
            "modulation": _whole(command.number("modulation", Limits(1, 1_000_000))),
            "repeat_count": _whole(command.number("repeat_count", Limits(0, 100))) or 0,
        }
        payload = write(self.config.command_template, json.dumps(signal), **signal)
        return Order(messages((self.config.command_topic, payload)))


class Receiver(Kind[ReceiverConfig]):
    """Its state is the signal that it saw last."""

    __slots__ = ()

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)]

    def _note(self, payload: Payload, report: Report) -> None:
        if payload.retained:
            raise Unreadable("it was seen before we listened")
        timings = record(Payload(read(self.config.value_template, payload))).get("timings")
        if not isinstance(timings, list) or not timings or not all(type(timing) is int for timing in timings):
            raise Unreadable("is no list of timings")
        report["state"] = ",".join(str(timing) for timing in timings)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
