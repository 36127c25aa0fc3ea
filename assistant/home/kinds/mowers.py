"""Robot lawn mowers."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, Report, having, is_now, messages
from assistant.home.kinds.models import MowerConfig
from assistant.home.templates import Payload, Unreadable, read, write

STATES = ("mowing", "paused", "docked", "returning", "idle", "error")

_SERVICES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "start_mowing": ("start_mowing", ("mowing",)),
    "pause": ("pause", ("paused", "idle")),
    "dock": ("dock", ("docked", "returning")),
    "stop": ("stop", ("idle", "paused", "docked")),
}
"""Service: the prefix of its options, and the states that show that it was obeyed."""


class Mower(Kind[MowerConfig]):
    __slots__ = ()
    moves = True

    @property
    def abilities(self) -> Abilities:
        return Abilities(having(**{service: self._topic(prefix) for service, (prefix, _) in _SERVICES.items()}))

    def readings(self) -> list[Reading]:
        topic = self.config.activity_state_topic
        return [Reading(topic, self._note)] if topic else []

    def order(self, command: Command) -> Order:
        if command.service not in _SERVICES:
            raise command.lacks(command.service)
        prefix, done = _SERVICES[command.service]
        topic = command.needed(self._topic(prefix), command.service)
        payload = write(getattr(self.config, f"{prefix}_command_template"), prefix)
        return Order(messages((topic, payload)), is_now(*done))

    def _topic(self, prefix: str) -> str | None:
        topic: str | None = getattr(self.config, f"{prefix}_command_topic")
        return topic

    def _note(self, payload: Payload, report: Report) -> None:
        activity = read(self.config.activity_value_template, payload)
        if activity.lower() == "none":
            report["state"] = None
        elif activity in STATES:
            report["state"] = activity
        else:
            raise Unreadable(f"{activity[:80]!r} is none of {', '.join(STATES)}")
