"""Interrupting, and answering without the wake word, in made-up sound and audio time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant.audio.loudspeaker import Loudspeaker
from assistant.ears import Ears
from assistant.events import Activity, Attentive, Event, Events, Hearing, Level
from assistant.models import Allowed, Outcome, Plan, ReasoningDelta, Turn
from assistant.satellites.follow_up import FollowUp
from assistant.satellites.interjections import Interjections
from assistant.satellites.local import Local
from tests.fakes import FakeBrain
from tests.satellites.room import QUIET, VOICE, WAKE, Loudness, Room, Speaks, WakesOn, Writes
from tests.stories import House


@dataclass
class Home:
    """A story's house with a room that is listened to."""

    house: House
    room: Room
    place: Local
    stt: Writes
    events: list[Event] = field(default_factory=list)
    activity: Activity = field(default_factory=Activity)

    @property
    def turns(self) -> list[Turn]:
        return self.house.journal.turns

    async def hears(self, text: str, *, wake: bool = True) -> None:
        """Somebody says it; it is then answered while no sound goes by."""
        if wake:
            await self.room.hears(WAKE)
        self.stt.texts = [text, text]
        await self.room.hears_for(1.0, VOICE)
        await self.room.hears_for(0.9)

    async def is_answered(self, turns: int) -> None:
        """And the reply is heard to its end."""
        await self.room.goes_by_until(lambda: len(self.turns) >= turns)


@asynccontextmanager
async def at_home(house: House | None = None, **more: Any) -> AsyncIterator[Home]:
    house = house or House()
    room, stt, events = Room(), Writes(), house.pipeline.events
    house.pipeline.ears, house.pipeline.voice = Ears(Loudness, stt), Speaks()
    more.setdefault("follow_up", FollowUp(Loudness(), 6.0))
    place = Local("kitchen", room, WakesOn(), Loudspeaker(room), events=events, **more)
    home = Home(house, room, place, stt)
    events.subscribe(home.events.append)
    events.subscribe(home.activity.watch)  # type: ignore[arg-type]
    serving = asyncio.create_task(house.pipeline.serve(place))
    try:
        yield home
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def speaking(home: Home) -> bool:
    assert home.place.speaker is not None
    return home.place.speaker.playing


async def test_the_wake_word_stops_the_voice_and_the_next_command_is_done() -> None:
    async with at_home() as home:
        await home.hears("turn on the kitchen light")
        await home.room.until(lambda: speaking(home))
        await home.room.hears_for(0.6)
        await home.room.hears(WAKE)
        await home.room.until(lambda: not speaking(home))

        await home.hears("lock the front door", wake=False)
        await home.is_answered(2)
        first, second = home.turns
        assert (first.reply, first.said) == ("The kitchen light is on.", "The kitchen")
        assert first.error == "interrupted" and first.outcomes[0].confirmed
        assert second.request.interrupts and second.error is None
        assert second.said == second.reply == "The front door is locked."
        assert home.house.published == [("kitchen_light/set", "ON"), ("front_door/set", "LOCK")]


async def test_the_voice_ceases_in_the_same_moment() -> None:
    """Not one piece is played after the chunk in which the wake word was recognised."""
    async with at_home() as home:
        await home.hears("turn on the kitchen light")
        await home.room.until(lambda: speaking(home))
        await home.room.hears_for(0.5)
        before = home.room.played
        await home.room.hears(WAKE)
        await home.room.hears_for(3.0)
        assert home.room.played <= before + 0.05


@pytest.mark.parametrize("word", ["Stop!", "Basta.", "okay, basta", "Be quiet, please."])
async def test_stop_after_the_wake_word_only_silences(word: str) -> None:
    async with at_home() as home:
        await home.hears("turn on the kitchen light")
        await home.room.until(lambda: speaking(home))
        await home.hears(word)
        await home.is_answered(2)
        silenced = home.turns[-1]
        assert (silenced.reply, silenced.error, silenced.outcomes) == ("", None, [])
        assert not speaking(home)


async def test_the_wake_word_alone_silences_too() -> None:
    """Nobody is told five seconds later that nothing was heard."""
    async with at_home() as home:
        await home.hears("turn on the kitchen light")
        await home.room.until(lambda: speaking(home))
        await home.room.hears(WAKE)
        await home.is_answered(2)
        assert home.turns[-1].reply == "" and home.turns[-1].error_kind == "NothingSaid"


async def test_silence_after_the_wake_word_is_said_where_nothing_was_interrupted() -> None:
    async with at_home() as home:
        await home.room.hears(WAKE)
        await home.is_answered(1)
        assert home.turns[0].reply == "I heard nothing."


async def test_stop_drops_the_question_that_was_being_asked() -> None:
    async with at_home() as home:
        await home.hears("unlock the front door")
        await home.room.until(lambda: speaking(home))
        await home.hears("stop")
        await home.is_answered(2)
        await home.hears("yes")
        await home.is_answered(3)
        assert home.house.published == []


