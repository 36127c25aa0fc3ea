"""What vLLM does with a plan's grammar, step by step, in this process: as EBNF, which we send, and as JSON schema.

`python -m tests.bench.bench_grammar MODEL_FOLDER`, by a Python with xgrammar, transformers, httpx and rapidfuzz.
Reading: vLLM's front end does it for every request and keeps nothing. Building: its engine does it once a grammar.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import xgrammar
from transformers import AutoTokenizer

from assistant.config import BrainSettings
from assistant.llm import prompt
from assistant.llm.ebnf import ebnf
from assistant.llm.plan import schema
from tests.bench.sent import tools_of
from tests.llm.large_house import large_house

DEVICES = (10, 100, 300, 1000)
VOCABULARY = 151680
THREADS = 8


def main(folder: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    vocabulary = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=VOCABULARY)
    compiler = xgrammar.GrammarCompiler(vocabulary, max_threads=THREADS, cache_enabled=True)
    print("| devices | sent as | size | read | built, new | built, known |\n|---|---|---|---|---|---|")
    for devices in DEVICES:
        house = large_house(devices)
        entities = prompt.visible(house)
        plan = schema(tools_of(house), entities, BrainSettings().plan_tokens, prompt.groups(entities))
        as_json, as_ebnf = json.dumps(plan, separators=(",", ":")), ebnf(plan)
        ways: dict[str, tuple[str, Callable[[], object], Callable[[], object]]] = {
            "EBNF": (as_ebnf, lambda text=as_ebnf: xgrammar.Grammar.from_ebnf(text),
                     lambda text=as_ebnf: compiler.compile_grammar(text)),
            "JSON schema": (as_json, lambda text=as_json: xgrammar.Grammar.from_json_schema(text),
                            lambda text=as_json: compiler.compile_json_schema(text, any_whitespace=False)),
        }  # fmt: skip
        for name, (text, read, build) in ways.items():
            new, known = _ms(build), statistics.median(_ms(build) for _ in range(20))
            reading = statistics.median(_ms(read) for _ in range(20))
            size = f"{len(text) / 1000:.1f} kB"
            print(f"| {devices:,} | {name} | {size} | {reading:.1f} ms | {new:.0f} ms | {known:.2f} ms |", flush=True)


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main(sys.argv[1])
