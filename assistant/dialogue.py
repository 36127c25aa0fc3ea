"""Turns that belong together: what the words mean after what was said, asked and done before in the same session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.errors import (
    Ambiguous,
    AssistantError,
    Missing,
    NothingPending,
    PinUnasked,
    PinUnheard,
    WrongPin,
)
from assistant.intents.answers import yes_or_no
from assistant.intents.kept import OF_TIME, spelled_out
from assistant.intents.pin import Pin
from assistant.intents.policy import Policy
from assistant.intents.put_back import put_back
from assistant.intents.relevance import expect_the_named, expect_told_apart
from assistant.intents.targets import resolve
from assistant.interfaces import House, Matcher
from assistant.memory.session import Clarifying, Pending, Sessions
from assistant.models import (
    Action,
    Allowed,
    Entity,
    Exchange,
    Intent,
    Match,
    Reply,
    Resolved,
    Say,
    Target,
    Turn,
    Verdict,
)
from assistant.record import sealed

UNDO = "MimoUndo"
"""The intent that a skill answers with what the dialogue knows."""

MOST_FAILURES = 2
"""Answers that tell nothing, after which it stops asking."""

TOLD = 2
"""Exchanges that the model is told of."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The turn answered what was asked, and is over when this is done and said."""

    because: str
    verdicts: tuple[Verdict, ...] = ()
    say: Say | str = ""


