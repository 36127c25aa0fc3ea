"""Take the wake phrase's leftovers off the front of a transcript."""

from __future__ import annotations

import re

from rapidfuzz.fuzz import ratio

ALIKE = 80
"""Per cent of equal consonants that make a word the wake word's: Whisper writes "Nabu" as "Naboo", "knob", "Nobby"."""

ALIKE_AFTER_OPENING = 50
"""Behind an "okay" less will do: "Ok, now boot", "Ok now we've"."""

OPENINGS = ("ok", "okay", "okei", "hey", "hei", "ehi", "hay")

_WORD = re.compile(r"[\w']+[^\w']*")


def without_wake_phrase(text: str, phrase: str) -> str:
    """ "Okay Nabu, lights on" and "Nabu. Lights on" both become "lights on" (as written); a command stays whole."""
    words = _WORD.findall(text)
    opened = bool(words) and _bare(words[0]) in OPENINGS and phrase.lower().split()[0] in OPENINGS
    start = 1 if opened else 0
    name = _consonants(phrase.split()[-1])
    needed = ALIKE_AFTER_OPENING if opened else ALIKE
    scores = {count: ratio(_consonants("".join(words[start : start + count])), name) for count in (1, 2)}
    best = max(scores, key=lambda count: scores[count])
    if scores[best] >= needed and len(words) >= start + best:
        return "".join(words[start + best :]).strip()
    return "".join(words[start:]).strip() if opened else text.strip()


def _bare(word: str) -> str:
    return re.sub(r"[^\w']", "", word).lower()


def _consonants(text: str) -> str:
    """Vowels are what the recogniser gets wrong first, and w, h and y go with them."""
    return re.sub(r"[^a-z]|[aeiouwhy]", "", text.lower())
