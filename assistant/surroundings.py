"""What stands around the assistant: disk, clock, who may read its secrets, and the service that starts it."""

from __future__ import annotations

import asyncio
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from assistant.config import Config
from assistant.errors import AssistantError
from assistant.password import PASSWORD_FILE

LOW_DISK_MEGABYTES = 200

UNIT = "mimo-assistant.service"

ANSWER_SECONDS = 3.0

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows less has not been set since the machine was switched on."""


async def disk(state: Path) -> str:
    free = (await asyncio.to_thread(shutil.disk_usage, state)).free // 1_000_000
    if free < LOW_DISK_MEGABYTES:
        raise AssistantError(f"only {free} MB are free in {state}")
    return f"{free:,} MB free in {state}"


async def clock(now: datetime) -> str:
    """Alarms ring by it."""
    if now < BUILT:
        raise AssistantError(f"the clock shows {now:%Y-%m-%d}")
    synchronised = await _told("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if synchronised == "no":
        raise AssistantError("nothing keeps the clock right")
    kept = "kept right by the network" if synchronised == "yes" else "nobody here tells whether it is kept right"
    return f"{now.astimezone():%Y-%m-%d %H:%M %Z}, {kept}"


async def secrets(config: Config, config_file: Path | None, state: Path) -> str:
    """Files that hold a secret are their owner's alone."""
    folder = config_file.parent if config_file else Path()
    return await asyncio.to_thread(_guarded, [folder / file for file in _secret_files(config)], state)


async def service() -> str:
    """Being started by hand is a way of use."""
    enabled = await _told("systemctl", "is-enabled", UNIT)
    if enabled in (None, "", "not-found"):
        return "not installed; started by hand"
    active = await _told("systemctl", "is-active", UNIT)
    if active == "failed":
        raise AssistantError(f"{UNIT} has failed")
    return f"{UNIT} is {enabled} and {active}"


def _secret_files(config: Config) -> Iterable[Path]:
    console = config.console
    files = [config.mqtt.password_file, config.brain.api_key_file, console.password_file, console.metrics_token_file,
             console.tls_key, *(end.api_key_file for end in config.brain.endpoints)]  # fmt: skip
    return [file for file in files if file is not None]


def _guarded(files: list[Path], state: Path) -> str:
    kept = [*files, *(file for name in (PASSWORD_FILE, "console-sessions.json") if (file := state / name).exists())]
    open_to_others = [file for file in kept if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to_others:
        raise AssistantError(f"others may read {', '.join(map(str, open_to_others))}")
    return f"only their owner may read them: {', '.join(map(str, kept))}" if kept else "no secret lies in a file"


async def _told(*command: str) -> str | None:
    """What a command prints; None where there is none, or it does not answer."""
    with suppress(OSError, TimeoutError):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(), ANSWER_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        return out.decode(errors="replace").strip()
    return None
