"""Undo the loops that Whisper falls into on short or noisy sound."""

from __future__ import annotations

import re

_LONG = re.compile(r"(?P<part>\b\w[^.!?。！？]{7,80}?[\s,.!?。，！？]+)(?P=part)+", re.IGNORECASE)
_SHORT = re.compile(r"(?P<part>\b\w[^.!?。！？]{0,8}?[\s,.!?。，！？]+)(?P=part){2,}", re.IGNORECASE)


def collapsed(text: str) -> str:
    """What was written twice or more in a row, once; a single short word needs three ("no, no" is an answer)."""
    for loop in (_SHORT, _LONG):
        if found := loop.search(text + " "):
            part, rest = found["part"], text[found.end() :].strip()
            if part.lower().startswith(rest.lower()):
                rest = ""
            text = f"{text[: found.start()]}{part}{rest}".strip(" ,")
    return text
