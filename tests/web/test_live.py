"""What consoles are told as it happens: every stage of a turn, to many at once, and never an alarm's code."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import websockets

from assistant.events import Level, Notice
from assistant.models import Decided, Intent, Match, Plan, ReasoningDelta, State, Target
from assistant.record import SEALED
from assistant.web.live import DISPENSABLE, MOST_WAITING, Batch, Console
from assistant.web.shown import without_codes
from tests.fakes import FakeBrain, thing
from tests.stories import House
from tests.web.consoles import Served, messages, told_by


async def told(
    events: websockets.ClientConnection, until: str = "ended", seconds: float = 20.0
) -> list[dict[str, Any]]:
    """All that comes until an event of that kind."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        async for message in messages(events):
            found.append(message)
            if message["event"] == until:
                break
    return found


async def test_a_turn_of_the_reflex_as_it_happens(console: Served) -> None:
    browser = await console.browser()
    async with browser.socket("/api/events") as events:
        assert json.loads(await events.recv()) == [{"event": "state", "turn": None, "state": "idle"}]
        said = await browser.post("/api/say", {"text": "turn on the kitchen light", "room": "Kitchen"})
        happened = await told(events)
    kinds = [event["event"] for event in happened]
    assert [kind for kind in kinds if kind != "state"] == [
        "started", "heard", "stage", "matched", "done", "saying", "ended"
    ]  # fmt: skip
    by_kind = {event["event"]: event for event in happened}
    assert {event["turn"] for event in happened if event["event"] != "state"} == {said["turn"]}
    assert by_kind["started"]["source"] == "console" and by_kind["started"]["room"] == "Kitchen"
    assert by_kind["heard"]["text"] == "turn on the kitchen light"
    assert by_kind["matched"] == {
        "event": "matched", "turn": said["turn"], "covered": True, "because": "fits HassTurnOn",
        "intents": ["HassTurnOn"], "repairs": [],
    }  # fmt: skip
    assert by_kind["done"]["messages"] == [{"topic": "kitchen_light/set", "payload": "ON"}]
    assert by_kind["done"]["confirmed"] is True and by_kind["done"]["state"]["value"] == "on"
    assert by_kind["saying"]["text"] == "The kitchen light is on."
    assert by_kind["ended"]["summary"] == said


