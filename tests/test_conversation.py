"""Stories of turns that belong together, through the front door."""

from __future__ import annotations

import pytest

from assistant.models import Decided, Intent, Plan, Target
from assistant.pipeline import Settings
from tests.fakes import FakeBrain, FakeHouse, FakeLists, thing
from tests.stories import House

BACK_DOOR = thing("lock.back_door", "Kitchen", "la porta sul retro")


@pytest.fixture
def house() -> House:
    return House()


def with_a_back_door() -> House:
    devices = FakeHouse()
    devices.add(BACK_DOOR)
    devices.report(BACK_DOOR.id, "locked")
    return House(devices=devices)


# ── it, more, and the bedroom ────────────────────────────────────────────────────────────


async def test_it_is_what_was_last_spoken_of(house: House) -> None:
    await house.say("turn on the kitchen light")
    turn = await house.say("turn it off")
    assert house.published == [("kitchen_light/set", "ON"), ("kitchen_light/set", "OFF")]
    assert "goes on from “turn on the kitchen light”" in turn.routed_because


async def test_what_was_asked_about_may_be_acted_upon(house: House) -> None:
    await house.say("is the living room light on?")
    await house.say("turn it off")
    assert house.published == [("living_room_light/set", "OFF")]


async def test_a_question_between_does_not_change_what_it_is(house: House) -> None:
    await house.say("turn on the kitchen light")
    await house.say("what time is it")
    await house.say("turn it off")
    assert house.published[-1] == ("kitchen_light/set", "OFF")


async def test_the_same_elsewhere_is_the_same_to_the_percent(house: House) -> None:
    await house.say("set the kitchen light to 30 percent")
    await house.say("and the bedroom")
    assert house.devices.state("light.bedroom_light").attributes["brightness"] == 30


async def test_a_bit_more_goes_on_in_the_same_direction(house: House) -> None:
    await house.say("dim the living room light by 10 percent")
    await house.say("a bit more")
    assert house.devices.state("light.living_room_light").attributes["brightness"] == 20


async def test_it_means_nothing_in_another_session(house: House) -> None:
    await house.say("turn on the kitchen light", session="kitchen")
    turn = await house.say("turn it off", session="bedroom")
    assert house.published == [("kitchen_light/set", "ON")]
    assert turn.error_kind == "NotUnderstood"


async def test_it_means_nothing_in_a_nameless_session(house: House) -> None:
    await house.say("turn on the kitchen light", session="")
    await house.say("turn it off", session="")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_it_means_nothing_after_some_minutes(house: House) -> None:
    await house.say("turn on the kitchen light")
    house.clock.now += 181
    await house.say("turn it off")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_opening_blinds_does_not_lock_or_unlock_a_door_too(house: House) -> None:
    """To a lock, on is locked: what is said of blinds carries over to no lock."""
    await house.say("open the living room blinds")
    await house.say("and the front door")
    assert [topic for topic, _ in house.published] == ["living_room_blinds/set"]


async def test_a_pronoun_asks_before_it_unlocks(house: House) -> None:
    await house.say("lock the front door")
    turn = await house.say("unlock it")
    assert house.published == [("front_door/set", "LOCK")]
    assert turn.expects_answer and turn.reply == "Shall I unlock the front door?"


async def test_another_item_for_the_list() -> None:
    house = House(lists=FakeLists())
    await house.say("put milk on the shopping list")
    await house.say("and eggs")
    assert house.lists.items == ["milk", "eggs"]


async def test_what_the_model_did_may_be_spoken_of_as_well() -> None:
    plan = Plan((Intent("HassTurnOn", Target(ids=("light.reading_lamp",))),))
    house = House(brain=FakeBrain(plan))
    await house.say("it is too dark to read in the living room")
    await house.say("turn it off again")
    assert house.published == [("reading_lamp/set", "ON"), ("reading_lamp/set", "OFF")]


async def test_everything_goes_to_the_brain_when_it_is_told_to_and_it_is_told_what_was_before() -> None:
    brain = FakeBrain(Plan((Intent("HassTurnOn", Target(ids=("light.kitchen_light",))),)))
    house = House(Settings(routing="brain_only"), brain=brain)
    await house.say("turn on the kitchen light")
    await house.say("turn it off")
    assert [exchange.said for exchange in brain.told[1]] == ["turn on the kitchen light"]
    assert brain.told[1][0].reply == "The kitchen light is on."


