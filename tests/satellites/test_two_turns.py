"""Two turns each, from spoken sound to the device: answers without the wake word, and interruptions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
import pytest
import pytest_asyncio

from assistant.app import Assistant, Options, assemble
from assistant.audio.loudspeaker import Loudspeaker
from assistant.config import AudioSettings, Config
from assistant.events import Event, Events, Started
from assistant.models import SAMPLE_RATE, Turn
from assistant.satellites.local import Local
from tests.satellites.room import Room
from tests.spoken import festival_is_here, okay_nabu, spoken

pytestmark = [pytest.mark.audio, pytest.mark.asyncio(loop_scope="module")]

italian = pytest.mark.skipif(not festival_is_here(), reason="festival is not installed (script/test installs it)")


@asynccontextmanager
async def living(config: Config) -> AsyncIterator[Assistant]:
    async with assemble(config, Options(virtual_house=True, brain=False, ears=True), Events()) as assistant:
        await assistant.home.settled()
        for language in ("en", "it"):
            await assistant.reflex.prepare(language)
        yield assistant


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def english(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assistant]:
    async with living(Config(language="en", state_folder=tmp_path_factory.mktemp("state"))) as assistant:
        yield assistant


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def in_italian(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assistant]:
    async with living(Config(language="it", state_folder=tmp_path_factory.mktemp("state"))) as assistant:
        yield assistant


@dataclass
class Story:
    assistant: Assistant
    room: Room
    place: Local
    begun: int = 0
    turns: list[Turn] = field(default_factory=list)
    """Those that are over."""

    def watch(self, event: Event) -> None:
        if isinstance(event, Started) and event.turn.request.session == self.place.id:
            self.begun += 1

    async def says(self, text: str, language: str = "en", *, wake: bool = True) -> None:
        called = [okay_nabu(), quiet(0.3)] if wake else []
        await self.room.hears_sound(np.concatenate([*called, spoken(text, language, "italp16k"), quiet(1.0)]))

    async def asks(self, text: str, language: str = "en", *, wake: bool = True) -> Turn:
        """And listens to the end of the reply."""
        before = self.begun
        await self.says(text, language, wake=wake)
        await self.room.goes_by_until(lambda: before < self.begun == len(self.turns))
        return self.turns[-1]

    async def is_spoken_to(self) -> None:
        """For half a second so far."""
        assert self.place.speaker is not None
        await self.room.until(lambda: self.place.speaker and self.place.speaker.playing)
        await self.room.hears_for(0.5)

    def state(self, entity_id: str) -> str | None:
        return self.assistant.home.state(entity_id).value


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.int16)


@asynccontextmanager
async def story(assistant: Assistant, name: str) -> AsyncIterator[Story]:
    room = Room()
    place = assistant.place(name, room, Loudspeaker(room), kind="microphone")
    told = Story(assistant, room, place)
    unsubscribe = assistant.events.subscribe(told.watch)
    serving = asyncio.create_task(assistant.pipeline.serve(place, told.turns.append))
    try:
        yield told
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        unsubscribe()


async def test_yes_without_the_wake_word(english: Assistant) -> None:
    async with story(english, "yes") as told:
        asked = await told.asks("Open the garage door.")
        assert asked.reply == asked.said == "Shall I open the garage door?"
        done = await told.asks("Yes, please.", wake=False)
        assert done.request.unbidden and [outcome.confirmed for outcome in done.outcomes] == [True]


async def test_no_without_the_wake_word(english: Assistant) -> None:
    async with story(english, "no") as told:
        before = told.state("lock.front_door")
        await told.asks("Unlock the front door.")
        refused = await told.asks("No, thank you.", wake=False)
        assert refused.request.unbidden and refused.outcomes == [] and refused.error is None
        assert told.state("lock.front_door") == before


async def test_a_new_command_cuts_the_reply_short(english: Assistant) -> None:
    async with story(english, "interrupt") as told:
        await told.says("Turn on the kitchen light.")
        await told.is_spoken_to()
        second = await told.asks("Turn on the bedroom light.")
        first = told.turns[0]
        assert first.error == "interrupted"
        assert first.reply == "The kitchen light is on." and first.reply.startswith(first.said) and first.said
        assert len(first.said) < len(first.reply)
        assert second.request.interrupts and second.error is None
        assert [told.state(f"light.{room}_light") for room in ("kitchen", "bedroom")] == ["on", "on"]
        kept = {turn.id: turn for turn in await told.assistant.journal.last("interrupt", limit=2)}
        assert kept[first.id] == first, "with what was said"


async def test_stop(english: Assistant) -> None:
    async with story(english, "stop") as told:
        await told.says("Turn off the kitchen light.")
        await told.is_spoken_to()
        played = told.room.played
        silenced = await told.asks("Stop.")
        assert told.turns[0].error == "interrupted"
        assert (silenced.reply, silenced.error, silenced.outcomes) == ("", None, [])
        assert told.room.played <= played + 0.9, "but for the time that the wake word itself takes"


async def test_a_late_answer_needs_the_wake_word(english: Assistant) -> None:
    async with story(english, "late") as told:
        await told.asks("Open the garage door.")
        await told.room.hears_for(7)
        await told.says("Yes, please.", wake=False)
        await told.room.hears_for(2)
        assert len(told.turns) == 1
        assert [outcome.confirmed for outcome in (await told.asks("Yes, please.")).outcomes] == [True]


async def test_the_end_of_its_own_question_is_no_answer(english: Assistant) -> None:
    async with story(english, "echo") as told:
        await told.asks("Unlock the front door.")
        echo = await told.asks("The front door?", wake=False)
        assert echo.error == "only its own voice was heard" and echo.reply == ""
        await told.asks("Yes.", wake=False)
        assert told.state("lock.front_door") == "unlocked"
        assert [turn.id for turn in await told.assistant.journal.last("echo", limit=5)] == [
            told.turns[2].id, told.turns[0].id
        ]  # fmt: skip


async def test_one_command_after_another_where_every_reply_is_followed(
    english: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> None:
    always = english.config.model_copy(update={"audio": AudioSettings(follow_up_always=True)})
    english.config, before = always, english.config
    async with story(english, "always") as told:
        english.config = before
        await told.asks("Turn on the reading lamp.")
        second = await told.asks("Turn on the bedroom fan.", wake=False)
        assert second.request.unbidden and told.state("fan.bedroom_fan") == "on"


async def test_two_places_at_once(english: Assistant) -> None:
    """Two people ask at the same time, in two rooms; one recogniser hears them in turn."""
    async with story(english, "hall") as hall, story(english, "attic") as attic:
        first, second = await asyncio.gather(
            hall.asks("Turn on the coffee machine."), attic.asks("Turn off the bedroom fan.")
        )
        assert [outcome.action.entity_id for turn in (first, second) for outcome in turn.outcomes] == [
            "switch.coffee_machine", "fan.bedroom_fan"
        ]  # fmt: skip
        assert (first.request.session, second.request.session) == ("hall", "attic")


@italian
async def test_si_senza_parola_di_attivazione(in_italian: Assistant) -> None:
    async with story(in_italian, "sì") as told:
        asked = await told.asks("Apri la porta del garage.", "it")
        assert asked.expects_answer, asked.transcript
        done = await told.asks("Sì, sì, grazie.", "it", wake=False)
        assert done.request.unbidden and [outcome.confirmed for outcome in done.outcomes] == [True], done.transcript


@italian
async def test_no_senza_parola_di_attivazione(in_italian: Assistant) -> None:
    async with story(in_italian, "no") as told:
        before = told.state("lock.front_door")
        asked = await told.asks("Sblocca la porta d'ingresso.", "it")
        assert asked.expects_answer, asked.transcript
        refused = await told.asks("No, lascia stare.", "it", wake=False)
        assert refused.request.unbidden and refused.outcomes == [] and refused.error is None
        assert told.state("lock.front_door") == before


@italian
async def test_un_nuovo_comando_interrompe(in_italian: Assistant) -> None:
    async with story(in_italian, "interrompe") as told:
        await told.says("Accendi la luce della cucina.", "it")
        await told.is_spoken_to()
        await told.asks("Spegni la luce della cucina.", "it")
        assert [turn.error for turn in told.turns] == ["interrupted", None]
        assert told.state("light.kitchen_light") == "off"


@italian
async def test_basta(in_italian: Assistant) -> None:
    async with story(in_italian, "basta") as told:
        await told.says("Accendi la lampada da lettura.", "it")
        await told.is_spoken_to()
        silenced = await told.asks("Basta.", "it")
        assert told.turns[0].error == "interrupted"
        assert (silenced.reply, silenced.outcomes) == ("", []), silenced.transcript
