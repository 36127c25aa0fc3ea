"""What is said into the assistant's own speech without the wake word: it gives way, and a lone "stop" silences it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import numpy as np

from assistant.interfaces import VoiceActivity
from assistant.models import SAMPLE_RATE, AudioChunk

BEFORE_CHUNKS = 8
"""Kept before the voice was noticed, for Whisper."""

GAP_SECONDS = 0.25
"""Without voice: what was said is over."""

SHORTEST_SECONDS, LONGEST_SECONDS = 0.15, 1.3
"""Of a word or three; what is longer says more than "stop" and is not recognised."""

GIVES_WAY_SECONDS = 1.0
"""How long playback stays low after a voice."""

STANDS_OUT = 2.0
"""How many times louder somebody is than the loud parts of what is left of the assistant's own voice, which sounds
like speech as well."""

USUAL_SECONDS = 3.0
"""Over which it is learnt how loud that is."""

FAINTEST = 100.0
"""Mean loudness (of 32,767) below which nobody speaks to the assistant."""

Reads = Callable[[bytes], Awaitable[str]]


class Interjections:
    """Fed every chunk while the assistant speaks, from a microphone that does not hear it (echo cancellation)."""

    def __init__(self, vad: VoiceActivity, reads: Reads | None = None, threshold: float = 0.5) -> None:
        """reads: gives the words of a short sound; None: nothing is recognised."""
        self._vad = vad
        self._reads = reads
        self._threshold = threshold
        self._before: deque[AudioChunk] = deque(maxlen=BEFORE_CHUNKS)
        self._usual: deque[float] = deque(maxlen=round(USUAL_SECONDS * SAMPLE_RATE / 512))
        """How loud it was while nobody spoke."""
        self._sound = bytearray()
        self._voice_seconds = 0.0
        self._quiet_seconds = GIVES_WAY_SECONDS
        self._reading: asyncio.Task[str] | None = None

    @property
    def under_way(self) -> bool:
        return bool(self._before)

    @property
    def somebody_speaks(self) -> bool:
        """Or did until just now."""
        return self._quiet_seconds < GIVES_WAY_SECONDS

    def hear(self, chunk: AudioChunk) -> str | None:
        """The words of the last short thing that was said, once they are read."""
        voice = self._vad.probability(chunk) >= self._threshold
        if self._stands_out(chunk) and voice:
            self._speaks(chunk)
        else:
            self._rests(chunk)
        self._before.append(chunk)
        return self._read()

    async def forget(self) -> None:
        """The assistant has ceased to speak."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.wait([reading])
        self._before.clear()
        self._usual.clear()
        self._sound.clear()
        self._voice_seconds, self._quiet_seconds = 0.0, GIVES_WAY_SECONDS
        self._vad.reset()

    def _stands_out(self, chunk: AudioChunk) -> bool:
        level = float(np.sqrt(np.mean(np.frombuffer(chunk.pcm, dtype="<i2").astype(np.float32) ** 2)))
        out = bool(self._usual) and level >= max(FAINTEST, STANDS_OUT * float(np.quantile(self._usual, 0.9)))
        if not out or self._voice_seconds > USUAL_SECONDS:
            self._usual.append(level)
        return out

    def _speaks(self, chunk: AudioChunk) -> None:
        if not self._sound:
            self._sound += b"".join(each.pcm for each in self._before)
        if self._voice_seconds <= LONGEST_SECONDS:
            self._sound += chunk.pcm
        self._voice_seconds += chunk.seconds
        self._quiet_seconds = 0.0

    def _rests(self, chunk: AudioChunk) -> None:
        self._quiet_seconds += chunk.seconds
        if not self._sound:
            return
        self._sound += chunk.pcm
        if self._quiet_seconds < GAP_SECONDS:
            return
        if self._reads and self._reading is None and SHORTEST_SECONDS <= self._voice_seconds <= LONGEST_SECONDS:
            self._reading = asyncio.ensure_future(self._reads(bytes(self._sound)))
        self._sound.clear()
        self._voice_seconds = 0.0

    def _read(self) -> str | None:
        if self._reading is None or not self._reading.done():
            return None
        reading, self._reading = self._reading, None
        return reading.result()
