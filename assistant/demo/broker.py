"""A broker inside the process, for the demonstration and for tests: loopback only, anonymous, MQTT 3.1.1."""

from __future__ import annotations

import asyncio
import logging
import socket
from types import TracebackType

from amqtt.broker import Broker as Amqtt
from amqtt.errors import AMQTTError, BrokerError

from assistant.errors import HouseUnreachable

HOST = "127.0.0.1"


class EmbeddedBroker:
    """Listens on the loopback interface, on a free port unless one is given."""

    host = HOST

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._broker: Amqtt | None = None

    async def __aenter__(self) -> EmbeddedBroker:
        _hush()
        self.port = self.port or _free_port()
        self._broker = Amqtt(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{self.port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        try:
            await self._broker.start()
        except (AMQTTError, BrokerError, OSError) as error:
            raise HouseUnreachable(f"the embedded broker cannot listen on {HOST}:{self.port}: {error}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._broker is not None:
            await asyncio.wait_for(self._broker.shutdown(), 5)


def _hush() -> None:
    """amqtt tells of every packet and client, and shows a traceback for what we say ourselves."""
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
