"""What devices write, made fit for the journal, the terminal and the voice: proper Unicode, finite numbers, no end."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

LONGEST_TEXT = 255
"""Characters of a state; as in Home Assistant."""

LONGEST_NAME = 100
"""Characters; nobody says more, and a name is no place for a letter."""

_JOINERS = "\u200c\u200d"
"""Invisible, but part of how some scripts and emoji are written."""


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Without control and invisible characters, which would reach the terminal or turn the line around, and without
    halves of characters."""
    if text.isprintable() and len(text) <= longest:
        return text
    kept = "".join(character for character in text[: 4 * longest] if _shows(character))
    return whole(kept)[:longest]


def name(value: object) -> str | None:
    """On one line, cut to what can be said; None for nothing and for white space."""
    if value is None:
        return None
    return " ".join(plain(" ".join(str(value).split()), LONGEST_NAME).split()) or None


def _shows(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp")


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
