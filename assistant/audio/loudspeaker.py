"""One loudspeaker for everybody who speaks: one voice at a time, as loud as it is turned up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import numpy as np

from assistant.interfaces import Speaker
from assistant.models import AudioChunk


class Loudspeaker:
    """Plays on another speaker. A second reply waits for the end of the first; the volume may change meanwhile."""

    def __init__(self, speaker: Speaker, volume: Callable[[], int]) -> None:
        """volume: in percent, asked at every chunk."""
        self._speaker = speaker
        self._volume = volume
        self._one = asyncio.Lock()

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        async with self._one:
            await self._speaker.play(self._turned(chunks))

    async def _turned(self, chunks: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
        async for chunk in chunks:
            yield quieter(chunk, self._volume())


def quieter(chunk: AudioChunk, percent: int) -> AudioChunk:
    """At so much of its own loudness; 100 leaves it as it is."""
    if percent >= 100:
        return chunk
    scaled = np.frombuffer(chunk.pcm, dtype="<i2") * (max(0, percent) / 100)
    return replace(chunk, pcm=scaled.astype("<i2").tobytes())
