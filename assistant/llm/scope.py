"""Whom a claim is made of: each of these things must bear it out."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.llm.clauses import Claim, Subject
from assistant.llm.evidence import Evidence, Measure, family, is_a, measures, state_words, within
from assistant.models import Entity


def about(subject: Subject, claim: Claim, record: Evidence, before: Sequence[Entity]) -> list[Entity]:
    """Empty: it cannot be told, or something was left out of what was read.

    before: what the claim before it was made of, for "there".
    """
    rooms = subject.rooms
    if not rooms and (subject.here or subject.there):
        room = record.room if subject.here else _there(record, before)
        if not room:
            return []
        rooms = frozenset({room})
    if subject.ids and not subject.of_their_kind:
        return _named(subject, rooms, record)
    found = _of_kind(subject, rooms, claim, record)
    return found if all(one.id in record.before for one in found) else []


def names_it(subject: Subject) -> bool:
    """A device, rather than the room that it is in."""
    return bool(subject.ids) or any("climate" in kinds for kinds in subject.kinds)


def _named(subject: Subject, rooms: frozenset[str], record: Evidence) -> list[Entity]:
    named = [one for one in record.house.entities() if one.id in subject.ids and one.id in record.before]
    if len(within(named, rooms, subject.floors)) != len(named) or any(not _is_kind(one, subject) for one in named):
        return []
    return [one for one in named if one.id in record.targets] or named


def _of_kind(subject: Subject, rooms: frozenset[str], claim: Claim, record: Evidence) -> list[Entity]:
    kinds = subject.kinds
    if subject.of_their_kind:
        first = [one for one in record.house.entities() if one.id in subject.ids]
        rooms, kinds = frozenset(one.room or "" for one in first), (frozenset(one.domain for one in first),)
    if not (kinds or subject.everything or claim.states <= {"motion", "still"}):
        return []  # what it is that is so is not told
    placed = within(list(record.house.entities()), rooms, subject.floors)
    fitting = [one for one in placed if _fits(one, kinds, claim, record, names_it(subject))]
    if _leaves_some_out(subject, kinds, claim, placed, fitting):
        return []
    if not rooms and not subject.floors and not subject.everything:
        fitting = _unplaced(subject, fitting, record) if kinds else []
    single = not (subject.many or subject.share or subject.count or subject.everything)
    return _the_one(fitting, claim, record) if single and len(fitting) > 1 else fitting


def _leaves_some_out(
    subject: Subject, kinds: Sequence[frozenset[str]], claim: Claim, placed: Sequence[Entity], fitting: Sequence[Entity]
) -> bool:
    """Of all doors, those that have no lock are not known to be locked; "the sensors" are more than the one."""
    if subject.many and len(fitting) < 2 and any("sensor" in each for each in kinds):
        return True
    sweeping = subject.many or subject.share in ("all", "none")
    of_the_kind = [one for one in placed if all(is_a(one, each) for each in kinds)]
    return bool(claim.states and kinds) and sweeping and len(fitting) < len(of_the_kind)


def _unplaced(subject: Subject, fitting: Sequence[Entity], record: Evidence) -> list[Entity]:
    """Those that were acted on; "the window": the one that was read, where it is one."""
    if subject.share in ("all", "none"):
        return list(fitting)
    if acted := [one for one in fitting if one.id in record.targets]:
        return acted
    read = [one for one in fitting if one.id in record.before]
    return list(fitting) if subject.many else read if len(read) == 1 else []


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


def _fits(entity: Entity, kinds: Sequence[frozenset[str]], claim: Claim, record: Evidence, named: bool) -> bool:
    """Whether it is one of those that such a claim can be made of."""
    state = record.state(entity)
    if claim.number is not None or claim.limits:
        if kinds and all(is_a(entity, each) for each in kinds) and entity.domain != "sensor":
            return True
        told = measures(entity, state) if state is not None else []
        measuring = entity.domain in ("sensor", "climate") or bool(kinds)
        return (
            measuring
            and bool(measured(claim, entity, record, named))
            and all(is_a(entity, each) or each & {measure.what for measure in told} for each in kinds)
        )
    if not all(is_a(entity, each) for each in kinds):
        return False
    able = bool(state_words(entity, state or record.house.state(entity.id)) & family(claim.states))
    return able if kinds else able and (bool(claim.states & {"motion", "still"}) or entity.domain != "binary_sensor")


# ── what it measures ─────────────────────────────────────────────────────────────────────


def measured(claim: Claim, entity: Entity, record: Evidence, named: bool) -> list[Measure]:
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
