"""How fast a large house is found and a command confirmed: python -m tests.bench.bench_house [entities]."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from assistant.config import ConfirmSettings, HouseSettings, MqttSettings
from assistant.demo.broker import EmbeddedBroker
from assistant.demo.house import VirtualHouse
from assistant.home.home import QUIET_SECONDS, Home
from assistant.models import Action, Allowed
from tests.brokers import Mosquitto, Peer


async def discovery(entities: int) -> None:
    """zigbee2mqtt-like lamps on mosquitto, retained: connecting until all have a name and a state."""
    with tempfile.TemporaryDirectory() as folder:
        async with Mosquitto(Path(folder)) as broker, Peer(broker.host, broker.port) as hub:
            for number in range(entities):
                await hub.publish(f"homeassistant/light/lamp_{number}/config", json.dumps(_lamp(number)), retain=True)
                await hub.publish(f"lamps/{number}", '{"state": "ON", "brightness": 127}', retain=True)
            mqtt = MqttSettings(host=broker.host, port=broker.port)
            began, cpu = time.perf_counter(), time.process_time()
            async with Home(mqtt, ConfirmSettings(), HouseSettings()) as home:
                await home.settled(60)
                found = sum(home.state(entity.id).value == "on" for entity in home.entities())
                seconds = time.perf_counter() - began - QUIET_SECONDS
                spent = time.process_time() - cpu
                print(f"{found} of {entities} entities with their state in {seconds:.2f} s (CPU {spent:.2f} s)")


async def confirmation(commands: int) -> None:
    async with (
        EmbeddedBroker() as broker,
        VirtualHouse(broker.host, broker.port) as devices,
        Home(MqttSettings(host=broker.host, port=broker.port), ConfirmSettings(), devices.settings) as home,
    ):
        await home.settled()
        toggle = Allowed(Action("light.reading_lamp", "toggle"))
        outcomes = [await home.perform(toggle) for _ in range(commands)]
    taken = sorted(outcome.act_ms + outcome.confirm_ms for outcome in outcomes)
    print(f"confirmed {sum(outcome.confirmed is True for outcome in outcomes)} of {commands} commands: ", end="")
    print(f"p50 {statistics.median(taken):.1f} ms, p95 {taken[int(commands * 0.95)]:.1f} ms (embedded broker)")


def _lamp(number: int) -> dict[str, object]:
    return {
        "name": None,
        "schema": "json",
        "cmd_t": f"lamps/{number}/set",
        "stat_t": f"lamps/{number}",
        "brightness": True,
        "bri_scl": 254,
        "uniq_id": f"lamp_{number}",
        "dev": {"ids": [f"lamp_{number}"], "name": f"Lamp {number}", "sa": f"Room {number % 20}"},
    }


async def main(entities: int) -> None:
    await discovery(entities)
    await confirmation(200)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
