"""Text to speech: piper, clause by clause."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import onnxruntime  # type: ignore[import-untyped]
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig

from assistant.config import VoiceSettings
from assistant.errors import ModelMissing
from assistant.models import AudioChunk, Language
from assistant.speech.sentences import clauses

log = logging.getLogger(__name__)

ESPEAK_VOICES: dict[Language, str] = {"en": "en-us", "it": "it", "zh": "cmn"}

SOUNDS = str.maketrans({"a": "ɑː", "e": "eɪ", "o": "oʊ", "i": "iː", "u": "uː", "r": "ɹ", "ɲ": "nj", "ʎ": "lj"})
"""The nearest sounds that an English voice has learnt; those of its alphabet that English lacks come out as noise."""


class Piper:
    """The voices of every language; one that has none is read, with an accent, by the voice there is."""

    def __init__(self, settings: VoiceSettings, models_folder: Path) -> None:
        self._settings = settings
        self._folder = models_folder / "voice"
        self._voices: dict[Language, PiperVoice] = {}
        self._loading = asyncio.Lock()

    async def load(self) -> None:
        """Raises ModelMissing when a voice that config.yaml names is not there."""
        for language in self._settings.voices:
            await self._voice(language)

    async def synthesize(self, text: str, language: Language) -> AsyncIterator[AudioChunk]:
        voice = await self._voice(language)
        for clause in clauses(text):
            for chunk in await asyncio.to_thread(self._speak, voice, clause, language):
                yield chunk

    def _speak(self, voice: PiperVoice, clause: str, language: Language) -> list[AudioChunk]:
        style = SynthesisConfig(
            length_scale=voice.config.length_scale / self._settings.speed, volume=self._settings.volume
        )
        if language not in self._settings.voices:
            clause = _borrowed(voice, clause, language)
        return [AudioChunk(part.audio_int16_bytes, part.sample_rate) for part in voice.synthesize(clause, style)]

    async def _voice(self, language: Language) -> PiperVoice:
        async with self._loading:
            if language not in self._voices:
                self._voices[language] = await asyncio.to_thread(self._load, language)
            return self._voices[language]

    def _load(self, language: Language) -> PiperVoice:
        voices = dict(self._settings.voices)
        if language in voices:
            return _opened(self._path(voices[language]))
        if not voices:
            raise ModelMissing("config.yaml names no voice", what="voice")
        lender = "en" if "en" in voices else next(iter(voices))
        log.warning("there is no voice for %r in config.yaml; %s reads it with an accent", language, voices[lender])
        return self._voices.get(lender) or _opened(self._path(voices[lender]))

    def _path(self, voice: str) -> Path:
        return Path(voice).expanduser() if "/" in voice else self._folder / f"{voice}.onnx"


def _borrowed(voice: PiperVoice, clause: str, language: Language) -> str:
    """The clause as phonemes of its own language, in the sounds that the voice knows."""
    reader = replace(voice, config=replace(voice.config, espeak_voice=ESPEAK_VOICES.get(language, language)))
    phonemes = "".join(phoneme for sentence in reader.phonemize(clause) for phoneme in sentence)
    return f"[[{phonemes.translate(SOUNDS).replace('ːː', 'ː')}]]" if phonemes.strip() else ""


def _opened(path: Path) -> PiperVoice:
    if not path.is_file() or not Path(f"{path}.json").is_file():
        raise ModelMissing(
            f"there is no voice at {path} (with its .json); fetch it with: mimo-assistant models pull voice",
            what="voice",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Rewriting its graph takes longer than all the rest of the loading, and speaking is no faster for it.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        config = PiperConfig.from_dict(json.loads(Path(f"{path}.json").read_text(encoding="utf-8")))
        return PiperVoice(onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"]), config)
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        raise ModelMissing(f"the voice {path} does not load: {error}", what="voice") from error
