"""Every entity that was announced, its name, room and state; messages find them through one table of topics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.config import DeviceSettings, HouseSettings
from assistant.home.devices import Devices
from assistant.home.discovery import Announced, Change, Key, LeftOut, Removed
from assistant.home.groups import group_state, groups
from assistant.home.names import NOTHING_AMENDED, House, entity_name, name_in_topic, slug
from assistant.home.record import Clock, Record, utc_now
from assistant.home.rhythm import is_stale
from assistant.home.snapshot import Listed, Snapshot
from assistant.home.templates import Payload, Unreadable
from assistant.home.twins import Announcement, twins
from assistant.models import Entity, Floor, Room, State

log = logging.getLogger(__name__)


class Neighbour(Protocol):
    """Another source of devices: what Home Assistant reaches without MQTT."""

    def show(self, twins: Collection[str], announced: Collection[str]) -> Iterable[tuple[Entity, str | None]]:
        """Its entities with the names of their devices, but for those that were announced to us as well; the room is
        its word for it. announced: ids that are taken."""

    def state(self, entity_id: str) -> State | None: ...


class Registry:
    """Knows nothing of the network: discovery changes and messages go in, entities and states come out."""

    def __init__(
        self,
        settings: HouseSettings,
        subscribe: Callable[[Iterable[str]], None] = lambda topics: None,
        unsubscribe: Callable[[Iterable[str]], None] = lambda topics: None,
        clock: Clock = utc_now,
        neighbour: Neighbour | None = None,
    ) -> None:
        self.revision = 0
        self.left_out: dict[Key, str] = {}
        """What was announced and cannot be used, with the reason."""
        self.observers: list[Callable[[State, State], None]] = []
        """Told what each live report made of a state: before and after. They must not fail."""
        self._settings = settings
        self._subscribe = subscribe
        self._unsubscribe = unsubscribe
        self._clock = clock
        self._silence = timedelta(hours=settings.stale_hours)
        self._records: dict[Key, Record] = {}
        self._by_id: dict[str, Record] = {}
        self._by_unique_id: dict[tuple[str, str], Key] = {}
        self._devices = Devices()
        self._ids: dict[tuple[str, str], str] = {}
        """By domain and unique id, also of what is gone: who comes back is who they were."""
        self._by_topic: dict[str, dict[int, Record]] = {}
        self._last: dict[str, bytes] = {}
        """What each topic said last: the broker tells what it kept once, but who is announced later needs it, too."""
        self._keys_by_topic: dict[str, set[Key]] = {}
        self._built = -1
        self._areas: set[str] = set()
        self._house = House(settings, ())
        self._entities: tuple[Entity, ...] = ()
        self._groups: dict[str, Entity] = {}
        self._neighbour = neighbour
        self._next_door: dict[str, Entity] = {}
        self._listed = Snapshot()
        self._amended = NOTHING_AMENDED
        self._twins: Mapping[Key, Listed] = {}

    # ── what is asked ──

    @property
    def rooms(self) -> Sequence[Room]:
        self._build()
        return self._house.rooms

    @property
    def floors(self) -> Sequence[Floor]:
        return self._house.floors

    def entities(self) -> Sequence[Entity]:
        self._build()
        return self._entities

    def entity(self, entity_id: str) -> Entity | None:
        self._build()
        record = self._by_id.get(entity_id)
        return record.entity if record else self._groups.get(entity_id) or self._next_door.get(entity_id)

    def record(self, entity_id: str) -> Record | None:
        self._build()
        return self._by_id.get(entity_id)

    def configured(self, entity_id: str) -> DeviceSettings:
        """What the configuration says of it or of its whole device."""
        self._build()
        return self._house.configured.get(entity_id, DeviceSettings())

    def state(self, entity_id: str) -> State:
        if record := self._by_id.get(entity_id):
            state = record.state()
            return replace(state, stale=True) if self._is_stale(record, state) else state
        self._build()
        if group := self._groups.get(entity_id):
            return group_state(group, self.state)
        if self._neighbour is not None and (told := self._neighbour.state(entity_id)):
            return told
        return State(entity_id, available=False)

    def records(self) -> Iterator[Record]:
        return iter(self._records.values())

    @property
    def size(self) -> int:
        """Entities."""
        return len(self._records)

    @property
    def devices(self) -> int:
        """How many there are; what belongs to none counts for itself."""
        return len({record.announced.label.device or record.entity.id for record in self._records.values()})

    @property
    def unknown(self) -> Sequence[str]:
        """What `house:` of the configuration speaks of and nothing announced: a typing slip, or not there yet."""
        self._build()
        called = {name.casefold() for record in self._records.values()
                  for name in (record.entity.id, record.name, record.announced.label.device) if name}  # fmt: skip
        called |= {name.casefold() for entity in self._next_door.values() for name in (entity.id, entity.name)}
        members = (member for group in self._settings.groups.values() for member in group.members)
        return [name for name in dict.fromkeys([*self._settings.devices, *members]) if name.casefold() not in called]

    @property
    def twins(self) -> frozenset[str]:
        """The ids under which Home Assistant lists what was announced to us."""
        self._build()
        return frozenset(listed.id for listed in self._twins.values())

    @contextmanager
    def watching(self, record: Record) -> Iterator[asyncio.Event]:
        """An event that every report of the entity sets."""
        event = asyncio.Event()
        record.watchers.append(event)
        try:
            yield event
        finally:
            record.watchers.remove(event)

    # ── what comes in ──

    def learn(self, listed: Snapshot) -> None:
        """What Home Assistant's registry says; it wins over what devices suggest, the configuration over it."""
        self._listed = listed
        self.revision += 1

    def amend(self, amended: Mapping[str, DeviceSettings]) -> None:
        """By entity id what people changed in the console; the configuration wins over it."""
        self._amended = dict(amended)
        self.revision += 1

    def apply(self, change: Change) -> None:
        match change:
            case LeftOut():
                self._remove([change.key])
                if self.left_out.get(change.key) != change.reason:
                    log.info("left out %s: %s", " ".join(change.key).strip(), change.reason)
                self.left_out[change.key] = change.reason
            case Removed(key):
                topic, component = key
                keys = [key] if component else list(self._keys_by_topic.get(topic, ()))
                self._remove(keys)
                for gone in [left for left in self.left_out if left == key or (not component and left[0] == topic)]:
                    del self.left_out[gone]
            case Announced():
                self._announce(change)

    def receive(self, topic: str, data: bytes, *, retained: bool = False) -> bool:
        """A message on a device's topic. Returns whether anyone learned something for the first time.

        retained: the broker had kept it; who sent it may be long gone.
        """
        return any([*self.hear(topic, data, retained=retained)])

    def hear(self, topic: str, data: bytes, *, retained: bool = False) -> Iterator[bool]:
        """The same in short steps, one for each listener: a bridge's word may mean something to thousands."""
        records = list(self._by_topic.get(topic, {}).values())
        if not records:
            return
        try:
            payload = Payload.of(data, retained=retained)
        except Unreadable as problem:
            log.debug("%s: %s", topic, problem)
            return
        self._last[topic] = data
        for record in records:
            yield self._note(record, topic, payload)

    # ── inside ──

    def _note(self, record: Record, topic: str, payload: Payload) -> bool:
        first, could = record.reports == 0, record.kind.revision
        before = record.state() if self.observers else None
        reported, came_or_went = record.note(topic, payload)
        if record.kind.revision != could:
            record.house = None
            self.revision += 1
        if before is not None and reported and not payload.retained:
            for observer in self.observers:
                observer(before, record.state())
        return (reported and first) or came_or_went

    def _is_stale(self, record: Record, state: State) -> bool:
        silent = self._clock() - record.heard_at if record.heard_at else timedelta()
        return is_stale(state, record.config, silent, self._silence, lambda: self._is_present(record))

    def _is_present(self, record: Record) -> bool:
        """Whether it says so on a topic of its own; one that several devices share is their bridge's."""
        device = record.announced.label.device
        return record.availability.online and any(
            all(other is record or (device and other.announced.label.device == device)
                for other in self._by_topic[topic].values())
            for topic in record.availability.topics
        )  # fmt: skip

    def _announce(self, announced: Announced) -> None:
        self.left_out.pop(announced.key, None)
        said, announced = announced, self._devices.completed(announced)
        old = self._records.get(announced.key) or self._handed_over(announced)
        if old is not None and old.announced == announced:
            return
        name = _name(announced)
        record = Record(old.entity.id if old else self._new_id(announced, name), name, announced, self._clock)
        if old is not None:
            record.take_over(old)
            self._remove([old.announced.key])
        self._add(record)
        self._describe(record)
        self.revision += 1
        for other in self._devices.learn(said):
            self._announce(other)

    def _handed_over(self, announced: Announced) -> Record | None:
        """The same unique id under another topic: the newer announcement takes the entity over."""
        unique = announced.label.unique_id
        key = self._by_unique_id.get((announced.domain, unique)) if unique else None
        return self._records.get(key) if key else None

    def _add(self, record: Record) -> None:
        key, unique = record.announced.key, record.announced.label.unique_id
        self._records[key] = self._by_id[record.entity.id] = record
        self._keys_by_topic.setdefault(key[0], set()).add(key)
        if unique:
            self._by_unique_id[record.announced.domain, unique] = key
            self._ids[record.announced.domain, unique] = record.entity.id
        new = [topic for topic in record.topics if topic not in self._by_topic]
        for topic in record.topics:
            self._by_topic.setdefault(topic, {})[id(record)] = record
            if topic in self._last:
                self._note(record, topic, Payload.of(self._last[topic], retained=True))
        self._subscribe(new)

    def _remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            record = self._records.pop(key, None)
            if record is None:
                continue
            self._by_id.pop(record.entity.id, None)
            self._devices.forget(record.announced)
            self._keys_by_topic[key[0]].discard(key)
            unique = (record.announced.domain, record.announced.label.unique_id or "")
            if self._by_unique_id.get(unique) == key:
                del self._by_unique_id[unique]
            for topic in record.topics:
                listeners = self._by_topic.get(topic, {})
                listeners.pop(id(record), None)
                if not listeners:
                    self._by_topic.pop(topic, None)
                    self._last.pop(topic, None)
                    self._unsubscribe([topic])
            self.revision += 1

    def _new_id(self, announced: Announced, name: str) -> str:
        known = self._ids.get((announced.domain, announced.label.unique_id or ""))
        wanted = f"{announced.domain}.{slug(announced.label.object_id or name)}"
        for free in (known, wanted):
            if free and free not in self._by_id:
                return free
        return next(f"{wanted}_{n}" for n in range(2, 100_000) if f"{wanted}_{n}" not in self._by_id)

    def _build(self) -> None:
        """Once a revision; when a room comes or goes, every entity is described anew, as names may name rooms."""
        if self._built == self.revision:
            return
        areas = {area for record in self._records.values() if (area := record.announced.label.area)}
        self._furnish(areas | {listed.area for listed in self._listed.entities if listed.area})
        self._find_twins()
        for record in self._records.values():
            if record.house is not self._house:
                record.entity, record.house = self._described(record), self._house
        known = {record.entity.id: record.entity for record in self._records.values()}
        if self._neighbour is not None:
            next_door = self._neighbour.show({listed.id for listed in self._twins.values()}, known)
            self._next_door = {entity.id: self._house.described(entity, device, entity.room, "Home Assistant")
                               for entity, device in next_door}  # fmt: skip
            known |= self._next_door
        self._groups = {group.id: group for group in groups(self._settings.groups, known)}
        self._entities = tuple(sorted([*known.values(), *self._groups.values()], key=lambda entity: entity.id))
        self._built = self.revision

    def _furnish(self, areas: set[str]) -> None:
        told = self._house.listed, self._house.amended
        if areas != self._areas or told[0] is not self._listed or told[1] is not self._amended:
            self._areas, self._house = areas, House(self._settings, areas, self._listed, self._amended)

    def _describe(self, record: Record) -> None:
        """At once, so that not ten thousand wait for whoever asks first; another room may yet change it."""
        area = record.announced.label.area
        self._furnish(self._areas | {area} if area else self._areas)
        record.entity, record.house = self._described(record), self._house

    def _find_twins(self) -> None:
        """Those that Home Assistant names otherwise than before are to be described anew."""
        listed = self._listed.entities
        found = twins(map(_announcement, self._records.values()), listed) if listed else {}
        for key, record in self._records.items():
            if found.get(key) is not self._twins.get(key):
                record.house = None
        self._twins = found

    def _described(self, record: Record) -> Entity:
        config, label, able = record.config, record.announced.label, record.kind.abilities
        entity = Entity(
            record.entity.id,
            record.name,
            device_class=getattr(config, "device_class", None),
            unit=getattr(config, "unit_of_measurement", None) or _temperature_unit(config),
            features=able.features,
            limits=able.limits,
            options=able.options,
            hidden=config.entity_category is not None or not config.enabled_by_default,
            readable=bool(record.readings),
            source=record.announced.source,
            name_source="topic" if label.name is None and label.device is None else "device",
        )
        listed = self._twins.get(record.announced.key)
        if listed is None:
            return self._house.described(entity, label.device, label.area)
        entity = replace(
            entity, name=listed.name, name_source="Home Assistant", aliases=listed.aliases,
            hidden=entity.hidden or listed.hidden,
        )  # fmt: skip
        if listed.area is None:
            return self._house.described(entity, label.device, label.area, given_name=record.name)
        return self._house.described(entity, label.device, listed.area, "Home Assistant", record.name)


def _announcement(record: Record) -> Announcement:
    return Announcement(record.announced.key, record.entity.id, record.name, record.announced.label.device_ids)


def _name(announced: Announced) -> str:
    label = announced.label
    nameless = label.name is None and label.device is None
    in_topic = name_in_topic(announced.key) if nameless else None
    return in_topic or entity_name(label, announced.domain, announced.config)


def _temperature_unit(config: MqttEntityCommon) -> str | None:
    unit = getattr(config, "temperature_unit", None)
    return f"°{unit}" if unit in ("C", "F") else None
