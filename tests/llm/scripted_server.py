"""A completion server that answers from a script over real sockets, in all the ways that servers fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

HANG_UP = "<hang up>"
SILENCE = "<silence>"
STATUS = "<status>"


@dataclass
class Wire:
    """What a request asked, and whether its client left before the answer's end."""

    path: str
    body: dict[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    left: asyncio.Event = field(default_factory=asyncio.Event)


class ScriptedServer:
    """Async context manager. Each completion takes the next answer: pieces, HANG_UP, SILENCE, or (STATUS, code)."""

    def __init__(self, *answers: Sequence[str | tuple[str, int] | bytes], owner: str = "vllm") -> None:
        self._answers = list(answers)
        self._owner = owner
        self.requests: list[Wire] = []
        self.url = ""
        self.healthy = True
        self.fault = "it is broken"
        self.slots = 501
        """How it answers when it is to keep or to recall a prompt."""

    async def __aenter__(self) -> ScriptedServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()

    @property
    def completions(self) -> list[Wire]:
        return [wire for wire in self.requests if wire.path == "/v1/completions"]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            wire = await read_request(reader)
            self.requests.append(wire)
            match wire.path:
                case "/health":
                    _head(writer, 200 if self.healthy else 503)
                case "/v1/models":
                    _head(writer, 200, json.dumps({"data": [{"id": "tiny", "owned_by": self._owner}]}))
                case path if path.startswith("/slots/"):
                    _head(writer, self.slots)
                case _:
                    await self._complete(wire, reader, writer)
            await writer.drain()
        writer.close()

    async def _complete(self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = self._answers.pop(0)
        if answer and isinstance(answer[0], tuple):
            return _head(writer, answer[0][1], json.dumps({"error": {"message": self.fault}}))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        for piece in answer:
            if piece == HANG_UP:
                return None
            if piece == SILENCE:
                if await reader.read(1) == b"":
                    wire.left.set()
                return None
            writer.write(piece if isinstance(piece, bytes) else event(str(piece)))
            await writer.drain()
        writer.write(event("", "stop") + b"data: [DONE]\n\n")
        return None


async def read_request(reader: asyncio.StreamReader) -> Wire:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Wire(head[0].split()[1], json.loads(body) if body else {}, headers)


def event(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "text": text, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


def _head(writer: asyncio.StreamWriter, status: int, body: str = "{}") -> None:
    writer.write(
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n{body}".encode()
    )
