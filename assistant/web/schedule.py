"""Timers, alarms, reminders and what is to happen later: seen, made, changed and cancelled from a page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from assistant.config import LanguageCode
from assistant.errors import AssistantError
from assistant.models import Action, Allowed, Value
from assistant.printable import printable
from assistant.schedule.schedule import Schedule
from assistant.web.answers import Planned
from assistant.web.live import Live
from assistant.web.parts import Parts
from assistant.web.refused import Refused

LOOK_SECONDS = 1.0
"""Between two looks whether something rang, or was changed by voice."""

Kind = Literal["timer", "alarm", "reminder", "command"]
Number = Annotated[int, Path(ge=1, le=2**53)]
Seconds = Annotated[float, Field(ge=-86_400 * 366, le=86_400 * 366)]


class Planning(BaseModel):
    """A timer has `seconds`; an alarm, a reminder or a command has `due`, or `seconds` from now."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    due: AwareDatetime | None = None
    seconds: Annotated[float, Field(gt=0, le=86_400 * 366)] | None = None
    name: Annotated[str, Field(max_length=80)] | None = None
    text: Annotated[str, Field(max_length=300)] = ""
    """What to be reminded of; of a command, the words that are said then."""
    repeats: Annotated[str, Field(pattern=r"^FREQ=(DAILY|WEEKLY)[A-Z0-9=;,]{0,80}$")] | None = None
    """An iCalendar rule, such as FREQ=WEEKLY;BYDAY=MO,TU."""
    language: LanguageCode | None = None
    room: Annotated[str, Field(max_length=100)] | None = None

    @field_validator("name", "text", "room")
    @classmethod
    def readable(cls, text: str | None) -> str | None:
        return text if text is None else printable(text).strip()


class Changing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    due: AwareDatetime | None = None
    seconds: Seconds | None = None
    """So much longer; less than 0: shorter."""
    paused: bool | None = None


def routes(parts: Parts, live: Live) -> APIRouter:
    router, agenda = APIRouter(prefix="/api/schedule", tags=["time"]), parts.schedule

    def row(number: int) -> dict[str, Any]:
        found = next((each for each in agenda.rows() if each["id"] == number), None)
        if found is None:
            raise Refused(404, "Nothing is planned under that number.")
        return found

    async def do(kind: str, verb: str, arguments: Mapping[str, Value]) -> Response:
        """As an action of the house: what the policy does not allow is not done from here either."""
        many = f"{kind}{'es' if kind == 'watch' else 's'}"
        given = {name: value for name, value in arguments.items() if value is not None}
        service = f"add_{kind}" if verb == "add" else verb
        verdict = await parts.pipeline.review(Action(f"schedule.{many}", service, given))
        if not isinstance(verdict, Allowed):
            raise Refused(409, f"The policy does not allow it: {verdict.reason}.")
        try:
            outcome = await parts.pipeline.commands.perform(verdict)
        except AssistantError as error:
            raise Refused(409, f"{error.reason[:1].upper()}{error.reason[1:]}.") from error
        if outcome.problem is not None:
            raise Refused(409, outcome.problem)
        live.tell({"event": "schedule", "turn": None, "rows": agenda.rows()})
        return JSONResponse({"rows": agenda.rows()})

    @router.get("", response_model=Planned)
    async def planned() -> Response:
        """By when it is due."""
        return JSONResponse({"rows": agenda.rows()})

    @router.post("", response_model=Planned)
    async def make(planning: Planning) -> Response:
        language = planning.language or (parts.controls.language if parts.controls.language != "auto" else "en")
        return await do(planning.kind, "add", planning.model_dump(exclude={"kind", "due", "language"})
                        | {"due": _written(planning.due), "language": language})  # fmt: skip

    @router.patch("/{number}", response_model=Planned)
    async def change(number: Number, changing: Changing) -> Response:
        """Moves it, makes it longer or shorter, or pauses a timer and lets it go on."""
        kind, answer = row(number)["kind"], None
        if changing.due is not None or changing.seconds is not None:
            arguments = {"id": str(number), "due": _written(changing.due), "by": changing.seconds}
            answer = await do(kind, "change", arguments)
        if changing.paused is not None:
            answer = await do(kind, "pause" if changing.paused else "resume", {"id": str(number)})
        return answer or JSONResponse({"rows": agenda.rows()})

    @router.delete("/{number}", response_model=Planned)
    async def cancel(number: Number) -> Response:
        return await do(row(number)["kind"], "cancel", {"id": str(number)})

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
