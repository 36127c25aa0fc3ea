"""What each place's dialogue remembers: the turns that words may go on from, and the one question that waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from assistant.interfaces import Clock
from assistant.models import Allowed, Entity, Exchange, Intent, Language, NeedsConfirmation, Outcome

MOST_EXCHANGES = 20
"""Of one session; nobody undoes more, one by one."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Actions held back by the policy until the person who asked says yes."""

    held: tuple[NeedsConfirmation, ...]
    asked_at: float
    """Seconds on the session's clock."""

    @property
    def wants_pin(self) -> bool:
        return any(verdict.by == "pin" for verdict in self.held)


@dataclass(frozen=True, slots=True)
class Clarifying:
    """A request that waits to be told which of several things, or how much, is meant."""

    said: str
    intents: tuple[Intent, ...]
    things: tuple[Entity, ...] = ()
    """As they were asked about; none: how much was asked."""
    asked_at: float = 0.0
    failures: int = 0
    """Answers that told nothing."""
    instead: bool = False
    """The request corrects the turn before."""


Question = Pending | Clarifying


@dataclass(frozen=True, slots=True)
class Kept:
    exchange: Exchange
    at: float
    latest: bool = True
    """Nothing else was said since that could be what a correction is about."""


@dataclass(slots=True)
class Session:
    """One dialogue: a satellite's, or one that a caller named."""

    pending: Question | None = None
    language: Language | None = None
    """Of the last turn: a bare "no" is in the language of the question."""
    kept: list[Kept] = field(default_factory=list)
    """What was said, oldest first."""
    changed: list[Kept] = field(default_factory=list)
    """What may still be put back, oldest first."""
    used_at: float = 0.0


@dataclass(slots=True)
class Sessions:
    clock: Clock
    confirm_seconds: float
    answer_seconds: float = 30.0
    follow_up_seconds: float = 180.0
    undo_seconds: float = 900.0
    _open: dict[str, Session] = field(default_factory=dict)

    def language(self, session: str) -> Language | None:
        known = self._open.get(session)
        return known.language if known else None

    def speaks(self, session: str, language: Language) -> None:
        if session:
            self._of(session).language = language

    # ── the question that waits ──

    def hold(self, session: str, held: tuple[NeedsConfirmation, ...]) -> None:
        """Keep actions for the next turn of this session; a nameless session has no next turn."""
        if session and held:
            self._of(session).pending = Pending(held, self.clock())

    def ask(self, session: str, question: Clarifying) -> None:
        if session:
            self._of(session).pending = replace(question, asked_at=self.clock())

    def waits(self, session: str) -> bool:
        """Whether something that was asked in this session still waits for its answer."""
        known = self._open.get(session)
        return known is not None and (known.pending is not None or any(each.exchange.asked for each in known.kept[-1:]))

    def awaits_pin(self, session: str) -> bool:
        """Whether what is said next in this session may be the PIN."""
        known = self._open.get(session)
        pending = known.pending if known else None
        return isinstance(pending, Pending) and pending.wants_pin and self._is_fresh(pending)

    def take(self, session: str) -> Question | None:
        """What waits for an answer, if it is still fresh; it is gone after this call, so an answer works once."""
        known = self._open.get(session)
        if known is None or known.pending is None:
            return None
        pending, known.pending = known.pending, None
        return pending if self._is_fresh(pending) else None

    # ── what was said and done ──

    def remember(self, session: str, exchange: Exchange) -> None:
        if not session:
            return
        known, now = self._of(session), self.clock()
        known.kept = [*(replace(each, latest=False) for each in known.kept), Kept(exchange, now)][-MOST_EXCHANGES:]
        restored = {outcome.action.entity_id for outcome in exchange.outcomes if _restores(outcome)}
        known.changed = _less(known.changed, restored)
        if done := tuple(outcome for outcome in exchange.outcomes if _may_be_undone(outcome)):
            kept = Kept(replace(exchange, outcomes=done), now)
            known.changed = [*known.changed, kept][-MOST_EXCHANGES:]

    def recent(self, session: str) -> Sequence[Exchange]:
        """What words may still go on from, oldest first."""
        return [each.exchange for each in self._fresh(session)]

    def spoken_of(self, session: str) -> Exchange | None:
        """The last exchange that was about something of the house."""
        return next((each.exchange for each in reversed(self._fresh(session)) if each.exchange.intents), None)

    def corrigible(self, session: str) -> Exchange | None:
        """The very last exchange: "no, ..." corrects no other."""
        return next((each.exchange for each in self._fresh(session) if each.latest), None)

    def undoable(self, session: str, ids: Collection[str] = ()) -> Exchange | None:
        """The newest change that has not been put back; with ids, the newest of these things and no more of it."""
        for exchange in reversed(self.changes(session)):
            outcomes = tuple(each for each in exchange.outcomes if not ids or each.action.entity_id in ids)
            if outcomes:
                return replace(exchange, outcomes=outcomes)
        return None

    def changes(self, session: str) -> Sequence[Exchange]:
        """Those that may still be put back, oldest first."""
        known, now = self._open.get(session), self.clock()
        return [each.exchange for each in known.changed if now - each.at <= self.undo_seconds] if known else []

    def give_up_undoing(self, session: str, ids: Sequence[str]) -> None:
        """Of the newest change: what is as it was, or can never be put back."""
        known = self._of(session)
        known.changed = _less(known.changed, set(ids))

    # ── inside ──

    def _of(self, session: str) -> Session:
        """Opened when needed; whoever was silent for long is forgotten."""
        now = self.clock()
        longest = max(self.undo_seconds, self.follow_up_seconds, self.confirm_seconds, self.answer_seconds)
        for name in [name for name, each in self._open.items() if now - each.used_at > longest and name != session]:
            del self._open[name]
        known = self._open.setdefault(session, Session())
        known.used_at = now
        return known

    def _is_fresh(self, question: Question) -> bool:
        seconds = self.confirm_seconds if isinstance(question, Pending) else self.answer_seconds
        return self.clock() - question.asked_at <= seconds

    def _fresh(self, session: str) -> list[Kept]:
        known, now = self._open.get(session), self.clock()
        return [each for each in known.kept if now - each.at <= self.follow_up_seconds] if known else []


def _restores(outcome: Outcome) -> bool:
    return outcome.action.restores and isinstance(outcome.verdict, Allowed) and outcome.confirmed is not False


def _may_be_undone(outcome: Outcome) -> bool:
    sent = bool(outcome.messages) or outcome.confirmed is True
    return sent and isinstance(outcome.verdict, Allowed) and not outcome.action.restores


def _less(changed: Sequence[Kept], ids: set[str]) -> list[Kept]:
    """Without these things in the newest change that has any of them."""
    result = list(changed)
    for index in range(len(result) - 1, -1, -1):
        outcomes = result[index].exchange.outcomes
        left = tuple(outcome for outcome in outcomes if outcome.action.entity_id not in ids)
        if len(left) < len(outcomes):
            kept = replace(result[index], exchange=replace(result[index].exchange, outcomes=left))
            return [*result[:index], *([kept] if left else []), *result[index + 1 :]]
    return result
