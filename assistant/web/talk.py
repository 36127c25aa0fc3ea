"""Talking through a browser: its microphone comes in over a WebSocket, the reply goes back as sound."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, WebSocket
from starlette.websockets import WebSocketDisconnect

from assistant.audio.files import CHUNK_BYTES
from assistant.audio.loudspeaker import Loudspeaker
from assistant.events import Ended, Event, Heard, Saying, Started
from assistant.models import SAMPLE_RATE, AudioChunk
from assistant.printable import printable
from assistant.record import summary
from assistant.web.guard import Visitor
from assistant.web.parts import Parts

log = logging.getLogger(__name__)

LARGEST_FRAME = 64 * 1024
"""Bytes, two seconds of sound."""

BYTES_A_SECOND = SAMPLE_RATE * 2

MOST_AHEAD_SECONDS = 20.0
"""So much more sound than time has passed is no microphone any more."""

AHEAD_SECONDS = 0.3
"""Of the reply is sent before it is its turn: what the network may be late."""

MOST_UNSENT = 400
"""Pieces for a browser that does not take them."""

MOST_TEXTS_A_SECOND = 20

KEPT_BYTES = 30 * BYTES_A_SECOND
"""Of what has come and was not listened to yet."""

MOST_TALKING = 16
"""Browsers at once."""

Mode = Literal["push", "hands_free"]
Button = Callable[[], Awaitable[None]]


class Misbehaved(Exception):
    """What came is no microphone's; the connection is closed with this reason."""

    def __init__(self, reason: str, code: int = 1008) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Incoming:
    """interfaces.AudioSource: sound as it comes, in chunks of 512 samples, with what the button does in its order."""

    live = True

    def __init__(self) -> None:
        self._parts: deque[bytes | Button] = deque()
        self._size = 0
        self._more = asyncio.Event()

    def put(self, pcm: bytes) -> None:
        self._parts.append(pcm)
        self._size += len(pcm)
        if self._size > KEPT_BYTES:
            raise Misbehaved("sound comes faster than it is heard")
        self._more.set()

    def button(self, button: Button) -> None:
        self._parts.append(button)
        self._more.set()

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Until it is closed; what is left over when the button is let go is filled up with silence."""
        rest = bytearray()
        while True:
            while self._parts:
                part = self._parts.popleft()
                if isinstance(part, bytes):
                    self._size -= len(part)
                    rest += part
                else:
                    if rest:
                        yield AudioChunk(bytes(rest).ljust(CHUNK_BYTES, b"\0"))
                        rest.clear()
                    await part()
                while len(rest) >= CHUNK_BYTES:
                    yield AudioChunk(bytes(rest[:CHUNK_BYTES]))
                    del rest[:CHUNK_BYTES]
            self._more.clear()
            await self._more.wait()


class Outgoing:
    """interfaces.Speaker: sends the sound a little ahead of what the browser plays, in one line with all else."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._to_send: asyncio.Queue[str | bytes] = asyncio.Queue(MOST_UNSENT)
        self.spoke = False
        """Something was played in this turn."""

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        rate, seconds, began = 0, 0.0, self._clock()
        try:
            async for chunk in chunks:
                if chunk.rate != rate:
                    rate, self.spoke = chunk.rate, True
                    await self._to_send.put(json.dumps({"audio": {"rate": rate}}))
                await self._to_send.put(chunk.pcm)
                seconds += chunk.seconds
                await asyncio.sleep(max(0.0, seconds - (self._clock() - began) - AHEAD_SECONDS))
            await asyncio.sleep(max(0.0, seconds - (self._clock() - began)))
        finally:
            if rate:
                self.tell({"audio": None})

    def tell(self, message: dict[str, Any]) -> None:
        """Not at all to a browser that has long ceased to listen."""
        with suppress(asyncio.QueueFull):
            self._to_send.put_nowait(json.dumps(message, ensure_ascii=False))

    async def send_on(self, socket: WebSocket) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # it left
            while True:
                part = await self._to_send.get()
                await (socket.send_text(part) if isinstance(part, str) else socket.send_bytes(part))


