"""Whether what was heard is only the assistant's own sentence, come back through the microphone."""

from __future__ import annotations

import re

from rapidfuzz.fuzz import ratio

ALIKE = 85
"""Per cent, of each word with its own: the recogniser gets the end of a word wrong, but "lock" is not "unlock"."""

_WORD = re.compile(r"[一-鿿]|(?:(?![一-鿿])[\w'])+")


def echoes(heard: str, said: str) -> bool:
    """Whether all that was heard is a piece of what was said, word for word; one word more, and somebody spoke."""
    words, own = _words(heard), _words(said)
    starts = range(len(own) - len(words) + 1)
    return bool(words) and any(
        all(_alike(word, mine) for word, mine in zip(words, own[start:], strict=False)) for start in starts
    )


def _alike(word: str, mine: str) -> bool:
    return word[0] == mine[0] and ratio(word, mine) >= ALIKE


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("’", "'"))
