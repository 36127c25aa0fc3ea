"""How many tokens a house costs: `python -m tests.bench.bench_prompt [devices…]` prints a table.

Counted by the small brain's own llama.cpp, whose weights (`mimo-assistant models pull brain`) hold Qwen2's tokenizer.
It is MiMo's too, but for `<think>` and `</think>`: one token each there, three here.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import takewhile

import httpx

from assistant import model_files
from assistant.config import Config
from assistant.llm.local_server import LocalServer
from assistant.models import State
from tests.bench.sent import plans_sent
from tests.llm.large_house import large_house

DEVICES = (10, 100, 300, 1000)


async def main(sizes: list[int]) -> None:
    weights = model_files.path("brain", "qwen2.5-coder-1.5b", model_files.folder(Config()))
    print("| devices | rooms | tokens that stay | tokens that change | whole prompt |\n|---|---|---|---|---|")
    async with LocalServer(weights) as server, httpx.AsyncClient(trust_env=False, timeout=60) as http:
        for devices in sizes:
            asked, later = await _prompts(devices)
            whole, stays = [await _tokens(http, server.url, text) for text in (asked, _common(asked, later))]
            cells = (devices, len(large_house(devices).rooms), stays, whole - stays, whole)
            print("| " + " | ".join(f"{cell:,}" for cell in cells) + " |", flush=True)


async def _prompts(devices: int) -> tuple[str, str]:
    """Of two requests between which every state has changed."""
    house, changed = large_house(devices), large_house(devices)
    changed.states = {name: State(name, available=False) for name in house.states}
    [asked] = await plans_sent(house, ["it is too dark to read in the living room"], "Living Room")
    [later] = await plans_sent(changed, ["somebody opened the bathroom window"], "Kitchen")
    return str(asked["prompt"]), str(later["prompt"])


def _common(first: str, second: str) -> str:
    pairs = takewhile(lambda letters: letters[0] == letters[1], zip(first, second, strict=False))
    return first[: sum(1 for _ in pairs)]


async def _tokens(http: httpx.AsyncClient, url: str, text: str) -> int:
    body = {"content": text, "parse_special": True}
    return len((await http.post(f"{url.removesuffix('/v1')}/tokenize", json=body)).raise_for_status().json()["tokens"])


if __name__ == "__main__":
    asyncio.run(main([int(size) for size in sys.argv[1:]] or list(DEVICES)))
