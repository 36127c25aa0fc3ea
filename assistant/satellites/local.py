"""The place where this machine's own microphone, or a file in its stead, is listened to."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Callable

from assistant.audio.files import Recording, chunked
from assistant.errors import NothingSaid
from assistant.interfaces import AudioSource, Speaker, WakeWord
from assistant.models import AudioChunk, Request

log = logging.getLogger(__name__)

PRE_ROLL_CHUNKS = 4
"""128 ms before the wake word fires, which it does 50-210 ms after the phrase: nothing said at once is lost."""


class Local:
    """Gives one call per wake word; without one, the whole stream is one call, as by push-to-talk."""

    def __init__(
        self,
        id: str,
        source: AudioSource,
        wake_word: WakeWord | None = None,
        speaker: Speaker | None = None,
        room: str | None = None,
        muted: Callable[[], bool] = lambda: False,
    ) -> None:
        """muted: asked at every chunk; while it is, nothing that is heard goes anywhere."""
        self.id = id
        self.room = room
        self.speaker = speaker
        self._source = source
        self._wake_word = wake_word
        self._muted = muted

    def request(self) -> Request:
        kind = "file" if isinstance(self._source, Recording) else "microphone"
        return Request(room=self.room, session=self.id, source=kind, speak=self.speaker is not None)

    async def calls(self) -> AsyncIterator[AsyncIterator[AudioChunk]]:
        sound = self._source.chunks()
        if self._wake_word is None or not await self._wakes_in_file(self._wake_word):
            yield sound
            return
        ring: deque[AudioChunk] = deque(maxlen=PRE_ROLL_CHUNKS)
        async for chunk in sound:
            if self._muted():
                ring.clear()
                continue
            if not ring:
                self._wake_word.reset()
            ring.append(chunk)
            if self._wake_word.heard_in(chunk):
                log.info("wake word")
                yield self._call(tuple(ring), sound)
                ring.clear()

    async def _wakes_in_file(self, wake_word: WakeWord) -> bool:
        """True for a live source; a file is looked through first, which costs half a per cent of its length."""
        if not isinstance(self._source, Recording):
            return True
        wake_word.reset()
        heard = any(wake_word.heard_in(chunk) for chunk in chunked(await self._source.pcm()))
        if not heard:
            log.info("no wake word in %s: taken whole", self._source.name)
        return heard

    async def _call(
        self, before: tuple[AudioChunk, ...], sound: AsyncIterator[AudioChunk]
    ) -> AsyncIterator[AudioChunk]:
        """Raises NothingSaid when it is muted meanwhile: half a command must not be acted on."""
        for chunk in before:
            yield chunk
        async for chunk in sound:
            if self._muted():
                raise NothingSaid("the microphone was muted")
            yield chunk
