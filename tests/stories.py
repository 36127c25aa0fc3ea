"""A house to talk to: real reflex, skills, policy and replies; only devices and model are fakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

import skills
from assistant.config import PolicySettings, QuietHoursSettings
from assistant.events import Event, Events, Saying
from assistant.household import Household, Part
from assistant.intents.catalog import Catalog
from assistant.intents.matcher import Reflex
from assistant.intents.pin import Pin
from assistant.intents.policy import Policy
from assistant.interfaces import Brain
from assistant.memory.preferences import SqlitePreferences
from assistant.memory.session import Sessions
from assistant.models import Request, Turn
from assistant.pipeline import Pipeline, Settings
from assistant.quiet import QuietHours
from assistant.schedule.schedule import Schedule
from tests.fakes import (
    FakeClock,
    FakeCommands,
    FakeHistory,
    FakeHouse,
    FakeJournal,
    FakeLists,
    FakeSpeaker,
    FakeVoice,
    Told,
)

ROME = ZoneInfo("Europe/Rome")
SKILLS = Path(skills.__path__[0])


@cache
def hashed(pin: str) -> str:
    """Cheaper than a real one, which is slow on purpose."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(pin)


@dataclass(slots=True)
class House:
    """What a story needs of a house: say something, hear what is spoken, see what was published."""

    settings: Settings = field(default_factory=Settings)
    devices: FakeHouse = field(default_factory=FakeHouse)
    announced: Part | None = None
    """Instead of `devices`: a house that is told and commanded by other than fakes."""
    clock: FakeClock = field(default_factory=FakeClock)
    brain: Brain | None = None
    rules: PolicySettings = field(default_factory=PolicySettings)
    pin: str | None = None
    """Digits; None: nobody set one."""
    now: datetime = field(default_factory=lambda: datetime.now().astimezone())
    """The time of day, for rules and quiet hours."""
    quiet: QuietHoursSettings | None = None
    spoken: list[str] = field(default_factory=list)
    commands: FakeCommands = field(init=False)
    journal: FakeJournal = field(default_factory=FakeJournal)
    lists: FakeLists = field(default_factory=FakeLists)
    history: FakeHistory = field(default_factory=FakeHistory)
    schedule: Schedule = field(init=False)
    began: datetime = datetime(2026, 11, 26, 11, 22, tzinfo=ROME)
    """What the wall shows while `clock` is at 0: a Thursday."""
    voice: FakeVoice = field(default_factory=FakeVoice)
    speaker: FakeSpeaker = field(default_factory=FakeSpeaker)
    preferences: SqlitePreferences = field(default_factory=lambda: SqlitePreferences(Path(":memory:")))
    told: list[Event] = field(default_factory=list)
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.commands = FakeCommands(self.devices)
        events = Events()
        events.subscribe(self._hear)
        self.preferences.open()
        self.schedule = Schedule(Path(":memory:"), ROME, self.wall)
        self.schedule.open()
        own = (self.lists, self.preferences, self.schedule)
        there = self.announced or Told(self.devices, self.commands)
        household = Household(there, *own, nicknames=self.preferences.nicknames)
        pin = Pin(hashed(self.pin), self.clock) if self.pin else None
        self.pipeline = Pipeline(
            house=household,
            commands=household,
            matcher=Reflex(household, [SKILLS / "sentences"], self.schedule),
            catalog=Catalog.load([SKILLS], household, self.history, self.schedule),
            policy=Policy(self.rules, household, pin, lambda: self.now),
            sessions=Sessions(self.clock, confirm_seconds=30),
            journal=self.journal,
            events=events,
            settings=self.settings,
            brain=self.brain,
            voice=self.voice,
            pin=pin,
            quiet=QuietHours(self.quiet, household, lambda: self.now) if self.quiet else None,
            ringing=self.schedule.ringing,
        )

    def wall(self) -> datetime:
        return self.began + timedelta(seconds=self.clock.now)

    @property
    def published(self) -> list[tuple[str, str]]:
        return self.commands.published

    async def say(
        self, text: str, language: str | None = None, room: str | None = None, session: str = "story"
    ) -> Turn:
        return await self.pipeline.run(Request(text, language, room, session), speaker=self.speaker)

    def _hear(self, event: Event) -> None:
        self.told.append(event)
        if isinstance(event, Saying):
            self.spoken.append(event.text)
