"""A browser's microphone as a place to talk, and what is no microphone's."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import websockets

from assistant.audio.files import CHUNK_SECONDS
from assistant.config import EndpointSettings
from assistant.ears import Ears
from assistant.web.talk import Incoming, Misbehaved, Pace
from tests.fakes import FakeClock
from tests.satellites.room import QUIET, VOICE, WAKE, Loudness, Speaks, Writes
from tests.stories import House
from tests.web.consoles import Served, told_by


def listening(*texts: str) -> House:
    """A house whose ears write these texts, one for each command, and whose voice can be heard."""
    house = House()
    house.pipeline.ears = Ears(Loudness, Writes(*texts), EndpointSettings())
    house.pipeline.voice = Speaks()
    return house


class Phone:
    """What a browser hears of it."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []
        self.sound = b""
        self.sound_at: list[int] = []

    async def until(self, key: str, seconds: float = 30.0) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                message = await self.socket.recv()
                if isinstance(message, bytes):
                    self.sound += message
                    continue
                self.told.append(json.loads(message))
                if key in self.told[-1]:
                    return self.told[-1]

    async def speaks(self, seconds: float = 1.0, silence: float = 0.0, chunk: bytes = VOICE.pcm) -> None:
        for _ in range(round(seconds / CHUNK_SECONDS)):
            await self.socket.send(chunk)
        for _ in range(round(silence / CHUNK_SECONDS)):
            await self.socket.send(QUIET.pcm)

    async def ends(self) -> None:
        await self.socket.send(json.dumps({"end": True}))


