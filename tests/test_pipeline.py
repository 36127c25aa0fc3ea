"""Stories through the front door."""

from __future__ import annotations

import asyncio

import pytest

from assistant.errors import BrainNonsense, BrainUnavailable
from assistant.listening import LONGEST_REQUEST
from assistant.models import Decided, Intent, Plan, ReasoningDelta, State, Target
from assistant.pipeline import Settings
from tests.fakes import FakeBrain, FakeHouse
from tests.stories import House


@pytest.fixture
def house() -> House:
    return House()


def turn_on(*ids: str) -> Intent:
    return Intent("HassTurnOn", Target(ids=ids))


async def test_a_lamp_is_switched_on(house: House) -> None:
    """The everyday command, in milliseconds and without the model."""
    turn = await house.say("turn on the kitchen light")
    assert house.published == [("kitchen_light/set", "ON")]
    assert house.spoken == ["The kitchen light is on."]
    assert turn.path == "reflex"
    assert house.journal.turns == [turn]


async def test_the_same_in_italian(house: House) -> None:
    await house.say("accendi la luce della cucina")
    assert house.published == [("kitchen_light/set", "ON")]
    assert house.spoken == ["Ho acceso la luce della cucina."]


async def test_unlocking_asks_first(house: House) -> None:
    """A lock opens only after a spoken yes."""
    await house.say("unlock the front door")
    assert house.spoken[-1] == "Shall I unlock the front door?"
    assert house.published == []

    await house.say("yes")
    assert house.published == [("front_door/set", "UNLOCK")]
    assert house.spoken[-1] == "The front door is unlocked."


async def test_a_question_back_lets_the_satellite_listen_on(house: House) -> None:
    assert (await house.say("unlock the front door")).expects_answer
    assert not (await house.say("yes")).expects_answer
    assert not (await house.say("turn on the kitchen light")).expects_answer


async def test_nobody_waits_in_a_nameless_session(house: House) -> None:
    assert not (await house.say("unlock the front door", session="")).expects_answer


async def test_a_yes_works_once(house: House) -> None:
    await house.say("unlock the front door")
    await house.say("yes")
    await house.say("yes")
    assert len(house.published) == 1


async def test_a_no_leaves_it(house: House) -> None:
    await house.say("open the garage door")
    await house.say("no")
    await house.say("yes")
    assert house.published == []
    assert house.spoken[1] == "All right, I leave it."


async def test_another_request_is_no_yes(house: House) -> None:
    await house.say("unlock the front door")
    await house.say("turn on the kitchen light")
    await house.say("yes")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_a_yes_from_elsewhere_or_too_late_does_nothing(house: House) -> None:
    await house.say("unlock the front door", session="hallway")
    await house.say("yes", session="bedroom")
    house.clock.now += 31
    await house.say("yes", session="hallway")
    assert house.published == []


async def test_what_is_critical_asks_before_it_goes_off(house: House) -> None:
    await house.say("turn off the freezer")
    assert house.published == []
    assert house.spoken == ["Shall I turn off the freezer?"]


async def test_a_device_that_does_not_answer_is_not_said_to_be_done(house: House) -> None:
    house.commands.silent.add("light.kitchen_light")
    turn = await house.say("turn on the kitchen light")
    assert house.spoken == ["I sent it, but the kitchen light has not answered."]
    assert [outcome.confirmed for outcome in turn.outcomes] == [False]


async def test_the_light_is_the_one_where_the_speaker_stands(house: House) -> None:
    await house.say("turn on the light", room="Bedroom")
    assert house.published == [("bedroom_light/set", "ON")]


async def test_the_house_may_be_away(house: House) -> None:
    house.commands.reachable = False
    turn = await house.say("turn on the kitchen light")
    assert house.spoken == ["I cannot reach the house right now."]
    assert turn.error_kind == "HouseUnreachable"
    assert house.journal.turns == [turn]


async def test_a_question_is_answered_from_the_state(house: House) -> None:
    turn = await house.say("is the bedroom window open?")
    assert house.spoken == ["Yes, the bedroom window is open."]
    assert house.published == []
    assert [state.entity_id for state in turn.read] == ["binary_sensor.bedroom_window"]


# ── the brain ────────────────────────────────────────────────────────────────────────────

DARK = State("sensor.living_room_brightness", "12")


def brain_that(plan: Plan, *thoughts: str, read: State | None = None) -> FakeBrain:
    return FakeBrain(plan, thoughts, read=(read,) if read else ())


async def test_what_the_reflex_does_not_cover_is_thought_about() -> None:
    plan = Plan((turn_on("light.reading_lamp"),), because="it is dark in the living room")
    house = House(brain=brain_that(plan, "They cannot read. ", "The lamp helps.", read=DARK))
    turn = await house.say("it is too dark to read in the living room")
    assert house.published == [("reading_lamp/set", "ON")]
    assert turn.path == "brain"
    assert turn.thoughts == "They cannot read. The lamp helps."
    assert turn.routed_because


