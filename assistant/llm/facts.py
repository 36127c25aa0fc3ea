"""A claim held against the record: what of it may be said, as facts of our own, or nothing where it does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.llm.clauses import Claim, Subject
from assistant.llm.evidence import Evidence, Measure, family, measures, state_words
from assistant.llm.scope import about, measured, names_it
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
        it = _it(record)
        return _all_hold(claim, [it], record) if it else None
    if any(subject.share == "both" for subject in claim.subjects) and len(claim.subjects) > 2:
        return None
    for subject in claim.subjects:
        of = about(subject, claim, record, before)
        if not of:
            return None
        if (subject.count is not None or subject.share == "both") and len(claim.subjects) == 1:
            held = _so_many(claim, subject, of, record)
        else:
            held = _all_hold(claim, of, record, named=names_it(subject))
        if held is None:
            return None
        found += held
    return found


def _it(record: Evidence) -> Entity | None:
    """What is spoken of without a name: the one thing that was acted on."""
    (only,) = record.targets if len(record.targets) == 1 else (None,)
    return record.house.entity(only) if only else None


# ── whether it is so ─────────────────────────────────────────────────────────────────────


def _all_hold(claim: Claim, of: Sequence[Entity], record: Evidence, named: bool = True) -> list[Fact] | None:
    found: list[Fact] = []
    for entity in of:
        held = _holds(claim, entity, record, named)
        if held is None:
            return None
        found += held
    return found


def _so_many(claim: Claim, subject: Subject, of: Sequence[Entity], record: Evidence) -> list[Fact] | None:
    """ "both", "two lights": exactly so many of all that there are."""
    holding = [held for entity in of if (held := _holds(claim, entity, record)) is not None]
    many = 2 if subject.share == "both" else subject.count
    whole = subject.share == "" or len(holding) == len(of)
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
        true = measured(claim, entity, record, named)
        if not true:
            return None
        found.append(Fact(entity, measure=true[0]))
    return found
