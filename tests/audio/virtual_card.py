"""A sound card without hardware: a PulseAudio of the test's own, with a microphone and a speaker on cables."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ALSA = """
</usr/share/alsa/alsa.conf>
pcm.virtmic { type pulse device "virtmic" hint { show on description "virtual microphone" } }
pcm.virtspeaker { type pulse device "speaker" hint { show on description "virtual speaker" } }
"""

MODULES = (
    "module-native-protocol-unix",
    "module-null-sink sink_name=cable rate=48000 channels=1",
    "module-null-sink sink_name=speaker rate=48000 channels=1",
    "module-remap-source source_name=virtmic master=cable.monitor",
)


@dataclass(frozen=True)
class VirtualCard:
    environment: dict[str, str]
    """For the process under test: PortAudio then finds "virtmic" and "virtspeaker"."""

    def play_into_microphone(self, wav: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["paplay", "--device=cable", str(wav)], env=self.environment)

    @contextmanager
    def record_speaker(self, raw: Path) -> Iterator[None]:
        """16 kHz mono int16 of what the speaker plays."""
        with raw.open("wb") as file:
            command = ["parec", "-d", "speaker.monitor", "--format=s16le", "--rate=16000", "--channels=1"]
            recorder = subprocess.Popen(command, stdout=file, env=self.environment)
            try:
                time.sleep(0.3)
                yield
                time.sleep(0.3)
            finally:
                recorder.terminate()
                recorder.wait(5)


def is_here() -> bool:
    return all(shutil.which(tool) for tool in ("pulseaudio", "paplay", "parec", "pactl"))


@contextmanager
def virtual_card(folder: Path) -> Iterator[VirtualCard]:
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    (folder / "asound.conf").write_text(ALSA)
    environment = os.environ | {
        "XDG_RUNTIME_DIR": str(runtime),
        "PULSE_RUNTIME_PATH": str(runtime / "pulse"),
        "HOME": str(folder),
        "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
    }
    environment.pop("PULSE_SERVER", None)
    loaded = [argument for module in MODULES for argument in ("-L", module)]
    server = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--log-target=stderr", *loaded],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(environment)
        yield VirtualCard(environment)
    finally:
        server.terminate()
        server.wait(10)


def _await(environment: dict[str, str]) -> None:
    for _ in range(100):
        ready = subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False)
        if ready.returncode == 0:
            return
        time.sleep(0.1)
    raise TimeoutError("PulseAudio did not start")
