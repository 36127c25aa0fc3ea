"""A room in audio time: what is pushed into it is heard, and its loudspeaker plays for as long as sound goes by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np

from assistant.audio.endpoint import CHUNK_SECONDS
from assistant.audio.files import CHUNK_BYTES
from assistant.models import AudioChunk, Language, Transcript

WAKE, VOICE, QUIET = (AudioChunk(bytes([value, value]) * 512) for value in (7, 16, 0))
"""Made-up sound for WakesOn and Loudness."""


class Room:
    """interfaces.AudioSource and interfaces.Speaker at once."""

    live = True

    def __init__(self) -> None:
        self.seconds = 0.0
        """Of sound that went by."""
        self.played = 0.0
        """Seconds of the assistant's voice."""
        self.loudest: list[int] = []
        """Of each piece that was played."""
        self._sound: asyncio.Queue[AudioChunk | None] = asyncio.Queue(maxsize=1)
        self._passed = asyncio.Condition()

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        while (chunk := await self._sound.get()) is not None:
            yield chunk
            self.seconds += chunk.seconds
            async with self._passed:
                self._passed.notify_all()

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        async for chunk in chunks:
            until = self.seconds + chunk.seconds
            async with self._passed:
                await self._passed.wait_for(lambda until=until: self.seconds >= until)  # type: ignore[misc]
            self.played += chunk.seconds
            self.loudest.append(int(np.abs(np.frombuffer(chunk.pcm, "<i2")).max(initial=0)))

    async def hears(self, *chunks: AudioChunk) -> None:
        for chunk in chunks:
            await self._sound.put(chunk)
            for _ in range(5):  # what follows from it happens before the next sound
                await asyncio.sleep(0)

    async def hears_for(self, seconds: float, chunk: AudioChunk = QUIET) -> None:
        await self.hears(*[chunk] * round(seconds / CHUNK_SECONDS))

    async def hears_sound(self, samples: np.ndarray) -> None:
        pcm = samples.astype("<i2").tobytes()
        await self.hears(
            *(
                AudioChunk(pcm[at : at + CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0"))
                for at in range(0, len(pcm), CHUNK_BYTES)
            )
        )

    async def falls_silent(self) -> None:
        """For ever: the sound ends."""
        await self._sound.put(None)

    async def until(self, happened: Callable[[], object], seconds: float = 30.0) -> None:
        """Waits for the assistant, while no sound goes by."""
        for _ in range(round(seconds / 0.005)):
            if happened():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("it never happened")

    async def goes_by_until(self, happened: Callable[[], object], seconds: float = 60.0) -> None:
        """Silence goes by while the assistant speaks."""
        end = self.seconds + seconds
        while not happened():
            assert self.seconds < end, "it never happened"
            await self.hears(QUIET)
            await asyncio.sleep(0.001)


class WakesOn:
    """interfaces.WakeWord of made-up sound."""

    probability = 0.5

    def __init__(self, chunk: AudioChunk = WAKE) -> None:
        self._chunk = chunk

    def heard_in(self, chunk: AudioChunk) -> bool:
        return chunk == self._chunk

    def reset(self) -> None:
        pass


class Loudness:
    """interfaces.VoiceActivity of made-up sound."""

    def __init__(self) -> None:
        self.asked = 0

    def probability(self, chunk: AudioChunk) -> float:
        self.asked += 1
        return 0.95 if chunk == VOICE else 0.02

    def reset(self) -> None:
        pass


class Writes:
    """interfaces.SpeechToText: writes the next of its texts whenever it is asked."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    async def transcribe(self, pcm: bytes, language: Language | None, hotwords: str = "") -> Transcript:
        return Transcript(self.texts.pop(0) if self.texts else "", language or "en")


class Speaks:
    """interfaces.TextToSpeech: a quarter of a second for each word."""

    async def synthesize(self, text: str, language: Language) -> AsyncIterator[AudioChunk]:
        yield AudioChunk((1000).to_bytes(2, "little") * (4000 * len(text.split())))
