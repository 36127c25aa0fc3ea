"""How fast a large house is found, what it weighs, what its chatter costs, and how fast a command is confirmed.

python -m tests.bench.bench_house [entities [seconds of chatter]]
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import paho.mqtt.client as paho

from assistant.config import ConfirmSettings, HouseSettings, MqttSettings
from assistant.demo.broker import EmbeddedBroker
from assistant.demo.house import VirtualHouse
from assistant.home.home import QUIET_SECONDS, Home
from assistant.models import Action, Allowed
from tests.brokers import Mosquitto, Peer

PER_DEVICE = 10
"""A lamp, its power-on choice, a number, an update and six sensors, as zigbee2mqtt announces them."""

CHATTER = 500
"""State messages a second."""

AT_ONCE = 5
"""Of them that come together."""


async def large_house(entities: int, seconds: float) -> None:
    """Devices on mosquitto, all retained: connecting until all have a name and a state; then they chatter."""
    with tempfile.TemporaryDirectory() as folder:
        async with Mosquitto(Path(folder)) as broker:
            await as_hub(broker, "announce", entities)
            mqtt = MqttSettings(host=broker.host, port=broker.port)
            gc.collect()
            weight, began, cpu = _megabytes(), time.perf_counter(), time.process_time()
            async with Home(mqtt, ConfirmSettings(), HouseSettings()) as home:
                async with _stalls() as worst:
                    await home.settled(120)
                    there = home.entities()
                    found = sum(home.state(entity.id).value is not None for entity in there)
                took = time.perf_counter() - began - QUIET_SECONDS
                spent = time.process_time() - cpu
                print(f"{len(there)} of {entities} entities, {found} with their state, ", end="")
                print(f"in {took:.2f} s (CPU {spent:.2f} s), ", end="")
                gc.collect()
                print(f"{_megabytes() - weight:.0f} MB resident; longest stall {worst[0] * 1000:.0f} ms")
                if seconds:
                    await chatter(broker, home, entities, seconds)


async def chatter(broker: Mosquitto, home: Home, entities: int, seconds: float) -> None:
    """Twice: watching the loop costs more than the messages do."""
    before = sum(record.answers for record in home._registry.records())
    cpu = time.process_time()
    await as_hub(broker, "chatter", entities, seconds)
    await asyncio.sleep(0.5)
    spent = time.process_time() - cpu
    messages = int(CHATTER * seconds)
    readings = sum(record.answers for record in home._registry.records()) - before
    async with _stalls() as worst:
        await as_hub(broker, "chatter", entities, min(seconds, 10))
    print(f"{messages} state messages ({readings} readings) in {seconds:.0f} s: CPU {spent:.2f} s, ", end="")
    print(f"{spent / messages * 1e6:.0f} ms for 1,000; longest stall {worst[0] * 1000:.0f} ms")


@asynccontextmanager
async def _stalls() -> AsyncIterator[list[float]]:
    """The longest computing, in seconds of CPU, between two turns of the loop: others on the machine do not count."""
    worst = [0.0]

    async def watch() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            worst[0], last = max(worst[0], now - last), now

    task = asyncio.create_task(watch(), name="watch the loop")
    try:
        yield worst
    finally:
        task.cancel()


async def as_hub(broker: Mosquitto, what: str, *details: float) -> None:
    """In a process of its own, so that only the house is weighed."""
    arguments = [str(detail) for detail in (broker.port, *details)]
    hub = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.bench_house", what, *arguments)
    if await hub.wait():
        raise RuntimeError(f"the hub could not {what}")


async def announce(port: int, entities: int) -> None:
    async with Peer("127.0.0.1", port) as hub:
        for number in range(entities // PER_DEVICE):
            for topic, payload in _device(number):
                await hub.publish(f"homeassistant/{topic}/config", json.dumps(payload), retain=True)
            await hub.publish(f"zigbee2mqtt/lamp {number}", _state(number, 0), retain=True)
            await hub.publish(f"zigbee2mqtt/lamp {number}/availability", '{"state":"online"}', retain=True)


def talk(port: int, entities: int, seconds: float) -> None:
    """As cheaply as can be, since in a real house all this comes from other machines."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    devices, count = entities // PER_DEVICE, 0
    payloads = [_state(number, number) for number in range(devices)] + [_state(number, 1) for number in range(devices)]
    began = time.perf_counter()
    while count < CHATTER * seconds:
        for _ in range(AT_ONCE):
            client.publish(f"zigbee2mqtt/lamp {count % devices}", payloads[count % len(payloads)])
            count += 1
        time.sleep(max(0.0, began + count / CHATTER - time.perf_counter()))
    client.disconnect()
    client.loop_stop()


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


