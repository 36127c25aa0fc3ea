"""Requests with their thoughts and plans, for models too small to do without."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from assistant import yaml_files


@dataclass(frozen=True, slots=True)
class Example:
    intents: frozenset[str]
    text: str


def examples(intents: Collection[str]) -> Sequence[str]:
    """Those that use no other intents than these."""
    return [example.text for example in _all() if example.intents <= set(intents)]


@cache
def _all() -> tuple[Example, ...]:
    return TypeAdapter(tuple[Example, ...]).validate_python(yaml_files.read(Path(__file__).with_suffix(".yaml")))
