"""What an order hangs on ("if the window is open, …"), held against what the house reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.errors import NotSo
from assistant.interfaces import House
from assistant.llm.asked import Asked, is_a
from assistant.llm.claims import Mention, find, names_in, says, things_in
from assistant.llm.clauses import Stated, stated
from assistant.llm.evidence import family, state_words
from assistant.models import Entity, Language, State

_IF = (
    r"(?:only |but only |even )?if|provided(?: that)?|as long as|in case|assuming(?: that)?|when(?:ever)?|as soon as|"
    r"(?:solo |soltanto |anche )?se|purché|a patto che|a condizione che|nel caso(?: in cui)?|quando|appena|"
    r"如果|要是|假如|只有"
)
_UNLESS = r"unless|except (?:if|when)|a meno che|tranne (?:se|quando)|salvo (?:se|che)|除非"
_COURTESY = re.compile(
    r"(?:you (?:can|could|would|like|want|don't|please|have)|i (?:may|might|could)|possible|necessary|need(?:ed| be)|"
    r"it(?:'s| is) (?:no trouble|possible|not too much)|puoi|potete|riesci|possibile|non ti dispiace|ti va|vuoi|serve|"
    r"necessario|可以|方便)\b"
)
_WONDERS = re.compile(
    r"(?:tell me|know|check|see|look|wonder|ask|dimmi|sai|sapere|controlla|guarda|vedi|chiedo|as|glad|nice|great|happy|"
    r"grateful|lovely|good|wonderful|(?:love|like|appreciate) it|kind|mind|bello|content[oa]|felice|grat[oa]|"
    r"piacerebbe|piacere|meglio|gentile) $"
)
"""What comes after these is wondered about or wished for."""
_ORDER = re.compile(
    r"(?:\b(?:then|allora) )?\b(?:(?:turn|switch|set|put|make|open|close|shut|start|stop|dim|raise|lower|lock|unlock|"
    r"run|let|play|bring) (?:it|them|the|all|off|on|up|down|my|every\w*|both)\b|"
    r"(?:accendi|spegni|apri|chiudi|metti|imposta|alza|abbassa|avvia|ferma|blocca|sblocca|fai|fa'|tieni|manda|"
    r"regola|attiva|disattiva)(?:lo|la|li|le|mi)?\b)|(?:就|请)?(?:把|打开|关闭|关掉|关上|调)"
)
_EVERY = r"all|every|both|tutt[ieao]|entramb[ie]|ogni|所有|都"
_ANY = r"any|an|a|some|one|qualche|una|un|qualcuna|alcun[ae]|有"
_EMPTY = r"nobody|no one|noone|nessuno|没人|没有人"
_PRESENT = r"somebody|someone|anybody|anyone|qualcuno|c'è gente|有人"
_SENSING = ("motion", "occupancy", "presence")
_DENIED = r"not|isn't|aren't|wasn't|n't|no longer|non|不|没"
_CONCORD = r"nessun[oa]?|alcun[oa]?|niente|nulla"
"""Italian denies twice what it denies once: "non c'è nessun movimento"."""

_MEASURED: Sequence[tuple[str, str, frozenset[str]]] = (
    ("percent", r"humid\w*|umid\w*|湿度", frozenset({"humidity"})),
    ("", r"lux|lx|brightness|luminosità|亮度", frozenset({"illuminance"})),
    ("percent", r"batter\w*|电池", frozenset({"battery"})),
    ("degrees", r"degrees?|grad[oi]|°|temperatur\w*|(?:warm|cold|hot|cool)\w*|cald\w*|fredd\w*|度|温度",
     frozenset({"temperature"})),
)  # fmt: skip
"""The unit, the words that tell what is measured, and the device class of what measures it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A clause of the request, and whether it is so now."""

    start: int
    end: int
    holds: bool | None
    """None: the record cannot tell."""
    seen: tuple[tuple[Entity, State], ...] = ()
    """What tells it."""


def condition(text: str, language: Language, room: str | None, house: House) -> Condition | None:
    """The request's condition, or None where it has none. Of several, one that is not so decides."""
    asked = Asked.of(text, house, room)
    said, here = asked.text, _spoken_place(asked, house) or asked.room
    found = [_judged(said, *span, language, here, house) for span in _clauses(said)]
    order = (False, None, True)
    return min(found, key=lambda each: order.index(each.holds), default=None)


