"""Whether the sound server's echo canceller is the one that is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.audio.echo import cancels_echo, chosen
from assistant.errors import AudioUnavailable
from tests.audio import virtual_card

PULSE: list[dict[str, Any]] = [
    {"name": "virtmic", "driver": "module-remap-source.c", "properties": {"device.class": "filter"}},
    {"name": "quiet", "driver": "module-echo-cancel.c", "properties": {"device.class": "filter"}},
]
PIPEWIRE: dict[str, Any] = {
    "name": "kitchen", "driver": "PipeWire", "properties": {"node.link-group": "echo-cancel-1234-20"},
}  # fmt: skip


def test_it_is_told_by_the_module_or_by_the_group() -> None:
    assert [cancels_echo(each) for each in [*PULSE, PIPEWIRE]] == [False, True, True]


@pytest.mark.parametrize(("setting", "default"), [(None, "quiet"), ("pulse", "quiet"), ("quiet", "virtmic")])
def test_the_device_in_use(setting: str | None, default: str) -> None:
    assert chosen("source", setting, PULSE, default) == "quiet"


@pytest.mark.parametrize(
    ("setting", "said"), [(None, "which is not one of its echo canceller"), ("USB mic", "is no source of the sound")]
)
def test_another_device(setting: str | None, said: str) -> None:
    with pytest.raises(AudioUnavailable, match=said):
        chosen("source", setting, PULSE, "virtmic")


CHECK = """
import asyncio
from assistant.audio.echo import check
from assistant.config import AudioSettings
from assistant.errors import AudioUnavailable
try:
    print(asyncio.run(check(AudioSettings(echo_cancellation="system"))))
except AudioUnavailable as error:
    print(error.reason)
"""


@pytest.mark.sound_card
@pytest.mark.skipif(not virtual_card.is_here(), reason="needs pulseaudio and pulseaudio-utils")
def test_the_real_sound_server(tmp_path: Path) -> None:
    with virtual_card.virtual_card(tmp_path) as card:

        def run(*command: str) -> str:
            return subprocess.run(command, env=card.environment, capture_output=True, text=True, check=True).stdout

        assert "is not one of its echo canceller" in run(sys.executable, "-c", CHECK)
        options = "aec_method=webrtc source_name=free sink_name=reference source_master=virtmic sink_master=speaker"
        run("pactl", "load-module", "module-echo-cancel", *options.split())
        run("pactl", "set-default-source", "free")
        run("pactl", "set-default-sink", "reference")
        assert run(sys.executable, "-c", CHECK).strip() == "free hears what is not played on reference"
