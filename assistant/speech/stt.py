"""Speech to text: Whisper, encoding only what was said."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel

from assistant.config import SpeechToTextSettings
from assistant.errors import ModelMissing
from assistant.models import SAMPLE_RATE, Language, Transcript
from assistant.speech.repeats import collapsed

log = logging.getLogger(__name__)

LANGUAGES: tuple[Language, ...] = ("en", "it", "zh")

WINDOW_SECONDS = 30.0
"""What Whisper was trained on; encoding all of it costs five times what a command needs."""

SHORT_WINDOW_SECONDS = 7.0
MARGIN_SECONDS = 2.0
"""Silence that must follow the speech in the window: with less of it Whisper loops."""

LONGEST_SHORT_SECONDS = 7.0
"""Beyond so much sound the whole window is encoded."""

COMMANDS: dict[Language, str] = {
    "en": "Turn on, turn off, open, close, lock, unlock, set, dim, start, stop.",
    "it": "Accendi, spegni, apri, chiudi, imposta, metti, alza, abbassa, avvia, blocca, sblocca.",
    "zh": "打开，关闭，关掉，开灯，锁上，解锁，设置，调到，启动，停止。",
}
"""The verbs of a house, which Whisper else mishears ("Walk the front door")."""

BEAMS = 2
"""A second reading costs 10 % more and takes a quarter of the errors off hard speech."""

PROMPT_TOKENS = 160
"""Of hotwords at most: Whisper's context is 448, and every token of it costs time."""

SILENCE = 60
"""The highest sample of what holds no voice (of 32,767); Whisper would invent words for it."""

NO_SPEECH = 0.6
SURE = 0.45
"""Whisper's own rule: probably no speech, and unsure of the words, is silence."""


class Whisper:
    """One model; `load` early, for it takes a second or two."""

    def __init__(self, settings: SpeechToTextSettings, models_folder: Path) -> None:
        self._settings = settings
        self._folder = folder_of(settings.model, models_folder)
        self._model: WhisperModel | None = None
        self._loading = asyncio.Lock()

    async def load(self) -> None:
        """Raises ModelMissing."""
        async with self._loading:
            if self._model is None:
                model = await asyncio.to_thread(_load, self._folder, self._settings)
                await asyncio.to_thread(_encoded, model, b"\0\0" * SAMPLE_RATE)
                self._model = model

    async def transcribe(self, pcm: bytes, language: Language | None, hotwords: str = "") -> Transcript:
        """Cancelling it spares the words, the costlier half, if the sound is still being encoded."""
        await self.load()
        if np.abs(np.frombuffer(pcm, dtype=np.int16).astype(np.int32)).max(initial=0) < SILENCE:
            return Transcript("", language or "en", 0.0)
        dropped = threading.Event()
        try:
            return await asyncio.to_thread(self._transcribe, pcm, language, hotwords, dropped)
        finally:
            dropped.set()

    def _transcribe(self, pcm: bytes, language: Language | None, hotwords: str, dropped: threading.Event) -> Transcript:
        assert self._model is not None
        encoded = _encoded(self._model, pcm)
        language = language or _detected(self._model, encoded)
        if dropped.is_set():
            return Transcript("", language, 0.0)
        prompt = [*self._hint(self._model, language, hotwords), *_start(self._model, language)]
        result = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=BEAMS,
            max_length=len(prompt) + max_tokens(len(pcm) / 2 / SAMPLE_RATE),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        text = collapsed(self._model.hf_tokenizer.decode(result.sequences_ids[0]).strip())
        return _believed(text, language, math.exp(result.scores[0]), result.no_speech_prob)

    def _hint(self, model: WhisperModel, language: Language, hotwords: str) -> Sequence[int]:
        """What Whisper takes for the text before: what is said to a house, and the names of this one."""
        if not self._settings.hotwords:
            return []
        text = f" {COMMANDS.get(language, '')} {', '.join(distinct(hotwords.split(',')))}".rstrip()
        tokens: list[int] = model.hf_tokenizer.encode(text, add_special_tokens=False).ids
        return [model.hf_tokenizer.token_to_id("<|startofprev|>"), *tokens[:PROMPT_TOKENS]]


def folder_of(model: str, models_folder: Path) -> Path:
    """Where a model is, or would be: a path as it stands, a name under models_folder/stt."""
    return Path(model).expanduser() if "/" in model else models_folder / "stt" / model


def distinct(names: Sequence[str]) -> list[str]:
    """Without those that another name contains ("Kitchen", beside "Kitchen light"): every token costs time."""
    stripped = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    lower = [name.lower() for name in stripped]
    return [name for name in stripped if not any(name.lower() in other and name.lower() != other for other in lower)]


def window_seconds(seconds: float) -> float:
    """How much to encode for so much sound."""
    if seconds > LONGEST_SHORT_SECONDS:
        return WINDOW_SECONDS
    return max(SHORT_WINDOW_SECONDS, seconds + MARGIN_SECONDS)


def max_tokens(seconds: float) -> int:
    """Far more than anybody says in that time; it ends a loop."""
    return 24 + round(8 * seconds)


def _load(folder: Path, settings: SpeechToTextSettings) -> WhisperModel:
    if not (folder / "model.bin").is_file():
        raise ModelMissing(
            f"there is no Whisper model in {folder}; fetch it with: mimo-assistant models pull stt",
            what="speech to text",
        )
    device = settings.device
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    try:
        return WhisperModel(
            str(folder),
            device=device,
            compute_type="float16" if device == "cuda" else "int8",
            cpu_threads=settings.threads,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelMissing(f"the Whisper model in {folder} does not load: {error}", what="speech to text") from error


def _encoded(model: WhisperModel, pcm: bytes) -> ctranslate2.StorageView:
    """The speech, and the silence after it that Whisper expects."""
    sound = np.frombuffer(pcm[: round(WINDOW_SECONDS * SAMPLE_RATE) * 2], dtype=np.int16).astype(np.float32) / 32768
    window = window_seconds(len(sound) / SAMPLE_RATE)
    padded = np.pad(sound, (0, max(0, round(window * SAMPLE_RATE) - len(sound))))
    return model.encode(model.feature_extractor(padded, padding=0)[:, : round(window * model.frames_per_second)])


def _detected(model: WhisperModel, encoded: ctranslate2.StorageView) -> Language:
    """The likeliest of our languages, from the encoding that the words come from too."""
    if not model.model.is_multilingual:
        return "en"
    ranked = {token.strip("<|>"): share for token, share in model.model.detect_language(encoded)[0]}
    return max(LANGUAGES, key=lambda language: ranked.get(language, 0.0))


def _start(model: WhisperModel, language: Language) -> Sequence[int]:
    spoken = [f"<|{language}|>", "<|transcribe|>"] if model.model.is_multilingual else []
    return [model.hf_tokenizer.token_to_id(token) for token in ("<|startoftranscript|>", *spoken, "<|notimestamps|>")]


def _believed(text: str, language: Language, confidence: float, no_speech: float) -> Transcript:
    """Whisper invents words for noise ("Thank you."); it then doubts both the speech and the words."""
    silence = no_speech > NO_SPEECH and confidence < SURE
    return Transcript("" if silence else text, language, round(confidence, 3))
