"""One broker with Home Assistant on it for each module, and a house that talks to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from assistant.config import ConfirmSettings, HouseSettings, MqttSettings
from assistant.home.home import Home
from tests.brokers import Mosquitto, Peer, until
from tests.home_assistant.real import HASS, real_home_assistant
from tests.home_assistant.stand_in import home_assistant_stand_in

DESK = {
    "name": None, "uniq_id": "desk", "cmd_t": "desk/set", "stat_t": "desk",
    "dev": {"ids": "desk_device", "name": "Desk lamp"},
}  # fmt: skip
QUICK = ConfirmSettings(timeout_seconds=1.0, slow_timeout_seconds=2.0)
NOT_HERE = pytest.mark.skipif(HASS is None, reason="Home Assistant is not installed; $HASS may say how to start it")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["stand-in", pytest.param("real", marks=NOT_HERE)])
async def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mosquitto]:
    """A broker with Home Assistant on it; one for all stories, since the real one takes 10 s to start."""
    folder: Path = tmp_path_factory.mktemp("house")
    async with Mosquitto(folder) as broker, Peer(broker.host, broker.port) as desk:
        await desk.publish("homeassistant/light/desk/config", json.dumps(DESK), retain=True)
        await desk.when("desk/set", ("desk", "ON"))
        if request.param == "real":
            async with real_home_assistant(folder, broker.host, broker.port):
                yield broker
        else:
            async with home_assistant_stand_in(broker.host, broker.port):
                yield broker


@asynccontextmanager
async def home_on(broker: Mosquitto, house: HouseSettings | None = None) -> AsyncIterator[Home]:
    settings = MqttSettings(host=broker.host, port=broker.port)
    async with Home(settings, QUICK, house or HouseSettings(), presence=False) as home:
        await home.settled()
        await until(lambda: home.entity("media_player.television") is not None)
        yield home
