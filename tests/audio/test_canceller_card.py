"""Through a real sound server whose speaker is heard by its microphone: the canceller takes that off."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.audio import virtual_card
from tests.spoken import say

pytest.importorskip("livekit.rtc", reason="needs the extra webrtc")

pytestmark = [
    pytest.mark.sound_card,
    pytest.mark.skipif(not virtual_card.is_here(), reason="needs pulseaudio and pulseaudio-utils"),
]

TALK = """
import asyncio, sys
from pathlib import Path
import numpy as np
from assistant.audio.canceller import EchoCanceller
from assistant.audio.files import read_samples
from assistant.audio.microphone import Microphone
from assistant.audio.speaker import SoundCard
from assistant.audio.webrtc import Webrtc
from assistant.config import AudioSettings
from assistant.models import AudioChunk

async def voice():
    yield AudioChunk(read_samples(Path(sys.argv[1])))

async def main():
    heard, settings = [], AudioSettings(microphone="virtmic", speaker="virtspeaker")
    canceller = EchoCanceller(Webrtc().cancel) if sys.argv[2] == "webrtc" else None

    async def listen():
        async for chunk in Microphone(settings, canceller=canceller).chunks():
            heard.append(np.mean(np.frombuffer(chunk.pcm, np.int16).astype(float) ** 2))

    listening = asyncio.create_task(listen())
    await asyncio.sleep(1.0)
    for reply in range(2):
        await asyncio.sleep(0.5)
        begun = len(heard)
        await SoundCard(settings, canceller).play(voice())
    print(float(np.sqrt(np.median([np.mean(heard[at : at + 10]) for at in range(begun, len(heard), 10)]))), flush=True)
    listening.cancel()

asyncio.run(asyncio.wait_for(main(), 60))
"""

REPLY = "The kitchen light is on, and it is twenty one degrees in the bedroom."


def test_its_own_voice_through_the_sound_server(tmp_path: Path) -> None:
    """A fifth of its loudness is 14 dB. A busy machine stutters, and then the canceller has to learn the delay anew."""
    voice = say(REPLY)
    with virtual_card.virtual_card(tmp_path) as card:
        subprocess.run(
            ["pactl", "load-module", "module-loopback", "source=speaker.monitor", "sink=cable", "latency_msec=60"],
            env=card.environment, capture_output=True, check=True,
        )  # fmt: skip
        time.sleep(0.5)
        left = {how: heard(card, voice, how) for how in ("none", "webrtc")}
    print(f"\nits own voice in the microphone, by loudness: {left}")
    assert left["none"] > 500
    assert left["webrtc"] < left["none"] / 5


def heard(card: virtual_card.VirtualCard, voice: Path, how: str) -> float:
    """How loud its second reply was in the microphone, for half of the time."""
    command = [sys.executable, "-c", TALK, str(voice), how]
    return float(subprocess.run(command, env=card.environment, capture_output=True, text=True, check=True).stdout)
