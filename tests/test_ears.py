"""From sound to words: a made-up voice and recogniser tell the timing, the real ones the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from assistant.audio.endpoint import CHUNK_SECONDS
from assistant.config import EndpointSettings
from assistant.ears import Ears
from assistant.models import AudioChunk, Heard, Language, Transcript

SETTINGS = EndpointSettings()
LOUD, SILENT = AudioChunk(b"\x10\x10" * 512), AudioChunk(b"\0\0" * 512)


class Loudness:
    """Voice activity of made-up sound."""

    def probability(self, chunk: AudioChunk) -> float:
        return 0.95 if any(chunk.pcm) else 0.02

    def reset(self) -> None:
        pass


class Writes:
    """A recogniser that writes the next of its texts, after so much time."""

    def __init__(self, *texts: str, seconds: float = 0.0) -> None:
        self._texts = list(texts)
        self._seconds = seconds
        self.begun = 0
        self.finished = 0

    async def transcribe(self, pcm: bytes, language: Language | None, hotwords: str = "") -> Transcript:
        text = self._texts[min(self.begun, len(self._texts) - 1)]
        self.begun += 1
        await asyncio.sleep(self._seconds)
        self.finished += 1
        return Transcript(text, language or "en")


async def sound(*parts: tuple[AudioChunk, float]) -> AsyncIterator[AudioChunk]:
    for chunk, seconds in parts:
        for _ in range(round(seconds / CHUNK_SECONDS)):
            await asyncio.sleep(0.001)
            yield chunk


async def hear(stt: Writes, *parts: tuple[AudioChunk, float], complete: bool = False) -> Heard:
    return await Ears(Loudness, stt, SETTINGS).hear(sound(*parts), "en", "", lambda text, language: complete)


async def test_a_whole_command_is_answered_after_little_silence() -> None:
    stt = Writes("turn on the light")
    heard = await hear(stt, (SILENT, 0.5), (LOUD, 1.2), (SILENT, 2.0), complete=True)
    assert heard.transcript is not None and heard.transcript.text == "turn on the light"
    assert 1000 * SETTINGS.complete_silence_seconds <= heard.endpoint_ms < 1000 * SETTINGS.complete_silence_seconds + 64
    assert heard.stt_ms < 20, "the trial was kept"
    assert stt.begun == 1


async def test_an_unfinished_command_is_waited_for() -> None:
    heard = await hear(Writes("turn on the"), (LOUD, 1.2), (SILENT, 2.0))
    assert 1000 * SETTINGS.silence_seconds <= heard.endpoint_ms < 1000 * SETTINGS.silence_seconds + 64


async def test_a_pause_in_mid_sentence_is_decoded_again() -> None:
    stt = Writes("turn on", "turn on the light in the kitchen")
    heard = await hear(stt, (LOUD, 0.8), (SILENT, 0.45), (LOUD, 0.9), (SILENT, 2.0))
    assert heard.transcript is not None and heard.transcript.text == "turn on the light in the kitchen"
    assert stt.begun == 2


async def test_a_trial_that_came_too_early_is_dropped() -> None:
    stt = Writes("turn on", "turn on the light", seconds=0.05)
    await hear(stt, (LOUD, 0.8), (SILENT, 0.3), (LOUD, 0.9), (SILENT, 2.0))
    assert (stt.begun, stt.finished) == (2, 1)


async def test_the_end_of_the_wake_word_is_no_command() -> None:
    """ "Okay Nabu", a pause that would end a command, and then what was wanted."""
    stt = Writes("Nabu.", "lights on")
    heard = await hear(stt, (LOUD, 0.3), (SILENT, 1.5), (LOUD, 0.8), (SILENT, 2.0))
    assert heard.transcript is not None and heard.transcript.text == "lights on"
    assert heard.utterance.seconds < 1.5


async def test_silence() -> None:
    heard = await hear(Writes("Thank you."), (SILENT, 20.0))
    assert heard.transcript is None
    assert heard.utterance.ended == "nothing_said"


async def test_noise_that_no_words_come_out_of() -> None:
    heard = await hear(Writes(""), (LOUD, 0.5), (SILENT, 20.0))
    assert heard.transcript is None
    assert heard.utterance.ended == "nothing_said"


async def test_speech_without_end_is_capped() -> None:
    heard = await hear(Writes("and so on"), (LOUD, 60.0))
    assert heard.utterance.ended == "too_long"
    assert heard.utterance.seconds <= SETTINGS.maximum_seconds + 0.5


async def test_a_stream_that_ends_in_mid_word_is_transcribed() -> None:
    heard = await hear(Writes("turn on the"), (LOUD, 1.0))
    assert heard.utterance.ended == "stream_ended"
    assert heard.transcript is not None


async def test_an_empty_stream() -> None:
    assert (await hear(Writes("x"))).transcript is None


@pytest.mark.audio
async def test_real_noise_is_no_command() -> None:
    """White noise, hum and clicks through the real voice activity and Whisper."""
    from assistant.audio.vad import Silero
    from assistant.config import SpeechToTextSettings
    from assistant.speech.stt import Whisper
    from tests.spoken import models_folder

    ears = Ears(Silero, Whisper(SpeechToTextSettings(), models_folder()), SETTINGS)
    chance = np.random.default_rng(7)
    time = np.arange(16_000 * 6) / 16_000
    noises = {
        "white": chance.normal(0, 800, len(time)),
        "hum": 3000 * np.sin(2 * np.pi * 50 * time),
        "clicks": np.where(chance.random(len(time)) < 0.0005, 20_000, 0),
    }
    for name, noise in noises.items():
        pcm = noise.clip(-32_000, 32_000).astype(np.int16).tobytes()
        heard = await ears.hear(_pieces(pcm), "en")
        assert heard.transcript is None, f"{name}: {heard.transcript}"


async def _pieces(pcm: bytes) -> AsyncIterator[AudioChunk]:
    for start in range(0, len(pcm) - 1023, 1024):
        yield AudioChunk(pcm[start : start + 1024])
