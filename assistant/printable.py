"""Text from outside, made fit to be printed, kept and sent on."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Control characters become spaces and broken encodings question marks: neither is a word, both disturb readers."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(" " if unicodedata.category(character) in ("Cc", "Cf") else character for character in whole)
