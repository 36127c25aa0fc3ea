"""Words that only silence: "stop", "basta"."""

from __future__ import annotations

import re
from typing import Final

_STOPS: Final = frozenset([
    "stop", "stop it", "stop now", "stop talking", "ok stop", "okay stop", "be quiet", "quiet", "silence",
    "hush", "shut up", "enough", "that's enough", "never mind", "nevermind", "cancel", "cancel that",
    "basta", "basta così", "ok basta", "okay basta", "zitto", "zitta", "stai zitto", "stai zitta",
    "silenzio", "smettila", "ferma", "fermati", "taci", "lascia stare", "lascia perdere", "annulla",
    "停", "停下", "停止", "别说了", "安静", "闭嘴", "够了", "算了",
])  # fmt: skip

_POLITE: Final = re.compile(r"\b(?:please|thanks|thank you|per favore|grazie)\b")


def only_silences(text: str) -> bool:
    """Whether this is all that was said; a bilingual home is understood in each of its languages."""
    folded = text.casefold().replace("’", "'")
    words = re.findall(r"[\w']+", _POLITE.sub(" ", folded))
    once = words[: len(words) // 2] if words[: len(words) // 2] * 2 == words else words
    return " ".join(once) in _STOPS
