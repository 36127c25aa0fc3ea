"""What happens, told to every open console as it happens; a slow one loses what matters least, and holds up nobody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from assistant.events import Activity, Ended, Event, Heard, Started, Thought
from assistant.models import State, Turn
from assistant.record import summary
from assistant.web.guard import Visitor
from assistant.web.parts import Parts
from assistant.web.shown import shown

log = logging.getLogger(__name__)

MOST_WAITING = 400
"""Messages for one console; beyond that pieces are left out, and one that still falls behind is closed."""

DISPENSABLE = frozenset({"level", "thought", "hearing", "house"})
"""What a later message of the same kind makes up for, or the turn's end."""

UNHURRIED = frozenset({"level", "house"})
"""What is told with the rest, or when it has waited long enough."""

UNHURRIED_SECONDS, A_CONSOLE_SECONDS = 0.1, 0.005
"""So long it waits, or for each open console so long: fifty of them cost no more than twenty."""

GATHER_SECONDS = 0.03

PATIENCE_SECONDS = 0.07
"""With a turn that has just begun, before it is told of; one of the reflex is over by then."""

MOST_CONSOLES = 200

MOST_FRAMES = 60
"""From a page, which has nothing to say here, while it is open."""

LOOK_SECONDS = 1.0

Told = Mapping[str, Any]


class Batch:
    """What is told at once, in one frame; made into JSON once, however many consoles are open."""

    def __init__(self, messages: Sequence[Told]) -> None:
        self.messages = messages

    @cached_property
    def frame(self) -> str:
        return json.dumps(self.messages, ensure_ascii=False)

    @cached_property
    def essential(self) -> Batch:
        """Without what can be done without."""
        return Batch([each for each in self.messages if each["event"] not in DISPENSABLE])

    def after(self, number: int) -> Batch:
        return Batch(self.messages[number:]) if number else self


