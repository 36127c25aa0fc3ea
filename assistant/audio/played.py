"""What the loudspeaker plays, on the clock by which the microphone hears it."""

from __future__ import annotations

from assistant.models import SAMPLE_RATE

KEPT_SAMPLES = 5 * SAMPLE_RATE
"""More waits for a microphone only if there is none."""

Position = int
"""In samples of 16 kHz since the clock's zero."""


class Played:
    """16 kHz mono int16. As in a sound card, what is written in time follows what was written before."""

    def __init__(self) -> None:
        self._pcm = bytearray()
        self._begin: Position = 0

    @property
    def end(self) -> Position:
        """Of all that was written."""
        return self._begin + len(self._pcm) // 2

    def anew(self, at: Position) -> None:
        """What comes next is heard from there on: nothing is left of what was written for later."""
        if at - self.end > KEPT_SAMPLES:
            self._pcm.clear()
            self._begin = at
        del self._pcm[max(0, at - self._begin) * 2 :]
        self._pcm += bytes(2 * (at - self.end))

    def add(self, pcm: bytes, at: Position, buffered: int) -> None:
        """buffered: how many samples the sound card keeps; it has run dry when nothing came for longer."""
        if at > self.end + buffered:
            self.anew(at)
        self._pcm += pcm
        self._forget(self.end - KEPT_SAMPLES)

    def take(self, at: Position, samples: int) -> bytes:
        """What was written for then, silence where nothing was; what came before is forgotten."""
        self._forget(at)
        before = bytes(2 * min(samples, max(0, self._begin - at)))
        return (before + self._pcm[: 2 * samples - len(before)]).ljust(2 * samples, b"\0")

    def _forget(self, before: Position) -> None:
        gone = min(max(0, before - self._begin), len(self._pcm) // 2)
        del self._pcm[: 2 * gone]
        self._begin += gone
