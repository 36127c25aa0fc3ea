"""The place of a brain that comes later: its weights are still being fetched, or its server is still loading."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager

from assistant.errors import BrainNotReady
from assistant.interfaces import Brain, House
from assistant.models import Decided, Exchange, Language, May, Plan, ReasoningDelta

log = logging.getLogger(__name__)

DOUBT_SECONDS = 1.0
"""Between two looks at a brain that did not answer."""

Opening = Callable[[], AbstractAsyncContextManager[Brain]]


class BrainSlot:
    """A Brain that opens on demand, or in the background while requests are told that it is not there yet.

    One that has died is closed and opened again, never while a request is in it. Async context manager.
    """

    def __init__(self, opening: Opening, *, patient: bool, doubt_seconds: float = DOUBT_SECONDS) -> None:
        """patient: a request waits for the opening; otherwise it is refused until the brain has joined."""
        self._opening = opening
        self._patient = patient
        self._doubt_seconds = doubt_seconds
        self._changing = asyncio.Lock()
        """Held while it is looked at, closed or opened: of two requests, one finds out and the other waits."""
        self._users = 0
        self._task: asyncio.Task[Brain] | None = None
        self._held = AsyncExitStack()

    async def __aenter__(self) -> BrainSlot:
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._held.aclose()

    @property
    def joined(self) -> Brain | None:
        """The brain, once it is there."""
        return self._joined()

    async def open(self) -> Brain:
        """Open it once; a failed opening is tried again at the next call."""
        async with self._changing:
            opening = self._begin()
        return await asyncio.shield(opening)

    async def ready(self) -> bool:
        brain = self._joined()
        return brain is not None and await brain.ready()

    async def warm(self, house: House) -> None:
        """Only a brain that is there and idle is warmed."""
        brain = self._joined()
        if brain is not None and not self._users:
            await brain.warm(house)

    async def think(
        self,
        text: str,
        language: Language,
        room: str | None,
        house: House,
        earlier: Sequence[Exchange] = (),
        may: May = "act",
    ) -> AsyncGenerator[ReasoningDelta | Decided | Plan, None]:
        async with self._taken() as brain, aclosing(brain.think(text, language, room, house, earlier, may)) as pieces:
            async for piece in pieces:
                yield piece

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[Brain]:
        """A brain that lives; it is not closed before it is given back."""
        async with self._changing:
            brain = await self._living()
            self._users += 1
        try:
            yield brain
        finally:
            self._users -= 1

    async def _living(self) -> Brain:
        brain = self._joined()
        if brain is not None and not self._users and not await self._lives(brain):
            log.warning("the brain is gone and is opened again")
            brain, self._task = None, None
            await self._held.aclose()
        if brain is None and not self._patient:
            self._begin()
            raise BrainNotReady("the brain has not joined yet")
        return await asyncio.shield(self._begin()) if brain is None else brain

    async def _lives(self, brain: Brain) -> bool:
        """Asked twice: on a busy machine one that lives may once be late with its answer."""
        if await brain.ready():
            return True
        await asyncio.sleep(self._doubt_seconds)
        return await brain.ready()

    def _begin(self) -> asyncio.Task[Brain]:
        if self._task is None or (self._task.done() and self._joined() is None):
            self._task = asyncio.create_task(self._open(), name="open the brain")
            self._task.add_done_callback(_seen)
        return self._task

    def _joined(self) -> Brain | None:
        if self._task is None or not self._task.done() or self._task.cancelled() or self._task.exception():
            return None
        return self._task.result()

    async def _open(self) -> Brain:
        return await self._held.enter_async_context(self._opening())


def _seen(task: asyncio.Task[Brain]) -> None:
    """A failure in the background is logged here; whoever asks gets it as well."""
    if not task.cancelled() and (error := task.exception()):
        log.warning("the brain could not be opened: %s", error)