class Console:
    """One open page."""

    def __init__(self, session: str, missed: int = 0) -> None:
        self.session = session
        self.overrun = False
        self._missed = missed
        """Messages of the batch being gathered that are older than the page."""
        self._waiting: deque[Batch] = deque()
        self._more = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many messages."""
        return sum(len(batch.messages) for batch in self._waiting)

    def tell(self, batch: Batch) -> None:
        self._waiting.append(batch.after(self._missed))
        self._missed = 0
        if self.waiting > MOST_WAITING:
            self._waiting = deque(batch.essential for batch in self._waiting)
            self.overrun = self.overrun or self.waiting > MOST_WAITING
        self._more.set()

    def hang_up(self) -> None:
        self.overrun = True
        self._more.set()

    async def frames(self) -> AsyncIterator[str]:
        """As they come, until it is hung up on."""
        while not self.overrun:
            if self._waiting:
                batch = self._waiting.popleft()
                if batch.messages:
                    yield batch.frame
            else:
                self._more.clear()
                await self._more.wait()


class Live:
    """Subscribes once. What happens is gathered for a moment and put into JSON once, and not while no page is open."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._consoles: set[Console] = set()
        self._activity = Activity()
        self._last: Turn | None = None
        self._gathered: list[Told] = []
        self._reported: set[str] = set()
        """Entities that said something since pages were told."""
        self._something, self._urgent = asyncio.Event(), asyncio.Event()
        self._calm = asyncio.Event()
        """Set while no turn has just begun."""
        self._calm.set()
        self._revision = parts.household.revision
        self._end_levels: Callable[[], None] | None = None
        parts.events.subscribe(self.watch)
        parts.home.observe(self._note)

    @property
    def open(self) -> int:
        return len(self._consoles)

    def now(self) -> dict[str, Any]:
        return {"state": self._activity.now, "turn": summary(self._last) if self._last else None}

    # ── what is told ──

    def watch(self, event: Event) -> None:
        if self._consoles and (told := shown(event)) is not None:
            self.tell(told)
        self._follow(event)

    def tell(self, told: Told) -> None:
        kind = told["event"]
        if not self._consoles or (kind in DISPENSABLE and len(self._gathered) >= MOST_WAITING):
            return
        self._gathered.append(told)
        self._something.set()
        if kind not in UNHURRIED:
            self._urgent.set()

    def part_with(self, session: str) -> None:
        """Whoever logged out sees nothing any more."""
        for console in self._consoles:
            if console.session == session:
                console.hang_up()

    def _follow(self, event: Event) -> None:
        match event:
            case Started(turn):
                self._last = turn
                self._make_way()
            case Heard():
                self._make_way()
            case Thought() | Ended():
                self._calm.set()
        before = self._activity.now
        if self._activity.watch(event) and (now := self._activity.now) != before:
            self.tell({"event": "state", "turn": None, "state": now})

    def _make_way(self) -> None:
        """A turn of the reflex is over in less: telling of it must not make it longer."""
        self._calm.clear()
        asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._calm.set)

    # ── the house ──

    def _note(self, before: State, after: State) -> None:
        """Told at every report of every device, so it only takes note."""
        if self._consoles:
            self._reported.add(after.entity_id)
            self._something.set()

    def house_changed(self) -> None:
        """Names, rooms or devices are otherwise."""
        self._something.set()

    async def keep_told(self) -> None:
        """Tell open pages of devices that joined, left or were renamed elsewhere."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._revision != self._parts.household.revision:
                self._something.set()

    def _of_the_house(self) -> list[Told]:
        house = self._parts.household
        renamed, self._revision = self._revision != house.revision, house.revision
        reported, self._reported = self._reported, set()
        if not renamed and not reported:
            return []
        states = [house.state(each) for each in sorted(reported)]
        return [{
            "event": "house", "turn": None, "renamed": renamed,
            "devices": [{"entity": state.entity_id, "state": state.value, "attributes": dict(state.attributes),
                         "available": state.available} for state in states],
        }]  # fmt: skip

    # ── telling ──

    async def keep_telling(self) -> None:
        """One console after the other, so that a turn never waits for all of them."""
        while True:
            batch = await self._batch()
            for console in [*self._consoles]:
                await self._lull()
                console.tell(batch)

    async def _batch(self) -> Batch:
        await self._something.wait()
        with suppress(TimeoutError):
            wait = max(UNHURRIED_SECONDS, A_CONSOLE_SECONDS * self.open)
            async with asyncio.timeout(wait):
                await self._urgent.wait()
            await asyncio.sleep(GATHER_SECONDS)
        await self._lull()
        self._something.clear()
        self._urgent.clear()
        gathered, self._gathered = self._gathered, []
        return Batch(gathered + self._of_the_house())

    async def _lull(self) -> None:
        """A turn that has just begun goes first."""
        await asyncio.sleep(0)
        await self._calm.wait()

    # ── one console ──

    async def serve(self, socket: WebSocket, visitor: Visitor) -> None:
        if len(self._consoles) >= MOST_CONSOLES:
            return await socket.close(1013, "too many consoles are open")
        await socket.accept()
        console = Console(visitor.session, len(self._gathered))
        self._consoles.add(console)
        if self._end_levels is None:
            self._end_levels = self._parts.events.subscribe_to_levels(self.watch)
        telling = asyncio.create_task(self._tell_on(socket, console), name="tell a console")
        try:
            await _until_it_leaves(socket)
        finally:
            self._consoles.discard(console)
            if not self._consoles and self._end_levels is not None:
                self._end_levels()
                self._end_levels = None
            telling.cancel()
            await asyncio.wait([telling])

    async def _tell_on(self, socket: WebSocket, console: Console) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # it left while it was told something
            await socket.send_text(Batch([{"event": "state", "turn": None, "state": self._activity.now}]).frame)
            async for frame in console.frames():
                await socket.send_text(frame)
            await socket.close(1013, "it was too slow, or was logged out")


async def _until_it_leaves(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        for _ in range(MOST_FRAMES):
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
        if socket.application_state is WebSocketState.CONNECTED:
            await socket.close(1008, "nothing is taken here")


def routes(live: Live) -> APIRouter:
    router = APIRouter(tags=["now"])

    @router.websocket("/api/events")
    async def events(socket: WebSocket) -> None:
        await live.serve(socket, socket.state.visitor)

    return router
