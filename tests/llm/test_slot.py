"""A brain that comes later, fails to come, or dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from assistant.errors import BrainUnavailable, ModelMissing
from assistant.llm.slot import BrainSlot
from assistant.models import Plan
from tests.fakes import FakeBrain, FakeHouse


@dataclass
class Opening:
    """Opens one brain after another, when it is let."""

    brains: list[FakeBrain]
    failing: bool = False
    may: asyncio.Event = field(default_factory=asyncio.Event)
    closed: int = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[FakeBrain]:
        await self.may.wait()
        if self.failing:
            raise ModelMissing("the weights are not there")
        try:
            yield self.brains.pop(0)
        finally:
            self.closed += 1


async def asked(slot: BrainSlot) -> list[object]:
    return [piece async for piece in slot.think("make it cosy", "en", None, FakeHouse())]


PLAN = Plan(say="Hello.")


async def test_a_patient_request_waits_for_it() -> None:
    opening = Opening([FakeBrain(PLAN)])
    async with BrainSlot(opening, patient=True) as slot:
        waiting = asyncio.create_task(asked(slot))
        await asyncio.sleep(0)
        opening.may.set()
        assert await waiting == [PLAN]
    assert opening.closed == 1


async def test_a_daemon_answers_at_once_that_it_has_not_joined() -> None:
    opening = Opening([FakeBrain(PLAN)])
    async with BrainSlot(opening, patient=False) as slot:
        with pytest.raises(BrainUnavailable, match="not joined yet"):
            await asked(slot)
        opening.may.set()
        await slot.open()
        assert await asked(slot) == [PLAN]


async def test_a_failed_opening_is_tried_again() -> None:
    opening = Opening([FakeBrain(PLAN)], failing=True)
    opening.may.set()
    async with BrainSlot(opening, patient=True) as slot:
        with pytest.raises(ModelMissing):
            await asked(slot)
        opening.failing = False
        assert await asked(slot) == [PLAN]


async def test_one_that_died_is_opened_again() -> None:
    dead = FakeBrain(PLAN)
    opening = Opening([dead, FakeBrain(Plan(say="I am back."))])
    opening.may.set()
    async with BrainSlot(opening, patient=True) as slot:
        assert await asked(slot) == [PLAN]
        dead.error = BrainUnavailable("its process ended")
        assert await asked(slot) == [Plan(say="I am back.")]
    assert opening.closed == 2
