"""The command line as people and scripts use it: one JSON object a turn, clear sentences, honest exit codes."""

from __future__ import annotations

import json
import wave
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from assistant.cli import DONE, NOT_DONE, PART_DOWN, USAGE, cli
from tests.spoken import models_folder, say

VIRTUAL = ("--house", "virtual", "--no-brain")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`mimo-assistant …` with a state folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("MIMO_MODELS", str(models_folder()))

    def command(*arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=input)

    return command


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


# ── the contract ─────────────────────────────────────────────────────────────────────────


def test_a_turn_as_json(run: Any) -> None:
    result = run("say", "--json", *VIRTUAL, "turn on the kitchen light")
    (turn,) = rows(result)
    assert result.exit_code == DONE
    assert turn.keys() >= {
        "turn", "transcript", "language", "path", "routed_because", "intents", "actions", "thoughts", "because",
        "reply", "error", "timings_ms",
    }  # fmt: skip
    assert (turn["transcript"], turn["language"], turn["path"]) == ("turn on the kitchen light", "en", "reflex")
    assert turn["intents"] == [{"intent": "HassTurnOn", "targets": ["light.kitchen_light"], "slots": {}}]
    (action,) = turn["actions"]
    assert action["topic"].endswith("/set") and "ON" in action["payload"]
    assert (action["entity"], action["verdict"], action["confirmed"]) == ("light.kitchen_light", "allowed", True)
    assert turn["reply"] == "The kitchen light is on."
    assert turn["timings_ms"].keys() == {
        "endpoint", "stt", "match", "think", "plan", "act", "confirm", "first_audio"
    }  # fmt: skip


def test_a_request_a_line_and_a_session(run: Any) -> None:
    """Without --session a yes confirms nothing; with it, it does."""
    lines = "unlock the front door\nyes\n"
    alone = run("say", "--json", *VIRTUAL, "-", input=lines)
    assert [turn["actions"] for turn in rows(alone)][1] == []
    together = run("say", "--json", *VIRTUAL, "--session", "hall", "-", input=lines)
    asked, done = rows(together)
    assert (asked["actions"][0]["verdict"], asked["reply"]) == ("needs_confirmation", "Shall I unlock the front door?")
    assert (done["actions"][0]["payload"], done["actions"][0]["confirmed"]) == ("UNLOCK", True)
    assert together.exit_code == NOT_DONE


def test_the_room_of_the_speaker(run: Any) -> None:
    (turn,) = rows(run("say", "--json", *VIRTUAL, "--room", "Bedroom", "turn on the light"))
    assert turn["intents"][0]["targets"] == ["light.bedroom_light"]


def test_why_explains_the_last_turn(run: Any) -> None:
    run("say", *VIRTUAL, "turn on the kitchen light")
    result = run("why", "--house", "virtual")
    assert result.exit_code == DONE
    assert "turn on the kitchen light" in result.stdout
    assert 3 <= len(result.stdout.splitlines()) <= 5


def test_timers(run: Any) -> None:
    """What is planned outlives the command that planned it, and nothing is sent for it."""
    house = ("--house", "virtual")
    assert run("timers", *house).stdout.strip() == "Nothing is planned."
    told = run("say", *house, "Set a pasta timer for ten minutes.")
    assert told.exit_code == 0 and "name=pasta" in told.stdout and "now=" not in told.stdout
    (row,) = rows(run("timers", "--json", *house))
    assert (row["kind"], row["name"], row["seconds"], row["paused"]) == ("timer", "pasta", 600.0, False)
    assert row["remaining_seconds"] <= 600
    shown = run("timers", *house).stdout
    due = datetime.fromisoformat(row["due"]).astimezone()
    assert "pasta" in shown and due.strftime("%Y-%m-%d %H:%M") in shown and "+00:00" not in shown
    assert run("say", "--json", *house, "Cancel the rice timer.").exit_code == 1


