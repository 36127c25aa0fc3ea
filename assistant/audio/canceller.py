"""The assistant's own voice, taken off what the microphone hears: `echo_cancellation: webrtc`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import av
import numpy as np

from assistant.audio.played import Played, Position
from assistant.audio.webrtc import FRAME_SAMPLES, LATE_SAMPLES
from assistant.models import SAMPLE_RATE, AudioChunk

FRAME_BYTES, LATE_BYTES = 2 * FRAME_SAMPLES, 2 * LATE_SAMPLES

FRAMING_BYTES = 2 * 128
"""What of 512 samples may not fill a frame yet."""

KEEPS_ON_SAMPLES = 2 * SAMPLE_RATE
"""After the voice the room still sounds, and what was written is heard a little later. Then nothing is done."""

EARLY_SAMPLES, TARDY_SAMPLES = SAMPLE_RATE // 100, SAMPLE_RATE // 10
"""Sound comes late from a busy machine, never early: by more than this, some of it was lost."""

Cancel = Callable[[bytes, bytes, int], bytes]
"""`Webrtc.cancel`, or one like it."""


class EchoCanceller:
    """Between the loudspeaker, which tells what it is about to play, and the microphone.

    Each frame of the microphone's goes to the canceller with the frame that was written to the sound card while it was
    recorded. That one is heard later by whatever sound cards keep, so an echo never comes before its sound.
    The two sides may be called from two threads.
    """

    def __init__(self, cancel: Cancel, clock: Callable[[], float] = time.monotonic) -> None:
        self._cancel = cancel
        self._clock = clock
        self._lock = threading.Lock()
        self._played = Played()
        self._buffered_seconds = 0.0
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        self._position: Position = 0
        """Of the next frame of the microphone's."""
        self._heard = bytearray()
        """Less than a frame."""
        self._before = bytes(FRAME_BYTES)
        """The last frame, as it was heard."""
        self._cleaned = bytearray(FRAMING_BYTES)
        self._cancelling = False

    # ── for the loudspeaker ──

    def begin(self, buffered_seconds: float) -> None:
        """A stream was opened. buffered_seconds: how much sound it keeps, as far as PortAudio knows."""
        with self._lock:
            self._played.anew(self._now())
            self._buffered_seconds = buffered_seconds
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)

    def play(self, chunk: AudioChunk) -> None:
        """It is about to be written."""
        with self._lock:
            pcm = self._resampled(chunk)
            self._played.add(pcm, self._now(), round(self._buffered_seconds * SAMPLE_RATE))

    # ── for the microphone ──

    def clean(self, pcm: bytes) -> bytes:
        """What has just been recorded, without the voice; as many samples, of 16 ms earlier. Where nothing plays, they
        are as they were."""
        with self._lock:
            self._follow(len(pcm) // 2)
            self._heard += pcm
            while len(self._heard) >= FRAME_BYTES:
                self._cleaned += self._clean(bytes(self._heard[:FRAME_BYTES]), len(pcm) // 2)
                del self._heard[:FRAME_BYTES]
            cleaned = bytes(self._cleaned[: len(pcm)])
            del self._cleaned[: len(pcm)]
            return cleaned

    def _follow(self, samples: int) -> None:
        """Count on, unless the clock says that it cannot be so."""
        expected = self._now() - samples - len(self._heard) // 2
        if not -EARLY_SAMPLES <= expected - self._position <= TARDY_SAMPLES:
            self._position = expected

    def _clean(self, frame: bytes, chunk_samples: int) -> bytes:
        before, self._before = self._before, frame
        self._position += FRAME_SAMPLES
        if self._position > self._played.end + KEEPS_ON_SAMPLES:
            self._cancelling = False
            return before[-LATE_BYTES:] + frame[:-LATE_BYTES]
        delay_ms = round((self._buffered_seconds + chunk_samples / SAMPLE_RATE) * 1000)
        if not self._cancelling:  # what it gives first is the end of what it was given last
            self._cancel(before, bytes(FRAME_BYTES), delay_ms)
            self._cancelling = True
        return self._cancel(frame, self._played.take(self._position - FRAME_SAMPLES, FRAME_SAMPLES), delay_ms)

    def _now(self) -> Position:
        return round(self._clock() * SAMPLE_RATE)

    def _resampled(self, chunk: AudioChunk) -> bytes:
        frame = av.AudioFrame.from_ndarray(np.frombuffer(chunk.pcm, "<i2").reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = chunk.rate
        return b"".join(part.to_ndarray().tobytes() for part in self._resampler.resample(frame))
