"""What fell due is heard, in its language and room, until somebody stops it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from assistant.events import Ended, Event, Events, Rang, Started
from assistant.models import Request, Scheduled, Turn
from assistant.ringer import Ringer
from assistant.schedule.keeper import Told
from assistant.schedule.schedule import Schedule
from tests.fakes import FakeSpeaker, FakeVoice
from tests.stories import House

TIMER = Scheduled(1, "timer", name="pasta", language="it", room="Kitchen")


class Ringing:
    def __init__(self, seconds: float = 30.0) -> None:
        self.schedule = Schedule(Path(":memory:"))
        self.events, self.heard = Events(), list[Event]()
        self.events.subscribe(self.heard.append)
        self.voice, self.kitchen, self.other = FakeVoice(), FakeSpeaker(), FakeSpeaker()
        places = {"Kitchen": self.kitchen}
        self.ringer = Ringer(self.schedule, self.events, lambda room: places.get(room or "", self.other),
                             lambda: self.voice, seconds, seconds)  # fmt: skip

    async def until_it_rings(self) -> None:
        while not self.voice.said:  # noqa: ASYNC110 - the fake voice only keeps what it was given
            await asyncio.sleep(0.01)


async def test_a_timer_rings_in_its_room_until_it_is_silenced() -> None:
    ringing = Ringing()
    telling = asyncio.create_task(ringing.ringer.tell(Told(TIMER, "Il timer pasta è scaduto.", False, True)))
    await ringing.until_it_rings()
    assert ringing.schedule.ringing() == (TIMER,)
    assert ringing.voice.said == [("Il timer pasta è scaduto.", "it")]
    assert ringing.kitchen.seconds > 0 and ringing.other.seconds == 0
    assert ringing.schedule.silence()
    await asyncio.wait_for(telling, 5)
    assert not ringing.schedule.ringing()


async def test_it_does_not_ring_for_ever() -> None:
    ringing = Ringing(seconds=0.05)
    await asyncio.wait_for(ringing.ringer.tell(Told(TIMER, "done", False, True)), 5)
    assert not ringing.schedule.ringing()


async def test_what_is_told_late_is_said_once() -> None:
    ringing = Ringing()
    await ringing.ringer.tell(Told(replace(TIMER, room=None), "too late", True, False))
    assert [text for text, _ in ringing.voice.said] == ["too late"]
    assert ringing.other.seconds > 0, "where there is no loudspeaker for the room, the one that there is"
    assert [(event.text, event.late) for event in ringing.heard if isinstance(event, Rang)] == [("too late", True)]


async def test_it_holds_its_tongue_while_somebody_speaks() -> None:
    ringing = Ringing(seconds=0.3)
    turn = Turn("1", House().began, Request(None))
    ringing.events.tell(Started(turn))
    await ringing.ringer.tell(Told(TIMER, "done", False, True))
    assert ringing.kitchen.seconds == 0
    ringing.events.tell(Ended(turn))
    await ringing.ringer.tell(Told(TIMER, "done", False, True))
    assert ringing.kitchen.seconds > 0
