"""The place of a brain that comes later: its weights are still being fetched, or its server is still loading."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing

from assistant.errors import BrainNotReady
from assistant.interfaces import Brain, House
from assistant.models import Language, Plan, ReasoningDelta

log = logging.getLogger(__name__)

Opening = Callable[[], AbstractAsyncContextManager[Brain]]


class BrainSlot:
    """A Brain that opens on demand, or in the background while requests are told that it is not there yet.

    One that has died is closed and opened again. Async context manager.
    """

    def __init__(self, opening: Opening, *, patient: bool) -> None:
        """patient: a request waits for the opening; otherwise it is refused until the brain has joined."""
        self._opening = opening
        self._patient = patient
        self._task: asyncio.Task[Brain] | None = None
        self._held = AsyncExitStack()

    async def __aenter__(self) -> BrainSlot:
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._held.aclose()

    async def open(self) -> Brain:
        """Open it once; a failed opening is tried again at the next call."""
        return await asyncio.shield(self._begin())

    async def ready(self) -> bool:
        brain = self._joined()
        return brain is not None and await brain.ready()

    async def think(
        self, text: str, language: Language, room: str | None, house: House
    ) -> AsyncGenerator[ReasoningDelta | Plan, None]:
        async with aclosing((await self._living()).think(text, language, room, house)) as pieces:
            async for piece in pieces:
                yield piece

    async def _living(self) -> Brain:
        brain = self._joined()
        if brain is not None and not await brain.ready():
            log.warning("the brain is gone and is opened again")
            await self._held.aclose()
            brain = self._task = None
        if brain is None and not self._patient:
            self._begin()
            raise BrainNotReady("the brain has not joined yet")
        return brain or await self.open()

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
