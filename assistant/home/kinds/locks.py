"""Door locks."""

from __future__ import annotations

import re

from ha_mqtt_models_pydantic import Lock as LockConfig
from jinja2.exceptions import SecurityError

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, having, is_now, messages
from assistant.home.kinds.reading import words
from assistant.home.sandbox import OutOfTime, deadline, regex_input
from assistant.home.templates import write


class Lock(Kind[LockConfig]):
    __slots__ = ()
    moves = True
    guards = True

    @property
    def abilities(self) -> Abilities:
        """Home Assistant offers "open" when payload_open is configured; it has no default there."""
        return Abilities(having(open="payload_open" in self.config.model_fields_set, code=self.config.code_format))

    def readings(self) -> list[Reading]:
        c = self.config
        meant = {
            c.state_jammed: "jammed",
            c.state_opening: "opening",
            c.state_open: "open",
            c.state_locking: "locking",
            c.state_unlocking: "unlocking",
            c.state_locked: "locked",
            c.state_unlocked: "unlocked",
            c.payload_reset: None,
        }
        return words("state", c.state_topic, c.value_template, meant)

    def order(self, command: Command) -> Order:
        config = self.config
        topic = command.needed(config.command_topic, command.service)
        match command.service:
            case "lock":
                payload, done, progress = config.payload_lock, ["locked"], {"locking"}
            case "unlock":
                payload, done, progress = config.payload_unlock, ["unlocked", "open"], {"unlocking"}
            case "open":
                command.needs("open")
                # Many latches spring back at once and report "unlocked".
                payload, done, progress = config.payload_open, ["open", "unlocked"], {"opening", "unlocking"}
            case _:
                raise command.lacks(command.service)
        told = messages((topic, write(config.command_template, payload, code=self._code(command))))
        return Order(told, is_now(*done), frozenset(progress), repeatable=command.service == "lock")

    def _code(self, command: Command) -> str | None:
        """Where the lock says what a code looks like, it must be given and look so."""
        code, form = command.text("code"), self.config.code_format
        if form and (code is None or not _fits(form, code)):
            raise command.makes_no_sense(f"{command.entity.id} wants a code", "code")
        return code


def _fits(form: str, code: str) -> bool:
    """The pattern is the device's own, so it gets no more time than a template."""
    try:
        with deadline():
            return re.match(regex_input(form), code) is not None
    except (re.error, SecurityError, OutOfTime):
        return False
