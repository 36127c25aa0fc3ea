"""The slow path: the model thinks within a budget, then writes a plan under a grammar made from this house."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from assistant.config import BrainSettings
from assistant.errors import BrainNonsense, BrainUnavailable
from assistant.interfaces import House
from assistant.llm import prompt
from assistant.llm.budget import Budget, Pace, budget, goes_in_circles
from assistant.llm.client import Completion, CompletionClient
from assistant.llm.plan import Group, NotAPlan, Schema, decided, parse, schema
from assistant.llm.profile import Profile
from assistant.llm.retrieval import Index
from assistant.models import Decided, Entity, Exchange, Intent, Language, May, Plan, ReasoningDelta, Tool

_CUT = "\0"
"""Marks where the request would begin."""

READING_SECONDS = 600.0
"""For the first reading of a house's prompt, which happens once in its life."""

log = logging.getLogger(__name__)


class TwoPhaseBrain:
    """Two completions of one prompt: thoughts that stop at the budget, then a plan. The server keeps the prompt's work.

    Async context manager; implements interfaces.Brain.
    """

    def __init__(self, settings: BrainSettings, profile: Profile, tools: Sequence[Tool], url: str) -> None:
        self._settings = settings
        self._profile = profile
        self._tools = tuple(tools)
        reading = tuple(tool for tool in tools if tool.question)
        self._tools_for: Mapping[May, tuple[Tool, ...]] = {"act": self._tools, "read": reading, "talk": ()}
        key = settings.api_key.get_secret_value() if settings.api_key else None
        self._client = CompletionClient(url, settings.model or profile.model, key, settings.timeout_seconds)
        self._pace = Pace()
        self._learned: _Learned | None = None
        self._warmed, self._keeps = "", False

    async def __aenter__(self) -> TwoPhaseBrain:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.close()

    async def ready(self) -> bool:
        return await self._client.ready()

    async def warm(self, house: House) -> None:
        """Let the server read the prompt but for the request, so that the first one need not wait for it."""
        learned = self._learn(house)
        if not await self._recalled(learned, house):
            await self._read(learned, house)  # a server for many may have dropped it since
        for grammar in learned.grammars.values():
            await self._client.build(grammar)

    async def think(
        self,
        text: str,
        language: Language,
        room: str | None,
        house: House,
        earlier: Sequence[Exchange] = (),
        may: May = "act",
    ) -> AsyncGenerator[ReasoningDelta | Decided | Plan, None]:
        """Thoughts as they come, then what is to be done, then the whole plan. Closing the stream aborts the work."""
        learned = self._learn(house)
        entities = learned.relevant(prompt.subjects(text, earlier), room, prompt.most_detailed(house, earlier))
        shown = prompt.context(house, entities)
        asked = prompt.request(text, language, room, house, entities, shown, devices=not learned.few, earlier=earlier)
        opening = self._profile.render(learned.instructions, asked)
        await self._recalled(learned, house)
        clock = _Clock(self._settings.timeout_seconds)

        allowed, thoughts = self._budget(text, house), ""
        async with aclosing(clock.limit(self._thoughts(opening, allowed.tokens))) as pieces:
            async for piece in pieces:
                thoughts += piece
                yield ReasoningDelta(piece)
                if goes_in_circles(thoughts):
                    allowed = replace(allowed, because=f"{allowed.because}; cut short, it went in circles")
                    break
        think_ms = clock.lap()
        async with aclosing(self._plans(opening, thoughts, learned, may, clock)) as steps:
            async for step in steps:
                if isinstance(step, Plan):
                    yield step
                else:
                    yield Decided(step, shown, str(allowed), think_ms, clock.lap())

    async def _recalled(self, learned: _Learned, house: House) -> bool:
        """Whether the server keeps this house's prompt for good, read now or before. A CPU reads it for minutes."""
        if self._warmed == learned.instructions:
            return self._keeps
        recalled = await self._client.recall(self._kept_as(learned))
        if recalled is False:
            await self._read(learned, house)
            await self._client.keep(self._kept_as(learned))
        self._warmed, self._keeps = learned.instructions, recalled is not None
        return self._keeps

    async def _read(self, learned: _Learned, house: House) -> None:
        """What stays, and behind it what is true now, most of which is still so when the next request comes."""
        now = prompt.now(learned.entities, prompt.context(house, learned.entities)) if learned.few else ""
        beginning = self._beginning(learned, now)
        await self._client.read(Completion(beginning, 1, silence_seconds=READING_SECONDS, background=True))

    def _beginning(self, learned: _Learned, now: str = "") -> str:
        return self._profile.render(learned.instructions, now + _CUT).partition(_CUT)[0]

    def _kept_as(self, learned: _Learned) -> str:
        """By what stays, and whether states stand behind it: another state is no other house."""
        told = f"{self._profile.id}\n{self._beginning(learned, 'Now: ' if learned.few else '')}"
        return f"{hashlib.sha256(told.encode()).hexdigest()[:16]}.kv"

    def _budget(self, text: str, house: House) -> Budget:
        settings = self._settings
        if settings.think_tokens is not None:
            return Budget(settings.think_tokens, "brain.think_tokens")
        return self._pace.within(budget(text, house), settings.deadline_seconds)

    async def _thoughts(self, opening: str, tokens: int) -> AsyncGenerator[str, None]:
        if not tokens:
            return
        sampling, thinking = self._profile.thinking, opening + self._profile.think_open
        stop = (self._profile.think_close,)
        written, began = 0, time.perf_counter()
        async with aclosing(
            self._client.stream(Completion(thinking, tokens, sampling.temperature, sampling.top_p, stop))
        ) as pieces:
            async for piece in pieces:
                began = time.perf_counter() if not written else began
                written += 1
                yield piece
        self._pace.note(written - 1, time.perf_counter() - began)

    async def _plans(
        self, opening: str, thoughts: str, learned: _Learned, may: May, clock: _Clock
    ) -> AsyncGenerator[tuple[Intent, ...] | Plan, None]:
        """What is to be done, then the plan: one try after the thoughts and, if that is nonsense, one without.

        That nothing is to be done is told with the whole plan only: until then another try may do better.
        """
        sampling = self._profile.planning
        first = self._profile.after(thoughts) if thoughts.strip() else self._profile.skip_thinking
        tries = [
            Completion(opening + first, self._settings.plan_tokens, sampling.temperature, sampling.top_p),
            Completion(opening + self._profile.skip_thinking, self._settings.plan_tokens),
        ]
        known = (self._tools, learned.entities, learned.groups)
        for attempt in tries:
            written, intents = "", tuple[Intent, ...]()
            try:
                stream = clock.limit(self._client.stream(replace(attempt, schema=learned.grammars[may])))
                async with aclosing(stream) as pieces:
                    async for piece in pieces:
                        written += piece
                        if not intents and (intents := decided(written, *known) or ()):
                            yield intents
                plan = parse(written, *known)
                if not intents:
                    yield plan.intents
                yield plan
                return
            except NotAPlan as error:
                log.warning("the model's plan is nonsense (%s): %.200s", error, written)
                if intents:
                    yield Plan(intents, raw=written)  # what was to be done is done; only its words are lost
                    return
        raise BrainNonsense("the model answered nonsense twice")

    def _learn(self, house: House) -> _Learned:
        """What is told of this house, made anew only when the house changed."""
        if self._learned is None or (self._learned.house, self._learned.revision) != (id(house), house.revision):
            entities = prompt.visible(house)
            few = len(entities) <= prompt.MOST_DETAILED
            groups = () if few else prompt.groups(entities)
            self._learned = _Learned(
                house=id(house),
                revision=house.revision,
                entities=entities,
                groups=groups,
                instructions=prompt.instructions(self._tools, house, entities, examples=self._profile.examples),
                grammars={
                    may: schema(tools, entities, self._settings.plan_tokens, groups)
                    for may, tools in self._tools_for.items()
                },
                index=None if few else Index(house, entities),
            )
        return self._learned


