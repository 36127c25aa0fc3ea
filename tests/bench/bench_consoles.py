"""Whether open consoles slow the reflex down: python -m tests.bench.bench_consoles [seconds]

A daemon with the virtual house and a silent microphone is asked over its socket, first alone, then while fifty pages of
another process follow everything that it tells.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import websockets

from assistant.front_door import Knock, knock_at
from tests.daemons import Daemon, daemon
from tests.web.consoles import free_port

PAGES = 50
ASKED_EVERY_SECONDS = 0.25
REQUESTS = ("turn on the kitchen light", "turn off the kitchen light")


async def main(seconds: float) -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with daemon(Path(folder), console=f"{{port: {port}}}") as running, asyncio.TaskGroup() as tasks:
            await running.told("READY=1")
            others = [tasks.create_task(_silence(running), name="a silent microphone"),
                      tasks.create_task(_drain(running), name="what it prints")]  # fmt: skip
            await asyncio.sleep(5)
            await _ask(running, "alone", seconds)
            pages = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.bench_consoles", "pages", str(port), str(seconds + 5)
            )
            await asyncio.sleep(3)
            await _ask(running, f"{PAGES} consoles", seconds)
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


async def _silence(running: Daemon) -> None:
    while True:
        await running.play(bytes(32_000))


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

    url, origin = f"ws://127.0.0.1:{port}/api/events", f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(websockets.connect(url, origin=origin)) for _ in range(PAGES)]  # type: ignore[arg-type]
        following = [asyncio.create_task(follow(page), name="follow") for page in opened]
        await asyncio.sleep(seconds)
        for task in following:
            task.cancel()
    print(f"{told} messages to {PAGES} pages in {seconds:.0f} s")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pages", port, seconds]:
            asyncio.run(pages(int(port), float(seconds)))
        case rest:
            asyncio.run(main(float(rest[0]) if rest else 60))
