"""Real brokers on the loopback interface, and a small MQTT client that plays a device."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType

import pytest
from aiomqtt import Client, MqttError

from assistant.demo.broker import EmbeddedBroker

USER, PASSWORD = "assistant", "open sesame"


async def until(what: Callable[[], bool], within: float = 5.0) -> None:
    """Looks again and again, as a person would; TimeoutError when it does not come true."""
    async with asyncio.timeout(within):
        while not what():  # noqa: ASYNC110 - the house tells its watchers nothing of its own accord
            await asyncio.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """Debian's broker; may be stopped and started again on its port, and then remembers nothing unless told to."""

    host = "127.0.0.1"

    def __init__(
        self, folder: Path, *, password: bool = False, tls: Path | None = None, acl: str | None = None
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._configuration = folder / "mosquitto.conf"
        # nodelay: else each acknowledgement may wait 40 ms for company
        lines = ["set_tcp_nodelay true", f"listener {self.port} {self.host}"]
        lines.append(f"allow_anonymous {'false' if password else 'true'}")
        if password:
            passwords = folder / "passwords"
            passwords.touch(mode=0o600)
            subprocess.run(["mosquitto_passwd", "-b", passwords, USER, PASSWORD], check=True, capture_output=True)
            lines.append(f"password_file {passwords}")
        if acl is not None:
            (folder / "acl").write_text(acl)
            lines.append(f"acl_file {folder / 'acl'}")
        if tls:
            lines += [f"certfile {tls / 'server.crt'}", f"keyfile {tls / 'server.key'}"]
        # mosquitto drops root for its own user, which could not read the test's folder
        lines.append("user root")
        self._configuration.write_text("\n".join(lines) + "\n")

    async def __aenter__(self) -> Mosquitto:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            "mosquitto", "-c", self._configuration, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        async with asyncio.timeout(5):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(self.host, self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()
            self._process = None


class Peer:
    """A device, or someone who listens: what it answers is a table of command topic -> messages to publish."""

    def __init__(self, host: str, port: int, *, user: str | None = None, password: str | None = None) -> None:
        self.heard: list[tuple[str, str]] = []
        self.answers: dict[str, list[tuple[str, str]]] = {}
        self._client = Client(host, port, username=user, password=password)
        self._news = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Peer:
        await self._client.__aenter__()
        self._listener = asyncio.create_task(self._listen(), name="test device")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._listener is not None and not self._listener.done():
            self._listener.cancel()
            await asyncio.wait({self._listener}, timeout=1)
        if self._listener is not None and not self._listener.cancelled():
            self._listener.exception()  # a lost broker is part of some tests
        with contextlib.suppress(MqttError):
            await self._client.__aexit__(None, None, None)

    async def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=1, retain=retain)

    async def listen(self, *topics: str) -> None:
        await self._client.subscribe([(topic, 1) for topic in topics])

    async def when(self, topic: str, *answers: tuple[str, str]) -> None:
        """From now on a message on the topic is answered so."""
        self.answers[topic] = list(answers)
        await self.listen(topic)

    async def hears(self, topic: str, payload: str | None = None, *, within: float = 3.0) -> str:
        """The payload, as soon as it came."""
        async with asyncio.timeout(within):
            while True:
                found = [said for where, said in self.heard if where == topic and payload in (None, said)]
                if found:
                    return found[-1]
                self._news.clear()
                await self._news.wait()

    async def _listen(self) -> None:
        async for message in self._client.messages:
            payload = message.payload.decode() if isinstance(message.payload, bytes) else str(message.payload)
            self.heard.append((message.topic.value, payload))
            self._news.set()
            for topic, answer in self.answers.get(message.topic.value, ()):
                await self._client.publish(topic, answer)


@pytest.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with Mosquitto(tmp_path) as broker:
        yield broker


@pytest.fixture
async def guarded_mosquitto(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """Wants USER and PASSWORD."""
    async with Mosquitto(tmp_path, password=True) as broker:
        yield broker


@pytest.fixture
async def embedded() -> AsyncIterator[EmbeddedBroker]:
    async with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture(params=["mosquitto", "embedded"])
async def any_broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Mosquitto | EmbeddedBroker]:
    """Each test twice: with Debian's broker and with the embedded one."""
    broker: Mosquitto | EmbeddedBroker = Mosquitto(tmp_path) if request.param == "mosquitto" else EmbeddedBroker()
    async with broker:
        yield broker
