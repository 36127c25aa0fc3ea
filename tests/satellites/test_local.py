"""One call per wake word, and nothing said right after it is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.files import WavFile
from assistant.audio.vad import Silero
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import SpeechToTextSettings, WakeWordSettings
from assistant.ears import Ears
from assistant.errors import NothingSaid
from assistant.models import SAMPLE_RATE, AudioChunk
from assistant.satellites.local import PRE_ROLL_CHUNKS, Local, loudness
from assistant.speech.stt import Whisper
from tests import listening
from tests.listening import Sound
from tests.spoken import models_folder, okay_nabu, say, spoken, write


class Numbers:
    """A source whose chunks carry their number."""

    live = True

    def __init__(self, count: int) -> None:
        self._count = count

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        for number in range(self._count):
            yield AudioChunk(number.to_bytes(2, "little") * 512)


class WakesAt:
    probability = 0.0

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers

    def heard_in(self, chunk: AudioChunk) -> bool:
        return number(chunk) in self._numbers

    def reset(self) -> None:
        pass


def number(chunk: AudioChunk) -> int:
    return int.from_bytes(chunk.pcm[:2], "little")


async def taken(local: Local, count: int) -> list[list[int]]:
    """The numbers of the first chunks of every call."""

    async def take(sound: Sound) -> list[int]:
        numbers: list[int] = []
        async for chunk in sound:
            numbers.append(number(chunk))
            if len(numbers) == count:
                break
        return numbers

    return await listening.each(local, take)


async def test_while_it_is_muted_the_wake_word_is_not_heard() -> None:
    """Nor is anything kept of what was said meanwhile."""
    heard: list[int] = []

    class Counting(WakesAt):
        def heard_in(self, chunk: AudioChunk) -> bool:
            heard.append(number(chunk))
            return super().heard_in(chunk)

    muted = iter([*[False] * 5, *[True] * 10, *[False] * 100])
    calls = await taken(Local("here", Numbers(30), Counting(8, 20), muted=lambda: next(muted)), count=6)
    assert heard[:11] == [0, 1, 2, 3, 4, *range(15, 21)]
    assert heard[11] > 22, "what belongs to the call is not listened to for the wake word"
    assert calls == [[17, 18, 19, 20, 21, 22]]


async def test_muting_in_mid_sentence_ends_it_unheard() -> None:
    """Half a command must not be acted on."""
    local = Local("here", Numbers(30), WakesAt(3), muted=iter([False] * 6 + [True] * 50).__next__)

    async def take(sound: Sound) -> None:
        with pytest.raises(NothingSaid):
            async for _ in sound:
                pass

    assert await listening.each(local, take) == [None]


async def test_a_call_begins_just_before_the_wake_word_fired() -> None:
    calls = await taken(Local("here", Numbers(100), WakesAt(50)), 10)
    assert calls == [list(range(51 - PRE_ROLL_CHUNKS, 61 - PRE_ROLL_CHUNKS))]


async def test_every_wake_word_is_a_call() -> None:
    calls = await taken(Local("here", Numbers(100), WakesAt(20, 50)), 10)
    assert [numbers[0] for numbers in calls] == [21 - PRE_ROLL_CHUNKS, 51 - PRE_ROLL_CHUNKS]


async def test_a_wake_word_inside_a_call_belongs_to_it() -> None:
    assert len(await taken(Local("here", Numbers(100), WakesAt(20, 25)), 10)) == 1


async def test_without_a_wake_word_a_button_begins_the_call() -> None:
    local = Local("here", Numbers(30))
    assert await taken(local, 30) == []
    local.press()
    assert await taken(local, 30) == [list(range(30))]


def test_loudness() -> None:
    assert loudness(AudioChunk(bytes(1024))) == 0
    assert loudness(AudioChunk((-32768).to_bytes(2, "little", signed=True) * 512)) == 1
    assert loudness(AudioChunk((1036).to_bytes(2, "little") * 512)) == pytest.approx(0.5, abs=0.01)


async def test_no_wake_no_call() -> None:
    assert await taken(Local("here", Numbers(30), WakesAt()), 10) == []


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper(SpeechToTextSettings(), models_folder())


async def heard(local: Local, whisper: Whisper) -> list[str]:
    names = "Kitchen light, Garage door, Front door, Living room blinds"
    texts = []
    for result in await listening.heard(local, Ears(Silero, whisper), "en", names):
        text = result.transcript.text.lower() if result.transcript else f"<{result.utterance.ended}>"
        texts.append(text.replace(",", "").rstrip("."))
    return texts


def local(wav: Path) -> Local:
    return Local("here", WavFile(wav, real_time=False), MicroWakeWord(WakeWordSettings()))


@pytest.mark.audio
@pytest.mark.parametrize("pause", [0.0, 0.2, 0.6, 1.5])
@pytest.mark.parametrize("command", ["turn on the kitchen light", "lock the front door", "open the garage door"])
async def test_real_speech_behind_the_wake_word(whisper: Whisper, command: str, pause: float) -> None:
    assert await heard(local(say(command, pause=pause)), whisper) == [command]


@pytest.mark.audio
async def test_two_calls_in_one_file(whisper: Whisper, tmp_path: Path) -> None:
    quiet = np.zeros(SAMPLE_RATE, np.int16)
    first, second = spoken("turn on the kitchen light", "en", ""), spoken("open the garage door", "en", "")
    wav = write(tmp_path / "two.wav", np.concatenate([okay_nabu(), first, quiet, quiet, okay_nabu(), second]))
    assert await heard(local(wav), whisper) == ["turn on the kitchen light", "open the garage door"]


@pytest.mark.audio
async def test_a_file_without_the_wake_word_is_one_call(whisper: Whisper) -> None:
    here = local(say("close the living room blinds"))
    (words,) = await heard(here, whisper)
    assert words.startswith("close the living room blind")


@pytest.mark.audio
async def test_the_wake_word_alone(whisper: Whisper, tmp_path: Path) -> None:
    wav = write(tmp_path / "alone.wav", np.concatenate([okay_nabu(), np.zeros(SAMPLE_RATE * 7, np.int16)]))
    assert await heard(local(wav), whisper) == ["<nothing_said>"]
