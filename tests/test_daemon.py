"""The daemon as systemd runs it: ready, alive while sound arrives, stopping, and the socket in between."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from assistant.audio.files import read_samples
from tests.daemons import ROOT, WATCHDOG_SECONDS, Daemon, command, daemon
from tests.spoken import say

pytestmark = [pytest.mark.audio, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quiet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """Without a microphone; one for all who only talk to it."""
    async with daemon(tmp_path_factory.mktemp("quiet"), "off") as running:
        await running.told("READY=1")
        listening = asyncio.create_task(running.listen(), name="systemd")
        yield running
        listening.cancel()


async def test_lives_as_systemd_expects(tmp_path: Path) -> None:
    """READY=1; WATCHDOG=1 only while sound arrives; STOPPING=1 and the end within 5 s; every turn is in the journal."""
    async with daemon(tmp_path) as running:
        await running.told("READY=1")
        await running.play(read_samples(say("Turn on the kitchen light.", pause=0.3)) + bytes(3 * 32_000))
        assert any(said == "WATCHDOG=1" for _, said in running.collect())

        await asyncio.sleep(WATCHDOG_SECONDS)
        running.collect()
        running.heard.clear()
        await asyncio.sleep(2 * WATCHDOG_SECONDS)
        assert running.collect() == [], "no sound arrived, so the watchdog is not fed"

        spoken = read_samples(say("Turn off the kitchen light.", pause=0.3))
        await running.play(spoken[: len(spoken) * 2 // 3])
        _, writer = await asyncio.open_unix_connection(running.state / "socket")
        writer.write(b'{"do": "say", "text": "close the living room blinds and lock the front door"}\n')
        await writer.drain()
        await asyncio.sleep(0.15)
        running.collect()
        running.heard.clear()
        assert await running.stop() < 5
        assert [said for _, said in running.collect()] == ["STOPPING=1"]
        assert running.process.returncode == 0
        writer.close()
        with sqlite3.connect(running.state / "journal.sqlite") as journal:
            rows = journal.execute("SELECT path, transcript, reply, error FROM turns ORDER BY rowid").fetchall()
        assert rows[0] == ("reflex", "Turn on the kitchen light.", "The kitchen light is on.", None)
        assert sorted(transcript or "" for _, transcript, _, _ in rows[1:]) == [
            "", "close the living room blinds and lock the front door"
        ], "both that were under way: one in the middle of its first sentence, one that was typed"  # fmt: skip
        assert ("none", None, "interrupted") in [(path, heard, error) for path, heard, _, error in rows[1:]]


async def test_a_second_one_is_refused(quiet: Daemon) -> None:
    """It would take the first one's socket and state."""
    refused = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assistant.cli", "run", "--no-brain"),
        *("--config", str(quiet.state.parent / "config.yaml")),
        stderr=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    _, said = await asyncio.wait_for(refused.communicate(), 30)
    assert refused.returncode == 3
    assert b"runs on" in said and b"already" in said
    assert "kitchen light" in await command(quiet, "say", "turn on the kitchen light")


async def test_say_hear_and_why_go_to_it(quiet: Daemon) -> None:
    assert (quiet.state / "socket").stat().st_mode & 0o777 == 0o660
    said = await command(quiet, "say", "--json", "turn on the kitchen light", "--session", "desk")
    assert json.loads(said)["actions"][0]["confirmed"] is True
    heard = await command(quiet, "hear", "--json", "--fast", str(say("Turn off the kitchen light.", pause=0.3)))
    assert json.loads(heard)["reply"] == "The kitchen light is off."
    why = await command(quiet, "why", "--session", "desk")
    assert "turn on the kitchen light" in why
    devices = await command(quiet, "devices", "--json")
    assert {"entity": "light.kitchen_light", "state": "off"}.items() <= {
        row["entity"]: row for row in map(json.loads, devices.splitlines())
    }["light.kitchen_light"].items()