def test_devices(run: Any) -> None:
    """For scripts, one object an entity; for people, a tree whose every line is whole, however narrow the terminal."""
    listed = {row["entity"]: row for row in rows(run("devices", "--json", "--house", "virtual"))}
    lamp = listed["light.kitchen_light"]
    assert lamp.keys() >= {
        "floor", "room", "name", "name_source", "room_source", "aliases", "state", "attributes", "age_seconds", "stale",
        "hidden", "critical", "source",
    }  # fmt: skip
    assert (lamp["floor"], lamp["room"], lamp["room_source"], lamp["source"]) == (
        "Ground floor", "Kitchen", "device", "mqtt"
    )  # fmt: skip
    assert (lamp["stale"], lamp["age_seconds"] < 60) == (False, True)
    assert listed["lock.front_door"]["state"] in {"locked", "unlocked"}

    tree = run("devices", "--house", "virtual").stdout.splitlines()
    assert [line for line in tree if "─ Kitchen" in line] == [
        "│   ├── Kitchen",
        next(line for line in tree if line.endswith("light.kitchen_light  named and placed by the device")),
    ]
    assert tree.index("├── Ground floor") < tree.index("│   ├── Kitchen") < tree.index("├── First floor")


def test_devices_of_a_group_and_what_was_left_out(run: Any, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("house: {groups: {Evening: [light.kitchen_light, switch.coffee_machine]}}\n")
    shown = run("devices", "--all", "--config", config).stdout
    assert "= light.kitchen_light, switch.coffee_machine" in shown
    (group,) = [row for row in rows(run("devices", "--json", "--config", config)) if row.get("members")]
    assert (group["name"], group["state"], group["hidden"]) == ("Evening", "off", False)


@pytest.mark.parametrize(
    ("text", "code"),
    [("turn on the kitchen light", DONE), ("colourless green ideas", NOT_DONE), ("", NOT_DONE),
     ("set the thermostat to 90 degrees", NOT_DONE), ("turn on the " + "very " * 500 + "old lamp", NOT_DONE)],
)  # fmt: skip
def test_exit_codes(run: Any, text: str, code: int) -> None:
    result = run("say", *VIRTUAL, text)
    assert result.exit_code == code
    assert "Traceback" not in result.output


# ── what is wrong is said ────────────────────────────────────────────────────────────────


def test_a_broker_that_is_away(run: Any, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("mqtt: {host: 127.0.0.1, port: 1}\n")
    result = run("say", "--config", config, "--no-brain", "--json", "turn on the kitchen light")
    assert result.exit_code == PART_DOWN
    (turn,) = rows(result)
    assert turn["reply"] == "I cannot reach the house right now."


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("languge: it\n", ["languge", "is not a setting", "language"]),
        ("language: fr\n", ["language", "'fr'", "'en'"]),
        ("mqtt: {port: 99999}\n", ["mqtt.port", "99999", "65535"]),
        ("mqtt: {hots: broker}\n", ["mqtt.hots", "is not a setting", "host"]),
        ("- a list\n", ["should hold settings"]),
        ("language: [it\n", ["is not YAML"]),
        ("mqtt: {password: [1]}\n", ["mqtt.password"]),
        ("mqtt: {password_file: nowhere}\n", ["nowhere", "cannot be read"]),
        ("house: {rooms: {Attic: {floor: Roof}}}\n", ["Attic", "Roof"]),
        ("policy: {confirm: [lock.unlok]}\n", ["lock.unlok"]),
        ("house: {groups: {Xmas: []}}\n", ["house.groups.Xmas", "at least 1"]),
        ("house: {groups: {Xmas: [Tree]}}\n", ["house.groups.Xmas", "Tree", "pattern"]),
        ("house: {stale_hours: 0}\n", ["house.stale_hours", "greater than 0"]),
    ],
)
def test_a_wrong_configuration(run: Any, tmp_path: Path, written: str, said: list[str]) -> None:
    """Path, value and what is allowed; exit 2; nothing started."""
    config = tmp_path / "config.yaml"
    config.write_text(written)
    for command in (("config", "check", config), ("say", "--config", config, "--no-brain", "hello")):
        result = run(*command)
        assert result.exit_code == USAGE, result.output
        assert all(word in result.output for word in said), result.output
        assert "Traceback" not in result.output


