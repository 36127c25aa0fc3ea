"""What happens, told to every open console as it happens; a slow one loses what matters least, and holds up nobody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from assistant.events import Activity, Event, Started
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

GATHER_SECONDS = 0.03
"""A turn of the reflex is over in less: telling of it must not make it longer."""

MOST_CONSOLES = 200

MOST_FRAMES = 60
"""From a page, which has nothing to say here, while it is open."""

LOOK_SECONDS = 1.0

HOUSE_SECONDS = 0.25
"""Reports of the house are gathered for so long."""


class Console:
    """One open page."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.lost = 0
        self.overrun = False
        self._waiting: deque[tuple[bool, str]] = deque()
        self._more = asyncio.Event()

    def tell(self, text: str, *, dispensable: bool) -> None:
        if self.overrun:
            return
        if len(self._waiting) >= MOST_WAITING and not self._make_room():
            if dispensable:
                self.lost += 1
                return
            self.overrun = True
        self._waiting.append((dispensable, text))
        self._more.set()

    def hang_up(self) -> None:
        self.overrun = True
        self._more.set()

    async def gathered(self) -> list[str]:
        """Waits for something to tell."""
        await self._more.wait()
        await asyncio.sleep(GATHER_SECONDS)
        texts = [text for _, text in self._waiting]
        self._waiting.clear()
        self._more.clear()
        return texts

    def _make_room(self) -> bool:
        for place, (dispensable, _) in enumerate(self._waiting):
            if dispensable:
                del self._waiting[place]
                self.lost += 1
                return True
        return False


class Live:
    """Subscribes once. Every event is put into JSON once, however many consoles are open, and not when none is."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._consoles: set[Console] = set()
        self._activity = Activity()
        self._last: Turn | None = None
        self._reported: set[str] = set()
        """Entities that said something since pages were told."""
        self._telling: asyncio.TimerHandle | None = None
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

    def tell(self, told: dict[str, Any]) -> None:
        text, dispensable = json.dumps(told, ensure_ascii=False), told["event"] in DISPENSABLE
        for console in self._consoles:
            console.tell(text, dispensable=dispensable)

    def part_with(self, session: str) -> None:
        """Whoever logged out sees nothing any more."""
        for console in self._consoles:
            if console.session == session:
                console.hang_up()

    def _follow(self, event: Event) -> None:
        if isinstance(event, Started):
            self._last = event.turn
        before = self._activity.now
        if self._activity.watch(event) and (now := self._activity.now) != before and self._consoles:
            self.tell({"event": "state", "turn": None, "state": now})

    # ── the house ──

    def _note(self, before: State, after: State) -> None:
        """Told at every report of every device, so it only takes note."""
        if self._consoles:
            self._reported.add(after.entity_id)
            self._tell_soon()

    def house_changed(self) -> None:
        """Names, rooms or devices are otherwise."""
        self._tell_soon()

    async def keep_told(self) -> None:
        """Tell open pages of devices that joined, left or were renamed elsewhere."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._consoles and self._revision != self._parts.household.revision:
                self._tell_soon()

    def _tell_soon(self) -> None:
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(HOUSE_SECONDS, self._tell_of_the_house)

    def _tell_of_the_house(self) -> None:
        self._telling = None
        house = self._parts.household
        renamed, self._revision = self._revision != house.revision, house.revision
        reported, self._reported = self._reported, set()
        states = [house.state(each) for each in sorted(reported)]
        self.tell({
            "event": "house", "turn": None, "renamed": renamed,
            "devices": [{"entity": state.entity_id, "state": state.value, "attributes": dict(state.attributes),
                         "available": state.available} for state in states],
        })  # fmt: skip

    # ── one console ──

    async def serve(self, socket: WebSocket, visitor: Visitor) -> None:
        if len(self._consoles) >= MOST_CONSOLES:
            return await socket.close(1013, "too many consoles are open")
        await socket.accept()
        console = Console(visitor.session)
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
            await socket.send_text(json.dumps({"event": "state", "turn": None, "state": self._activity.now}))
            while not console.overrun:
                for text in await console.gathered():
                    await socket.send_text(text)
                    await asyncio.sleep(0)
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
