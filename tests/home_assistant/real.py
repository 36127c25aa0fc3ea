"""The real Home Assistant in a process of its own, with our package and a house that needs no hardware."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.brokers import Peer, free_port

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "integrations" / "home_assistant" / "mimo_assistant.yaml"
HASS = os.environ.get("HASS") or shutil.which("hass")
"""How it is started where it is installed: its Python is newer than ours, so it cannot share our environment."""


@asynccontextmanager
async def real_home_assistant(folder: Path, host: str, port: int) -> AsyncIterator[Path]:
    """Yields its log, once it has listed its entities."""
    assert HASS is not None
    config = folder / "home_assistant"
    shutil.copytree(Path(__file__).parent / "config", config)
    (config / "packages").mkdir()
    shutil.copy(PACKAGE, config / "packages")
    _fill(config / ".storage" / "core.config_entries", '"PORT"', str(port))
    _fill(config / "configuration.yaml", "HTTP_PORT", str(free_port()))
    log = config / "log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with log.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(HASS), "--config", str(config), "--skip-pip",
            stdout=output, stderr=subprocess.STDOUT, env=environment,
        )  # fmt: skip
    try:
        async with Peer(host, port) as listener:
            await listener.listen("mimo-assistant/ha/list/0")
            await listener.hears("mimo-assistant/ha/list/0", within=60)
        yield log
    finally:
        process.terminate()
        await process.wait()


def _fill(file: Path, gap: str, value: str) -> None:
    file.write_text(file.read_text().replace(gap, value))
