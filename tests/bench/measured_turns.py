"""One turn and its moments: through our brain, or as the same completions with plain httpx."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import httpx

from assistant.errors import BrainNonsense, BrainUnavailable
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.client import Completion, CompletionClient, ServerKind
from assistant.models import Decided, Plan, ReasoningDelta
from tests.bench.sent import PLAN
from tests.llm.sample_house import SampleHouse

log = logging.getLogger(__name__)

Body = Mapping[str, object]
THOUGHTS = "\0thoughts\0"
"""Where what was thought will stand in a body that is written before anybody thought."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Milliseconds after the turn should have begun. None: there was no such moment."""

    first_thought: float | None
    last_thought: float | None
    actions_closed: float | None
    plan_done: float
    wrote: str
    """A hash of all that the model wrote; empty when it came to no plan."""


class SeededClient(CompletionClient):
    """Our client as it is, but that random weights must fill the whole budget of thought, by a seed of each turn's."""

    seed = 0

    def _body(self, request: Completion, kind: ServerKind, as_ebnf: bool) -> dict[str, object]:
        body = super()._body(request, kind, as_ebnf) | {"cache_salt": "ours", "seed": self.seed}
        return body | {"ignore_eos": True} if request.stop else body


class Rehearsal(SeededClient):
    """Notes what would be sent, and answers in the server's place."""

    def __init__(self, url: str, model: str) -> None:
        super().__init__(url, model)
        self.bodies: list[Body] = []

    async def stream(self, request: Completion) -> AsyncGenerator[str, None]:
        self.bodies.append(self._body(request, "vllm", as_ebnf=True))
        yield THOUGHTS if request.schema is None else PLAN


async def through_our_brain(brain: TwoPhaseBrain, text: str, room: str, house: SampleHouse, began: float) -> Moments:
    thoughts: list[tuple[float, str]] = []
    closed, plan = None, ""
    try:
        async with aclosing(brain.think(text, "en", room, house)) as pieces:
            async for piece in pieces:
                match piece:
                    case ReasoningDelta():
                        thoughts.append((time.monotonic(), piece.text))
                    case Decided():
                        closed = time.monotonic()
                    case Plan():
                        plan = piece.raw
    except (BrainUnavailable, BrainNonsense) as error:
        log.warning("failed: %s", error)
    return _moments(began, thoughts, closed, time.monotonic(), plan)


async def through_plain_httpx(http: httpx.AsyncClient, url: str, bodies: Sequence[Body], began: float) -> Moments:
    """The same completions; while the clock runs, bytes are read and the thoughts put together, no more.

    A salt of each side's own: what one leaves in the server's prefix cache must not help the other.
    """
    *thinking, planning = bodies
    thoughts: list[tuple[float, str]] = []
    for body in thinking:
        events = _Events()
        async for at, chunk in _read(http, url, body):  # as they come: at the end, rooms would wait for each other
            thoughts += events.texts(at, chunk)
    thought = "".join(piece for _, piece in thoughts).strip()
    prompt = str(planning["prompt"]).replace(THOUGHTS, thought)
    chunks = [each async for each in _read(http, url, {**planning, "prompt": prompt})]
    done, events = time.monotonic(), _Events()
    plan = [piece for at, chunk in chunks for piece in events.texts(at, chunk)]
    return _moments(began, thoughts, actions_closed(plan), done, "".join(piece for _, piece in plan))


async def _read(http: httpx.AsyncClient, url: str, body: Body) -> AsyncGenerator[tuple[float, bytes], None]:
    async with http.stream("POST", f"{url}/completions", json={**body, "cache_salt": "bare"}) as response:
        async for chunk in response.aiter_raw():
            yield time.monotonic(), chunk


class _Events:
    """The texts in a stream of bytes, however it is cut."""

    def __init__(self) -> None:
        self._rest = b""

    def texts(self, at: float, chunk: bytes) -> list[tuple[float, str]]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        data = (line.removeprefix(b"data:").strip() for line in lines)
        found = (json.loads(each)["choices"][0]["text"] for each in data if each.startswith(b"{"))
        return [(at, text) for text in found if text]


def _moments(
    began: float, thoughts: Sequence[tuple[float, str]], closed: float | None, done: float, plan: str
) -> Moments:
    first, last = (thoughts[0][0], thoughts[-1][0]) if thoughts else (None, None)
    ms = (None if at is None else (at - began) * 1000 for at in (first, last, closed))
    words = "".join(piece for _, piece in thoughts) + plan
    return Moments(*ms, (done - began) * 1000, hashlib.sha256(words.encode()).hexdigest()[:16] if plan else "")


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
