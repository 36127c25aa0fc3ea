"""A house that announces itself: discovery, kinds, commands and their confirmation are real, the broker is a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from assistant import yaml_files
from assistant.config import ConfirmSettings, HouseSettings
from assistant.home.commands import Commands
from assistant.home.discovery import Discovery
from assistant.home.registry import Registry
from assistant.models import Allowed, Entity, Floor, Message, Outcome, Room, State

DESCRIPTION = yaml_files.read(Path(__file__).with_suffix(".yaml"))
QUICK = ConfirmSettings(timeout_seconds=0.2, slow_timeout_seconds=0.2)


class AnnouncedHouse:
    """household.Part. What a device is told on "x/set" it says on "x"."""

    def __init__(self) -> None:
        self.registry = Registry(HouseSettings.model_validate(DESCRIPTION["house"]))
        self.sent: list[tuple[str, str]] = []
        self._commands = Commands(self.registry, self._publish, QUICK)
        discovery = Discovery("homeassistant")
        for thing, payload in DESCRIPTION["announces"].items():
            for change in discovery.read(f"homeassistant/{thing}/config", json.dumps(payload).encode()):
                self.registry.apply(change)
        for topic, said in DESCRIPTION["says"].items():
            self.registry.receive(topic, said.encode())
        assert self.registry.left_out == {}

    async def _publish(self, message: Message) -> None:
        self.sent.append((message.topic, message.payload))
        self.registry.receive(message.topic.removesuffix("/set"), message.payload.encode())

    async def perform(self, allowed: Allowed) -> Outcome:
        return await self._commands.perform(allowed)

    @property
    def revision(self) -> int:
        return self.registry.revision

    @property
    def rooms(self) -> Sequence[Room]:
        return self.registry.rooms

    @property
    def floors(self) -> Sequence[Floor]:
        return self.registry.floors

    def entities(self) -> Sequence[Entity]:
        return self.registry.entities()

    def entity(self, entity_id: str) -> Entity | None:
        return self.registry.entity(entity_id)

    def state(self, entity_id: str) -> State:
        return self.registry.state(entity_id)
