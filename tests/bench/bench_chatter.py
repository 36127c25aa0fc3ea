"""Whether a house that chatters disturbs the ears: python -m tests.bench.bench_chatter [seconds]

The virtual house beside 1,000 entities of zigbee2mqtt lamps on mosquitto; spoken commands in real time, first while the
lamps keep silent, then while they send 500 states a second.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from assistant.app import Assistant, Options, assemble
from assistant.audio.microphone import KEPT_SECONDS
from assistant.config import Config, MqttSettings
from assistant.demo.house import VirtualHouse
from assistant.events import Events
from tests.bench.bench_commands import COMMANDS, timed
from tests.bench.bench_house import as_hub
from tests.brokers import Mosquitto
from tests.spoken import say

ENTITIES = 1_000
CHUNK_SECONDS = 0.032


async def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        async with Mosquitto(state) as broker, VirtualHouse(broker.host, broker.port) as devices:
            await as_hub(broker, "announce", ENTITIES)
            mqtt = MqttSettings(host=broker.host, port=broker.port)
            config = Config(language="en", mqtt=mqtt, house=devices.settings, state_folder=state)
            async with assemble(config, Options(brain=False, ears=True), Events()) as assistant:
                await assistant.home.settled(60)
                await assistant.look_at_the_house()
                print(f"{len(assistant.home.entities())} entities")
                await speak(assistant, "silent", seconds)
                hub = asyncio.create_task(as_hub(broker, "chatter", ENTITIES, seconds + 5), name="chatter")
                await asyncio.sleep(2)
                await speak(assistant, "chattering", seconds)
                await hub


async def speak(assistant: Assistant, how: str, seconds: float) -> None:
    """One command after the other for so long."""
    times, right, told = [], 0, 0
    began = time.perf_counter()
    async with late_turns() as late:
        while time.perf_counter() - began < seconds:
            text, entity = COMMANDS[told % len(COMMANDS)]
            turn, milliseconds = await timed(assistant, say(text, pause=0.3))
            told += 1
            right += [outcome.action.entity_id for outcome in turn.outcomes] == [entity]
            times.append(milliseconds)
    times.sort()
    slow = times[min(len(times) - 1, round(0.95 * len(times)))]
    print(f"{how:11} {right} of {told} right; last sound to confirmed p50 {statistics.median(times):.0f} ms, ", end="")
    dropped = sum(seconds > KEPT_SECONDS for seconds in late)
    print(f"p95 {slow:.0f} ms; the loop was late by {max(late) * 1000:.0f} ms at most for a chunk of 32 ms, ", end="")
    print(f"and a microphone, which keeps {KEPT_SECONDS:g} s, would have dropped {dropped} of {len(late)}")


@asynccontextmanager
async def late_turns() -> AsyncIterator[list[float]]:
    """How late the loop was for each chunk that a microphone would have brought."""
    late = [0.0]

    async def listen() -> None:
        due = time.perf_counter()
        while True:
            due += CHUNK_SECONDS
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late.append(time.perf_counter() - due)

    task = asyncio.create_task(listen(), name="listen for late chunks")
    try:
        yield late
    finally:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60))
