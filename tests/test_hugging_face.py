"""Fetching from Hugging Face with its own client, from a hub of our own: sizes and hashes come from there."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

REPOSITORY = "XiaomiMiMo/MiMo-7B-RL-0530"
WEIGHTS = b"weights, " * 1000
ROOT = Path(__file__).parents[1]


@dataclass
class Hub:
    """Holds one repository; what it sends can differ from what it promises."""

    url: str = ""
    sent: dict[str, bytes] = field(default_factory=lambda: {"config.json": b"{}", "model.safetensors": WEIGHTS})

    def tree(self) -> list[dict[str, object]]:
        sha256 = hashlib.sha256(WEIGHTS).hexdigest()
        lfs = {"oid": sha256, "size": len(WEIGHTS), "pointerSize": 134}
        return [
            {"type": "file", "path": "config.json", "size": 2, "oid": "0" * 40},
            {"type": "file", "path": "model.safetensors", "size": len(WEIGHTS), "oid": "1" * 40, "lfs": lfs},
        ]


@pytest.fixture
def hub() -> Iterator[Hub]:
    found = Hub()

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._file(body=False)

        def do_GET(self) -> None:
            if self.path.startswith(f"/api/models/{REPOSITORY}/tree/"):
                return self._say(json.dumps(found.tree()).encode(), "application/json")
            return self._file(body=True)

        def _file(self, body: bool) -> None:
            content = found.sent[self.path.rpartition("/")[2]]
            self._say(content, "application/octet-stream", body=body)

        def _say(self, content: bytes, kind: str, body: bool = True) -> None:
            self.send_response(200)
            for name, value in {
                "Content-Type": kind, "Content-Length": str(len(content)), "X-Repo-Commit": "2" * 40,
                "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            }.items():  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, name="hub", daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


def pulled(hub: Hub, models: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the client reads its hub's address once."""
    own = {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(models / "hf"), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-m", "assistant.cli", "models", "pull", "brain/mimo-7b-rl-0530", "--json"]
    environment = {**os.environ, **own, "MIMO_MODELS": str(models)}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_weights_are_checked_by_the_hash_that_the_hub_knows(hub: Hub, tmp_path: Path) -> None:
    ran = pulled(hub, tmp_path)
    folder = tmp_path / "brain" / "mimo-7b-rl-0530"
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"model": "brain/mimo-7b-rl-0530", "path": str(folder)}
    assert sorted(file.name for file in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_weights_that_came_changed_are_thrown_away(hub: Hub, tmp_path: Path) -> None:
    hub.sent["model.safetensors"] = WEIGHTS.swapcase()
    ran = pulled(hub, tmp_path)
    assert ran.returncode != 0 and "model.safetensors is not the file it should be" in " ".join(ran.stderr.split())
    assert not (tmp_path / "brain" / "mimo-7b-rl-0530" / "model.safetensors").exists()
