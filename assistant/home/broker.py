"""The connection to the MQTT broker: comes back by itself and then subscribes to everything again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import perf_counter
from types import TracebackType

from aiomqtt import Client, MqttError, ProtocolVersion, Will

from assistant.config import MqttSettings
from assistant.errors import HouseUnreachable, NotPossible
from assistant.home.cleaning import plain
from assistant.models import Message
from assistant.stopping import heeding

log = logging.getLogger(__name__)

Greeting = Callable[[], Iterable[Message]]
"""What to say at every connection, before anything else."""

Receiver = Callable[[str, bytes, bool], Iterable[None] | None]
"""Called with topic, payload and whether the broker had kept it (retained), in the order of arrival.

What it returns are steps of its work, between which others may have their turn.
"""

LONGEST_TURN_SECONDS = 0.004
"""Of work on one message before others have their turn: sound comes every 32 ms."""

FIRST_RETRY_SECONDS = 0.25
LAST_RETRY_SECONDS = 30.0
TOPICS_PER_SUBSCRIBE = 100
ANSWER_SECONDS = 5.0
"""How long the broker may take to acknowledge."""

SUBSCRIBED_SECONDS = 20.0
"""The same for subscriptions: what the broker has kept may come before its acknowledgement."""

SUBSCRIBE_ATTEMPTS = 3

HUSH_SECONDS = 0.02
"""So long without anything that the broker had kept, and a crowd has come in."""

AT_ONCE = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Without it a command waits up to 40 ms for the acknowledgement of the message before."""


