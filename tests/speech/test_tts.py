"""The real piper, and Whisper as the listener."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.config import SpeechToTextSettings, VoiceSettings
from assistant.errors import ModelMissing
from assistant.models import AudioChunk
from assistant.speech.stt import Whisper
from assistant.speech.tts import Piper
from tests.spoken import models_folder, resampled


async def said(piper: Piper, text: str, language: str) -> list[AudioChunk]:
    return [chunk async for chunk in piper.synthesize(text, language)]


def samples(chunks: list[AudioChunk]) -> np.ndarray:
    return np.concatenate([np.frombuffer(chunk.pcm, np.int16) for chunk in chunks])


async def heard(chunks: list[AudioChunk], language: str) -> str:
    pcm = resampled(samples(chunks), chunks[0].rate).tobytes()
    return (await Whisper(SpeechToTextSettings(hotwords=False), models_folder()).transcribe(pcm, language)).text.lower()


@pytest.fixture(scope="module")
def piper() -> Piper:
    return Piper(VoiceSettings(), models_folder())


@pytest.mark.audio
async def test_clause_by_clause(piper: Piper) -> None:
    chunks = await said(piper, "The kitchen light is on, because it is getting dark.", "en")
    assert len(chunks) == 2
    text = await heard(chunks, "en")
    assert "kitchen light is on" in text
    assert "getting dark" in text


@pytest.mark.audio
async def test_a_language_without_a_voice_is_read_with_an_accent(piper: Piper) -> None:
    """Joe reads Italian, badly, which beats silence. A voice of its own is the remedy."""
    spoken = samples(await said(piper, "Ho acceso la luce del soggiorno.", "it"))
    assert 1.0 < len(spoken) / 22_050 < 4.0
    assert np.abs(spoken).max() > 3_000


@pytest.mark.audio
async def test_speed_and_volume(piper: Piper) -> None:
    text = "The kitchen light is on."
    plain = samples(await said(piper, text, "en"))
    quick = samples(await said(Piper(VoiceSettings(speed=1.5), models_folder()), text, "en"))
    quiet = samples(await said(Piper(VoiceSettings(volume=0.3), models_folder()), text, "en"))
    assert len(quick) < 0.85 * len(plain)
    assert np.abs(quiet).max() < 0.4 * np.abs(plain).max()


@pytest.mark.audio
@pytest.mark.parametrize("text", ["", " ", "...", "?!"])
async def test_nothing_to_say(piper: Piper, text: str) -> None:
    assert await said(piper, text, "en") is not None


async def test_a_missing_voice_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="mimo-assistant models pull voice"):
        await Piper(VoiceSettings(), tmp_path).load()
    with pytest.raises(ModelMissing, match="names no voice"):
        await said(Piper(VoiceSettings(voices={}), tmp_path), "hello", "en")