async def test_push_to_talk(tmp_path: Path) -> None:
    async with told_by(listening("turn on the kitchen light"), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/talk?mode=push&room=Kitchen&rate=16000") as socket:
            phone = Phone(socket)
            await phone.speaks()
            await phone.ends()
            assert (await phone.until("audio"))["audio"] == {"rate": 16_000}
            assert (await phone.until("audio"))["audio"] is None
            turn = (await phone.until("turn"))["turn"]
            await phone.until("state")
        assert turn["transcript"] == "turn on the kitchen light"
        assert turn["reply"] == "The kitchen light is on."
        assert len(phone.sound) == 5 * 4000 * 2, "a quarter of a second a word"
        states = [message["state"] for message in phone.told if "state" in message]
        assert states == ["listening", "thinking", "speaking", "idle"]
        kept = (await browser.get("/api/turns"))["turns"][0]
        assert kept["source"] == "browser" and kept["room"] == "Kitchen" and kept["audio_seconds"] > 0.5
        assert console.story is not None and console.story.published == [("kitchen_light/set", "ON")]


async def test_silence_ends_it_as_well_and_a_second_one_follows(tmp_path: Path) -> None:
    async with told_by(listening("turn on the kitchen light", "turn off the kitchen light"), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/talk") as socket:
            phone = Phone(socket)
            await phone.speaks(silence=1.5)
            assert (await phone.until("turn"))["turn"]["reply"] == "The kitchen light is on."
            await phone.ends()
            await phone.speaks()
            await phone.ends()
            assert (await phone.until("turn"))["turn"]["reply"] == "The kitchen light is off."


async def test_any_frame_will_do(tmp_path: Path) -> None:
    """Browsers cut sound as they like: 128 samples, or two seconds at once."""
    async with told_by(listening("turn on the kitchen light", "turn off the kitchen light"), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/talk") as socket:
            phone, pcm = Phone(socket), VOICE.pcm * 40
            for at in range(0, len(pcm), 254):
                await socket.send(pcm[at : at + 254])
            await phone.ends()
            assert (await phone.until("turn"))["turn"]["transcript"] == "turn on the kitchen light"
            await socket.send((VOICE.pcm * 64)[: 64 * 1024])
            await socket.send(b"")
            await phone.ends()
            assert (await phone.until("turn"))["turn"]["transcript"] == "turn off the kitchen light"


async def test_hands_free_waits_for_the_wake_word_and_for_the_mute_switch(tmp_path: Path) -> None:
    async with told_by(listening("turn on the kitchen light"), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/talk?mode=hands_free") as socket:
            phone = Phone(socket)
            console.parts.controls.muted = True
            await phone.speaks(0.1, chunk=WAKE.pcm)
            await phone.speaks(silence=1.5)
            await asyncio.sleep(0.2)
            console.parts.controls.muted = False
            await phone.speaks(silence=1.0)
            await asyncio.sleep(0.2)
            assert (await browser.get("/api/turns"))["turns"] == [], "muted, and then without the wake word"
            await phone.speaks(CHUNK_SECONDS, chunk=WAKE.pcm)
            await phone.speaks(silence=1.5)
            assert (await phone.until("turn"))["turn"]["reply"] == "The kitchen light is on."


async def test_a_yes_may_be_typed_in_the_browser_that_was_asked(tmp_path: Path) -> None:
    async with told_by(listening("unlock the front door"), tmp_path) as console:
        asked, other = await console.browser(), await console.browser()
        async with asked.socket("/api/talk") as socket:
            phone = Phone(socket)
            await phone.speaks()
            await phone.ends()
            assert (await phone.until("turn"))["turn"]["reply"] == "Shall I unlock the front door?"
            assert console.story is not None
            await other.post("/api/say", {"text": "yes"})
            assert console.story.published == [], "nobody asked that browser"
            await asked.post("/api/say", {"text": "yes"})
            assert console.story.published == [("front_door/set", "UNLOCK")]


async def test_who_hangs_up_interrupts(tmp_path: Path) -> None:
    async with told_by(listening("turn on the kitchen light"), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/talk") as socket:
            await Phone(socket).speaks(0.5)
            await Phone(socket).until("state")
        async with asyncio.timeout(10):
            while not (kept := (await browser.get("/api/turns"))["turns"]):  # noqa: ASYNC110 - it is over HTTP
                await asyncio.sleep(0.05)
        assert kept[0]["error"] == "interrupted"
        assert (await browser.post("/api/say", {"text": "turn on the kitchen light"}))["error"] is None


@pytest.mark.parametrize(("sent", "code", "reason"), [
    (b"\0" * 65_538, 1009, ""),
    (b"\0\0\0", 1003, "even number"),
    ("{", 1003, "only text"),
    ('{"end": 1}', 1003, "only text"),
    ('{"end": true, "more": 1}', 1003, "only text"),
    ("[" * 60_000, 1003, "only text"),
    ("null", 1003, "only text"),
])  # fmt: skip
async def test_what_no_microphone_sends_is_closed(tmp_path: Path, sent: bytes | str, code: int, reason: str) -> None:
    async with told_by(listening("turn on the kitchen light"), tmp_path) as console:
        browser = await console.browser()
        async with browser.socket("/api/talk") as socket:
            await socket.send(sent)
            await asyncio.wait_for(socket.wait_closed(), 10)
            assert socket.close_code == code and reason in (socket.close_reason or "")
        assert (await browser.post("/api/say", {"text": "turn on the kitchen light"}))["error"] is None


async def test_a_flood_is_closed_and_the_daemon_goes_on(tmp_path: Path) -> None:
    async with told_by(listening("turn on the kitchen light"), tmp_path) as console:
        browser = await console.browser()
        for flood in (QUIET.pcm * 64, '{"end": true}'):
            async with browser.socket("/api/talk") as socket:
                with suppress(websockets.ConnectionClosed):
                    for _ in range(200):
                        await socket.send(flood)
                await asyncio.wait_for(socket.wait_closed(), 10)
                assert socket.close_code == 1008
        assert (await browser.http.get("/healthz")).json() == {"ok": True}


@pytest.mark.parametrize("query", ["rate=48000", "rate=x", "mode=shout", f"room={'x' * 500}"])
async def test_another_rate_or_mode_is_refused(tmp_path: Path, query: str) -> None:
    async with told_by(listening(), tmp_path) as console:
        browser = await console.browser()
        with pytest.raises(websockets.WebSocketException):
            async with browser.socket(f"/api/talk?{query}") as socket:
                await socket.recv()


async def test_without_ears_it_is_said(console: Served) -> None:
    browser = await console.browser()
    async with browser.socket("/api/talk") as socket:
        await asyncio.wait_for(socket.wait_closed(), 10)
        assert (socket.close_code, socket.close_reason) == (1008, "the ears were not loaded")


def test_the_pace_of_a_microphone_and_of_no_microphone() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    for second in range(3600):
        clock.now = float(second)
        pace.sound(32_000)
    with pytest.raises(Misbehaved, match="faster"):
        for _ in range(100):
            pace.sound(32_000)


async def test_the_button_is_let_go_behind_the_last_sound() -> None:
    incoming, happened = Incoming(), list[str]()

    async def released() -> None:
        happened.append("released")

    incoming.put(VOICE.pcm + VOICE.pcm[:100])
    incoming.button(released)
    incoming.put(QUIET.pcm)
    async for chunk in incoming.chunks():
        happened.append("voice" if chunk.pcm[:2] == VOICE.pcm[:2] else "quiet")
        if len(happened) == 4:
            break
    assert happened == ["voice", "voice", "released", "quiet"]
