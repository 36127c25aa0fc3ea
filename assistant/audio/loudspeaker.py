"""One loudspeaker for everybody who speaks: one voice at a time, as loud as it is turned up, and silent when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import numpy as np

from assistant.audio.pieces import pieces
from assistant.interfaces import Speaker
from assistant.models import AudioChunk
from assistant.stopping import Stoppable


class Loudspeaker:
    """Plays on another speaker. A second voice waits for the end of the first; the volume may change meanwhile."""

    def __init__(self, speaker: Speaker, volume: Callable[[], int] = lambda: 100, ducked_percent: int = 30) -> None:
        """volume: in percent, asked all the time. ducked_percent: how much of it is left while somebody speaks."""
        self._speaker = speaker
        self._volume = volume
        self._ducked_percent = ducked_percent
        self._one = asyncio.Lock()
        self._voice = Stoppable()
        self.playing = False
        """Whether a voice is heard."""
        self.ducked = False
        """Whether it gives way to somebody who speaks."""

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        """Returns when all was heard, or `hush` silenced it."""
        async with self._one:
            with self._voice.under_way():
                try:
                    await self._speaker.play(self._turned(chunks))
                finally:
                    self.playing = False

    def hush(self) -> None:
        """Silence the voice that is heard, whoever waits for it."""
        self._voice.stop()

    async def _turned(self, chunks: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
        async for chunk in chunks:
            for piece in pieces(chunk):
                self.playing = True
                yield quieter(piece, self._volume() * (self._ducked_percent if self.ducked else 100) // 100)


def quieter(chunk: AudioChunk, percent: int) -> AudioChunk:
    """At so much of its own loudness; 100 leaves it as it is."""
    if percent >= 100:
        return chunk
    scaled = np.frombuffer(chunk.pcm, dtype="<i2") * (max(0, percent) / 100)
    return replace(chunk, pcm=scaled.astype("<i2").tobytes())
