"""What the API answers when it does not do what was asked: one sentence with a status."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from assistant.errors import AssistantError

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """Every answer with a status of 400 or more."""

    error: str = Field(description="One sentence for a person.")


class Refused(Exception):
    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers

    def response(self) -> JSONResponse:
        return JSONResponse({"error": self.sentence}, self.status, headers=self.headers)


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "It was not done; the sentence says why."},
    "5XX": {"model": Problem, "description": "A part is down; the sentence says which."},
}


def speak_in_sentences(app: FastAPI) -> None:
    """Whatever goes wrong reaches a caller as {"error": sentence}, never as a traceback or with what they sent."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refused)
        return error.response()

    async def known(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AssistantError)
        return JSONResponse({"error": error.reason}, 503)

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return JSONResponse({"error": str(error.detail)}, error.status_code, headers=error.headers)

    async def malformed(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return JSONResponse({"error": _complaint(error)}, 422)

    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        log.error("a request failed: %r", error)
        return JSONResponse({"error": "Something went wrong; the assistant's log has more."}, 500)

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(AssistantError, known)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(Exception, unexpected)


def _complaint(error: RequestValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return f"{where}: {first['msg']}"
