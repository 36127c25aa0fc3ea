"""WebRTC's echo canceller (AEC3) in this process, by LiveKit's library, which is an extra."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from assistant.errors import AudioUnavailable
from assistant.models import SAMPLE_RATE

FRAME_SAMPLES = 160
"""It takes 10 ms at a time."""

LATE_SAMPLES = 128
"""How much later it gives what it was given."""

LONGEST_DELAY_MS = 500

_TRIED_DELAY_MS, _TRIED_LOUDNESS = 100, 0.5


class Webrtc:
    """Learns in a second or two how the loudspeaker sounds in the microphone, and takes that off."""

    def __init__(self) -> None:
        """Raises AudioUnavailable when the library is not there or does not work."""
        self._rtc = _library()
        try:
            self._module = self._rtc.AudioProcessingModule(echo_cancellation=True)
        except (ImportError, AssertionError) as error:  # its half that is no Python is loaded only now
            raise AudioUnavailable(f"the library livekit does not work here: {error}") from error

    def cancel(self, heard: bytes, played: bytes, delay_ms: int) -> bytes:
        """One frame of each, 16 kHz mono int16. delay_ms: by how much what was played is heard later, at a guess; it
        finds out, sooner when it was told too little than too much."""
        near, far = self._frame(heard), self._frame(played)
        self._module.process_reverse_stream(far)
        self._module.set_stream_delay_ms(min(delay_ms, LONGEST_DELAY_MS))
        self._module.process_stream(near)
        return bytes(near.data)

    def _frame(self, pcm: bytes) -> Any:
        return self._rtc.AudioFrame(pcm, SAMPLE_RATE, 1, FRAME_SAMPLES)


def attenuation(pcm: bytes) -> float:
    """By how many decibels a sound is taken off that comes back half as loud, 100 ms later; once it has been learnt.

    Raises AudioUnavailable.
    """
    canceller, delay = Webrtc(), bytes(2 * SAMPLE_RATE * _TRIED_DELAY_MS // 1000)
    sound = np.frombuffer(pcm * 2, dtype="<i2")
    echo = (delay + (sound * _TRIED_LOUDNESS).astype("<i2").tobytes())[: len(pcm) * 2]
    size = 2 * FRAME_SAMPLES
    left = b"".join(
        canceller.cancel(echo[at : at + size], sound[at // 2 : at // 2 + FRAME_SAMPLES].tobytes(), 0)
        for at in range(0, len(echo) - size + 1, size)
    )
    return 20 * float(np.log10(_loudness(echo[len(pcm) :]) / _loudness(left[len(pcm) :])))


def _loudness(pcm: bytes) -> float:
    return max(1.0, float(np.sqrt(np.mean(np.frombuffer(pcm, dtype="<i2").astype(np.float64) ** 2))))


def _library() -> Any:
    try:
        return importlib.import_module("livekit.rtc")
    except ImportError as error:
        raise AudioUnavailable("the library livekit is not installed") from error
