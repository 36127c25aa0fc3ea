"""From sound to words: listen until the command has ended, recognising on trial in every pause."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import Literal

from assistant.audio.endpoint import Endpointer
from assistant.config import EndpointSettings
from assistant.interfaces import House, SpeechToText, VoiceActivity
from assistant.models import SAMPLE_RATE, AudioChunk, Heard, Language, Transcript, Utterance
from assistant.speech.leftovers import without_wake_phrase

log = logging.getLogger(__name__)

IsComplete = Callable[[str, Language], bool]
Decode = Callable[[bytes], Coroutine[None, None, Transcript]]

BEFORE_SECONDS = 0.3
"""Kept before the first speech that the voice activity saw: soft beginnings are seen late."""

AFTER_SECONDS = 0.15
"""Kept after the last sound."""


def hotwords(house: House, language: Language | None) -> str:
    """The house's own names, most spoken first, for the recogniser's ear."""
    names = [room.name if language in (None, "en") else next(iter(room.aliases.get(language, ())), room.name)
             for room in house.rooms]  # fmt: skip
    names += [entity.spoken(language or "en") for entity in house.entities()
              if entity.members or not entity.hidden]  # fmt: skip
    return ", ".join(dict.fromkeys(names))


class Ears:
    """Turns the sound of a call into words. Several places may call at once; their words are recognised in turn."""

    def __init__(
        self,
        new_vad: Callable[[], VoiceActivity],
        stt: SpeechToText,
        settings: EndpointSettings | None = None,
        wake_phrase: str = "okay nabu",
    ) -> None:
        self._new_vad = new_vad
        self._stt = stt
        self._settings = settings or EndpointSettings()
        self._wake_phrase = wake_phrase

    async def hear(
        self,
        chunks: AsyncIterator[AudioChunk],
        language: Language | None = None,
        hotwords: str = "",
        is_complete: IsComplete = lambda text, language: False,
        on_trial: Callable[[str], None] = lambda text: None,
    ) -> Heard:
        """Until the speaker has finished, says nothing, or talks too long. on_trial: told what each pause gives."""

        async def decode(pcm: bytes) -> Transcript:
            heard = await self._stt.transcribe(pcm, language, hotwords)
            return replace(heard, text=without_wake_phrase(heard.text, self._wake_phrase))

        vad = self._new_vad()
        call = _Call(self._settings, decode, is_complete, on_trial)
        try:
            async for chunk in chunks:
                if await call.listen(chunk, vad.probability(chunk)):
                    break
            return await call.result()
        finally:
            await call.drop()

    async def read(self, pcm: bytes, language: Language | None = None) -> str:
        """The words of a sound that is already whole."""
        return (await self._stt.transcribe(pcm, language)).text


class _Call:
    """What one `hear` has heard so far."""

    def __init__(
        self, settings: EndpointSettings, decode: Decode, is_complete: IsComplete, on_trial: Callable[[str], None]
    ) -> None:
        self._endpoint = Endpointer(settings)
        self._decode = decode
        self._is_complete = is_complete
        self._on_trial = on_trial
        self._told: asyncio.Task[Transcript] | None = None
        self._pcm = bytearray()
        self._trial: asyncio.Task[Transcript] | None = None
        self._heard: Heard | None = None

    async def listen(self, chunk: AudioChunk, probability: float) -> bool:
        """Whether the command has ended with this chunk."""
        self._pcm += chunk.pcm
        await self._judge_trial()
        match self._endpoint.feed(probability):
            case "pause":
                self._trial = asyncio.create_task(self._decode(self._speech()), name="decode on trial")
            case "resumed":
                await self.drop()
            case "silence":
                await self._end("silence")
            case "too_long":
                await self._end("too_long")
            case "nothing_said":
                self._heard = self._nothing()
        return self._heard is not None

    async def result(self) -> Heard:
        if self._heard is None and self._endpoint.first_sound is not None:
            await self._end("stream_ended")
        return self._heard or self._nothing()

    async def drop(self) -> None:
        """Forget the trial, if there is one; its thread ends by itself."""
        if self._trial is not None:
            self._trial.cancel()
            await asyncio.wait([self._trial])
            self._trial = None

    async def _judge_trial(self) -> None:
        """A whole command needs less silence; no words at all (a cough, the wake word's own end) are forgotten."""
        if self._trial is None or not self._trial.done():
            return
        heard = self._trial.result()
        if not heard.text:
            await self._forget()
            return
        if self._told is not self._trial:
            self._told = self._trial
            self._on_trial(heard.text)
        if not self._endpoint.complete:
            self._endpoint.complete = self._is_complete(heard.text, heard.language)

    async def _end(self, ended: Literal["silence", "too_long", "stream_ended"]) -> None:
        silence = self._endpoint.silence_seconds
        began = time.perf_counter()
        transcript = await (self._trial or self._decode(self._speech()))
        if not transcript.text:
            await self._forget()
            return
        self._heard = Heard(
            Utterance(self._speech(), self._endpoint.speech_seconds, ended, silence),
            transcript,
            endpoint_ms=silence * 1000,
            stt_ms=(time.perf_counter() - began) * 1000,
        )

    async def _forget(self) -> None:
        await self.drop()
        self._endpoint.forget()

    def _nothing(self) -> Heard:
        return Heard(Utterance(bytes(self._pcm), 0.0, "nothing_said"), None)

    def _speech(self) -> bytes:
        """From just before the first sound to just after the last."""
        start = max(0.0, (self._endpoint.first_sound or 0.0) - BEFORE_SECONDS)
        stop = self._endpoint.last_sound + AFTER_SECONDS
        return bytes(self._pcm[_offset(start) : _offset(stop)])


def _offset(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE) * 2
