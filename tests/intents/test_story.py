"""From an intent to what is spoken, without a pipeline: find, decide, permit, act, tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import skills
from assistant.config import PolicySettings
from assistant.errors import AssistantError
from assistant.intents.catalog import Catalog
from assistant.intents.mood import is_question
from assistant.intents.policy import Policy
from assistant.intents.targets import resolve
from assistant.models import Allowed, Intent, NeedsConfirmation, Outcome, Request, Target, Turn, Verdict
from assistant.replies import compose
from assistant.skill import Speaker
from tests.fakes import FakeCommands, FakeHouse


class Story:
    """One household; each sentence comes with the intent that the matcher or the model would find in it."""

    def __init__(self) -> None:
        self.house = FakeHouse()
        self.commands = FakeCommands(self.house)
        self.catalog = Catalog.load([Path(skills.__path__[0])], self.house)
        self.policy = Policy(PolicySettings(), self.house)
        self.held: list[NeedsConfirmation] = []

    async def say(self, text: str, intent: Intent, room: str | None = None, language: str = "en") -> str:
        turn = Turn("1", datetime.now(UTC), Request(text, language, room))
        try:
            resolved = resolve(intent, self.house, room, language)
            reply = await self.catalog.handle(resolved, Speaker(language, room))
            verdicts = [self.policy.review(each, is_question(text, language)) for each in reply.actions]
            await self._carry_out(turn, verdicts)
            return compose(turn, self.house, reply.speech)
        except AssistantError as error:
            return compose(turn, self.house, error.say)

    async def yes(self) -> str:
        turn = Turn("2", datetime.now(UTC), Request("yes", "en"))
        await self._carry_out(turn, [self.policy.confirmed(each) for each in self.held])
        return compose(turn, self.house)

    async def _carry_out(self, turn: Turn, verdicts: Sequence[Verdict]) -> None:
        self.held = [verdict for verdict in verdicts if isinstance(verdict, NeedsConfirmation)]
        for verdict in verdicts:
            if isinstance(verdict, Allowed):
                turn.outcomes.append(await self.commands.perform(verdict))
            else:
                turn.outcomes.append(Outcome(verdict.action, verdict))


async def test_a_lamp_is_turned_on_and_said_to_be() -> None:
    story = Story()
    said = await story.say("turn on the light", Intent("HassTurnOn", Target(domain="light", here=True)), room="Kitchen")
    assert said == "The kitchen light is on."
    assert story.commands.published == [("kitchen_light/set", "ON")]


async def test_unlocking_asks_first() -> None:
    """A lock opens only after a spoken yes."""
    story = Story()
    unlock = Intent("HassTurnOff", Target(name="front door"))
    assert await story.say("unlock the front door", unlock) == "Shall I unlock the front door?"
    assert story.commands.published == []

    assert await story.yes() == "The front door is unlocked."
    assert story.commands.published == [("front_door/set", "UNLOCK")]


async def test_turning_everything_off_asks_for_the_freezer_only() -> None:
    story = Story()
    said = await story.say("turn off everything", Intent("HassTurnOff", Target(everywhere=True)))
    assert said == "7 devices are off. Shall I turn off the freezer?"
    assert all(action.entity_id != "switch.freezer" for action in story.commands.performed)


async def test_a_question_that_a_model_takes_for_a_command_does_nothing() -> None:
    story = Story()
    misread = Intent("HassTurnOff", Target(ids=("lock.front_door",)))
    said = await story.say("Is the front door locked?", misread)
    assert said == "I will not do that with the front door: a question was asked."
    assert story.commands.published == []


async def test_a_silent_lamp_is_not_said_to_be_on() -> None:
    story = Story()
    story.commands.silent.add("light.kitchen_light")
    said = await story.say("turn on the kitchen light", Intent("HassTurnOn", Target(name="kitchen light")))
    assert said == "I sent it, but the kitchen light has not answered."


async def test_which_light_is_asked_and_not_guessed() -> None:
    story = Story()
    said = await story.say("turn on the light", Intent("HassTurnOn", Target(domain="light", here=True)), room="Hallway")
    assert said == (
        "Which one do you mean: the bedroom light, the garage light, the kitchen light, the living room light or the "
        "reading lamp?"
    )
    assert story.commands.published == []


async def test_what_a_lamp_cannot_do_is_said() -> None:
    story = Story()
    dim = Intent("HassLightSet", Target(name="garage light"), {"brightness": 20})
    assert (
        await story.say("dim the garage light", dim)
        == "The garage light cannot be dimmed. It can be switched on and off."
    )
    warm = Intent("HassClimateSetTemperature", Target(), {"temperature": 50})
    assert await story.say("set it to 50 degrees", warm) == "The thermostat goes only from 7 to 30 degrees."


async def test_of_a_room_what_can_change_does_and_the_rest_is_said() -> None:
    story = Story()
    red = Intent("HassLightSet", Target(area="living room", domain="light"), {"color": "red"})
    assert (
        await story.say("make the living room red", red)
        == "The living room light is on, red. The reading lamp cannot do that."
    )


async def test_the_same_in_italian() -> None:
    story = Story()
    lamp = Intent("HassLightSet", Target(name="la lampada da lettura"), {"brightness": 30})
    assert await story.say("metti la lampada al 30%", lamp, language="it") == "Ho messo la lampada da lettura al 30%."
    heat = Intent("HassClimateSetTemperature", Target(), {"temperature_step": 1.5})
    assert await story.say("alza il riscaldamento", heat, language="it") == "Ho impostato il termostato a 21,5 gradi."
    attic = Intent("HassTurnOn", Target(area="soffitta", domain="light"))
    assert await story.say("accendi la luce in soffitta", attic, language="it") == (
        "Non conosco nessuna stanza che si chiami soffitta."
    )
