"""A brain that thinks as slowly as the test wants: an OpenAI-like server with a fixed train of thought and plan."""

from __future__ import annotations

import asyncio
import json

from tests.llm.scripted_server import ScriptedServer, Wire, event

THOUGHTS = ("It is dark in the living room. ", "The reading lamp is off, ", "so I should turn it on.")

PLAN = json.dumps({
    "actions": [{"intent": "HassTurnOn", "target": "light.reading_lamp", "args": {}}],
    "because": "it is too dark to read", "say": None, "ask": None,
})  # fmt: skip


class Thinker(ScriptedServer):
    """Warming up is answered at once; a train of thought stops in its middle until `go_on` is set."""

    def __init__(self, thoughts: tuple[str, ...] = THOUGHTS, plan: str = PLAN) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self._thoughts = thoughts
        self._plan = plan

    async def _complete(self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        if wire.body.get("max_tokens") == 1:
            pieces: tuple[str, ...] = ("x",)
        elif {"structured_outputs", "json_schema", "response_format"} & wire.body.keys():
            pieces = (self._plan,)
        else:
            pieces = self._thoughts
        for place, piece in enumerate(pieces):
            if place == 1:
                await self.go_on.wait()
            writer.write(event(piece))
            await writer.drain()
        writer.write(event("", "stop") + b"data: [DONE]\n\n")
