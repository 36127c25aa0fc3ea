"""Asking the skills the way a person asks: an intent with a target, in a house that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import skills
from assistant.intents.catalog import Catalog
from assistant.intents.targets import resolve
from assistant.models import Action, Intent, Reply, Request, Scheduled, ScheduledKind, Target, Turn, Value
from assistant.replies import compose
from assistant.skill import Speaker
from tests.fakes import FakeHistory, FakeHouse

OWN = [Path(skills.__path__[0])]

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=ZoneInfo("Europe/Rome"))
"""When it is asked, and where the house is."""


class NothingPlanned:
    """An empty schedule, whose clock stands still."""

    def now(self) -> datetime:
        return NOW

    def items(self, *kinds: ScheduledKind) -> Sequence[Scheduled]:
        return ()

    def ringing(self) -> Sequence[Scheduled]:
        return ()


async def ask(
    intent: str,
    target: Target | str,
    house: FakeHouse | None = None,
    history: FakeHistory | None = None,
    **slots: Value,
) -> Reply:
    """target: a name, or what else narrows it."""
    house = house or FakeHouse()
    where = Target(name=target) if isinstance(target, str) else target
    resolved = resolve(Intent(intent, where, slots), house, None, "en")
    return await Catalog.load(OWN, house, history, NothingPlanned()).handle(resolved, Speaker("en"))


async def decided(intent: str, target: Target | str, house: FakeHouse | None = None, **slots: Value) -> list[Action]:
    return list((await ask(intent, target, house, **slots)).actions)


async def answered(intent: str, target: Target | str, house: FakeHouse | None = None, **slots: Value) -> str:
    english, _ = await answered_twice(intent, target, house, slots)
    return english


async def answered_twice(
    intent: str,
    target: Target | str,
    house: FakeHouse | None,
    slots: Mapping[str, Value],
    history: FakeHistory | None = None,
) -> tuple[str, str]:
    """In English and in Italian."""
    house = house or FakeHouse()
    reply = await ask(intent, target, house, history, **slots)
    assert not reply.actions
    english, italian = (Turn("1", NOW, Request(language=language)) for language in ("en", "it"))
    return compose(english, house, reply.speech), compose(italian, house, reply.speech)