def test_a_secret_is_never_shown(run: Any, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("mqtt: {host: 127.0.0.1, port: 1, username: me, password: hunter2}\nbrain: {api_key: hunter2}\n")
    for command in (("config", "check", config), ("say", "--config", config, "--no-brain", "--json", "hello")):
        assert "hunter2" not in run(*command).output
    config.write_text("mqtt: {password: {a: hunter2}}\n")
    assert "hunter2" not in run("config", "check", config).output


def test_usage(run: Any) -> None:
    assert run("say").exit_code == USAGE
    assert run("say", "--language", "fr", "bonjour").exit_code == USAGE
    assert run("say", "--house", "castle", "hello").exit_code == USAGE


def test_brackets_are_no_markup(run: Any, tmp_path: Path) -> None:
    """What was typed is shown as it was typed."""
    result = run("why", "--session", "[/]", "--house", "virtual")
    assert result.exit_code == NOT_DONE
    assert "session '[/]'" in result.output
    folder = tmp_path / "[bold]home"
    folder.mkdir(parents=True)
    config = folder / "config.yaml"
    config.write_text("language: it\n")
    result = run("config", "check", config)
    assert (result.exit_code, result.stdout) == (DONE, f"{config}: good\n")


def test_every_voice_of_the_settings_is_pulled(run: Any, tmp_path: Path) -> None:
    voices = {"en": "en_US-one-low", "it": "it_IT-two-low", "zh": "/srv/own.onnx"}
    there = tmp_path / "there"
    there.mkdir()
    for name in ("en_US-one-low", "it_IT-two-low"):
        (there / f"{name}.onnx").write_bytes(b"onnx")
        (there / f"{name}.onnx.json").write_text("{}")
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"models_folder": str(tmp_path / "models"), "voice": {"voices": voices}}))
    result = run("models", "pull", "--json", "--config", config, "--from", there, "voice")
    assert result.exit_code == DONE, result.output
    assert [row["model"] for row in rows(result)] == ["voice/en_US-one-low", "voice/it_IT-two-low"]
    assert all(Path(row["path"]).is_file() for row in rows(result))


# ── sound files ──────────────────────────────────────────────────────────────────────────


@pytest.mark.audio
def test_the_brains_server_is_shown_with_reasons(run: Any) -> None:
    """On any machine: the choice for a card of 8 GB, without starting anything."""
    shown = run("brain", "serve", "--memory", "7.6", "--dry-run", "--model", "/srv/mimo", "--", "--max-num-seqs", "8")
    assert shown.exit_code == DONE
    assert "int4 by bitsandbytes in flight" in shown.stderr and "No drafted tokens" in shown.stderr
    (command,) = shown.stdout.splitlines()
    assert "--model /srv/mimo --served-model-name XiaomiMiMo/MiMo-7B-RL-0530" in command
    assert command.endswith("--quantization bitsandbytes --max-num-seqs 8")


def test_a_card_that_is_too_small_for_the_brain(run: Any) -> None:
    refused = run("brain", "serve", "--memory", "4", "--dry-run")
    assert refused.exit_code == USAGE and "has 4.0 GiB, and int4 needs 7.4" in " ".join(refused.stderr.split())


def test_hear_as_json(run: Any) -> None:
    result = run("hear", "--json", "--fast", "--language", "en", *VIRTUAL, say("Turn on the kitchen light.", pause=0.3))
    (turn,) = rows(result)
    assert result.exit_code == DONE
    assert turn["actions"][0]["confirmed"] is True
    assert all(turn["timings_ms"][stage] is not None for stage in ("endpoint", "stt", "match", "act", "first_audio"))


@pytest.mark.audio
def test_files_that_are_no_command(run: Any, tmp_path: Path) -> None:
    """Silence, noise, cut short, empty, no sound at all: a sentence each, and the good file among them is done."""
    silence = wav(tmp_path / "silence.wav", np.zeros(32_000))
    noise = wav(tmp_path / "noise.wav", np.random.default_rng(1).normal(0, 900, 48_000))
    good = say("Turn on the kitchen light.", pause=0.3)
    result = run("hear", "--json", "--fast", *VIRTUAL, silence, noise, good)
    turns = rows(result)
    assert [bool(turn["actions"]) for turn in turns] == [False, False, True]
    assert [turn["reply"] for turn in turns[:2]] == ["I heard nothing."] * 2

    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("this is no sound")
    for bad, said in (("empty.wav", "is empty"), ("text.wav", "is no sound file"), ("gone.wav", "cannot be read")):
        result = run("hear", "--fast", *VIRTUAL, tmp_path / bad)
        assert result.exit_code == USAGE
        assert said in result.output and "Traceback" not in result.output


def wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.astype(np.int16).tobytes())
    return path
