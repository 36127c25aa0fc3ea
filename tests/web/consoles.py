"""A console on a real port: of a house from tests/stories.py, or of the whole assembled chain on the virtual house."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import websockets
from argon2 import PasswordHasher

from assistant.audio.loudspeaker import Loudspeaker
from assistant.config import Config, HouseSettings, MqttSettings
from assistant.controls import Controls
from assistant.events import Event, Notice
from assistant.home.amendments import Amendments
from assistant.home.home import Home
from assistant.interfaces import AudioSource
from assistant.memory.archive import Archive
from assistant.memory.journal import SqliteJournal
from assistant.memory.recordings import Recordings
from assistant.metrics import Metrics
from assistant.models import Request, Turn
from assistant.password import guarded
from assistant.satellites.local import Local
from assistant.web.parts import Parts
from assistant.web.server import STATIC, serve
from tests.fakes import FakeClock
from tests.satellites.room import WakesOn
from tests.stories import House

PASSWORD = "open sesame, please"
HASHED = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
"""Cheaper than a real one: what is tested is who gets in."""


@dataclass(slots=True)
class Browser:
    """Keeps its cookie and sends its token, as the page does."""

    http: httpx.AsyncClient
    url: str
    csrf: str = ""

    async def open(self) -> dict[str, Any]:
        me: dict[str, Any] = (await self.http.get("/api/me")).json()
        self.csrf = me["csrf"] or ""
        return me

    async def log_in(self, password: str = PASSWORD) -> httpx.Response:
        answer = await self.http.post("/api/login", json={"password": password})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.http.request(method, path, json=body, headers={"x-csrf-token": self.csrf})

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.send("POST", path, {} if body is None else body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def socket(self, path: str, origin: str | None = None, **more: Any) -> websockets.connect:
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        headers = {"Cookie": cookie} if cookie else {}
        return websockets.connect(
            self.url.replace("http", "ws", 1) + path, origin=origin or self.url, additional_headers=headers, **more
        )  # type: ignore[arg-type]


@dataclass(slots=True)
class Served:
    """A console that runs."""

    url: str
    parts: Parts
    notices: list[str] = field(default_factory=list)
    story: House | None = None
    _browsers: list[Browser] = field(default_factory=list)

    async def browser(self, *, password: str | None = None, **more: Any) -> Browser:
        more = {"verify": self.url.startswith("https:"), **more}  # to read all authorities takes 70 ms
        browser = Browser(httpx.AsyncClient(base_url=self.url, timeout=30, **more), self.url)
        self._browsers.append(browser)
        if password:
            assert (await browser.log_in(password)).status_code == 200
        else:
            await browser.open()
        return browser

    async def close(self) -> None:
        for browser in self._browsers:
            await browser.http.aclose()


async def messages(events: websockets.ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """What a page is told, one after the other; what is left of the last frame is lost with the iterator."""
    async for frame in events:
        for message in json.loads(frame):
            yield message


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def told_by(house: House, folder: Path, static: Path = STATIC, **console: Any) -> AsyncIterator[Served]:
    """The console of a story's house: real pipeline, policy, journal and server; the devices are fakes."""
    console = {"port": free_port(), **console}
    config = Config.model_validate({"state_folder": folder, "console": console})
    events = house.pipeline.events
    async with SqliteJournal(folder / "journal.sqlite") as journal, Archive(folder / "journal.sqlite") as archive:
        house.pipeline.journal = journal
        home = Home(MqttSettings(host="127.0.0.1", port=1), config.confirm, HouseSettings(), presence=False)

        async def hear(pcm: bytes, request: Request) -> list[Turn]:
            raise AssertionError("nothing is heard here")

        def place(id: str, source: AudioSource, speaker: Loudspeaker | None, **more: Any) -> Local:
            wake_word = WakesOn() if more.pop("wake_word") else None
            return Local(id, source, wake_word, speaker, events=events, **more)

        async def learn() -> None:
            return

        parts = Parts(
            config=config, state=folder, config_file=None, events=events, home=home, brain=None,
            household=house.pipeline.house, catalog=house.pipeline.catalog, pipeline=house.pipeline,  # type: ignore[arg-type]
            schedule=house.schedule, controls=Controls(house.pipeline, house.pipeline.run, folder / "controls.json"),
            archive=archive, recordings=Recordings(folder / "audio", config.console.keep_audio_days),
            amendments=Amendments(None, folder), metrics=Metrics(), say=house.pipeline.run, hear=hear, place=place,
            learn=learn,
        )  # fmt: skip
        events.subscribe(parts.metrics.watch)
        events.subscribe(parts.recordings.watch)
        async with running(parts, static, house.clock) as served:
            served.story = house
            yield served


@asynccontextmanager
async def running(parts: Parts, static: Path = STATIC, clock: FakeClock | None = None) -> AsyncIterator[Served]:
    settings, clock = parts.config.console, clock or FakeClock()
    scheme = "https" if settings.tls_cert else "http"
    served = Served(f"{scheme}://127.0.0.1:{settings.port}", parts)

    def note(event: Event) -> None:
        if isinstance(event, Notice):
            served.notices.append(event.text)

    unsubscribe = parts.events.subscribe(note)
    serving = asyncio.create_task(serve(parts, guarded(settings, parts.state), static, clock), name="console")
    try:
        while not any("console" in notice for notice in served.notices):
            assert not serving.done(), serving
            await asyncio.sleep(0.01)
        yield served
    finally:
        await served.close()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        unsubscribe()
