"""Every entity that was announced, its name, room and state; messages find them through one table of topics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.config import HouseSettings
from assistant.home.discovery import Announced, Change, Key, LeftOut, Removed
from assistant.home.names import House, entity_name, in_tuples, slug
from assistant.home.record import Clock, Record, utc_now
from assistant.home.templates import Payload, Unreadable
from assistant.models import Entity, Floor, Room, State

log = logging.getLogger(__name__)


class Registry:
    """Knows nothing of the network: discovery changes and messages go in, entities and states come out."""

    def __init__(
        self,
        settings: HouseSettings,
        subscribe: Callable[[Iterable[str]], None] = lambda topics: None,
        unsubscribe: Callable[[Iterable[str]], None] = lambda topics: None,
        clock: Clock = utc_now,
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
        self._records: dict[Key, Record] = {}
        self._by_id: dict[str, Record] = {}
        self._by_unique_id: dict[tuple[str, str], Key] = {}
        self._ids: dict[tuple[str, str], str] = {}
        """By domain and unique id, also of what is gone: who comes back is who they were."""
        self._by_topic: dict[str, dict[int, Record]] = {}
        self._keys_by_topic: dict[str, set[Key]] = {}
        self._built = -1
        self._areas: set[str] = set()
        self._house = House(settings, ())
        self._entities: tuple[Entity, ...] = ()

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
        return record.entity if record else None

    def record(self, entity_id: str) -> Record | None:
        self._build()
        return self._by_id.get(entity_id)

    def state(self, entity_id: str) -> State:
        record = self._by_id.get(entity_id)
        return record.state() if record else State(entity_id, available=False)

    def records(self) -> Iterator[Record]:
        return iter(self._records.values())

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

    def apply(self, change: Change) -> None:
        match change:
            case LeftOut():
                self._remove([change.key])
                if self.left_out.get(change.key) != change.reason:
                    log.info("left out %s %s: %s", *change.key, change.reason)
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
        records = list(self._by_topic.get(topic, {}).values())
        if not records:
            return False
        try:
            payload = Payload.of(data, retained=retained)
        except Unreadable as problem:
            log.warning("%s: %s", topic, problem)
            return False
        news = False
        for record in records:
            news = self._note(record, topic, payload) or news
        return news

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

    def _announce(self, announced: Announced) -> None:
        self.left_out.pop(announced.key, None)
        old = self._records.get(announced.key) or self._handed_over(announced)
        if old is not None and old.announced == announced:
            return
        name = entity_name(announced.label, announced.domain, announced.config)
        record = Record(old.entity.id if old else self._new_id(announced, name), name, announced, self._clock)
        if old is not None:
            record.take_over(old)
            self._remove([old.announced.key])
        self._add(record)
        self.revision += 1

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
        self._subscribe(new)

    def _remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            record = self._records.pop(key, None)
            if record is None:
                continue
            self._by_id.pop(record.entity.id, None)
            self._keys_by_topic[key[0]].discard(key)
            unique = (record.announced.domain, record.announced.label.unique_id or "")
            if self._by_unique_id.get(unique) == key:
                del self._by_unique_id[unique]
            for topic in record.topics:
                listeners = self._by_topic.get(topic, {})
                listeners.pop(id(record), None)
                if not listeners:
                    self._by_topic.pop(topic, None)
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
        if areas != self._areas:
            self._areas, self._house = areas, House(self._settings, areas)
        for record in self._records.values():
            if record.house is not self._house:
                record.entity, record.house = self._described(record), self._house
        described = (record.entity for record in self._records.values())
        self._entities = tuple(sorted(described, key=lambda entity: entity.id))
        self._built = self.revision

    def _described(self, record: Record) -> Entity:
        config, label = record.config, record.announced.label
        settings = self._house.device(record.entity.id, record.name)
        room = self._house.room_of(settings, label.area, record.name, label.device)
        unit = getattr(config, "unit_of_measurement", None) or _temperature_unit(config)
        hidden = config.entity_category is not None or not config.enabled_by_default
        able = record.kind.abilities
        entity = Entity(
            record.entity.id,
            record.name,
            room=room,
            floor=self._house.floor_of(room),
            device_class=getattr(config, "device_class", None),
            unit=unit,
            features=able.features,
            limits=able.limits,
            options=able.options,
            hidden=hidden,
            readable=bool(record.readings),
        )
        if settings is None:
            return entity
        return replace(
            entity,
            name=settings.name or entity.name,
            aliases=in_tuples(settings.aliases),
            critical=settings.critical,
            hidden=entity.hidden if settings.hidden is None else settings.hidden,
        )


def _temperature_unit(config: MqttEntityCommon) -> str | None:
    unit = getattr(config, "temperature_unit", None)
    return f"°{unit}" if unit in ("C", "F") else None
