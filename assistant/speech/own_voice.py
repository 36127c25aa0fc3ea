"""Whether what was heard is only the assistant's own sentence, come back through the microphone."""

from __future__ import annotations

import re

from rapidfuzz.fuzz import ratio

ALIKE = 85
"""Per cent: the recogniser gets a word of an echo wrong now and then, and a person who answers says something else."""

_WORD = re.compile(r"[\w']+|[一-鿿]")


def echoes(heard: str, said: str) -> bool:
    """Whether all that was heard is a piece of what was said; one word more, and somebody spoke."""
    words, own = _words(heard), _words(said)
    if not words:
        return False
    text = " ".join(words)
    return any(
        ratio(text, " ".join(own[start : start + length])) >= ALIKE
        for length in {max(1, len(words) - 1), len(words), len(words) + 1}
        for start in range(len(own) - length + 1)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("’", "'"))
