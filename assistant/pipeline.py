"""One utterance, from top to bottom: hear, recall, match or think, resolve, decide, permit, act, speak."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from assistant import log as logs
from assistant.audio.tones import Softened, tone
from assistant.dialogue import Answered, Dialogue
from assistant.discretion import Discretion
from assistant.ears import Ears
from assistant.errors import (
    AssistantError,
    BrainUnavailable,
    Missing,
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
from assistant.foresight import Foresight
from assistant.household import expect_devices
from assistant.intents import kept
from assistant.intents.agreement import expect_agreement
from assistant.intents.catalog import Catalog
from assistant.intents.hush import only_silences
from assistant.intents.pin import Pin
from assistant.intents.policy import Policy, alike
from assistant.intents.talk import may_do
from assistant.interfaces import Brain, Commands, House, Journal, Matcher, Satellite, Speaker, TextToSpeech
from assistant.listening import Listener, Sound
from assistant.llm.conditions import condition, expect_so
from assistant.llm.judgement import doubted, expect_asked_for
from assistant.llm.narrator import doubt, grounded
from assistant.llm.steps import retold
from assistant.memory.session import Sessions
from assistant.models import (
    Action,
    Allowed,
    Call,
    Decided,
    Denied,
    Intent,
    Language,
    Manner,
    Match,
    NeedsConfirmation,
    Outcome,
    Plan,
    ReasoningDelta,
    Reply,
    Request,
    Say,
    Transcript,
    Turn,
    Verdict,
)
from assistant.mouth import Mouth
from assistant.printable import printable
from assistant.quiet import QuietHours
from assistant.replies import compose, murmur
from assistant.skill import Speaker as Asker
from assistant.stopping import Stoppable
from assistant.texts import Texts

log = logging.getLogger(__name__)

Thinking = AsyncIterator[ReasoningDelta | Decided | Plan]
Words = Callable[[], Awaitable[str | None]]

LAST_WORD_SECONDS = 2.0
"""How long an interrupted turn still waits for the house's answer, so that the journal has it."""

