"""Speaks of a turn only what its record holds.

A model's reason is no log of what moved it. So its clause is spoken only if every device, room, number and state that
it names is borne out by the record: the things targeted or read, what they reported, and the request's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.errors import NotUnderstood
from assistant.interfaces import House
from assistant.llm.claims import (
    Claim,
    Mention,
    bare,
    claims_in,
    find,
    is_of_the_house,
    names_in,
    says,
    things_in,
    words,
)
from assistant.llm.steps import steps
from assistant.models import Entity, Language, State, Turn, Value

__all__ = ["boasts", "grounded", "speaks_truly", "steps"]

LONGEST = 160
"""Characters; more is no clause."""

_OPENERS = ("door", "window", "garage_door", "opening", "gate")
_PRESENCE = ("motion", "occupancy", "presence")
_PERCENT = ("brightness", "position", "tilt", "percentage", "battery_level", "current_humidity", "humidity")


def grounded(because: str, turn: Turn, house: House, language: Language) -> str | None:
    """The clause, with ids turned into names, if the record bears all of it out; else None."""
    return _borne_out(because, turn, house, language, whole=False)


def doubt(said: str, turn: Turn, house: House, language: Language) -> None:
    """Raises NotUnderstood where the model's words claim what the record does not hold; a question claims nothing."""
    if boasts(said, language):
        raise NotUnderstood("the model says that it acted, but it planned no action")
    if not said.rstrip().endswith(("?", "？")) and not speaks_truly(said, turn, house, language):
        raise NotUnderstood("the model says of the house what the record does not hold")


def speaks_truly(said: str, turn: Turn, house: House, language: Language) -> bool:
    """Whether the model's own words may be spoken: what they say of the house must be in the record.

    What they say of all doors must be there of every door. General talk says nothing of the house.
    """
    text = _with_names(said, house, language).casefold()
    of_the_house = bool(names_in(text, house)) or is_of_the_house(text)
    return not of_the_house or _borne_out(said, turn, house, language, whole=True) is not None


def boasts(said: str, language: Language) -> bool:
    """Whether the model says that it acted. Only the house can say so."""
    patterns = (pattern for code, pattern in words().boasts.items() if code in (language, "en"))
    return any(re.search(pattern, said.strip(), re.IGNORECASE) for pattern in patterns)


def _borne_out(because: str, turn: Turn, house: House, language: Language, *, whole: bool) -> str | None:
    """whole: what is said of a kind, a room or everything has to be read of each thing that it takes in."""
    clause = _with_names(" ".join(because.split()), house, language)
    if not clause or len(clause) > LONGEST or re.search(r"[{}<>\[\]|_]", clause):
        return None
    text, record = clause.casefold(), _Record.of(turn, house)
    names = names_in(text, house)
    things = things_in(text, names)
    borne_out = (
        _is_in(language, text)
        and all(record.holds(mention) for mention in [*names, *things])
        and _only_known_places(text, names, record)
        and _only_the_request_judges(text, names, record)
        and _no_unknown_names(clause, names, record)
        and _claims_hold(text, language, [*names, *things], record, whole)
        and not (whole and not names and _tells_nothing(text, language))
    )
    return clause if borne_out else None


# ── the record ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Record:
    """What may be spoken of."""

    request: str
    room: str
    entities: dict[str, Entity]
    targets: frozenset[str]
    before: dict[str, State]
    after: dict[str, State]
    asked: dict[str, tuple[Value, ...]]
    """By entity: the values that it was asked to take."""
    unread: tuple[tuple[Entity, State], ...]
    """What else is in the house, as it is now: it may be missed, never spoken of."""

    @classmethod
    def of(cls, turn: Turn, house: House) -> _Record:
        before = {state.entity_id: state for state in turn.read if state.value is not None or not state.available}
        after = {outcome.state.entity_id: outcome.state for outcome in turn.outcomes if outcome.state is not None}
        targets = {entity.id for intent in turn.intents for entity in intent.targets}
        targets |= {outcome.action.entity_id for outcome in turn.outcomes}
        asked: dict[str, tuple[Value, ...]] = {}
        for intent in turn.intents:
            for entity in intent.targets:
                asked[entity.id] = asked.get(entity.id, ()) + tuple(intent.slots.values())
        for outcome in turn.outcomes:
            values = tuple(outcome.action.arguments.values())
            asked[outcome.action.entity_id] = asked.get(outcome.action.entity_id, ()) + values
        known = {name: found for name in {*before, *after, *targets} if (found := house.entity(name)) is not None}
        said = (turn.transcript.text if turn.transcript else turn.request.text) or ""
        unread = tuple((entity, house.state(entity.id)) for entity in house.entities()
                       if not entity.hidden and entity.id not in before and entity.id not in after)  # fmt: skip
        return cls(said.casefold(), turn.request.room or "", known, frozenset(targets), before, after, asked, unread)

    def holds(self, mention: Mention) -> bool:
        match mention.kind:
            case "entity":
                return any(meant in self.entities for meant in mention.meant)
            case "room":
                rooms = {entity.room for entity in self.entities.values()} | {self.room}
                return bool(mention.meant & rooms) or any(bare(meant) in self.request for meant in mention.meant)
            case "floor":
                floors = {entity.floor for entity in self.entities.values()}
                return bool(mention.meant & floors) or any(bare(meant) in self.request for meant in mention.meant)
            case "thing":
                return any(_is_a(entity, mention.meant) for entity in self.entities.values())

    def scope(self, said_of: Sequence[Mention]) -> tuple[Entity, ...]:
        """The entities that a claim is about, as narrowly as its words allow."""
        named = [entity for mention in said_of if mention.kind == "entity" for entity in self._any_of(mention)]
        if named:
            return tuple(named)
        fitting = [entity for entity in self.entities.values() if _fits(entity, said_of)]
        targeted = [entity for entity in fitting if entity.id in self.targets]
        placed = any(mention.kind in ("room", "floor") for mention in said_of)
        return tuple(targeted if targeted and not placed else fitting)

    def misses(self, states: frozenset[str], said_of: Sequence[Mention]) -> bool:
        """Whether something that was not read could be in such a state too."""
        return any(
            _fits(entity, said_of) and _state_words(entity, state) & _family(states) for entity, state in self.unread
        )

    def _any_of(self, mention: Mention) -> list[Entity]:
        meant = [self.entities[name] for name in sorted(mention.meant) if name in self.entities]
        return [entity for entity in meant if entity.id in self.targets] or meant

    def states(self, entity: Entity) -> frozenset[str]:
        """What it reported before or after, in the words of words.yaml."""
        reported = (self.before.get(entity.id), self.after.get(entity.id))
        return frozenset(word for state in reported if state is not None for word in _state_words(entity, state))

    def numbers(self, entity: Entity) -> list[tuple[float, str]]:
        """Its numbers with their units, reported or asked for."""
        found = [(value, "") for asked in self.asked.get(entity.id, ()) if (value := _number(asked)) is not None]
        for state in (self.before.get(entity.id), self.after.get(entity.id)):
            if state is None:
                continue
            if (value := _number(state.value)) is not None:
                found.append((value, _unit(entity)))
            for name, attribute in state.attributes.items():
                if (value := _number(attribute)) is not None:
                    unit = "percent" if name in _PERCENT else "degrees" if name.endswith("temperature") else "other"
                    found.append((value, unit))
        return found


def _state_words(entity: Entity, state: State) -> set[str]:
    value = (state.value or "").casefold()
    if not state.available:
        return {"unavailable"}
    match entity.domain:
        case "binary_sensor" if entity.device_class in _OPENERS:
            return {"open"} if value == "on" else {"closed"}
        case "binary_sensor" if entity.device_class in _PRESENCE:
            return {"motion"} if value == "on" else {"still"}
        case "climate":
            return {"off"} if value == "off" else {"on", value}
        case "vacuum":
            return {value, "on"} if value == "cleaning" else {value, "off"}
        case _:
            return {value}


def _fits(entity: Entity, said_of: Sequence[Mention]) -> bool:
    """Whether it is of the rooms, floors and kinds that are spoken of."""
    rooms, floors, kinds = (
        frozenset(meant for mention in said_of if mention.kind == kind for meant in mention.meant)
        for kind in ("room", "floor", "thing")
    )
    placed = (not rooms or entity.room in rooms) and (not floors or entity.floor in floors)
    return placed and (not kinds or _is_a(entity, kinds))


def _is_a(entity: Entity, kinds: frozenset[str]) -> bool:
    return entity.domain in kinds or entity.device_class in kinds


def _unit(entity: Entity) -> str:
    return {"%": "percent", "°C": "degrees", "°F": "degrees", None: ""}.get(entity.unit, "other")


def _number(value: Value) -> float | None:
    try:
        return None if isinstance(value, bool) or value is None else float(value)
    except ValueError:
        return None


# ── the checks ───────────────────────────────────────────────────────────────────────────


def _is_in(language: Language, text: str) -> bool:
    """Whether the clause is in the language it would be spoken in."""
    if language == "zh":
        return bool(re.search(r"[\u3400-\u9fff]", text))
    scores = {tongue: len(list(find(pattern, text))) for tongue, pattern in words().tell_tale.items()}
    return not re.search(r"[\u3400-\u9fff]", text) and scores.get(language, 0) >= max(scores.values(), default=0)


def _only_known_places(text: str, names: Sequence[Mention], record: _Record) -> bool:
    pattern = re.sub(r"\s*\|\s*", "|", words().rooms)
    return all(_inside(match, names) or says(match.group(), record.request) for match in find(pattern, text))


def _only_the_request_judges(text: str, names: Sequence[Mention], record: _Record) -> bool:
    return all(
        _inside(match, names) or says(pattern, record.request)
        for pattern in words().judgements
        for match in find(pattern, text)
    )


def _no_unknown_names(clause: str, names: Sequence[Mention], record: _Record) -> bool:
    """A capital letter begins a name; one that is neither the house's nor the request's is invented."""
    return all(
        _inside(match, names)
        or match.group().casefold() in record.request
        or (match.start() == 0 and _may_open(match.group().casefold()))
        or match.group() == "I"
        for match in re.finditer(r"\b[A-ZÀ-Þ]\w*", clause)
    )


def _may_open(word: str) -> bool:
    return any(says(pattern, word) for pattern in (words().openers, *words().tell_tale.values(), *words().things))


def _claims_hold(
    text: str, language: Language, mentions: Sequence[Mention], record: _Record, whole: bool = False
) -> bool:
    claims = claims_in(text, language, [mention for mention in mentions if mention.kind != "thing"])
    states = [claim for claim in claims if claim.states]
    negated = says(words().negations.get(language, "(?!)"), text)
    if (negated and len(states) > 1) or (states and says(words().none, text)):
        return False  # of which state it is said cannot be told, or that it is so of none
    before: tuple[Entity, ...] = ()
    for claim, said_of in _attached(claims, mentions, len(text)):
        if whole and claim.states and _is_sweeping(text, said_of) and record.misses(claim.states, said_of):
            return False
        about = record.scope(said_of) if said_of else before or record.scope(())
        held = _state_holds(claim, about, record) if claim.states else _number_holds(claim, about, record)
        if held == (negated and bool(claim.states)):
            return False
        before = about
    return True


def _is_sweeping(text: str, said_of: Sequence[Mention]) -> bool:
    """Whether it is said of all of a kind, of a room or of everything, not of what has a name of its own."""
    return not any(mention.kind == "entity" for mention in said_of) and (bool(said_of) or says(words().whole, text))


def _tells_nothing(text: str, language: Language) -> bool:
    """Whether it holds no state and no number that could be looked up, or a measure whose number cannot be told."""
    claims = claims_in(text, language, ())
    measures = len(list(find(words().measured, text)))
    return not claims or measures > len([claim for claim in claims if claim.unit])


def _attached(claims: Sequence[Claim], mentions: Sequence[Mention], end: int) -> list[tuple[Claim, list[Mention]]]:
    """Each claim with what it is said of: what stands before it; what stands after it too, if no claim follows."""
    pairs = []
    for index, claim in enumerate(claims):
        start = claims[index - 1].end if index else 0
        last = index == len(claims) - 1
        until = end if last else claims[index + 1].start
        said_of = [mention for mention in mentions if start <= mention.start and mention.end <= claim.start]
        if last or not said_of:
            said_of += [mention for mention in mentions if claim.end <= mention.start and mention.end <= until]
        pairs.append((claim, said_of))
    return pairs


def _state_holds(claim: Claim, about: Sequence[Entity], record: _Record) -> bool:
    """All that it is said of; things that know no such state (a sensor in the room) do not count."""
    able = [states for entity in about if (states := record.states(entity)) & _family(claim.states)]
    return bool(able) and all(states & claim.states for states in able)


_FAMILIES = (
    frozenset({"on", "off"}),
    frozenset({"open", "closed", "opening", "closing"}),
    frozenset({"locked", "unlocked", "locking", "unlocking"}),
    frozenset({"motion", "still"}),
    frozenset({"docked", "cleaning", "returning", "paused"}),
)


def _family(states: frozenset[str]) -> frozenset[str]:
    return states.union(*(family for family in _FAMILIES if family & states))


def _number_holds(claim: Claim, about: Sequence[Entity], record: _Record) -> bool:
    said = claim.number
    assert said is not None
    in_request = [float(match.group().replace(",", ".")) for match in find(r"-?\d+(?:[.,]\d+)?", record.request)]
    if said in in_request or any(
        says(word, record.request) for word, value in words().numbers.items() if value == said
    ):
        return True
    return any(
        (said == value or (said == int(said) and said == round(value))) and (not claim.unit or unit in ("", claim.unit))
        for entity in about
        for value, unit in record.numbers(entity)
    )


def _inside(match: re.Match[str], names: Sequence[Mention]) -> bool:
    return any(name.start <= match.start() and match.end() <= name.end for name in names)


def _with_names(clause: str, house: House, language: Language) -> str:
    """Models like to write ids; people do not say them."""

    def name(match: re.Match[str]) -> str:
        entity = house.entity(match.group())
        if entity is None:
            return match.group()
        spoken = entity.spoken(language)
        return (
            f"the {spoken}"
            if language == "en" and not match.string[: match.start()].rstrip().endswith("the")
            else spoken
        )

    return re.sub(r"\b[a-z_]+\.[a-z0-9_]+\b", name, clause)
