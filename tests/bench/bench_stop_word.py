"""Prints how well a lone "stop" is heard into the assistant's speech, and what it costs.

What echo cancellation leaves of the assistant's voice is mixed under the word, at so many decibels below it; then the
voice comes back from a room at so many, without cancellation and with WebRTC's, and gives way as it would:
`python -m tests.bench.bench_stop_word [--room]` (only the latter).
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass

import numpy as np

from assistant.audio.files import chunked
from assistant.audio.vad import Silero
from assistant.config import AudioSettings, SpeechToTextSettings
from assistant.ears import Ears
from assistant.intents.hush import only_silences
from assistant.models import SAMPLE_RATE, AudioChunk
from assistant.satellites.interjections import Interjections
from assistant.speech.stt import Whisper
from tests.audio.echoing import CHUNK_SAMPLES, EchoingRoom
from tests.spoken import festival_is_here, models_folder, spoken

REPLY = (
    "The kitchen light is on, the living room light is on at forty percent, the bedroom light is off, "
    "and it is twenty one degrees in the bedroom."
)
STOPS = [
    ("Stop.", "en", ""),
    ("Stop!", "en", ""),
    ("Stop it.", "en", ""),
    ("Enough.", "en", ""),
    ("Be quiet.", "en", ""),
]
FERMA = [(text, "it", voice) for text in ("Stop.", "Basta.", "Silenzio.") for voice in ("italp16k", "itapc16k")]
OTHER = [
    "Yes.",
    "What?",
    "Okay.",
    "The top one.",
    "Stop the vacuum.",
    "Is it on?",
    "Hello.",
    "Not you.",
    "Top.",
    "Step.",
]
ECHOES = [None, -30, -20, -12]
ROOM_ECHOES = [-20, -12, -6, 0]


@dataclass
class Result:
    heard: str | None
    seconds: float
    """From the end of the word to the decision, without the decoding."""
    decodes: int
    cpu: float
    """CPU seconds, without those of decoding."""
    decode_cpu: float
    ducked: float
    """Seconds."""


def trimmed(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 300)
    return sound[loud[0] : loud[-1] + 1]


def mixed(word: np.ndarray | None, echo_decibels: int | None) -> np.ndarray:
    """Seven seconds of the assistant's voice, and the word into it after two."""
    sound = np.zeros(SAMPLE_RATE * 7)
    reply = trimmed(spoken(REPLY, "en", ""))[: len(sound)].astype(float)
    level = np.sqrt(np.mean(reply**2)) if word is None else np.sqrt(np.mean(word.astype(float) ** 2))
    if echo_decibels is not None:
        sound[: len(reply)] += reply / np.sqrt(np.mean(reply**2)) * level * 10 ** (echo_decibels / 20)
    if word is not None:
        sound[2 * SAMPLE_RATE : 2 * SAMPLE_RATE + len(word)] += word
    return np.clip(sound, -32768, 32767).astype(np.int16)


async def listen(ears: Ears, sound: np.ndarray, language: str, word_seconds: float) -> Result:
    decodes, decode_cpu, heard, at = 0, 0.0, None, 0.0

    async def reads(pcm: bytes) -> str:
        nonlocal decodes, decode_cpu
        began = time.process_time()
        text = await ears.read(pcm, language)
        decodes, decode_cpu = decodes + 1, decode_cpu + time.process_time() - began
        return text

    listening = Interjections(Silero(), reads)
    began, seconds, ducked = time.process_time(), 0.0, 0.0
    for chunk in chunked(sound.tobytes()):
        seconds += chunk.seconds
        words = listening.hear(chunk)
        ducked += listening.somebody_speaks * chunk.seconds
        if words is None and listening._reading is not None:
            await asyncio.wait([listening._reading])
        if words and not only_silences(heard or ""):
            heard, at = words, seconds
    cpu = time.process_time() - began - decode_cpu
    return Result(heard, at - 2 - word_seconds, decodes, cpu, decode_cpu, ducked)


async def silences_in_a_room(ears: Ears, word: np.ndarray, language: str, decibels: float, cancelled: bool) -> bool:
    """Said two seconds into the assistant's second reply."""

    async def reads(pcm: bytes) -> str:
        return await ears.read(pcm, language)

    reply = trimmed(spoken(REPLY, "en", "")).astype(float)
    reply *= np.sqrt(np.mean(word.astype(float) ** 2) / np.mean(reply**2))
    room, listening = EchoingRoom(decibels), Interjections(Silero(), reads)
    room.play(reply)
    room.hears_for(len(reply) / SAMPLE_RATE + 3)
    room.play(reply)
    said = np.zeros(200 * CHUNK_SAMPLES)
    said[2 * SAMPLE_RATE : 2 * SAMPLE_RATE + len(word)] = word
    for chunk in said.reshape(-1, CHUNK_SAMPLES):
        words = listening.hear(AudioChunk(room.hears(chunk)[cancelled].tobytes()))
        room.volume = AudioSettings().duck_to_percent / 100 if listening.somebody_speaks else 1.0
        if words is None and listening._reading is not None:
            await asyncio.wait([listening._reading])
        if words and only_silences(words):
            return True
    return False


async def in_a_room(ears: Ears, words: list[tuple[str, str, str]]) -> None:
    for echo in ROOM_ECHOES:
        for cancelled in (False, True):
            heard = [
                await silences_in_a_room(ears, trimmed(spoken(text, language, voice)), language, echo, cancelled)
                for text, language, voice in words
            ]
            by = "with WebRTC" if cancelled else "not cancelled"
            print(f"its voice from the room at {echo} dB, {by}: {sum(heard)} of {len(heard)} heard", flush=True)


async def main() -> None:
    whisper = Whisper(SpeechToTextSettings(), models_folder())
    await whisper.load()
    ears = Ears(Silero, whisper)
    words = STOPS + (FERMA if festival_is_here() else [])
    await in_a_room(ears, words)
    if "--room" in sys.argv:
        return
    for echo in ECHOES:
        right, cpu, decode = [], [], []
        for text, language, voice in words:
            word = trimmed(spoken(text, language, voice))
            result = await listen(ears, mixed(word, echo), language, len(word) / SAMPLE_RATE)
            right.append(bool(result.heard and only_silences(result.heard)))
            cpu.append(result.cpu)
            decode += [result.decode_cpu / result.decodes] if result.decodes else []
            print(
                f"  {echo} dB {text:10} {voice:9} {result.heard!r:22} {result.seconds:5.2f} s, {result.decodes} decodes"
            )
        print(
            f"echo at {echo} dB: {sum(right)} of {len(right)} heard; "
            f"voice activity {100 * np.mean(cpu) / 7:.1f} % of a core; "
            f"a decode {np.mean(decode or [0]):.2f} CPU-s"
        )
    for echo in ECHOES:
        wrong = []
        for text in OTHER:
            word = trimmed(spoken(text, "en", ""))
            result = await listen(ears, mixed(word, echo), "en", len(word) / SAMPLE_RATE)
            if result.heard and only_silences(result.heard):
                wrong.append((text, result.heard))
        print(f"echo at {echo} dB: {len(wrong)} of {len(OTHER)} other words taken for it {wrong or ''}")
    alone = await listen(ears, mixed(None, 0), "en", 0)
    print(f"its own voice alone, uncancelled: {alone.heard!r}, {alone.decodes} decodes, {alone.ducked:.1f} s low")


if __name__ == "__main__":
    asyncio.run(main())
