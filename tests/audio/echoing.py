"""A room with a loudspeaker and a microphone in it, in audio time, with the canceller between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.audio.canceller import EchoCanceller
from assistant.audio.files import CHUNK_BYTES
from assistant.audio.pieces import PIECE_SECONDS, pieces
from assistant.audio.webrtc import Webrtc
from assistant.models import SAMPLE_RATE, AudioChunk

CHUNK_SAMPLES = CHUNK_BYTES // 2
BEGUN_AT = 1000.0
"""No machine has just been switched on."""


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
    seed: int = 1

    def __post_init__(self) -> None:
        self.seconds = BEGUN_AT
        self.canceller = EchoCanceller(Webrtc().cancel, lambda: self.seconds)
        self._random = np.random.default_rng(self.seed)

    def echo(self, played: np.ndarray) -> np.ndarray:
        """As it arrives at the microphone: directly, then by walls that swallow it within 0.15 s."""
        length = round(0.15 * SAMPLE_RATE)
        walls = np.random.default_rng(self.seed).normal(0, 1, length) * np.exp(-np.arange(length) / (0.03 * SAMPLE_RATE))
        walls[0] = 3
        heard = np.convolve(played.astype(float), walls / np.sqrt(np.sum(walls**2)))
        late = np.zeros(round(self.delay_ms * SAMPLE_RATE / 1000))
        return np.concatenate([late, heard]) * 10 ** (self.decibels / 20)

    def recorded(self, said: np.ndarray, played: np.ndarray | None = None) -> np.ndarray:
        """What the microphone hears while the loudspeaker plays from the beginning."""
        sound = said.astype(float) + self._random.normal(0, self.noise, len(said))
        if played is not None:
            echo = self.echo(played)[: len(sound)]
            sound[: len(echo)] += echo
        return np.clip(sound, -32768, 32767).astype(np.int16)

    def cleaned(self, recorded: np.ndarray, played: np.ndarray | None = None, rate: int = SAMPLE_RATE) -> np.ndarray:
        """What is left of it. played: at its own rate; the sound card takes it before it is heard."""
        begun, ahead, waiting = self.seconds, self.told_ms / 1000, []
        if played is not None:
            self.canceller.begin(ahead)
            waiting = list(pieces(AudioChunk(played.astype("<i2").tobytes(), rate)))
        cleaned, written = bytearray(), 0
        for start in range(0, len(recorded) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
            arrives = begun + (start + CHUNK_SAMPLES) / SAMPLE_RATE
            while waiting and (when := begun + max(0.0, written * PIECE_SECONDS - ahead)) < arrives:
                self.seconds = max(self.seconds, when)
                self.canceller.play(waiting.pop(0))
                written += 1
            self.seconds = arrives
            cleaned += self.canceller.clean(recorded[start : start + CHUNK_SAMPLES].astype("<i2").tobytes())
        return np.frombuffer(bytes(cleaned), "<i2")


def decibels(louder: np.ndarray, softer: np.ndarray) -> float:
    """By which one is above the other."""
    power = [np.mean(each.astype(float) ** 2) + 1e-9 for each in (louder, softer)]
    return float(10 * np.log10(power[0] / power[1]))
