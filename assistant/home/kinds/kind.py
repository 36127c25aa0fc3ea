"""What every kind of device has: what it reports, what it can be told, and within what limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.home.kinds.command import Command
from assistant.home.templates import Payload
from assistant.models import Limits, Message, State, Value

Report = dict[str, Value]
"""`state` and the attributes of models.State, as last reported."""

Note = Callable[[Payload, Report], None]
Expected = Callable[[State], bool]

Config = TypeVar("Config", bound=MqttEntityCommon)


@dataclass(frozen=True, slots=True)
class Reading:
    """A topic and what to note in the report when a message comes on it.

    `note` raises Unreadable for what the device's own template or words do not cover; the old state then stays, as in
    Home Assistant.
    """

    topic: str
    note: Note


@dataclass(frozen=True, slots=True)
class Abilities:
    """What models.Entity tells of it."""

    features: frozenset[str] = frozenset()
    limits: Mapping[str, Limits] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """What to send for an action and how to know that it was done."""

    messages: tuple[Message, ...]
    expected: Expected | None = None
    """None: nothing that the device reports would show it."""
    progress: frozenset[str] = frozenset()
    """In-between states that say: on its way."""
    may_take_long: bool = False
    """Moving is obeying: blinds need half a minute, and "is opening" is all that can honestly be said till then."""
    repeatable: bool = False
    """Whether a second identical message does no harm when the first was lost."""
    extra_seconds: float = 0.0
    """What the device was told to take, beyond what it usually needs: a light's transition."""


class Kind(Generic[Config]):
    """One component that was announced. A kind of device is a subclass in this folder and a line in its __init__."""

    __slots__ = ("config", "revision")

    moves: ClassVar[bool] = False
    """Something turns, drives or fills, and so takes its time."""
    guards: ClassVar[bool] = False
    """It guards the house: done only when the device says so after this very command."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.revision = 0
        """Grows when a report changes what it can do (a vacuum cleaner that tells its rooms)."""

    @property
    def abilities(self) -> Abilities:
        return Abilities()

    def readings(self) -> list[Reading]:
        """Everything that it reports."""
        return []

    def settle(self, report: Mapping[str, Value], age: float | None) -> str | None:
        """The state's word. age: seconds since it last reported while we listened, None when it has not."""
        state = report.get("state")
        return None if state is None else str(state)

    def order(self, command: Command) -> Order:
        """Raises NotPossible (OutOfRange), and Unreadable when the device's own template fails."""
        raise command.lacks(command.service)

    def question(self) -> Message | None:
        """What makes the device tell its state, where its topics show that it can be asked."""
        told_on = getattr(self.config, "command_topic", None)
        if told_on is None or not told_on.endswith("/set"):
            return None  # "…/set/child_lock" is one of a dozen settings: nobody wakes a radiator for those
        return get_of(getattr(self.config, "state_topic", None), told_on)


def get_of(state_topic: str | None, *command_topics: str | None, also: Iterable[str] = ()) -> Message | None:
    """zigbee2mqtt retains no states, but answers `<name>/get` with what `<name>/set/<property>` sets.

    also: properties that have no command topic of their own.
    """
    found = [parts for topic in command_topics if state_topic and topic and (parts := _set_of(state_topic, topic))]
    if not found:
        return None
    asked = dict.fromkeys([*(name for _, name in found if name), *also] or ["state"], "")
    return Message(f"{found[0][0]}/get", json.dumps(asked), qos=0)


def _set_of(state_topic: str, command_topic: str) -> tuple[str, str] | None:
    """Whom, and which property; both gangs of a switch report on one topic: "switch/left/set" belongs to "switch"."""
    if not command_topic.startswith(f"{state_topic}/"):
        return None
    match command_topic.removeprefix(f"{state_topic}/").split("/"):
        case ["set", *named] if len(named) <= 1:
            return state_topic, "".join(named)
        case [endpoint, "set", *named] if len(named) <= 1:
            return f"{state_topic}/{endpoint}", "".join(named)
        case _:
            return None


def messages(*pairs: tuple[str, str]) -> tuple[Message, ...]:
    return tuple(Message(topic, payload) for topic, payload in pairs)


def having(**there: object) -> frozenset[str]:
    """The names of what is there."""
    return frozenset(name for name, thing in there.items() if thing)


def choices(**lists: object) -> Mapping[str, tuple[str, ...]]:
    """The lists that hold anything."""
    full = {name: given for name, given in lists.items() if isinstance(given, list) and given}
    return {name: tuple(str(one) for one in given) for name, given in full.items()}


def is_now(*values: str) -> Expected:
    return lambda state: state.value in values


def says(attribute: str, value: Value) -> Expected:
    return lambda state: state.attributes.get(attribute) == value


def near(said: Value, wanted: float, tolerance: float) -> bool:
    return isinstance(said, int | float) and abs(said - wanted) <= tolerance + 1e-6
