"""The house over MQTT: what is there, what it says of itself, and what it is told."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Protocol

from assistant.config import ConfirmSettings, DeviceSettings, HomeAssistantSettings, HouseSettings, MqttSettings
from assistant.errors import HouseUnreachable, NotPossible
from assistant.home.bridge import Bridge
from assistant.home.broker import Broker
from assistant.home.commands import Commands
from assistant.home.discovery import Discovery
from assistant.home.record import Record
from assistant.home.registry import Registry
from assistant.home.tasmota.discovery import Tasmota
from assistant.models import Allowed, Entity, Floor, Message, Outcome, Room, State

log = logging.getLogger(__name__)

QUIET_SECONDS = 0.2
"""So long without anything new, and the house has introduced itself."""

FIRST_WORD_SECONDS = 0.75
"""How long to wait for a first announcement before the house counts as empty."""


class Guest(Protocol):
    """Another part of the assistant that shares the connection to the house."""

    @property
    def topics(self) -> Iterable[str]: ...

    def greeting(self) -> Iterable[Message]:
        """Sent at every connection."""

    def receive(self, topic: str, data: bytes, *, retained: bool) -> object:
        """Called for every message; many are none of its business."""


PUT_ASIDE = 500
"""Entities, after which what has come to stay is put aside."""

MANY_NODES = 100
"""Devices; they may announce more than a broker tells at once (mosquitto: 1,000 messages and what the line holds)."""

NODES_AT_ONCE = 20


class Home:
    """Entering never waits for the broker; `settled` does. Implements interfaces.House and interfaces.Commands."""

    def __init__(
        self,
        mqtt: MqttSettings,
        confirm: ConfirmSettings,
        house: HouseSettings,
        *,
        presence: bool = True,
        home_assistant: HomeAssistantSettings | None = None,
    ) -> None:
        """presence=False: a passing visitor, such as `doctor` beside the daemon, that leaves the status topic alone."""
        self.mqtt = mqtt
        self._discovery = Discovery(mqtt.discovery_prefix)
        self._announcers: Sequence[Discovery | Tasmota] = (self._discovery, Tasmota())
        self._nodes: set[str] = set()
        """What devices and bridges call themselves in the topics of their announcements."""
        self._birth_topic = f"{mqtt.discovery_prefix}/status"
        self._broker = Broker(mqtt, self._receive, presence=presence)
        self._home_assistant: bool | None = None
        settings = home_assistant or HomeAssistantSettings()
        self._bridge = Bridge(settings, mqtt.discovery_prefix, self._broker.publish, confirm)
        self._registry = Registry(house, self._broker.subscribe, self._broker.unsubscribe, neighbour=self._bridge)
        self._commands = Commands(self._registry, self._broker.publish, confirm)
        self._guests: list[Guest] = []
        self.invite(self._bridge)
        self._news_at = 0.0
        self._aside = 0
        """Entities that Python's collector no longer looks through."""
        self._asked: set[Message] = set()
        self._silent: list[Record] = []
        """What can be asked how it is and has not said so, as of the revision `_silent_at`."""
        self._silent_at = -1

    async def __aenter__(self) -> Home:
        self._broker.subscribe([self._birth_topic])
        crowds = [crowd for announcer in self._announcers for crowd in announcer.crowds]
        for number, crowd in enumerate(crowds, start=1):
            self._broker.subscribe(crowd, crowd=number)
        await self._broker.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._commands.close()
        await self._broker.__aexit__(kind, error, trace)

    async def settled(self, timeout: float = 10.0) -> None:
        """Returns when the devices have introduced themselves. Raises HouseUnreachable while the broker is away.

        A house that never falls silent is taken as it is after `timeout` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._broker.wait_connected()
                await self._fall_silent()
                await self._call_by_name()
                if await self._ask_the_silent():
                    await self._fall_silent()
        except TimeoutError as error:
            if not self._broker.connected:
                raise HouseUnreachable(self._broker.problem) from error
            log.info("the house is still introducing itself after %.0f s", timeout)

    async def ask_around(self) -> None:
        """Ask what joined, or came back, for the state that it does not tell by itself, and lists for their items.

        Raises HouseUnreachable.
        """
        if self._broker.connected:
            await self._ask_the_silent()
            await self._bridge.read_lists()

    def invite(self, guest: Guest) -> None:
        """To be greeted and to listen from the next connection on."""
        self._guests.append(guest)
        self._broker.greetings.append(guest.greeting)
        self._broker.subscribe(guest.topics)

    async def publish(self, message: Message) -> None:
        """Raises HouseUnreachable, and NotPossible for what no broker would take."""
        await self._broker.publish(message)

    def observe(self, observer: Callable[[State, State], None]) -> None:
        """Told every live report: the state before and after."""
        self._registry.observers.append(observer)
        self._bridge.observers.append(observer)

    def amend(self, amended: Mapping[str, DeviceSettings]) -> None:
        """By entity id what people changed in the console; the configuration wins over it."""
        self._registry.amend(amended)

    def configured(self, entity_id: str) -> DeviceSettings:
        """What config.yaml says of an entity or of its whole device, which nothing else undoes."""
        return self._registry.configured(entity_id)

    @property
    def connected(self) -> bool:
        return self._broker.connected

    @property
    def problem(self) -> str | None:
        """Why the house cannot be reached, while it cannot."""
        return None if self._broker.connected else self._broker.problem

    @property
    def left_out(self) -> Mapping[str, str]:
        """Discovery topic (and component) of what was announced but cannot be used, with the reason."""
        return {" ".join(key).strip(): reason for key, reason in self._registry.left_out.items()}

    @property
    def devices(self) -> int:
        """How many announced themselves; one device has several entities."""
        return self._registry.devices

    @property
    def unknown(self) -> Sequence[str]:
        """What config.yaml speaks of and nothing announced."""
        return self._registry.unknown

    @property
    def home_assistant(self) -> bool | None:
        """Whether Home Assistant is up, by its birth and last will; None when this broker knows of none.

        We only take note: devices that announce themselves anew at its birth are heard like any other, and we never
        say "online" in its name to make them do so.
        """
        return self._home_assistant

    # ── interfaces.House ──

    @property
    def revision(self) -> int:
        return self._registry.revision

    @property
    def rooms(self) -> Sequence[Room]:
        return self._registry.rooms

    @property
    def floors(self) -> Sequence[Floor]:
        return self._registry.floors

    def entities(self) -> Sequence[Entity]:
        return self._registry.entities()

    def entity(self, entity_id: str) -> Entity | None:
        return self._registry.entity(entity_id)

    def state(self, entity_id: str) -> State:
        return self._registry.state(entity_id)

    # ── interfaces.Commands ──

    async def perform(self, allowed: Allowed) -> Outcome:
        if not self._broker.connected:
            raise HouseUnreachable(self._broker.problem)
        if self._bridge.listed(allowed.action.entity_id) is not None:
            return await self._bridge.perform(allowed)
        return await self._commands.perform(allowed)

    # ── inside ──

    def _receive(self, topic: str, data: bytes, retained: bool) -> Iterator[None]:
        """In short steps: one message may tell of a hundred components, or mean something to thousands."""
        if topic == self._birth_topic:
            self._home_assistant = {b"online": True, b"offline": False}.get(data, self._home_assistant)
        if node := self._discovery.node_in(topic):
            self._nodes.add(node)
        for announcer in self._announcers:
            if announcer.covers(topic):
                before = self._registry.revision
                for change in announcer.read(topic, data):
                    self._registry.apply(change)
                    yield
                self._note_news(self._registry.revision != before)
                self._put_aside()
        for news in self._registry.hear(topic, data, retained=retained):
            self._note_news(news)
            yield
        listed = self._bridge.revision
        for guest in self._guests:
            guest.receive(topic, data, retained=retained)
        if self._bridge.revision != listed:
            self._registry.learn(self._bridge.snapshot)
            self._note_news(True)

    def _put_aside(self) -> None:
        """While the house comes in, Python's collector would look again and again through all that is there already: at
        10,000 entities 0.2 s each time, in which nothing is heard."""
        if self._registry.size >= self._aside + PUT_ASIDE:
            self._aside = self._registry.size
            gc.collect(1)
            gc.freeze()

    def _note_news(self, news: bool) -> None:
        if news:
            self._news_at = asyncio.get_running_loop().time()

    async def _fall_silent(self) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        while True:
            patience = QUIET_SECONDS if self._news_at else FIRST_WORD_SECONDS
            left = max(began, self._news_at) + patience - clock()
            if left <= 0 and self._broker.subscribed:
                return
            await asyncio.sleep(min(max(left, 0.02), 0.05))

    async def _call_by_name(self) -> None:
        """A broker with thousands of announcements may have dropped some; of each device that spoke, all are heard."""
        if len(self._nodes) <= MANY_NODES:
            return
        topics = [self._discovery.of_node(node) for node in sorted(self._nodes)]
        log.info("a large house: calling its %d devices once more", len(topics))
        for start in range(0, len(topics), NODES_AT_ONCE):
            self._broker.subscribe(topics[start : start + NODES_AT_ONCE], crowd=1000 + start)
        await self._fall_silent()
        self._broker.unsubscribe(topics)

    async def _ask_the_silent(self) -> bool:
        """States that are not retained (zigbee2mqtt's) are unknown until someone asks; once is enough."""
        if self._silent_at != self._registry.revision:
            self._silent_at = self._registry.revision
            self._silent = [
                record
                for record in self._registry.records()
                if record.question and record.config.entity_category is None
            ]
        self._silent = [record for record in self._silent if record.reports == 0]
        questions = {record.question for record in self._silent if record.question and record.state().available}
        new = questions - self._asked
        self._asked |= new
        for message in sorted(new, key=lambda message: message.topic):
            try:
                await self._broker.publish(message)
            except NotPossible as problem:
                log.warning("%s", problem.reason)
        return bool(new)