SILENCE = Say("silence")
"""The answer to "stop", and to what was no request: nothing is said."""


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
    pin: Pin | None = None
    """What locks and alarms ask for, where the owner has set one."""
    quiet: QuietHours | None = None
    ringing: Callable[[], object] = lambda: False
    """Whether something sounds, which is then what a "stop" means."""
    turns: Stoppable = field(default_factory=Stoppable)
    """Those under way; stopping them leaves the places where people talk as they were."""
    dialogue: Dialogue = field(init=False)
    discretion: Discretion = field(init=False)
    foresight: Foresight = field(init=False)
    listener: Listener = field(init=False)

    def __post_init__(self) -> None:
        self.dialogue = Dialogue(self.house, self.matcher, self.policy, self.sessions, self.pin, self.ringing)
        self.discretion = Discretion(self.matcher, self.sessions, has_pin=self.pin is not None)
        self.foresight = Foresight(self.house, self.matcher, self.catalog, self.policy)
        self.listener = Listener(self.house, self.matcher, self.sessions, self.discretion, self.events)

    async def serve(self, satellite: Satellite, ended: Callable[[Turn], None] = lambda turn: None) -> None:
        """Answer every call from one place until its sound ends. A call interrupts the turn before it."""
        turn: Turn | None = None
        answering: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as answers, aclosing(satellite.calls()) as calls:
            async for call in calls:
                interrupts = answering is not None and answering.cancel()
                turn = _turn(_in_place(call, turn, interrupts))
                answering = answers.create_task(
                    self._serve(satellite, turn, call.sound, ended), name=f"turn at {satellite.id}"
                )

    async def _serve(
        self, satellite: Satellite, turn: Turn, sound: Sound | None, ended: Callable[[Turn], None]
    ) -> None:
        try:
            with self.turns.under_way():
                await self._run(turn, sound, satellite.speaker)
        finally:
            ended(turn)
        satellite.answered(turn)

    async def run(self, request: Request, sound: Sound | None = None, speaker: Speaker | None = None) -> Turn:
        """One turn; cancelling it is the only interruption, and the journal keeps what there was."""
        turn = _turn(request)
        with self.turns.under_way():
            await self._run(turn, sound, speaker)
        return turn

    async def _run(self, turn: Turn, sound: Sound | None, speaker: Speaker | None) -> None:
        logs.turn_id.set(turn.id)
        spoken = sound or self.listener.read(turn, self.settings.language)
        self._tell(Started(turn))
        mouth = Mouth(turn, self.voice, self._softened(turn, speaker))
        try:
            answer = await self._answer(turn, spoken, mouth)
            turn.reply = self._compose(turn, answer)
            self.dialogue.remember(turn)
            if turn.reply:
                self._tell(Saying(turn, turn.reply))
                await self._give(turn, answer, mouth)
        except asyncio.CancelledError:
            turn.error = turn.error or "interrupted"
            if not turn.reply:
                self.dialogue.remember(turn)
            raise
        finally:
            if not _was_no_request(turn):
                await asyncio.shield(self.journal.keep(turn))
            self._tell(Ended(turn))

    async def _answer(self, turn: Turn, spoken: Sound | Transcript, mouth: Mouth) -> Say | str | None:
        """What to say beside what the record shows; every failure becomes a sentence here."""
        try:
            transcript = await self._hear(turn, spoken)
            if turn.request.interrupts and only_silences(transcript.text):
                return self._be_silent(turn)
            if self.discretion.may_be_the_pin(turn.request, transcript):
                return await self._answered(turn, await self.dialogue.unlock(turn, transcript.text))
            if isinstance(recalled := self.dialogue.recall(turn), Answered):
                return await self._answered(turn, recalled)
            async with self._understood(turn, transcript, recalled, mouth) as (intents, words):
                reply = await self._decide(turn, intents)
                await self._act(turn, reply)
                said = await words()
            self._explain(turn)
            return reply.speech or said
        except AssistantError as error:
            turn.error, turn.error_kind = error.reason, type(error).__name__
            log.info("not done: %s", error.reason)
            return SILENCE if _goes_unsaid(turn) else error.say
        except Exception as error:
            turn.error, turn.error_kind = f"unexpected {type(error).__name__}", "AssistantError"
            log.exception("the turn failed: %r", error)
            return Say("error")

    # ── hear ─────────────────────────────────────────────────────────────────────────────

    async def _hear(self, turn: Turn, spoken: Sound | Transcript) -> Transcript:
        """The request's words, from its text or from the sound. Raises NothingSaid and TooLong."""
        if isinstance(spoken, Transcript):
            return self.listener.note(turn, spoken)
        assert self.ears is not None, "a pipeline that is given sound has ears"
        known = self.settings
        words = await self.listener.listen(turn, spoken, self.ears, known.language, known.hotwords)
        return self.listener.note(turn, words)

    def _be_silent(self, turn: Turn) -> Say:
        """That the voice has ceased is all that was wanted; nor is an answer to it awaited any longer."""
        turn.path, turn.routed_because = "reflex", "it only silences"
        self.sessions.take(turn.request.session)
        return SILENCE

    # ── recall ───────────────────────────────────────────────────────────────────────────

    async def _answered(self, turn: Turn, answered: Answered) -> Say | str:
        """What waited for a yes is done; a no, or no answer at all, is only said to be one."""
        turn.path, turn.routed_because = "reflex", answered.because
        await self._perform(turn, answered.verdicts)
        return answered.say

    # ── match or think ───────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def _understood(
        self, turn: Turn, transcript: Transcript, recalled: Match | None, mouth: Mouth
    ) -> AsyncIterator[tuple[Sequence[Intent], Words]]:
        """The intents, and what gives the model's words, which it writes last. Both paths meet after this."""
        alone = turn.request.unattended
        if self.settings.routing == "brain_only" and recalled is None and not alone:
            turn.routed_because = "routing is brain_only"
        elif intents := self._match(turn, transcript, recalled):
            expect_devices(self.house, intents)
            yield intents, _no_words
            return
        expect_devices(self.house)
        if self.brain is None or alone:
            raise NotUnderstood(f"the reflex does not cover it ({turn.routed_because}) and there is no brain")
        turn.path = "brain"
        text, language, room = self.dialogue.whole(turn), transcript.language, turn.request.room
        if not self.dialogue.awaits_a_change(turn):
            expect_so(condition(text, language, room, self.house))
        stream = self.brain.think(
            transcript.text, language, room, self.house, self.dialogue.earlier(turn), may_do(text, language)
        )
        async with aclosing(stream) as thinking:
            async with mouth.murmuring(self.settings.murmur_after_seconds, lambda: self._murmur(turn)):
                intents = await self._think(turn, thinking)
            yield intents, lambda: self._words(turn, thinking)

    def _match(self, turn: Turn, transcript: Transcript, recalled: Match | None) -> Sequence[Intent]:
        """What was recalled, else what goes on from the turns before, else what the words mean by themselves."""
        with self._stage(turn, "match"):
            match = recalled or self.dialogue.follow(turn)
            match = match or self.matcher.match(transcript.text, transcript.language, turn.request.room)
        turn.routed_because, turn.repairs, turn.instead = match.because, match.repairs, match.instead
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
        turn.asks = bool(plan.ask) and not plan.intents
        if not plan.intents and not said:
            raise NotUnderstood("the model had nothing to do and nothing to say")
        if not plan.intents and said:
            doubt(said, turn, self.house, turn.language)
        return said

    # ── decide ───────────────────────────────────────────────────────────────────────────

    async def _decide(self, turn: Turn, intents: Sequence[Intent]) -> Reply:
        """What the skills make of it. Nothing is sent before every target of every intent was found."""
        intents = self.dialogue.spelled_out(turn, intents) if turn.path == "brain" else intents
        turn.intents = self.dialogue.resolved(turn, intents)
        undone, why = (lambda: self.dialogue.undone(turn)), (lambda: retold(turn, self.journal, self.house))
        asker = Asker(turn.language, turn.request.room, why, undone)
        try:
            replies = [await self.catalog.handle(intent, asker) for intent in turn.intents]
        except Missing as error:
            self.dialogue.lacks(turn, intents, error)
            raise
        turn.read += [state for reply in replies for state in reply.read]
        spoken = [reply.speech for reply in replies if reply.speech]
        actions = _distinct(action for reply in replies for action in reply.actions)
        expect_agreement(actions, self.house)
        if turn.path == "brain" and may_do(self.dialogue.whole(turn), turn.language) == "act":
            expect_asked_for(self.dialogue.spoken_of(turn), actions, self.house, turn.request.room, turn.language)
        return Reply(speech=spoken[0] if spoken else None, actions=actions)

    # ── permit and act ───────────────────────────────────────────────────────────────────

    async def _act(self, turn: Turn, reply: Reply) -> None:
        text, room = self.dialogue.whole(turn), turn.request.room
        may = may_do(text, turn.language) if turn.path == "brain" else "act"
        alone = turn.request.unattended
        verdicts = [await self.review(action, may == "read", room, alone) for action in reply.actions]
        if turn.path == "brain":
            asked = self.dialogue.spoken_of(turn)
            verdicts = doubted(verdicts, may, asked, self.house, room, turn.language)
            verdicts = kept.doubted(verdicts, asked, turn.language)
        verdicts += self.dialogue.put_back(turn)
        held = alike([verdict for verdict in verdicts if isinstance(verdict, NeedsConfirmation)])
        verdicts = [*(verdict for verdict in verdicts if not isinstance(verdict, NeedsConfirmation)), *held]
        self.sessions.hold(turn.request.session, held)
        try:
            await self._perform(turn, verdicts)
        except asyncio.CancelledError:
            self.sessions.take(turn.request.session)
            raise

    async def review(
        self, action: Action, asked_a_question: bool = False, room: str | None = None, unattended: bool = False
    ) -> Verdict:
        """What the policy says of it, and of what it would have done later. Every way to an action asks here."""
        verdict = self.policy.review(action, asked_a_question, room, unattended)
        return verdict if isinstance(verdict, Denied) else await self.foresight.refusal(action) or verdict

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
                before = self.house.state(verdict.action.entity_id)
                outcome = replace(await self.commands.perform(verdict), before=before)
            case NeedsConfirmation() | Denied():
                outcome = Outcome(verdict.action, verdict, problem=verdict.reason)
        turn.outcomes.append(outcome)
        self._tell(Done(turn, outcome))

    # ── speak ────────────────────────────────────────────────────────────────────────────

    def _softened(self, turn: Turn, speaker: Speaker | None) -> Speaker | None:
        manner = self.quiet.manner(turn) if self.quiet else Manner()
        return Softened(speaker, manner.volume) if speaker and manner.volume < Manner().volume else speaker

    async def _give(self, turn: Turn, answer: Say | str | None, mouth: Mouth) -> None:
        """Say the reply, or sound the tone that says as much."""
        kind = self.quiet.tone(turn, answer) if self.quiet else None
        await (mouth.say(turn.reply) if kind is None else mouth.sound(tone(kind)))

    def _compose(self, turn: Turn, answer: Say | str | None) -> str:
        """The reply, from the record; a sentence that fails to be made never takes the assistant down."""
        if answer is SILENCE:
            return ""
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


def _turn(request: Request) -> Turn:
    return Turn(id=uuid.uuid4().hex[:12], at=datetime.now(UTC), request=request)


def _in_place(call: Call, before: Turn | None, interrupts: bool) -> Request:
    """The request, with what it came upon at its place."""
    said = before.reply if before is not None and call.may_be_echo else ""
    return replace(call.request, interrupts=interrupts or call.request.interrupts, not_echo_of=said)


def _goes_unsaid(turn: Turn) -> bool:
    """Nobody needs to be told that nothing was heard when nothing was awaited, or silence was wanted."""
    unsure = turn.request.unbidden or turn.request.interrupts
    return unsure and turn.error_kind in (NothingSaid.__name__, TooLong.__name__)


def _was_no_request(turn: Turn) -> bool:
    """A noise while an answer was awaited leaves no trace."""
    return turn.request.unbidden and turn.error_kind == NothingSaid.__name__


async def _no_words() -> None:
    """The reflex adds none."""


def _distinct(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Each action once, in order; two halves of a sentence may ask for the same."""
    once: list[Action] = []
    for action in actions:
        if action not in once:
            once.append(action)
    return tuple(once)
