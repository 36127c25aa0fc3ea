"""Tells what fell due, in the room where it was set; an alarm or a timer rings until somebody stops it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import numpy as np

from assistant.errors import AssistantError
from assistant.events import Ended, Event, Events, Rang, Started
from assistant.interfaces import Speaker, TextToSpeech
from assistant.models import SAMPLE_RATE, AudioChunk, Scheduled
from assistant.schedule.keeper import Told
from assistant.schedule.schedule import Schedule

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.5
"""Between two tones; then a reply gets its turn at the loudspeaker."""

TONE_SECONDS = 0.25
_HERTZ = (880.0, 1108.7)


class Ringer:
    def __init__(
        self,
        schedule: Schedule,
        events: Events,
        place: Callable[[str | None], Speaker | None],
        voice: Callable[[], TextToSpeech | None],
        ring_seconds: float = 60.0,
        alarm_seconds: float = 600.0,
    ) -> None:
        """place: the loudspeaker of a room, or the one that there is."""
        self._schedule = schedule
        self._events = events
        self._place = place
        self._voice = voice
        self._seconds = {"timer": ring_seconds, "alarm": alarm_seconds}
        self._listening = 0
        events.subscribe(self._watch)

    async def tell(self, told: Told) -> None:
        """Say it once; ring until it is silenced, or for as long as is bearable."""
        self._events.tell(Rang(told.item, told.text, told.late))
        if not told.rings:
            await self._say(told.item, told.text)
            return
        key = -told.item.id  # a repetition's next time has the same number
        self._schedule.sounding[key] = told.item
        try:
            async with asyncio.timeout(self._seconds.get(told.item.kind, 60.0)):
                await self._ring(told, key)
        except TimeoutError:
            log.info("nobody stopped it: %s", told.text)
        finally:
            self._schedule.sounding.pop(key, None)

    async def _ring(self, told: Told, key: int) -> None:
        spoken = False
        while key in self._schedule.sounding:
            if not self._listening:
                await self._play(told.item, _tones())
                if not spoken and key in self._schedule.sounding:
                    await self._say(told.item, told.text)
                    spoken = True
            await self._pause(key)

    async def _pause(self, key: int) -> None:
        """Silence ends it at once."""
        for _ in range(round(PAUSE_SECONDS / 0.1)):
            if key not in self._schedule.sounding:
                return
            await asyncio.sleep(0.1)

    async def _say(self, item: Scheduled, text: str) -> None:
        voice = self._voice()
        if voice is not None:
            await self._play(item, voice.synthesize(text, item.language))

    async def _play(self, item: Scheduled, sound: AsyncIterator[AudioChunk]) -> None:
        speaker = self._place(item.room)
        if speaker is None:
            return
        try:
            await speaker.play(sound)
        except AssistantError as error:
            log.warning("it could not be told: %s", error.reason)

    def _watch(self, event: Event) -> None:
        """While somebody speaks to it, it holds its tongue."""
        match event:
            case Started(turn) if turn.request.text is None:
                self._listening += 1
            case Ended(turn) if turn.request.text is None:
                self._listening = max(0, self._listening - 1)
            case _:
                pass


async def _tones() -> AsyncIterator[AudioChunk]:
    """Two short notes with soft edges."""
    times = np.arange(int(TONE_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    edge = np.minimum(1.0, np.minimum(times, TONE_SECONDS - times) / 0.02)
    for hertz in _HERTZ:
        wave = 0.3 * edge * np.sin(2 * np.pi * hertz * times)
        yield AudioChunk((wave * 32767).astype("<i2").tobytes())
