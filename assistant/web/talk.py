"""Talking through a browser: its microphone comes in over a WebSocket, the reply goes back as sound."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, WebSocket
from starlette.websockets import WebSocketDisconnect

from assistant.audio.files import CHUNK_BYTES
from assistant.audio.wake_word import MicroWakeWord
from assistant.events import Ended, Event, Heard, Saying, Started
from assistant.models import SAMPLE_RATE, AudioChunk, Request
from assistant.printable import printable
from assistant.record import summary
from assistant.satellites.local import Local
from assistant.web.guard import Visitor
from assistant.web.parts import Parts

log = logging.getLogger(__name__)

LARGEST_FRAME = 64 * 1024
"""Bytes, two seconds of sound."""

BYTES_A_SECOND = SAMPLE_RATE * 2

MOST_AHEAD_SECONDS = 20.0
"""So much more sound than time has passed is no microphone any more."""

MOST_TEXTS_A_SECOND = 20

KEPT_BYTES = 4 * BYTES_A_SECOND
"""Of what comes while nobody listens, because the reply is being spoken; the oldest goes first."""

MOST_TALKING = 16
"""Browsers at once."""

Mode = Literal["push", "hands_free"]
Send = Callable[[dict[str, Any] | bytes], AsyncIterator[None]]


class Misbehaved(Exception):
    """What came is no microphone's; the connection is closed with this reason."""

    def __init__(self, reason: str, code: int = 1008) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Incoming:
    """interfaces.AudioSource: sound as it comes, in chunks of 512 samples, until the speaker ends it."""

    def __init__(self) -> None:
        self._pcm: deque[bytes] = deque()
        self._size = 0
        self._more = asyncio.Event()
        self.ended = False

    def put(self, pcm: bytes) -> None:
        self._pcm.append(pcm)
        self._size += len(pcm)
        while self._size > KEPT_BYTES:
            self._size -= len(self._pcm.popleft())
        self._more.set()

    def end(self) -> None:
        self.ended = True
        self._more.set()

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        rest = bytearray()
        while True:
            while self._pcm:
                piece = self._pcm.popleft()
                self._size -= len(piece)
                rest += piece
                while len(rest) >= CHUNK_BYTES:
                    yield AudioChunk(bytes(rest[:CHUNK_BYTES]))
                    del rest[:CHUNK_BYTES]
            if self.ended:
                break
            self._more.clear()
            await self._more.wait()
        if rest:
            yield AudioChunk(bytes(rest).ljust(CHUNK_BYTES, b"\0"))


class Reply:
    """interfaces.Speaker: sends the sound and returns when the browser has played it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        rate, seconds, began = 0, 0.0, time.monotonic()
        try:
            async for chunk in chunks:
                if chunk.rate != rate:
                    rate = chunk.rate
                    await self._socket.send_text(json.dumps({"audio": {"rate": rate}}))
                await self._socket.send_bytes(chunk.pcm)
                seconds += chunk.seconds
            await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
        finally:
            if rate:
                with suppress(WebSocketDisconnect, RuntimeError):
                    await self._socket.send_text(json.dumps({"audio": None}))


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
        self._parts = parts
        self._socket = socket
        self._session = visitor.session
        self._room = room
        self._mode = mode
        self._sound = Incoming()
        self._begun = asyncio.Event()
        """Sound has come that belongs to a request."""
        self._speaker = Reply(socket)
        self._to_tell: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def serve(self) -> None:
        """Until the browser leaves or misbehaves; what is under way then is interrupted and journalled."""
        unsubscribe = self._parts.events.subscribe(self._watch)
        answering = asyncio.create_task(self._answer(), name="answer a browser")
        telling = asyncio.create_task(self._tell(), name="tell a talking browser")
        try:
            await self._take()
        except Misbehaved as problem:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(problem.code, problem.reason)
        finally:
            unsubscribe()
            for task in (answering, telling):
                task.cancel()
            await asyncio.wait([answering, telling])
        if not answering.cancelled() and (error := answering.exception()):
            raise error

    # ── what comes ──

    async def _take(self) -> None:
        """Raises Misbehaved."""
        pace = Pace()
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (pcm := message.get("bytes")) is not None:
                pace.sound(len(pcm))
                self._sound.put(pcm)
                self._begun.set()
            else:
                pace.text()
                _expect_end(message.get("text") or "")
                self._sound.end()

    # ── what is answered ──

    async def _answer(self) -> None:
        if self._mode == "hands_free":
            controls = self._parts.controls
            wake_word = MicroWakeWord(self._parts.config.wake_word)
            place = Local(self._session, self._sound, wake_word, self._speaker, self._room, lambda: controls.muted)
            return await self._parts.pipeline.serve(place)
        while True:
            await self._begun.wait()
            request = Request(room=self._room, session=self._session, source="console", speak=True)
            await self._parts.pipeline.run(request, self._sound.chunks(), self._speaker)
            self._sound, self._begun = Incoming(), asyncio.Event()

    # ── what is told ──

    def _watch(self, event: Event) -> None:
        if not isinstance(event, Started | Heard | Saying | Ended) or event.turn.request.session != self._session:
            return
        match event:
            case Started():
                self._to_tell.put_nowait({"state": "listening"})
            case Heard():
                self._to_tell.put_nowait({"state": "thinking"})
            case Saying():
                self._to_tell.put_nowait({"state": "speaking"})
            case Ended(turn):
                self._to_tell.put_nowait({"turn": summary(turn)})
                self._to_tell.put_nowait({"state": "idle"})

    async def _tell(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await self._socket.send_text(json.dumps(await self._to_tell.get(), ensure_ascii=False))


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
    if told != {"end": True}:
        raise Misbehaved('the only text is {"end": true}', 1003)
