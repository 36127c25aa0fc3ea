"""Several brains: the next one thinks on when one fails, and the first comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.errors import BrainNonsense, BrainUnavailable
from assistant.llm.ladder import Ladder
from assistant.models import Decided, Intent, Plan, ReasoningDelta, Target
from tests.fakes import FakeBrain, FakeHouse

LAMP = Plan((Intent("HassTurnOn", Target(ids=("light.reading_lamp",))),))
DEAD = BrainUnavailable("the server died in mid-stream")


class Mortal(FakeBrain):
    """Answers that it is there, and dies while it thinks."""

    async def ready(self) -> bool:
        return self.error is None or not self.asked


async def asked(ladder: Ladder) -> list[object]:
    return [piece async for piece in ladder.think("make it cosy", "en", None, FakeHouse())]


async def test_the_best_brain_thinks() -> None:
    best, second = FakeBrain(LAMP), FakeBrain(LAMP)
    told: list[str] = []
    async with Ladder([("A", best), ("B", second)], told.append) as ladder:
        assert await asked(ladder) == [Decided(LAMP.intents), LAMP]
    assert (len(best.asked), second.asked, told) == (1, [], [])


async def test_the_next_one_thinks_on_in_the_same_turn_and_it_is_said_once() -> None:
    best, second, told = Mortal(thoughts=["Let me"], error=DEAD), FakeBrain(LAMP), list[str]()
    async with Ladder([("A", best), ("B", second)], told.append) as ladder:
        assert await asked(ladder) == [ReasoningDelta("Let me"), Decided(LAMP.intents), LAMP]
        await asked(ladder)
    assert len(best.asked) == 1, "who is down is not asked again"
    assert told == ["The brain A is away (the server died in mid-stream); B thinks instead."]


async def test_it_comes_back_by_itself_and_that_is_said_once() -> None:
    best, told, back = Mortal(LAMP, error=DEAD), list[str](), asyncio.Event()

    def tell(text: str) -> None:
        told.append(text)
        if text == "The brain A is back.":
            back.set()

    async with Ladder([("A", best), ("B", FakeBrain(LAMP))], tell, look_seconds=0.01) as ladder:
        await asked(ladder)
        best.error = None
        await asyncio.wait_for(back.wait(), 2)
        await asked(ladder)
    assert len(best.asked) == 2 and len(told) == 2


async def test_without_any_brain_the_reflex_is_all_there_is() -> None:
    told: list[str] = []
    async with Ladder([("A", FakeBrain(error=DEAD))], told.append) as ladder:
        with pytest.raises(BrainUnavailable, match="no brain answers"):
            await asked(ladder)
        assert await ladder.ready(), "it lives, and looks for them"
    assert told == ["The brain A is away (it does not answer); simple commands still work."]


async def test_what_was_decided_is_never_decided_again() -> None:
    """A second brain would do it a second time."""
    second = FakeBrain(LAMP)
    async with Ladder([("A", FakeBrain(LAMP, wordless=DEAD)), ("B", second)], lambda _: None) as ladder:
        with pytest.raises(BrainUnavailable):
            await asked(ladder)
    assert second.asked == []


async def test_who_answers_nonsense_is_not_away() -> None:
    """The next one thinks for this turn; nobody is told that it went, and the next turn asks it again."""
    best, second, told = FakeBrain(error=None), FakeBrain(LAMP), list[str]()
    async with Ladder([("A", best), ("B", second)], told.append) as ladder:
        best.error = BrainNonsense("the model answered nonsense twice")
        assert await asked(ladder) == [Decided(LAMP.intents), LAMP]
        await asked(ladder)
    assert (len(best.asked), len(second.asked), told) == (2, 2, [])


async def test_only_those_that_stand_are_warmed() -> None:
    dead, well = FakeBrain(error=DEAD), FakeBrain()
    async with Ladder([("A", dead), ("B", well)], lambda _: None) as ladder:
        await ladder.warm(FakeHouse())
    assert (dead.warmed, well.warmed) == (0, 1)


async def test_leaving_a_thought_leaves_its_brain() -> None:
    class Endless(FakeBrain):
        async def think(self, *_: object) -> AsyncIterator[ReasoningDelta | Decided | Plan]:  # type: ignore[override]
            try:
                while True:
                    yield ReasoningDelta("and ")
            finally:
                left.append(True)

    left: list[bool] = []
    async with Ladder([("A", Endless())], lambda _: None) as ladder:
        thinking = ladder.think("make it cosy", "en", None, FakeHouse())
        await anext(thinking)
        await thinking.aclose()
    assert left == [True]
