"""Every entity that was announced, its name, room and state; messages find them through one table of topics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.config import DeviceSettings, HouseSettings
from assistant.home import abilities
from assistant.home.availability import Availability
from assistant.home.discovery import Announced, Change, Key, LeftOut, Removed
from assistant.home.names import House, entity_name, in_tuples, slug
from assistant.home.snapshot import Listed, Snapshot
from assistant.home.states import Reading, Report, readings, settle, tidy
from assistant.home.templates import Payload, Unreadable
from assistant.home.twins import Announcement, device_ids, twins
from assistant.models import Entity, Floor, Room, State

log = logging.getLogger(__name__)


class Record:
    """One announced component and what it has reported."""

    __slots__ = (
        "_state",
        "announced",
        "answers",
        "at",
        "availability",
        "entity",
        "name",
        "readings",
        "report",
        "reports",
        "watchers",
    )

    def __init__(self, entity_id: str, name: str, announced: Announced) -> None:
        self.announced = announced
        self.name = name
        self.entity = Entity(entity_id, name)
        self.readings: list[Reading] = readings(announced.config, announced.reports_position)
        self.availability = Availability(announced.config)
        self.report: Report = {}
        self.reports = 0
        """How often something was heard of it, also what the broker had kept (retained)."""
        self.answers = 0
        """How often it reported itself, while we listened: only this shows that it is there, and confirms."""
        self.at: datetime | None = None
        self.watchers: list[asyncio.Event] = []
        self._state: State | None = None

    @property
    def config(self) -> MqttEntityCommon:
        return self.announced.config

    @property
    def topics(self) -> set[str]:
        return {reading.topic for reading in self.readings} | set(self.availability.topics)

    def state(self) -> State:
        if self._state is None:
            attributes = {key: value for key, value in self.report.items() if key != "state" and value is not None}
            value = settle(self.report, self.announced.domain)
            self._state = State(self.entity.id, value, attributes, self.at, self.availability.online)
        return self._state

    def changed(self) -> None:
        self._state = None
        for watcher in self.watchers:
            watcher.set()


class Registry:
    """Knows nothing of the network: discovery changes and messages go in, entities and states come out."""

    def __init__(
        self,
        settings: HouseSettings,
        subscribe: Callable[[Iterable[str]], None] = lambda topics: None,
        unsubscribe: Callable[[Iterable[str]], None] = lambda topics: None,
    ) -> None:
        self.revision = 0
        self.left_out: dict[Key, str] = {}
        """What was announced and cannot be used, with the reason."""
        self._settings = settings
        self._subscribe = subscribe
        self._unsubscribe = unsubscribe
        self._records: dict[Key, Record] = {}
        self._by_id: dict[str, Record] = {}
        self._by_unique_id: dict[tuple[str, str], Key] = {}
        self._by_topic: dict[str, dict[int, Record]] = {}
        self._keys_by_topic: dict[str, set[Key]] = {}
        self._built = -1
        self._house = House(settings, ())
        self._entities: tuple[Entity, ...] = ()
        self._listed = Snapshot()
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
        return record.entity if record else None

    def record(self, entity_id: str) -> Record | None:
        self._build()
        return self._by_id.get(entity_id)

    def state(self, entity_id: str) -> State:
        record = self._by_id.get(entity_id)
        return record.state() if record else State(entity_id, available=False)

    def records(self) -> Iterator[Record]:
        return iter(self._records.values())

    @property
    def twins(self) -> frozenset[str]:
        """The ids under which Home Assistant lists what was announced to us."""
        self._build()
        return frozenset(listed.id for listed in self._twins.values())

    def placed(self, entity: Entity, device: str | None) -> Entity:
        """An entity of another source, with what the configuration says of it; its room is that source's word."""
        self._build()
        settings = self._house.device(entity.id, entity.name)
        room = self._house.room_of(settings, [entity.room], entity.name, device)
        return _configured(replace(entity, room=room, floor=self._house.floor_of(room)), settings)

    def learn(self, listed: Snapshot) -> None:
        """What Home Assistant's registry says; it wins over what devices suggest, the configuration over it."""
        self._listed = listed
        self.revision += 1

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
            payload = Payload.of(data)
        except Unreadable as problem:
            log.warning("%s: %s", topic, problem)
            return False
        news = False
        for record in records:
            news = self._note(record, topic, payload, retained) or news
        return news

    # ── inside ──

    def _note(self, record: Record, topic: str, payload: Payload, retained: bool) -> bool:
        first, reported = record.reports == 0, False
        available = record.availability.note(topic, payload)
        for reading in record.readings:
            if reading.topic != topic:
                continue
            try:
                reading.note(payload, record.report)
                reported = True
            except (Unreadable, ValueError, ArithmeticError) as problem:
                log.debug("%s: %s: %s", record.entity.id, topic, problem)
        if reported:
            tidy(record.report)
            record.reports += 1
            record.answers += not retained
            record.at = datetime.now(UTC)
        if reported or available:
            record.changed()
        return (reported and first) or available

    def _announce(self, announced: Announced) -> None:
        self.left_out.pop(announced.key, None)
        old = self._records.get(announced.key) or self._handed_over(announced)
        if old is not None and old.announced == announced:
            return
        name = entity_name(announced.label, announced.domain, announced.config)
        record = Record(old.entity.id if old else self._new_id(announced, name), name, announced)
        if old is not None:
            record.report, record.at = dict(old.report), old.at
            record.reports, record.answers = old.reports, old.answers
            record.availability.keep(old.availability)
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
        wanted = f"{announced.domain}.{slug(announced.label.object_id or name)}"
        if wanted not in self._by_id:
            return wanted
        return next(f"{wanted}_{n}" for n in range(2, 100_000) if f"{wanted}_{n}" not in self._by_id)

    def _build(self) -> None:
        """Names and rooms depend on one another, so all are made anew, once a revision."""
        if self._built == self.revision:
            return
        areas = [record.announced.label.area for record in self._records.values()]
        areas += [listed.area for listed in self._listed.entities]
        self._house = House(self._settings, [area for area in areas if area], self._listed)
        listed = self._listed.entities
        self._twins = twins(map(_announcement, self._records.values()), listed) if listed else {}
        for record in self._records.values():
            record.entity = self._described(record)
        self._entities = tuple(
            sorted((record.entity for record in self._records.values()), key=lambda entity: entity.id)
        )
        self._built = self.revision

    def _described(self, record: Record) -> Entity:
        config, label = record.config, record.announced.label
        settings = self._house.device(record.entity.id, record.name)
        listed = self._twins.get(record.announced.key)
        name = listed.name if listed and listed.name else record.name
        room = self._house.room_of(settings, [listed.area if listed else None, label.area], name, label.device)
        unit = getattr(config, "unit_of_measurement", None) or _temperature_unit(config)
        hidden = config.entity_category is not None or not config.enabled_by_default
        entity = Entity(
            record.entity.id,
            name,
            room=room,
            floor=self._house.floor_of(room),
            device_class=getattr(config, "device_class", None),
            unit=unit,
            aliases=listed.aliases if listed else {},
            features=abilities.features(config, record.announced.reports_position),
            limits=abilities.limits(config),
            options=abilities.options(config),
            hidden=hidden or (listed is not None and listed.hidden),
            readable=bool(record.readings),
        )
        return _configured(entity, settings)


def _configured(entity: Entity, settings: DeviceSettings | None) -> Entity:
    if settings is None:
        return entity
    return replace(
        entity,
        name=settings.name or entity.name,
        aliases={**entity.aliases, **in_tuples(settings.aliases)},
        critical=settings.critical,
        hidden=entity.hidden if settings.hidden is None else settings.hidden,
    )


def _announcement(record: Record) -> Announcement:
    return Announcement(record.announced.key, record.entity.id, record.name, device_ids(record.config))


def _temperature_unit(config: MqttEntityCommon) -> str | None:
    unit = getattr(config, "temperature_unit", None)
    return f"°{unit}" if unit in ("C", "F") else None
