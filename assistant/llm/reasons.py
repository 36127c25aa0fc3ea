"""Facts as they are said: in our own sentences, in the language of who asked, where they bear on what was done."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.llm.evidence import Evidence
from assistant.llm.facts import Fact
from assistant.models import Entity, Language
from assistant.texts import Texts

MOST = 2
"""Things said in one reason; more is a lecture."""

_MAKES = {
    "turn_on": "on", "turn_off": "off", "lock": "locked", "unlock": "unlocked", "open_cover": "open",
    "close_cover": "closed", "start": "cleaning", "return_to_base": "docked",
}  # fmt: skip


def reason(facts: Sequence[Fact], quotes: Sequence[str], record: Evidence, language: Language) -> str | None:
    """One clause; None where nothing of it is a reason for what was done."""
    telling = [fact for fact in facts if record.bears_on(fact.thing) and not _is_so_anyway(fact, record)]
    texts = Texts.load(language)
    groups = _alike([fact for fact in telling if not _goes_without_saying(fact, telling)], record)
    said = list(dict.fromkeys([*quotes[:1], *(_said(group, record, texts) for group in groups)]))
    return texts.grammar.joined(said[:MOST], str(texts.words["and"])) if said else None


def _goes_without_saying(fact: Fact, facts: Sequence[Fact]) -> bool:
    """A lamp that was at 40 % was on."""
    levels = {other.thing.id for other in facts if other.measure and other.measure.what == "level"}
    return fact.measure is None and fact.thing.id in levels


def _is_so_anyway(fact: Fact, record: Evidence) -> bool:
    """That the lamp was on is no reason to turn it on."""
    return any(
        action.entity_id == fact.thing.id and not action.arguments and _MAKES.get(action.service) == fact.state
        for action in record.actions
        if fact.state
    )


def _alike(facts: Sequence[Fact], record: Evidence) -> list[list[Fact]]:
    """What may be said in one breath: the same of several things."""
    groups: dict[object, list[Fact]] = {}
    for fact in facts:
        key = (fact.measure, _key(fact), fact.thing.room if fact.measure else "", _word(fact, record))
        if fact not in groups.setdefault(key, []):
            groups[key].append(fact)
    return list(groups.values())


def _key(fact: Fact) -> str:
    if fact.measure is None:
        return "motion" if fact.state in ("motion", "still") else "state"
    if fact.measure.what in ("temperature", "illuminance", "humidity"):
        return fact.measure.what if fact.thing.room else "measure"
    return fact.measure.what if fact.measure.what in ("setpoint", "level", "battery") else "measure"


def _value(fact: Fact, record: Evidence) -> str:
    """The state as the device has it, for the word that goes with such a device ("open" of a window that is "on")."""
    state = record.state(fact.thing)
    return fact.state if fact.thing.domain in ("climate", "vacuum") or state is None else state.value or ""


def _word(fact: Fact, record: Evidence) -> str:
    """What tells one state from another, whatever device it is of: a window that is "off" is not off."""
    return Texts.load("en").state(_value(fact, record), [fact.thing])


def _said(group: Sequence[Fact], record: Evidence, texts: Texts) -> str:
    fact = group[0]
    things: list[Entity] = [each.thing for each in group]
    rooms = {room.name: room for room in record.house.rooms}
    place = rooms.get(fact.thing.room or "", fact.thing.room or fact.thing.name)
    measure = fact.measure
    return texts.clause(
        f"fact.{_key(fact)}", things=things, place=place, state=_value(fact, record), moving=fact.state == "motion",
        value=measure.value if measure else None, unit=_unit(fact),
    )  # fmt: skip


def _unit(fact: Fact) -> str | None:
    if fact.measure and fact.measure.unit == "degrees":
        return fact.thing.unit or "°C"
    return fact.thing.unit or {"percent": "%", "lx": "lx", "K": "K"}.get(fact.measure.unit if fact.measure else "")
