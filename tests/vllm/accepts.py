"""Which texts two grammars allow, by the engine that vLLM has: run by its Python, JSON in and out.

In: {"ebnf": …, "schema": …, "texts": […]}; out: for each text whether the one and the other allow it.
"""

from __future__ import annotations

import json
import sys

import xgrammar
from xgrammar.testing import _is_grammar_accept_string as accepts

if __name__ == "__main__":
    given = json.load(sys.stdin)
    as_ebnf = xgrammar.Grammar.from_ebnf(given["ebnf"])
    # As vLLM does with disable_any_whitespace.
    as_schema = xgrammar.Grammar.from_json_schema(given["schema"], any_whitespace=False, separators=(",", ":"))
    json.dump([[accepts(as_ebnf, text), accepts(as_schema, text)] for text in given["texts"]], sys.stdout)
