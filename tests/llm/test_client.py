"""An address may hold a user and a password: they are sent, and never shown."""

from __future__ import annotations

import base64
import logging

import pytest

from assistant.errors import BrainUnavailable
from assistant.llm.client import Completion, CompletionClient
from tests.llm.scripted_server import STATUS, ScriptedServer


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
