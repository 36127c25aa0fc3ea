"""Rooms that ask at the same moment, each with a brain, a house and a connection of its own.

One half of them asks through our client while the other asks bare. Each half lives in processes of its own, sixteen
rooms at most in one; a room has its like in the other half, which is asked the same of the same house by the same seed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Literal

import httpx

from assistant.config import BrainSettings
from assistant.llm import budget as thought_budget
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.client import CompletionClient
from assistant.llm.profile import Sampling
from assistant.models import State
from tests.bench.measured_turns import Body, Moments, Rehearsal, SeededClient, through_our_brain, through_plain_httpx
from tests.bench.sent import PROFILE, REQUESTS, tools_of
from tests.bench.vllm_process import MODEL
from tests.llm.large_house import large_house

Way = Literal["ours", "bare"]
_WAYS: tuple[Way, ...] = ("ours", "bare")

HOUSE_DEVICES = 300
ASKED_IN = "Kitchen"
POLITELY = "{}, please"
"""Not the words that the grammars are measured with."""
A_PROCESS = 16
APART_SECONDS = 0.004
"""From one pair of rooms to the next: the brains of one process shall not wait for each other with their prompts."""
LEAD_SECONDS = 0.03
"""From the order to the first question."""
MARKS_A_CELL = 1000
LONGEST_LINE = 2**24

HOUSE = large_house(HOUSE_DEVICES)
TOOLS = tools_of(HOUSE)

thought_budget.REPEATED_CHARACTERS = 1_000_000  # random weights do go in circles

RANDOM_MIMO = PROFILE.model_copy(update={"planning": Sampling(temperature=1.0)})
"""Random weights that are always followed where they point repeat themselves for ever."""


class Room:
    """One that asks either way. What it asks bare, its brain has rehearsed before the clock runs."""

    def __init__(self, url: str, number: int, budget: int) -> None:
        self._url, self._number, self._budget = url, number, budget
        self._house = large_house(HOUSE_DEVICES)
        self._client, self._rehearsal = SeededClient(url, MODEL), Rehearsal(url, MODEL)
        self._brain, self._actor = (self._brain_of(client) for client in (self._client, self._rehearsal))
        self._http = httpx.AsyncClient(timeout=60, trust_env=False, limits=httpx.Limits(keepalive_expiry=2))
        self._text = ""
        self._bodies: Sequence[Body] = ()

    def _brain_of(self, client: CompletionClient) -> TwoPhaseBrain:
        brain = TwoPhaseBrain(BrainSettings(model=MODEL, think_tokens=self._budget), RANDOM_MIMO, TOOLS, self._url)
        brain._client = client
        return brain

    async def close(self) -> None:
        await self._client.close()
        await self._rehearsal.close()
        await self._http.aclose()

    async def warm(self) -> None:
        """Grammars are built, and what the brain keeps of its house is learnt."""
        await self._brain.warm(self._house)
        await self.prepare("bare", 0)

    async def prepare(self, way: Way, turn: int) -> None:
        """Since the last turn something in the house has changed, and something else is asked."""
        for name in self._house.states:
            if name.startswith("binary_sensor."):  # what the model is told first
                mark = MARKS_A_CELL * self._budget + turn
                self._house.states[name] = State(name, "off", {"battery_level": mark})
        self._text = POLITELY.format(REQUESTS[(self._number + turn) % len(REQUESTS)])
        self._client.seed = self._rehearsal.seed = MARKS_A_CELL * turn + self._number
        self._bodies = await self._rehearsed() if way == "bare" else ()

    async def _rehearsed(self) -> Sequence[Body]:
        self._rehearsal.bodies = []
        async for _ in self._actor.think(self._text, "en", ASKED_IN, self._house):
            pass
        return self._rehearsal.bodies

    async def ask(self, at: float) -> Moments:
        await asyncio.sleep(at - time.monotonic())
        if self._bodies:
            return await through_plain_httpx(self._http, self._url, self._bodies, at)
        return await through_our_brain(self._brain, self._text, ASKED_IN, self._house, at)


@dataclass(frozen=True, slots=True)
class Round:
    """What half of the rooms, in their order, did at one moment."""

    turns: list[Moments]
    cpu_ms: float
    """Of the processes that they live in."""


class Half:
    """Rooms that ask the same way at one moment; told line by line what to do."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes

    async def warm(self) -> None:
        await asyncio.gather(*(_answer(process) for process in self._processes))

    async def prepare(self, way: Way, turn: int) -> None:
        await self._all({"way": way, "turn": turn})

    async def ask(self, at: float) -> Round:
        said = await self._all({"at": at})
        turns = [Moments(**turn) for each in said for turn in each["turns"]]
        return Round(turns, sum(each["cpu_ms"] for each in said))

    async def _all(self, order: dict[str, object]) -> list[dict[str, object]]:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(json.dumps(order).encode() + b"\n")
        return await asyncio.gather(*(_answer(process) for process in self._processes))


