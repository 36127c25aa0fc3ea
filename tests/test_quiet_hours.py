"""At night it speaks softly, and says by a tone what needs no words."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from assistant.audio.tones import NOTES, Softened, tone
from assistant.config import QuietHoursSettings
from assistant.models import AudioChunk, Intent, Plan, Target
from tests.fakes import FakeBrain, FakeSpeaker
from tests.stories import House


class Loudest(FakeSpeaker):
    """Remembers the loudest sample of what it played."""

    loudest: int = 0

    async def play(self, chunks) -> None:  # type: ignore[no-untyped-def, override]
        async for chunk in chunks:
            self.loudest = max(self.loudest, int(np.abs(np.frombuffer(chunk.pcm, dtype="<i2").astype(int)).max()))


def house_at(hour: int, **settings: object) -> House:
    told = {"from": "22:00", "to": "07:00", **settings}
    house = House(quiet=QuietHoursSettings.model_validate(told))
    house.now = datetime(2026, 11, 27, hour)
    return house


def words(house: House) -> list[str]:
    """What the voice was given to speak, the sentences of a reply one after the other."""
    said = " ".join(text for text, _ in house.voice.said)
    return [said] if said else []


async def tone_seconds(kind: str) -> float:
    return sum([chunk.seconds async for chunk in tone(kind)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "text"), [("en", "turn on the kitchen light"), ("it", "accendi la luce della cucina")]
)
async def test_what_was_done_is_told_by_a_tone(language: str, text: str) -> None:
    house = house_at(23)
    turn = await house.say(text, language)
    assert words(house) == [] and house.speaker.seconds == pytest.approx(await tone_seconds("done"))
    assert turn.reply, "the record and the terminal keep the words"


async def test_what_was_not_done_sounds_different() -> None:
    house = house_at(23)
    house.commands.silent.add("light.kitchen_light")
    await house.say("turn on the kitchen light")
    assert words(house) == [] and house.speaker.seconds == pytest.approx(await tone_seconds("not_done"))
    assert NOTES["done"][0] < NOTES["done"][-1] and NOTES["not_done"][0] > NOTES["not_done"][-1]
    assert await tone_seconds("done") != await tone_seconds("not_done")


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "unlock the front door", "Shall I unlock the front door?"),
        ("en", "is the bedroom window open?", "Yes, the bedroom window is open."),
        ("en", "flumox the gribble", "I did not understand that."),
        ("en", "call me Anna", "All right, Anna."),
        ("it", "sblocca la porta d'ingresso", "Devo sbloccare la porta d'ingresso?"),
        ("it", "accendi la luce della soffitta", None),
    ],
)
async def test_what_needs_words_keeps_them(language: str, text: str, said: str | None) -> None:
    house = house_at(23)
    await house.say(text, language)
    assert words(house) and (said is None or words(house) == [said])


async def test_a_request_that_was_done_and_asks_keeps_its_words() -> None:
    house = house_at(23)
    await house.say("turn on the kitchen light and unlock the front door")
    assert words(house) == ["The kitchen light is on. Shall I unlock the front door?"]


@pytest.mark.parametrize(
    ("hour", "settings", "room", "spoken"),
    [
        (12, {}, None, True),
        (23, {"beep": False}, None, True),
        (23, {"rooms": ["Bedroom"]}, "Kitchen", True),
        (23, {"rooms": ["Bedroom"]}, "la camera", False),
        (23, {"rooms": ["Bedroom"]}, None, True),
        (6, {}, "Kitchen", False),
        (7, {}, "Kitchen", True),
    ],
)
async def test_when_and_where_it_is_quiet(
    hour: int, settings: dict[str, object], room: str | None, spoken: bool
) -> None:
    house = house_at(hour, **settings)
    await house.say("turn on the kitchen light", room=room)
    assert bool(words(house)) is spoken


async def test_the_brains_commands_too() -> None:
    lamp = Intent("HassTurnOn", Target(ids=("light.reading_lamp",)))
    quiet = QuietHoursSettings.model_validate({"from": "22:00", "to": "07:00"})
    house = House(brain=FakeBrain(Plan((lamp,), because="it is dark")), quiet=quiet)
    house.now = datetime(2026, 11, 27, 23)
    await house.say("it is too dark to read")
    assert words(house) == []


async def test_words_are_quieter() -> None:
    async def loud():  # type: ignore[no-untyped-def]
        yield AudioChunk(np.full(100, 10_000, dtype="<i2").tobytes())

    speaker = Loudest()
    await Softened(speaker, 30).play(loud())
    assert speaker.loudest == 3_000


async def test_replies_are_played_at_the_volume_of_the_hour() -> None:
    class Voice:
        async def synthesize(self, text: str, language: str):  # type: ignore[no-untyped-def]
            yield AudioChunk(np.full(100, 10_000, dtype="<i2").tobytes())

    for hour, loudest in ((12, 10_000), (23, 2_000)):
        house = house_at(hour, volume=20)
        house.pipeline.voice, house.speaker = Voice(), Loudest()
        await house.say("is the bedroom window open?")
        assert house.speaker.loudest == loudest
