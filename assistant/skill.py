"""Everything a skill file needs: one typed method an intent gives validation, the model's schema and the help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import Field

from assistant.errors import NotFound, NotPossible, NotUnderstood, OutOfRange
from assistant.interfaces import House
from assistant.models import Action, Entity, Language, Reply, Say, State, Value

__all__ = [
    "Action",
    "Celsius",
    "CelsiusStep",
    "Color",
    "Entity",
    "House",
    "Kelvin",
    "Mode",
    "NotFound",
    "NotPossible",
    "NotUnderstood",
    "OutOfRange",
    "Percent",
    "PercentStep",
    "Question",
    "Reply",
    "Say",
    "Skill",
    "Speaker",
    "State",
    "StateWord",
    "Targets",
    "Value",
    "given",
    "intent",
]

Targets = Sequence[Entity]
"""The entities meant, already found in the house; never empty."""

Percent = Annotated[int, Field(ge=0, le=100, description="percent")]
PercentStep = Annotated[int, Field(ge=-100, le=100, description="percentage points, negative is less")]
Kelvin = Annotated[int, Field(ge=1000, le=10000, description="kelvin")]
Celsius = Annotated[float, Field(ge=-50, le=120, description="the device's own degrees")]
CelsiusStep = Annotated[float, Field(ge=-30, le=30, description="degrees more, negative is less")]
Mode = Annotated[
    str, Field(min_length=1, max_length=40, description="off, heat, cool, auto, ...: one of the device's own")
]
StateWord = Annotated[str, Field(min_length=1, max_length=60, description="on, off, open, closed, locked, ...")]
Question = Literal["one", "one_yesno", "any", "all", "which", "how_many", "where"]
Color = Annotated[str, Field(min_length=1, max_length=40, description="an English colour name")]


async def _nothing() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who asks, from where: a skill method that declares a parameter of this type is given it."""

    language: Language = "en"
    room: str | None = None
    retold: Callable[[], Awaitable[Sequence[str]]] = _nothing
    """Gives the last request of this session in short steps, from its record; nothing when there was none."""


Method = TypeVar("Method", bound=Callable[..., object])


def intent(name: str, *, domains: Sequence[str] = (), question: bool = False) -> Callable[[Method], Method]:
    """Mark a method as the one that handles an intent for the skill's domain (or for `domains`).

    question: it only reads, so it may answer a question; all others are withheld when a question was asked.
    """

    def mark(method: Method) -> Method:
        setattr(method, "__intents__", [*getattr(method, "__intents__", []), Handles(name, tuple(domains), question)])  # noqa: B010 - mypy rejects the assignment
        return method

    return mark


@dataclass(frozen=True, slots=True)
class Handles:
    intent: str
    domains: tuple[str, ...] = ()
    question: bool = False


class Skill:
    """One file in skills/ holds one of these. Methods decide; policy permits; the house acts.

    A method is `async`, takes `targets: Targets` (unless it needs none) and its slots by their Home Assistant names,
    and returns a Reply. Its docstring is the help and the model's tool description.
    """

    domain: ClassVar[str] = ""
    """Whose entities the methods handle; several skills may handle the same intent for other domains."""

    def __init__(self, house: House) -> None:
        self.house = house


def given(**values: Value) -> dict[str, Value]:
    """Only the arguments that were given."""
    return {key: value for key, value in values.items() if value is not None}
