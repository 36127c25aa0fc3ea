"""What watchers may see of a turn: the journal view, the terminal, metrics and sensors subscribe here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.models import Match, Outcome, Plan, Scheduled, Transcript, Turn, Utterance

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
class Hearing:
    """What a pause makes of the words so far, while it is not clear yet whether more will come."""

    turn: Turn
    text: str


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
class Rang:
    """Something scheduled fell due: a timer, an alarm, a reminder, a watch, or word of a command."""

    item: Scheduled
    text: str
    """What is said of it, in the language in which it was set."""
    late: bool = False
    """It fell due while the assistant was not running."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the assistant itself that a person should see: a part came, went or is degraded."""

    text: str


@dataclass(frozen=True, slots=True)
class Attentive:
    """A place begins, or ceases, to listen for an answer, which needs no wake word."""

    place: str
    listening: bool


@dataclass(frozen=True, slots=True)
class Level:
    """How loud it is at a place, ten times a second; only where somebody subscribed to levels."""

    place: str
    loudness: float
    """0-1 on a scale of 60 dB."""
    wake: float
    """How much it sounds like the wake word, 0-1."""


Event = (
    Started | StageEnded | Hearing | Listened | Heard | Matched | Thought | Planned | Done | Murmured | Saying | Ended
    | Rang | Notice | Attentive | Level
)  # fmt: skip
Watcher = Callable[[Event], None]
Doing = Literal["idle", "listening", "thinking", "speaking"]


class Events:
    """Tells every watcher, in order; a watcher that fails is logged and never disturbs the turn."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []
        self._level_watchers: list[Watcher] = []

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """To all but levels. Returns the function that ends the subscription."""
        return _joined(self._watchers, watcher)

    def subscribe_to_levels(self, watcher: Watcher) -> Callable[[], None]:
        """To Level alone, which nobody works out while nobody wants it."""
        return _joined(self._level_watchers, watcher)

    @property
    def levels_wanted(self) -> bool:
        return bool(self._level_watchers)

    def tell(self, event: Event) -> None:
        for watcher in list(self._level_watchers if isinstance(event, Level) else self._watchers):
            try:
                watcher(event)
            except Exception:
                log.exception("a watcher failed on %s", type(event).__name__)


class Activity:
    """What the assistant as a whole is doing, told from its events; listening wins, for it is answered next."""

    def __init__(self) -> None:
        self._doing: dict[str, Doing] = {}
        """Each turn under way by its id, and each place that waits for an answer by its name."""

    @property
    def now(self) -> Doing:
        return self.beside("idle")

    def beside(self, other: Doing) -> Doing:
        """Together with what is done beside the turns, such as speaking a notification."""
        doing = {*self._doing.values(), other}
        ranked: tuple[Doing, ...] = ("listening", "speaking", "thinking", "idle")
        return next(each for each in ranked if each in doing)

    def watch(self, event: Event) -> bool:
        """Whether the event was one that changes it."""
        match event:
            case Started(turn):
                self._doing[turn.id] = "thinking" if turn.request.text is not None else "listening"
            case Heard(turn, _):
                self._doing[turn.id] = "thinking"
            case Saying(turn, _):
                self._doing[turn.id] = "speaking" if turn.request.speak else "thinking"
            case Attentive(place, True):
                self._doing[f"at {place}"] = "listening"
            case Attentive(place, False):
                self._doing.pop(f"at {place}", None)
            case Ended(turn):
                self._doing.pop(turn.id, None)
            case _:
                return False
        return True


def _joined(watchers: list[Watcher], watcher: Watcher) -> Callable[[], None]:
    watchers.append(watcher)
    return lambda: watchers.remove(watcher)
