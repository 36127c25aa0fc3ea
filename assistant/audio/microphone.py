"""The microphone of this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from assistant.audio.canceller import EchoCanceller
from assistant.audio.portaudio import require, sounddevice
from assistant.config import AudioSettings
from assistant.errors import AudioUnavailable
from assistant.models import SAMPLE_RATE, AudioChunk

log = logging.getLogger(__name__)

CHUNK_SAMPLES = 512

KEPT_SECONDS = 2.0
"""What nobody has fetched yet; older sound is dropped, so that after a long reply we hear the present."""

SILENT_SECONDS = 3.0
"""A stream that delivers nothing for so long has lost its device."""

FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30.0

STARTS_AT_FIRST = 4
"""A loaded sound server refuses a stream now and then (PortAudio -9987); the next try succeeds."""


class Microphone:
    """16 kHz mono int16; a lost device is reopened with exponential backoff."""

    live = True

    def __init__(
        self,
        settings: AudioSettings,
        arrived: Callable[[], None] = lambda: None,
        canceller: EchoCanceller | None = None,
    ) -> None:
        """arrived: called for every chunk that the sound card delivers, whether or not anybody fetches it.
        canceller: takes the assistant's own voice off it."""
        self._device = settings.microphone
        self._arrived = arrived
        self._canceller = canceller

    async def check(self) -> str:
        """The device's name. Raises AudioUnavailable when this machine has no such microphone."""
        return await asyncio.to_thread(_name, self._device)

    async def look_again(self) -> None:
        """Let PortAudio list its devices anew, for one that was plugged in since."""
        await asyncio.to_thread(_rescan)

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Raises AudioUnavailable only if there is no microphone at the start."""
        await self.check()
        failures, opened = 0, False
        while True:
            try:
                with _Stream(self._device, self._arrived, self._canceller).open() as stream:
                    async for chunk in stream.chunks():
                        failures, opened = 0, True
                        yield chunk
                reason = "it fell silent"
            except sounddevice.PortAudioError as error:
                reason = str(error)
            failures += 1
            if not opened and failures > STARTS_AT_FIRST:
                raise AudioUnavailable(f"the microphone does not start: {reason}")
            wait = min(FIRST_WAIT_SECONDS * 2 ** (failures - 1), LONGEST_WAIT_SECONDS)
            log.warning("microphone lost (%s), trying again in %.1f s", reason, wait)
            await asyncio.sleep(wait)
            if failures > 1:
                await asyncio.to_thread(_rescan)


class _Stream:
    """PortAudio's thread on one side, the event loop on the other."""

    def __init__(self, device: str | int | None, arrived: Callable[[], None], canceller: EchoCanceller | None) -> None:
        self._device = device
        self._arrived = arrived
        self._canceller = canceller
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(round(KEPT_SECONDS * SAMPLE_RATE / CHUNK_SAMPLES))

    @contextmanager
    def open(self) -> Iterator[_Stream]:
        with sounddevice.RawInputStream(
            device=self._device,
            samplerate=SAMPLE_RATE,
            channels=1,
            dtype="int16",
            blocksize=CHUNK_SAMPLES,
            callback=self._recorded,
            finished_callback=self._finished,
        ):
            yield self

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Until the device is gone."""
        while True:
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    pcm = await self._chunks.get()
            except TimeoutError:
                return
            if pcm is None:
                return
            yield AudioChunk(pcm)

    def _recorded(self, pcm: object, frames: int, time: object, status: object) -> None:
        if self._loop.is_closed():
            return
        sound = bytes(pcm)  # type: ignore[call-overload]
        if self._canceller is not None:
            sound = self._canceller.clean(sound)
        self._loop.call_soon_threadsafe(self._keep, sound)

    def _finished(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._keep, None)

    def _keep(self, pcm: bytes | None) -> None:
        if pcm is not None:
            self._arrived()
        if self._chunks.full():
            self._chunks.get_nowait()
        self._chunks.put_nowait(pcm)


def _name(device: str | int | None) -> str:
    require()
    try:
        return str(sounddevice.query_devices(device, "input")["name"])
    except (sounddevice.PortAudioError, ValueError) as error:
        if not any(found["max_input_channels"] for found in sounddevice.query_devices()):
            raise AudioUnavailable("this machine has no microphone") from error
        raise AudioUnavailable(f"there is no microphone {device!r}: {error}") from error


def _rescan() -> None:
    """PortAudio lists devices once; a microphone plugged in again is seen only after a restart of the library."""
    sounddevice._terminate()
    sounddevice._initialize()
