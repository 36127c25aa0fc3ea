"""Prints each turn as it happens: heard, understood, thought, done, said, with milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

from assistant.events import (
    Done,
    Ended,
    Event,
    Heard,
    Matched,
    Murmured,
    Notice,
    Planned,
    Rang,
    Saying,
    Started,
    Thought,
)
from assistant.models import Outcome, Turn
from assistant.record import SEALED

_ASIDE = ("language", "now")
"""What a plan is kept with: the turn shows the one, and the clock the other."""


@dataclass(slots=True)
class TurnPrinter:
    """A watcher for people; device names and transcripts are data, never markup."""

    console: Console
    _thinking: bool = field(default=False)

    def __call__(self, event: Event) -> None:
        match event:
            case Notice(text):
                self.console.print(f"[yellow]•[/] {escape(text)}")
            case Started():
                self.console.print()
            case Heard(turn, transcript):
                self._row("heard", f"“{escape(transcript.text)}” [dim]{transcript.language}[/]", _listening_ms(turn))
            case Matched(turn, match):
                repaired = "".join(f"; “{repair.heard}” → “{repair.meant}”" for repair in match.repairs)
                self._row("understood", escape(match.because + repaired), turn.timings_ms.get("match"))
            case Thought(_, text):
                self._think(text)
            case Planned(turn, plan):
                self._end_thought()
                self._row("planned", escape(plan.raw), turn.timings_ms.get("think", 0) + turn.timings_ms.get("plan", 0))
            case Done(_, outcome):
                self._row("done", _outcome(outcome), outcome.act_ms + outcome.confirm_ms)
            case Murmured(_, text):
                self._end_thought()
                self._row("murmured", escape(text), None)
            case Saying(_, text):
                self._end_thought()
                self._row("said", f"[bold]{escape(text)}[/]", None)
            case Rang(_, text):
                self.console.print(f"[yellow]•[/] {escape(text)}")
            case Ended(turn) if turn.error:
                self._row("because", escape(turn.error), None)
            case _:
                pass

    def _think(self, text: str) -> None:
        if not self._thinking:
            self.console.print(f"  [cyan]{'thought':<11}[/]", end="")
            self._thinking = True
        self.console.print(f"[dim]{escape(text)}[/]", end="")

    def _end_thought(self) -> None:
        if self._thinking:
            self.console.print()
            self._thinking = False

    def _row(self, stage: str, text: str, milliseconds: float | None) -> None:
        took = "" if milliseconds is None else f"  [dim]{milliseconds:.0f} ms[/]"
        self.console.print(f"  [cyan]{stage:<11}[/]{text}{took}")


def _listening_ms(turn: Turn) -> float | None:
    heard = [turn.timings_ms[stage] for stage in ("endpoint", "stt") if stage in turn.timings_ms]
    return sum(heard) if heard else None


def _outcome(outcome: Outcome) -> str:
    action = outcome.action
    given = {key: value for key, value in action.arguments.items() if key not in _ASIDE}
    arguments = " ".join(f"{key}={SEALED if key == 'code' else value}" for key, value in given.items())
    result = {True: "confirmed", False: "not confirmed", None: "sent" if outcome.messages else "not sent"}
    problem = f" ({outcome.problem})" if outcome.problem else ""
    return escape(f"{action.entity_id} {action.service} {arguments} → {result[outcome.confirmed]}{problem}")
