"""What `doctor` finds at the broker and in the house; the other parts have tests of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assistant.config import Config, PolicySettings
from assistant.doctor import Finding, examine, unknown_to_rules
from tests.brokers import Mosquitto, Peer, free_port, mosquitto
from tests.fakes import FakeHouse

__all__ = ["mosquitto"]

PLUG = {"name": "Relay", "cmd_t": "plug/set", "stat_t": "plug", "uniq_id": "plug", "dev": {"ids": "p", "name": "Plug"}}
POWER = {"name": "Power", "stat_t": "plug/w", "uniq_id": "power", "dev": {"ids": "p", "name": "Plug"}}


async def found(folder: Path, port: int, **house: object) -> dict[str, Finding]:
    settings: dict[str, Any] = {
        "mqtt": {"host": "127.0.0.1", "port": port}, "house": house, "models_folder": folder,
        "brain": {"enabled": False}, "audio": {"microphone": "off"},
    }  # fmt: skip
    findings = await examine(Config.model_validate(settings), folder, virtual_house=False, brain=False)
    return {finding.part: finding for finding in findings}


async def test_the_broker_and_the_house(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with Peer(mosquitto.host, mosquitto.port) as peer:
        await peer.publish("homeassistant/switch/plug/config", json.dumps(PLUG), retain=True)
        await peer.publish("homeassistant/sensor/plug/config", json.dumps(POWER), retain=True)
        await peer.publish("homeassistant/camera/door/config", "{}", retain=True)
        parts = await found(tmp_path, mosquitto.port, devices={"switch.frezer": {"critical": True}})

    broker, house = parts["broker"], parts["house"]
    assert broker.fine and house.fine
    assert broker.found.startswith(f"127.0.0.1:{mosquitto.port} answers (mosquitto version 2.")
    assert broker.found.endswith("MQTT 3.1.1")
    assert house.found == (
        "1 device with 2 entities; 1 announcement left out (devices --all says why); "
        "config.yaml names what did not announce itself: switch.frezer"
    )


def test_rules_for_what_is_not_there() -> None:
    """The rule of a misspelt room holds everywhere, so somebody will ask why."""
    rules = [
        {"rooms": ["Bedrom", "la camera"], "what": ["lock.unlock"], "effect": "deny"},
        {"entities": ["switch.frezer", "lock.front_door"], "effect": "confirm"},
    ]
    settings = PolicySettings.model_validate({"rules": rules})
    assert unknown_to_rules(settings, FakeHouse()) == ["switch.frezer", "Bedrom"]


async def test_echo_cancellation_is_looked_for_where_it_is_configured(tmp_path: Path) -> None:
    """There is no sound server here, or one without it."""
    settings: dict[str, Any] = {
        "audio": {"microphone": "off", "echo_cancellation": "system"},
        "models_folder": tmp_path,
    }
    findings = await examine(Config.model_validate(settings), tmp_path, virtual_house=True, brain=False)
    (echo,) = [finding for finding in findings if finding.part == "echo cancellation"]
    assert not echo.fine and "module-echo-cancel" in echo.remedy


async def test_a_broker_that_refuses_is_told_once(tmp_path: Path) -> None:
    port = free_port()
    parts = await found(tmp_path, port)
    assert not parts["broker"].fine
    assert f"127.0.0.1:{port}" in parts["broker"].found
    assert "mqtt.host" in parts["broker"].remedy
    assert "house" not in parts
