"""Whether the sound server takes the assistant's own voice off the microphone, as `echo_cancellation: system` says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from assistant.config import AudioSettings
from assistant.errors import AudioUnavailable

Kind = Literal["source", "sink"]
Device = Mapping[str, Any]
"""As `pactl --format=json list` gives it."""

SERVERS = ("pulse", "pipewire", "default")
"""What PortAudio calls the sound server: its own default devices are meant."""

WAIT_SECONDS = 5.0


async def check(settings: AudioSettings) -> str:
    """The microphone and the loudspeaker that belong together. Raises AudioUnavailable."""
    told = await _pactl("info")
    source = chosen("source", settings.microphone, await _pactl("list", "sources"), told["default_source_name"])
    sink = chosen("sink", settings.speaker, await _pactl("list", "sinks"), told["default_sink_name"])
    return f"{source} hears what is not played on {sink}"


def chosen(kind: Kind, setting: str | int | None, devices: Sequence[Device], default: str) -> str:
    """The name of the device in use. Raises AudioUnavailable when it is no echo canceller's."""
    name = default if setting is None or setting in SERVERS else setting
    device = next((each for each in devices if each["name"] == name), None)
    what = "microphone" if kind == "source" else "speaker"
    if device is None:
        raise AudioUnavailable(f"audio.{what} is {name!r}, which is no {kind} of the sound server")
    if not cancels_echo(device):
        raise AudioUnavailable(f"the {what} is the sound server's {name!r}, which is not one of its echo canceller")
    return str(name)


def cancels_echo(device: Device) -> bool:
    """PulseAudio tells the module, PipeWire the group of nodes."""
    properties = device.get("properties", {})
    told = [device["name"], device.get("driver"), *(properties.get(f"node.{key}") for key in ("name", "link-group"))]
    return any("echo" in word and "cancel" in word for word in map(str, told))


async def _pactl(*arguments: str) -> Any:
    try:
        asking = await asyncio.create_subprocess_exec(
            "pactl", "--format=json", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise AudioUnavailable("pactl is not installed; Debian's package is pulseaudio-utils") from error
    try:
        said, problem = await asyncio.wait_for(asking.communicate(), WAIT_SECONDS)
    except TimeoutError as error:
        asking.kill()
        raise AudioUnavailable("the sound server does not answer") from error
    if asking.returncode != 0:
        raise AudioUnavailable(f"the sound server does not answer: {problem.decode(errors='replace').strip()}")
    return json.loads(said)
