"""Which announced topics may be used at all: a wrong one makes brokers hang up on us, again after every reconnect."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

LONGEST_TOPIC = 65_535
"""Bytes, by the standard."""

MOST_LEVELS = 200
"""mosquitto hangs up on more."""

_UNUSED = "json_attributes_topic"


def first_fault(payload: Mapping[str, Any]) -> str | None:
    """What is wrong with the topics of a component, in words; None when all are fine."""
    for option, topic in _topics(payload):
        why = fault(topic)
        if why:
            return f"{option}: {why}"
    return None


@lru_cache(maxsize=4096)
def fault(topic: str) -> str | None:
    """Home Assistant allows wildcards where it listens; one such device would hear the whole house, so we do not."""
    if not topic:
        return "is empty"
    if "+" in topic or "#" in topic:
        return "has a wildcard"
    if any(_forbidden(character) for character in topic):
        return "has a character that no topic may have"
    if len(topic.encode()) > LONGEST_TOPIC or topic.count("/") >= MOST_LEVELS:
        return "is too long"
    if topic.startswith("$") and not topic.startswith("$SYS/"):
        return "is one of the broker's own"
    return None


def _topics(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for option, topic in payload.items():
        if option.endswith("topic") and option != _UNUSED and isinstance(topic, str):
            yield option, topic
    availability = payload.get("availability")
    for item in availability if isinstance(availability, list) else [availability]:
        if isinstance(item, dict) and isinstance(item.get("topic"), str):
            yield "availability", item["topic"]


def _forbidden(character: str) -> bool:
    """NUL, other control characters, halves of characters (or what replaces them) and non-characters."""
    number = ord(character)
    if number == 0xFFFD:
        return True
    return unicodedata.category(character) in ("Cc", "Cs") or 0xFDD0 <= number <= 0xFDEF or number & 0xFFFE == 0xFFFE
