"""One utterance, from top to bottom: hear, recall, match or think, resolve, decide, permit, act, speak."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from assistant import log as logs
from assistant.ears import Ears, hotwords
from assistant.errors import (
    AssistantError,
    BrainUnavailable,
    HouseUnreachable,
    NothingPending,
    NothingSaid,
    NotUnderstood,
    TooLong,
)
from assistant.events import (
    Done,
    Ended,
    Event,
    Events,
    Matched,
    Murmured,
    Planned,
    Saying,
    StageEnded,
    Started,
    Thought,
)
from assistant.events import Heard as HeardEvent
from assistant.intents.agreement import expect_agreement
from assistant.intents.answers import yes_or_no
from assistant.intents.catalog import Catalog
from assistant.intents.language import language_of
from assistant.intents.mood import is_question
from assistant.intents.policy import Policy
from assistant.intents.relevance import expect_the_named, expect_told_apart
from assistant.intents.talk import is_small_talk
from assistant.intents.targets import resolve
from assistant.interfaces import Brain, Commands, House, Journal, Matcher, Satellite, Speaker, TextToSpeech
from assistant.llm.conditions import condition, expect_so
from assistant.llm.judgement import expect_asked_for, unasked
from assistant.llm.narrator import doubt, grounded, steps
from assistant.memory.session import Sessions
from assistant.models import (
    Action,
    Allowed,
    AudioChunk,
    Decided,
    Denied,
    Intent,
    Language,
    May,
    NeedsConfirmation,
    Outcome,
    Plan,
    ReasoningDelta,
    Reply,
    Request,
    Say,
    Target,
    Transcript,
    Turn,
    Verdict,
)
from assistant.mouth import Mouth
from assistant.printable import printable
from assistant.replies import compose, murmur
from assistant.skill import Speaker as Asker
from assistant.stopping import Stoppable
from assistant.texts import Texts

log = logging.getLogger(__name__)

Sound = AsyncIterator[AudioChunk]
Thinking = AsyncIterator[ReasoningDelta | Decided | Plan]
Words = Callable[[], Awaitable[str | None]]

LAST_WORD_SECONDS = 2.0
"""How long an interrupted turn still waits for the house's answer, so that the journal has it."""

LISTS = "todo"
"""The domain of what the assistant keeps itself: it needs no device."""

LONGEST_REQUEST = 1_000
"""Characters; more is no command, and would fill the model's context."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The few settings that the story itself turns on."""

    language: Language | Literal["auto"] = "auto"
    routing: Literal["reflex_first", "brain_only"] = "reflex_first"
    explain: Literal["off", "brief", "steps"] = "brief"
    hotwords: bool = True
    murmur_after_seconds: float | None = None


