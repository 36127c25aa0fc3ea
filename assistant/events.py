"""What watchers may see of a turn: the journal view, the terminal, metrics and sensors subscribe here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from assistant.models import Match, Outcome, Plan, Transcript, Turn, Utterance

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """The wake word was heard, or a text came in."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class StageEnded:
    turn: Turn
    stage: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    turn: Turn
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Listened:
    """The sound of the command has ended; its words may have come to nothing."""

    turn: Turn
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Matched:
    turn: Turn
    match: Match


@dataclass(frozen=True, slots=True)
class Thought:
    turn: Turn
    text: str
    """A piece, as it streams."""


@dataclass(frozen=True, slots=True)
class Planned:
    turn: Turn
    plan: Plan


@dataclass(frozen=True, slots=True)
class Done:
    turn: Turn
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Murmured:
    """A short word while it thinks."""

    turn: Turn
    text: str


@dataclass(frozen=True, slots=True)
class Saying:
    turn: Turn
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    turn: Turn


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the assistant itself that a person should see: a part came, went or is degraded."""

    text: str


Event = Started | StageEnded | Listened | Heard | Matched | Thought | Planned | Done | Murmured | Saying | Ended | Notice
Watcher = Callable[[Event], None]


class Events:
    """Tells every watcher, in order; a watcher that fails is logged and never disturbs the turn."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Returns the function that ends the subscription."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, event: Event) -> None:
        for watcher in list(self._watchers):
            try:
                watcher(event)
            except Exception:
                log.exception("a watcher failed on %s", type(event).__name__)
