"""Our brain on vLLM with MiMo-7B's architecture and random weights, beside the bare server: wire and speed, no more.

`python -m tests.bench.brain_gpu MODEL_FOLDER` starts vLLM (the folder: tests/bench/mimo_folder.py), prints tables and
writes JSON into $OUT, or here. --python names another Python, whose vLLM it is. To try it on a CPU: --cpu, and a --tiny
folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import httpx

from tests.bench.measured_turns import Moments
from tests.bench.rooms import ASKED_IN, Round, crew
from tests.bench.sent import REQUESTS, plans_sent
from tests.bench.vllm_process import CPU, GPU, MODEL, VllmProcess, vllm
from tests.llm.large_house import large_house

PORT = 8137
GRAMMAR_DEVICES = (10, 100, 300, 1000)
TURNS = {1: 10, 4: 3, 16: 2, 64: 2}
"""Of each room, by how many rooms ask at once."""
ENDING_SECONDS = 20.0


@dataclass(slots=True)
class Side:
    """All turns of one way to ask: ours or bare."""

    turns: list[Moments] = field(default_factory=list)
    tokens: float = 0.0
    cached: float = 0.0
    cpu_ms: float = 0.0
    """Of the clients' processes."""

    @asynccontextmanager
    async def counted(self, server: VllmProcess) -> AsyncIterator[None]:
        before = await server.counts()
        yield
        after = await server.counts()
        self.tokens += after.written - before.written
        self.cached += after.cached - before.cached

    def add(self, done: Round) -> None:
        self.turns += done.turns
        self.cpu_ms += done.cpu_ms

    def median(self, moment: str) -> float | None:
        found = [at for turn in self.turns if (at := getattr(turn, moment)) is not None]
        return statistics.median(found) if found else None

    def summary(self) -> dict[str, object]:
        count = len(self.turns)
        medians = {name.name: self.median(name.name) for name in fields(Moments)}
        a_turn = {"tokens": self.tokens / count, "cached": self.cached / count, "cpu_ms": self.cpu_ms / count}
        return {"medians": medians, "a_turn": a_turn, "turns": [asdict(turn) for turn in self.turns]}


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table."""

    weights: str
    rooms: int
    budget: int
    ours: Side
    bare: Side

    @property
    def over(self) -> list[float]:
        """Ours less bare in ms, pair by pair."""
        return [mine.plan_done - plain.plan_done for mine, plain in zip(self.ours.turns, self.bare.turns, strict=True)]

    def json(self) -> dict[str, object]:
        named = {"weights": self.weights, "rooms": self.rooms, "budget": self.budget}
        return named | {"over_ms": self.over, "ours": self.ours.summary(), "bare": self.bare.summary()}

    def __str__(self) -> str:
        count, bare = len(self.ours.turns), self.bare.median("plan_done") or 0.0
        over, (low, _, high) = statistics.median(self.over), statistics.quantiles(self.over, n=4)
        moments = ("first_thought", "thoughts_done", "actions_closed", "plan_done")
        tries = sum(turn.tries - 1 for turn in self.ours.turns)
        cells = (
            *(self.weights, self.rooms, self.budget),
            *(_ms(self.ours.median(moment)) for moment in moments),
            _ms(bare),
            f"{over:+.1f} ms ({low:+.1f} … {high:+.1f}), {100 * over / bare:+.1f} %",
            f"{self.ours.tokens / count:.0f} / {self.bare.tokens / count:.0f}",
            f"{self.ours.cpu_ms / count:.0f} / {self.bare.cpu_ms / count:.0f}",
            f"{tries} in {count}"
            + (f", {gone} failed" if (gone := sum(turn.failed for turn in self.ours.turns)) else ""),
        )
        return "| " + " | ".join(map(str, cells)) + " |"


HEAD = """
| weights | rooms at once | budget | first thought | thoughts done | actions closed | plan done | bare vLLM | \
ours over bare: median (quartiles) | tokens a turn, ours / bare | client CPU ms a turn, ours / bare | tries more |
|---|---|---|---|---|---|---|---|---|---|---|---|"""


async def measure(server: VllmProcess, weights: str, rooms: int, budget: int, turns: int) -> Cell:
    cell = Cell(weights, rooms, budget, Side(), Side())
    async with crew(server.url, rooms, budget) as homes:
        for turn in range(turns):
            async with cell.ours.counted(server):
                cell.ours.add(await homes.ours(turn, 1000 * rooms + budget + turn))
            async with cell.bare.counted(server):
                cell.bare.add(await homes.bare())
    return cell


async def grammars(server: VllmProcess) -> list[dict[str, float]]:
    """What a plan's grammar adds to the first token: one that the server has not built yet, and one that it has."""
    print("\n| devices | grammar | new to the server | known to it |\n|---|---|---|---|")
    found = []
    async with httpx.AsyncClient(base_url=server.url, timeout=120, trust_env=False) as http:
        free = {"model": MODEL, "prompt": "a", "max_tokens": 1, "temperature": 0}
        await _post_ms(http, free | {"structured_outputs": {"json": {"type": "string", "maxLength": 120}}})
        for devices in GRAMMAR_DEVICES:
            sent = await plans_sent(large_house(devices), REQUESTS, ASKED_IN)
            different = {json.dumps(body["structured_outputs"]): body["structured_outputs"] for body in sent}
            new, known = [], []
            for grammar in different.values():
                held = free | {"structured_outputs": grammar}
                without = statistics.median([await _post_ms(http, free) for _ in range(5)])
                new.append(await _post_ms(http, held) - without)
                for _ in range(30):
                    without = await _post_ms(http, free)
                    known.append(await _post_ms(http, held) - without)
            row = {
                "devices": devices,
                "grammars": len(different),
                "kilobytes": statistics.median(map(len, different)) / 1000,
                "new_ms": statistics.median(new),
                "known_ms": statistics.median(known),
            }
            print(
                "| {devices:,} | {kilobytes:.0f} kB | {new_ms:.0f} ms | {known_ms:.1f} ms |".format(**row), flush=True
            )
            found.append(row)
    return found


