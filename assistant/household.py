"""The devices and what the assistant keeps itself (lists, preferences), as one house."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.errors import HouseUnreachable, NotFound
from assistant.interfaces import Commands, House
from assistant.models import Allowed, Entity, Floor, Intent, Language, Outcome, Room, State, Target

OWN = ("todo", "memory", "schedule")
"""The domains of what the assistant keeps itself: it needs no device."""


class Part(House, Commands, Protocol):
    """Something that has entities, knows their states and can be told to change them."""


Nicknames = Mapping[str, Mapping[Language, tuple[str, ...]]]
"""By entity id: how people call it besides."""


class Household:
    """Implements interfaces.House and interfaces.Commands. What an earlier part has, a later one of the same kind and
    name does not double: the shopping list of Home Assistant takes the place of ours."""

    def __init__(self, *parts: Part, nicknames: Callable[[], Nicknames] = dict) -> None:
        """nicknames: of any part's things; they change only with some part's revision."""
        self._parts = parts
        self._nicknames = nicknames
        self._built = -1
        self._entities: tuple[Entity, ...] = ()
        self._owners: dict[str, Part] = {}

    @property
    def revision(self) -> int:
        return sum(part.revision for part in self._parts)

    @property
    def rooms(self) -> Sequence[Room]:
        return self._parts[0].rooms

    @property
    def floors(self) -> Sequence[Floor]:
        return self._parts[0].floors

    def entities(self) -> Sequence[Entity]:
        self._build()
        return self._entities

    def entity(self, entity_id: str) -> Entity | None:
        owner = self._owner(entity_id)
        found = owner.entity(entity_id) if owner else None
        return found and _called(found, self._nicknames())

    def state(self, entity_id: str) -> State:
        owner = self._owner(entity_id)
        return owner.state(entity_id) if owner else State(entity_id, available=False)

    async def perform(self, allowed: Allowed) -> Outcome:
        owner = self._owner(allowed.action.entity_id)
        if owner is None:
            raise NotFound(f"no device has the id {allowed.action.entity_id}", kind="device")
        return await owner.perform(allowed)

    def _owner(self, entity_id: str) -> Part | None:
        self._build()
        return self._owners.get(entity_id)

    def _build(self) -> None:
        if self._built == (revision := self.revision):
            return
        self._owners = {}
        known: dict[tuple[str, str], Part] = {}
        found = []
        for part in self._parts:
            for entity in part.entities():
                first = known.setdefault((entity.domain, entity.name.casefold()), part)
                if entity.id not in self._owners and first is part:
                    self._owners[entity.id] = part
                    found.append(entity)
        nicknames = self._nicknames()
        self._entities = tuple(sorted((_called(each, nicknames) for each in found), key=lambda entity: entity.id))
        self._built = revision


def expect_devices(house: House, intents: Sequence[Intent] = ()) -> None:
    """Only what needs no device ("what time is it", a list) works before the house has announced any. Raises
    HouseUnreachable."""
    if intents and all(intent.target == Target() or _is_own(intent) for intent in intents):
        return
    if all(entity.domain in OWN for entity in house.entities()):
        raise HouseUnreachable("the house has not announced any device")


def _is_own(intent: Intent) -> bool:
    ids = intent.target.ids
    return intent.target.domain in OWN or (bool(ids) and all(each.partition(".")[0] in OWN for each in ids))


def _called(entity: Entity, nicknames: Nicknames) -> Entity:
    """With its nicknames behind its own names, so that it is spoken of as before where it has one."""
    if not (more := nicknames.get(entity.id)):
        return entity
    aliases = dict(entity.aliases)
    for language, names in more.items():
        aliases[language] = (*aliases.get(language, ()), *names)
    return replace(entity, aliases=aliases)
