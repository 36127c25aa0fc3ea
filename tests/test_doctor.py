"""What `doctor` finds at the broker and in the house; the other parts have tests of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from assistant import surroundings
from assistant.config import Config, PolicySettings
from assistant.doctor import Finding, examine, unknown_to_rules
from assistant.errors import AssistantError
from tests.brokers import Mosquitto, Peer, free_port, mosquitto
from tests.fakes import FakeHouse
from tests.llm.scripted_server import ScriptedServer
from tests.spoken import models_folder

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


async def test_webrtcs_echo_cancellation_is_tried(tmp_path: Path) -> None:
    """On an echo of the bundled recording; where its library is not installed, the command that installs it is told."""
    settings: dict[str, Any] = {
        "audio": {"microphone": "off", "echo_cancellation": "webrtc"},
        "models_folder": tmp_path,
    }
    findings = await examine(Config.model_validate(settings), tmp_path, virtual_house=True, brain=False)
    (echo,) = [finding for finding in findings if finding.part == "echo cancellation"]
    if find_spec("livekit"):
        assert echo.fine and echo.found.startswith("WebRTC takes ")
    else:
        assert not echo.fine and echo.found == "the library livekit is not installed"
        assert "script/install --webrtc" in echo.remedy


async def test_a_broker_that_refuses_is_told_once(tmp_path: Path) -> None:
    port = free_port()
    parts = await found(tmp_path, port)
    assert not parts["broker"].fine
    assert f"127.0.0.1:{port}" in parts["broker"].found
    assert "mqtt.host" in parts["broker"].remedy
    assert "house" not in parts


async def brain_found(folder: Path, *answers: list[str]) -> Finding:
    async with ScriptedServer(*answers) as server:
        settings: dict[str, Any] = {
            "mqtt": {"host": "127.0.0.1", "port": free_port()}, "models_folder": folder, "audio": {"microphone": "off"},
            "brain": {"url": server.url, "profile": "mimo-7b-rl-0530"},
        }  # fmt: skip
        findings = await examine(Config.model_validate(settings), folder, virtual_house=True, brain=True)
    return next(finding for finding in findings if finding.part == "brain")


async def test_a_brain_that_keeps_to_a_grammar(tmp_path: Path) -> None:
    brain = await brain_found(tmp_path, [" four", ",", " five"], ['{"lamp"', ': "on"}'])
    assert brain.fine and "tokens/s" in brain.found and "keeps to a grammar" in brain.found


async def test_a_brain_that_ignores_the_grammar_is_found_out(tmp_path: Path) -> None:
    """Its plans would be nonsense; that it answers says nothing."""
    brain = await brain_found(tmp_path, [" four", ",", " five"], ["Something", "!"])
    assert not brain.fine and "does not keep to a grammar" in brain.found and "Something!" in brain.found


async def test_what_stands_around_it(tmp_path: Path) -> None:
    secret = tmp_path / "mqtt-password"
    secret.write_text("hunter2")
    config_file = tmp_path / "config.yaml"
    config = Config.model_validate({"mqtt": {"password_file": "mqtt-password"}})
    secret.chmod(0o644)
    with pytest.raises(AssistantError, match="mqtt-password"):
        await surroundings.secrets(config, config_file, tmp_path)
    secret.chmod(0o600)
    assert await surroundings.secrets(config, config_file, tmp_path) == f"only their owner may read them: {secret}"
    with pytest.raises(AssistantError, match="1970"):
        await surroundings.clock(datetime(1970, 1, 1, tzinfo=UTC))
    assert "MB free" in await surroundings.disk(tmp_path)
    assert await surroundings.service()


@pytest.mark.audio
async def test_the_ears_hear_the_bundled_recording(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"audio": {"microphone": "off"}, "models_folder": models_folder()}
    found = await examine(Config.model_validate(settings), tmp_path, virtual_house=True, brain=False)
    parts = {finding.part: finding for finding in found}
    assert parts["wake word"].found == "okay_nabu, heard in the bundled recording"
    assert parts["ears"].fine and "hears the bundled recording" in parts["ears"].found


@pytest.mark.parametrize(
    ("acl", "fine"),
    [
        ("topic readwrite mimo-assistant/#\n", True),
        ("topic read mimo-assistant/#\n", False),
        ("topic write #\n", False),
    ],
)
async def test_what_the_brokers_acl_forbids_is_found(tmp_path: Path, acl: str, fine: bool) -> None:
    """The broker itself takes what it then drops, and says nothing."""
    async with Mosquitto(tmp_path, acl=f"topic read $SYS/#\n{acl}") as broker:
        settings = {"mqtt": {"host": broker.host, "port": broker.port}, "models_folder": tmp_path,
                    "audio": {"microphone": "off"}}  # fmt: skip
        findings = await examine(Config.model_validate(settings), tmp_path, virtual_house=False, brain=False)
    (rights,) = [finding for finding in findings if finding.part == "broker rights"]
    assert rights.fine is fine
    assert fine or ("ACL" in rights.found and "acl_file" in rights.remedy)
