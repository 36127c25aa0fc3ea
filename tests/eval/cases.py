"""What is asked of the house and how it has to stand afterwards: requests.yaml."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, field_validator, model_validator

from assistant import yaml_files

REQUESTS = Path(__file__).with_name("requests.yaml")

Class = Literal[
    "direct", "wish", "compound", "exclusion", "floor", "relative", "conditional", "invalid", "ambiguous", "talk",
    "question",
]  # fmt: skip
Kind = Literal["done", "asked", "refused", "answered", "lost"]

Wanted = str | int | float | dict[str, str | int | float]
"""A word, a number, a range ("20.5..23"), or those by what the device says of itself."""

End = Mapping[str, Wanted]
"""One right end: what has changed, by entity. Nothing else may have."""


class Case(BaseModel):
    """One request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    language: Literal["en", "it"]
    of: Class = Field(alias="class")
    room: str | None = None
    given: dict[str, dict[str, JsonValue]] = {}
    expect: tuple[dict[str, Wanted], ...]
    reply: tuple[Kind, ...] = ()
    says: str | None = None

    @field_validator("expect", mode="before")
    @classmethod
    def one_end_or_several(cls, written: object) -> object:
        return written if isinstance(written, list) else [written]

    @model_validator(mode="after")
    def a_reply_is_expected(self) -> Case:
        if not self.reply and not all(self.expect):
            raise ValueError(f"{self.text!r} changes nothing: say what the reply has to be")
        return self

    @property
    def replies(self) -> tuple[Kind, ...]:
        return self.reply or ("done",)

    @property
    def key(self) -> str:
        """Changes with anything that the answer depends on."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


def load(path: Path = REQUESTS) -> Sequence[Case]:
    """YAML, or the JSON lines that the console exports, once each says what was to be expected."""
    if path.suffix == ".jsonl":
        rows = [_exported(line) for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        rows = yaml_files.read(path)
    return TypeAdapter(tuple[Case, ...]).validate_python(rows)


def _exported(line: str) -> dict[str, object]:
    """Without what became of it; where nobody has said yet what is right, validation says so."""
    return {name: value for name, value in json.loads(line).items() if name != "seen"}
