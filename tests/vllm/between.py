"""A wire between our client and a real server: it counts what is asked, and may let it write less than asked."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import httpx

from tests.llm.scripted_server import Wire, read_request


class Between:
    """Async context manager. Each completion takes the next number of tokens; None, or no number left: as asked."""

    def __init__(self, server: str, *tokens: int | None) -> None:
        self._server = server.removesuffix("/v1")
        self._tokens = list(tokens)
        self.completions: list[Wire] = []
        """As they were asked for."""
        self.url = ""

    async def __aenter__(self) -> Between:
        self._http = httpx.AsyncClient(timeout=120, trust_env=False)
        self._listening = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._listening.close()
        await self._http.aclose()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            wire = await read_request(reader)
            method, body = ("POST", self._fewer(wire)) if wire.body else ("GET", None)
            async with self._http.stream(method, f"{self._server}{wire.path}", json=body) as answer:
                writer.write(f"HTTP/1.1 {answer.status_code} X\r\nConnection: close\r\n\r\n".encode())
                async for piece in answer.aiter_bytes():
                    writer.write(piece)
                    await writer.drain()
        writer.close()

    def _fewer(self, wire: Wire) -> dict[str, object]:
        self.completions.append(wire)
        tokens = self._tokens.pop(0) if self._tokens else None
        return wire.body if tokens is None else wire.body | {"max_tokens": tokens}