# ── corrections ──────────────────────────────────────────────────────────────────────────


async def test_a_correction_does_the_right_thing_and_puts_the_wrong_one_back(house: House) -> None:
    await house.say("turn on the reading lamp")
    turn = await house.say("no, I meant the kitchen light")
    assert house.published == [("reading_lamp/set", "ON"), ("kitchen_light/set", "ON"), ("reading_lamp/set", "OFF")]
    assert turn.reply == "The kitchen light is on. The reading lamp is as before."
    assert turn.instead


async def test_what_was_so_before_is_left_so_by_a_correction(house: House) -> None:
    await house.say("turn on the living room light")
    await house.say("no, the kitchen light")
    assert house.published == [("living_room_light/set", "ON"), ("kitchen_light/set", "ON")]


async def test_a_correction_never_unlocks_without_a_yes() -> None:
    """The wrong door had been open: putting that back is not harmless, so it is left."""
    house = with_a_back_door()
    house.devices.report("lock.front_door", "unlocked")
    await house.say("lock the front door")
    await house.say("no, I meant the back door")
    assert house.published == [("front_door/set", "LOCK"), ("back_door/set", "LOCK")]


async def test_a_correction_of_what_waits_for_a_yes_asks_anew() -> None:
    house = with_a_back_door()
    await house.say("unlock the front door")
    turn = await house.say("no, the back door")
    assert turn.reply == "Shall I unlock the back door?"
    await house.say("yes")
    assert house.published == [("back_door/set", "UNLOCK")]


async def test_what_was_not_understood_is_not_corrected_by_undoing_something_older(house: House) -> None:
    await house.say("turn on the kitchen light")
    await house.say("colourless green ideas sleep furiously")
    await house.say("no, I meant the bedroom")
    assert ("kitchen_light/set", "OFF") not in house.published


async def test_what_did_not_answer_is_not_put_back_by_a_correction(house: House) -> None:
    house.commands.silent.add("light.reading_lamp")
    await house.say("turn on the reading lamp")
    await house.say("no, the kitchen light")
    assert house.published == [("reading_lamp/set", "ON"), ("kitchen_light/set", "ON")]


# ── undo ─────────────────────────────────────────────────────────────────────────────────


async def test_undo_restores_how_bright_it_was(house: House) -> None:
    await house.say("set the living room light to 90 percent")
    turn = await house.say("undo that")
    assert house.devices.state("light.living_room_light").attributes["brightness"] == 40
    assert turn.reply == "The living room light is as before."


async def test_undo_goes_one_step_further_back_and_then_says_that_there_is_no_more(house: House) -> None:
    await house.say("turn on the kitchen light")
    await house.say("turn on the bedroom light")
    await house.say("undo")
    assert house.published[-1] == ("bedroom_light/set", "OFF")
    await house.say("undo")
    assert house.published[-1] == ("kitchen_light/set", "OFF")
    turn = await house.say("undo")
    assert turn.reply == "There is nothing more to put back."
    assert len(house.published) == 4


@pytest.mark.parametrize(
    ("language", "first", "second", "undo"),
    [
        ("en", "turn on the reading lamp", "turn on the kitchen light", "put the lamp back"),
        ("en", "turn on the reading lamp", "turn on the kitchen light", "please undo the reading lamp"),
        ("it", "accendi la lampada da lettura", "accendi la luce della cucina", "rimetti la lampada com'era"),
        ("it", "accendi la lampada da lettura", "accendi la luce della cucina", "annulla la lampada da lettura"),
    ],
)
async def test_undo_takes_the_newest_change_of_what_it_names(
    house: House, language: str, first: str, second: str, undo: str
) -> None:
    await house.say(first, language)
    await house.say(second, language)
    await house.say(undo, language)
    assert house.published[2:] == [("reading_lamp/set", "OFF")]
    await house.say("undo" if language == "en" else "annulla", language)
    assert house.published[3:] == [("kitchen_light/set", "OFF")]


