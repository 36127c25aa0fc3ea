"""Several brains, best first: who fails in mid-turn is left for the next, and comes back by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from assistant.errors import BrainNonsense, BrainUnavailable
from assistant.interfaces import Brain, House
from assistant.models import Decided, Exchange, Language, May, Plan, ReasoningDelta

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""Between two looks at a brain that is down."""


@dataclass(slots=True)
class Rung:
    name: str
    brain: Brain
    reason: str | None = None
    """Why it is down; None: it stands."""
    nonsense: int = 0
    """Turns for which it wrote no plan. It is not away: the next turn asks it again."""


class Ladder:
    """Implements interfaces.Brain. Async context manager: while open, brains that are down are looked at again.

    `tell` hears once that a brain went and once that it is back.
    """

    def __init__(
        self, brains: Sequence[tuple[str, Brain]], tell: Callable[[str], None], look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._rungs = [Rung(name, brain) for name, brain in brains]
        self._tell = tell
        self._look_seconds = look_seconds
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Ladder:
        await self._look(self._rungs)
        self._watch = asyncio.create_task(self._watch_the_fallen(), name="watch the brains")
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    @property
    def standing(self) -> Sequence[tuple[str, str | None]]:
        """Each brain's name and why it is down; None: it stands."""
        return [(rung.name, rung.reason) for rung in self._rungs]

    async def ready(self) -> bool:
        """It looks after its brains by itself; while none stands, `think` says so at once."""
        return self._watch is not None and not self._watch.done()

    async def warm(self, house: House) -> None:
        for rung in self._rungs:
            if rung.reason is None:
                try:
                    await rung.brain.warm(house)
                except BrainUnavailable as error:
                    self._fell(rung, error.reason)

    async def think(
        self,
        text: str,
        language: Language,
        room: str | None,
        house: House,
        earlier: Sequence[Exchange] = (),
        may: May = "act",
    ) -> AsyncGenerator[ReasoningDelta | Decided | Plan, None]:
        """From the best brain that stands. One that fails before it has decided is replaced by the next."""
        problem: BrainUnavailable = BrainUnavailable(f"no brain answers: {self._rungs[0].reason}")
        for rung in [rung for rung in self._rungs if rung.reason is None]:
            decided = False
            try:
                async with aclosing(rung.brain.think(text, language, room, house, earlier, may)) as pieces:
                    async for piece in pieces:
                        decided = decided or isinstance(piece, Decided)
                        yield piece
                return
            except BrainNonsense as error:
                problem = error
                rung.nonsense += 1
                log.warning("%s: %s, for the %d. time; it stays", rung.name, error.reason, rung.nonsense)
            except BrainUnavailable as error:
                problem = error
                self._fell(rung, error.reason)
            if decided:
                raise problem
        raise problem

    def _fell(self, rung: Rung, reason: str) -> None:
        if rung.reason is not None:
            return
        rung.reason = reason
        following = next((other.name for other in self._rungs if other.reason is None), None)
        instead = f"{following} thinks instead" if following else "simple commands still work"
        self._tell(f"The brain {rung.name} is away ({reason}); {instead}.")

    async def _watch_the_fallen(self) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            await self._look([rung for rung in self._rungs if rung.reason])

    async def _look(self, rungs: Sequence[Rung]) -> None:
        for rung in rungs:
            ready = await rung.brain.ready()
            if ready and rung.reason is not None:
                rung.reason = None
                self._tell(f"The brain {rung.name} is back.")
            elif not ready:
                self._fell(rung, "it does not answer")