def expect_so(found: Condition | None) -> None:
    """Raises NotSo where what the order hangs on is not so."""
    if found is not None and found.holds is False:
        entity, state = found.seen[0]
        raise NotSo(f"the condition is not met: {entity.id} is {state.value}", thing=entity, state=state)


def without(text: str, found: Condition | None) -> str:
    """The request less its condition: what is to be done."""
    said = " ".join(text.casefold().replace("’", "'").split())
    return said if found is None else f"{said[: found.start]} {said[found.end :]}"


def _spoken_place(asked: Asked, house: House) -> str | None:
    """The room of what is ordered, for a clause that names no place of its own."""
    named = {entity.room for each in asked.named if (entity := house.entity(each)) is not None and entity.room}
    rooms = asked.rooms or named
    return next(iter(rooms)) if len(rooms) == 1 else None


# ── the clause ───────────────────────────────────────────────────────────────────────────


def _clauses(said: str) -> Iterable[tuple[int, int, int, bool]]:
    """(where the connective starts, where the clause starts, where it ends, whether it is an exception)."""
    for match in find(rf"(?:{_UNLESS})|(?:{_IF})", said):
        if _COURTESY.match(said, match.end() + 1) or _WONDERS.search(said[: match.start()]):
            continue
        rest = said[match.end() :]
        ends = [len(rest)]
        ends += [at for mark in (",", ";", ".", "，", " otherwise ", " altrimenti ") if (at := rest.find(mark)) >= 0]
        if order := _ORDER.search(rest):
            ends.append(order.start())
        yield match.start(), match.end(), match.end() + min(ends), says(_UNLESS, match.group())


def _judged(
    said: str, begins: int, start: int, end: int, exception: bool, language: Language, room: str | None, house: House
) -> Condition:
    clause = said[start:end]
    denied = exception and re.search(r"\bnon\b", clause) is not None  # "a meno che non sia aperta": open
    clause = re.sub(r"\bnon\b", "   ", clause) if denied else clause
    holds, seen = _so(clause, language, room, house)
    return Condition(begins, end, holds if holds is None or not exception else not holds, seen)


# ── whether it is so ─────────────────────────────────────────────────────────────────────

_Told = tuple[bool | None, tuple[tuple[Entity, State], ...]]


def _so(clause: str, language: Language, room: str | None, house: House) -> _Told:
    names = names_in(clause, house)
    claims = stated(clause, language, house)
    scope = _Scope(house, room, names, things_in(clause, names))
    named = [entity for name in names if name.kind == "entity" for each in name.meant if (entity := house.entity(each))]
    senses = bool(named) and not claims and all(entity.device_class in _SENSING for entity in named)
    if senses or says(rf"{_EMPTY}|{_PRESENT}", clause):
        return _present(clause, senses and says(rf"{_DENIED}|no|nessun", clause), scope)
    if len(claims) != 1:
        return None, ()
    claim = claims[0]
    if claim.number is not None:
        return _beyond(claim, clause, scope)
    concord = says(_CONCORD, clause[claim.start : claim.end])
    denied = not concord and says(_DENIED, clause[: claim.start] + clause[claim.end :])
    return _in_state(claim.states, denied, clause, scope)


@dataclass(frozen=True, slots=True)
class _Scope:
    house: House
    room: str | None
    names: Sequence[Mention]
    things: Sequence[Mention]

    def known(self, entities: Iterable[Entity]) -> list[tuple[Entity, State]]:
        """With what they report, as narrowly as the clause says it: by name, else by place and kind, else here."""
        told = [(entity, self.house.state(entity.id)) for entity in entities if not entity.members]
        named = {meant for name in self.names if name.kind == "entity" for meant in name.meant}
        if named:
            return [pair for pair in told if pair[0].id in named]
        fitting = [pair for pair in told if _fits(pair[0], [*self.names, *self.things]) and not pair[0].hidden]
        if self.room is not None and not any(name.kind in ("room", "floor") for name in self.names):
            fitting = [pair for pair in fitting if pair[0].room == self.room] or fitting
        return fitting


