"""How well a brain runs a house: every request of requests.yaml, scored by how the house stands afterwards.

`python -m tests.eval [--brain URL] [--profile mimo-7b-rl-0530] [--routing reflex_first brain_only]` prints a table.
Without --brain the small model on this CPU answers, 5 to 30 s a request. It goes on where it was broken off.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from assistant.errors import AssistantError
from assistant.llm.profile import known
from tests.eval.cases import REQUESTS, Case, Class, load
from tests.eval.house import HOUSE
from tests.eval.runner import Answer, Book, Setup, evaluation
from tests.eval.table import failures, summary, table


async def answers(setup: Setup, cases: Sequence[Case], book: Book, house: Path = HOUSE) -> list[Answer]:
    """Each case's answer, from the book where it is known."""
    left = [case for case in cases if book.find(case, setup) is None]
    if left:
        async with evaluation(setup, house) as running:
            for number, case in enumerate(left, 1):
                answer = await running.ask(case, setup.routing)
                book.keep(case, setup, answer)
                took = f"{answer.milliseconds / 1000:.1f} s"
                print(f"{number}/{len(left)} {answer.verdict} ({answer.path}, {took}): {case.text}", flush=True)
    return [answer for case in cases if (answer := book.find(case, setup)) is not None]


def report(setup: Setup, found: Sequence[Answer]) -> str:
    """A section of the document."""
    title = f"## {setup.name}, routing {setup.routing}, {datetime.now(UTC):%Y-%m-%d}"
    return "\n\n".join((title, table(found), summary(found), "What went wrong:", failures(found) or "Nothing."))


def main() -> int:
    options = _options()
    logging.basicConfig(level=logging.ERROR)
    book = Book(options.answers)
    wanted = options.classes or get_args(Class)
    cases = [case for case in load(options.requests) if case.of in wanted][: options.limit]
    sections = []
    for routing in options.routing:
        setup = Setup(options.brain, options.profile, routing, options.threads)
        try:
            sections.append(report(setup, asyncio.run(answers(setup, cases, book))))
        except AssistantError as error:
            print(f"Not evaluated: {error.reason}.", file=sys.stderr)
            return 3
        except KeyboardInterrupt:
            print("Broken off; the same command goes on from here.", file=sys.stderr)
            return 130
    text = "\n\n".join(sections) + "\n"
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--brain", metavar="URL", help="an OpenAI-compatible server; default: the small model here")
    parser.add_argument("--profile", default="qwen2.5-coder-1.5b", help=f"one of {', '.join(known())}, or a file")
    parser.add_argument("--requests", type=Path, default=REQUESTS, help="others, such as the console's export (.jsonl)")
    parser.add_argument("--routing", nargs="+", choices=("reflex_first", "brain_only"), default=["reflex_first"])
    parser.add_argument("--classes", nargs="+", choices=get_args(Class), metavar="CLASS", help="only these")
    parser.add_argument("--limit", type=int, help=f"only the first so many of {REQUESTS.name}")
    parser.add_argument("--threads", type=int, default=2, help="of the small model")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="write the table there too")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mimo-assistant" / "eval.jsonl"
    parser.add_argument("--answers", type=Path, default=cache, help=f"where answers are kept; default: {cache}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
