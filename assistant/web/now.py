"""Who is there, what the assistant does, what is said to it in writing, and what is turned: mute, volume, language."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

import assistant
from assistant.config import LanguageCode, Percent
from assistant.models import Request as Asked
from assistant.password import LONGEST_PASSWORD, Password
from assistant.printable import printable
from assistant.record import summary
from assistant.web.answers import Controlled, Me, Now, Summary
from assistant.web.guard import Guard, Visitor
from assistant.web.live import Live
from assistant.web.login import Browsers, Tries
from assistant.web.parts import Parts
from assistant.web.refused import Refused


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: Annotated[SecretStr, Field(max_length=LONGEST_PASSWORD)]


class Saying(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    room: Annotated[str, Field(max_length=100)] | None = None
    language: LanguageCode | None = None

    @field_validator("text", "room")
    @classmethod
    def readable(cls, text: str | None) -> str | None:
        return text if text is None else printable(text)


class Turning(BaseModel):
    model_config = ConfigDict(extra="forbid")

    muted: bool | None = None
    volume: Percent | None = None
    language: LanguageCode | Literal["auto"] | None = None
    stop: bool = False


def visitor_of(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


def login_routes(
    parts: Parts, password: Password, browsers: Browsers, tries: Tries, live: Live, guard: Guard
) -> APIRouter:
    router = APIRouter(tags=["login"])

    @router.get("/api/me", response_model=Me)
    async def me(request: Request) -> dict[str, Any]:
        """Who asks, and what a page has to know before anything else. Names and settings only after the login."""
        visitor = visitor_of(request)
        told = {"login_needed": password.needed, "logged_in": visitor.logged_in, "csrf": visitor.csrf or None,
                "language": parts.controls.language}  # fmt: skip
        if not visitor.logged_in:
            return told
        return told | {
            "version": assistant.__version__,
            "rooms": [room.name for room in parts.household.rooms],
            "keep_audio": parts.config.console.keep_audio_days > 0,
            "muted": parts.controls.muted,
            "volume": parts.controls.volume,
        }

    @router.post("/api/login", response_model=Me)
    async def log_in(login: Login, request: Request) -> Response:
        """The cookie `mimo_session`, for 30 days. A few tries a minute."""
        address = visitor_of(request).address
        if not password.needed:
            raise Refused(409, "This console has no password; nobody needs to log in.")
        if not tries.allow(address):
            raise Refused(429, "That were too many tries; wait a minute.", {"retry-after": "60"})
        if not await password.is_right(login.password.get_secret_value()):
            raise Refused(401, "That is not the password.")
        tries.succeeded(address)
        token = await browsers.let_in()
        told = {"login_needed": True, "logged_in": True, "csrf": browsers.csrf(token)}
        return JSONResponse(told, headers={"set-cookie": guard.cookie(token)})

    @router.post("/api/logout")
    async def log_out(request: Request) -> Response:
        visitor = visitor_of(request)
        await browsers.let_go(visitor.token)
        live.part_with(visitor.session)
        return JSONResponse({"logged_in": False}, headers={"set-cookie": guard.cookie("", seconds=0)})

    return router


def routes(parts: Parts, live: Live) -> APIRouter:
    router, controls = APIRouter(), parts.controls

    @router.get("/api/now", tags=["now"], response_model=Now)
    async def now() -> Response:
        """What it does, and the turn under way or the last one."""
        return JSONResponse(live.now())

    @router.post("/api/say", tags=["now"], response_model=Summary)
    async def say(saying: Saying, request: Request) -> Response:
        """A request like any other, in this browser's own session: a "yes" here answers only what was asked here."""
        session = visitor_of(request).session
        asked = Asked(saying.text, saying.language, saying.room or None, session, "console")
        return JSONResponse(summary(await parts.say(asked)))

    @router.post("/api/controls", tags=["controls"], response_model=Controlled)
    async def turn(turning: Turning) -> Response:
        """Only what is given is turned; `stop` ends what is under way and what is being said."""
        if turning.muted is not None:
            controls.muted = turning.muted
        if turning.volume is not None:
            controls.volume = turning.volume
        if turning.language is not None:
            controls.language = turning.language
        if turning.stop:
            controls.stop()
        told = {"muted": controls.muted, "volume": controls.volume, "language": controls.language}
        live.tell({"event": "controls", "turn": None, **told})
        return JSONResponse(told)

    return router