async def test_a_reason_that_the_record_does_not_hold_is_not_spoken() -> None:
    plan = Plan((turn_on("light.reading_lamp"),), because="the garage door is open")
    house = House(brain=brain_that(plan))
    turn = await house.say("it is too dark to read in the living room")
    assert house.spoken == ["The reading lamp is on."]
    assert turn.because is None


async def test_a_question_never_actuates_whatever_the_model_plans() -> None:
    house = House(brain=brain_that(Plan((turn_on("light.reading_lamp"),))))
    await house.say("why is it always so dark in the living room?")
    assert house.published == []


async def test_leaving_home_does_not_unlock_the_door() -> None:
    house = House(brain=brain_that(Plan((Intent("HassTurnOff", Target(ids=("lock.front_door",))),))))
    await house.say("I am leaving home now")
    assert house.published == []
    assert house.spoken == ["Shall I unlock the front door?"]


class Ponderer(FakeBrain):
    """Thinks for a tenth of a second."""

    async def think(self, *_: object):  # type: ignore[no-untyped-def, override]
        yield ReasoningDelta("They sit in the living room and the reading lamp is off.")
        await asyncio.sleep(0.1)
        yield Decided((turn_on("light.reading_lamp"),))
        yield Plan((turn_on("light.reading_lamp"),))


@pytest.mark.parametrize(
    ("language", "said"), [("en", "I am looking at the reading lamp."), ("it", "Sto guardando la lampada da lettura.")]
)
async def test_a_long_thought_is_bridged_by_one_true_word(language: str, said: str) -> None:
    """Of what the thoughts name, in the speaker's language; never the thought itself."""
    house = House(Settings(murmur_after_seconds=0.01), brain=Ponderer())
    turn = await house.say("it is too dark to read in here", language=language)
    assert turn.murmur == said
    assert [text for text, _ in house.voice.said] == [said, turn.reply], "one after the other"


async def test_a_quick_thought_needs_no_bridge() -> None:
    house = House(Settings(murmur_after_seconds=5.0), brain=brain_that(Plan((turn_on("light.reading_lamp"),)), "Hm."))
    turn = await house.say("it is too dark to read in here")
    assert turn.murmur == "" and [text for text, _ in house.voice.said] == [turn.reply]


async def test_why_is_answered_from_the_record() -> None:
    plan = Plan((turn_on("light.reading_lamp"),), because="it is dark in the living room")
    house = House(brain=brain_that(plan, "They cannot read. The lamp helps.", read=DARK))
    await house.say("it is too dark to read in the living room")
    told = (await house.say("Why did you do that?")).reply
    assert told.startswith("I heard “it is too dark to read in the living room”. No fixed command fits")
    assert "I sent this: turn on the reading lamp." in told and "It was confirmed by the reading lamp." in told
    again = await house.say("explain it step by step")
    assert again.reply == told, "asking why is not what is asked about"
    assert (await house.say("Perché l'hai fatto?", language="it")).reply.startswith("Ho sentito “it is too dark")
    assert house.published == [("reading_lamp/set", "ON")]


async def test_why_with_nothing_before() -> None:
    house = House()
    assert (await house.say("Why?")).reply == "Nothing was asked of me before."
    assert (await house.say("perché?", language="it")).reply == "Prima non mi è stato chiesto nulla."


async def test_words_that_never_come_take_nothing_from_what_was_done() -> None:
    """The server dies after it has written what is to be done."""
    plan = Plan((turn_on("light.reading_lamp"),), because="it is dark")
    house = House(brain=FakeBrain(plan, wordless=BrainUnavailable("the server died in mid-stream")))
    turn = await house.say("it is too dark to read in the living room")
    assert house.published == [("reading_lamp/set", "ON")]
    assert (turn.reply, turn.error, turn.because) == ("The reading lamp is on.", None, None)


async def test_what_is_to_be_done_is_done_before_the_model_has_finished_speaking() -> None:
    class Talker(FakeBrain):
        async def think(self, *_: object):  # type: ignore[no-untyped-def, override]
            yield Decided((turn_on("light.reading_lamp"),))
            published.extend(house.published)
            yield Plan((turn_on("light.reading_lamp"),), because="it is dark")

    published: list[tuple[str, str]] = []
    house = House(brain=Talker())
    await house.say("it is too dark to read in the living room")
    assert published == [("reading_lamp/set", "ON")]


