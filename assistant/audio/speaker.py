"""The loudspeaker of this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from assistant.audio.canceller import EchoCanceller
from assistant.audio.pieces import pieces
from assistant.audio.portaudio import require, sounddevice
from assistant.config import AudioSettings
from assistant.errors import AudioUnavailable
from assistant.models import AudioChunk

log = logging.getLogger(__name__)

STARTS = 4


class SoundCard:
    """Plays sound of any rate; cancelling silences at once."""

    def __init__(self, settings: AudioSettings, canceller: EchoCanceller | None = None) -> None:
        """canceller: is told what is played."""
        self._device = settings.speaker
        self._canceller = canceller

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        """Returns when all was heard. Raises AudioUnavailable when it cannot be played."""
        stream: Any = None
        require()
        try:
            async for chunk in chunks:
                if stream is not None and stream.samplerate != chunk.rate:
                    await _whole(stream.stop)
                    stream.close()
                    stream = None
                if stream is None:
                    stream = await self._open(chunk.rate)
                for piece in pieces(chunk):
                    if self._canceller is not None:
                        self._canceller.play(piece)
                    await _whole(stream.write, piece.pcm)
            if stream is not None:
                await _whole(stream.stop)
        except sounddevice.PortAudioError as error:
            raise AudioUnavailable(f"the loudspeaker failed: {error}") from error
        finally:
            if stream is not None:
                stream.abort(ignore_errors=True)
                stream.close(ignore_errors=True)

    async def _open(self, rate: int) -> Any:
        for attempt in range(1, STARTS + 1):
            try:
                stream = await asyncio.to_thread(_started, self._device, rate)
                break
            except (sounddevice.PortAudioError, ValueError) as error:
                if attempt == STARTS:
                    raise AudioUnavailable(f"there is no loudspeaker: {error}") from error
                await asyncio.sleep(0.1 * 2**attempt)
        if self._canceller is not None:
            self._canceller.begin(stream.latency)
        return stream


def _started(device: str | int | None, rate: int) -> Any:
    stream = sounddevice.RawOutputStream(device=device, samplerate=rate, channels=1, dtype="int16", latency="low")
    stream.start()
    return stream


async def _whole(call: Callable[..., Any], *arguments: object) -> None:
    """In a thread; a cancellation waits for its end, since PortAudio bears no second caller."""
    calling = asyncio.create_task(asyncio.to_thread(call, *arguments), name="use the loudspeaker")
    try:
        await asyncio.shield(calling)
    except asyncio.CancelledError:
        await asyncio.wait([calling])
        raise
