"""An address may hold a user and a password: they are sent, and never shown."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
from contextlib import suppress
from typing import Self

import pytest

from assistant.errors import BrainUnavailable
from assistant.llm.client import Completion, CompletionClient
from assistant.llm.ebnf import ebnf
from assistant.llm.plan import Schema
from tests.llm.scripted_server import STATUS, ScriptedServer, read_request


async def completed(address: str) -> str:
    async with CompletionClient(address, "tiny") as client:
        return "".join([piece async for piece in client.stream(Completion("hello", 8))])


async def test_user_and_password_are_sent_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ScriptedServer(["Hm."]) as server:
        address = server.url.replace("//", "//me:hunter%402@")
        assert await completed(address) == "Hm."
        async with CompletionClient(address, "tiny") as client:
            assert client.url == server.url
            assert await client.ready()
    sent = base64.b64encode(b"me:hunter@2").decode()
    assert {wire.headers["authorization"] for wire in server.requests} == {f"Basic {sent}"}
    assert "served by" in caplog.text
    assert "hunter" not in caplog.text and "me:" not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "http://me:hunter/2@127.0.0.1:1/v1",
        "http://me:hunter2@127.0.0.1:1/v1",
        "nohttp://me:hunter2@127.0.0.1:1/v1",
        "http://me:hunter2@127.0.0.1:port/v1",
    ],
)
async def test_no_reason_holds_the_password(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(BrainUnavailable) as failure:
        await completed(address)
    async with CompletionClient(address, "tiny") as client:
        assert not await client.ready()
    assert "hunter" not in failure.value.reason
    assert "no brain at" in caplog.text and "hunter" not in caplog.text


async def test_a_server_that_quotes_the_address_is_not_quoted() -> None:
    async with ScriptedServer([(STATUS, 500)]) as server:
        server.fault = "cannot reach http://me:hunter2@inner/v1"
        with pytest.raises(BrainUnavailable, match="answered 500: cannot reach http://…@inner/v1"):
            await completed(server.url)


SCHEMA: Schema = {"enum": ["yes", "no"]}
EBNF = {"grammar": ebnf(SCHEMA)}
AS_SCHEMA = {"json": SCHEMA}


async def held(client: CompletionClient) -> str:
    return "".join([piece async for piece in client.stream(Completion("hello", 8, schema=SCHEMA))])


def grammars(server: ScriptedServer) -> list[object]:
    return [wire.body["structured_outputs"] for wire in server.completions]


UNREAD = "Outlines structured outputs backend does not support grammar specifications"
STREAMED = b'data: {"error": {"message": "%s", "type": "BadRequestError", "param": null, "code": 400}}\n\n'


@pytest.mark.parametrize("refusal", [(STATUS, 400), STREAMED % UNREAD.encode()], ids=["status", "event"])
async def test_who_refuses_ebnf_gets_the_schema_in_the_same_breath_and_from_then_on(
    refusal: tuple[str, int] | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Not only while it is warmed: a server that joins late meets its first grammar in somebody's turn.

    A vLLM that streams answers 200 and refuses in its first event.
    """
    caplog.set_level(logging.INFO)
    async with ScriptedServer([refusal], ['"yes"'], ['"no"']) as server:
        server.fault = UNREAD
        async with CompletionClient(server.url, "tiny") as client:
            assert [await held(client), await held(client)] == ['"yes"', '"no"']
    assert grammars(server) == [EBNF, AS_SCHEMA, AS_SCHEMA]
    first, second = (dict(wire.body) for wire in server.completions[:2])
    assert first.pop("structured_outputs") != second.pop("structured_outputs") and first == second
    assert caplog.text.count(UNREAD) == 1


async def test_a_grammar_that_is_built_beforehand_falls_back_too() -> None:
    answers = [(STATUS, 400)], ["x"], ['"yes"']
    async with ScriptedServer(*answers) as server, CompletionClient(server.url, "tiny") as client:
        await client.build(SCHEMA)
        await client.build(SCHEMA)
        assert await held(client) == '"yes"'
    assert grammars(server) == [EBNF, AS_SCHEMA, AS_SCHEMA]


