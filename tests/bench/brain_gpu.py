"""Our brain on vLLM with MiMo-7B's architecture and random weights, beside the bare server: wire and speed, no more.

In each round half of the rooms ask through our client and half bare, at one moment and in the same batches.

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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import httpx

from tests.bench.measured_turns import Moments
from tests.bench.rooms import ASKED_IN, Round, halves, mixed
from tests.bench.sent import REQUESTS, plans_sent
from tests.bench.vllm_process import CPU, GPU, MODEL, VllmProcess, vllm
from tests.llm.large_house import large_house

PORT = 8137
GRAMMAR_DEVICES = (10, 100, 300, 1000)
ROUNDS = {1: 10, 4: 20, 16: 14, 64: 8}
"""By how many rooms ask at once."""
BOOTSTRAPS = 5000
ENDING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table: rounds in which one half of the rooms asked through our client, the other bare."""

    weights: str
    rooms: int
    budget: int
    ours: list[Round] = field(default_factory=list)
    bare: list[Round] = field(default_factory=list)
    tokens: list[float] = field(default_factory=list)
    """A turn, round by round."""

    def add(self, ours: Round, bare: Round, tokens: float) -> None:
        self.ours.append(ours)
        self.bare.append(bare)
        self.tokens.append(tokens / (len(ours.turns) + len(bare.turns)))

    @property
    def pairs(self) -> list[list[tuple[Moments, Moments]]]:
        """Round by round, the rooms which wrote the very same as their like in the other half."""
        rounds = zip(self.ours, self.bare, strict=True)
        pairs = [zip(ours.turns, bare.turns, strict=True) for ours, bare in rounds]
        return [[(mine, plain) for mine, plain in each if mine.wrote == plain.wrote != ""] for each in pairs]

    def apart(self, moment: str) -> list[float]:
        """Round by round, the median of how much later a room of ours came to it than its like, in ms."""
        ats = [[(getattr(mine, moment), getattr(plain, moment)) for mine, plain in each] for each in self.pairs if each]
        return [statistics.median(mine - plain for mine, plain in each) for each in ats if None not in each[0]]

    @property
    def over(self) -> list[tuple[float, float]]:
        """Round by round, the median of ours less the median of bare, and bare's, in ms."""
        found = []
        for pairs in filter(None, self.pairs):
            ours, bare = (statistics.median(turn.plan_done for turn in turns) for turns in zip(*pairs, strict=True))
            found.append((ours - bare, bare))
        return found

    def json(self) -> dict[str, object]:
        return asdict(self) | {"over_ms": self.over, "apart_ms": self.apart("plan_done")}

    def __str__(self) -> str:
        moments = ("first_thought", "last_thought", "actions_closed", "plan_done")
        turns, same = sum(len(each.turns) for each in self.ours), sum(map(len, self.pairs))
        cells = (
            *(self.weights, self.rooms, self.budget, len(self.ours)),
            *(_ms(_median(self.ours, moment)) for moment in moments),
            _ms(_median(self.bare, "plan_done")),
            f"{spread([more for more, _ in self.over])} ms",
            f"{spread([100 * more / than for more, than in self.over])} %",
            *(f"{spread(self.apart(moment))} ms" for moment in ("last_thought", "plan_done")),
            f"{statistics.mean(self.tokens):.0f}",
            " / ".join(f"{sum(each.cpu_ms for each in side) / turns:.0f}" for side in (self.ours, self.bare)),
            f"{same} of {turns}",
        )
        return "| " + " | ".join(map(str, cells)) + " |"


HEAD = """
| weights | rooms at once | budget | rounds | first thought | last thought | actions closed | plan done | bare vLLM | \
ours over bare: median (quartiles) [95 % interval] | the same in % | \
a room over its like, till the last thought | whole turn | tokens a turn | \
client CPU ms a turn, ours / bare | pairs of the same words |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"""


def spread(values: Sequence[float]) -> str:
    """The median with its quartiles, and where it lies in 95 % of all rounds drawn anew from these."""
    if len(values) < 2:
        return "-"
    low, _, high = statistics.quantiles(values, n=4)
    drawn = Random(1)
    medians = [statistics.median(drawn.choices(values, k=len(values))) for _ in range(BOOTSTRAPS)]
    cuts = statistics.quantiles(medians, n=40)
    return f"{statistics.median(values):+.1f} ({low:+.1f} … {high:+.1f}) [{cuts[0]:+.1f} … {cuts[-1]:+.1f}]"


def _median(rounds: Sequence[Round], moment: str) -> float | None:
    found = [at for each in rounds for turn in each.turns if (at := getattr(turn, moment)) is not None]
    return statistics.median(found) if found else None


async def measure(server: VllmProcess, weights: str, rooms: int, budget: int, rounds: int) -> Cell:
    """The halves change places from round to round."""
    cell = Cell(weights, rooms, budget)
    async with halves(server.url, rooms, budget) as (one, other):
        for turn in range(1, rounds + 1):
            before = await server.written()
            ours, bare = await mixed(*((one, other) if turn % 2 else (other, one)), turn)
            cell.add(ours, bare, await server.written() - before)
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
        cell = await measure(server, weights, rooms, budget, chosen.rounds or ROUNDS[rooms])
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
    options.add_argument("--rooms", type=_numbers, default=list(ROUNDS))
    options.add_argument("--budgets", type=_numbers, default=[0, 96, 256, 512])
    options.add_argument("--cells", help="rooms:budget,… and no others")
    options.add_argument("--grammars", action="store_true", help="measure the grammars also where cells are chosen")
    options.add_argument("--rounds", type=int, help="default: by how many rooms")
    options.add_argument("--seconds", type=float, default=2700, help="when all has to be over")
    options.add_argument("--python", default=sys.executable)
    options.add_argument("--cpu", action="store_true")
    options.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", ".")))
    asyncio.run(main(options.parse_args()))