@dataclass(slots=True)
class Dialogue:
    house: House
    matcher: Matcher
    policy: Policy
    sessions: Sessions
    pin: Pin | None = None
    ringing: Callable[[], object] = lambda: False
    """Whether something sounds, which is then what a "stop" means."""

    # ── before it is matched ─────────────────────────────────────────────────────────────

    def recall(self, turn: Turn) -> Answered | Match | None:
        """What the words answer; None when they answer nothing, and are a request. Raises NothingPending."""
        if turn.request.unattended:
            return None
        match self.sessions.take(turn.request.session):
            case Pending() as pending:
                return self._confirmed(turn, pending)
            case Clarifying() as question:
                return self._clarified(turn, question)
        answer = yes_or_no(_text(turn), turn.language)
        if answer is None or self._asked_by_the_model(turn) or (not answer and self.ringing()) or self.follow(turn):
            return None
        raise NothingPending("nothing waits for an answer in this session")

    def _asked_by_the_model(self, turn: Turn) -> bool:
        """Then even a yes is for it."""
        latest = self.sessions.corrigible(turn.request.session)
        return latest is not None and latest.asked

    def _confirmed(self, turn: Turn, pending: Pending) -> Answered | None:
        answer = yes_or_no(_text(turn), turn.language)
        if answer is None:
            return None
        because = "it answers the question whether to act"
        if not answer:
            return Answered(because, say=Say("left_alone"))
        if pending.wants_pin:
            self.sessions.hold(turn.request.session, pending.held)
            raise PinUnheard("a yes is not the PIN")
        return Answered(because, self._permitted(turn, pending, "yes"))

    async def unlock(self, turn: Turn, said: str) -> Answered:
        """What waits for the PIN, if it was said; a wrong one may be said again.

        Raises PinUnasked, PinUnheard, WrongPin and PinLocked.
        """
        turn.path, turn.routed_because = "reflex", "it answers the question for the PIN"
        pending = self.sessions.take(turn.request.session)
        if not isinstance(pending, Pending) or not pending.wants_pin or self.pin is None:
            raise PinUnasked("no question for the PIN waits in this session")
        try:
            await self.pin.check(said)
        except (WrongPin, PinUnheard):
            self.sessions.hold(turn.request.session, pending.held)
            raise
        return Answered(turn.routed_because, self._permitted(turn, pending, "pin"))

    def _permitted(self, turn: Turn, pending: Pending, by: Literal["yes", "pin"]) -> tuple[Verdict, ...]:
        return tuple(self.policy.confirmed(held, turn.request.room, by) for held in pending.held)

    def _clarified(self, turn: Turn, question: Clarifying) -> Answered | Match | None:
        """The request with what it lacked; the question again, once, when the answer tells nothing."""
        text, language = _text(turn), turn.language
        because = "it answers which one, or how much, is meant"
        if (answer := yes_or_no(text, language)) is False:
            return Answered(because, say=Say("left_alone"))
        if match := self._completed(turn, question, because):
            return match
        whole = self.matcher.match(text, language, turn.request.room)
        if whole.intents:
            return whole
        if answer is None and not self.matcher.unsure(text, language):
            return None
        if question.failures + 1 >= MOST_FAILURES:
            return Answered(because, say=Say("gave_up"))
        self.sessions.ask(turn.request.session, replace(question, failures=question.failures + 1))
        return Answered(because, say=_question(question))

    def _completed(self, turn: Turn, question: Clarifying, because: str) -> Match | None:
        text, language = _text(turn), turn.language
        if not question.things:
            for joint in _JOINTS.get(language, ("",)):
                match = self.matcher.match(f"{question.said.rstrip(' .?!')} {joint}{text}", language, turn.request.room)
                asked = {name for each in question.intents for name in (each.name, *_ALSO_ANSWERS.get(each.name, ()))}
                if match.intents and {each.name for each in match.intents} <= asked:
                    return replace(match, because=because)
            return self._told_how_much(turn, question, because)
        chosen = tuple(self.matcher.chosen(text, language, question.things))
        if chosen:
            intents = tuple(self._with(chosen, intent, question, turn) for intent in question.intents)
            return Match(intents, because, instead=question.instead)
        before = Exchange(question.said, intents=tuple(_unfound(each, question.things) for each in question.intents))
        followed = self.matcher.follow(f"{_ALSO.get(language, '')} {text}", language, before)
        return replace(followed, because=because, instead=question.instead) if followed else None

    def _told_how_much(self, turn: Turn, question: Clarifying, because: str) -> Match | None:
        """ "21 degrees", said of what the request was about."""
        room, language = turn.request.room, turn.language
        try:
            found = tuple(resolve(intent, self.house, room, language) for intent in question.intents)
        except AssistantError:
            return None
        followed = self.matcher.follow(_text(turn), language, Exchange(question.said, intents=found))
        return replace(followed, because=because, instead=question.instead) if followed else None

    def _with(self, chosen: Sequence[Entity], intent: Intent, question: Clarifying, turn: Turn) -> Intent:
        """The intent for what was chosen, if it was this one that left it open."""
        try:
            found = resolve(intent, self.house, turn.request.room, turn.language).targets
        except Ambiguous as error:
            found = tuple(error.things)
        except AssistantError:
            return intent
        if not {each.id for each in found} & {each.id for each in question.things}:
            return intent
        return replace(intent, target=Target(ids=tuple(each.id for each in chosen)))

    # ── instead of being matched ─────────────────────────────────────────────────────────

    def follow(self, turn: Turn) -> Match | None:
        """The words as the continuation of what was said before; None when they stand by themselves."""
        text, language, session = _text(turn), turn.language, turn.request.session
        if self.matcher.undoes(text, language):
            return Match((Intent(UNDO),), "it asks to put back what was last done")
        if named := self.matcher.undone(text, language, self._changed(session)):
            target = Target(ids=tuple(thing.id for thing in named))
            return Match((Intent(UNDO, target),), "it asks to put back what was last done with it")
        before, latest = self.sessions.spoken_of(session), self.sessions.corrigible(session)
        if before is None or (latest is not None and latest.asked):
            return None
        try:
            match = self.matcher.follow(text, language, before)
        except Ambiguous as error:
            turn.instead = True
            self.lacks(turn, [Intent(each.name, _ids(error.things), each.slots) for each in before.intents], error)
            raise
        if match and match.instead and before is not latest:
            return None  # what was said last was not understood: nobody knows what this corrects
        return match

    def whole(self, turn: Turn) -> str:
        """The words; an answer to what the model asked back goes on from what it was asked about."""
        latest = self.sessions.corrigible(turn.request.session)
        return f"{latest.said} {_text(turn)}" if latest is not None and latest.asked else _text(turn)

    def spoken_of(self, turn: Turn) -> str:
        """All that a plan may be about: what the model asked back, and was answered, too."""
        latest = self.sessions.corrigible(turn.request.session)
        asked = latest.reply if latest is not None and latest.asked else ""
        return f"{asked.rstrip(' ?？.')} {self.whole(turn)}".strip()

    def earlier(self, turn: Turn) -> Sequence[Exchange]:
        """What the model is told of the session."""
        return self.sessions.recent(turn.request.session)[-TOLD:]

    def spelled_out(self, turn: Turn, intents: Sequence[Intent]) -> Sequence[Intent]:
        """A plan's sentences about time, read like the speaker's own. Raises NotUnderstood."""
        return spelled_out(intents, lambda text: self.matcher.match(text, turn.language, turn.request.room))

    def awaits_a_change(self, turn: Turn) -> bool:
        """ "When the window opens, …" hangs on nothing that is so or not so now."""
        match = self.matcher.match(_text(turn), turn.language, turn.request.room)
        return any(intent.name == "WatchState" for intent in match.intents)

    # ── when a request lacks something ───────────────────────────────────────────────────

    def resolved(self, turn: Turn, intents: Sequence[Intent]) -> list[Resolved]:
        """Every target of every intent found; what is asked back about is kept for the answer."""
        room, language = turn.request.room, turn.language
        try:
            found = [resolve(intent, self.house, room, language) for intent in intents]
            if turn.path == "brain":
                expect_the_named(_text(turn), found, self.house, language)
                expect_told_apart(_text(turn), found, self.house, room, language)
            return found
        except Ambiguous as error:
            self.lacks(turn, intents, error)
            raise
        finally:
            if not turn.intents:  # a code is struck from the record also where nothing was found
                turn.intents = [Resolved(each.name, (), each.slots) for each in intents if each.slots.get("code")]

    def lacks(self, turn: Turn, intents: Sequence[Intent], error: Ambiguous | Missing) -> None:
        """Keep the request until it is told what it lacks; but nothing for later that only the model has worded."""
        if turn.path == "brain" and OF_TIME.intersection(each.name for each in intents):
            return
        question = Clarifying(_text(turn), tuple(intents), instead=turn.instead)
        if isinstance(error, Ambiguous):
            question = replace(question, things=tuple(error.things))
        self.sessions.ask(turn.request.session, question)

    # ── what was done ────────────────────────────────────────────────────────────────────

    def remember(self, turn: Turn) -> None:
        """Keep what was said and done; and tell whether the reply expects an answer. What nobody said, a form's change,
        leaves the talk as it was: what was asked still waits."""
        if turn.request.unattended:
            return
        told, session = sealed(turn), turn.request.session
        intents = tuple(each for each in told.intents if each.targets)
        exchange = Exchange(_text(told), told.reply, intents, tuple(told.outcomes), turn.asks and not turn.error)
        self.sessions.remember(session, exchange)
        turn.expects_answer = self.sessions.waits(session)

    def undone(self, turn: Turn) -> Reply:
        """What puts the newest change back; one more undo goes one step further back, and never forth again."""
        session = turn.request.session
        named = {thing.id for intent in turn.intents for thing in intent.targets}
        exchange = self.sessions.undoable(session, named)
        if exchange is None:
            return Reply(speech=Say("undo.nothing"))
        actions, as_it_was, never = self._put_back(exchange)
        self.sessions.give_up_undoing(session, [each.id for each in (*as_it_was, *never)])
        if never:
            return Reply(Say("undo.never", {"things": never}), actions)
        return Reply(Say("undo.already", {"things": as_it_was}) if not actions else None, actions)

    def _changed(self, session: str) -> list[Entity]:
        """Each thing that may still be put back, once."""
        outcomes = [outcome for exchange in self.sessions.changes(session) for outcome in exchange.outcomes]
        ids = dict.fromkeys(outcome.action.entity_id for outcome in outcomes)
        return [thing for each in ids if (thing := self.house.entity(each)) is not None]

    def put_back(self, turn: Turn) -> tuple[Verdict, ...]:
        """Of the turn that this one corrects: what was confirmed, is not meant now, and is harmless to put back."""
        before = self.sessions.corrigible(turn.request.session) if turn.instead else None
        if before is None:
            return ()
        meant = {entity.id for intent in turn.intents for entity in intent.targets}
        confirmed = tuple(outcome for outcome in before.outcomes
                          if outcome.confirmed and outcome.action.entity_id not in meant
                          and not outcome.action.restores)  # fmt: skip
        actions, _, _ = self._put_back(replace(before, outcomes=confirmed))
        verdicts = (self.policy.review(action, room=turn.request.room) for action in actions)
        return tuple(verdict for verdict in verdicts if isinstance(verdict, Allowed))

    def _put_back(self, exchange: Exchange) -> tuple[tuple[Action, ...], list[Entity], list[Entity]]:
        """The actions; the things that are as they were; and those that cannot be put back."""
        actions: list[Action] = []
        as_it_was: list[Entity] = []
        never: list[Entity] = []
        first = {outcome.action.entity_id: outcome for outcome in reversed(exchange.outcomes)}
        lists = [outcome for outcome in exchange.outcomes if outcome.action.entity_id.startswith("todo.")]
        for outcome in [each for each in first.values() if each not in lists][::-1] + lists:
            entity = self.house.entity(outcome.action.entity_id)
            if entity is None:
                continue
            back = put_back(outcome, entity, self.house.state(entity.id))
            if back:
                actions.extend(back)
            else:
                (never if back is None else as_it_was).append(entity)
        return tuple(actions), as_it_was, never


_ALSO = {"en": "also", "it": "anche"}
_ALSO_ANSWERS = {"HassClimateSetTemperature": ("ClimateSetRange",)}
"""Intents that tell what another lacked: two temperatures for one."""
_JOINTS = {"en": ("", "to ", "for ", "at "), "it": ("", "a ", "per ", "di "), "zh": ("",)}
"""What stands between a request and the value that it lacked."""


def _text(turn: Turn) -> str:
    return turn.transcript.text if turn.transcript else ""


def _question(question: Clarifying) -> Say:
    if not question.things:
        return Say("missing_again")
    names = tuple(thing.name for thing in question.things)
    return Say("ambiguous", {"names": names, "things": question.things})


def _ids(things: Sequence[Entity]) -> Target:
    return Target(ids=("|".join(thing.id for thing in things),))


def _unfound(intent: Intent, things: Sequence[Entity]) -> Resolved:
    return Resolved(intent.name, tuple(things), intent.slots)
