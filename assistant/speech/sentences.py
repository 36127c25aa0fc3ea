"""Cut a reply into pieces to speak, the first one early.

No library: sentence splitters keep sentences whole, while the first sound wants the first clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SHORTEST = 12
"""Characters; a shorter clause is spoken together with the next, for a voice needs some melody."""

_END = re.compile(r"(?<=[.!?…])[\"'»)]*\s+|(?<=[。！？；，、])|(?<=[,;:])\s+")
_NOT_AN_END = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|e\.g|i\.e|ecc|Sig|Dott|es|n)\.|\b\w\.)\s*$")


def clauses(text: str) -> Iterator[str]:
    """In order, nothing lost but the space between them; decimal commas and abbreviations stay whole."""
    held = ""
    for piece in _pieces(text.strip()):
        held += piece
        if _weight(held) >= SHORTEST and not _NOT_AN_END.search(held):
            yield held.strip()
            held = ""
    if held.strip():
        yield held.strip()


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    yield text[start:]


def _weight(text: str) -> int:
    """A Chinese character takes about as long to say as three letters."""
    return sum(3 if "\u4e00" <= character <= "\u9fff" else 1 for character in text.strip())
