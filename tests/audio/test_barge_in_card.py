"""Barge-in through a real sound server: how soon the loudspeaker is silent once the wake word is recognised."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.audio import virtual_card
from tests.audio.virtual_card import VirtualCard
from tests.spoken import okay_nabu, say, write

pytestmark = [
    pytest.mark.sound_card,
    pytest.mark.audio,
    pytest.mark.skipif(not virtual_card.is_here(), reason="needs pulseaudio and pulseaudio-utils"),
]

SILENT_WITHIN_MS = 200
ROUNDS = 3

CONVERSE = """
import asyncio, json, time
import numpy as np
from assistant.audio.loudspeaker import Loudspeaker
from assistant.audio.microphone import Microphone
from assistant.audio.speaker import SoundCard
from assistant.audio.vad import Silero
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import AudioSettings, WakeWordSettings
from assistant.ears import Ears
from assistant.models import AudioChunk
from assistant.satellites.local import Local
from tests.satellites.room import Writes
from tests.stories import House

class Timed(MicroWakeWord):
    def heard_in(self, chunk):
        heard = super().heard_in(chunk)
        if heard:
            print(json.dumps({"recognised": time.monotonic()}), flush=True)
        return heard

class Hums:
    async def synthesize(self, text, language):
        times = np.arange(22050 * 10) / 22050
        yield AudioChunk((12000 * np.sin(2 * np.pi * 880 * times)).astype(np.int16).tobytes(), 22050)

def told(turn):
    print(json.dumps({"reply": turn.reply, "said": turn.said, "error": turn.error}), flush=True)

async def main():
    house = House()
    house.pipeline.ears = Ears(Silero, Writes(*["turn on the kitchen light"] * 20))
    house.pipeline.voice = Hums()
    settings = AudioSettings(microphone="virtmic", speaker="virtspeaker")
    speaker = Loudspeaker(SoundCard(settings))
    place = Local("here", Microphone(settings), Timed(WakeWordSettings()), speaker)
    print("listening", flush=True)
    await house.pipeline.serve(place, told)

asyncio.run(asyncio.wait_for(main(), 120))
"""


@dataclass
class Listener:
    """The loudspeaker's sound as it arrives here, a little after it was played: it makes the figure no better."""

    process: subprocess.Popen[bytes]
    last_loud: float = 0.0
    first_loud: float = 0.0
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while pcm := self.process.stdout.read(320):
            if np.abs(np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16).astype(int)).max() > 500:
                self.last_loud = time.monotonic()
                self.first_loud = self.first_loud or self.last_loud


def listen(card: VirtualCard) -> Listener:
    command = ["parec", "-d", "speaker.monitor", "--format=s16le", "--rate=16000", "--channels=1", "--latency-msec=10"]
    return Listener(subprocess.Popen(command, stdout=subprocess.PIPE, env=card.environment, bufsize=0))


def test_the_voice_stops_when_the_wake_word_is_recognised(tmp_path: Path) -> None:
    command = say("Turn on the kitchen light.", pause=0.2)
    wake = write(tmp_path / "wake.wav", okay_nabu())
    with virtual_card.virtual_card(tmp_path) as card:
        process = subprocess.Popen(
            [sys.executable, "-c", CONVERSE], env=card.environment, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        listener = listen(card)
        assert process.stdout is not None
        try:
            assert process.stdout.readline().strip() == "listening"
            time.sleep(1.5)
            figures = []
            for _ in range(ROUNDS):
                figures.append(interrupted(card, process, listener, command, wake))
        finally:
            process.terminate()
            process.wait(10)
            listener.process.terminate()
            listener.process.wait(10)
    print(f"\nwake word recognised to silence at the speaker: {', '.join(f'{each:.0f} ms' for each in figures)}")
    assert all(each <= SILENT_WITHIN_MS for each in figures), figures


def interrupted(
    card: VirtualCard, process: subprocess.Popen[str], listener: Listener, command: Path, wake: Path
) -> float:
    """Milliseconds from the recognition to the last of the voice."""
    assert process.stdout is not None
    listener.first_loud = 0.0
    card.play_into_microphone(command).wait(20)
    json.loads(process.stdout.readline())
    while not listener.first_loud:
        time.sleep(0.05)
    time.sleep(1.0)
    card.play_into_microphone(wake).wait(20)
    recognised = json.loads(process.stdout.readline())["recognised"]
    cut_short = json.loads(process.stdout.readline())
    time.sleep(1.0)
    assert cut_short["error"] == "interrupted"
    assert cut_short["reply"].startswith(cut_short["said"]) and len(cut_short["said"]) < len(cut_short["reply"])
    nothing_more = json.loads(process.stdout.readline())
    assert nothing_more["reply"] == "", "the wake word alone only silences"
    return (listener.last_loud - recognised) * 1000
