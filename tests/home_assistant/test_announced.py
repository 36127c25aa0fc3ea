"""The real Home Assistant takes our announcement and works our switches (where it is installed; see real.py)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from assistant.config import ConfirmSettings, HomeAssistantSettings, HouseSettings, MqttSettings
from assistant.controls import Controls
from assistant.home.announce import Announcement
from assistant.home.home import Home
from tests.brokers import Mosquitto, Peer, until
from tests.home_assistant.real import HASS, real_home_assistant
from tests.stories import House

pytestmark = pytest.mark.skipif(HASS is None, reason="Home Assistant is not installed; $HASS may say how to start it")

ORDERS = [
    ("switch.turn_on", "switch.assistant_mute", {}, ("mute", "ON")),
    ("number.set_value", "number.assistant_volume", {"value": 40}, ("volume", "40")),
    ("select.select_option", "select.assistant_language", {"option": "Italiano"}, ("language", "Italiano")),
    ("text.set_value", "text.assistant_ask", {"value": "accendi la luce della cucina"}, ("ask", None)),
    ("notify.send_message", "notify.assistant_say", {"message": "La cena è pronta"}, ("say", None)),
]


async def test_it_is_shown_and_obeyed(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, real_home_assistant(tmp_path, broker.host, broker.port) as log:
        mqtt = MqttSettings(host=broker.host, port=broker.port)
        house = House()
        controls = Controls(house.pipeline, house.pipeline.run)
        controls.speaker = house.speaker
        async with (
            Peer(broker.host, broker.port) as other,
            Home(mqtt, ConfirmSettings(), HouseSettings()) as home,
            asyncio.TaskGroup() as tasks,
        ):
            announcement = Announcement(HomeAssistantSettings(), mqtt, controls, home.publish)
            house.pipeline.events.subscribe(announcement.watch)
            home.invite(announcement)
            running = tasks.create_task(announcement.run())
            await other.listen("mimo-assistant/#")
            # what Home Assistant was told of a state comes back by the feed of the package
            shown = "mimo-assistant/ha/state/sensor.assistant_state"
            await until(lambda: any(topic == shown and '"idle"' in said.partition("attributes")[0]
                                    for topic, said in other.heard), within=20)  # fmt: skip
            for service, target, data, (name, told) in ORDERS:
                await other.publish("test/do", json.dumps({"service": service, "target": target, "data": data}))
                await other.hears(f"mimo-assistant/{name}/set")
                if told:
                    assert await other.hears(f"mimo-assistant/{name}", told)
            await until(lambda: house.published == [("kitchen_light/set", "ON")])
            await until(lambda: house.voice.said[-1:] == [("La cena è pronta", "it")])
            await until(lambda: any(payload.count("La cena") == 0 and "Ho acceso la luce della cucina." in payload
                                    for topic, payload in other.heard if topic == "mimo-assistant/reply"))  # fmt: skip
            stop = {"service": "button.press", "target": "button.assistant_stop", "data": {}}
            await other.publish("test/do", json.dumps(stop))
            await other.hears("mimo-assistant/stop/set", "PRESS")
            assert (controls.muted, controls.volume, controls.language) == (True, 40, "it")
            assert not [entity.id for entity in home.entities() if "assistant" in entity.id]
            running.cancel()
        complaints = [line for line in log.read_text().splitlines() if "mqtt" in line.lower() and "ERROR" in line]
        assert complaints == []
