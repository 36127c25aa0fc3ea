"""What of a model's own words tells of this house, and what is only talk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.interfaces import House
from assistant.llm.claims import names_in, says, things_in, words
from assistant.llm.clauses import tells_a_state


def told(said: str, house: House) -> Iterator[str]:
    """The sentences that tell of the house, and so have to be borne out. A question tells what leads up to it."""
    for sentence in re.findall(r"[^.!?。！？]*(?:[.](?=\d)[^.!?。！？]*)*[.!?。！？]*", said):
        told = sentence.strip()
        if told.endswith(("?", "？")):
            told = re.sub(r"[^,，;:]*$", "", told).rstrip(",，;: ")
        if told and tells_of(told, house):
            yield told


def tells_of(said: str, house: House) -> bool:
    """Whether a sentence is about how it stands in this house, or about what is done there."""
    text = re.sub(words().offers, " ", said.casefold().replace("’", "'"))
    if names_in(text, house) or things_in(text, ()) or says(_folded(words().rooms), text):
        return True
    whole, inside = says(words().whole, text), says(words().inside, text)
    judged = any(says(pattern, text) for pattern in words().judgements)
    return (
        says(words().measured, text)
        or says(words().someone, text)
        or says(_folded(words().household), text)
        or says(_folded(words().here_and_now), text)
        or any(re.search(pattern, text) for pattern in words().pledges.values())
        or (inside and (judged or whole))
        or (tells_a_state(text) and (whole or inside or says(words().pointing, text)))
    )


def _folded(pattern: str) -> str:
    """A list of words that YAML wrote on several lines."""
    return re.sub(r"\s*\|\s*", "|", pattern)
