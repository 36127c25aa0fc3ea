"""What Home Assistant reaches without MQTT, through the package in integrations/home_assistant: one more source of
devices. It lists them, tells every change, and does what it is asked for by `<topic>/ha/call`."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from time import perf_counter
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.config import ConfirmSettings, HomeAssistantSettings
from assistant.errors import NotFound, NotPossible
from assistant.home.cleaning import whole_json
from assistant.home.services import SLOW, Service, described, reported, service
from assistant.home.snapshot import LARGEST_PART, Listed, Parts, Reported, Snapshot, updated
from assistant.home.todo import GET_ITEMS, OPEN, TodoItems
from assistant.models import Allowed, Entity, Message, Outcome, State

log = logging.getLogger(__name__)

Publish = Callable[[Message], Awaitable[None]]


class _Result(BaseModel):
    """What became of a call, from `<topic>/ha/result`."""

    id: str
    ok: bool
    problem: str = ""
    states: list[Any] = []
    answer: dict[str, Any] = {}


class _Call:
    """One that was sent and is waited for."""

    def __init__(self, call_id: str, entity_id: str) -> None:
        self.id = call_id
        self.entity_id = entity_id
        self.result: _Result | None = None
        self.reports = 0
        """States of the entity since it was sent."""
        self.news = asyncio.Event()


class Bridge:
    """Knows nothing of the network but what to publish; without the package in Home Assistant it stays empty."""

    def __init__(
        self, settings: HomeAssistantSettings, discovery_prefix: str, publish: Publish, confirm: ConfirmSettings
    ) -> None:
        self.revision = 0
        """Grows when entities come, go or change their names."""
        self.snapshot = Snapshot()
        self._settings = settings
        self._publish = publish
        self._confirm = confirm
        self._prefix = f"{settings.topic}/ha"
        self._birth = f"{discovery_prefix}/status"
        self._parts = Parts()
        self._there = True
        self._listed: dict[str, Listed] = {}
        """By Home Assistant's id."""
        self._shown: dict[str, str] = {}
        """Home Assistant's id by ours; they differ where an announced device has the same id."""
        self._ours: dict[str, str] = {}
        """The other way round."""
        self.observers: list[Callable[[State, State], None]] = []
        """Told what each report made of a state: before and after."""
        self._entities: dict[str, Entity] = {}
        self._calls: dict[str, _Call] = {}
        self._items = TodoItems()

    @property
    def topics(self) -> tuple[str, ...]:
        if not self._settings.bridge:
            return ()
        return (*(f"{self._prefix}/{kind}" for kind in ("list/+", "state/+", "result")), self._birth)

    def greeting(self) -> list[Message]:
        """Sent at every connection: what the broker kept of the list may be days old."""
        return [Message(f"{self._prefix}/ask", "", qos=0)] if self._settings.bridge else []

    # ── what is asked ──

    def show(self, twins: Collection[str], announced: Collection[str]) -> list[tuple[Entity, str | None]]:
        """Everything listed but our own device and the twins of announced ones; ids of announced ones are taken."""
        own = f"mqtt:{self._settings.id}".casefold()
        self._shown = {
            listed.id if listed.id not in announced else f"{listed.id}_of_home_assistant": listed.id
            for listed in self._listed.values()
            if listed.id not in twins and own not in listed.device_ids
        }
        self._ours = {theirs: ours for ours, theirs in self._shown.items()}
        self._entities = {ours: described(self._listed[theirs], ours) for ours, theirs in self._shown.items()}
        return [(entity, self._listed[self._shown[ours]].device) for ours, entity in self._entities.items()]

    def listed(self, entity_id: str) -> Listed | None:
        return self._listed.get(self._shown.get(entity_id, ""))

    def state(self, entity_id: str) -> State | None:
        listed = self.listed(entity_id)
        if listed is None:
            return None
        if not self._there:
            return State(entity_id, available=False, at=listed.at)
        state = reported(listed, entity_id)
        return replace(state, attributes={**state.attributes, **self._items.of(listed.id)})

    # ── what is done ──

    async def perform(self, allowed: Allowed) -> Outcome:
        """Ask Home Assistant for it, wait for its word and for the state, tell.

        Raises NotFound, NotPossible when Home Assistant refuses, and HouseUnreachable when the broker is away.
        """
        action = allowed.action
        before, listed = self.state(action.entity_id), self.listed(action.entity_id)
        if before is None or listed is None:
            raise NotFound(f"no device has the id {action.entity_id}", kind="device", name=action.entity_id)
        if not before.available:
            return Outcome(action, allowed, state=before, problem=f"{action.entity_id} is not available")
        thing = self._entities[action.entity_id]
        wanted = service(action, thing, before)
        with self._calling(listed.id) as call:
            message = self._message(call, wanted.name, wanted.data)
            began = perf_counter()
            await self._publish(message)
            sent = perf_counter()
            confirmed, problem = await self._confirmed(call, wanted, thing)
        return Outcome(
            action, allowed, (message,), confirmed, self.state(action.entity_id), problem,
            act_ms=(sent - began) * 1000, confirm_ms=(perf_counter() - sent) * 1000,
        )  # fmt: skip

    async def read_lists(self) -> None:
        """Ask what stands on the lists that have reported since they were read. Raises HouseUnreachable."""
        for listed in self._items.unread(self._listed.values()):
            with self._calling(listed.id) as call:
                await self._publish(self._message(call, GET_ITEMS, OPEN, answer=True))
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._confirm.timeout_seconds):
                        while call.result is None:
                            call.news.clear()
                            await call.news.wait()
            if call.result is not None and not call.result.ok:
                log.info("Home Assistant does not tell what is on %s: %s", listed.id, call.result.problem)
            self._items.note(listed, call.result.answer if call.result else None)

    def _message(self, call: _Call, name: str, data: Mapping[str, Any], answer: bool = False) -> Message:
        said: dict[str, Any] = {"id": call.id, "service": name, "target": [call.entity_id], "data": dict(data)}
        said |= {"answer": True} if answer else {}
        return Message(f"{self._prefix}/call", json.dumps(said, ensure_ascii=False))

    @contextmanager
    def _calling(self, listed_id: str) -> Iterator[_Call]:
        call = _Call(uuid.uuid4().hex, listed_id)
        self._calls[call.id] = call
        try:
            yield call
        finally:
            del self._calls[call.id]

    async def _confirmed(self, call: _Call, wanted: Service, thing: Entity) -> tuple[bool, str | None]:
        seconds = self._confirm.slow_timeout_seconds if thing.domain in SLOW else self._confirm.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                while not self._done(call, wanted, thing):
                    call.news.clear()
                    await call.news.wait()
        except TimeoutError:
            return False, self._why(call, wanted, thing, seconds)
        return True, None

    def _done(self, call: _Call, wanted: Service, thing: Entity) -> bool:
        if call.result is not None and not call.result.ok:
            raise NotPossible(f"Home Assistant refused {thing.id}: {call.result.problem}", name=thing.name, what="")
        if wanted.expected is None:
            return call.result is not None
        if call.result is None and not call.reports:
            return False
        now = self.state(thing.id) or State(thing.id)
        return wanted.expected(now) or (wanted.may_take_long and now.value in wanted.progress)

    def _why(self, call: _Call, wanted: Service, thing: Entity, seconds: float) -> str:
        said = (self.state(thing.id) or State(thing.id)).value
        if call.result is None and not call.reports:
            return f"Home Assistant has not answered for {thing.id} within {seconds:g} s"
        if said in wanted.progress:
            return f"{thing.id} is still {said} after {seconds:g} s"
        return f"{thing.id} answered otherwise: {said}"

    # ── what comes in ──

    def receive(self, topic: str, data: bytes, *, retained: bool) -> bool:
        """Returns whether there is anything that was not known before. Never raises."""
        if topic == self._birth and self._settings.bridge:
            return self._note_birth(data)
        if not self._settings.bridge or not topic.startswith(f"{self._prefix}/"):
            return False
        kind = topic[len(self._prefix) + 1 :].partition("/")[0]
        try:
            if kind == "list":
                return self._note_list(data)
            if kind == "state" and not retained:
                self._note_state(_read(data))
            elif kind == "result" and not retained:
                self._note_result(_Result.model_validate(_read(data)))
        except ValueError as problem:  # pydantic's is one
            log.warning("%s: %s", topic, str(problem).splitlines()[0])
        return False

    def _note_birth(self, data: bytes) -> bool:
        there = data.strip() != b"offline"
        if there != self._there:
            log.info("Home Assistant is %s", "there" if there else "gone")
        self._there = there
        return False

    def _note_list(self, data: bytes) -> bool:
        found = self._parts.add(data)
        if found is None:
            return False
        known = self.snapshot.rooms, self.snapshot.floors, _shapes(self._listed)
        self.snapshot, self._listed = found, {listed.id: listed for listed in found.entities}
        if known == (found.rooms, found.floors, _shapes(self._listed)):
            return False
        self.revision += 1
        log.info("Home Assistant lists %d entities", len(self._listed))
        return True

    def _note_state(self, said: Any) -> None:
        now = Reported.model_validate(said)
        listed = self._listed.get(now.id)
        if listed is None:
            return
        self._there = True
        self._listed[now.id] = updated(listed, now)
        if ours := self._ours.get(now.id):
            for observer in self.observers:
                observer(reported(listed, ours), reported(self._listed[now.id], ours))
        if _shape(listed) != _shape(self._listed[now.id]):
            self.revision += 1  # a lamp that was away says only now what it can do
        for call in self._calls.values():
            if call.entity_id == now.id:
                call.reports += 1
                call.news.set()

    def _note_result(self, result: _Result) -> None:
        call = self._calls.get(result.id)
        if call is None:
            return
        for said in result.states:
            try:
                self._note_state(said)
            except ValidationError as problem:
                log.warning("a state in a result: %s", str(problem).splitlines()[0])
        call.result = result
        call.news.set()


def _read(data: bytes) -> Any:
    """Raises ValueError."""
    if len(data) > LARGEST_PART:
        raise ValueError(f"{len(data)} bytes are more than a state may have")
    try:
        return whole_json(json.loads(data))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _shapes(listed: Mapping[str, Listed]) -> list[object]:
    return [_shape(each) for each in listed.values()]


def _shape(listed: Listed) -> object:
    """All that names and abilities are made of, without the state."""
    return described(listed, listed.id), listed.area, listed.mqtt, listed.device_ids