def _in_state(states: frozenset[str], denied: bool, clause: str, scope: _Scope) -> _Told:
    knows = [pair for pair in scope.known(scope.house.entities()) if _words(*pair) & family(states)]
    kinds = frozenset(kind for thing in scope.things for kind in thing.meant)
    exact = [pair for pair in knows if pair[0].device_class in kinds]  # "the window" is the sensor, not its blind
    return _all_or_any(exact or knows, lambda entity, state: bool(_words(entity, state) & states) is not denied, clause)


def _present(clause: str, denied: bool, scope: _Scope) -> _Told:
    senses = [each for each in scope.house.entities() if each.device_class in _SENSING]
    wanted = "still" if denied or says(_EMPTY, clause) else "motion"
    seen = scope.known(senses)
    if any("motion" in _words(*pair) for pair in seen):  # one that sees somebody is enough
        return wanted == "motion", tuple(pair for pair in seen if "motion" in _words(*pair))
    return _all_or_any(seen, lambda entity, state: wanted in _words(entity, state), "all")


def _beyond(claim: Stated, clause: str, scope: _Scope) -> _Told:
    if not claim.compares:
        return None, ()
    assert claim.number is not None
    limit = claim.number
    named = any(name.kind == "entity" for name in scope.names)
    of_class = next((kinds for unit, pattern, kinds in _MEASURED if (says(pattern, clause) and unit in ("", claim.unit))
                     or (claim.unit == unit == "degrees")), None)  # fmt: skip
    if of_class is None and not named:
        return None, ()
    measures = [
        (entity, state, value)
        for entity, state in _Scope(scope.house, scope.room, scope.names, ()).known(scope.house.entities())
        if (value := _measure(entity, state, of_class)) is not None
    ]
    sensors = [each for each in measures if each[0].domain == "sensor"] or measures
    degrees = {
        entity.id: replace(entity, unit=entity.unit or "°C") for entity, *_ in sensors if entity.domain == "climate"
    }
    found = [(degrees.get(entity.id, entity), State(entity.id, f"{value:g}")) for entity, _, value in sensors]
    values = {entity.id: value for entity, _, value in sensors}
    over = claim.compares == "over"
    return _all_or_any(
        found, lambda entity, _: values[entity.id] > limit if over else values[entity.id] < limit, clause
    )


def _measure(entity: Entity, state: State, of_class: frozenset[str] | None) -> float | None:
    if not state.available or state.stale:
        return None
    if entity.domain == "sensor" and (of_class is None or is_a(entity, of_class)):
        return _number(state.value)
    attribute = "current_temperature" if of_class and "temperature" in of_class else "current_humidity"
    return _number(state.attributes.get(attribute)) if entity.domain in ("climate", "humidifier") else None


def _all_or_any(seen: Sequence[tuple[Entity, State]], so: Callable[[Entity, State], bool], clause: str) -> _Told:
    """Alike in all: told. Otherwise by "all" or "any", else nobody can tell."""
    told = [(pair, so(*pair)) for pair in seen]
    yes, no = tuple(pair for pair, is_so in told if is_so), tuple(pair for pair, is_so in told if not is_so)
    if not told:
        return None, ()
    if not no or (yes and not says(_EVERY, clause) and says(_ANY, clause)):
        return True, yes
    if not yes or says(_EVERY, clause):
        return False, no
    return None, ()


def _fits(entity: Entity, said_of: Sequence[Mention]) -> bool:
    """Whether it is of the rooms, floors and kinds that are spoken of."""
    rooms, floors, kinds = (
        frozenset(meant for mention in said_of if mention.kind == kind for meant in mention.meant)
        for kind in ("room", "floor", "thing")
    )
    placed = (not rooms or entity.room in rooms) and (not floors or entity.floor in floors)
    return placed and (not kinds or is_a(entity, kinds))


def _words(entity: Entity, state: State) -> frozenset[str]:
    return frozenset() if state.stale or state.value is None or not state.available else state_words(entity, state)


def _number(value: object) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(str(value))
    except ValueError:
        return None
