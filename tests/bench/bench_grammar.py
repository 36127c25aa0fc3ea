"""What vLLM does with a plan's grammar, step by step, in this process.

`python -m tests.bench.bench_grammar MODEL_FOLDER`, by a Python with xgrammar, transformers and rapidfuzz. Reading: vLLM's
front end does it for every request and keeps nothing. Building: its engine does it once a grammar.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable

import xgrammar
from transformers import AutoTokenizer

from tests.bench.sent import REQUESTS, plans_sent
from tests.llm.large_house import large_house

DEVICES = (10, 100, 300, 1000)
VOCABULARY = 151680
THREADS = 8


async def main(folder: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    vocabulary = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=VOCABULARY)
    compiler = xgrammar.GrammarCompiler(vocabulary, max_threads=THREADS, cache_enabled=True)
    print("| devices | grammar | read | built, new | built, known |\n|---|---|---|---|---|")
    for devices in DEVICES:
        sent = await plans_sent(large_house(devices), REQUESTS, "Kitchen")
        schemas = list(dict.fromkeys(json.dumps(body["structured_outputs"]["json"]) for body in sent))
        size = statistics.median(map(len, schemas)) / 1000

        def build(schema: str) -> None:
            compiler.compile_json_schema(schema, any_whitespace=False)

        new = statistics.median(_ms(lambda each=each: build(each)) for each in schemas)
        known = statistics.median(_ms(lambda each=each: build(each)) for each in schemas * 5)
        read = statistics.median(
            _ms(lambda each=each: xgrammar.Grammar.from_json_schema(each)) for each in schemas * 15
        )
        print(f"| {devices:,} | {size:.1f} kB | {read:.1f} ms | {new:.0f} ms | {known:.2f} ms |", flush=True)


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
