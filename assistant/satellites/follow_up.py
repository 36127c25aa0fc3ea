"""Some seconds after a reply in which an answer needs no wake word; a voice begins it."""

from __future__ import annotations

from assistant.interfaces import VoiceActivity
from assistant.models import AudioChunk, Turn

BEGUN_SECONDS = 0.16
"""So much voice without a gap is somebody who begins to speak, and no click or breath."""


class FollowUp:
    """Fed every chunk of sound while it is open; times are seconds of audio."""

    def __init__(
        self, vad: VoiceActivity | None, seconds: float = 6.0, after_every_reply: bool = False, threshold: float = 0.5
    ) -> None:
        """vad: may be None where the seconds are 0, and it never opens."""
        self._vad = vad
        self._seconds = seconds
        self._after_every_reply = after_every_reply
        self._threshold = threshold
        self._left = 0.0
        self._voice = 0.0

    @property
    def is_open(self) -> bool:
        return self._left > 0

    def answered(self, turn: Turn) -> None:
        """A cough or a radio takes nothing but its own time from the answer that is awaited."""
        if not (turn.request.unbidden and turn.error_kind == "NothingSaid"):
            awaited = turn.expects_answer or (self._after_every_reply and turn.said)
            self._left = self._seconds if awaited else 0.0
        self._voice = 0.0
        if self._vad is not None:
            self._vad.reset()

    def close(self) -> None:
        self._left = 0.0

    def begins(self, chunk: AudioChunk) -> bool:
        """Whether somebody has begun to speak; the time does not run out while that is unclear."""
        voice = self._vad is not None and self._vad.probability(chunk) >= self._threshold
        self._voice = self._voice + chunk.seconds if voice else 0.0
        if not voice:
            self._left = max(0.0, self._left - chunk.seconds)
        return self._voice >= BEGUN_SECONDS