_SENSORS = {
    "power": "W",
    "voltage": "V",
    "current": "A",
    "energy": "kWh",
    "device_temperature": "°C",
    "linkquality": "lqi",
}


def _device(number: int) -> list[tuple[str, dict[str, object]]]:
    topic, ieee = f"zigbee2mqtt/lamp {number}", f"0x{number:016x}"
    shared: dict[str, object] = {
        "availability": [{"topic": "zigbee2mqtt/bridge/state", "value_template": "{{ value_json.state }}"},
                         {"topic": f"{topic}/availability", "value_template": "{{ value_json.state }}"}],
        "availability_mode": "any",
        "device": {"identifiers": [f"zigbee2mqtt_{ieee}"], "name": f"Lamp {number}", "manufacturer": "Signify",
                   "model": "Hue white and colour", "sw_version": "1.104.2", "suggested_area": f"Room {number % 40}",
                   "via_device": "zigbee2mqtt_bridge_0x00124b00120144ae"},
        "origin": {"name": "Zigbee2MQTT", "sw": "2.14.1", "url": "https://www.zigbee2mqtt.io"},
        "state_topic": topic,
    }  # fmt: skip
    told = f"{topic}/set"
    lamp = {"name": None, "schema": "json", "command_topic": told, "brightness": True, "brightness_scale": 254,
            "supported_color_modes": ["xy", "color_temp"], "min_mireds": 153, "max_mireds": 500, "effect": True,
            "effect_list": ["blink", "breathe", "okay", "channel_change", "finish_effect", "stop_effect"]}  # fmt: skip
    choice = {"name": "Power-on behavior", "command_topic": f"{topic}/set/power_on_behavior", "options": ["off", "on"],
              "entity_category": "config", "value_template": "{{ value_json.power_on_behavior }}"}  # fmt: skip
    speed = {"name": "Effect speed", "command_topic": f"{topic}/set/effect_speed", "min": 0, "max": 100,
             "entity_category": "config", "value_template": "{{ value_json.effect_speed }}"}  # fmt: skip
    update = {"name": None, "command_topic": "zigbee2mqtt/bridge/request/device/ota_update/update",
              "payload_install": ieee, "entity_category": "config", "value_template": _UPDATE}  # fmt: skip
    own: list[tuple[str, str, dict[str, object]]] = [
        ("light", "light", lamp), ("select", "power_on_behavior", choice), ("number", "effect_speed", speed),
        ("update", "update", update),
    ]  # fmt: skip
    for name, unit in _SENSORS.items():
        template = "{{ value_json." + name + " }}"
        sensor: dict[str, object] = {"unit_of_measurement": unit, "state_class": "measurement", "name": name,
                                     "value_template": template}  # fmt: skip
        own.append(("sensor", name, sensor))
    return [(f"{domain}/{ieee}/{part}", {**shared, **given, "unique_id": f"{ieee}_{part}_zigbee2mqtt"})
            for domain, part, given in own]  # fmt: skip


_UPDATE = (
    "{\"latest_version\":\"{{ value_json['update']['latest_version'] }}\","
    "\"installed_version\":\"{{ value_json['update']['installed_version'] }}\"}"
)


def _state(number: int, count: int) -> str:
    return json.dumps({
        "state": "ON" if count % 2 else "OFF", "brightness": count % 254, "color_mode": "color_temp", "color_temp": 370,
        "color": {"x": 0.4599, "y": 0.4106}, "power_on_behavior": "on", "effect_speed": 50, "linkquality": count % 255,
        "update": {"latest_version": 2, "installed_version": 2, "state": "idle"}, "power": count % 9, "voltage": 231,
        "current": 0.04, "energy": 12.5, "device_temperature": 20 + number % 9,
    })  # fmt: skip


def _megabytes() -> float:
    """Resident in memory."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def main(entities: int, seconds: float) -> None:
    await large_house(entities, seconds)
    await confirmation(200)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["announce", port, entities]:
            asyncio.run(announce(int(port), int(entities)))
        case ["chatter", port, entities, seconds]:
            talk(int(port), int(entities), float(seconds))
        case numbers:
            asyncio.run(main(*([int(number) for number in numbers] + [1000, 10][len(numbers) :])))
