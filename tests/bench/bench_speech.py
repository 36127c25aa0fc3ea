"""Prints what the ears cost and how long they take: `python -m tests.bench.bench_speech [commands a language]`."""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from assistant.audio.files import WavFile, chunked
from assistant.audio.loudspeaker import Loudspeaker
from assistant.audio.silent import Silent
from assistant.audio.vad import Silero
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import SpeechToTextSettings, WakeWordSettings
from assistant.ears import Ears
from assistant.events import Events
from assistant.models import SAMPLE_RATE, AudioChunk, Heard
from assistant.satellites.follow_up import FollowUp
from assistant.satellites.interjections import Interjections
from assistant.satellites.local import Local
from assistant.speech.stt import Whisper
from tests import listening
from tests.speech.test_stt import ENGLISH, ITALIAN, NAMES, plain, wrong
from tests.spoken import festival_is_here, models_folder, say, spoken

IDLE_SECONDS = 120


def main(count: int) -> None:
    table = Table("language", "commands", "WER", "stt CPU s", "endpoint ms p50/p95", "stt ms p50/p95", "sum ms p50/p95")
    asyncio.run(_measure(table, count))
    console = Console(width=120)
    console.print(table)
    console.print(f"idle listening: {idle_percent():.2f} % of a core (wake word only, {IDLE_SECONDS} s of sound)")
    console.print(f"load average {os.getloadavg()[0]:.1f}; peak memory {peak_megabytes():.0f} MB")


async def _measure(table: Table, count: int) -> None:
    stt = Whisper(SpeechToTextSettings(), models_folder())
    await stt.load()
    for language, commands in (("en", ENGLISH), ("it", ITALIAN if festival_is_here() else [])):
        if commands:
            table.add_row(language, *await _row(stt, language, commands[:count]))


async def _row(stt: Whisper, language: str, commands: Sequence[str]) -> tuple[str, ...]:
    began = time.process_time()
    for command in commands:
        await stt.transcribe(spoken(command, language, "italp16k").tobytes(), language, NAMES[language])
    cpu = (time.process_time() - began) / len(commands)
    heard = [await _hear(stt, command, language) for command in commands]
    texts = [each.transcript.text if each.transcript else "" for each in heard]
    errors = sum(wrong(said, text) for said, text in zip(commands, texts, strict=True))
    return (
        str(len(commands)),
        f"{100 * errors / sum(len(plain(command)) for command in commands):.1f} %",
        f"{cpu:.2f}",
        _spread([each.endpoint_ms for each in heard]),
        _spread([each.stt_ms for each in heard]),
        _spread([each.endpoint_ms + each.stt_ms for each in heard]),
    )


async def _hear(stt: Whisper, command: str, language: str) -> Heard:
    """In real time, as behind a microphone; every text counts as a whole command."""
    wav = say(command, language, pause=0.2)
    here = Local("bench", WavFile(wav), MicroWakeWord(WakeWordSettings()))
    (result,) = await listening.heard(here, Ears(Silero, stt), language, NAMES[language], lambda text, language: True)
    return result


def idle_percent() -> float:
    """CPU time over audio time of a place that is listened to, in faint noise."""
    noise = np.random.default_rng(3).normal(0, 100, IDLE_SECONDS * SAMPLE_RATE).astype(np.int16)
    place = Local(
        "bench", Live(noise.tobytes()), MicroWakeWord(WakeWordSettings()), Loudspeaker(Silent()),
        follow_up=FollowUp(Silero()), interjections=Interjections(Silero()), events=Events(),
    )  # fmt: skip
    began = time.process_time()
    asyncio.run(_never_called(place))
    return 100 * (time.process_time() - began) / IDLE_SECONDS


class Live:
    """interfaces.AudioSource: as fast as it is listened to."""

    live = True

    def __init__(self, pcm: bytes) -> None:
        self._pcm = pcm

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        for chunk in chunked(self._pcm):
            yield chunk


async def _never_called(place: Local) -> None:
    async for call in place.calls():
        raise AssertionError(f"noise was taken for the wake word: {call}")


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _spread(milliseconds: Sequence[float]) -> str:
    return f"{statistics.median(milliseconds):.0f} / {np.percentile(milliseconds, 95):.0f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else len(ENGLISH))
