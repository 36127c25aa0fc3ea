"""What is spoken aloud in one turn, one thing after another: a word while it thinks, then the reply."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from assistant.audio.pieces import pieces
from assistant.errors import AssistantError
from assistant.interfaces import Speaker, TextToSpeech
from assistant.models import AudioChunk, Turn
from assistant.speech.sentences import clauses

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Mouth:
    """Silent where there is no voice or no speaker."""

    turn: Turn
    voice: TextToSpeech | None = None
    speaker: Speaker | None = None
    _murmur: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def silent(self) -> bool:
        return self.voice is None or self.speaker is None

    async def say(self, text: str) -> None:
        """Play it, after what is being murmured; the turn's `said` grows as it is heard.

        A sound card that is gone is logged, never raised.
        """
        if self._murmur is not None:
            await self._murmur
        await self._play(text, "first_audio", self._say_so_far)

    @asynccontextmanager
    async def murmuring(self, seconds: float | None, words: Callable[[], str]) -> AsyncIterator[None]:
        """If the block lasts longer, say once what `words` then gives; what was begun is said to its end."""
        if self.silent or seconds is None:
            yield
            return
        speaking = asyncio.Event()
        self._murmur = asyncio.create_task(self._wait_and_murmur(seconds, words, speaking), name="murmur")
        try:
            yield
        except asyncio.CancelledError:
            await self._hush()
            raise
        finally:
            if not speaking.is_set():
                await self._hush()

    async def _wait_and_murmur(self, seconds: float, words: Callable[[], str], speaking: asyncio.Event) -> None:
        await asyncio.sleep(seconds)
        speaking.set()
        self.turn.murmur = words()
        await self._play(self.turn.murmur, "murmur", lambda heard: None)

    async def _hush(self) -> None:
        murmur, self._murmur = self._murmur, None
        if murmur is not None:
            murmur.cancel()
            await asyncio.wait([murmur])

    def _say_so_far(self, heard: str) -> None:
        self.turn.said = heard

    async def _play(self, text: str, stage: str, heard: Callable[[str], None]) -> None:
        if self.speaker is None or not text:
            return
        try:
            await self.speaker.play(self._sound(text, stage, heard))
        except AssistantError as error:
            log.warning("the reply could not be played: %s", error.reason)

    async def _sound(self, text: str, stage: str, heard: Callable[[str], None]) -> AsyncIterator[AudioChunk]:
        """Clause by clause, in short pieces: asking for the next one says that the last one was heard."""
        if self.voice is None:
            return
        began, end = time.perf_counter(), 0
        for clause in clauses(text):
            whole = self.voice.synthesize(clause, self.turn.language)
            sound = [piece async for chunk in whole for piece in pieces(chunk)]
            start = text.index(clause, end)
            end = start + len(clause)
            for number, piece in enumerate(sound, start=1):
                self.turn.timings_ms.setdefault(stage, (time.perf_counter() - began) * 1000)
                yield piece
                heard(text[:start] + so_far(clause, number / len(sound)))


def so_far(clause: str, share: float) -> str:
    """The whole words in this share of it. Words are not equally long to say, so it is right to about a word."""
    if share >= 1:
        return clause
    cut = clause[: int(len(clause) * share)]
    chinese = any("\u4e00" <= character <= "\u9fff" for character in clause)
    return cut if chinese else cut.rpartition(" ")[0]