async def mixed(ours: Half, bare: Half, turn: int) -> tuple[Round, Round]:
    """Both halves at the same moment. One room alone is both: its two turns follow each other."""
    if ours is bare:
        return await _asked(ours, "ours", turn), await _asked(bare, "bare", turn)
    await asyncio.gather(ours.prepare("ours", turn), bare.prepare("bare", turn))
    at = time.monotonic() + LEAD_SECONDS
    return await asyncio.gather(ours.ask(at), bare.ask(at))


async def _asked(half: Half, way: Way, turn: int) -> Round:
    await half.prepare(way, turn)
    return await half.ask(time.monotonic() + LEAD_SECONDS)


@asynccontextmanager
async def halves(url: str, rooms: int, budget: int) -> AsyncIterator[tuple[Half, Half]]:
    """So many rooms in all, warm."""
    async with AsyncExitStack() as stack:
        one = await _half(url, max(1, rooms // 2), budget, stack)
        other = one if rooms == 1 else await _half(url, rooms // 2, budget, stack)
        for half in {one, other}:
            await half.warm()
        yield one, other


async def _half(url: str, rooms: int, budget: int, stack: AsyncExitStack) -> Half:
    firsts = range(0, rooms, A_PROCESS)
    return Half([await _process(url, first, min(A_PROCESS, rooms - first), budget, stack) for first in firsts])


async def _process(url: str, first: int, count: int, budget: int, stack: AsyncExitStack) -> Process:
    command = (sys.executable, "-m", "tests.bench.rooms", url, str(first), str(count), str(budget))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
    stack.push_async_callback(_end, process)
    return process


async def _answer(process: Process) -> dict[str, object]:
    assert process.stdout is not None
    return json.loads(await process.stdout.readline())


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()  # which ends it
    await process.wait()


async def serve(url: str, first: int, count: int, budget: int) -> None:
    """One process's rooms: says when it is warm, then answers each line of standard input by one of standard output."""
    rooms = [Room(url, number, budget) for number in range(first, first + count)]
    await asyncio.gather(*(room.warm() for room in rooms))
    for way in _WAYS:  # the prompt is read under both salts
        await rooms[0].prepare(way, 0)
        await rooms[0].ask(time.monotonic())
    print("{}", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        match json.loads(line):
            case {"way": way, "turn": turn}:
                for room in rooms:
                    await room.prepare(way, turn)
                done: dict[str, object] = {}
            case {"at": at}:
                cpu = time.process_time()
                asked = (room.ask(at + number * APART_SECONDS) for number, room in enumerate(rooms, first))
                turns = [asdict(turn) for turn in await asyncio.gather(*asked)]
                done = {"turns": turns, "cpu_ms": (time.process_time() - cpu) * 1000}
        print(json.dumps(done), flush=True)
    for room in rooms:
        await room.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], *map(int, sys.argv[2:5])))