class Broker:
    """One connection, kept by one named task; entering never waits for the broker to be there."""

    def __init__(self, settings: MqttSettings, receive: Receiver, *, presence: bool = True) -> None:
        """presence: tell the house that the assistant is there; a passing visitor (doctor) must not."""
        self.settings = settings
        self.presence = presence
        self.problem = "the broker has not answered yet"
        """Why it is away, while it is."""
        self.greetings: list[Greeting] = []
        self._receive = receive
        self._topics: dict[str, int] = {}
        """With the crowd that each belongs to; 0 for those that come one by one."""
        self._unsent: dict[str, int] = {}
        self._unwanted: dict[str, None] = {}
        self._to_send = asyncio.Event()
        self._kept_at = 0.0
        """When the last message came that the broker had kept, by the loop's clock."""
        self._client: Client | None = None
        self._connected = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Broker:
        self._keeper = asyncio.create_task(self._keep(), name="mqtt connection")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Python 3.11 loses a cancellation that meets an error or a finished wait_for: so it is said until it is heard.
        while self._keeper is not None and not self._keeper.done():
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=1.5)

    @property
    def connected(self) -> bool:
        return self._connected.is_set()

    @property
    def subscribed(self) -> bool:
        """Whether the broker knows of all that we want to hear, and what it has said was handed on."""
        waiting = 0 if self._client is None else len(self._client.messages)
        return self.connected and not self._unsent and not self._to_send.is_set() and not waiting

    async def wait_connected(self) -> None:
        await self._connected.wait()

    def subscribe(self, topics: Iterable[str], *, crowd: int = 0) -> None:
        """Remembered; sent at once, or when the broker is back, and again after every reconnect.

        crowd: a number for topics behind which thousands of kept messages may stand. Each crowd is called in turn, as
        brokers drop what their client does not take at once (mosquitto: all beyond 1,000 and what the line holds).
        """
        new = [topic for topic in topics if topic not in self._topics]
        self._topics.update(dict.fromkeys(new, crowd))
        self._unsent.update(dict.fromkeys(new, crowd))
        if new:
            self._to_send.set()

    def unsubscribe(self, topics: Iterable[str]) -> None:
        for topic in topics:
            if topic in self._topics:
                del self._topics[topic]
                self._unsent.pop(topic, None)
                self._unwanted[topic] = None
                self._to_send.set()

    async def publish(self, message: Message) -> None:
        """Returns when the broker has it (at qos 1).

        Raises HouseUnreachable, and NotPossible for what no broker would take.
        """
        client = self._client
        if client is None or not self.connected:
            raise HouseUnreachable(self.problem)
        try:
            with heeding():
                await client.publish(
                    message.topic, message.payload, qos=message.qos, retain=message.retain, timeout=ANSWER_SECONDS
                )
        except MqttError as error:
            raise HouseUnreachable(f"{message.topic} could not be sent: {error}") from error
        except ValueError as error:
            reason = f"{message.topic[:80]!r} cannot be sent: {error}"
            raise NotPossible(reason, name=plain(message.topic, 80), what="command") from error

    async def _keep(self) -> None:
        pause = FIRST_RETRY_SECONDS
        while True:
            was_connected = False
            try:
                await self._serve()
            except* (MqttError, OSError, ValueError) as group:
                was_connected, self.problem = self.connected, self._sentence(group)
            finally:
                self._connected.clear()
                self._client = None
            if was_connected:
                pause = FIRST_RETRY_SECONDS
            log.log(logging.WARNING if pause == FIRST_RETRY_SECONDS else logging.INFO,
                    "%s; trying again in %.1f s", self.problem, pause)  # fmt: skip
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_RETRY_SECONDS)

    async def _serve(self) -> None:
        """One connection, from hello to its loss."""
        status = self.settings.status_topic
        async with self._connect() as client:
            self._client = client
            self._unsent, self._unwanted = dict(self._topics), {}
            self._to_send.set()
            if self.presence:
                await client.publish(status, "online", qos=1, retain=True, timeout=ANSWER_SECONDS)
            for message in [message for greeting in self.greetings for message in greeting()]:
                await client.publish(
                    message.topic, message.payload, qos=message.qos, retain=message.retain, timeout=ANSWER_SECONDS
                )
            self._connected.set()
            log.info("connected to the broker at %s:%d", self.settings.host, self.settings.port)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._send_subscriptions(client), name="mqtt subscriptions")
                    tasks.create_task(self._listen(client), name="mqtt messages")
            except asyncio.CancelledError:
                await self._farewell(client)
                raise

    async def _listen(self, client: Client) -> None:
        async for message in client.messages:
            payload = message.payload
            try:
                data = payload if isinstance(payload, bytes) else str(payload or "").encode()
                await self._hand_over(message.topic.value, data, bool(message.retain))
                if message.retain:
                    self._kept_at = asyncio.get_running_loop().time()
            except Exception:
                # one device's message must never cost us the others
                log.exception("the message on %s could not be handled", message.topic.value)

    async def _hand_over(self, topic: str, data: bytes, retained: bool) -> None:
        began = perf_counter()
        for _ in self._receive(topic, data, retained) or ():
            if perf_counter() - began > LONGEST_TURN_SECONDS:
                await asyncio.sleep(0)
                began = perf_counter()

    async def _send_subscriptions(self, client: Client) -> None:
        while True:
            await self._to_send.wait()
            wanted, self._unsent = self._unsent, {}
            unwanted, self._unwanted = list(self._unwanted), {}
            for crowd, topics in _packets(wanted):
                await self._send_subscription(client, topics)
                if crowd:
                    await self._hush(client)
            for start in range(0, len(unwanted), TOPICS_PER_SUBSCRIBE):
                topics = unwanted[start : start + TOPICS_PER_SUBSCRIBE]
                with heeding():
                    await client.unsubscribe(topics, timeout=SUBSCRIBED_SECONDS)
            if not self._unsent and not self._unwanted:
                self._to_send.clear()

    async def _send_subscription(self, client: Client, topics: list[str]) -> None:
        """A topic that cannot be subscribed to must not cost us the others, nor the connection."""
        try:
            await self._subscribed(client, topics)
        except ValueError as error:
            if len(topics) > 1:
                for topic in topics:
                    await self._send_subscription(client, [topic])
            else:
                log.warning("%.80r cannot be subscribed to: %s", topics[0], error)
                self._topics.pop(topics[0], None)

    async def _subscribed(self, client: Client, topics: list[str]) -> None:
        """A broker that is busy telling what it has kept may lose its own acknowledgement (mosquitto does)."""
        for attempts_left in reversed(range(SUBSCRIBE_ATTEMPTS)):
            try:
                with heeding():
                    await client.subscribe([(topic, 0) for topic in topics], timeout=SUBSCRIBED_SECONDS)
                return
            except MqttError:
                if not attempts_left or not self.connected:
                    raise
                log.warning("no answer to the subscription to %.80s; asking once more", topics[0])

    async def _hush(self, client: Client) -> None:
        """Until what the broker had kept has come in."""
        clock = asyncio.get_running_loop().time
        self._kept_at = clock()
        while len(client.messages) or clock() - self._kept_at < HUSH_SECONDS:  # noqa: ASYNC110 - silence sets no event
            await asyncio.sleep(HUSH_SECONDS / 4)

    async def _farewell(self, client: Client) -> None:
        """The will speaks only for those who vanish; who leaves says so."""
        if not self.presence:
            return
        with contextlib.suppress(MqttError, TimeoutError):
            await asyncio.wait_for(client.publish(self.settings.status_topic, "offline", qos=1, retain=True), 1)

    def _connect(self) -> Client:
        settings = self.settings
        return Client(
            settings.host or "127.0.0.1",
            settings.port,
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
            identifier=settings.client_id if self.presence else f"{settings.client_id}-{secrets.token_hex(4)}",
            protocol=ProtocolVersion.V5 if settings.version == "5" else ProtocolVersion.V311,
            will=Will(settings.status_topic, "offline", qos=1, retain=True) if self.presence else None,
            tls_context=self._tls() if settings.tls else None,
            timeout=ANSWER_SECONDS,
            max_queued_incoming_messages=100_000,
            socket_options=AT_ONCE,
            logger=logging.getLogger("assistant.home.paho"),
        )

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.settings.ca_file) if self.settings.ca_file else None)

    def _sentence(self, group: BaseExceptionGroup[Exception]) -> str:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        why = (first.strerror if isinstance(first, OSError) else None) or first
        return f"the broker at {self.settings.host}:{self.settings.port} is away: {why}"


def _packets(wanted: Mapping[str, int]) -> Iterator[tuple[int, list[str]]]:
    """Crowd by crowd, then the others, many at once."""
    crowds: dict[int, list[str]] = {}
    for topic, crowd in wanted.items():
        crowds.setdefault(crowd, []).append(topic)
    others = crowds.pop(0, [])
    yield from crowds.items()
    for start in range(0, len(others), TOPICS_PER_SUBSCRIBE):
        yield 0, others[start : start + TOPICS_PER_SUBSCRIBE]
