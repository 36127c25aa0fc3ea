"""Whether open consoles slow the reflex down: python -m tests.bench.bench_consoles [seconds]

A daemon with the virtual house is asked over its socket and spoken to through its microphone, first alone, then while
fifty pages of another process follow everything that it tells.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import websockets

from assistant.audio.files import read_samples
from assistant.front_door import Knock, knock_at
from assistant.models import SAMPLE_RATE
from tests.bench.bench_commands import COMMANDS, LOUD
from tests.daemons import Daemon, daemon
from tests.spoken import say
from tests.web.consoles import free_port

PAGES = 50
ASKED_EVERY_SECONDS = 0.25
REQUESTS = ("turn on the kitchen light", "turn off the kitchen light")


async def main(seconds: float) -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with daemon(Path(folder), console=f"{{port: {port}}}") as running, asyncio.TaskGroup() as tasks:
            await running.told("READY=1")
            microphone = _Microphone(running)
            others = [tasks.create_task(microphone.play(), name="the microphone"),
                      tasks.create_task(_drain(running), name="what it prints")]  # fmt: skip
            await asyncio.sleep(5)
            await _ask(running, "alone", seconds)
            await _speak(microphone, port, "alone", seconds)
            pages = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.bench_consoles", "pages", str(port), str(2 * seconds + 10)
            )
            await asyncio.sleep(3)
            await _ask(running, f"{PAGES} consoles", seconds)
            await _speak(microphone, port, f"{PAGES} consoles", seconds)
            await pages.wait()
            for other in others:
                other.cancel()


async def _ask(running: Daemon, how: str, seconds: float) -> None:
    times: list[float] = []
    async with knock_at(running.state / "socket") as ask:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            began = time.perf_counter()
            (turn,) = await ask(Knock(do="say", text=REQUESTS[len(times) % 2], session="bench"))
            times.append((time.perf_counter() - began) * 1000)
            assert turn["actions"][0]["confirmed"], turn
            await asyncio.sleep(ASKED_EVERY_SECONDS)
    times.sort()
    slow = times[round(0.95 * (len(times) - 1))]
    print(
        f"{how:12} {len(times)} requests, asked to answered: p50 {statistics.median(times):.1f} ms, p95 {slow:.1f} ms"
    )


async def _speak(microphone: _Microphone, port: int, how: str, seconds: float) -> None:
    """Into the daemon's microphone; a page of our own tells when the device has confirmed it."""
    times: list[float] = []
    async with _page(port) as page:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            text, _ = COMMANDS[len(times) % len(COMMANDS)]
            pcm = read_samples(say(text, pause=0.3))
            loud = np.flatnonzero(np.abs(np.frombuffer(pcm, np.int16).astype(np.int32)) > LOUD)
            microphone.words.put_nowait(pcm)
            last_sound = await microphone.begun.get() + (loud[-1] + 1) / SAMPLE_RATE
            async with asyncio.timeout(20):
                while all(each["event"] != "done" for each in json.loads(await page.recv())):
                    pass
            times.append((time.perf_counter() - last_sound) * 1000)
            await asyncio.sleep(1.5)
    times.sort()
    slow = times[round(0.95 * (len(times) - 1))]
    print(f"{how:12} {len(times)} spoken, last sound to confirmed: ", end="")
    print(f"p50 {statistics.median(times):.0f} ms, p95 {slow:.0f} ms")


@dataclass(slots=True)
class _Microphone:
    """Silent until there is something to play."""

    running: Daemon
    words: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    begun: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    """When the playing of each began."""

    async def play(self) -> None:
        while True:
            if self.words.empty():
                await self.running.play(bytes(3_200))
                continue
            pcm = self.words.get_nowait()
            self.begun.put_nowait(time.perf_counter())
            await self.running.play(pcm)


def _page(port: int) -> websockets.connect:
    return websockets.connect(f"ws://127.0.0.1:{port}/api/events", origin=f"http://127.0.0.1:{port}")  # type: ignore[arg-type]


async def _drain(running: Daemon) -> None:
    assert running.process.stdout is not None
    while await running.process.stdout.read(65_536):
        pass


async def pages(port: int, seconds: float) -> None:
    """Each reads all that it is told."""
    told = 0

    async def follow(page: websockets.ClientConnection) -> None:
        nonlocal told
        async for _ in page:
            told += 1

    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(_page(port)) for _ in range(PAGES)]
        following = [asyncio.create_task(follow(page), name="follow") for page in opened]
        await asyncio.sleep(seconds)
        for task in following:
            task.cancel()
    print(f"{told} frames to {PAGES} pages in {seconds:.0f} s")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pages", port, seconds]:
            asyncio.run(pages(int(port), float(seconds)))
        case rest:
            asyncio.run(main(float(rest[0]) if rest else 60))