async def _post_ms(http: httpx.AsyncClient, body: Mapping[str, object]) -> float:
    began = time.perf_counter()
    (await http.post("/completions", json=body)).raise_for_status()
    return (time.perf_counter() - began) * 1000


async def bench(chosen: argparse.Namespace, weights: str, server: VllmProcess) -> None:
    wanted = [(rooms, budget) for rooms in chosen.rooms for budget in chosen.budgets]
    if chosen.cells:
        wanted = [(rooms, budget) for rooms, budget in (_numbers(cell, ":") for cell in chosen.cells.split(","))]
    cells: list[dict[str, object]] = []
    found = {"weights": weights, "started_seconds": server.started_seconds, "cells": cells}
    if chosen.grammars or not chosen.cells:
        found["grammars"] = await grammars(server)
    for rooms in dict.fromkeys(rooms for rooms, _ in wanted):
        await measure(server, weights, rooms, 96, 1)  # kernels are compiled, prompts read
    print(HEAD, flush=True)
    for rooms, budget in wanted:
        cell = await measure(server, weights, rooms, budget, chosen.turns or TURNS[rooms])
        print(cell, flush=True)
        cells.append(cell.json())
        (chosen.out / f"brain_gpu-{weights}.json").write_text(json.dumps(found, indent=1))


async def main(chosen: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + chosen.seconds - ENDING_SECONDS
    for done, weights in enumerate(chosen.weights):
        share = (end - loop.time()) / (len(chosen.weights) - done)
        options = [*(CPU if chosen.cpu else GPU), *(["--quantization", "fp8"] if weights == "fp8" else [])]
        log = chosen.out / f"vllm-{weights}.log"
        try:
            async with asyncio.timeout(share):
                if chosen.url:
                    await bench(chosen, weights, VllmProcess(chosen.url, 0.0))
                    continue
                async with vllm(chosen.python, chosen.folder, PORT, log, options, share) as server:
                    print(f"\n{weights}: vLLM up after {server.started_seconds:.0f} s", flush=True)
                    await bench(chosen, weights, server)
        except TimeoutError:
            print(f"{weights}: out of time", flush=True)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _numbers(text: str, between: str = ",") -> list[int]:
    return [int(number) for number in text.split(between)]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--url", help="of a vLLM that runs already and calls its model `mimo`: .../v1")
    options.add_argument("--weights", type=lambda text: text.split(","), default=["bf16", "fp8"])
    options.add_argument("--rooms", type=_numbers, default=list(TURNS))
    options.add_argument("--budgets", type=_numbers, default=[0, 96, 256, 512])
    options.add_argument("--cells", help="rooms:budget,… and no others")
    options.add_argument("--grammars", action="store_true", help="measure the grammars also where cells are chosen")
    options.add_argument("--turns", type=int, help="of each room; default: by how many rooms")
    options.add_argument("--seconds", type=float, default=1500, help="when all has to be over")
    options.add_argument("--python", default=sys.executable)
    options.add_argument("--cpu", action="store_true")
    options.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", ".")))
    asyncio.run(main(options.parse_args()))
