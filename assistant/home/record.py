"""One announced component and what it has reported."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.home.availability import Availability
from assistant.home.cleaning import plain
from assistant.home.discovery import Announced
from assistant.home.kinds import AnyKind, kind_of
from assistant.home.kinds.kind import Reading, Report
from assistant.home.names import House
from assistant.home.rhythm import last_seen
from assistant.home.templates import Payload, Unreadable
from assistant.models import Entity, Message, State

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Record:
    """It knows the time only by the clock that it is given."""

    __slots__ = (
        "_clock",
        "_expires_after",
        "_off_after",
        "_state",
        "announced",
        "answers",
        "at",
        "availability",
        "entity",
        "heard_at",
        "house",
        "kind",
        "name",
        "readings",
        "report",
        "reports",
        "watchers",
    )

    def __init__(self, entity_id: str, name: str, announced: Announced, clock: Clock = utc_now) -> None:
        self.announced = announced
        self.name = name
        self.entity = Entity(entity_id, name)
        self.house: House | None = None
        """In which the entity was described."""
        self.kind: AnyKind = kind_of(announced.config)
        self.readings = _with_others(self.kind.readings(), announced.also)
        self.availability = Availability(announced.config)
        self.report: Report = {}
        self.reports = 0
        """How often something was heard of it, also what the broker had kept (retained)."""
        self.answers = 0
        """How often it reported itself, while we listened: only this shows that it is there, and confirms."""
        self.at: datetime | None = None
        """When it last reported itself; of what the broker had kept nobody knows how old it is."""
        self.watchers: list[asyncio.Event] = []
        self._clock = clock
        self.heard_at: datetime | None = None
        """When anything of it was heard last, also what the broker had kept."""
        self._state: State | None = None
        self._expires_after: float | None = getattr(announced.config, "expire_after", None) or None
        """Seconds; a sensor that breaks this promise counts as away, as in Home Assistant."""
        self._off_after: float | None = getattr(announced.config, "off_delay", None)

    @property
    def config(self) -> MqttEntityCommon:
        return self.announced.config

    @property
    def topics(self) -> set[str]:
        return {reading.topic for reading in self.readings} | set(self.availability.topics)

    @property
    def question(self) -> Message | None:
        """What makes it report, where it can be asked."""
        return self.announced.question or self.kind.question()

    def state(self) -> State:
        """As last reported; for a device that promised to report in time, as of now."""
        if self._state is None or self._expires_after or self._off_after:
            attributes = {key: value for key, value in self.report.items() if key != "state" and value is not None}
            value = self.kind.settle(self.report, self._seconds_since(self.at) if self._off_after else None)
            available = self.availability.online and not self._expired
            self._state = State(self.entity.id, value, attributes, self.at, available)
        return self._state

    def note(self, topic: str, payload: Payload) -> tuple[bool, bool]:
        """Whether it reported, and whether it came or went."""
        came_or_went, reported = self.availability.note(topic, payload), False
        before = dict(self.report) if payload.retained else None
        for reading in self.readings:
            if reading.topic == topic:
                try:
                    reading.note(payload, self.report)
                    reported = True
                except (Unreadable, ValueError, ArithmeticError) as problem:
                    log.debug("%s: %s: %s", self.entity.id, topic, problem)
        if reported:
            tidy(self.report)
            seen, now = last_seen(payload), self._clock()
            self.reports += 1
            if seen or self.report != before:  # else the broker repeats, after a reconnect, what is known
                self.heard_at = min(seen, now) if seen else now
            self.answers += not payload.retained
            if seen or not payload.retained:
                self.at = self.heard_at
        if reported or came_or_went:
            self.changed()
        return reported, came_or_went

    def take_over(self, old: Record) -> None:
        """It announced itself anew; what it said before still holds."""
        self.report, self.at, self.heard_at = dict(old.report), old.at, old.heard_at
        self.reports, self.answers = old.reports, old.answers
        self.watchers = old.watchers
        self.availability.keep(old.availability)

    def changed(self) -> None:
        self._state = None
        for watcher in self.watchers:
            watcher.set()

    @property
    def _expired(self) -> bool:
        if self._expires_after is None:
            return False
        silent = self._seconds_since(self.heard_at)
        return silent is not None and silent > self._expires_after

    def _seconds_since(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self._clock() - moment).total_seconds()


def tidy(report: Report) -> None:
    """In place: no text that the journal, the terminal or the voice could not take, and only finite numbers."""
    for key, value in report.items():
        if isinstance(value, str):
            report[key] = plain(value)
        elif isinstance(value, float) and not math.isfinite(value):
            report[key] = None


def _with_others(readings: list[Reading], also: Mapping[str, tuple[str, ...]]) -> list[Reading]:
    """A second topic is read as the first."""
    others = (Reading(topic, reading.note) for reading in readings for topic in also.get(reading.topic, ()))
    return [*readings, *others]
