"""The daemon as systemd runs it: ready, alive while sound arrives, stopping, and the socket in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.audio.files import CHUNK_BYTES, CHUNK_SECONDS, read_samples
from tests.spoken import models_folder, say

pytestmark = pytest.mark.audio

ROOT = Path(__file__).parent.parent
WATCHDOG_SECONDS = 1.0


@dataclass(slots=True)
class Daemon:
    """`mimo-assistant run` in a process of its own, its microphone being our pipe."""

    process: asyncio.subprocess.Process
    notices: socket.socket
    state: Path
    heard: list[tuple[float, str]] = field(default_factory=list)
    """When systemd was told what."""

    async def told(self, message: str, within_seconds: float = 60.0) -> None:
        deadline = time.monotonic() + within_seconds
        while not any(said == message for _, said in self.collect()):
            assert time.monotonic() < deadline, f"{message} did not come: {self.heard}"
            assert self.process.returncode is None, "the daemon ended"
            await asyncio.sleep(0.05)

    def collect(self) -> list[tuple[float, str]]:
        while True:
            try:
                self.heard.append((time.monotonic(), self.notices.recv(4096).decode()))
            except BlockingIOError:
                return self.heard

    async def play(self, pcm: bytes) -> None:
        """In real time, as a sound card would."""
        assert self.process.stdin is not None
        due = time.monotonic()
        for start in range(0, len(pcm), CHUNK_BYTES):
            self.process.stdin.write(pcm[start : start + CHUNK_BYTES])
            due += CHUNK_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def stop(self) -> float:
        """Seconds from SIGTERM to the end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.process.wait(), 15)
        return time.monotonic() - began


@asynccontextmanager
async def daemon(folder: Path, microphone: str = "stdin") -> AsyncIterator[Daemon]:
    (folder / "config.yaml").write_text(
        f"language: en\nstate_folder: {folder / 'state'}\naudio: {{microphone: '{microphone}', speaker: 'off'}}\n"
    )
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    notices.bind(str(folder / "notify"))
    environment = os.environ | {
        "NOTIFY_SOCKET": str(folder / "notify"),
        "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6)),
        "MIMO_MODELS": str(models_folder()),
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("WATCHDOG_PID", None)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assistant.cli", "run", "--no-brain", "--config", str(folder / "config.yaml")),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment, cwd=folder,
    )  # fmt: skip
    try:
        yield Daemon(process, notices, folder / "state")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        notices.close()


async def test_lives_as_systemd_expects(tmp_path: Path) -> None:
    """READY=1; WATCHDOG=1 only while sound arrives; STOPPING=1 and the end within 5 s; the turn is in the journal."""
    async with daemon(tmp_path) as running:
        await running.told("READY=1")
        await running.play(read_samples(say("Turn on the kitchen light.", pause=0.3)) + bytes(3 * 32_000))
        assert any(said == "WATCHDOG=1" for _, said in running.collect())

        await asyncio.sleep(WATCHDOG_SECONDS)
        running.collect()
        running.heard.clear()
        await asyncio.sleep(2 * WATCHDOG_SECONDS)
        assert running.collect() == [], "no sound arrived, so the watchdog is not fed"

        assert await running.stop() < 5
        assert [said for _, said in running.collect()] == ["STOPPING=1"]
        assert running.process.returncode == 0
        with sqlite3.connect(running.state / "journal.sqlite") as journal:
            rows = journal.execute("SELECT path, transcript, reply FROM turns").fetchall()
        assert rows == [("reflex", "Turn on the kitchen light.", "The kitchen light is on.")]


async def test_a_turn_under_way_is_journalled_when_it_is_stopped(tmp_path: Path) -> None:
    async with daemon(tmp_path) as running:
        await running.told("READY=1")
        spoken = read_samples(say("Turn on the kitchen light.", pause=0.3))
        await running.play(spoken[: len(spoken) * 2 // 3])
        assert await running.stop() < 5
        with sqlite3.connect(running.state / "journal.sqlite") as journal:
            assert journal.execute("SELECT error FROM turns").fetchall() == [("interrupted",)]


async def test_say_hear_and_why_go_to_it(tmp_path: Path) -> None:
    async with daemon(tmp_path, "off") as running:
        await running.told("READY=1")
        assert (running.state / "socket").stat().st_mode & 0o777 == 0o660
        said = await command(running, "say", "--json", "turn on the kitchen light", "--session", "desk")
        assert json.loads(said)["actions"][0]["confirmed"] is True
        heard = await command(running, "hear", "--json", "--fast", str(say("Turn off the kitchen light.", pause=0.3)))
        assert json.loads(heard)["reply"] == "The kitchen light is off."
        why = await command(running, "why", "--session", "desk")
        assert "turn on the kitchen light" in why
        devices = await command(running, "devices", "--json")
        assert {"entity": "light.kitchen_light", "state": "off"}.items() <= {
            row["entity"]: row for row in map(json.loads, devices.splitlines())
        }["light.kitchen_light"].items()
        assert await running.stop() < 5


async def command(running: Daemon, *arguments: str) -> str:
    """A `mimo-assistant` command of another process, which finds the daemon by its state folder."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assistant.cli", *arguments),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"MIMO_CONFIG": str(running.state.parent / "config.yaml"), "PYTHONPATH": str(ROOT)},
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out
    return out.decode()
