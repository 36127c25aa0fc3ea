"""What is spoken, composed from the turn's record only: what the house confirmed, what it did not, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from assistant.interfaces import House
from assistant.models import (
    Action,
    Allowed,
    Denied,
    Entity,
    Language,
    NeedsConfirmation,
    Outcome,
    Room,
    Say,
    State,
    Turn,
)
from assistant.texts import Texts

Explain = Literal["off", "brief", "steps"]

_ENDS = re.compile(r"[.!。！]$")
_BECAUSE = re.compile(r"^(?:because|since|perch[eé]|poich[eé]|siccome|因为)[\s,，:]*", re.IGNORECASE)
_MOST_READINGS = 4
"""That `explain: steps` speaks; more is a lecture."""


def compose(turn: Turn, house: House, answer: Say | str | None = None, explain: Explain = "brief") -> str:
    """The whole reply, in the language of the request.

    answer: a skill's, an error's (Say), or the model's own words (str). The model's words are spoken only where
    nothing was done: of actions only the record tells.
    """
    texts = Texts.load(turn.language)
    told = _outcomes(turn.outcomes, house, texts)
    if isinstance(answer, Say):
        told += _answer(answer, turn, house, texts)
    elif answer and not told:
        told.append(answer.strip())
    told = told or [texts.say("nothing_done")]
    if explain == "steps" and turn.path == "brain" and (read := _readings(turn.read, house, texts)):
        told.insert(0, read)
    return _with_reason(texts.grammar.space.join(told), turn, texts, explain)


def _answer(say: Say, turn: Turn, house: House, texts: Texts) -> list[str]:
    """The sentence; what rests on an old reading says so, in itself or in a sentence more."""
    asked = {entity.id for intent in turn.intents for entity in intent.targets}
    read = {state.entity_id: state for state in turn.read if state.entity_id in asked}
    old = [state for state in read.values() if state.stale]
    if turn.error or turn.outcomes or not old:
        return [_sentence(say, house, texts)]
    if len(read) == 1 and f"{say.key}_stale" in texts:
        return [_sentence(Say(f"{say.key}_stale", {**say.values, "age": _age(old, turn)}), house, texts)]
    things = [house.entity(state.entity_id) or state.entity_id for state in old]
    return [_sentence(say, house, texts), texts.say("old_news", things=things, age=_age(old, turn))]


def _age(states: Sequence[State], turn: Turn) -> float | None:
    """Seconds since the youngest of them; None when the broker had kept one, for nobody knows how long."""
    heard = [state.at for state in states if state.at is not None]
    return min((turn.at - at).total_seconds() for at in heard) if len(heard) == len(states) else None


def murmur(thoughts: str, house: House, language: Language) -> str:
    """What the thoughts look at, by name; that it is thinking, where they name nothing."""
    texts, said = Texts.load(language), thoughts.casefold()
    named: list[tuple[int, Entity | Room]] = [(said.rfind(room.name.casefold()), room) for room in house.rooms]
    for entity in house.entities():
        named.append((max(said.rfind(entity.name.casefold()), said.rfind(entity.id)), entity))
    at, thing = max(named, key=lambda found: found[0], default=(-1, None))
    return texts.say("thinking.of", things=[thing]) if at >= 0 else texts.say("thinking.of_it")


def _sentence(say: Say, house: House, texts: Texts) -> str:
    """A sentence of texts/<language>.yaml, filled; a device or room is called as this language calls it."""
    called: dict[object, object] = {room.name: room for room in house.rooms}
    called |= {entity.name: entity for entity in house.entities()}
    own = {name: called.get(say.values[name], say.values[name]) for name in ("name", "place")
           if isinstance(say.values.get(name), str)}  # fmt: skip
    values = {**say.values, **own, "rooms": {room.name: room for room in house.rooms}}
    return texts.say(say.key if say.key in texts else "error", **values)


# ── what was done ────────────────────────────────────────────────────────────────────────


def _outcomes(outcomes: Iterable[Outcome], house: House, texts: Texts) -> list[str]:
    """One sentence for all outcomes that differ only in the device; what is done comes before what is asked."""
    grouped: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in sorted(outcomes, key=lambda each: _ORDER.index(_fate(each))):
        fate, told = _fate(outcome), _told(outcome)
        arguments = sorted((name, value) for name, value in told.arguments.items() if name != "item")
        same = (told.service, arguments, _reported(outcome) if fate in _TELLS_STATE else None)
        same = same if fate != "restored" else ("", [], None)
        grouped.setdefault((fate, repr(same)), []).append(outcome)
    return [_one(fate, same, house, texts) for (fate, _), same in grouped.items()]


_ORDER = ("done", "restored", "moving", "sent", "not_answered", "otherwise", "not_sent", "denied", "ask", "pin")


_MOVING = ("opening", "closing", "locking", "unlocking")
"""What a device reports on its way: that it arrived is not known yet."""

_TELLS_STATE = ("moving", "otherwise")


def _fate(outcome: Outcome) -> str:
    match outcome.verdict:
        case NeedsConfirmation(by=by):
            return "pin" if by == "pin" else "ask"
        case Denied():
            return "denied"
    if outcome.confirmed:
        if outcome.state and outcome.state.value in _MOVING:
            return "moving"
        return "restored" if outcome.action.restores else "done"
    if not outcome.messages:
        return "not_sent"
    if outcome.confirmed is None:
        return "sent"
    return "otherwise" if outcome.answered and _reported(outcome) else "not_answered"


def _told(outcome: Outcome) -> Action:
    """The action with the values that the house reported, where it did: those are what is spoken."""
    action, state = outcome.action, outcome.state
    if not outcome.confirmed or state is None:
        return action
    reported = {name: state.attributes.get(name, value) for name, value in action.arguments.items() if name != "color"}
    reported |= {name: value for name, value in action.arguments.items() if name == "color"}  # not "255,0,0"
    return Action(action.entity_id, action.service, reported)


def _one(fate: str, outcomes: Sequence[Outcome], house: House, texts: Texts) -> str:
    action = _told(outcomes[0])
    ids = dict.fromkeys(outcome.action.entity_id for outcome in outcomes)
    things = [house.entity(entity_id) or entity_id for entity_id in ids]
    items = list(dict.fromkeys(str(outcome.action.arguments.get("item")) for outcome in outcomes))
    known: dict[str, object] = {
        "state": _reported(outcomes[0]),
        "reason": _reason(outcomes[0]),
        "unit": _unit(action, house),
    }
    known |= {"told": action.arguments}
    values: dict[str, object] = {**action.arguments, **known, "things": things, "items": items}
    if meant := action.arguments.get("meant"):
        values["meant"] = house.entity(str(meant)) or meant
    if "area" in action.arguments:
        values["area"] = next((room for room in house.rooms if room.name == values["area"]), values["area"])
    return texts.say(_key(fate, action, texts), **values)


def _key(fate: str, action: Action, texts: Texts) -> str:
    """The most particular sentence there is: for the domain, for the service, for the fate."""
    domain = action.entity_id.partition(".")[0]
    names = [f"{fate}.{domain}_{action.service}", f"{fate}.{action.service}", f"{fate}.{domain}_any", f"{fate}.any"]
    if action.arguments:
        names.insert(0, f"{fate}.{domain}_{action.service}_to")
    return next(name for name in names if name in texts)


def _reported(outcome: Outcome) -> str | None:
    return outcome.state.value if outcome.state else None


def _reason(outcome: Outcome) -> str | None:
    return outcome.problem if isinstance(outcome.verdict, Allowed) else outcome.verdict.reason


def _unit(action: Action, house: House) -> str:
    entity = house.entity(action.entity_id)
    degrees = "" if action.service == "set_value" else "°C"
    return entity.unit if entity and entity.unit else degrees


# ── why ──────────────────────────────────────────────────────────────────────────────────


def _with_reason(text: str, turn: Turn, texts: Texts, explain: Explain) -> str:
    """ ", because ..." at the end of what was said; a question, a refusal and what was not confirmed take none."""
    clause = _BECAUSE.sub("", (turn.because or "").strip()).strip(" .。")
    unsure = turn.error or any(
        outcome.confirmed is False or not isinstance(outcome.verdict, Allowed) for outcome in turn.outcomes
    )
    if explain == "off" or not clause or unsure or not _ENDS.search(text):
        return text
    return _ENDS.sub("", text) + texts.sentences["because"].format(clause=_lower(clause))


def _lower(clause: str) -> str:
    first = clause.split(" ")[0]
    keeps_capital = first == "I" or first.startswith("I'") or first.isupper()
    return clause if keeps_capital else clause[:1].lower() + clause[1:]


def _readings(states: Sequence[State], house: House, texts: Texts) -> str:
    """What the answer rests on, if that is few enough to be listened to."""
    known = {state.entity_id: state for state in states if state.value is not None}
    read = [(entity, state) for state in known.values() if (entity := house.entity(state.entity_id))]
    if not 0 < len(read) <= _MOST_READINGS:
        return ""
    return texts.say("looked_at", readings=[texts.say("reading", thing=entity, state=state) for entity, state in read])