@pytest.mark.parametrize(
    ("language", "light", "machine", "undo"),
    [
        ("en", "turn on the kitchen light", "turn on the coffee machine", "put the kitchen light back"),
        ("it", "accendi la luce della cucina", "accendi la macchina del caffè", "rimetti la luce della cucina com'era"),
    ],
)
async def test_what_only_stands_in_the_same_room_is_not_meant(
    house: House, language: str, light: str, machine: str, undo: str
) -> None:
    """The coffee machine is in the kitchen, but no light; not even when the light was put back before."""
    await house.say(light, language)
    await house.say(machine, language)
    for _ in range(2):
        await house.say(undo, language)
    assert house.published[2:] == [("kitchen_light/set", "OFF")]


async def test_of_one_request_only_what_is_named_is_put_back(house: House) -> None:
    await house.say("turn on the reading lamp and the kitchen light")
    await house.say("put the lamp back")
    assert house.published[2:] == [("reading_lamp/set", "OFF")]


async def test_what_was_not_changed_is_not_put_back_by_name(house: House) -> None:
    await house.say("turn on the kitchen light")
    await house.say("put the bedroom light back")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_undoing_a_lock_asks_first(house: House) -> None:
    house.devices.report("lock.front_door", "unlocked")
    await house.say("lock the front door")
    turn = await house.say("put it back")
    assert turn.reply == "Shall I unlock the front door?" and turn.expects_answer
    assert house.published == [("front_door/set", "LOCK")]
    await house.say("yes")
    assert house.published[-1] == ("front_door/set", "UNLOCK")
    assert (await house.say("undo")).reply == "There is nothing more to put back."


async def test_what_was_so_before_is_said_to_be(house: House) -> None:
    await house.say("lock the front door")
    turn = await house.say("undo that")
    assert turn.reply == "The front door is already as before."
    assert house.published == [("front_door/set", "LOCK")]


async def test_what_cannot_be_put_back_is_said(house: House) -> None:
    await house.say("movie night")
    turn = await house.say("undo that")
    assert turn.reply.startswith("I cannot put back what I did with")
    assert len(house.published) == 1


async def test_a_list_forgets_what_is_undone() -> None:
    house = House(lists=FakeLists("bread"))
    await house.say("put milk on the shopping list")
    await house.say("undo that")
    assert house.lists.items == ["bread"]


async def test_nothing_of_another_session_is_undone(house: House) -> None:
    await house.say("turn on the kitchen light", session="kitchen")
    turn = await house.say("undo that", session="bedroom")
    assert turn.reply == "There is nothing more to put back."
    assert len(house.published) == 1


async def test_a_change_can_be_undone_for_a_while(house: House) -> None:
    await house.say("turn on the kitchen light")
    house.clock.now += 890
    await house.say("undo that")
    assert house.published[-1] == ("kitchen_light/set", "OFF")


async def test_not_for_ever(house: House) -> None:
    await house.say("turn on the kitchen light")
    house.clock.now += 901
    assert (await house.say("undo that")).reply == "There is nothing more to put back."


async def test_what_fails_to_be_undone_may_be_tried_again(house: House) -> None:
    await house.say("turn on the kitchen light")
    house.commands.reachable = False
    await house.say("undo that")
    house.commands.reachable = True
    await house.say("undo that")
    assert house.published[-1] == ("kitchen_light/set", "OFF")


async def test_the_critical_is_not_switched_off_by_an_undo(house: House) -> None:
    house.devices.report("switch.freezer", "off")
    await house.say("turn on the freezer")
    turn = await house.say("undo that")
    assert turn.reply == "Shall I turn off the freezer?"
    assert house.published == [("freezer/set", "ON")]


# ── which one? ───────────────────────────────────────────────────────────────────────────


async def test_the_answer_is_understood_in_context(house: House) -> None:
    turn = await house.say("turn on the light")
    assert turn.expects_answer and turn.reply.startswith("Which one do you mean")
    answer = await house.say("the one in the bedroom")
    assert house.published == [("bedroom_light/set", "ON")]
    assert not answer.expects_answer


async def test_a_question_gives_up_after_two_answers_that_say_nothing(house: House) -> None:
    await house.say("turn on the light")
    assert (await house.say("I don't know")).expects_answer
    turn = await house.say("dunno")
    assert turn.reply == "I still do not know which one you mean, so I leave it."
    assert not turn.expects_answer
    await house.say("the kitchen")
    assert house.published == []


async def test_a_yes_says_not_which(house: House) -> None:
    await house.say("turn on the light")
    turn = await house.say("yes")
    assert turn.expects_answer and turn.reply.startswith("Which one")
    assert house.published == []