async def test_the_model_is_interrupted_while_it_thinks() -> None:
    class Endless(FakeBrain):
        async def think(self, *_: object) -> AsyncIterator[ReasoningDelta | Plan]:
            yield ReasoningDelta("Let me think")
            await asyncio.Event().wait()

    async with at_home(House(brain=Endless())) as home:
        await home.hears("I feel like dancing tonight")
        await home.room.until(lambda: home.activity.now == "thinking")
        await home.hears("turn on the kitchen light")
        await home.is_answered(2)
        assert [turn.error for turn in home.turns] == ["interrupted", None]
        assert home.house.published == [("kitchen_light/set", "ON")]


async def test_a_command_under_way_is_not_half_sent() -> None:
    """The house is still answering when the next request comes."""
    house = House()
    sent, answer = asyncio.Event(), asyncio.Event()
    perform = house.commands.perform

    class Slow:
        async def perform(self, allowed: Allowed) -> Outcome:
            sent.set()
            await answer.wait()
            return await perform(allowed)

    house.pipeline.commands = Slow()  # type: ignore[assignment]
    async with at_home(house) as home:
        await home.hears("turn on the kitchen light")
        await home.room.until(sent.is_set)
        await home.room.hears(WAKE)
        answer.set()
        await home.hears("lock the front door", wake=False)
        await home.is_answered(2)
        interrupted = next(turn for turn in home.turns if turn.error == "interrupted")
        assert interrupted.outcomes[0].confirmed, "the journal has what became of it"
        assert sorted(home.house.published) == [("front_door/set", "LOCK"), ("kitchen_light/set", "ON")]


# ── answers without the wake word ──


async def test_a_question_is_answered_without_the_wake_word() -> None:
    async with at_home() as home:
        await home.hears("unlock the front door")
        await home.is_answered(1)
        await home.room.until(lambda: home.activity.now == "listening")
        await home.room.hears_for(2.0)
        await home.hears("yes", wake=False)
        await home.is_answered(2)
        assert home.turns[-1].request.unbidden
        assert home.house.published == [("front_door/set", "UNLOCK")]


async def test_silence_after_a_question_ends_quietly() -> None:
    async with at_home() as home:
        await home.hears("unlock the front door")
        await home.is_answered(1)
        played = home.room.played
        await home.room.hears_for(6.5)
        assert home.activity.now == "idle"
        await home.hears("yes", wake=False)
        await home.room.hears_for(10)
        assert len(home.turns) == 1 and home.room.played == played and home.house.published == []
        assert [(event.place, event.listening) for event in home.events if isinstance(event, Attentive)] == [
            ("kitchen", True), ("kitchen", False)
        ]  # fmt: skip


async def test_a_cough_takes_nothing_from_the_answer() -> None:
    """It is no turn, and it does not prolong the wait either."""
    async with at_home() as home:
        await home.hears("unlock the front door")
        await home.is_answered(1)
        await home.room.hears_for(3.0)
        await home.hears("", wake=False)
        await home.room.goes_by_until(lambda: home.activity.now == "listening" and home.place._free.is_set())
        assert len(home.turns) == 1
        await home.hears("yes", wake=False)
        await home.is_answered(2)
        assert home.house.published == [("front_door/set", "UNLOCK")]


async def test_a_statement_is_not_followed_by_listening() -> None:
    async with at_home() as home:
        await home.hears("turn on the kitchen light")
        await home.is_answered(1)
        await home.hears("lock the front door", wake=False)
        await home.room.hears_for(10)
        assert len(home.turns) == 1


async def test_every_reply_is_followed_by_listening_where_that_is_wanted() -> None:
    async with at_home(follow_up=FollowUp(Loudness(), 6.0, after_every_reply=True)) as home:
        await home.hears("turn on the kitchen light")
        await home.is_answered(1)
        await home.hears("lock the front door", wake=False)
        await home.is_answered(2)
        assert home.house.published == [("kitchen_light/set", "ON"), ("front_door/set", "LOCK")]


async def test_no_answer_is_listened_for_where_the_seconds_are_none() -> None:
    async with at_home(follow_up=None) as home:
        await home.hears("unlock the front door")
        await home.is_answered(1)
        await home.hears("yes", wake=False)
        await home.room.hears_for(10)
        assert len(home.turns) == 1


async def test_its_own_sentence_is_no_answer() -> None:
    """The loudspeaker is still heard when the listening begins."""
    async with at_home() as home:
        await home.hears("unlock the front door")
        await home.is_answered(1)
        await home.hears("the front door", wake=False)
        await home.room.hears_for(1)
        assert len(home.turns) == 1 and home.house.spoken == ["Shall I unlock the front door?"]


async def test_the_same_words_a_second_later_are_somebodys() -> None:
    """Whoever is asked "this one or that one" says a piece of the question."""
    async with at_home() as home:
        await home.hears("unlock the front door")
        await home.is_answered(1)
        await home.room.hears_for(1.0)
        await home.hears("the front door", wake=False)
        await home.is_answered(2)
        assert home.turns[-1].transcript is not None and home.turns[-1].transcript.text == "the front door"


# ── without the wake word, while it speaks ──


