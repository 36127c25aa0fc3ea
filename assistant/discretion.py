"""What of a request may be recorded, told and shown: of a PIN and of an alarm's code, nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.intents.answers import yes_or_no
from assistant.intents.pin import calls_itself_a_pin, digits_in, is_a_pin, sounds_like_a_pin
from assistant.interfaces import Matcher
from assistant.memory.session import Sessions
from assistant.models import Request, Transcript
from assistant.record import SEALED

SHORTEST_CODE = 3
"""Digits, of an alarm."""


@dataclass(frozen=True, slots=True)
class Discretion:
    matcher: Matcher
    sessions: Sessions
    has_pin: bool
    """Whether the owner has set one."""

    def sealed(self, request: Request, said: Transcript) -> Transcript:
        """As it may be recorded, before anybody is told of it."""
        secret = self.may_be_the_pin(request, said) or self._holds_a_code(request, said)
        return replace(said, text=SEALED) if secret else said

    def may_be_the_pin(self, request: Request, said: Transcript) -> bool:
        """What is said instead of a PIN, a yes, a no or a command, is known by what it is."""
        if not self.has_pin:
            return False
        asked = self.sessions.awaits_pin(request.session)
        if calls_itself_a_pin(said.text) or (asked and is_a_pin(said.text)):
            return True
        if not (asked or sounds_like_a_pin(said.text)) or yes_or_no(said.text, said.language) is not None:
            return False
        return not self.matcher.match(said.text, said.language, request.room).intents

    def may_grow_secret(self, request: Request, begun: str) -> bool:
        """Whether what was heard so far may become a PIN or an alarm's code."""
        return self.sessions.awaits_pin(request.session) or len(digits_in(begun)) >= SHORTEST_CODE - 1

    def _holds_a_code(self, request: Request, said: Transcript) -> bool:
        if len(digits_in(said.text)) < SHORTEST_CODE:
            return False
        intents = self.matcher.match(said.text, said.language, request.room).intents
        return any(intent.slots.get("code") for intent in intents)
