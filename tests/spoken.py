"""Spoken commands as WAV files: piper's joe says English, festival's diphone voices say Italian.

`python -m tests.spoken "what is said"…` says it in English and keeps it for every machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import av
import numpy as np
from piper import PiperVoice, SynthesisConfig

from assistant.models import SAMPLE_RATE

KEPT = Path(__file__).with_name("joe")
"""Joe draws noise, so every machine would hear him say it otherwise, and one of many be misheard: what tests say in
English is kept as it was drawn once."""

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
    name = hashlib.sha1(f"{text}|{language}|{voice}|{pause}|4".encode()).hexdigest()[:16]
    return write(cache_folder() / f"{name}.wav", np.concatenate(parts))


def okay_nabu() -> np.ndarray:
    return _trimmed(spoken("Okay nabu", "en", ""))


def spoken(text: str, language: str, voice: str) -> np.ndarray:
    """16 kHz int16, kept here or in the cache."""
    if language == "en" and _kept(text).exists():
        return _read(_kept(text))
    voice = "joe" if language == "en" else voice
    path = cache_folder() / (hashlib.sha1(f"{text}|{language}|{voice}|4".encode()).hexdigest()[:16] + ".part.wav")
    if not path.exists():
        write(path, _piper(text) if language == "en" else _festival(text, voice, path.with_suffix(".tmp.wav")))
    return _read(path)


def keep(text: str) -> Path:
    """Without loss, in half the bytes of a WAV."""
    with av.open(str(_kept(text)), "w", format="flac") as file:
        stream = file.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        for frame in (_frame(_piper(text), SAMPLE_RATE), None):
            file.mux(stream.encode(frame))
    return _kept(text)


def _kept(text: str) -> Path:
    return KEPT / f"{re.sub(r'[^a-z0-9]+', '-', text.casefold()).strip('-')[:60]}.flac"


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
    """With half its noise."""
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
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    return _joined([*resampler.resample(_frame(sound, rate)), *resampler.resample(None)])


def _frame(sound: np.ndarray, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    return frame


def _joined(frames: Iterable[av.AudioFrame]) -> np.ndarray:
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])


def _read(path: Path) -> np.ndarray:
    if path.suffix == ".flac":
        with av.open(str(path)) as file:
            return _joined(file.decode(audio=0))
    with wave.open(str(path), "rb") as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return sound if file.getframerate() == SAMPLE_RATE else resampled(sound, file.getframerate())


def _trimmed(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 300)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound


if __name__ == "__main__":
    for said in sys.argv[1:]:
        print(keep(said))