async def test_what_is_refused_for_another_reason_says_nothing_of_the_grammar() -> None:
    """A prompt that is too long is refused with either; the next request goes out as EBNF again."""
    async with ScriptedServer([(STATUS, 400)], [(STATUS, 400)], ['"yes"']) as server:
        server.fault = "the prompt is too long"
        async with CompletionClient(server.url, "tiny") as client:
            with pytest.raises(BrainUnavailable, match="answered 400: the prompt is too long"):
                await held(client)
            assert await held(client) == '"yes"'
    assert grammars(server) == [EBNF, AS_SCHEMA, EBNF]


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_only_a_400_is_asked_about_again(status: int) -> None:
    async with ScriptedServer([(STATUS, status)]) as server, CompletionClient(server.url, "tiny") as client:
        with pytest.raises(BrainUnavailable):
            await held(client)
    assert len(server.completions) == 1


async def test_an_answer_that_has_begun_is_not_asked_for_again() -> None:
    """Its pieces are on their way: a second answer would be joined to them."""
    async with ScriptedServer(['"y', STREAMED % b"a mishap"]) as server, CompletionClient(server.url, "tiny") as client:
        with pytest.raises(BrainUnavailable, match="a mishap"):
            await held(client)
    assert len(server.completions) == 1


async def test_a_request_without_a_grammar_is_not_asked_again() -> None:
    async with ScriptedServer([(STATUS, 400)]) as server:
        with pytest.raises(BrainUnavailable, match="answered 400"):
            await completed(server.url)
    assert len(server.completions) == 1


async def test_what_nobody_waits_for_lets_live_requests_pass() -> None:
    """vLLM alone knows priorities; the lower goes first, and 0 is what is not said."""
    sent: list[object] = []
    for owner in ("vllm", "llamacpp"):
        async with (
            ScriptedServer(["x"], ["x"], owner=owner) as server,
            CompletionClient(server.url, "tiny") as client,
        ):
            await client.read(Completion("hello", 1, background=True))
            await client.read(Completion("hello", 1))
        sent += [wire.body.get("priority") for wire in server.completions]
    assert sent == [10, None, None, None]


async def test_one_connection_serves_one_answer_after_the_other() -> None:
    """What follows the answer's end is heard out: a client that leaves before has to connect anew for each phase."""
    async with KeepAliveServer() as server, CompletionClient(server.url, "tiny") as client:
        for _ in range(3):
            assert "".join([piece async for piece in client.stream(Completion("hello", 8))]) == "Hm."
    assert server.connections == 1


async def test_a_server_that_does_not_hang_up_after_the_end_is_left() -> None:
    async with KeepAliveServer(ends=False) as server, CompletionClient(server.url, "tiny") as client:
        assert "".join([piece async for piece in client.stream(Completion("hello", 8))]) == "Hm."


async def test_a_kept_connection_that_is_hung_up_on_is_no_failure() -> None:
    """A llama.cpp server that hangs up just when it is asked to keep what it has read."""
    async with HangingUp() as server, CompletionClient(server.url, "tiny") as client:
        assert await client.recall("house.kv") is True
        await client.keep("house.kv")
    assert server.answered == ["/v1/models", "/slots/0?action=restore", "/slots/0?action=save"]


class KeepAliveServer:
    """Async context manager. Answers any number of requests on a connection, the last bytes a moment after the end."""

    def __init__(self, *, ends: bool = True) -> None:
        self._ends = ends
        self.connections = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                if found := re.search(r"content-length: (\d+)", head):
                    await reader.readexactly(int(found[1]))
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for line in (b'{"choices":[{"text":"Hm.","finish_reason":"stop"}]}', b"[DONE]"):
                    event = b"data: " + line + b"\n\n"
                    writer.write(b"%x\r\n%b\r\n" % (len(event), event))
                await writer.drain()
                await asyncio.sleep(0.01)
                if self._ends or "/models" in head:
                    writer.write(b"0\r\n\r\n")
        writer.close()


class HangingUp(KeepAliveServer):
    """Answers one request on each connection, and hangs up when it is asked another."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: list[str] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.answered.append((await read_request(reader)).path)
            body = b'{"data": [{"id": "tiny", "owned_by": "llamacpp"}]}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await read_request(reader)
        writer.close()
