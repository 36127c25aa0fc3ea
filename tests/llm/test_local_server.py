"""The small brain's child process: starts, answers, ends, and never outlives us. Real weights: marker brain."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from pathlib import Path

import pytest

from assistant import model_files
from assistant.config import Config
from assistant.errors import BrainUnavailable, ModelMissing
from assistant.llm.local_server import LocalServer

PROFILE = "qwen2.5-coder-1.5b"


@pytest.fixture
def weights() -> Path:
    return model_files.path("brain", PROFILE, model_files.folder(Config()))


async def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="models pull brain"):
        async with LocalServer(tmp_path / "nothing.gguf"):
            pass


async def test_a_broken_file_is_told(tmp_path: Path) -> None:
    """The child ends; we do not."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(4096))
    with pytest.raises(BrainUnavailable, match="does not start"):
        async with LocalServer(broken):
            pass


@pytest.mark.brain
async def test_the_child_ends_with_its_parent(weights: Path) -> None:
    """Even when the parent is killed, and cannot tidy up."""
    script = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom assistant.llm.local_server import LocalServer\n"
        "async def main():\n"
        "    async with LocalServer(Path(sys.argv[1])) as server:\n"
        "        print(server.pid, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(weights), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert _is_running(child)
    handle = os.pidfd_open(child)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    ended, _, _ = await asyncio.to_thread(select.select, [handle], [], [], 5.0)
    os.close(handle)
    assert ended


def _is_running(pid: int) -> bool:
    """A zombie that its new parent has not collected yet is not running."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
