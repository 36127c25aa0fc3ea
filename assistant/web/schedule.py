"""Timers, alarms, reminders and what is to happen later: seen, made, changed and cancelled from a page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from assistant.config import LanguageCode
from assistant.errors import NotPlanned
from assistant.models import Allowed, Intent, Scheduled, Value
from assistant.models import Request as Asked
from assistant.printable import printable
from assistant.schedule.schedule import Schedule
from assistant.web import given
from assistant.web.answers import Planned
from assistant.web.live import Live
from assistant.web.now import visitor_of
from assistant.web.parts import Parts
from assistant.web.refused import Refused

LOOK_SECONDS = 1.0
"""Between two looks whether something rang, or was changed by voice."""

Kind = Literal["timer", "alarm", "reminder", "command"]
Number = Annotated[int, Path(ge=1, le=2**53)]
Seconds = Annotated[float, Field(ge=-86_400 * 366, le=86_400 * 366)]

_DAY = "(MO|TU|WE|TH|FR|SA|SU)"
Repeats = Annotated[
    str, Field(pattern=rf"^(FREQ=(DAILY|WEEKLY)(;INTERVAL=[1-9]\d?)?(;BYDAY={_DAY}(,{_DAY}){{0,6}})?)?$")
]
"""An iCalendar rule, such as FREQ=WEEKLY;BYDAY=MO,TU."""


Due = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 2, tzinfo=UTC), lt=datetime(9999, 12, 30, tzinfo=UTC))]
"""In any zone of the world still a date."""


class _Written(BaseModel):
    """What is written in the form."""

    model_config = ConfigDict(extra="forbid")

    due: Due | None = None
    name: Annotated[str, Field(max_length=80)] | None = None
    text: Annotated[str, Field(max_length=300)] | None = None
    """What to be reminded of; of a command, the words that are said then."""
    repeats: Repeats | None = None

    @field_validator("name", "text")
    @classmethod
    def readable(cls, text: str | None) -> str | None:
        return text if text is None else printable(text).strip()


class Planning(_Written):
    """A timer has `seconds`; an alarm, a reminder or a command has `due`, or `seconds` from now."""

    kind: Kind
    seconds: Annotated[float, Field(gt=0, le=86_400 * 366)] | None = None
    language: LanguageCode | None = None
    room: Annotated[str, Field(max_length=100)] | None = None

    @field_validator("room")
    @classmethod
    def readable_room(cls, room: str | None) -> str | None:
        return room if room is None else printable(room).strip()


class Changing(_Written):
    """Only what is given changes; an empty name, or rule, is none from then on."""

    seconds: Seconds | None = None
    """So much longer; less than 0: shorter."""
    paused: bool | None = None


def routes(parts: Parts, live: Live) -> APIRouter:
    router, agenda = APIRouter(prefix="/api/schedule", tags=["time"]), parts.schedule

    def item(number: int) -> Scheduled:
        try:
            return agenda.item(number)
        except NotPlanned as error:
            raise Refused(404, "Nothing is planned under that number.") from error

    async def do(asked: Asked, intent: str, slots: Mapping[str, Value]) -> Response:
        """As a turn: what the policy does not allow, or wants a yes to, is not done from here either."""
        turn = await given.run(parts.pipeline, asked, Intent(intent, slots=slots), "it was asked for in a form")
        problem = turn.error or next((each.problem for each in turn.outcomes if each.problem is not None), None)
        if any(not isinstance(each.verdict, Allowed) for each in turn.outcomes):
            raise Refused(409, f"The policy does not allow it: {problem}.")
        if problem is not None:
            raise Refused(409, f"{problem[:1].upper()}{problem[1:]}.")
        live.tell({"event": "schedule", "turn": None, "rows": agenda.rows()})
        return JSONResponse({"rows": agenda.rows()})

    def asked(intent: str, what: str, language: str, room: str | None, request: Request) -> Asked:
        session = visitor_of(request).session
        return Asked(f"{intent}: {what}", language, room, session, "console", unattended=True)

    async def do_with(number: int, intent: str, request: Request, **slots: Value) -> Response:
        known = item(number)
        what = known.name or known.text or known.kind
        return await do(asked(intent, what, known.language, known.room, request), intent, {"number": number, **slots})

    @router.get("", response_model=Planned)
    async def planned() -> Response:
        """By when it is due."""
        return JSONResponse({"rows": agenda.rows()})

    @router.post("", response_model=Planned)
    async def make(planning: Planning, request: Request) -> Response:
        """A turn like any other, as are those that change it or cancel it."""
        language = planning.language or (parts.controls.language if parts.controls.language != "auto" else "en")
        slots = planning.model_dump(include={"kind", "seconds", "name", "text", "repeats"})
        slots = {name: value or None for name, value in slots.items()} | {"at": _written(planning.due)}
        what = planning.name or planning.text or planning.kind
        return await do(asked("PlanSet", what, language, planning.room or None, request), "PlanSet", slots)

    @router.patch("/{number}", response_model=Planned)
    async def change(number: Number, changing: Changing, request: Request) -> Response:
        """Moves it, makes it longer or shorter, renames or rewords it, or pauses a timer and lets it go on."""
        answer: Response = JSONResponse({"rows": agenda.rows()})
        item(number)
        slots = changing.model_dump(include={"name", "text", "repeats"})
        slots |= {"at": _written(changing.due), "by": changing.seconds}
        if any(value is not None for value in slots.values()):
            answer = await do_with(number, "PlanChange", request, **slots)
        if changing.paused is not None:
            answer = await do_with(number, "PlanPause" if changing.paused else "PlanResume", request)
        return answer

    @router.delete("/{number}", response_model=Planned)
    async def cancel(number: Number, request: Request) -> Response:
        return await do_with(number, "PlanCancel", request)

    return router


async def keep_told(agenda: Schedule, live: Live) -> None:
    """Tell open pages whenever something rang or was changed elsewhere."""
    known = None
    while True:
        rows = agenda.rows()
        if (now := [{**row, "remaining_seconds": None} for row in rows]) != known:
            known = now
            live.tell({"event": "schedule", "turn": None, "rows": rows})
        await asyncio.sleep(LOOK_SECONDS)


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
