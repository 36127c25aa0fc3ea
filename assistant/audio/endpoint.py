"""When a command has ended: a pure function of speech probabilities in audio time."""

from __future__ import annotations

from typing import Literal

from assistant.config import EndpointSettings
from assistant.models import SAMPLE_RATE

CHUNK_SECONDS = 512 / SAMPLE_RATE

TAIL_SECONDS = 0.06
"""Silero stays high for about this long after the voice (0-110 ms); the last sound is placed so much earlier."""

HYSTERESIS = 0.15
"""Speech that has begun goes on down to this much below the threshold, so that soft word ends do not split it."""

BLIP_SECONDS = 0.08
"""In a pause, a sound up to this long (a click, a breath) is no new speech: a trial decode survives it."""

Sign = Literal["nothing", "pause", "resumed", "silence", "too_long", "nothing_said"]
"""What a chunk changed. pause: decode on trial. resumed: that was too early. The last three end the command."""

ENDS: frozenset[Sign] = frozenset({"silence", "too_long", "nothing_said"})


class Endpointer:
    """Fed one probability for each chunk; times are seconds of audio since the call began."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self.complete = False
        """Set when the trial transcript is already a whole command: less silence then suffices."""
        self.seconds = 0.0
        self.first_sound: float | None = None
        """Where the speech began; None until enough of it was heard."""
        self.last_sound = 0.0
        """Where the voice was last heard."""
        self.speech_seconds = 0.0
        self._start = 0.0
        self._run = 0.0
        self._paused = False

    @property
    def silence_seconds(self) -> float:
        return self.seconds - self.last_sound

    def feed(self, probability: float, seconds: float = CHUNK_SECONDS) -> Sign:
        self.seconds += seconds
        speaking = probability >= self._threshold()
        if speaking:
            self._hear(seconds)
        sign = self._resume() if speaking else self._rest()
        return sign if sign in ENDS or self.seconds < self._settings.maximum_seconds else self._cap()

    def forget(self) -> None:
        """What was heard was no command (the end of the wake word, a cough): wait for one anew."""
        self.first_sound, self.speech_seconds, self._run = None, 0.0, 0.0
        self._paused, self.complete = False, False

    def _threshold(self) -> float:
        return self._settings.threshold - (HYSTERESIS if self._run > 0 else 0.0)

    def _hear(self, seconds: float) -> None:
        if self._run == 0 and self.first_sound is None and self.speech_seconds == 0:
            self._start = self.seconds - seconds
        self._run += seconds
        self.speech_seconds += seconds
        if self.speech_seconds >= self._settings.minimum_speech_seconds and self.first_sound is None:
            self.first_sound = self._start

    def _resume(self) -> Sign:
        """In a pause, only more than a blip is speech again; meanwhile the command cannot end."""
        if self._paused and self._run <= BLIP_SECONDS:
            return "nothing"
        self.last_sound = max(self.last_sound, self.seconds - TAIL_SECONDS)
        if not self._paused:
            return "nothing"
        self._paused, self.complete = False, False
        return "resumed"

    def _rest(self) -> Sign:
        self._run = 0.0
        if self.first_sound is None:
            return self._wait()
        if self.silence_seconds >= self._needed():
            return "silence"
        if not self._paused and self.silence_seconds >= self._settings.decode_after_seconds:
            self._paused = True
            return "pause"
        return "nothing"

    def _wait(self) -> Sign:
        if self.silence_seconds >= self._settings.decode_after_seconds:
            self.speech_seconds = 0.0
        if self.seconds >= self._settings.give_up_seconds:
            return "nothing_said"
        return "nothing"

    def _needed(self) -> float:
        patient = self._settings.silence_seconds
        return min(self._settings.complete_silence_seconds, patient) if self.complete else patient

    def _cap(self) -> Sign:
        return "nothing_said" if self.first_sound is None else "too_long"