class Pace:
    """Sound may not come much faster than it was spoken."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._bytes = 0
        self._texts = 0

    def sound(self, size: int) -> None:
        """Raises Misbehaved."""
        if size > LARGEST_FRAME:
            raise Misbehaved(f"a frame holds at most {LARGEST_FRAME // 1024} kB", 1009)
        if size % 2:
            raise Misbehaved("16-bit samples have an even number of bytes", 1003)
        self._bytes += size
        if self._bytes / BYTES_A_SECOND - (self._clock() - self._began) > MOST_AHEAD_SECONDS:
            raise Misbehaved("sound comes faster than it can be spoken")

    def text(self) -> None:
        """Raises Misbehaved."""
        self._texts += 1
        if self._texts > MOST_TEXTS_A_SECOND * (1 + self._clock() - self._began):
            raise Misbehaved("too many messages")


class Talk:
    """One browser's microphone."""

    def __init__(self, parts: Parts, socket: WebSocket, visitor: Visitor, room: str | None, mode: Mode) -> None:
        self._events = parts.events
        self._pipeline = parts.pipeline
        self._socket = socket
        self._session = visitor.session
        self._held = mode == "hands_free"
        """Whether the button is held down; hands-free has none."""
        self._incoming, self._outgoing = Incoming(), Outgoing()
        self._place = parts.place(
            self._session, self._incoming, Loudspeaker(self._outgoing), wake_word=mode == "hands_free", kind="browser",
            room=room, muted=(lambda: parts.controls.muted) if mode == "hands_free" else lambda: False,
        )  # fmt: skip

    async def serve(self) -> None:
        """Until the browser leaves or misbehaves; what is under way then is interrupted and journalled."""
        unsubscribe = self._events.subscribe(self._watch)
        answering = asyncio.create_task(self._pipeline.serve(self._place), name="answer a browser")
        sending = asyncio.create_task(self._outgoing.send_on(self._socket), name="send to a talking browser")
        try:
            await self._take()
        except Misbehaved as problem:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(problem.code, problem.reason)
        finally:
            for task in (answering, sending):
                task.cancel()
            await asyncio.wait([answering, sending])
            unsubscribe()
        if not answering.cancelled() and (error := answering.exception()):
            raise error

    async def _take(self) -> None:
        """Raises Misbehaved."""
        pace = Pace()
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (pcm := message.get("bytes")) is not None:
                pace.sound(len(pcm))
                if not self._held:
                    self._held = True
                    self._incoming.button(self._press)
                self._incoming.put(pcm)
            else:
                pace.text()
                _expect_end(message.get("text") or "")
                self._held = False
                self._incoming.button(self._place.release)

    async def _press(self) -> None:
        self._place.press()

    def _watch(self, event: Event) -> None:
        if not isinstance(event, Started | Heard | Saying | Ended) or event.turn.request.session != self._session:
            return
        match event:
            case Started():
                self._outgoing.spoke = False
                self._outgoing.tell({"state": "listening"})
            case Heard():
                self._outgoing.tell({"state": "thinking"})
            case Saying():
                self._outgoing.tell({"state": "speaking"})
            case Ended(turn):
                self._outgoing.tell({"turn": summary(turn)})
                if not self._outgoing.spoke:
                    self._outgoing.tell({"audio": None})  # so that nobody waits for a voice
                self._outgoing.tell({"state": "idle"})


def routes(parts: Parts) -> APIRouter:
    router, talking = APIRouter(tags=["talk"]), set[Talk]()

    @router.websocket("/api/talk")
    async def talk(
        socket: WebSocket,
        room: Annotated[str | None, Query(max_length=100)] = None,
        mode: Mode = "push",
        rate: int = SAMPLE_RATE,
    ) -> None:
        await socket.accept()
        problem = _problem(parts, len(talking), rate)
        if problem is not None:
            return await socket.close(1008, problem)
        one = Talk(parts, socket, socket.state.visitor, printable(room) if room else None, mode)
        talking.add(one)
        try:
            await one.serve()
        finally:
            talking.discard(one)

    return router


def _problem(parts: Parts, talking: int, rate: int) -> str | None:
    if rate != SAMPLE_RATE:
        return f"sound comes at {SAMPLE_RATE} Hz, mono, 16 bits"
    if parts.pipeline.ears is None:
        return "the ears were not loaded"
    return "too many browsers talk at once" if talking >= MOST_TALKING else None


def _expect_end(text: str) -> None:
    """Raises Misbehaved."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.keys() != {"end"} or told["end"] is not True:
        raise Misbehaved('the only text is {"end": true}', 1003)