@dataclass(slots=True)
class Pipeline:
    house: House
    commands: Commands
    matcher: Matcher
    catalog: Catalog
    policy: Policy
    sessions: Sessions
    journal: Journal
    events: Events
    settings: Settings = Settings()
    brain: Brain | None = None
    ears: Ears | None = None
    voice: TextToSpeech | None = None
    turns: Stoppable = field(default_factory=Stoppable)
    """Those under way; stopping them leaves the places where people talk as they were."""

    async def serve(self, satellite: Satellite) -> None:
        """Answer every call from one place until its sound ends."""
        async for sound in satellite.calls():
            await self.run(satellite.request(), sound, satellite.speaker)

    async def run(self, request: Request, sound: Sound | None = None, speaker: Speaker | None = None) -> Turn:
        """One turn; cancelling it is the only interruption, and the journal keeps what there was."""
        turn = Turn(id=uuid.uuid4().hex[:12], at=datetime.now(UTC), request=request)
        with self.turns.under_way():
            await self._run(turn, sound, speaker)
        return turn

    async def _run(self, turn: Turn, sound: Sound | None, speaker: Speaker | None) -> None:
        logs.turn_id.set(turn.id)
        self._tell(Started(turn))
        mouth = Mouth(turn, self.voice, speaker)
        try:
            answer = await self._answer(turn, sound, mouth)
            turn.reply = self._compose(turn, answer)
            self._tell(Saying(turn, turn.reply))
            await mouth.say(turn.reply)
        except asyncio.CancelledError:
            turn.error = turn.error or "interrupted"
            raise
        finally:
            await asyncio.shield(self.journal.keep(turn))
            self._tell(Ended(turn))

    async def _answer(self, turn: Turn, sound: Sound | None, mouth: Mouth) -> Say | str | None:
        """What to say beside what the record shows; every failure becomes a sentence here."""
        try:
            transcript = await self._hear(turn, sound)
            if (recalled := await self._recall(turn, transcript)) is not None:
                return recalled
            async with self._understood(turn, transcript, mouth) as (intents, words):
                reply = await self._decide(turn, intents)
                await self._act(turn, reply)
                said = await words()
            self._explain(turn)
            return reply.speech or said
        except AssistantError as error:
            turn.error, turn.error_kind = error.reason, type(error).__name__
            log.info("not done: %s", error.reason)
            return error.say
        except Exception as error:
            turn.error, turn.error_kind = f"unexpected {type(error).__name__}", "AssistantError"
            log.exception("the turn failed: %r", error)
            return Say("error")

    # ── hear ─────────────────────────────────────────────────────────────────────────────

    async def _hear(self, turn: Turn, sound: Sound | None) -> Transcript:
        """The request's words, from its text or from the sound. Raises NotUnderstood when there are none."""
        turn.transcript = self._read(turn.request) if sound is None else await self._listen(turn, sound)
        if not any(character.isalnum() for character in turn.transcript.text):
            raise NothingSaid("the request is empty" if sound is None else "no words were heard")
        if len(turn.transcript.text) > LONGEST_REQUEST:
            turn.transcript = replace(turn.transcript, text=turn.transcript.text[:LONGEST_REQUEST])
            raise TooLong(f"the request is longer than {LONGEST_REQUEST} characters")
        self.sessions.speaks(turn.request.session, turn.language)
        self._tell(HeardEvent(turn, turn.transcript))
        return turn.transcript

    def _read(self, request: Request) -> Transcript:
        text = request.text or ""
        if request.language is not None:
            return Transcript(text, request.language)
        if self.settings.language != "auto":
            return Transcript(text, self.settings.language)
        return Transcript(text, language_of(text, self.sessions.language(request.session) or "en"))

    async def _listen(self, turn: Turn, sound: Sound) -> Transcript:
        assert self.ears is not None, "a pipeline that is given sound has ears"
        language = turn.request.language or (None if self.settings.language == "auto" else self.settings.language)
        heard = await self.ears.hear(
            sound, language, hotwords(self.house, language) if self.settings.hotwords else "", self.matcher.complete
        )
        turn.audio_seconds = heard.utterance.seconds
        turn.timings_ms |= {"endpoint": heard.endpoint_ms, "stt": heard.stt_ms}
        if heard.transcript is None:
            turn.transcript = Transcript("", language or "en")
            raise NothingSaid("nothing was said after the wake word")
        if heard.utterance.ended == "too_long":
            turn.transcript = heard.transcript
            raise TooLong("the command was longer than endpoint.maximum_seconds")
        return heard.transcript

    # ── recall ───────────────────────────────────────────────────────────────────────────

    async def _recall(self, turn: Turn, transcript: Transcript) -> Say | str | None:
        """The answer to a question that the last turn asked; None when this turn is a new request."""
        pending = self.sessions.take(turn.request.session)
        answer = yes_or_no(transcript.text, transcript.language)
        if answer is None:
            return None
        turn.path, turn.routed_because = "reflex", "it answers the question whether to act"
        if pending is None:
            raise NothingPending("nothing waits for an answer in this session")
        if not answer:
            return Say("left_alone")
        await self._perform(turn, [self.policy.confirmed(held) for held in pending.held])
        return ""

    # ── match or think ───────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def _understood(
        self, turn: Turn, transcript: Transcript, mouth: Mouth
    ) -> AsyncIterator[tuple[Sequence[Intent], Words]]:
        """The intents, and what gives the model's words, which it writes last. Both paths meet after this."""
        if self.settings.routing == "brain_only":
            turn.routed_because = "routing is brain_only"
        elif intents := self._match(turn, transcript):
            self._expect_a_house(intents)
            yield intents, _no_words
            return
        self._expect_a_house()
        if self.brain is None:
            raise NotUnderstood(f"the reflex does not cover it ({turn.routed_because}) and there is no brain")
        turn.path = "brain"
        text, language, room = transcript.text, transcript.language, turn.request.room
        expect_so(condition(text, language, room, self.house))
        stream = self.brain.think(text, language, room, self.house, _may(text, language))
        async with aclosing(stream) as thinking:
            async with mouth.murmuring(self.settings.murmur_after_seconds, lambda: self._murmur(turn)):
                intents = await self._think(turn, thinking)
            yield intents, lambda: self._words(turn, thinking)

    def _expect_a_house(self, intents: Sequence[Intent] = ()) -> None:
        """Only what needs no device ("what time is it", a list) works before the house has announced any."""
        if intents and all(intent.target == Target() or _is_of_lists(intent) for intent in intents):
            return
        if all(entity.domain == LISTS for entity in self.house.entities()):
            raise HouseUnreachable("the house has not announced any device")

    def _match(self, turn: Turn, transcript: Transcript) -> Sequence[Intent]:
        with self._stage(turn, "match"):
            match = self.matcher.match(transcript.text, transcript.language, turn.request.room)
        turn.routed_because, turn.repairs = match.because, match.repairs
        if match.intents:
            turn.path = "reflex"
        self._tell(Matched(turn, match))
        return match.intents

    async def _think(self, turn: Turn, thinking: Thinking) -> Sequence[Intent]:
        """Thoughts as they come, until it is clear what is to be done."""
        async for piece in thinking:
            match piece:
                case ReasoningDelta(text):
                    turn.thoughts += printable(text)
                    self._tell(Thought(turn, printable(text)))
                case Decided():
                    turn.read += piece.read
                    turn.budget = piece.budget
                    turn.timings_ms |= {"think": piece.think_ms, "plan": piece.plan_ms}
                    return piece.intents
        raise BrainUnavailable("the model ended without a plan")

    async def _words(self, turn: Turn, thinking: Thinking) -> str | None:
        """What the model says of it. Words that do not come take nothing from what was done."""
        try:
            async for piece in thinking:
                if isinstance(piece, Plan):
                    return self._planned(turn, piece)
            raise BrainUnavailable("the model ended without a plan")
        except BrainUnavailable as error:
            if not turn.intents:
                raise
            log.warning("its words are lost: %s", error.reason)
            return None

    def _planned(self, turn: Turn, plan: Plan) -> str | None:
        turn.plan, turn.because = printable(plan.raw), plan.because and printable(plan.because)
        self._tell(Planned(turn, plan))
        said = printable(plan.ask or plan.say or "")
        if not plan.intents and not said:
            raise NotUnderstood("the model had nothing to do and nothing to say")
        if not plan.intents and said:
            doubt(said, turn, self.house, turn.language)
        return said

    # ── decide ───────────────────────────────────────────────────────────────────────────

    async def _decide(self, turn: Turn, intents: Sequence[Intent]) -> Reply:
        """What the skills make of it. Nothing is sent before every target of every intent was found."""
        room, language = turn.request.room, turn.language
        turn.intents = [resolve(intent, self.house, room, language) for intent in intents]
        if turn.path == "brain" and turn.transcript is not None:
            expect_the_named(turn.transcript.text, turn.intents, self.house, language)
            expect_told_apart(turn.transcript.text, turn.intents, self.house, room, language)
        asker = Asker(language, room, lambda: self._retold(turn))
        replies = [await self.catalog.handle(intent, asker) for intent in turn.intents]
        turn.read += [state for reply in replies for state in reply.read]
        spoken = [reply.speech for reply in replies if reply.speech]
        actions = _distinct(action for reply in replies for action in reply.actions)
        expect_agreement(actions, self.house)
        if turn.path == "brain" and turn.transcript is not None and _may(turn.transcript.text, language) == "act":
            expect_asked_for(turn.transcript.text, actions, self.house, room, language)
        return Reply(speech=spoken[0] if spoken else None, actions=actions)

    async def _retold(self, turn: Turn) -> Sequence[str]:
        """The session's last turn that did not ask the same, in steps from its record."""
        asked = {intent.name for intent in turn.intents}
        for earlier in await self.journal.last(turn.request.session or None, limit=5):
            if not asked & {intent.name for intent in earlier.intents}:
                return steps(earlier, self.house, turn.language)
        return ()

    # ── permit and act ───────────────────────────────────────────────────────────────────

    async def _act(self, turn: Turn, reply: Reply) -> None:
        text, thought = turn.transcript.text if turn.transcript else "", turn.path == "brain"
        asked = thought and is_question(text, turn.language)
        verdicts = [self.policy.review(action, asked_a_question=asked) for action in reply.actions]
        if thought:
            unspoken = unasked(text, reply.actions, self.house, turn.request.room, turn.language)
            verdicts = [_doubted(verdict, unspoken, _may(text, turn.language)) for verdict in verdicts]
        held = tuple(verdict for verdict in verdicts if isinstance(verdict, NeedsConfirmation))
        self.sessions.hold(turn.request.session, held)
        try:
            await self._perform(turn, verdicts)
        except asyncio.CancelledError:
            self.sessions.take(turn.request.session)
            raise

    async def _perform(self, turn: Turn, verdicts: Sequence[Verdict]) -> None:
        """Send what is allowed, all at once, shielded: an interruption never leaves a command half sent."""
        acting = asyncio.gather(*(self._carry_out(turn, verdict) for verdict in verdicts), return_exceptions=True)
        try:
            problems = [result for result in await asyncio.shield(acting) if isinstance(result, BaseException)]
        except asyncio.CancelledError:
            await asyncio.wait([acting], timeout=LAST_WORD_SECONDS)
            raise
        turn.timings_ms |= {
            "act": max((outcome.act_ms for outcome in turn.outcomes), default=0.0),
            "confirm": max((outcome.confirm_ms for outcome in turn.outcomes), default=0.0),
        }
        if problems:
            raise problems[0]

    async def _carry_out(self, turn: Turn, verdict: Verdict) -> None:
        match verdict:
            case Allowed():
                outcome = await self.commands.perform(verdict)
            case NeedsConfirmation() | Denied():
                outcome = Outcome(verdict.action, verdict, problem=verdict.reason)
        turn.outcomes.append(outcome)
        self._tell(Done(turn, outcome))

    # ── speak ────────────────────────────────────────────────────────────────────────────

    def _compose(self, turn: Turn, answer: Say | str | None) -> str:
        """The reply, from the record; a sentence that fails to be made never takes the assistant down."""
        try:
            return compose(turn, self.house, answer, self.settings.explain)
        except Exception:
            log.exception("the reply could not be composed")
            turn.error = turn.error or "the reply could not be composed"
            return Texts.load(turn.language).say("error")

    def _explain(self, turn: Turn) -> None:
        """Keep the model's reason only where something was done and the record bears it out."""
        if turn.because is not None:
            borne_out = grounded(turn.because, turn, self.house, turn.language)
            turn.because = borne_out if turn.outcomes else None

    def _murmur(self, turn: Turn) -> str:
        """One short true thing about what it is thinking of; never a thought itself."""
        murmured = murmur(turn.thoughts, self.house, turn.language)
        self._tell(Murmured(turn, murmured))
        return murmured

    # ── telling ──────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _stage(self, turn: Turn, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            turn.timings_ms[stage] = (time.perf_counter() - began) * 1000
            self._tell(StageEnded(turn, stage, turn.timings_ms[stage]))

    def _tell(self, event: Event) -> None:
        self.events.tell(event)


def _may(text: str, language: Language) -> May:
    """What a plan for these words may do: a question and mere talk move nothing."""
    return "talk" if is_small_talk(text, language) else "read" if is_question(text, language) else "act"


def _doubted(verdict: Verdict, unspoken: Mapping[str, str], may: May) -> Verdict:
    """What the policy permits, but the request does not speak of, waits for a yes; after mere talk nothing is done."""
    if may == "talk":
        return Denied(verdict.action, "nothing was asked for")
    reason = unspoken.get(verdict.action.entity_id)
    return NeedsConfirmation(verdict.action, reason) if reason and isinstance(verdict, Allowed) else verdict


async def _no_words() -> None:
    """The reflex adds none."""


def _is_of_lists(intent: Intent) -> bool:
    ids = intent.target.ids
    return intent.target.domain == LISTS or (bool(ids) and all(each.startswith(f"{LISTS}.") for each in ids))


def _distinct(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Each action once, in order; two halves of a sentence may ask for the same."""
    once: list[Action] = []
    for action in actions:
        if action not in once:
            once.append(action)
    return tuple(once)
