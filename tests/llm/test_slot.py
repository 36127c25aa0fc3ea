"""A brain that comes later, fails to come, or dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from assistant.errors import BrainUnavailable, ModelMissing
from assistant.llm.slot import BrainSlot
from assistant.models import Plan, ReasoningDelta
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
    pieces = slot.think("make it cosy", "en", None, FakeHouse())
    return [piece async for piece in pieces if isinstance(piece, Plan)]


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
    async with BrainSlot(opening, patient=True, doubt_seconds=0) as slot:
        assert await asked(slot) == [PLAN]
        dead.error = BrainUnavailable("its process ended")
        assert await asked(slot) == [Plan(say="I am back.")]
    assert opening.closed == 2


@dataclass
class LateBrain(FakeBrain):
    """Is asked whether it is ready, and says so as the test wants: in order, then yes."""

    answers: list[bool] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    may_think: asyncio.Event = field(default_factory=asyncio.Event)
    thinking: asyncio.Event = field(default_factory=asyncio.Event)

    async def ready(self) -> bool:
        await self.may_answer.wait()
        return self.answers.pop(0) if self.answers else True

    async def think(self, *_: object) -> AsyncIterator[ReasoningDelta | Plan]:
        self.thinking.set()
        await self.may_think.wait()
        yield PLAN


async def test_one_that_is_late_once_is_kept() -> None:
    busy = LateBrain(answers=[False, True])
    busy.may_answer.set()
    busy.may_think.set()
    opening = Opening([busy])
    opening.may.set()
    async with BrainSlot(opening, patient=True, doubt_seconds=0) as slot:
        await slot.open()
        assert await asked(slot) == [PLAN]
        assert (busy.answers, opening.closed) == ([], 0)


async def test_a_brain_in_use_is_never_closed() -> None:
    """It may be too busy with the first request to say that it lives."""
    busy = LateBrain(answers=[True, False, False])
    busy.may_answer.set()
    opening = Opening([busy, FakeBrain(Plan(say="I am another."))])
    opening.may.set()
    async with BrainSlot(opening, patient=True, doubt_seconds=0) as slot:
        await slot.open()
        first = asyncio.create_task(asked(slot))
        await busy.thinking.wait()
        busy.thinking.clear()
        second = asyncio.create_task(asked(slot))
        await busy.thinking.wait()
        assert opening.closed == 0
        busy.may_think.set()
        assert await first == await second == [PLAN]
        assert await asked(slot) == [Plan(say="I am another.")], "unused, it is looked at again"
    assert opening.closed == 2


async def test_a_request_that_is_given_up_counts_no_longer() -> None:
    dead = LateBrain(answers=[True, False, False])
    dead.may_answer.set()
    opening = Opening([dead, FakeBrain(PLAN)])
    opening.may.set()
    async with BrainSlot(opening, patient=True, doubt_seconds=0) as slot:
        await slot.open()
        first = asyncio.create_task(asked(slot))
        await dead.thinking.wait()
        first.cancel()
        await asyncio.wait([first])
        assert await asked(slot) == [PLAN]
        assert opening.closed == 1


async def test_two_that_find_it_dead_open_one() -> None:
    dead = LateBrain(answers=[False, False, False, False])
    opening = Opening([dead, FakeBrain(PLAN), FakeBrain(Plan(say="I am one too many."))])
    opening.may.set()
    async with BrainSlot(opening, patient=True, doubt_seconds=0) as slot:
        await slot.open()
        both = [asyncio.create_task(asked(slot)) for _ in range(2)]
        await asyncio.sleep(0)
        dead.may_answer.set()
        assert await asyncio.gather(*both) == [[PLAN], [PLAN]]
        assert (len(opening.brains), opening.closed) == (1, 1)
    assert opening.closed == 2
