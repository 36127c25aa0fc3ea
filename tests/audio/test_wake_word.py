"""The real wake word in real speech."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.files import chunked
from assistant.audio.wake_word import BUNDLED, MicroWakeWord
from assistant.config import WakeWordSettings
from assistant.errors import ModelMissing
from assistant.models import SAMPLE_RATE
from tests.spoken import okay_nabu, spoken


def fires(wake_word: MicroWakeWord, sound: np.ndarray) -> list[float]:
    """Seconds at which it fired."""
    return [
        (index + 1) * 0.032
        for index, chunk in enumerate(chunked(sound.astype(np.int16).tobytes()))
        if wake_word.heard_in(chunk)
    ]


@pytest.mark.audio
def test_it_hears_its_name_soon() -> None:
    phrase = okay_nabu()
    after = fires(MicroWakeWord(WakeWordSettings()), np.concatenate([phrase, np.zeros(SAMPLE_RATE)]))
    assert after
    assert 0 <= after[0] - len(phrase) / SAMPLE_RATE < 0.25


@pytest.mark.audio
def test_it_hears_it_again_after_a_reset() -> None:
    wake_word = MicroWakeWord(WakeWordSettings())
    sound = np.concatenate([okay_nabu(), np.zeros(SAMPLE_RATE)])
    for _ in range(3):
        assert fires(wake_word, sound)
        wake_word.reset()


@pytest.mark.audio
def test_other_speech_is_not_its_name() -> None:
    wake_word = MicroWakeWord(WakeWordSettings())
    for text in ("turn on the kitchen light", "what is the temperature in the bedroom", "okay then, not now"):
        assert not fires(wake_word, np.concatenate([spoken(text, "en", ""), np.zeros(SAMPLE_RATE)])), text


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_model_loads(name: str) -> None:
    assert MicroWakeWord(WakeWordSettings(model=name)).phrase


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    import pymicro_wakeword

    source = Path(pymicro_wakeword.__file__).parent / "models"
    for name in ("alexa.json", "alexa.tflite"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    assert MicroWakeWord(WakeWordSettings(model=str(tmp_path / "alexa.json"))).phrase == "Alexa"


def test_a_missing_model_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="okay_nabu"):
        MicroWakeWord(WakeWordSettings(model="hal"))
    lonely = tmp_path / "hal.json"
    lonely.write_text(json.dumps({"model": "hal.tflite", "wake_word": "Hal"}))
    with pytest.raises(ModelMissing, match="not beside it"):
        MicroWakeWord(WakeWordSettings(model=str(lonely)))
    lonely.write_text("[]")
    with pytest.raises(ModelMissing, match="is no microWakeWord model"):
        MicroWakeWord(WakeWordSettings(model=str(lonely)))