@dataclass(frozen=True, slots=True)
class _Learned:
    """One house: what stays of its prompt, and a grammar for each thing that a plan may do."""

    house: int
    revision: int
    entities: tuple[Entity, ...]
    groups: tuple[Group, ...]
    instructions: str
    grammars: Mapping[May, Schema]
    index: Index | None
    """Of a house with too many devices to tell the model of each."""

    @property
    def few(self) -> bool:
        """Whether every device is told of each time, its state too."""
        return self.index is None

    def relevant(self, text: str, room: str | None, most: int) -> tuple[Entity, ...]:
        return self.entities if self.index is None else self.index.relevant(text, room, most)


class _Clock:
    """One deadline for the whole thought, and a lap time for each phase."""

    def __init__(self, seconds: float) -> None:
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._lap = time.perf_counter()

    def lap(self) -> float:
        """Milliseconds since the last lap."""
        before, self._lap = self._lap, time.perf_counter()
        return (self._lap - before) * 1000

    async def limit(self, pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
        """The same pieces; BrainUnavailable when the deadline passes while waiting for one.

        Only the waiting is timed: a deadline around the whole loop would strike whoever consumes the pieces.
        """
        async with aclosing(pieces):
            while True:
                try:
                    async with asyncio.timeout_at(self._deadline):
                        piece = await anext(pieces, None)
                except TimeoutError as error:
                    raise BrainUnavailable("the model did not answer in time") from error
                if piece is None:
                    return
                yield piece
