"""A PIN instead of a yes: said in words or figures, kept from everybody, and not to be guessed."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.config import PolicySettings
from assistant.controls import Controls
from assistant.errors import ConfigError, PinLocked, WrongPin
from assistant.events import Ended
from assistant.home.announce import SOURCE
from assistant.intents.pin import Pin, checked_hash, digits_in, is_a_pin, make_hash, sounds_like_a_pin
from assistant.intents.policy import read_rules
from assistant.memory.journal import SqliteJournal
from assistant.models import AudioChunk, Heard, Intent, Plan, Request, Target, Transcript, Utterance
from assistant.record import SEALED, summary
from tests.fakes import FakeBrain, FakeClock, thing
from tests.stories import House, hashed

PIN = "1234"


@pytest.fixture
def house() -> House:
    return House(pin=PIN, brain=FakeBrain(Plan(say="Hm.")))


def brain(house: House) -> FakeBrain:
    assert isinstance(house.brain, FakeBrain)
    return house.brain


# ── asked for, and said ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "pin", ["one two three four", "1 2 3 4", "1234.", "The PIN is 1-2-3-4, please", "twelve thirty four"]
)
async def test_the_pin_unlocks_where_a_yes_would(house: House, pin: str) -> None:
    await house.say("unlock the front door", "en")
    assert house.spoken == ["Tell me the PIN to unlock the front door."]
    await house.say(pin, "en")
    assert house.published == [("front_door/set", "UNLOCK")]
    assert house.spoken[-1] == "The front door is unlocked."


@pytest.mark.parametrize(
    "pin", ["uno due tre quattro", "1 2 3 4", "il codice è uno, due, tre, quattro", "dodici trentaquattro"]
)
async def test_the_same_in_italian(house: House, pin: str) -> None:
    await house.say("sblocca la porta d'ingresso", "it")
    assert house.spoken == ["Dimmi il PIN per sbloccare la porta d'ingresso."]
    await house.say(pin, "it")
    assert house.published == [("front_door/set", "UNLOCK")]


@pytest.mark.parametrize(
    ("language", "question", "yes", "told"),
    [
        ("en", "unlock the front door", "yes", "I heard no PIN. Say only its digits, or say no."),
        ("it", "sblocca la porta d'ingresso", "sì", "Non ho sentito il PIN. Di' solo le cifre, oppure di' di no."),
    ],
)
async def test_a_yes_is_no_pin(house: House, language: str, question: str, yes: str, told: str) -> None:
    await house.say(question, language)
    await house.say(yes, language)
    assert house.published == [] and house.spoken[-1] == told
    await house.say("1 2 3 4", language)
    assert house.published == [("front_door/set", "UNLOCK")], "the question still stood"


async def test_a_no_ends_it(house: House) -> None:
    await house.say("unlock the front door")
    await house.say("no")
    await house.say("1 2 3 4")
    assert house.published == [] and house.spoken[1] == "All right, I leave it."


async def test_a_pin_works_once(house: House) -> None:
    await house.say("unlock the front door")
    await house.say("1 2 3 4")
    await house.say("1 2 3 4")
    assert len(house.published) == 1
    assert house.spoken[-1] == "I have not asked for a PIN. Tell me first what you want done."


async def test_a_pin_from_elsewhere_too_late_or_after_another_request_does_nothing(house: House) -> None:
    await house.say("unlock the front door", session="hallway")
    await house.say("1 2 3 4", session="bedroom")
    house.clock.now += 31
    await house.say("1 2 3 4", session="hallway")
    await house.say("unlock the front door", session="hallway")
    await house.say("turn on the kitchen light", session="hallway")
    await house.say("1 2 3 4", session="hallway")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_one_pin_confirms_all_that_was_asked_at_once(house: House) -> None:
    await house.say("unlock the front door and turn off the freezer")
    await house.say("yes")
    assert house.published == []
    await house.say("1 2 3 4")
    assert sorted(house.published) == [("freezer/set", "OFF"), ("front_door/set", "UNLOCK")]


async def test_what_needs_no_pin_still_asks_for_a_yes(house: House) -> None:
    await house.say("open the garage door")
    assert house.spoken == ["Shall I open the garage door?"]
    await house.say("yes")
    assert house.published == [("garage_door/set", "OPEN_COVER")]


async def test_an_alarm_takes_its_code_and_then_the_pin(house: House) -> None:
    house.devices.add(thing("alarm_control_panel.alarm", "Hallway"))
    asked = await house.say("disarm the alarm with code 9 8 7 6", "en")
    assert house.spoken == ["Tell me the PIN to disarm the alarm."]
    assert asked.transcript is not None and asked.transcript.text == SEALED, "the code is as secret as the PIN"
    await house.say("1 2 3 4")
    assert house.commands.performed[0].arguments == {"code": "9876"}


async def test_what_is_called_like_a_way_in_takes_the_pin_too(house: House) -> None:
    house.devices.add(thing("script.unlock_the_door", None, name="Unlock the door"))
    await house.say("run unlock the door", "en")
    assert house.published == []
    assert "PIN" in house.spoken[-1]


async def test_the_brain_meets_the_same_question() -> None:
    house = House(pin=PIN, brain=FakeBrain(Plan((Intent("HassTurnOff", Target(ids=("lock.front_door",))),))))
    await house.say("let my friend come in")
    await house.say("yes")
    assert house.published == []
    await house.say("1 2 3 4")
    assert house.published == [("front_door/set", "UNLOCK")]


async def test_home_assistants_text_meets_it_too(house: House) -> None:
    controls = Controls(house.pipeline, house.pipeline.run)
    for text in ("unlock the front door", "yes"):
        await controls.ask(text, SOURCE)
    assert house.published == []
    await controls.ask("1 2 3 4", SOURCE)
    assert house.published == [("front_door/set", "UNLOCK")]


# ── wrong ones ───────────────────────────────────────────────────────────────────────────


async def test_a_wrong_pin_may_be_said_again(house: House) -> None:
    await house.say("unlock the front door")
    await house.say("4 3 2 1")
    assert house.published == [] and house.spoken[-1] == "That PIN is wrong. Say it again, or say no."
    await house.say("1 2 3 4")
    assert house.published == [("front_door/set", "UNLOCK")]


@pytest.mark.parametrize(
    ("language", "question", "told", "refused"),
    [
        ("en", "unlock the front door", "Too many wrong PINs. Ask me again in 5 minutes.",
         "I will not do that with the front door: there were too many wrong PINs."),
        ("it", "sblocca la porta d'ingresso", "Troppi PIN sbagliati. Chiedimelo di nuovo fra 5 minuti.",
         "Lascio stare la porta d'ingresso: ci sono stati troppi PIN sbagliati."),
    ],
)  # fmt: skip
async def test_three_wrong_ones_lock_it_for_everybody(
    house: House, language: str, question: str, told: str, refused: str
) -> None:
    await house.say(question, language)
    for wrong in ("1111", "2222", "3333"):
        await house.say(wrong, language)
    assert house.spoken[-1] == told
    await house.say("1234", language)
    await house.say(question, language, session="another")
    assert house.published == [] and house.spoken[-1] == refused
    house.clock.now += 301
    await house.say(question, language)
    await house.say("1234", language)
    assert house.published == [("front_door/set", "UNLOCK")]


async def test_a_restart_gives_nobody_new_tries(tmp_path: Path) -> None:
    """Locked out at noon for five minutes; the steady clock begins anew, the one on the wall goes on."""
    file, wall = tmp_path / "pin.json", FakeClock(1000.0)

    def started() -> Pin:
        return Pin(hashed(PIN), FakeClock(), file, wall)

    for error in (WrongPin, WrongPin, PinLocked):
        with pytest.raises(error):
            await started().check("0000")
    wall.now += 240
    with pytest.raises(PinLocked):
        await started().check(PIN)
    assert started().locked_seconds == 60
    wall.now += 61
    await started().check(PIN)
    assert started().locked_seconds == 0


async def test_a_wall_clock_put_back_locks_nobody_out_for_ever(tmp_path: Path) -> None:
    (tmp_path / "pin.json").write_text('{"wrong": 3, "locked_until": 9e9}')
    assert Pin(hashed(PIN), FakeClock(), tmp_path / "pin.json", FakeClock(1000.0)).locked_seconds == 3600


async def test_each_lock_is_longer_than_the_one_before(house: House) -> None:
    for minutes in (5, 10, 20, 40, 60, 60):
        await house.say("unlock the front door")
        for wrong in ("1111", "2222", "3333"):
            await house.say(wrong)
        assert f"in {minutes} minutes" in house.spoken[-1]
        house.clock.now += minutes * 60 + 1
    assert house.published == []


async def test_tries_count_together_from_wherever_they_come(house: House) -> None:
    for session in ("hallway", "kitchen", "console"):
        await house.say("unlock the front door", session=session)
        await house.say("9999", session=session)
    assert house.spoken[-1].startswith("Too many wrong PINs.")


# ── a secret ─────────────────────────────────────────────────────────────────────────────

SAID = ("1 2 3 4", "9 9 9 9", "one two tree four and five", "the pin is 12 34")


@pytest.mark.parametrize("said", SAID)
async def test_nobody_is_told_what_was_said_for_a_pin(
    house: House, said: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Not the watchers at any moment of the turn, not the log, the journal, `--json`, the reply or the model."""
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    house.pipeline.events.subscribe(lambda event: seen.append(repr(event)))
    await house.say("unlock the front door", "en")
    turn = await house.say(said, "en")
    async with SqliteJournal(tmp_path / "journal.sqlite") as journal:
        await journal.keep(turn)
    rows = sqlite3.connect(tmp_path / "journal.sqlite").execute("SELECT * FROM turns").fetchall()
    everything = [*seen, caplog.text, repr(rows), json.dumps(summary(turn), ensure_ascii=False), repr(turn)]
    assert all(said not in each for each in everything)
    assert turn.transcript is not None and turn.transcript.text == SEALED
    assert brain(house).asked == []


