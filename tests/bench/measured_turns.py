"""One turn measured twice: through our brain, and its completions once more with plain httpx."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import httpx

from assistant.errors import BrainUnavailable
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.client import Completion, CompletionClient, ServerKind
from assistant.models import Decided, Plan, ReasoningDelta
from tests.llm.sample_house import SampleHouse


@dataclass(frozen=True, slots=True)
class Moments:
    """Milliseconds after the turn began. None: there was no such moment."""

    first_thought: float | None
    thoughts_done: float | None
    actions_closed: float | None
    plan_done: float
    tries: int
    """Plans that were written until one was a plan."""
    failed: bool = False


@dataclass(slots=True)
class Phase:
    """One completion: what was sent, and what came when."""

    body: Mapping[str, object] = field(default_factory=dict)
    pieces: list[tuple[float, str]] = field(default_factory=list)
    done: float = 0.0

    @property
    def plans(self) -> bool:
        return "structured_outputs" in self.body

    @property
    def prepares(self) -> bool:
        """Whether nothing of the turn was written by it."""
        return self.body["max_tokens"] == 1


class WatchedClient(CompletionClient):
    """Our client as it is, but that random weights must fill the whole budget of thought."""

    def __init__(self, url: str, model: str, *, seed_thoughts: bool) -> None:
        super().__init__(url, model)
        self._seed_thoughts = seed_thoughts
        self.phases: list[Phase] = []
        self._phase_of: dict[int, Phase] = {}

    def _body(self, request: Completion, kind: ServerKind) -> dict[str, object]:
        body = super()._body(request, kind) | {"cache_salt": "ours"}
        if request.stop:
            body["ignore_eos"] = True
        if request.schema is not None or self._seed_thoughts:
            body["seed"] = 7
        self._phase_of[id(request)].body = body
        return body

    async def stream(self, request: Completion) -> AsyncGenerator[str, None]:
        phase = self._phase_of[id(request)] = Phase()
        self.phases.append(phase)
        async with aclosing(super().stream(request)) as pieces:
            async for piece in pieces:
                phase.pieces.append((time.perf_counter(), piece))
                yield piece
        phase.done = time.perf_counter()


async def through_our_brain(
    brain: TwoPhaseBrain, client: WatchedClient, text: str, room: str, house: SampleHouse
) -> tuple[Moments, Sequence[Phase]]:
    client.phases = []
    began = time.perf_counter()
    thought = closed = None
    failed = True
    try:
        async with aclosing(brain.think(text, "en", room, house)) as pieces:
            async for piece in pieces:
                match piece:
                    case ReasoningDelta():
                        thought = thought or time.perf_counter()
                    case Decided():
                        closed = time.perf_counter()
                    case Plan():
                        failed = False
    except BrainUnavailable as error:
        print(f"failed: {error}", flush=True)
    done = time.perf_counter()
    phases = [phase for phase in client.phases if phase.body and not phase.prepares]
    return _moments(began, phases, thought, closed, done, failed), phases


async def through_plain_httpx(http: httpx.AsyncClient, url: str, sent: Sequence[Phase]) -> Moments:
    """The same completions; while the clock runs, bytes are read and no more.

    A salt of each side's own: what one leaves in the server's prefix cache must not help the other.
    """
    heard: list[list[tuple[float, bytes]]] = []
    began = time.perf_counter()
    for phase in sent:
        chunks: list[tuple[float, bytes]] = []
        async with http.stream("POST", f"{url}/completions", json={**phase.body, "cache_salt": "bare"}) as response:
            async for chunk in response.aiter_raw():
                chunks.append((time.perf_counter(), chunk))
        heard.append(chunks)
    done = time.perf_counter()
    phases = [Phase(phase.body, _texts(chunks), chunks[-1][0]) for phase, chunks in zip(sent, heard, strict=True)]
    thought = next((at for phase in phases if not phase.plans for at, _ in phase.pieces), None)
    closed = next((at for phase in phases if phase.plans and (at := actions_closed(phase.pieces))), None)
    return _moments(began, phases, thought, closed, done, failed=False)


def _moments(
    began: float, phases: Sequence[Phase], thought: float | None, closed: float | None, done: float, failed: bool
) -> Moments:
    thoughts_done = next((phase.done for phase in phases if not phase.plans), None)
    moments = (None if at is None else (at - began) * 1000 for at in (thought, thoughts_done, closed))
    return Moments(*moments, (done - began) * 1000, sum(phase.plans for phase in phases), failed)


def actions_closed(pieces: Sequence[tuple[float, str]]) -> float | None:
    """When the plan's first array was whole, which is its actions."""
    depth, quoted, escaped = 0, False, False
    for at, piece in pieces:
        for letter in piece:
            if quoted:
                quoted, escaped = escaped or letter != '"', letter == "\\" and not escaped
            elif letter == '"':
                quoted = True
            elif letter in "[{":
                depth += 1
            elif letter in "]}":
                depth -= 1
                if letter == "]" and depth == 1:
                    return at
    return None


def _texts(chunks: Sequence[tuple[float, bytes]]) -> list[tuple[float, str]]:
    found, rest = [], b""
    for at, chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            data = line.removeprefix(b"data:").strip()
            if data.startswith(b"{") and (text := json.loads(data)["choices"][0]["text"]):
                found.append((at, text))
    return found
