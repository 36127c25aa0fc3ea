"""`mimo-assistant run` in a process of its own, and commands that find it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assistant.audio.files import CHUNK_BYTES, CHUNK_SECONDS
from tests.spoken import models_folder

ROOT = Path(__file__).parent.parent
WATCHDOG_SECONDS = 1.0


@dataclass(slots=True)
class Daemon:
    """What systemd would see of it; its microphone may be our pipe."""

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

    async def listen(self) -> None:
        """As systemd does all the time: its socket holds only so much."""
        while True:
            self.collect()
            await asyncio.sleep(0.5)

    async def play(self, pcm: bytes) -> None:
        """In real time, as a sound card would."""
        assert self.process.stdin is not None
        due = time.monotonic()
        for start in range(0, len(pcm), CHUNK_BYTES):
            self.process.stdin.write(pcm[start : start + CHUNK_BYTES])
            due += CHUNK_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.collect()

    async def stop(self) -> float:
        """Seconds from SIGTERM to the end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.process.wait(), 15)
        return time.monotonic() - began


@asynccontextmanager
async def daemon(
    folder: Path, microphone: str = "stdin", speaker: str = "off", environment: Mapping[str, str] = os.environ,
    console: str = "{enabled: false}",
) -> AsyncIterator[Daemon]:  # fmt: skip
    (folder / "config.yaml").write_text(
        f"language: en\nstate_folder: {folder / 'state'}\naudio: {{microphone: '{microphone}', speaker: '{speaker}'}}\n"
        f"console: {console}\n"
    )
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    notices.bind(str(folder / "notify"))
    environment = {
        **environment,
        "NOTIFY_SOCKET": str(folder / "notify"),
        "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6)),
        "MIMO_MODELS": str(models_folder()),
        "PYTHONPATH": str(ROOT),
    }
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
