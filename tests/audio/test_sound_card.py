"""Through a real sound server: in by its microphone, out by its speaker.

PortAudio reads its devices once a process, so the sound card's user is a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.audio import virtual_card
from tests.audio.virtual_card import VirtualCard
from tests.spoken import models_folder, say

pytestmark = [
    pytest.mark.sound_card,
    pytest.mark.skipif(not virtual_card.is_here(), reason="needs pulseaudio and pulseaudio-utils"),
]

LISTEN = """
import asyncio, sys
from pathlib import Path
from assistant.audio.microphone import Microphone
from assistant.audio.vad import Silero
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import AudioSettings, SpeechToTextSettings, WakeWordSettings
from assistant.ears import Ears
from assistant.satellites.local import Local
from assistant.speech.stt import Whisper
from tests import listening

async def main():
    stt = Whisper(SpeechToTextSettings(), Path(sys.argv[1]))
    await stt.load()
    here = Local("here", Microphone(AudioSettings(microphone="virtmic")), MicroWakeWord(WakeWordSettings()))
    print("listening", flush=True)

    async def take(sound):
        heard = await Ears(Silero, stt).hear(sound, "en", "", lambda text, language: True)
        print(heard.transcript.text, flush=True)

    await listening.each(here, take)

asyncio.run(asyncio.wait_for(main(), 60))
"""

PLAY = """
import asyncio, sys, time
import numpy as np
from assistant.audio.speaker import SoundCard
from assistant.config import AudioSettings
from assistant.models import AudioChunk

begun = asyncio.Event()

async def tone():
    for part in range(4):
        if part:
            begun.set()
        time_ = np.arange(22050 // 2) / 22050
        yield AudioChunk((12000 * np.sin(2 * np.pi * 880 * time_)).astype(np.int16).tobytes(), 22050)

async def main():
    playing = asyncio.create_task(SoundCard(AudioSettings(speaker="virtspeaker")).play(tone()))
    if sys.argv[1] == "cancel":
        await begun.wait()
        playing.cancel()
    await asyncio.gather(playing, return_exceptions=sys.argv[1] == "cancel")

asyncio.run(asyncio.wait_for(main(), 30))
"""


def python(card: VirtualCard, code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env=card.environment, stdout=subprocess.PIPE, text=True, cwd=Path.cwd())


@pytest.mark.audio
def test_a_command_through_the_microphone(tmp_path: Path) -> None:
    wav = say("turn on the kitchen light", pause=0.2)
    with virtual_card.virtual_card(tmp_path) as card:
        listener = python(card, LISTEN, str(models_folder()))
        assert listener.stdout is not None
        try:
            assert listener.stdout.readline().strip() == "listening"
            time.sleep(1.5)
            card.play_into_microphone(wav).wait(20)
            assert listener.stdout.readline().strip().lower().rstrip(".") == "turn on the kitchen light"
        finally:
            listener.terminate()
            listener.wait(10)


def test_sound_through_the_speaker(tmp_path: Path) -> None:
    with virtual_card.virtual_card(tmp_path) as card:
        assert loud_seconds(card, tmp_path / "whole.raw", "whole") == pytest.approx(2.0, abs=0.15)
        assert 0.2 < loud_seconds(card, tmp_path / "cut.raw", "cancel") < 1.1


def loud_seconds(card: VirtualCard, raw: Path, how: str) -> float:
    """How long an 880 Hz tone was heard."""
    with card.record_speaker(raw):
        assert python(card, PLAY, how).wait(40) == 0
    sound = np.frombuffer(raw.read_bytes()[: raw.stat().st_size // 2 * 2], np.int16)
    return float((np.abs(sound) > 500).sum() / 16_000) * 1.03
