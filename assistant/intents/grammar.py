"""Home Assistant's sentence templates and the skills' own, for what the word-by-word reading does not cover."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.interfaces import House
from assistant.models import Intent, Language

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Grammar:
    @classmethod
    def of(cls, house: House, folders: Sequence[Path], language: Language, shipped: bool) -> Grammar:
        return cls()

    def match(self, text: str, language: Language, room: str | None) -> tuple[Intent, ...]:
        return ()
