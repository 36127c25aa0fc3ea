"""A meter on the wire to the brain: tokens and seconds of every completion, whatever server is behind it."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

_GRAMMARS = (b'"json_schema"', b'"structured_outputs"', b'"response_format"')
"""One of them is in the request of a plan, none in that of thoughts."""


@dataclass(slots=True)
class Metered:
    """One completion. A streamed piece is counted as one token, as the servers send them."""

    plan: bool
    tokens: int = 0
    read: int | None = None
    """Tokens of the prompt that were read anew, where the server tells."""
    seconds: float = 0.0


class Meter:
    """Async context manager: a relay on a port of its own that copies bytes both ways and reads along."""

    def __init__(self, url: str) -> None:
        self._there = urlsplit(url)
        self._server: asyncio.Server | None = None
        self.completions: list[Metered] = []

    async def __aenter__(self) -> Meter:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None, "the meter is open"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._there.path}"

    def take(self) -> list[Metered]:
        """What was counted since the last time."""
        taken, self.completions = self.completions, []
        return taken

    async def _relay(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            secure = ssl.create_default_context() if self._there.scheme == "https" else None
            port = self._there.port or (443 if secure else 80)
            far, forth = await asyncio.open_connection(self._there.hostname, port, ssl=secure)
            reading = _Reading(lambda one: self.completions.append(one))
            copies = [
                asyncio.create_task(_copy(near, forth, reading.request), name="to the brain"),
                asyncio.create_task(_copy(far, back, reading.answer), name="from the brain"),
            ]
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)  # whoever hangs up ends both ways
            for copy in copies:
                copy.cancel()
            reading.end()
            forth.close()
        back.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter, see: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            see(data)
            sink.write(data)
            await sink.drain()


class _Reading:
    """What goes over one connection, request after request."""

    def __init__(self, keep: Callable[[Metered], None]) -> None:
        self._keep = keep
        self._asked = b""
        self._rest = b""
        self._now: Metered | None = None
        self._began = 0.0

    def request(self, data: bytes) -> None:
        head = data.partition(b"\r\n")[0]
        if head.startswith(b"POST ") and head.split()[1].endswith(b"/completions"):
            self.end()
            self._asked, self._rest = b"", b""
            self._now, self._began = Metered(plan=False), time.perf_counter()
        if self._now is not None:
            self._asked += data
            self._now.plan = any(word in self._asked for word in _GRAMMARS)

    def answer(self, data: bytes) -> None:
        if self._now is None:
            return
        self._now.seconds = time.perf_counter() - self._began
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._note(self._now, line.strip())
        if b"data: [DONE]" in data:
            self.end()

    def end(self) -> None:
        """Finished, or broken off."""
        if self._now is not None:
            self._keep(self._now)
            self._now = None

    @staticmethod
    def _note(now: Metered, line: bytes) -> None:
        if not line.startswith(b"data: {"):
            return
        try:
            event = json.loads(line.removeprefix(b"data: "))
        except ValueError:
            return
        now.tokens += any(choice.get("text") for choice in event.get("choices", ()))
        if timings := event.get("timings"):
            now.read, now.tokens = timings.get("prompt_n"), timings.get("predicted_n", now.tokens)
