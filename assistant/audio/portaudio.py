"""PortAudio, which this machine may lack: its Python half comes with pip, the library with the system."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any

from assistant.errors import AudioUnavailable

sounddevice: Any = None
with suppress(OSError):
    sounddevice = importlib.import_module("sounddevice")


def require() -> None:
    """Raises AudioUnavailable with what to do."""
    if sounddevice is None:
        raise AudioUnavailable("PortAudio is not installed; Debian's package is libportaudio2")
