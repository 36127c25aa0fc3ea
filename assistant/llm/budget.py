"""How long the model may think about one request: a tier by what is asked, cut to what the deadline leaves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.interfaces import House
from assistant.llm.claims import names_in

TIERS = (0, 96, 256, 1024)
"""Tokens: none for an order to one device that only its wording hid from the reflex, most for what needs reasoning."""

FEWEST = 48
"""Below this a thought is cut off before it says anything."""

PLAN_TOKENS = 60
"""A usual plan; the deadline has to hold for it too."""

_MANY_WORDS = 14
_FEW_WORDS = 8

_REASON_OUT = re.compile(
    r"step by step|explain|plan (?:my|our|the|a)\b|figure out|passo (?:per|dopo) passo|passo passo|spiega|organizza|"
    r"pianifica|一步一步|解释|计划",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:if|when|unless|until|but|except|instead|then|both|every|all|se|quando|finché|tranne|eccetto|ma|invece|poi|"
    r"entrambe|entrambi|tutt[ieao]|ogni)\b|如果|除了|但是|所有|每个",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^(?:please |can you |could you |per favore |puoi |mi )*"
    r"(?:turn|switch|set|put|make|open|close|shut|start|stop|dim|raise|lower|lock|"
    r"accend|spegn|apr|chiud|mett|imposta|alza|abbassa|avvia|ferma|blocca|把|打开|关闭|关掉)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Budget:
    tokens: int
    because: str
    """In English for the record."""

    def __str__(self) -> str:
        return f"{self.tokens} tokens: {self.because}" if self.tokens else f"no thought: {self.because}"


def budget(text: str, house: House) -> Budget:
    """The tier of a request, by its words alone."""
    named = {mention.meant for mention in names_in(text.casefold(), house) if mention.kind == "entity"}
    count = len(text.split())
    if _REASON_OUT.search(text):
        return Budget(TIERS[3], "it is to be reasoned out")
    if _SEVERAL.search(text) or len(named) > 1 or count > _MANY_WORDS:
        return Budget(TIERS[2], "several things or a condition")
    if _ORDER.match(text.strip()) and len(named) == 1 and count <= _FEW_WORDS:
        return Budget(TIERS[0], "an order to one device")
    return Budget(TIERS[1], "a wish")


class Pace:
    """How fast this model writes here, learned from its own streams."""

    def __init__(self) -> None:
        self.tokens_per_second: float | None = None

    def note(self, tokens: int, seconds: float) -> None:
        """A stream's tokens after its first, and what they took. Short streams tell too little."""
        if tokens < 8 or seconds <= 0:
            return
        rate = tokens / seconds
        known = self.tokens_per_second
        self.tokens_per_second = rate if known is None else 0.7 * known + 0.3 * rate

    def within(self, wanted: Budget, deadline_seconds: float | None) -> Budget:
        """As much of the budget as can be written, plan included, before the deadline."""
        if deadline_seconds is None or self.tokens_per_second is None or not wanted.tokens:
            return wanted
        possible = max(FEWEST, int(self.tokens_per_second * deadline_seconds) - PLAN_TOKENS)
        if possible >= wanted.tokens:
            return wanted
        pace = f"{self.tokens_per_second:.0f} tokens/s leave no more within {deadline_seconds:g} s"
        return Budget(possible, f"{wanted.because}; {pace}")


REPEATED_CHARACTERS = 60


def goes_in_circles(thoughts: str) -> bool:
    """Whether the last words were all said before: from there a small model never comes back."""
    tail = thoughts[-REPEATED_CHARACTERS:]
    return len(thoughts) > REPEATED_CHARACTERS and thoughts.find(tail) < len(thoughts) - len(tail)
