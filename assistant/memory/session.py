"""What one place's dialogue still holds open: the actions that wait for a spoken yes."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.interfaces import Clock
from assistant.models import Language, NeedsConfirmation


@dataclass(frozen=True, slots=True)
class Pending:
    """Actions held back by the policy until the person who asked says yes."""

    held: tuple[NeedsConfirmation, ...]
    asked_at: float
    """Seconds on the session's clock."""


@dataclass(slots=True)
class Session:
    """One dialogue: a satellite's, or one that a caller named."""

    pending: Pending | None = None
    language: Language | None = None
    """Of the last turn: a bare "no" is in the language of the question."""


@dataclass(slots=True)
class Sessions:
    clock: Clock
    confirm_seconds: float
    _open: dict[str, Session] = field(default_factory=dict)

    def language(self, session: str) -> Language | None:
        known = self._open.get(session)
        return known.language if known else None

    def speaks(self, session: str, language: Language) -> None:
        if session:
            self._open.setdefault(session, Session()).language = language

    def hold(self, session: str, held: tuple[NeedsConfirmation, ...]) -> None:
        """Keep actions for the next turn of this session; a nameless session has no next turn."""
        if session and held:
            self._open.setdefault(session, Session()).pending = Pending(held, self.clock())

    def waits(self, session: str) -> bool:
        """Whether something that was asked in this session still waits for its answer."""
        known = self._open.get(session)
        return known is not None and known.pending is not None

    def take(self, session: str) -> Pending | None:
        """What waits for an answer, if it is still fresh; it is gone after this call, so a yes works once."""
        known = self._open.get(session)
        if known is None or known.pending is None:
            return None
        pending, known.pending = known.pending, None
        return pending if self.clock() - pending.asked_at <= self.confirm_seconds else None