async def test_which_is_no_yes_to_what_waits(house: House) -> None:
    await house.say("unlock the front door")
    await house.say("the first one")
    await house.say("both")
    assert house.published == []


async def test_a_question_is_answered_once_and_in_its_session(house: House) -> None:
    await house.say("turn on the light", session="hallway")
    await house.say("the one in the kitchen", session="bedroom")
    assert house.published == []
    await house.say("the one in the kitchen", session="hallway")
    await house.say("the one in the garage", session="hallway")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_a_question_expires(house: House) -> None:
    await house.say("turn on the light")
    house.clock.now += 31
    await house.say("the one in the kitchen")
    assert house.published == []


async def test_a_new_request_instead_of_an_answer_is_done(house: House) -> None:
    await house.say("turn on the light")
    turn = await house.say("close the living room blinds")
    assert house.published == [("living_room_blinds/set", "CLOSE_COVER")]
    assert not turn.expects_answer


async def test_which_door_still_asks_whether() -> None:
    """The chosen one goes to the policy like any other."""
    house = with_a_back_door()
    turn = await house.say("unlock the door")
    assert turn.reply == "Which one do you mean: the back door or the front door?"
    turn = await house.say("the back one")
    assert house.published == [] and turn.reply == "Shall I unlock the back door?"


async def test_how_much_is_asked_back(house: House) -> None:
    turn = await house.say("set the thermostat")
    assert turn.reply == "What shall I set the thermostat to?" and turn.expects_answer
    await house.say("21 degrees")
    assert house.devices.state("climate.thermostat").attributes["temperature"] == 21


# ── when the model asks ──────────────────────────────────────────────────────────────────


class Asker(FakeBrain):
    """Asks the first time, and acts upon the answer."""

    async def think(self, text, language, room, house, earlier=(), may="act"):  # type: ignore[no-untyped-def, override]
        self.asked.append(text)
        self.told.append(tuple(earlier))
        plan = Plan((Intent("HassTurnOn", Target(ids=("light.reading_lamp",))),))
        plan = Plan(ask="Shall I make the living room cosy?") if len(self.asked) == 1 else plan
        yield Decided(plan.intents)
        yield plan


async def test_the_answer_goes_back_to_the_model_with_its_question() -> None:
    house = House(brain=(brain := Asker()))
    turn = await house.say("make it cosy")
    assert turn.expects_answer
    await house.say("yes")
    assert brain.asked == ["make it cosy", "yes"]
    assert brain.told[1][-1].asked and brain.told[1][-1].reply == "Shall I make the living room cosy?"
    assert house.published == [("reading_lamp/set", "ON")]


async def test_a_yes_to_the_model_is_no_yes_to_the_policy() -> None:
    class Unlocker(Asker):
        async def think(self, text, language, room, house, earlier=(), may="act"):  # type: ignore[no-untyped-def, override]
            self.asked.append(text)
            plan = Plan((Intent("HassTurnOff", Target(ids=("lock.front_door",))),))
            plan = Plan(ask="Shall I open up?") if len(self.asked) == 1 else plan
            yield Decided(plan.intents)
            yield plan

    house = House(brain=Unlocker())
    await house.say("I am expecting somebody")
    turn = await house.say("yes")
    assert house.published == []
    assert turn.reply == "Shall I unlock the front door?"


async def test_a_request_instead_of_an_answer_to_the_model_is_done() -> None:
    house = House(brain=(brain := Asker()))
    await house.say("make it cosy")
    await house.say("turn on the kitchen light")
    assert brain.asked == ["make it cosy"]
    assert house.published == [("kitchen_light/set", "ON")]


@pytest.mark.parametrize(
    ("language", "before", "text"),
    [
        ("en", "turn on the kitchen light", "what can you do?"),
        ("en", "unlock the front door", "what can you do?"),
        ("it", "accendi la luce della cucina", "cosa sai fare?"),
    ],
)
async def test_what_is_asked_of_the_assistant_is_not_asked_of_the_last_thing(
    language: str, before: str, text: str
) -> None:
    house = House()
    await house.say(before, language)
    if "unlock" in before:
        await house.say("yes")
    turn = await house.say(text, language)
    assert [intent.name for intent in turn.intents] == ["MimoHelp"]
