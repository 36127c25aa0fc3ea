"""Last sound → confirmed state, on the whole chain in real time: python -m tests.bench.bench_commands [--rounds 2]

The virtual house on the embedded broker, Whisper base int8, the commands of tests/test_spoken_commands.py and one
that asks back. The clock starts where the recording's last sound is and stops at the confirmation.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from assistant.app import Assistant, Options, assemble
from assistant.audio.files import Recording, read_samples
from assistant.audio.loudspeaker import Loudspeaker
from assistant.audio.silent import Silent
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import Config
from assistant.events import Done, Event, Events
from assistant.models import SAMPLE_RATE, AudioChunk, Turn
from assistant.satellites.local import Local
from tests.spoken import say
from tests.test_spoken_commands import ENGLISH

COMMANDS = [(text, entity) for text, entity, _, _ in ENGLISH if not entity.startswith("scene.")]
GARAGE = "Open the garage door."
LOUD = 300
"""Of 32,768: softer samples are silence."""


class Timed(Recording):
    """Knows when its last sound was played."""

    def __init__(self, pcm: bytes) -> None:
        super().__init__(pcm)
        loud = np.flatnonzero(np.abs(np.frombuffer(pcm, np.int16).astype(np.int32)) > LOUD)
        self._sounds_for = (loud[-1] + 1) / SAMPLE_RATE
        self.last_sound_at = 0.0

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        self.last_sound_at = time.perf_counter() + self._sounds_for
        async for chunk in super().chunks():
            yield chunk


async def timed(assistant: Assistant, wav: Path, session: str = "bench") -> tuple[Turn, float]:
    """The turn, and the milliseconds from its last sound to the last confirmation (or to the question asked)."""
    done: list[float] = []

    def watch(event: Event) -> None:
        if isinstance(event, Done):
            done.append(time.perf_counter())

    unsubscribe = assistant.events.subscribe(watch)
    source = Timed(read_samples(wav))
    place = Local(session, source, MicroWakeWord(assistant.config.wake_word), Loudspeaker(Silent()), kind="file")
    turns: list[Turn] = []
    await assistant.pipeline.serve(place, turns.append)
    unsubscribe()
    return turns[0], (max(done) - source.last_sound_at) * 1000 if done else float("nan")


async def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as state:
        config = Config(language="en", state_folder=Path(state))
        async with assemble(config, Options(virtual_house=True, brain=False, ears=True), Events()) as assistant:
            await assistant.look_at_the_house()  # and learn its names, as the daemon does before anybody speaks
            await measure(assistant, rounds)


async def measure(assistant: Assistant, rounds: int) -> None:
    times, right, turns = [], 0, []
    cpu = cpu_seconds()
    for _ in range(rounds):
        for text, entity in [*COMMANDS, (GARAGE, "cover.garage_door")]:
            turn, milliseconds = await timed(assistant, say(text, pause=0.3))
            good = [outcome.action.entity_id for outcome in turn.outcomes] == [entity]
            right += good
            turns.append(turn)
            if text != GARAGE:
                times.append(milliseconds)
            heard = turn.transcript.text if turn.transcript else "-"
            stages = " ".join(f"{stage} {ms:.0f}" for stage, ms in turn.timings_ms.items())
            print(f"{milliseconds:7.0f} ms  {'ok ' if good else 'NO '} {text:50} heard: {heard:50} {stages}")
    cpu = cpu_seconds() - cpu
    times.sort()
    slow = times[min(len(times) - 1, round(0.95 * len(times)))]
    print(f"\n{right} of {len(turns)} right; {cpu / len(turns):.2f} CPU-s a command")
    print(f"last sound to confirmed state: p50 {statistics.median(times):.0f} ms, p95 {slow:.0f} ms")
    for stage in ("endpoint", "stt", "match", "act", "confirm", "first_audio"):
        known = [turn.timings_ms[stage] for turn in turns if stage in turn.timings_ms]
        print(f"  {stage:12} p50 {statistics.median(known):7.1f} ms   max {max(known):7.1f} ms")


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    asyncio.run(main(parser.parse_args().rounds))
