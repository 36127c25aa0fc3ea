"""Rooms that ask at the same moment, each with a brain, a house and a connection of its own.

Up to sixteen live in this process, more in processes of their own, so that the clients do not wait for each other.
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

import httpx

from assistant.config import BrainSettings
from assistant.llm import budget as thought_budget
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.profile import Sampling
from assistant.models import State
from tests.bench.measured_turns import Moments, Phase, WatchedClient, through_our_brain, through_plain_httpx
from tests.bench.sent import PROFILE, REQUESTS, tools_of
from tests.bench.vllm_process import MODEL
from tests.llm.large_house import large_house

HOUSE_DEVICES = 300
ASKED_IN = "Kitchen"
POLITELY = "{}, please"
"""Not the words that the grammars are measured with."""
A_PROCESS = 16
LONGEST_LINE = 2**24

HOUSE = large_house(HOUSE_DEVICES)
TOOLS = tools_of(HOUSE)

thought_budget.REPEATED_CHARACTERS = 1_000_000  # random weights do go in circles

RANDOM_MIMO = PROFILE.model_copy(update={"planning": Sampling(temperature=1.0)})
"""Random weights that are always followed where they point repeat themselves for ever."""


class Room:
    """A brain with its own house and connection, and a plain client that repeats what it sends."""

    def __init__(self, url: str, number: int, budget: int, *, alone: bool) -> None:
        self._url = url
        self._number = number
        self._house = large_house(HOUSE_DEVICES)
        self._sent: Sequence[Phase] = ()
        settings = BrainSettings(model=MODEL, think_tokens=budget)
        self._brain = TwoPhaseBrain(settings, RANDOM_MIMO, TOOLS, url)
        # With a seed both sides think the very same. Many rooms at once differ anyway, and seeds cost the sampler time.
        self._client = WatchedClient(url, MODEL, seed_thoughts=alone)
        self._brain._client = self._client
        self._http = httpx.AsyncClient(timeout=60, trust_env=False, limits=httpx.Limits(keepalive_expiry=2))

    async def close(self) -> None:
        await self._client.close()
        await self._http.aclose()

    async def warm(self) -> None:
        await self._brain.warm(self._house)
        self._sent = self._client.phases
        await self.bare()

    async def ours(self, turn: int, mark: int) -> Moments:
        """Since the last turn something in the house has changed, and something else is asked."""
        for name in self._house.states:
            if name.startswith("binary_sensor."):  # what the model is told first
                self._house.states[name] = State(name, "off", {"battery_level": mark})
        text = POLITELY.format(REQUESTS[(self._number + turn) % len(REQUESTS)])
        moments, self._sent = await through_our_brain(self._brain, self._client, text, ASKED_IN, self._house)
        return moments

    async def bare(self) -> Moments:
        return await through_plain_httpx(self._http, self._url, self._sent)


@dataclass(frozen=True, slots=True)
class Round:
    """What all rooms did at one moment."""

    turns: list[Moments]
    cpu_ms: float
    """Of the processes that they live in."""


class Crew:
    """The rooms of this process."""

    def __init__(self, rooms: Sequence[Room]) -> None:
        self._rooms = rooms

    async def warm(self) -> None:
        await asyncio.gather(*(room.warm() for room in self._rooms))

    async def ours(self, turn: int, mark: int) -> Round:
        cpu = time.process_time()
        turns = await asyncio.gather(*(room.ours(turn, mark) for room in self._rooms))
        return Round(list(turns), (time.process_time() - cpu) * 1000)

    async def bare(self) -> Round:
        cpu = time.process_time()
        turns = await asyncio.gather(*(room.bare() for room in self._rooms))
        return Round(list(turns), (time.process_time() - cpu) * 1000)


class Crews:
    """Rooms of several processes, told line by line what to do."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self._processes = processes

    async def warm(self) -> None:
        await self._all({"do": "warm"})

    async def ours(self, turn: int, mark: int) -> Round:
        return _together(await self._all({"do": "ours", "turn": turn, "mark": mark}))

    async def bare(self) -> Round:
        return _together(await self._all({"do": "bare"}))

    async def _all(self, order: dict[str, object]) -> list[Round]:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(json.dumps(order).encode() + b"\n")
        return await asyncio.gather(*(_answer(process) for process in self._processes))


async def _answer(process: Process) -> Round:
    assert process.stdout is not None
    said = json.loads(await process.stdout.readline())
    return Round([Moments(**turn) for turn in said["turns"]], said["cpu_ms"])


def _together(rounds: Sequence[Round]) -> Round:
    return Round([turn for each in rounds for turn in each.turns], sum(each.cpu_ms for each in rounds))


@asynccontextmanager
async def crew(url: str, count: int, budget: int) -> AsyncIterator[Crew | Crews]:
    """So many rooms, warm."""
    async with AsyncExitStack() as stack:
        if count <= A_PROCESS:
            rooms = [Room(url, number, budget, alone=count == 1) for number in range(count)]
            for room in rooms:
                stack.push_async_callback(room.close)
            found: Crew | Crews = Crew(rooms)
        else:
            processes = [await _process(url, first, min(A_PROCESS, count - first), budget, stack)
                         for first in range(0, count, A_PROCESS)]  # fmt: skip
            found = Crews(processes)
        await found.warm()
        yield found


async def _process(url: str, first: int, count: int, budget: int, stack: AsyncExitStack) -> Process:
    command = (sys.executable, "-m", "tests.bench.rooms", url, str(first), str(count), str(budget))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
    stack.push_async_callback(_end, process)
    return process


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()  # which ends it
    await process.wait()


async def serve(url: str, first: int, count: int, budget: int) -> None:
    """One process's rooms; answers each line of standard input with one of standard output."""
    rooms = [Room(url, number, budget, alone=False) for number in range(first, first + count)]
    here = Crew(rooms)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        match order["do"]:
            case "warm":
                await here.warm()
                done = Round([], 0.0)
            case "ours":
                done = await here.ours(order["turn"], order["mark"])
            case _:
                done = await here.bare()
        print(json.dumps({"turns": [asdict(turn) for turn in done.turns], "cpu_ms": done.cpu_ms}), flush=True)
    for room in rooms:
        await room.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], *map(int, sys.argv[2:5])))