@pytest.mark.parametrize(
    "said",
    [
        "1 2 3 4",
        "uno due tre quattro",
        "my pin is 1234",
        "il pin è 4711",
        "密码是4711",
        "unlock it, code one two three four",
    ],
)
async def test_a_pin_that_nobody_asked_for_is_kept_secret_too(house: House, said: str) -> None:
    turn = await house.say(said)
    assert turn.transcript is not None and turn.transcript.text == SEALED and turn.request.text == SEALED
    assert brain(house).asked == [] and house.published == []
    assert isinstance(house.told[-1], Ended)


class Ears:
    """Hears what it is told to."""

    def __init__(self, *said: str) -> None:
        self._said = list(said)

    async def hear(self, *_: object) -> Heard:
        return Heard(Utterance(b"", 1.0, "silence"), Transcript(self._said.pop(0), "en"))


async def nothing() -> AsyncIterator[AudioChunk]:
    for chunk in ():
        yield chunk


async def test_a_spoken_pin_is_as_secret_and_as_good(house: House) -> None:
    house.pipeline.ears = Ears("Unlock the front door.", "One, two, three, four.")  # type: ignore[assignment]
    seen: list[str] = []
    house.pipeline.events.subscribe(lambda event: seen.append(repr(event)))
    for _ in range(2):
        turn = await house.pipeline.run(Request(session="hallway", source="microphone"), nothing())
    assert house.published == [("front_door/set", "UNLOCK")]
    assert turn.transcript is not None and turn.transcript.text == SEALED
    assert not any("three" in each for each in seen)


