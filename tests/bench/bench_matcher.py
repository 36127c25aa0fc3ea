"""How long the reflex takes over the household sentences in a house of 50 entities."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from assistant import yaml_files  # noqa: E402
from assistant.intents.matcher import Reflex  # noqa: E402
from tests.intents.houses import large_house  # noqa: E402


def main() -> None:
    house = large_house()
    for language in ("en", "it"):
        files = [ROOT / "tests" / "sentences" / f"{name}.yaml" for name in (language, f"{language}_more")]
        sentences = [each for file in files for each in yaml_files.read(file)]
        reflex = Reflex(house, [ROOT / "skills" / "sentences"])
        began = time.perf_counter()
        asyncio.run(reflex.prepare(language))
        prepared = time.perf_counter() - began
        took = sorted(_milliseconds(reflex, sentence["say"], language) for sentence in sentences)
        print(
            f"{language}: {len(house.entities())} entities, {len(took)} sentences, ready in {prepared:.2f} s, "
            f"p50 {statistics.median(took):.2f} ms, p95 {took[int(len(took) * 0.95)]:.2f} ms, worst {took[-1]:.2f} ms"
        )


def _milliseconds(reflex: Reflex, text: str, language: str) -> float:
    began = time.perf_counter()
    reflex.match(text, language)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
