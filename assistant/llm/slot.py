"""The place of a brain that comes later: its weights are still being fetched, or its server is still loading."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from assistant.errors import BrainUnavailable
from assistant.interfaces import Brain, House
from assistant.models import Language, Plan, ReasoningDelta


class BrainSlot:
    """A Brain that opens on demand, or in the background while requests are told that it is not there yet."""

    def __init__(self, opening: Callable[[], Awaitable[Brain]], *, patient: bool) -> None:
        """patient: a request waits for the opening; otherwise it is refused until the brain has joined."""
        self._opening = opening
        self._patient = patient
        self._task: asyncio.Task[Brain] | None = None

    async def open(self) -> Brain:
        """Open it once; a failed opening is tried again at the next call."""
        if self._task is None or (self._task.done() and self._joined() is None):
            self._task = asyncio.create_task(self._open(), name="open the brain")
        return await asyncio.shield(self._task)

    async def close(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def ready(self) -> bool:
        brain = self._joined()
        return brain is not None and await brain.ready()

    async def think(
        self, text: str, language: Language, room: str | None, house: House
    ) -> AsyncGenerator[ReasoningDelta | Plan, None]:
        brain = self._joined()
        if brain is None and not self._patient:
            raise BrainUnavailable("the brain has not joined yet")
        async with aclosing((brain or await self.open()).think(text, language, room, house)) as pieces:
            async for piece in pieces:
                yield piece

    def _joined(self) -> Brain | None:
        if self._task is None or not self._task.done() or self._task.cancelled() or self._task.exception():
            return None
        return self._task.result()

    async def _open(self) -> Brain:
        return await self._opening()
