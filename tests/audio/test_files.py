"""Every kind of sound file gives 16 kHz mono, or one clear sentence."""

from __future__ import annotations

import asyncio
import os
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.files import SILENCE_AFTER_SECONDS, Stdin, WavFile
from assistant.errors import AudioUnavailable
from assistant.models import SAMPLE_RATE


def tone(seconds: float, rate: int) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)


def wav(path: Path, rate: int = 16_000, channels: int = 1, width: int = 2, seconds: float = 1.0) -> Path:
    sound = np.repeat(tone(seconds, rate), channels)
    match width:
        case 1:
            data = (sound * 127 + 128).astype(np.uint8).tobytes()
        case 3:
            data = b"".join(struct.pack("<i", int(sample * 8_388_607))[:3] for sample in sound)
        case _:
            data = (sound * (2 ** (8 * width - 1) - 1)).astype(f"<i{width}").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return path


def float_wav(path: Path) -> Path:
    data = tone(1.0, 48_000).astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 48_000, 48_000 * 4, 4, 32)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
    return path


def is_the_tone(pcm: bytes, seconds: float = 1.0) -> bool:
    sound = np.frombuffer(pcm, np.int16).astype(float)
    strongest = np.argmax(np.abs(np.fft.rfft(sound))) * SAMPLE_RATE / len(sound)
    return bool(
        abs(len(sound) / SAMPLE_RATE - seconds) < 0.02 and abs(strongest - 440) < 5 and 12_000 < sound.max() < 20_000
    )


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
async def test_any_rate(tmp_path: Path, rate: int, channels: int) -> None:
    assert is_the_tone(await WavFile(wav(tmp_path / "a.wav", rate, channels)).pcm())


@pytest.mark.parametrize("width", [1, 2, 3, 4])
async def test_any_width(tmp_path: Path, width: int) -> None:
    assert is_the_tone(await WavFile(wav(tmp_path / "a.wav", 44_100, 2, width)).pcm())


async def test_floats(tmp_path: Path) -> None:
    assert is_the_tone(await WavFile(float_wav(tmp_path / "a.wav")).pcm())


async def test_a_truncated_file_gives_what_there_is(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes()[:16_044])
    assert is_the_tone(await WavFile(path).pcm(), 0.5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"turn on the light\n" * 50, "is no sound file"),
        (b"RIFF\x24\x00\x00\x00WAVE", "is no sound file"),
        (b"RIFF", "is no sound file"),
        (bytes(range(256)) * 40, "is no sound file"),
    ],
)
async def test_what_is_no_sound_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioUnavailable, match=said):
        await WavFile(path).pcm()


async def test_a_header_without_samples(tmp_path: Path) -> None:
    with pytest.raises(AudioUnavailable, match="holds no sound"):
        await WavFile(wav(tmp_path / "a.wav", seconds=0)).pcm()


async def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(AudioUnavailable, match="cannot be read: No such file"):
        await WavFile(tmp_path / "none.wav").pcm()
    with pytest.raises(AudioUnavailable, match=r"cannot be read|is no sound file"):
        await WavFile(tmp_path).pcm()


async def test_real_time_is_real_time(tmp_path: Path) -> None:
    """And silence follows, as behind a microphone."""
    clock = asyncio.get_running_loop().time
    began = clock()
    chunks = [chunk async for chunk in WavFile(wav(tmp_path / "a.wav", seconds=0.3)).chunks()]
    assert abs(clock() - began - 0.3 - SILENCE_AFTER_SECONDS) < 0.2
    assert {len(chunk.pcm) for chunk in chunks} == {1024}
    assert not any(chunks[-1].pcm)


async def test_raw_sound_from_a_stream() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\1\0" * 700)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        chunks = [chunk.pcm async for chunk in Stdin(stream).chunks()]
    assert b"".join(chunks) == (b"\1\0" * 700).ljust(2048, b"\0")
