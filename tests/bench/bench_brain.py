"""The small brain on this machine: how fast it reads and writes, and what six household requests take.

`python -m tests.bench.bench_brain` prints a table; the weights must be there (`mimo-assistant models pull brain`).
"""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import aclosing

import httpx

from assistant import model_files
from assistant.config import BrainSettings, Config
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.local_server import LocalServer
from assistant.llm.profile import Profile
from assistant.models import Decided, Plan
from tests.llm.sample_house import TOOLS, SampleHouse

READ = "The quick brown fox jumps over the lazy dog. " * 25

REQUESTS = (
    ("en", None, "it is too dark to read in the living room", {"light.reading_lamp", "light.living_room_light"}),
    ("it", "Kitchen", "mi serve un caffè", {"switch.coffee_machine"}),
    ("it", "Bedroom", "fa un freddo cane qui", {"climate.thermostat"}),
    ("en", None, "the hallway floor is full of crumbs", {"vacuum.robot_vacuum"}),
    ("en", "Kitchen", "thanks, that was lovely", set[str]()),
    ("en", None, "the sun shines right on the sofa in the living room", {"cover.living_room_blinds"}),
)


async def main(profile: str, threads: int) -> None:
    weights = model_files.path("brain", profile, model_files.folder(Config()))
    settings = BrainSettings(profile=profile, threads=threads, timeout_seconds=300)
    began = time.perf_counter()
    async with (
        LocalServer(weights, threads) as server,
        TwoPhaseBrain(settings, Profile.load(profile), TOOLS, server.url) as brain,
    ):
        print(f"loaded            {time.perf_counter() - began:6.1f} s")
        await _speeds(server.url)
        began = time.perf_counter()
        await brain.warm(SampleHouse())
        print(f"prompt read       {time.perf_counter() - began:6.1f} s (next to nothing when it was kept)")
        for language, room, text, wanted in REQUESTS:
            await _ask(brain, text, language, room, wanted)


async def _speeds(url: str) -> None:
    async with httpx.AsyncClient(timeout=600, trust_env=False) as http:
        body = {"prompt": READ, "n_predict": 48, "temperature": 0, "cache_prompt": False, "ignore_eos": True}
        timings = (await http.post(f"{url.removesuffix('/v1')}/completion", json=body)).json()["timings"]
    print(f"reads             {timings['prompt_per_second']:6.1f} tokens/s ({timings['prompt_n']} tokens)")
    print(f"writes            {timings['predicted_per_second']:6.1f} tokens/s ({timings['predicted_n']} tokens)")


async def _ask(brain: TwoPhaseBrain, text: str, language: str, room: str | None, wanted: set[str]) -> None:
    async with aclosing(brain.think(text, language, room, SampleHouse())) as pieces:
        async for piece in pieces:
            if isinstance(piece, Decided):
                took = f"think {piece.think_ms / 1000:5.1f} s  actions {piece.plan_ms / 1000:5.1f} s"
            if isinstance(piece, Plan):
                targets = {name for intent in piece.intents for name in intent.target.ids}
                right = bool(targets) and targets <= wanted if wanted else not targets
                print(f"{'right' if right else 'WRONG'}  {took}  {text!r}: {piece.raw}", flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", default="qwen2.5-coder-1.5b")
    options.add_argument("--threads", type=int, default=2)
    chosen = options.parse_args()
    asyncio.run(main(chosen.profile, chosen.threads))
