"""How the parts are, how fast the last day was, and one click that runs the whole chain on a recording."""

from __future__ import annotations

import asyncio
import math
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from assistant import doctor
from assistant.audio.files import read_samples
from assistant.errors import BrainUnavailable, HouseUnreachable, ModelMissing
from assistant.llm.client import shown
from assistant.llm.ladder import Ladder
from assistant.models import Request as Asked
from assistant.record import summary
from assistant.web.answers import Health, Summary
from assistant.web.now import visitor_of
from assistant.web.parts import Parts
from assistant.web.refused import Refused
from assistant.web.turns import STAGES

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
            "findings": [finding.row() for finding in await doctor.tried(_probes(self._parts))],
            "latency": latency(await self._parts.archive.timings(now - DAY), now),
            "brain": await _brains(self._parts),
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
            pcm = await asyncio.to_thread(read_samples, doctor.RECORDING)
            asked = Asked(None, "en", None, visitor_of(request).session, "file")
            found = await parts.hear(pcm, asked)
        if not found:
            raise Refused(503, "The recording was played, and nothing was heard.")
        return JSONResponse(summary(found[0]))

    return router


def _probes(parts: Parts) -> list[doctor.Probe]:
    """As `mimo-assistant doctor` asks, but of the parts that run: nothing is loaded a second time."""
    config, probe = parts.config, doctor.Probe
    found = [
        probe("microphone", lambda: doctor.microphone(config), doctor.MICROPHONE_REMEDY),
        probe("wake word", lambda: doctor.wake_word(config), "set wake_word.model to a bundled name or a .json file"),
        probe("ears", lambda: _ears(parts), "mimo-assistant models pull stt, then restart the assistant"),
        probe("voice", lambda: _voice(parts), "mimo-assistant models pull voice, then restart the assistant"),
        probe("journal", lambda: asyncio.to_thread(doctor.journal, parts.state), f"mend the rights of {parts.state}"),
        probe("house", lambda: _house(parts), doctor.BROKER_REMEDY),
    ]
    if config.brain.enabled and parts.brain is not None:
        found.append(probe("brain", lambda: _brain(parts), doctor.BRAIN_REMEDY))
    return [*found, *doctor.around(config, parts.state, parts.config_file)]


async def _ears(parts: Parts) -> str:
    if parts.pipeline.ears is None:
        raise ModelMissing("they were not loaded")
    return f"Whisper {parts.config.stt.model} is loaded"


async def _voice(parts: Parts) -> str:
    if parts.pipeline.voice is None:
        raise ModelMissing("it was not loaded")
    return ", ".join(f"{language}: {voice}" for language, voice in parts.config.voice.voices.items())


async def _house(parts: Parts) -> str:
    if parts.home.problem is not None:
        raise HouseUnreachable(parts.home.problem)
    return doctor.house(parts.home)


async def _brain(parts: Parts) -> str:
    brains = await _brains(parts)
    away = [brain["name"] for brain in brains if not brain["healthy"]]
    if len(away) == len(brains):
        raise BrainUnavailable(f"no brain answers: {', '.join(away)}")
    standing = ", ".join(brain["name"] for brain in brains if brain["healthy"])
    return f"{standing}; away: {', '.join(away)}" if away else standing


async def _brains(parts: Parts) -> list[dict[str, Any]]:
    """Best first; how fast the one that stands first wrote its last thought."""
    if parts.brain is None:
        return []
    brain, pace = parts.brain.joined, parts.metrics.tokens_per_second
    if isinstance(brain, Ladder):
        standing = [(name, reason is None) for name, reason in brain.standing]
    else:
        healthy = brain is not None and await brain.ready()
        standing = [(f"at {shown(each.url)}" if each.url else "on this CPU", healthy)
                    for each in parts.config.brain.each()]  # fmt: skip
    first = next((place for place, (_, healthy) in enumerate(standing) if healthy), None)
    return [{"name": name, "healthy": healthy, "tokens_per_second": round(pace, 1) if pace and place == first else None}
            for place, (name, healthy) in enumerate(standing)]  # fmt: skip


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
