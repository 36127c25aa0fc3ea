"""One place where people talk: this machine's microphone, a recording in its stead, or a microphone far away."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import replace

import numpy as np

from assistant.audio.files import Recording, chunked
from assistant.audio.loudspeaker import Loudspeaker
from assistant.errors import NothingSaid
from assistant.events import Attentive, Events, Level
from assistant.intents.hush import only_silences
from assistant.interfaces import AudioSource, WakeWord
from assistant.models import AudioChunk, Call, Language, Request, Turn
from assistant.satellites.follow_up import BEGUN_SECONDS, FollowUp
from assistant.satellites.interjections import Interjections

log = logging.getLogger(__name__)

PRE_ROLL_CHUNKS = 4
"""128 ms before the wake word fires, which it does 50-210 ms after the phrase: nothing said at once is lost."""

VOICE_PRE_ROLL_CHUNKS = 16
"""Half a second before a voice is sure to have begun."""

ECHO_SECONDS = 0.3
"""How long after it has spoken the room, or a slow loudspeaker, may still be heard."""

LEVEL_SECONDS = 0.1

FLOOR_DECIBELS = 60
"""Below the loudest: shown as no sound at all."""

_Said = asyncio.Queue[AudioChunk | NothingSaid | None]
"""The sound of a call on its way to whoever listens; None ends it."""


class Local:
    """Listens all the time. A call begins with the wake word, a button, or a voice where an answer is awaited.

    What is heard belongs to the call until whoever listens to it has heard enough; then a next call may begin, also
    while the assistant still thinks or speaks. A recording that is no live sound waits for the answer instead.
    """

    def __init__(
        self,
        id: str,
        source: AudioSource,
        wake_word: WakeWord | None = None,
        speaker: Loudspeaker | None = None,
        room: str | None = None,
        muted: Callable[[], bool] = lambda: False,
        *,
        follow_up: FollowUp | None = None,
        interjections: Interjections | None = None,
        events: Events | None = None,
        kind: str = "microphone",
        language: Language | None = None,
    ) -> None:
        """wake_word: without one, calls begin with `press` alone. muted: asked at every chunk; while it is, nothing
        that is heard goes anywhere. kind: what the record calls such requests.
        language: what is spoken here; None: as configured."""
        self.id = id
        self.room = room
        self.speaker = speaker
        self._source = source
        self._wake_word = wake_word
        self._muted = muted
        self._follow_up = follow_up or FollowUp(None, seconds=0)
        self._interjections = interjections
        self._events = events
        self._kind = kind
        self._language = language
        self._before: deque[AudioChunk] = deque(maxlen=VOICE_PRE_ROLL_CHUNKS)
        self._call: _Said | None = None
        """That which is being listened to."""
        self._free = asyncio.Event()
        """No turn is under way."""
        self._free.set()
        self._pressed = False
        self._fresh = True
        """The wake word has heard nothing yet that it should remember."""
        self._quiet_seconds = ECHO_SECONDS + 1
        """Since the assistant spoke here."""
        self._attentive = False
        self._loudest, self._unlevelled_seconds = 0.0, 0.0

    # ── for whoever answers ──

    async def calls(self) -> AsyncGenerator[Call, None]:
        await self._look_through()
        async for chunk in self._source.chunks():
            if self._muted():
                await self._forget()
                continue
            self._tell_level(chunk)
            if self._call is not None:
                await self._call.put(chunk)
                continue
            if not self._source.live:
                await self._free.wait()
            call = await self._called_by(chunk)
            self._tell_attention()
            if call is not None:
                yield call
        await self.release()

    def answered(self, turn: Turn) -> None:
        if self._call is not None:
            self._heard_enough(self._call)
        self._before.clear()
        self._follow_up.answered(turn)
        self._free.set()
        self._tell_attention()

    # ── for a button ──

    def press(self) -> None:
        """Listen from the next chunk on, as if the wake word had been heard."""
        self._pressed = True

    async def release(self) -> None:
        """What was said until now is all of it."""
        self._pressed = False
        call, self._call = self._call, None
        if call is not None:
            await call.put(None)

    # ── how a call begins ──

    async def _called_by(self, chunk: AudioChunk) -> Call | None:
        """The call that begins with this chunk, if one does."""
        self._before.append(chunk)
        if self._pressed:
            return self._begin(self.request(), [chunk])
        if self._wakes(chunk):
            log.info("wake word")
            return self._begin(self.request(), list(self._before)[-PRE_ROLL_CHUNKS:])
        if self.speaker is not None and self.speaker.playing:
            self._quiet_seconds = 0.0
            return self._interrupted_by(chunk, self.speaker)
        self._quiet_seconds += chunk.seconds
        if self._interjections is not None and self._interjections.under_way:
            await self._interjections.forget()
            if self.speaker is not None:
                self.speaker.ducked = False
        if self._awaits_an_answer and self._follow_up.begins(chunk):
            return self._begin(replace(self.request(), unbidden=True), self._before)
        return None

    @property
    def _awaits_an_answer(self) -> bool:
        return self._follow_up.is_open and self._free.is_set()

    def _wakes(self, chunk: AudioChunk) -> bool:
        if self._wake_word is None:
            return False
        if self._fresh:
            self._wake_word.reset()
            self._fresh = False
        return self._wake_word.heard_in(chunk)

    def _interrupted_by(self, chunk: AudioChunk, speaker: Loudspeaker) -> Call | None:
        """While the assistant speaks: give way to a voice; a lone "stop" is a call that has its words."""
        if self._interjections is None:
            return None
        words = self._interjections.hear(chunk)
        speaker.ducked = self._interjections.somebody_speaks
        if not words or not only_silences(words):
            return None
        log.info("silenced")
        self._silence()
        return Call(replace(self.request(), text=words, interrupts=True))

    def _begin(self, request: Request, before: Iterable[AudioChunk]) -> Call:
        """before: what was already said of it."""
        self._call = _Said(maxsize=1)
        call = Call(
            request,
            self._sound(tuple(before), self._call),
            may_be_echo=request.unbidden and self._quiet_seconds - BEGUN_SECONDS <= ECHO_SECONDS,
        )
        if not request.unbidden:
            self._follow_up.close()
        self._silence()
        return call

    def _silence(self) -> None:
        """Somebody has the word: what was heard until now is theirs, and no voice is to be heard but theirs."""
        self._free.clear()
        self._pressed, self._fresh = False, True
        self._before.clear()
        if self.speaker is not None:
            self.speaker.ducked = False
            self.speaker.hush()

    def request(self) -> Request:
        return Request(
            language=self._language,
            room=self.room,
            session=self.id,
            source=self._kind,
            speak=self.speaker is not None,
        )

    # ── the sound of a call ──

    async def _sound(self, before: tuple[AudioChunk, ...], call: _Said) -> AsyncGenerator[AudioChunk, None]:
        """Raises NothingSaid when it is muted meanwhile: half a command must not be acted on."""
        try:
            for chunk in before:
                yield chunk
            while (said := await call.get()) is not None:
                if isinstance(said, NothingSaid):
                    raise said
                yield said
        finally:
            self._heard_enough(call)

    def _heard_enough(self, call: _Said) -> None:
        if self._call is call:
            self._call = None
        while not call.empty():  # `calls` may be waiting to hand over one chunk more
            call.get_nowait()

    async def _forget(self) -> None:
        """It is muted: a call under way ends unheard, and no answer is awaited."""
        call, self._call = self._call, None
        if call is not None:
            await call.put(NothingSaid("the microphone was muted"))
        self._follow_up.close()
        self._before.clear()
        self._pressed, self._fresh = False, True
        self._tell_attention()

    async def _look_through(self) -> None:
        """A file is listened to for the wake word first, which costs half a per cent of its length: without one, all
        of it is a command, as if a button had been pressed."""
        if self._wake_word is None or not isinstance(self._source, Recording):
            return
        self._wake_word.reset()
        if not any(self._wake_word.heard_in(chunk) for chunk in chunked(await self._source.pcm())):
            log.info("no wake word in %s: taken whole", self._source.name)
            self.press()

    # ── telling ──

    def _tell_attention(self) -> None:
        awaits = self._awaits_an_answer
        if awaits != self._attentive and self._events is not None:
            self._attentive = awaits
            self._events.tell(Attentive(self.id, awaits))

    def _tell_level(self, chunk: AudioChunk) -> None:
        if self._events is None or not self._events.levels_wanted:
            return
        self._loudest = max(self._loudest, loudness(chunk))
        self._unlevelled_seconds += chunk.seconds
        if self._unlevelled_seconds >= LEVEL_SECONDS:
            wake = self._wake_word.probability if self._wake_word is not None else 0.0
            self._events.tell(Level(self.id, self._loudest, wake))
            self._loudest, self._unlevelled_seconds = 0.0, 0.0


def loudness(chunk: AudioChunk) -> float:
    """0-1: how near its loudest sample is to the loudest there can be, on a scale of decibels."""
    peak = int(np.abs(np.frombuffer(chunk.pcm, dtype="<i2").astype(np.int32)).max(initial=0))
    return float(np.clip(1 + 20 * np.log10(max(peak, 1) / 32768) / FLOOR_DECIBELS, 0, 1))
