"""A room with a loudspeaker and a microphone in it, in audio time, with the canceller between them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from assistant.audio.canceller import EchoCanceller
from assistant.audio.files import CHUNK_BYTES
from assistant.audio.pieces import PIECE_SECONDS, pieces
from assistant.audio.webrtc import Webrtc
from assistant.models import SAMPLE_RATE, AudioChunk

CHUNK_SAMPLES = CHUNK_BYTES // 2
WALLS_SECONDS = 0.15


@dataclass
class EchoingRoom:
    """What the loudspeaker plays comes back by walls, so many decibels softer and so much later."""

    decibels: float
    delay_ms: int = 120
    """Of sound cards and air together: from being written to being recorded."""
    told_ms: int = 60
    """What PortAudio says that the loudspeaker's sound card keeps."""
    noise: float = 15.0
    """Of a quiet room."""
    volume: float = 1.0

    def __post_init__(self) -> None:
        self.seconds = 1000.0  # no machine has just been switched on
        self.canceller = EchoCanceller(Webrtc().cancel, lambda: self.seconds)
        self._random = np.random.default_rng(1)
        length = round(WALLS_SECONDS * SAMPLE_RATE)
        walls = self._random.normal(0, 1, length) * np.exp(-np.arange(length) / (0.03 * SAMPLE_RATE))
        walls[0] = 3
        self._walls = walls / np.sqrt(np.sum(walls**2)) * 10 ** (self.decibels / 20)
        self._coming = np.zeros(0)
        """Echo that is still under way to the microphone."""
        self._waiting: deque[tuple[float, float, AudioChunk]] = deque()
        """When it is written, when it is heard, and what."""

    def play(self, samples: np.ndarray) -> None:
        """16 kHz, from now on. The sound card takes it as soon as it has room."""
        ahead = self.told_ms / 1000
        self.canceller.begin(ahead)
        for number, piece in enumerate(pieces(AudioChunk(samples.astype("<i2").tobytes()))):
            at = self.seconds + number * PIECE_SECONDS
            self._waiting.append((max(self.seconds, at - ahead), at + self.delay_ms / 1000, piece))

    def hears(self, said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The next 512 samples: as they are recorded, and what the canceller leaves."""
        begun, self.seconds = self.seconds, self.seconds + CHUNK_SAMPLES / SAMPLE_RATE
        arrives = self.seconds
        while self._waiting and self._waiting[0][0] < arrives:
            self.seconds, heard, piece = self._waiting.popleft()
            louder = np.frombuffer(piece.pcm, "<i2") * self.volume
            self.canceller.play(AudioChunk(louder.astype("<i2").tobytes()))
            self._come(np.convolve(louder, self._walls), round((heard - begun) * SAMPLE_RATE))
        self.seconds = arrives
        recorded = said + self._random.normal(0, self.noise, CHUNK_SAMPLES)
        echo, self._coming = self._coming[:CHUNK_SAMPLES], self._coming[CHUNK_SAMPLES:]
        recorded[: len(echo)] += echo
        pcm = np.clip(recorded, -32768, 32767).astype("<i2")
        return pcm, np.frombuffer(self.canceller.clean(pcm.tobytes()), "<i2")

    def hears_all(self, said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chunks = [
            self.hears(each) for each in said[: len(said) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, CHUNK_SAMPLES)
        ]
        recorded, cleaned = zip(*chunks, strict=True)
        return np.concatenate(recorded), np.concatenate(cleaned)

    def hears_for(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        return self.hears_all(np.zeros(round(seconds * SAMPLE_RATE)))

    def _come(self, echo: np.ndarray, at: int) -> None:
        missing = at + len(echo) - len(self._coming)
        self._coming = np.concatenate([self._coming, np.zeros(max(0, missing))])
        self._coming[at : at + len(echo)] += echo


def decibels(louder: np.ndarray, softer: np.ndarray) -> float:
    """By which one is above the other."""
    power = [np.mean(each.astype(float) ** 2) + 1e-9 for each in (louder, softer)]
    return float(10 * np.log10(power[0] / power[1]))
