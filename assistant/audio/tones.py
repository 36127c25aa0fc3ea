"""Short tones instead of words, and a speaker that is turned down."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np

from assistant.audio.loudspeaker import quieter
from assistant.interfaces import Speaker
from assistant.models import AudioChunk, Tone

_RATE = 22_050
_LOUDNESS = 0.3
_NOTE_SECONDS = 0.11
_FADE_SECONDS = 0.02
"""Without it each note would begin and end with a click."""

NOTES: dict[Tone, tuple[float, ...]] = {"done": (659.3, 987.8), "not_done": (440.0, 293.7, 293.7)}
"""Hz: upwards for yes, downwards for no; the number of notes differs too, for ears that do not hear pitch well."""


async def tone(kind: Tone) -> AsyncIterator[AudioChunk]:
    for hertz in NOTES[kind]:
        yield AudioChunk(_note(hertz), _RATE)


def _note(hertz: float) -> bytes:
    at = np.arange(int(_NOTE_SECONDS * _RATE)) / _RATE
    fade = np.minimum(1, np.minimum(at, _NOTE_SECONDS - at) / _FADE_SECONDS)
    wave = _LOUDNESS * fade * np.sin(2 * np.pi * hertz * at)
    return (wave * 32767).astype("<i2").tobytes()


class Softened:
    """Plays on another speaker, at so much of its loudness."""

    def __init__(self, speaker: Speaker, percent: int) -> None:
        self._speaker = speaker
        self._percent = percent

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        await self._speaker.play(self._softened(chunks))

    async def _softened(self, chunks: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
        async for chunk in chunks:
            yield quieter(chunk, self._percent)
