"""What is spoken aloud in one turn, one thing after another: a word while it thinks, then the reply."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from assistant.errors import AssistantError
from assistant.interfaces import Speaker, TextToSpeech
from assistant.models import AudioChunk, Turn

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Mouth:
    """Silent where there is no voice or no speaker."""

    turn: Turn
    voice: TextToSpeech | None = None
    speaker: Speaker | None = None
    _murmur: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def silent(self) -> bool:
        return self.voice is None or self.speaker is None

    async def say(self, text: str) -> None:
        """Play it, after what is being murmured. A sound card that is gone is logged, never raised."""
        if self._murmur is not None:
            await self._murmur
        await self._play(text, "first_audio")

    async def sound(self, chunks: AsyncIterator[AudioChunk]) -> None:
        """A tone instead of words, after what is being murmured."""
        if self._murmur is not None:
            await self._murmur
        if self.speaker is None:
            return
        try:
            await self.speaker.play(chunks)
        except AssistantError as error:
            log.warning("the tone could not be played: %s", error.reason)

    @asynccontextmanager
    async def murmuring(self, seconds: float | None, words: Callable[[], str]) -> AsyncIterator[None]:
        """If the block lasts longer, say once what `words` then gives; what was begun is said to its end."""
        if self.silent or seconds is None:
            yield
            return
        speaking = asyncio.Event()
        self._murmur = asyncio.create_task(self._wait_and_murmur(seconds, words, speaking), name="murmur")
        try:
            yield
        except asyncio.CancelledError:
            await self._hush()
            raise
        finally:
            if not speaking.is_set():
                await self._hush()

    async def _wait_and_murmur(self, seconds: float, words: Callable[[], str], speaking: asyncio.Event) -> None:
        await asyncio.sleep(seconds)
        speaking.set()
        self.turn.murmur = words()
        await self._play(self.turn.murmur, "murmur")

    async def _hush(self) -> None:
        murmur, self._murmur = self._murmur, None
        if murmur is not None:
            murmur.cancel()
            await asyncio.wait([murmur])

    async def _play(self, text: str, stage: str) -> None:
        if self.voice is None or self.speaker is None or not text:
            return
        try:
            await self.speaker.play(self._timed(self.voice.synthesize(text, self.turn.language), stage))
        except AssistantError as error:
            log.warning("the reply could not be played: %s", error.reason)

    async def _timed(self, chunks: AsyncIterator[AudioChunk], stage: str) -> AsyncIterator[AudioChunk]:
        began = time.perf_counter()
        async for chunk in chunks:
            self.turn.timings_ms.setdefault(stage, (time.perf_counter() - began) * 1000)
            yield chunk
