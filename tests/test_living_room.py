"""A whole evening in one sentence: spoken into a sound card's microphone, answered through its speaker."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz

from assistant.config import SpeechToTextSettings
from assistant.speech.stt import Whisper
from tests.audio import virtual_card
from tests.daemons import command, daemon
from tests.spoken import models_folder, say

pytestmark = [
    pytest.mark.audio,
    pytest.mark.sound_card,
    pytest.mark.skipif(not virtual_card.is_here(), reason="needs pulseaudio and pulseaudio-utils"),
]


async def test_it_listens_acts_and_answers(tmp_path: Path) -> None:
    """Into PulseAudio's virtual microphone; the lamp is on; the reply comes out of the speaker in words."""
    reply = tmp_path / "reply.raw"
    with virtual_card.virtual_card(tmp_path) as card:
        async with daemon(tmp_path, "virtmic", "virtspeaker", card.environment) as running:
            await running.told("READY=1")
            await running.told("WATCHDOG=1")
            with card.record_speaker(reply):
                card.play_into_microphone(say("turn on the kitchen light", pause=0.2)).wait(20)
                await asyncio.sleep(6)
            rows = map(json.loads, (await command(running, "devices", "--json")).splitlines())
            assert {row["entity"]: row["state"] for row in rows}["light.kitchen_light"] == "on"
            assert await running.stop() < 5

    heard = await Whisper(SpeechToTextSettings(), models_folder()).transcribe(spoken_part(reply.read_bytes()), "en")
    words = heard.text.lower().strip(" .").replace(",", "")
    assert fuzz.ratio(words, "the kitchen light is on") >= 85, f"{words!r}: a busy machine may swallow a syllable"


def spoken_part(pcm: bytes) -> bytes:
    sound = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16)
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 300)
    assert len(loud), "nothing came out of the speaker"
    return sound[max(0, loud[0] - 3200) : loud[-1] + 3200].tobytes()
