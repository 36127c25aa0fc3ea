"""The assistant's own voice comes back from a room and is taken off what the microphone hears."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.audio.canceller import EchoCanceller
from assistant.audio.played import Played
from assistant.audio.vad import Silero
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import SpeechToTextSettings, WakeWordSettings
from assistant.ears import Ears
from assistant.models import SAMPLE_RATE, AudioChunk
from assistant.speech.stt import Whisper
from tests.audio.echoing import CHUNK_SAMPLES, EchoingRoom, decibels
from tests.spoken import models_folder, okay_nabu, spoken

LATE_SAMPLES = 256
"""128 until a frame is whole, 128 in the canceller."""

REPLY = (
    "The kitchen light is on, the living room light is on at forty percent, the bedroom light is off, "
    "and it is twenty one degrees in the bedroom."
)


def shifted(samples: np.ndarray, by: int = LATE_SAMPLES) -> np.ndarray:
    return np.concatenate([np.zeros(by, samples.dtype), samples[:-by]])


# ── what is played, on the microphone's clock ──


def sounding(played: Played, at: int, samples: int) -> list[int]:
    return np.frombuffer(played.take(at, samples), "<i2").tolist()


def pcm(*samples: int) -> bytes:
    return np.array(samples, "<i2").tobytes()


def test_what_is_written_in_time_follows_without_a_gap() -> None:
    played = Played()
    played.anew(1000)
    played.add(pcm(1, 2), 1000, buffered=10)
    played.add(pcm(3, 4), 1007, buffered=10)
    assert sounding(played, 998, 4) == [0, 0, 1, 2]
    assert sounding(played, 1002, 4) == [3, 4, 0, 0]


def test_a_sound_card_that_ran_dry_is_silent_meanwhile() -> None:
    played = Played()
    played.anew(1000)
    played.add(pcm(1), 1000, buffered=3)
    played.add(pcm(2), 1005, buffered=3)
    assert sounding(played, 1000, 6) == [1, 0, 0, 0, 0, 2]


def test_what_was_hushed_is_not_heard() -> None:
    played = Played()
    played.anew(1000)
    played.add(pcm(1, 2, 3, 4, 5, 6), 1000, buffered=10)
    played.anew(1002)
    played.add(pcm(7), 1002, buffered=10)
    assert sounding(played, 1000, 4) == [1, 2, 7, 0]


# ── nothing plays ──


def test_where_nothing_plays_nothing_is_changed() -> None:
    def refuses(heard: bytes, played: bytes, delay_ms: int) -> bytes:
        raise AssertionError("there is nothing to cancel")

    noise = np.random.default_rng(1).normal(0, 3000, 100 * CHUNK_SAMPLES).astype("<i2")
    canceller, clock = EchoCanceller(refuses), noise.reshape(-1, CHUNK_SAMPLES)
    cleaned = b"".join(canceller.clean(chunk.tobytes()) for chunk in clock)
    assert cleaned == shifted(noise, 128 + 128).tobytes()


def test_nothing_is_lost_where_cancelling_begins_and_ends() -> None:
    """A canceller that gives what it was given, 8 ms later, leaves no trace."""
    seconds, kept = 1000.0, np.zeros(128, "<i2").tobytes()

    def gives_back(heard: bytes, played: bytes, delay_ms: int) -> bytes:
        nonlocal kept
        given, kept = (kept + heard)[:320], (kept + heard)[320:]
        return given

    canceller = EchoCanceller(gives_back, lambda: seconds)
    noise = np.random.default_rng(1).normal(0, 3000, 200 * CHUNK_SAMPLES).astype("<i2")
    cleaned = b""
    for number, chunk in enumerate(noise.reshape(-1, CHUNK_SAMPLES)):
        seconds += CHUNK_SAMPLES / SAMPLE_RATE
        if number in (20, 120):  # the first voice has been over for more than two seconds
            canceller.begin(0.05)
            canceller.play(AudioChunk(bytes(2205 * 2), 22050))
        cleaned += canceller.clean(chunk.tobytes())
    assert cleaned == shifted(noise).tobytes()


# ── the real library ──


@pytest.fixture(scope="module")
def library() -> None:
    pytest.importorskip("livekit.rtc", reason="needs the extra webrtc")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("delay_ms", [60, 120, 200])
@pytest.mark.parametrize("level", [-6, -12, -20])
def test_its_own_voice_is_taken_off(level: int, delay_ms: int) -> None:
    room = EchoingRoom(level, delay_ms)
    room.play(spoken(REPLY, "en", ""))
    room.hears_for(2.0)
    assert decibels(*room.hears_for(4.0)) >= 15


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("told_ms", [20, 220])
def test_an_error_of_100_ms_in_what_is_told_of_the_sound_card(told_ms: int) -> None:
    """Its 120 ms are the card's, the room's and the air's together: the canceller finds them."""
    room = EchoingRoom(-12, 120, told_ms)
    room.play(spoken(REPLY, "en", ""))
    room.hears_for(2.0)
    assert decibels(*room.hears_for(4.0)) >= 15


@pytest.mark.usefixtures("library")
def test_what_was_learnt_is_still_known_after_a_pause() -> None:
    room = EchoingRoom(-12)
    for _ in range(2):
        room.play(spoken(REPLY, "en", ""))
        first_second = room.hears_for(1.0)
        room.hears_for(10.0)
        before = room.hears_for(5.0)
        assert np.array_equal(before[1][LATE_SAMPLES:], before[0][:-LATE_SAMPLES]), "nothing plays any more"
    assert decibels(*first_second) >= 15


@pytest.mark.usefixtures("library")
@pytest.mark.audio
def test_the_wake_word_into_its_own_voice() -> None:
    """Which is twice as loud where the microphone stands."""

    def wakes(sound: np.ndarray) -> bool:
        wake_word = MicroWakeWord(WakeWordSettings())
        return any(wake_word.heard_in(AudioChunk(each.tobytes())) for each in sound.reshape(-1, CHUNK_SAMPLES))

    recorded, cleaned = interrupted(okay_nabu(), 6)
    assert not wakes(recorded)
    assert wakes(cleaned)


@pytest.mark.usefixtures("library")
@pytest.mark.audio
async def test_a_stop_into_its_own_voice() -> None:
    whisper = Whisper(SpeechToTextSettings(), models_folder())
    await whisper.load()
    ears = Ears(Silero, whisper)

    async def reads(sound: np.ndarray) -> str:
        begin = 4 * SAMPLE_RATE - 4000
        return (await ears.read(sound[begin : begin + 20_000].tobytes(), "en")).lower().strip(" .!")

    recorded, cleaned = interrupted(spoken("Stop it.", "en", ""), 0)
    assert await reads(recorded) != "stop it"
    assert await reads(cleaned) == "stop it"


def interrupted(word: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Said four seconds into the second reply; the voice's echo is so many decibels above it."""
    reply = spoken(REPLY, "en", "").astype(float)
    reply *= np.sqrt(np.mean(word.astype(float) ** 2) / np.mean(reply**2))
    room = EchoingRoom(level)
    room.play(reply)
    room.hears_for(10.0)
    said = np.zeros(7 * SAMPLE_RATE)
    said[4 * SAMPLE_RATE : 4 * SAMPLE_RATE + len(word)] = word
    room.play(reply)
    return room.hears_all(said)
