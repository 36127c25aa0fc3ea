"""How a reply is given in quiet hours: softly, and by a tone where no words are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from assistant.config import QuietHoursSettings
from assistant.intents.targets import room_called
from assistant.interfaces import House
from assistant.models import Allowed, Manner, Outcome, Say, Tone, Turn

_TOLD_IN_WORDS = "memory"
"""The domain of what is kept for the speaker: what is made of it cannot be told by a tone."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    settings: QuietHoursSettings
    house: House
    now: Callable[[], datetime]

    def manner(self, turn: Turn) -> Manner:
        """How loud everything of this turn is."""
        return Manner(self.settings.volume) if self._holds(turn.request.room) else Manner()

    def tone(self, turn: Turn, answer: Say | str | None) -> Tone | None:
        """What says it all without words, if anything does; answer: what is to be said beside what was done."""
        if not (self.settings.beep and self._holds(turn.request.room)):
            return None
        return _tone(turn, answer)

    def _holds(self, room: str | None) -> bool:
        """A place that nobody named is quiet only where all are."""
        if self.now() not in self.settings.hours():
            return False
        here = room_called(room, self.house.rooms) if room else None
        there = {room_called(each, self.house.rooms) for each in self.settings.rooms}
        return not there or (here is not None and here in there)


def _tone(turn: Turn, answer: Say | str | None) -> Tone | None:
    """Commands that were carried out, or were not, as plainly as that; questions and refusals need their words."""
    outcomes = turn.outcomes
    if turn.error or isinstance(answer, Say) or not outcomes:
        return None
    if not all(isinstance(outcome.verdict, Allowed) for outcome in outcomes):
        return None
    if any(outcome.action.entity_id.startswith(f"{_TOLD_IN_WORDS}.") for outcome in outcomes):
        return None
    return "done" if all(map(_done, outcomes)) else "not_done"


def _done(outcome: Outcome) -> bool:
    """A device that reports no state was at least told."""
    return outcome.confirmed is True or (outcome.confirmed is None and bool(outcome.messages))
