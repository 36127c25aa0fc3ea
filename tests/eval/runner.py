"""Asks the assembled assistant every request of the evaluation, and keeps what became of each."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant import model_files
from assistant.app import Assistant, assemble
from assistant.config import BrainSettings, Config, MqttSettings, Options
from assistant.errors import BrainUnavailable
from assistant.events import Events
from assistant.llm.client import CompletionClient
from assistant.llm.local_server import LocalServer
from assistant.models import Request, Turn
from assistant.pipeline import Pipeline
from assistant.record import dump
from tests.eval.cases import Case
from tests.eval.house import HOUSE, House, open_house
from tests.eval.meter import Meter, Metered
from tests.eval.score import Score, Verdict, score

_DOWN = ("BrainUnavailable", "BrainNotReady")

BUSY_SECONDS = 300.0
"""How long the model may take: a CPU that others use too is no reason to fail."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is evaluated."""

    url: str | None
    """None: the small brain on this CPU."""
    profile: str
    routing: str
    threads: int = 2

    @property
    def name(self) -> str:
        return f"{self.profile} at {self.url}" if self.url else f"{self.profile} on this CPU"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request."""

    key: str
    text: str
    language: str
    of: str
    routing: str
    verdict: Verdict
    because: str
    unsafe: bool
    path: str
    reply: str
    reason: str | None
    """The model's, as far as it was spoken."""
    gave_reason: bool
    """Whether it gave one at all."""
    acted: bool
    thought_tokens: int
    plan_tokens: int
    read_tokens: int
    compute_seconds: float
    """That the brain's server worked on it."""
    milliseconds: float
    """From the words to the reply."""
    turn: str
    """The whole record, as the journal has it."""


class Book:
    """The answers so far, one JSON object a line, so that an evaluation goes on where it was broken off."""

    def __init__(self, path: Path, house: Path = HOUSE) -> None:
        self._path = path
        self._house = hashlib.sha256(house.read_bytes()).hexdigest()[:12]
        self._known = dict(self._read())

    def find(self, case: Case, setup: Setup) -> Answer | None:
        """An answer of this setup. What the reflex left to the brain is the same question under both routings."""
        own = self._known.get(self._key(case, setup))
        if own is None and setup.routing == "brain_only":
            other = self._known.get(self._key(case, replace(setup, routing="reflex_first")))
            own = replace(other, routing="brain_only") if other and other.path == "brain" else None
        return own

    def keep(self, case: Case, setup: Setup, answer: Answer) -> None:
        key = self._key(case, setup)
        self._known[key] = answer
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, "answer": asdict(answer)}, ensure_ascii=False) + "\n")

    def _key(self, case: Case, setup: Setup) -> str:
        return "|".join((setup.name, setup.routing, self._house, case.key))

    def _read(self) -> Iterator[tuple[str, Answer]]:
        """Without the answers of an older evaluation, which held other things."""
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            with suppress(ValidationError):
                kept = json.loads(line)
                yield kept["key"], _ANSWER.validate_python(kept["answer"])


_ANSWER = TypeAdapter(Answer)


@dataclass(slots=True)
class Evaluation:
    """The assistant in the house, with a meter on the wire to its brain."""

    house: House
    assistant: Assistant
    meter: Meter

    async def ask(self, case: Case, routing: str) -> Answer:
        before = await self.house.set_back(case.given)
        await self._until_believed()
        self.meter.take()
        self._route(routing)
        began = time.perf_counter()
        turn = await self.assistant.say(Request(case.text, case.language, case.room, session=case.key))
        milliseconds = (time.perf_counter() - began) * 1000
        if turn.error_kind in _DOWN:
            await self.expect_a_brain()  # a server that is gone is no fault of the model's
        after = await self.house.calm()
        scored = score(case, before, after, turn, self._critical())
        return _answer(case, routing, turn, scored, self.meter.take(), milliseconds)

    async def expect_a_brain(self) -> None:
        """Raises BrainUnavailable."""
        async with CompletionClient(self.meter.url, "any") as client:
            if not await client.ready():
                raise BrainUnavailable("no model's server answers there")

    def _route(self, routing: str) -> None:
        pipeline: Pipeline = self.assistant.pipeline
        pipeline.settings = replace(pipeline.settings, routing=routing)  # type: ignore[arg-type]

    async def _until_believed(self) -> None:
        """Until the reports have come through; then the assistant sees the house as it stands."""
        await self.house.calm()
        await self.assistant.home.settled()

    def _critical(self) -> list[str]:
        devices: Mapping = self.house.description.devices  # type: ignore[type-arg]
        return [
            entity
            for entity, device in devices.items()
            if device.critical or device.behaves == "lock" or device.device_class in ("garage", "gate", "door")
        ]


@asynccontextmanager
async def evaluation(
    setup: Setup, house: Path = HOUSE, tell: Callable[[str], None] = print
) -> AsyncIterator[Evaluation]:
    """Everything up and warm. Raises AssistantError."""
    async with AsyncExitStack() as stack:
        devices = await stack.enter_async_context(open_house(house))
        meter = await stack.enter_async_context(Meter(await _brain_at(setup, stack)))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="eval"))
        config = Config(
            state_folder=Path(folder),
            mqtt=MqttSettings(host=devices.host, port=devices.port),
            house=devices.description.settings(),
            brain=BrainSettings(url=meter.url, profile=setup.profile, timeout_seconds=BUSY_SECONDS),
        )
        assistant = await stack.enter_async_context(assemble(config, Options(), Events()))
        await assistant.look_at_the_house()
        running = Evaluation(devices, assistant, meter)
        began = time.perf_counter()
        if assistant.brain is not None:
            await assistant.brain.open()
        await running.expect_a_brain()
        tell(f"The brain has read the house in {time.perf_counter() - began:.0f} s.")
        yield running


async def _brain_at(setup: Setup, stack: AsyncExitStack) -> str:
    if setup.url is not None:
        return setup.url
    weights = model_files.path("brain", setup.profile, model_files.folder(Config()))
    return (await stack.enter_async_context(LocalServer(weights, setup.threads))).url


def _answer(
    case: Case, routing: str, turn: Turn, scored: Score, completions: Sequence[Metered], milliseconds: float
) -> Answer:
    plans = [one for one in completions if one.plan]
    thoughts = [one for one in completions if not one.plan]
    return Answer(
        key=case.key, text=case.text, language=case.language, of=case.of, routing=routing,
        verdict=scored.verdict, because=scored.because, unsafe=scored.unsafe, path=turn.path, reply=turn.reply,
        reason=turn.because, gave_reason=_gave_reason(turn.plan), acted=bool(turn.outcomes),
        thought_tokens=sum(one.tokens for one in thoughts), plan_tokens=sum(one.tokens for one in plans),
        read_tokens=sum(one.read or 0 for one in completions),
        compute_seconds=round(sum(one.seconds for one in completions), 3), milliseconds=round(milliseconds, 1),
        turn=dump(turn),
    )  # fmt: skip


def _gave_reason(plan: str) -> bool:
    try:
        return bool(json.loads(plan, strict=False).get("because"))
    except (ValueError, AttributeError):
        return False
