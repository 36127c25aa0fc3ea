"""Sound from a file or from standard input, as if a microphone had heard it."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

import av
import av.error

from assistant.errors import AudioUnavailable
from assistant.models import SAMPLE_RATE, AudioChunk

CHUNK_BYTES = 512 * 2
CHUNK_SECONDS = 512 / SAMPLE_RATE

SILENCE_AFTER_SECONDS = 1.2
"""A microphone goes on when the speaker stops; so does a file, else its endpoint would look too quick."""

KEPT_BYTES = 64 * 1024
"""Two seconds of sound wait to be fetched; a writer that is faster has to wait."""

LONGEST_SECONDS = 900
"""More of a file is not read: nobody commands a house for a quarter of an hour."""


class Recording:
    """Sound that is already here, 16 kHz mono int16, as if a microphone heard it."""

    live = False
    name = "recording"

    def __init__(self, pcm: bytes = b"", real_time: bool = True) -> None:
        self.real_time = real_time
        self._pcm = pcm

    async def pcm(self) -> bytes:
        """All of it."""
        return self._pcm

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        silence = b"\0\0" * round(SILENCE_AFTER_SECONDS * SAMPLE_RATE)
        pieces = chunked(await self.pcm() + silence)
        async for chunk in _paced(pieces) if self.real_time else _at_once(pieces):
            yield chunk


class WavFile(Recording):
    """Any rate, width and number of channels that FFmpeg reads. Raises AudioUnavailable when there is no sound in it.

    A file cut short gives what there is of it.
    """

    def __init__(self, path: Path, real_time: bool = True) -> None:
        super().__init__(real_time=real_time)
        self.path = path
        self.name = path.name

    async def pcm(self) -> bytes:
        if not self._pcm:
            self._pcm = await asyncio.to_thread(read_samples, self.path)
        return self._pcm


class Stdin:
    """Raw 16 kHz mono int16 from standard input or another pipe, without a thread that would outlive a stop."""

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stdin.buffer

    @property
    def live(self) -> bool:
        """A file that was redirected here is not."""
        return not stat.S_ISREG(os.fstat(self._stream.fileno()).st_mode)

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        if not self.live:
            while pcm := await asyncio.to_thread(self._stream.read, CHUNK_BYTES):
                yield _whole(pcm)
            return
        reader = asyncio.StreamReader(limit=KEPT_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, self._stream)
        try:
            while pcm := await _block(reader):
                yield _whole(pcm)
        finally:
            transport.close()


def _whole(pcm: bytes) -> AudioChunk:
    """The last samples, filled up with silence; half a sample is none."""
    return AudioChunk(pcm[: len(pcm) // 2 * 2].ljust(CHUNK_BYTES, b"\0"))


async def _block(reader: asyncio.StreamReader) -> bytes:
    """A chunk's worth, less at the end, nothing after it."""
    try:
        return await reader.readexactly(CHUNK_BYTES)
    except asyncio.IncompleteReadError as error:
        return error.partial


def chunked(pcm: bytes) -> Iterator[AudioChunk]:
    """512 samples each, the last filled up with silence."""
    for start in range(0, len(pcm), CHUNK_BYTES):
        yield AudioChunk(pcm[start : start + CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0"))


async def _paced(pieces: Iterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    """As a sound card would deliver them: each when it has been recorded whole."""
    clock = asyncio.get_running_loop().time
    due = clock()
    for piece in pieces:
        due += CHUNK_SECONDS
        await asyncio.sleep(max(0.0, due - clock()))
        yield piece


async def _at_once(pieces: Iterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece


def read_samples(path: Path) -> bytes:
    """A sound file as 16 kHz mono int16. Raises AudioUnavailable."""
    try:
        if not path.stat().st_size:
            raise AudioUnavailable(f"{path.name} is empty")
        with av.open(str(path), metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise AudioUnavailable(f"{path.name} holds no sound")
            pcm = _resampled(container)
    except OSError as error:
        raise AudioUnavailable(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioUnavailable(f"{path.name} is no sound file that can be read") from error
    if not pcm:
        raise AudioUnavailable(f"{path.name} holds no sound")
    return pcm


def _resampled(container: av.container.InputContainer) -> bytes:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    pcm = bytearray()
    try:
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                pcm += part.to_ndarray().tobytes()
            if len(pcm) >= LONGEST_SECONDS * SAMPLE_RATE * 2:
                return bytes(pcm)
    except av.error.FFmpegError:
        if not pcm:
            raise
    for part in resampler.resample(None):
        pcm += part.to_ndarray().tobytes()
    return bytes(pcm)
