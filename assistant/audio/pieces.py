"""Sound in pieces short enough that a voice stops, or turns quiet, in mid-word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistant.models import AudioChunk

PIECE_SECONDS = 0.05
"""The longest that an interrupted voice goes on."""


def pieces(chunk: AudioChunk) -> Iterator[AudioChunk]:
    size = round(PIECE_SECONDS * chunk.rate) * 2
    for start in range(0, len(chunk.pcm), size):
        yield replace(chunk, pcm=chunk.pcm[start : start + size])
