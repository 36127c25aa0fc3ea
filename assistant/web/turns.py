"""The journal: searched, each turn as a timeline, played back, marked as wrong, and exported for the evaluation."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

from assistant.llm.narrator import steps
from assistant.memory.archive import Kept
from assistant.models import State, Turn
from assistant.printable import printable
from assistant.record import sealed, summary
from assistant.web.answers import TurnRows, TurnWhole, Wrong
from assistant.web.parts import Parts
from assistant.web.refused import Refused

TurnId = Annotated[str, Path(pattern=r"^[0-9a-f]{8,32}$", description="As in a summary's `turn`.")]

STAGES = ("endpoint", "stt", "match", "think", "plan", "act", "confirm", "first_audio")
"""One after the other; what a turn lacks takes no time."""

EXPORTED_AT_ONCE = 100


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=1_000)] = ""

    @field_validator("note")
    @classmethod
    def readable(cls, text: str) -> str:
        return printable(text).strip()


def routes(parts: Parts) -> APIRouter:
    router, archive, recordings = APIRouter(prefix="/api/turns", tags=["turns"]), parts.archive, parts.recordings

    async def known(turn_id: str) -> Kept:
        kept = await archive.turn(turn_id)
        if kept is None:
            raise Refused(404, "The journal has no such turn.")
        return kept

    def row(kept: Kept) -> dict[str, Any]:
        turn = kept.turn
        return summary(turn) | {
            "at": turn.at.isoformat(),
            "source": turn.request.source,
            "room": turn.request.room,
            "session": turn.request.session,
            "audio_seconds": turn.audio_seconds,
            "has_audio": recordings.find(turn.id) is not None,
            "wrong": kept.wrong and {"note": kept.wrong.note, "at": kept.wrong.at.isoformat()},
        }

    @router.get("", response_model=TurnRows)
    async def search(
        search: Annotated[str, Query(max_length=200, description="Words of the request, reply or error.")] = "",
        before: Annotated[datetime | None, Query(description="The `at` of the last turn that was told.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        only: Literal["errors", "wrong"] | None = None,
    ) -> Response:
        """The newest first."""
        found = await archive.search(search, _aware(before), limit + 1, only)
        return JSONResponse({"turns": [row(kept) for kept in found[:limit]], "more": len(found) > limit})

    @router.get("/export", response_class=Response)
    async def export(only: Literal["errors", "wrong", "all"] = "wrong") -> Response:
        """JSON lines that `python -m tests.eval --requests FILE.jsonl` reads once each `expect` says what is right."""

        async def lines() -> AsyncIterator[str]:
            before: datetime | None = None
            while found := await archive.search("", before, EXPORTED_AT_ONCE, None if only == "all" else only):
                for kept in found:
                    if (case := exported(kept)) is not None:
                        yield json.dumps(case, ensure_ascii=False) + "\n"
                before = found[-1].turn.at

        headers = {"content-disposition": f'attachment; filename="turns-{only}.jsonl"'}
        return StreamingResponse(lines(), media_type="application/x-ndjson", headers=headers)

    @router.get("/{turn_id}", response_model=TurnWhole)
    async def one(turn_id: TurnId) -> Response:
        """All of one turn: the steps that explain it, what was read, and its stages in milliseconds."""
        kept = await known(turn_id)
        turn = sealed(kept.turn)
        more = {
            "steps": [*steps(turn, parts.household, turn.language)],
            "plan": turn.plan,
            "murmur": turn.murmur,
            "read": [_state(state) for state in turn.read],
            "timeline": timeline(turn),
        }
        return JSONResponse(row(kept) | more)

    @router.get("/{turn_id}/audio", response_class=FileResponse)
    async def audio(turn_id: TurnId) -> Response:
        """What was said, as WAV, while it is kept (console.keep_audio_days)."""
        file = recordings.find(turn_id)
        if file is None:
            raise Refused(404, "There is no recording of this turn.")
        return FileResponse(file, media_type="audio/wav")

    @router.post("/{turn_id}/wrong", response_model=Wrong)
    async def mark(turn_id: TurnId, note: Note) -> Response:
        """Note that a turn was wrong, and what would have been right."""
        await known(turn_id)
        mark = await archive.mark(turn_id, note.note)
        return JSONResponse({"note": mark.note, "at": mark.at.isoformat()})

    @router.delete("/{turn_id}/wrong")
    async def unmark(turn_id: TurnId, request: Request) -> Response:
        await known(turn_id)
        await archive.unmark(turn_id)
        return JSONResponse({"wrong": None})

    return router


def timeline(turn: Turn) -> list[dict[str, Any]]:
    """From the last sound, or from when the text was there."""
    rows, start = [], 0.0
    for stage in STAGES:
        if (took := turn.timings_ms.get(stage)) is not None:
            rows.append({"stage": stage, "start_ms": round(start, 1), "ms": round(took, 1)})
            start += took
    return rows


def exported(kept: Kept) -> dict[str, Any] | None:
    """A case of tests/eval: what was asked, where; what is right is for a person to say. None: nothing was asked."""
    turn = sealed(kept.turn)
    if turn.transcript is None or not turn.transcript.text:
        return None
    changed = {
        outcome.action.entity_id: outcome.state.value
        for outcome in turn.outcomes
        if outcome.confirmed and outcome.state is not None
    }
    return {
        "text": turn.transcript.text,
        "language": turn.language,
        "room": turn.request.room,
        "class": "direct",
        "expect": None if kept.wrong else changed,
        "reply": [] if kept.wrong or changed else [_kind(turn)],
        "seen": {
            "turn": turn.id,
            "at": turn.at.isoformat(),
            "path": turn.path,
            "changed": changed,
            "reply": turn.reply,
            "error": turn.error,
            "note": kept.wrong.note if kept.wrong else None,
        },
    }


def _kind(turn: Turn) -> str:
    if turn.error:
        return "refused"
    held = any(outcome.verdict.kind == "needs_confirmation" for outcome in turn.outcomes)
    return "asked" if held or turn.reply.endswith(("?", "？")) else "answered"


def _state(state: State) -> dict[str, Any]:
    return {
        "entity": state.entity_id,
        "state": state.value,
        "attributes": dict(state.attributes),
        "at": state.at.isoformat() if state.at else None,
        "stale": state.stale,
    }


def _aware(at: datetime | None) -> datetime | None:
    return at.astimezone() if at is not None and at.tzinfo is None else at
