"""The small brain's child process: starts, answers, ends, and never outlives us. Real weights: marker brain."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from assistant import model_files
from assistant.config import BrainSettings, Config
from assistant.errors import BrainUnavailable, ModelMissing
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.local_server import LocalServer
from assistant.llm.profile import Profile
from assistant.models import Plan
from tests.llm.sample_house import TOOLS, SampleHouse

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
async def test_too_dark_to_read_turns_on_a_light_there(weights: Path) -> None:
    house, found = SampleHouse(), None
    settings = BrainSettings(timeout_seconds=300)
    async with (
        LocalServer(weights) as server,
        TwoPhaseBrain(settings, Profile.load(PROFILE), TOOLS, server.url) as brain,
        aclosing(brain.think("it is too dark to read in the living room", "en", None, house)) as pieces,
    ):
        assert await brain.ready()
        async for piece in pieces:
            if isinstance(piece, Plan):
                found = piece
        pid = server.pid
    assert found is not None
    assert found.intents
    for intent in found.intents:
        assert intent.name in ("HassTurnOn", "HassLightSet")
        assert set(intent.target.ids) <= {"light.reading_lamp", "light.living_room_light"}
    assert pid is not None and not _is_running(pid)


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
