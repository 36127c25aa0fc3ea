"""Everything a skill file needs: one typed method an intent gives validation, the model's schema and the help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import Field

from assistant.errors import Missing, NotFound, NotPlanned, NotPossible, NotUnderstood, OutOfRange
from assistant.interfaces import Agenda, History, House
from assistant.models import (
    PREFERENCES,
    Action,
    Change,
    Entity,
    Floor,
    Language,
    Reply,
    Room,
    Say,
    Scheduled,
    ScheduledKind,
    State,
    Value,
)

__all__ = [
    "PREFERENCES",
    "Action",
    "Agenda",
    "Celsius",
    "CelsiusStep",
    "Change",
    "Code",
    "Color",
    "Entity",
    "Floor",
    "History",
    "House",
    "Item",
    "Kelvin",
    "KelvinStep",
    "Missing",
    "Mode",
    "NotFound",
    "NotPlanned",
    "NotPossible",
    "NotUnderstood",
    "Option",
    "OutOfRange",
    "Percent",
    "PercentStep",
    "Question",
    "Reply",
    "Room",
    "Say",
    "Scheduled",
    "ScheduledKind",
    "Seconds",
    "Sentence",
    "Skill",
    "Speaker",
    "State",
    "StateWord",
    "Targets",
    "Value",
    "chosen",
    "given",
    "intent",
    "level",
]

Targets = Sequence[Entity]
"""The entities meant, already found in the house; never empty."""

Percent = Annotated[int, Field(ge=0, le=100, description="percent")]
PercentStep = Annotated[int, Field(ge=-100, le=100, description="percentage points, negative is less")]
KelvinStep = Annotated[int, Field(ge=-5000, le=5000, description="kelvin more, negative is warmer")]
Kelvin = Annotated[int, Field(ge=1000, le=10000, description="kelvin")]
Celsius = Annotated[float, Field(ge=-50, le=120, description="the device's own degrees")]
CelsiusStep = Annotated[float, Field(ge=-30, le=30, description="degrees more, negative is less")]
Mode = Annotated[
    str, Field(min_length=1, max_length=40, description="off, heat, cool, auto, ...: one of the device's own")
]
StateWord = Annotated[str, Field(min_length=1, max_length=60, description="on, off, open, closed, locked, ...")]
Question = Literal[
    "one",
    "one_yesno",
    "any",
    "all",
    "which",
    "how_many",
    "where",
    "average",
    "highest",
    "lowest",
    "total",
    "when",
    "who",
]
"""when, who: the last time that it came to the state, and who asked for it."""
Color = Annotated[str, Field(min_length=1, max_length=40, description="an English colour name")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,16}$", description="the alarm's code, only if it was said")]
Seconds = Annotated[float, Field(gt=0, le=3600, description="seconds")]
Item = Annotated[str, Field(min_length=1, max_length=120, description="what is on the list")]
Sentence = Annotated[str, Field(min_length=1, max_length=300, json_schema_extra={"format": "sentence"})]
"""The model may write more of it than of a word."""
Option = Annotated[str, Field(min_length=1, max_length=60, description="one of the device's own")]


async def _nothing() -> Sequence[str]:
    return ()


def _nothing_done() -> Reply:
    return Reply(speech=Say("undo.nothing"))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who asks, from where: a skill method that declares a parameter of this type is given it."""

    language: Language = "en"
    room: str | None = None
    retold: Callable[[], Awaitable[Sequence[str]]] = _nothing
    """Gives the last request of this session in short steps, from its record; nothing when there was none."""
    undone: Callable[[], Reply] = _nothing_done
    """Gives the actions that put back what this session last changed."""


Method = TypeVar("Method", bound=Callable[..., object])


def intent(
    name: str, *, domains: Sequence[str] = (), question: bool = False, model: bool = True
) -> Callable[[Method], Method]:
    """Mark a method as the one that handles an intent for the skill's domain (or for `domains`).

    question: it only reads, so it may answer a question; all others are withheld when a question was asked.
    model: False for what people say in set phrases only, or what the model reaches by another intent; telling it of
    each would cost words for nothing.
    """

    def mark(method: Method) -> Method:
        known = [*getattr(method, "__intents__", []), Handles(name, tuple(domains), question, model)]
        setattr(method, "__intents__", known)  # noqa: B010 - mypy rejects the assignment
        return method

    return mark


@dataclass(frozen=True, slots=True)
class Handles:
    intent: str
    domains: tuple[str, ...] = ()
    question: bool = False
    model: bool = True


class Skill:
    """One file in skills/ holds one of these. Methods decide; policy permits; the house acts.

    A method is `async`, takes `targets: Targets` (unless it needs none) and its slots by their Home Assistant names,
    and returns a Reply. Its docstring is the help and the model's tool description.
    """

    domain: ClassVar[str] = ""
    """Whose entities the methods handle; several skills may handle the same intent for other domains."""

    def __init__(self, house: House, history: History | None = None, agenda: Agenda | None = None) -> None:
        self.house = house
        self.history = history
        self.agenda = agenda

    def now(self) -> datetime:
        """In the house's zone, which need not be the machine's."""
        return self.agenda.now() if self.agenda is not None else datetime.now().astimezone()


def given(**values: Value) -> dict[str, Value]:
    """Only the arguments that were given."""
    return {key: value for key, value in values.items() if value is not None}


def chosen(thing: Entity, option: str, said: str) -> str:
    """What was said in the device's own spelling ("heat pump" is heat_pump). Raises NotPossible with what there is."""
    known = thing.options.get(option, ())
    if not known:
        raise NotPossible(f"{thing.id} has no {option}", name=thing, what=option)
    found = next((each for each in known if _alike(each) == _alike(said)), None)
    if found is None:
        reason = f"{option} of {thing.id} is one of {', '.join(known)}, not {said}"
        raise NotPossible(reason, name=thing, what=option, options=known)
    return found


def level(state: State, attribute: str, thing: Entity) -> float:
    """A number that the device last said of itself; a step from an unknown one would be a guess."""
    now = state.attributes.get(attribute)
    if isinstance(now, bool) or not isinstance(now, int | float):
        raise NotPossible(f"{thing.id} has not said its {attribute}", name=thing, what="unknown_level")
    return float(now)


def _alike(word: str) -> str:
    return " ".join(word.casefold().replace("_", " ").replace("-", " ").split())
