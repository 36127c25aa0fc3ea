"""What devices write, made fit for the journal, the terminal and the voice: proper Unicode, finite numbers, no end."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

LONGEST_TEXT = 255
"""Characters of a name or a state; as in Home Assistant."""


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Without control characters, which would reach the terminal, and without halves of characters."""
    if text.isprintable() and len(text) <= longest:
        return text
    kept = "".join(character for character in text[: 4 * longest] if unicodedata.category(character) != "Cc")
    return whole(kept)[:longest]


def whole(text: str) -> str:
    """JSON's escapes can write halves of surrogate pairs, which nothing can encode."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not text.isascii() else text


def whole_json(value: Any) -> Any:
    """The same for every text in it. Raises RecursionError."""
    match value:
        case str():
            return whole(value)
        case list():
            return [whole_json(item) for item in value]
        case dict():
            return {whole(key): whole_json(item) for key, item in value.items()}
        case _:
            return value


def may_have_halves(text: str) -> bool:
    """Whether the JSON text is worth looking through."""
    return "\\ud" in text or "\\uD" in text


def finite(value: object) -> float | None:
    """A JSON number that can be reckoned with; None for any other value, NaN, infinity and absurdly large ones."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST_NUMBER else None


LARGEST_NUMBER = 1e15
