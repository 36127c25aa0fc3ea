"""A house of small honest MQTT devices: it announces itself by Home Assistant's discovery exactly as real ones do."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from pathlib import Path
from types import TracebackType

from aiomqtt import Client, MqttError, Will
from pydantic import BaseModel, ConfigDict

from assistant import yaml_files
from assistant.config import HouseSettings
from assistant.demo.gadgets import GADGETS, DeviceDescription, Gadget
from assistant.errors import HouseUnreachable
from assistant.stopping import heeding

log = logging.getLogger(__name__)

STATUS = "virtual/status"
RETRY_SECONDS = 1.0


class HouseDescription(BaseModel):
    """house.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    house: HouseSettings
    devices: tuple[DeviceDescription, ...]


class VirtualHouse:
    """All devices behind one connection; inside the context they are announced and have said how they are."""

    def __init__(
        self, host: str, port: int, ready_seconds: float = 10.0, description: HouseDescription | None = None
    ) -> None:
        """description: of another house than the one that comes with the assistant."""
        self.host = host
        self.port = port
        self._ready_seconds = ready_seconds
        description = description or _description()
        self.settings: HouseSettings = description.house
        self.gadgets: list[Gadget] = [GADGETS[device.behaves](device, self._publish) for device in description.devices]
        self._by_topic = {topic: gadget for gadget in self.gadgets for topic in gadget.commands}
        self._client: Client | None = None
        self._ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> VirtualHouse:
        self._keeper = asyncio.create_task(self._keep(), name="virtual house")
        try:
            await asyncio.wait_for(self._ready.wait(), self._ready_seconds)
        except TimeoutError as error:
            await self.__aexit__(None, None, None)
            raise HouseUnreachable(f"the virtual house found no broker at {self.host}:{self.port}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Python 3.11 loses a cancellation that meets an error or a finished wait_for: so it is said until it is heard.
        while self._keeper is not None and not self._keeper.done():
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=1.5)

    def device(self, topic: str) -> Gadget:
        """By the topic it speaks on."""
        return next(gadget for gadget in self.gadgets if gadget.topic == topic)

    async def _keep(self) -> None:
        while True:
            try:
                await self._stand()
            except* MqttError as group:
                log.info("the virtual house lost its broker (%s); trying again", group.exceptions[0])
            finally:
                self._client = None
            await asyncio.sleep(RETRY_SECONDS)

    async def _stand(self) -> None:
        will = Will(STATUS, "offline", qos=1, retain=True)
        at_once = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
        async with Client(
            self.host, self.port, identifier="virtual-house", will=will, socket_options=at_once
        ) as client:
            self._client = client
            await client.subscribe([(topic, 1) for topic in self._by_topic])
            await self._introduce()
            self._ready.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(client), name="virtual house commands")
                for gadget in self.gadgets:
                    tasks.create_task(gadget.live(), name=gadget.topic)

    async def _introduce(self) -> None:
        for gadget in self.gadgets:
            for topic, payload in gadget.description.announces.items():
                await self._publish(topic, json.dumps(payload), True)
        await self._publish(STATUS, "online", True)
        await self._publish("zigbee2mqtt/bridge/state", '{"state": "online"}', True)
        for gadget in self.gadgets:
            if gadget.description.retains:
                await gadget.report()
            else:
                await self._publish(f"{gadget.topic}/availability", '{"state": "online"}', True)

    async def _listen(self, client: Client) -> None:
        async for message in client.messages:
            topic, payload = message.topic.value, message.payload
            gadget = self._by_topic.get(topic)
            if gadget is not None:
                text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload or "")
                await gadget.receive(topic.removeprefix(f"{gadget.topic}/"), text)

    async def _publish(self, topic: str, payload: str, retain: bool) -> None:
        if self._client is not None:
            with heeding():
                await self._client.publish(topic, payload, qos=0, retain=retain)


def _description() -> HouseDescription:
    return HouseDescription.model_validate(yaml_files.read(Path(__file__).with_suffix(".yaml")))