def interjections(home: list[Loudness], *texts: str) -> Interjections:
    vad = Loudness()
    home.append(vad)
    stt = Writes(*texts)

    async def reads(pcm: bytes) -> str:
        return (await stt.transcribe(pcm, None)).text

    return Interjections(vad, reads)


@pytest.mark.parametrize(("word", "silences"), [("Stop.", True), ("Basta!", True), ("Stop the vacuum", False)])
async def test_a_lone_stop_silences(word: str, silences: bool) -> None:
    async with at_home(interjections=interjections([], word)) as home:
        await home.hears("turn on the kitchen light")
        await home.room.until(lambda: speaking(home))
        await home.room.hears_for(0.4, VOICE)
        await home.room.hears_for(0.4)
        assert speaking(home) is not silences
        await home.room.goes_by_until(lambda: len(home.turns) >= 1 + silences)
        assert (home.turns[0].error == "interrupted") is silences
        if silences:
            assert home.turns[-1].request.text == word and home.turns[-1].reply == ""


async def test_playback_gives_way_to_a_voice_and_comes_back() -> None:
    async with at_home(interjections=interjections([])) as home:
        assert home.place.speaker is not None
        await home.hears("which lights are on and what is the temperature in the bedroom and the living room")
        await home.room.until(lambda: speaking(home))
        await home.room.hears_for(0.3)
        await home.room.hears_for(0.2, VOICE)
        await home.is_answered(1)
        levels = home.room.loudest
        assert levels[0] == 1000 and 300 in levels and levels.index(300) <= 12
        assert levels[-1] == 1000 or len(levels) < 30


async def test_no_voice_activity_is_worked_out_while_nothing_is_awaited() -> None:
    """It would cost five times what the wake word costs."""
    vads: list[Loudness] = []
    vad = Loudness()
    async with at_home(interjections=interjections(vads), follow_up=FollowUp(vad)) as home:
        await home.room.hears_for(20)
        assert vad.asked == 0 and vads[0].asked == 0


# ── other places, and what watchers see ──


async def test_a_button_is_as_good_as_the_wake_word() -> None:
    """Push-to-talk: what is said until it is let go is the command, without waiting for silence."""
    async with at_home() as home:
        home.place.press()
        home.stt.texts = ["turn on the kitchen light"]
        await home.room.hears_for(1.0, VOICE)
        await home.place.release()
        await home.is_answered(1)
        assert home.house.published == [("kitchen_light/set", "ON")]


async def test_two_places_at_once() -> None:
    house = House()
    async with at_home(house) as kitchen:
        room, stt = Room(), kitchen.stt
        place = Local("console", room, None, None, "Bedroom", kind="console")
        serving = asyncio.create_task(house.pipeline.serve(place))
        stt.texts = ["turn on the kitchen light", "lock the front door"]
        place.press()
        await kitchen.room.hears(WAKE)
        for _ in range(30):
            await asyncio.gather(kitchen.room.hears(VOICE), room.hears(VOICE))
        for _ in range(30):
            await asyncio.gather(kitchen.room.hears(QUIET), room.hears(QUIET))
        await kitchen.is_answered(2)
        assert {(turn.request.session, turn.request.source) for turn in kitchen.turns} == {
            ("kitchen", "microphone"), ("console", "console")
        }  # fmt: skip
        assert sorted(house.published) == [("front_door/set", "LOCK"), ("kitchen_light/set", "ON")]
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def test_being_stopped_in_mid_sentence_leaves_the_microphone() -> None:
    async with at_home() as home:
        await home.room.hears(WAKE)
        await home.room.hears_for(0.5, VOICE)
        home.house.pipeline.turns.stop()
        await home.room.until(lambda: len(home.turns) == 1)
        await home.hears("turn on the kitchen light")
        await home.is_answered(2)
        assert home.house.published == [("kitchen_light/set", "ON")]


async def test_watchers_see_what_is_being_heard() -> None:
    async with at_home() as home:
        await home.room.hears(WAKE)
        home.stt.texts = ["turn on", "turn on the kitchen light"]
        await home.room.hears_for(0.6, VOICE)
        await home.room.hears_for(0.4)
        await home.room.hears_for(0.6, VOICE)
        await home.is_answered(1)
        heard = [event.text for event in home.events if isinstance(event, Hearing)]
        assert heard == ["turn on", "turn on the kitchen light"]


async def test_levels_are_told_to_whoever_wants_them() -> None:
    events, levels = Events(), []
    room = Room()
    place = Local("kitchen", room, WakesOn(), events=events)

    async def listen() -> None:
        async for _ in place.calls():
            pass

    listening = asyncio.create_task(listen())
    await room.hears_for(1.0, VOICE)
    unsubscribe = events.subscribe_to_levels(levels.append)
    await room.hears_for(1.0, VOICE)
    unsubscribe()
    await room.hears_for(1.0, VOICE)
    await room.falls_silent()
    await listening
    assert 7 <= len(levels) <= 10
    assert all(isinstance(level, Level) and level.wake == 0.5 and 0 < level.loudness < 1 for level in levels)