async def test_a_brain_that_writes_no_plan_is_not_said_to_be_away() -> None:
    house = House(brain=FakeBrain(error=BrainNonsense("the model answered nonsense twice")))
    turn = await house.say("it is too dark to read in the living room")
    assert turn.reply == "I thought about it and made no sensible plan of it. Say it another way."
    assert house.published == []


async def test_a_brain_that_dies_is_said_and_the_reflex_still_works() -> None:
    house = House(brain=FakeBrain(thoughts=["Let me"], error=BrainUnavailable("the server died in mid-stream")))
    turn = await house.say("it is too dark to read in the living room")
    assert house.spoken == ["My brain does not answer right now; simple commands still work."]
    assert turn.thoughts == "Let me"
    await house.say("turn on the kitchen light")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_what_the_model_wrongly_says_of_the_house_is_not_repeated() -> None:
    house = House(
        brain=brain_that(Plan(say="The kitchen light is already on."), read=State("light.kitchen_light", "off"))
    )
    await house.say("hm, the kitchen light, you know")
    assert house.spoken == ["I did not understand that."]


async def test_a_yes_that_answers_nothing(house: House) -> None:
    await house.say("yes")
    assert house.spoken == ["Nothing is waiting for an answer."]


async def test_an_unknown_room_is_named(house: House) -> None:
    await house.say("turn on the light", room="Attic")
    assert house.spoken == ["I know no room called Attic."]


async def test_a_question_of_the_model_may_not_claim_either() -> None:
    house = House(brain=brain_that(Plan(ask="I have turned on the reading lamp.")))
    await house.say("make it cosy")
    assert house.spoken == ["I did not understand that."]


async def test_a_question_stands_though_another_half_failed(house: House) -> None:
    """ "Shall I unlock it?" was asked aloud, so a yes must still work."""
    house.commands.reachable = True
    house.commands.failing.add("light.kitchen_light")
    await house.say("turn on the kitchen light and unlock the front door")
    assert "Shall I unlock the front door?" in house.spoken[0]
    await house.say("yes")
    assert house.published == [("front_door/set", "UNLOCK")]


async def test_a_joke_needs_no_reason() -> None:
    house = House(brain=brain_that(Plan(say="Why did the lamp blush?", because="the lamp is off")))
    turn = await house.say("tell me a joke")
    assert house.spoken == ["Why did the lamp blush?"]
    assert turn.because is None


async def test_the_model_may_ask() -> None:
    house = House(brain=brain_that(Plan(ask="Which room do you mean?")))
    await house.say("make it cosy")
    assert house.spoken == ["Which room do you mean?"]


async def test_what_the_model_claims_to_have_done_is_not_repeated() -> None:
    house = House(brain=brain_that(Plan(say="I have turned on the reading lamp.")))
    await house.say("it is gloomy")
    assert house.spoken == ["I did not understand that."]


async def test_everything_goes_to_the_brain_when_it_is_told_to() -> None:
    house = House(Settings(routing="brain_only"), brain=brain_that(Plan((turn_on("light.kitchen_light"),))))
    turn = await house.say("turn on the kitchen light")
    assert (turn.path, turn.routed_because) == ("brain", "routing is brain_only")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_an_id_that_the_model_invents_reaches_nothing() -> None:
    house = House(brain=brain_that(Plan((turn_on("light.attic"),))))
    turn = await house.say("it is gloomy")
    assert house.published == []
    assert turn.error


# ── bad input ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["", "   ", "...", "\n"])
async def test_nothing_said_is_said(house: House, text: str) -> None:
    turn = await house.say(text)
    assert house.spoken == ["I heard nothing."]
    assert turn.error_kind == "NothingSaid"


async def test_an_endless_request_is_refused(house: House) -> None:
    turn = await house.say("turn on " * LONGEST_REQUEST)
    assert house.published == []
    assert turn.error_kind == "TooLong"
    assert turn.transcript and len(turn.transcript.text) == LONGEST_REQUEST


async def test_without_brain_and_without_a_match_it_says_so(house: House) -> None:
    turn = await house.say("colourless green ideas sleep furiously")
    assert house.spoken == ["I did not understand that."]
    assert turn.path == "none"


async def test_an_empty_house_is_said_to_be_away() -> None:
    turn = await House(devices=FakeHouse(entities=())).say("turn on the kitchen light")
    assert turn.error_kind == "HouseUnreachable"


async def test_an_interrupted_turn_is_in_the_journal() -> None:
    class Slow(FakeBrain):
        async def think(self, *_: object):  # type: ignore[no-untyped-def, override]
            await asyncio.Event().wait()
            yield Plan()

    house = House(brain=Slow())
    turn = asyncio.create_task(house.say("it is too dark to read in the living room"))
    await asyncio.sleep(0.2)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    (kept,) = house.journal.turns
    assert kept.error == "interrupted"
    assert kept.transcript and "dark" in kept.transcript.text
