"""How the parts are, how fast the last day was, and one click that runs the whole chain on a recording."""

from __future__ import annotations

import asyncio
import math
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from assistant.audio.files import read_samples
from assistant.models import Request as Asked
from assistant.record import summary
from assistant.web.answers import Health, Summary
from assistant.web.now import visitor_of
from assistant.web.parts import Parts
from assistant.web.refused import Refused
from assistant.web.turns import STAGES

RECORDING = Path(__file__).parent / "okay_nabu_what_time_is_it.wav"

FRESH_SECONDS = 5.0
"""What was found is told again for so long, however many consoles ask."""

DAY = timedelta(hours=24)


class Checkup:
    """One look for all who ask at the same time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._began = time.monotonic()
        self._looking = asyncio.Lock()
        self._found: dict[str, Any] | None = None
        self._at = 0.0

    async def look(self) -> dict[str, Any]:
        async with self._looking:
            if self._found is None or time.monotonic() - self._at > FRESH_SECONDS:
                self._found, self._at = await self._look(), time.monotonic()
            return self._found | {"uptime_seconds": round(time.monotonic() - self._began)}

    async def _look(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        disk = await asyncio.to_thread(shutil.disk_usage, self._parts.state)
        return {
            "findings": [],
            "latency": latency(await self._parts.archive.timings(now - DAY), now),
            "brain": [],
            "disk": {"free_bytes": disk.free, "total_bytes": disk.total},
        }


def routes(parts: Parts) -> APIRouter:
    router, checkup = APIRouter(prefix="/api/health", tags=["health"]), Checkup(parts)
    chain = asyncio.Lock()

    @router.get("", response_model=Health)
    async def look() -> Response:
        """What `doctor` finds, of the parts that run; the latency of the last day; brains, disk and uptime."""
        return JSONResponse(await checkup.look())

    @router.post("/chain", response_model=Summary)
    async def run_the_chain(request: Request) -> Response:
        """Plays "okay nabu, what time is it" to the ears as if a microphone had heard it; takes some seconds."""
        if parts.pipeline.ears is None:
            raise Refused(503, "The ears were not loaded: mimo-assistant models pull stt voice.")
        if chain.locked():
            raise Refused(429, "It is being run already.")
        async with chain:
            pcm = await asyncio.to_thread(read_samples, RECORDING)
            asked = Asked(None, "en", None, visitor_of(request).session, "file")
            found = await parts.hear(pcm, asked)
        if not found:
            raise Refused(503, "The recording was played, and nothing was heard.")
        return JSONResponse(summary(found[0]))

    return router


def latency(measured: Sequence[tuple[datetime, dict[str, float]]], now: datetime) -> dict[str, Any]:
    """By stage: p50, p95 and how many, over all and for each of the last 24 hours."""
    by_stage: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for at, timings in measured:
        hours_ago = int((now - at) / timedelta(hours=1))
        for stage, milliseconds in timings.items():
            if stage in STAGES and 0 <= hours_ago < 24:
                by_stage[stage].append((hours_ago, milliseconds))
    return {
        stage: _measures(ms for _, ms in by_stage[stage]) | {"by_hour": _by_hour(by_stage[stage], now)}
        for stage in STAGES
        if by_stage[stage]
    }


def _by_hour(times: Iterable[tuple[int, float]], now: datetime) -> list[dict[str, Any]]:
    """The oldest first; an hour in which nothing was asked counts 0."""
    hours: dict[int, list[float]] = defaultdict(list)
    for hours_ago, milliseconds in times:
        hours[hours_ago].append(milliseconds)
    return [{"from": (now - timedelta(hours=ago + 1)).isoformat()} | _measures(hours[ago]) for ago in range(23, -1, -1)]


def _measures(times: Iterable[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {"p50": _percentile(ordered, 0.5), "p95": _percentile(ordered, 0.95), "count": len(ordered)}


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest that so large a share does not exceed."""
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1) if ordered else None
