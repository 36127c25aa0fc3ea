"""Sends what the policy allowed and waits until the house itself reports that it was done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import perf_counter

from assistant.config import ConfirmSettings
from assistant.errors import HouseUnreachable, NotFound, NotPossible
from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Order
from assistant.home.orders import order
from assistant.home.record import Record
from assistant.home.registry import Registry
from assistant.models import Allowed, Message, Outcome, State

log = logging.getLogger(__name__)

GRACE_SECONDS = 0.3
"""Many devices do not repeat a state that did not change: what already was so counts as confirmed after this long,
if the device itself has spoken while we listened and does not say otherwise meanwhile. What the broker had kept of it
proves nothing: the device may be long gone."""

ASK_SECONDS = 0.5
"""Silence after which a device that can be asked (zigbee2mqtt) is asked."""


HIDDEN = "****"
"""Instead of a code."""

MOVING_SECONDS = 0.1
"""A cover or valve that reports by then that it moves has obeyed; the reply says "is closing" and nobody waits 25 s."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What to send when it has not been done by then, in seconds after the command."""

    at: float
    messages: tuple[Message, ...]


class Commands:
    """One command at a time for each call; several calls may run side by side."""

    def __init__(
        self, registry: Registry, publish: Callable[[Message], Awaitable[None]], settings: ConfirmSettings
    ) -> None:
        self._registry = registry
        self._publish = publish
        self._settings = settings
        self._sending: set[asyncio.Task[None]] = set()

    async def perform(self, allowed: Allowed) -> Outcome:
        """Send, wait for the state to come back, tell.

        Raises NotFound, NotPossible (OutOfRange) and, when nothing could be sent, HouseUnreachable.
        """
        action = allowed.action
        record = self._registry.record(action.entity_id)
        if record is None:
            raise NotFound(f"no device has the id {action.entity_id}", kind="device", name=action.entity_id)
        before = record.state()
        if not before.available:
            return Outcome(action, allowed, state=before, problem=f"{action.entity_id} says that it is not available")
        wanted = order(record.kind, Command(action, record.entity, before))
        with self._registry.watching(record) as reported:
            began, heard = perf_counter(), record.answers
            await self._send(wanted.messages)
            sent = perf_counter()
            confirmed, problem = await self._confirm(wanted, record, before, heard, reported)
        return _discreet(Outcome(
            action, allowed, wanted.messages, confirmed, record.state(), problem,
            act_ms=(sent - began) * 1000, confirm_ms=(perf_counter() - sent) * 1000,
            answered=record.answers > heard and record.state().available,
        ))  # fmt: skip

    async def close(self) -> None:
        """Lets what is being sent be sent."""
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _send(self, messages: tuple[Message, ...]) -> None:
        """All or, when the broker is away, none; whoever waits may go, the rest is sent nevertheless."""
        task = asyncio.create_task(self._send_all(messages), name="send a command")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        await asyncio.shield(task)

    async def _send_all(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            await self._publish(message)

    async def _confirm(
        self, wanted: Order, record: Record, before: State, heard: int, reported: asyncio.Event
    ) -> tuple[bool | None, str | None]:
        if wanted.expected is None or not record.readings:
            return None, None
        seconds = self._patience(record) + wanted.extra_seconds
        wait = _Wait(wanted, record, heard, reported)
        already = wanted.expected(before)
        graced = already and heard > 0 and not record.kind.guards
        if graced and (await wait.until(min(GRACE_SECONDS, seconds)) or wanted.expected(record.state())):
            return True, None
        for step in self._steps(wanted, record.question, seconds):
            if await wait.until(step.at):
                return True, None
            if wait.under_way and wanted.may_take_long:
                return True, None
            await self._try_again(step.messages if not wait.under_way else ())
        if await wait.until(seconds) or (wait.under_way and wanted.may_take_long):
            return True, None
        return False, _why(wanted, record, wait, seconds) + (
            _last_said(record) if already and not wait.answered else ""
        )

    def _patience(self, record: Record) -> float:
        """Seconds that a device of this kind may take to report."""
        settings, entity = self._settings, record.entity
        usual = settings.slow_timeout_seconds if record.kind.moves else settings.timeout_seconds
        by_kind = settings.kinds
        return by_kind.get(f"{entity.domain}:{entity.device_class}", by_kind.get(entity.domain, usual))

    def _steps(self, wanted: Order, question: Message | None, seconds: float) -> list[_Step]:
        """Ask after a moment; half-way through the usual time send once more what may be sent twice."""
        usual = min(self._settings.timeout_seconds, seconds)
        moving = [_Step(MOVING_SECONDS, ())] if wanted.may_take_long else []
        ask = (question,) if question else ()
        again = wanted.messages if wanted.repeatable else ()
        return [*moving, _Step(min(ASK_SECONDS, usual / 4), ask), _Step(usual / 2, again + ask), _Step(usual, ())]

    async def _try_again(self, messages: tuple[Message, ...]) -> None:
        try:
            await self._send(messages)
        except (HouseUnreachable, NotPossible) as problem:
            log.warning("%s", problem.reason)


class _Wait:
    """For one order's effect, from the moment it was sent."""

    def __init__(self, wanted: Order, record: Record, heard: int, reported: asyncio.Event) -> None:
        self.began = asyncio.get_running_loop().time()
        self.wanted = wanted
        self.record = record
        self.heard = heard
        self.reported = reported

    @property
    def answered(self) -> bool:
        return self.record.answers > self.heard

    @property
    def under_way(self) -> bool:
        return self.answered and self.record.state().value in self.wanted.progress

    def done(self) -> bool:
        return self.answered and self.wanted.expected is not None and self.wanted.expected(self.record.state())

    async def until(self, seconds: float) -> bool:
        """Whether it was done by so many seconds after it was sent."""
        try:
            async with asyncio.timeout_at(self.began + seconds):
                while not self.done():
                    self.reported.clear()
                    await self.reported.wait()
        except TimeoutError:
            return False
        return True


def _why(wanted: Order, record: Record, wait: _Wait, seconds: float) -> str:
    said = record.state()
    if not said.available:
        return f"{record.entity.id} went away"
    if not wait.answered:
        return f"{record.entity.id} has not answered within {seconds:g} s"
    if said.value in wanted.progress:
        return f"{record.entity.id} is still {said.value} after {seconds:g} s"
    return f"{record.entity.id} answered otherwise: {said.value}"


def _last_said(record: Record) -> str:
    """It was so already, as far as anyone knows."""
    return f"; it last said {record.state().value}"


def _discreet(outcome: Outcome) -> Outcome:
    """The record is kept and shown: what opens the house is not part of it."""
    code = outcome.action.arguments.get("code")
    if code is None:
        return outcome
    action = replace(outcome.action, arguments={**outcome.action.arguments, "code": HIDDEN})
    sent = tuple(replace(message, payload=message.payload.replace(str(code), HIDDEN)) for message in outcome.messages)
    return replace(outcome, action=action, verdict=replace(outcome.verdict, action=action), messages=sent)
