"""Which texts two grammars allow, by the engine that vLLM has: run by its Python, JSON in and out.

In: {"ebnf": …, "schema": …, "texts": […]}; out: for each text whether the one and the other allow it.
"""

from __future__ import annotations

import json
import sys

import xgrammar
from xgrammar.testing import _get_matcher_from_grammar


def verdicts(grammar: xgrammar.Grammar, texts: list[str]) -> list[bool]:
    matcher = _get_matcher_from_grammar(grammar)
    found = []
    for text in texts:
        matcher.reset()
        found.append(matcher.accept_string(text) and matcher.is_completed())
    return found


if __name__ == "__main__":
    given = json.load(sys.stdin)
    as_ebnf = xgrammar.Grammar.from_ebnf(given["ebnf"])
    # As vLLM does with disable_any_whitespace.
    as_schema = xgrammar.Grammar.from_json_schema(given["schema"], any_whitespace=False, separators=(",", ":"))
    both = zip(verdicts(as_ebnf, given["texts"]), verdicts(as_schema, given["texts"]), strict=True)
    json.dump(list(both), sys.stdout)