async def test_thoughts_come_as_they_are_thought(tmp_path: Path) -> None:
    plan = Plan((Intent("HassTurnOn", Target(ids=("light.reading_lamp",))),), because="it is dark", raw="{…}")
    brain = FakeBrain(plan, ["It is <b>dark</b>", ", so ", "a lamp."])
    async with told_by(House(brain=brain), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/events") as events:
            await browser.post("/api/say", {"text": "it is too dark to read", "language": "en"})
            happened = await told(events)
    thoughts = [event["text"] for event in happened if event["event"] == "thought"]
    assert thoughts == ["It is <b>dark</b>", ", so ", "a lamp."], "as data: a page shows it as text"
    assert next(event for event in happened if event["event"] == "planned")["plan"] == "{…}"
    assert [event["state"] for event in happened if event["event"] == "state"] == ["idle", "thinking"]


async def test_now_tells_the_last_turn(console: Served) -> None:
    browser = await console.browser()
    assert await browser.get("/api/now") == {"state": "idle", "turn": None}
    said = await browser.post("/api/say", {"text": "turn on the kitchen light"})
    assert await browser.get("/api/now") == {"state": "idle", "turn": said}


async def test_the_controls_are_turned_and_everybody_sees_it(console: Served) -> None:
    browser = await console.browser()
    async with browser.socket("/api/events") as events:
        turned = await browser.post("/api/controls", {"muted": True, "volume": 40, "language": "it"})
        assert turned == {"muted": True, "volume": 40, "language": "it"}
        assert (await told(events, "controls"))[-1]["volume"] == 40
    assert console.parts.controls.muted and console.parts.controls.language == "it"
    for wrong in ({"volume": 101}, {"language": "tlh"}, {"muted": "perhaps"}, {"louder": True}):
        assert (await browser.send("POST", "/api/controls", wrong)).status_code == 422


async def test_stop_ends_what_is_under_way(tmp_path: Path) -> None:
    class Endless(FakeBrain):
        async def think(self, *asked: object) -> Any:
            yield ReasoningDelta("Hm")
            await asyncio.sleep(3600)
            yield Decided()

    async with told_by(House(brain=Endless()), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/events") as events:
            saying = asyncio.create_task(browser.post("/api/say", {"text": "it is too dark to read"}))
            await told(events, "thought")
            await browser.post("/api/controls", {"stop": True})
            assert (await saying)["error"] == "interrupted"


async def test_levels_are_worked_out_only_while_somebody_looks(console: Served) -> None:
    browser, events_of = await console.browser(), console.parts.events
    assert not events_of.levels_wanted
    async with browser.socket("/api/events") as events:
        await events.recv()
        assert events_of.levels_wanted
        events_of.tell(Level("local", 0.51234, 0.25))
        assert json.loads(await events.recv()) == [
            {"event": "level", "turn": None, "place": "local", "loudness": 0.512, "wake": 0.25}
        ]
    async with asyncio.timeout(5):
        while events_of.levels_wanted:  # noqa: ASYNC110 - the other side of the socket tells nobody
            await asyncio.sleep(0.01)


async def test_one_event_is_told_to_fifty(console: Served) -> None:
    browser = await console.browser()
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(browser.socket("/api/events")) for _ in range(50)]
        said = await browser.post("/api/say", {"text": "turn on the kitchen light"})
        for page in pages:
            assert (await told(page))[-1]["summary"] == said
        metrics = (await browser.http.get("/metrics")).text
        assert "mimo_consoles 50.0" in metrics
        assert 'mimo_turns_total{outcome="done",path="reflex"} 1.0' in metrics


async def test_what_happens_at_once_is_told_in_one_frame(console: Served) -> None:
    browser = await console.browser()
    async with browser.socket("/api/events") as events:
        await events.recv()
        for number in range(10):
            console.parts.events.tell(Notice(f"{number}"))
        assert [each["text"] for each in json.loads(await events.recv())] == [*"0123456789"]


async def test_a_page_is_told_what_happens_from_then_on() -> None:
    console = Console("session", missed=2)
    console.tell(Batch([{"event": "notice", "text": text} for text in "abc"]))
    console.tell(Batch([{"event": "notice", "text": "d"}]))
    frames = console.frames()
    assert [json.loads(await anext(frames))[0]["text"] for _ in range(2)] == ["c", "d"]


async def test_a_slow_console_loses_what_matters_least_then_its_place() -> None:
    console = Console("session")
    done = Batch([{"event": "done"}, {"event": "level"}])
    for _ in range(MOST_WAITING // 2 + 1):
        console.tell(done)
    assert console.waiting == MOST_WAITING // 2 + 1 and not console.overrun
    assert json.loads(await anext(console.frames())) == [{"event": "done"}]
    for _ in range(MOST_WAITING // 2):
        console.tell(done)
    assert not console.overrun, "a piece that it misses harms nobody"
    console.tell(done)
    assert console.overrun


async def test_a_console_that_does_not_read_holds_up_nobody(console: Served) -> None:
    """Its socket's buffers fill; the daemon goes on and closes it."""
    browser = await console.browser()
    async with browser.socket("/api/events", max_queue=1, close_timeout=0.5) as deaf:
        deaf.transport.pause_reading()
        for _ in range(40):
            for _ in range(100):
                console.parts.events.tell(Level("x" * 4000, 0.5, 0.5))
            await asyncio.sleep(0)
        assert (await browser.post("/api/say", {"text": "turn on the kitchen light"}))["error"] is None


async def test_what_a_page_sends_is_not_taken(console: Served) -> None:
    browser = await console.browser()
    async with browser.socket("/api/events") as events:
        with suppress(websockets.ConnectionClosed):
            for _ in range(200):
                await events.send("chatter")
        await asyncio.wait_for(events.wait_closed(), 10)
        assert events.close_code == 1008
    async with browser.socket("/api/events", max_size=None) as events:
        await events.send("x" * 1_000_000)
        await asyncio.wait_for(events.wait_closed(), 10)
        assert events.close_code == 1009
    assert (await browser.http.get("/healthz")).json() == {"ok": True}


async def test_an_alarms_code_is_shown_to_nobody(tmp_path: Path) -> None:
    house = House()
    house.devices.add(thing("alarm_control_panel.house_alarm", "Hallway", features=frozenset({"arm_away"})))
    house.devices.states["alarm_control_panel.house_alarm"] = State("alarm_control_panel.house_alarm", "armed_away")
    async with told_by(house, tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/events") as events:
            for words in (
                "disarm the house alarm with code 73592041",
                "disarm the house alarm with code one two three four",
            ):
                said = await browser.post("/api/say", {"text": words})
                happened = await told(events)
                whole = json.dumps([said, happened, await browser.get("/api/turns"), await browser.get("/api/now")])
                assert "73592041" not in whole and "one two three four" not in whole
                assert SEALED in json.dumps(happened, ensure_ascii=False)


def test_a_code_is_told_from_a_number() -> None:
    for secret in ("disarm with 4711", "code one two three four", "il codice è uno due tre quattro", "密码 一二三四",
                   "my pin is 1, 2, 3, 4", "4-7-1-1", "twelve thirty-four", "double one double two",
                   "dodici trentaquattro uno"):  # fmt: skip
        assert SEALED in without_codes(secret), secret
    for plain in (
        "set the thermostat to 21.5",
        "dim it to 20 percent",
        "turn on one light",
        "tre luci accese",
        "at 18 30",
    ):
        assert without_codes(plain) == plain


def test_the_dispensable_are_what_comes_again() -> None:
    assert {"level", "thought", "hearing", "house"} == DISPENSABLE


async def test_a_repair_is_shown(tmp_path: Path) -> None:
    async with told_by(House(), tmp_path) as console:
        browser = await console.browser()
        said = await browser.post("/api/say", {"text": "turn on the kitchen lite", "language": "en"})
        assert isinstance(said["repairs"], list) and Match().repairs == ()