async def test_other_words_are_no_secret(house: House) -> None:
    await house.say("unlock the front door")
    turn = await house.say("turn on the kitchen light")
    assert turn.transcript is not None and turn.transcript.text == "turn on the kitchen light"
    for text in ("what happened in 1984?", "how far is it to the moon?", "who won in 21:30 hours?"):
        await house.say(text)
        assert brain(house).asked[-1] == text


async def test_without_a_pin_nothing_is_taken_for_one() -> None:
    house = House(brain=FakeBrain(Plan(say="Hm.")))
    turn = await house.say("1 2 3 4")
    assert turn.transcript is not None and turn.transcript.text == "1 2 3 4"


# ── the words and the hash ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("one two three four", "1234"), ("uno, due, tre, quattro", "1234"), ("oh one two three", "0123"),
        ("due zero zero otto", "2008"), ("1 234", "1234"), ("一二三四", "1234"), ("sei sei sei sei", "6666"),
        ("one two three for", "1234"), ("PIN1234", "1234"), ("venti dieci", "2010"), ("no", ""),
    ],
)  # fmt: skip
def test_digits(text: str, digits: str) -> None:
    assert digits_in(text) == digits
    assert is_a_pin(text) == bool(digits)


@pytest.mark.parametrize(
    "text", ["at 21:30", "set it to 2700 kelvin", "what is 1234 times 5", "4", "turn on the light"]
)
def test_what_is_no_pin(text: str) -> None:
    assert not sounds_like_a_pin(text)


@pytest.mark.parametrize("wrong", ["", "123", "12a4", "1" * 13, "１２３４"])
def test_what_cannot_be_a_pin(wrong: str) -> None:
    with pytest.raises(ConfigError, match="4 to 12 digits"):
        make_hash(wrong)


def test_a_pin_where_its_hash_belongs_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as error:
        checked_hash("1234")
    assert "1234" not in error.value.reason and "pin set" in error.value.reason
    assert checked_hash(hashed(PIN)).startswith("$argon2id$")


def test_a_rule_that_asks_for_a_pin_needs_one() -> None:
    settings = PolicySettings.model_validate({"rules": [{"what": ["lock.unlock"], "effect": "pin"}]})
    with pytest.raises(ConfigError, match="pin set"):
        read_rules(settings)
