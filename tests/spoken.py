"""Spoken commands as WAV files: piper's joe says English, festival's diphone voices say Italian."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import wave
from functools import cache
from pathlib import Path

import av
import numpy as np
from piper import PiperVoice, SynthesisConfig

from assistant.models import SAMPLE_RATE

ITALIAN_VOICES = {"italp16k": "(voice_lp_diphone)", "itapc16k": "(voice_pc_diphone)"}


def models_folder() -> Path:
    return Path(os.environ.get("MIMO_MODELS") or Path.home() / ".cache" / "mimo-assistant" / "models")


def cache_folder() -> Path:
    """Outside the clone; what is spoken once is not spoken again."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mimo-assistant" / "spoken"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def festival_is_here() -> bool:
    return shutil.which("text2wave") is not None


def say(text: str, language: str = "en", voice: str = "italp16k", pause: float | None = None) -> Path:
    """A 16 kHz mono WAV. With `pause`: "okay nabu", that many seconds of silence, then the text."""
    parts = [spoken(text, language, voice)]
    if pause is not None:
        parts = [okay_nabu(), np.zeros(round(pause * SAMPLE_RATE), np.int16), *parts]
    name = hashlib.sha1(f"{text}|{language}|{voice}|{pause}|3".encode()).hexdigest()[:16]
    return write(cache_folder() / f"{name}.wav", np.concatenate(parts))


def okay_nabu() -> np.ndarray:
    """Kept: the voice draws noise, and one unlucky wake word before every command makes many of them be misheard."""
    return _trimmed(_read(Path(__file__).with_name("okay_nabu.wav")))


def spoken(text: str, language: str, voice: str) -> np.ndarray:
    """16 kHz int16, kept in the cache."""
    voice = "joe" if language == "en" else voice
    path = cache_folder() / (hashlib.sha1(f"{text}|{language}|{voice}|3".encode()).hexdigest()[:16] + ".part.wav")
    if not path.exists():
        write(path, _piper(text) if language == "en" else _festival(text, voice, path.with_suffix(".tmp.wav")))
    return _read(path)


def write(path: Path, samples: np.ndarray, rate: int = SAMPLE_RATE) -> Path:
    part = path.with_suffix(f".{os.getpid()}")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype(np.int16).tobytes())
    return part.replace(path)


@cache
def _joe() -> PiperVoice:
    return PiperVoice.load(models_folder() / "voice" / "en_US-joe-medium.onnx")


def _piper(text: str) -> np.ndarray:
    """With half its noise: every machine that says it for the first time says it a little differently."""
    style = SynthesisConfig(noise_scale=0.333, noise_w_scale=0.333)
    voice = _joe()
    sound = np.concatenate([part.audio_int16_array for part in voice.synthesize(text, style)])
    return resampled(sound, voice.config.sample_rate)


def _festival(text: str, voice: str, path: Path) -> np.ndarray:
    subprocess.run(
        ["text2wave", "-eval", ITALIAN_VOICES[voice], "-o", str(path)],
        input=text.encode("latin-1", "replace"),
        check=True,
        capture_output=True,
        timeout=60,
    )
    sound = _read(path)
    path.unlink()
    return sound


def resampled(sound: np.ndarray, rate: int) -> np.ndarray:
    frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray().reshape(-1) for part in parts])


def _read(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return sound if file.getframerate() == SAMPLE_RATE else resampled(sound, file.getframerate())


def _trimmed(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 300)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound
