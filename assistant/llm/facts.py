"""A claim held against the record: what of it may be said, as facts of our own, or nothing where it does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.llm.clauses import Claim, Subject
from assistant.llm.evidence import Evidence, Measure, family, is_a, measures, state_words, within
from assistant.models import Entity


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing as it was when it was decided."""

    thing: Entity
    state: str = ""
    """In the words of clauses.yaml."""
    measure: Measure | None = None


def facts(claims: Sequence[Claim], record: Evidence) -> list[Fact] | None:
    """What was claimed, if all of it holds; else None."""
    found: list[Fact] = []
    before: tuple[Entity, ...] = ()
    for claim in claims:
        held = _held(claim, record, before)
        if held is None:
            return None
        found += held
        before = tuple(fact.thing for fact in held)
    return found


def _held(claim: Claim, record: Evidence, before: Sequence[Entity]) -> list[Fact] | None:
    found: list[Fact] = []
    if not claim.subjects:
        claim_of = [_it(record)] if _it(record) else None
        return None if claim_of is None else _all_hold(claim, claim_of, record)
    if any(subject.share == "both" for subject in claim.subjects) and len(claim.subjects) > 2:
        return None
    for subject in claim.subjects:
        about = _about(subject, claim, record, before)
        if not about:
            return None
        if (subject.count is not None or subject.share == "both") and len(claim.subjects) == 1:
            held = _so_many(claim, subject, about, record)
        else:
            held = _all_hold(claim, about, record, named=_names_it(subject))
        if held is None:
            return None
        found += held
    return found


def _it(record: Evidence) -> Entity | None:
    """What is spoken of without a name: the one thing that was acted on."""
    (only,) = record.targets if len(record.targets) == 1 else (None,)
    return record.house.entity(only) if only else None


# ── whom it is said of ───────────────────────────────────────────────────────────────────


def _about(subject: Subject, claim: Claim, record: Evidence, before: Sequence[Entity]) -> list[Entity]:
    """Each must bear the claim out. Empty: it cannot be told, or somebody was left out of what was read."""
    rooms = subject.rooms
    if not rooms and (subject.here or subject.there):
        room = record.room if subject.here else _there(record, before)
        if not room:
            return []
        rooms = frozenset({room})
    if subject.ids and not subject.of_their_kind:
        named = [one for one in record.house.entities() if one.id in subject.ids and one.id in record.before]
        fitting = within(named, rooms, subject.floors)
        if len(fitting) != len(named) or any(not _is_kind(one, subject) for one in named):
            return []
        return [one for one in named if one.id in record.targets] or named
    entities = list(record.house.entities())
    if subject.of_their_kind:
        first = [one for one in entities if one.id in subject.ids]
        rooms, kinds = frozenset(one.room or "" for one in first), (frozenset(one.domain for one in first),)
    else:
        kinds = subject.kinds
    if not (kinds or subject.everything or claim.states <= {"motion", "still"}):
        return []  # what it is that is so is not told
    placed = within(entities, rooms, subject.floors)
    fitting = [one for one in placed if _fits(one, kinds, claim, record, _names_it(subject))]
    if claim.states and kinds and (subject.many or subject.share in ("all", "none")):
        if len(fitting) < sum(all(is_a(one, each) for each in kinds) for one in placed):
            return []  # of all doors, those that have no lock are not known to be locked
    if not rooms and not subject.floors and subject.share not in ("all", "none") and kinds:
        fitting = [one for one in fitting if one.id in record.targets] or (
            fitting if subject.many else _only(fitting, record)
        )
    elif not rooms and not subject.floors and not kinds and not subject.everything:
        return []
    if len(fitting) < 2 and any("sensor" in each for each in subject.kinds) and subject.many:
        return []  # "the sensors downstairs" are more than the one
    if not (subject.many or subject.share or subject.count or subject.everything) and len(fitting) > 1:
        fitting = _the_one(fitting, claim, record)
    return fitting if all(one.id in record.before for one in fitting) else []


def _there(record: Evidence, before: Sequence[Entity]) -> str | None:
    acted = (one for name in record.targets if (one := record.house.entity(name)) is not None)
    rooms = {one.room for one in before or acted}
    return rooms.pop() if len(rooms) == 1 else None


def _the_one(fitting: Sequence[Entity], claim: Claim, record: Evidence) -> list[Entity]:
    """Of several that "the lamp in the living room" may be, the one that was acted on; rooms have one temperature."""
    if all(one.domain in ("sensor", "climate") for one in fitting) and (claim.number is not None or claim.limits):
        return list(fitting)
    acted = [one for one in fitting if one.id in record.targets]
    if all(one.domain == "cover" for one in fitting):
        return acted or list(fitting)
    rooms = {one.room for one in fitting}
    return acted if len(acted) == 1 == len(rooms) else []


def _names_it(subject: Subject) -> bool:
    return bool(subject.ids) or any("climate" in kinds for kinds in subject.kinds)


def _only(fitting: Sequence[Entity], record: Evidence) -> list[Entity]:
    """ "The window": the one that was read, where it is one."""
    read = [one for one in fitting if one.id in record.before]
    return read if len(read) == 1 else []


def _is_kind(entity: Entity, subject: Subject) -> bool:
    """ "the bathroom humidity sensor", "the battery of the robot" """
    return all(is_a(entity, kinds) or kinds & _PARTS.get(entity.domain, frozenset()) for kinds in subject.kinds)


_PARTS = {
    "vacuum": frozenset({"battery"}),
    "light": frozenset({"brightness"}),
    "climate": frozenset({"temperature", "humidity"}),
    "binary_sensor": frozenset({"binary_sensor"}),
}
"""What a thing measures of itself."""


def _fits(
    entity: Entity, kinds: Sequence[frozenset[str]], claim: Claim, record: Evidence, named: bool
) -> bool:
    """Whether it is one of those that such a claim can be made of."""
    state = record.state(entity)
    if claim.number is not None or claim.limits:
        if kinds and all(is_a(entity, each) for each in kinds) and entity.domain != "sensor":
            return True
        told = measures(entity, state) if state is not None else []
        measuring = entity.domain in ("sensor", "climate") or bool(kinds)
        return (
            measuring
            and bool(_measured(claim, entity, record, named))
            and all(is_a(entity, each) or each & {measure.what for measure in told} for each in kinds)
        )
    if not all(is_a(entity, each) for each in kinds):
        return False
    able = bool(state_words(entity, state or record.house.state(entity.id)) & family(claim.states))
    return able if kinds else able and (
        bool(claim.states & {"motion", "still"}) or entity.domain != "binary_sensor"
    )


# ── whether it is so ─────────────────────────────────────────────────────────────────────


def _all_hold(claim: Claim, about: Sequence[Entity], record: Evidence, named: bool = True) -> list[Fact] | None:
    found: list[Fact] = []
    for entity in about:
        held = _holds(claim, entity, record, named)
        if held is None:
            return None
        found += held
    return found


def _so_many(claim: Claim, subject: Subject, about: Sequence[Entity], record: Evidence) -> list[Fact] | None:
    """ "both", "two lights": exactly so many of all that there are."""
    holding = [held for entity in about if (held := _holds(claim, entity, record)) is not None]
    many = 2 if subject.share == "both" else subject.count
    whole = subject.share == "" or len(holding) == len(about)
    return [fact for held in holding for fact in held] if holding and len(holding) == many and whole else None


def _holds(claim: Claim, entity: Entity, record: Evidence, named: bool = True) -> list[Fact] | None:
    state = record.state(entity)
    if state is None:
        return None
    found: list[Fact] = []
    if claim.states:
        told = state_words(entity, state)
        so = told & claim.states
        if not told & family(claim.states) or bool(so) is claim.negated:
            return None
        word = sorted(so or told & family(claim.states))[0]
        found.append(Fact(entity, {"running": "on", "stopped": "off"}.get(word, word)))
    if claim.extent:
        level = next((measure for measure in measures(entity, state) if measure.what == "level"), None)
        if entity.domain != "cover" or level is None or level.value != (100 if claim.extent == "full" else 50):
            return None if claim.states != {"closed"} or claim.extent == "half" else found
    if claim.number is not None or claim.limits:
        measured = _measured(claim, entity, record, named)
        if not measured:
            return None
        found.append(Fact(entity, measure=measured[0]))
    return found


def _measured(claim: Claim, entity: Entity, record: Evidence, named: bool) -> list[Measure]:
    """Those of its measures of which it is true. A room is as warm as it is, not as its heating is set."""
    state = record.state(entity)
    told = measures(entity, state) if state else []
    told = [measure for measure in told if not claim.unit or measure.unit == claim.unit]
    if not claim.unit and not named:
        told = [measure for measure in told if measure.unit == "degrees"]
    if claim.role == "set":
        told = [measure for measure in told if measure.what == "setpoint" or measure.what == "level"]
    elif claim.role == "shown" or claim.limits or not named:
        told = [measure for measure in told if measure.what != "setpoint"]
    return [measure for measure in told if _is_so(claim, measure, record)]


def _is_so(claim: Claim, measure: Measure, record: Evidence) -> bool:
    if claim.number is not None and not _is_about(claim.number, measure.value):
        return False
    return all(
        (measure.value > limit if compares == "over" else measure.value < limit)
        and (not own or limit in record.asked_numbers())
        for compares, limit, own in claim.limits
    )


def _is_about(said: float, value: float) -> bool:
    """A whole number may stand for what is nearest to it."""
    return abs(said - value) < (0.5 if said == int(said) else 0.05)
