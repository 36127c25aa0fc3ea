"""What a turn's record bears out: the things that were read, meant or commanded, as they were before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.interfaces import House
from assistant.llm.claims import Claim, Mention, Time, bare, names_in, says, things_in, words
from assistant.models import Entity, State, Turn, Value

_SENSES = ("binary_sensor", "sensor")
_OPENERS = ("door", "window", "garage_door", "opening", "gate")
_PRESENCE = ("motion", "occupancy", "presence")
_PERCENT = ("brightness", "position", "tilt", "percentage", "battery_level", "current_humidity", "humidity")


@dataclass(frozen=True, slots=True)
class Evidence:
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
    wanted: frozenset[str]
    """Ids and kinds that the request speaks of, or that may answer the need it tells."""

    @classmethod
    def of(cls, turn: Turn, house: House) -> Evidence:
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
        wanted = _wanted(said.casefold(), house)
        return cls(
            said.casefold(), turn.request.room or "", known, frozenset(targets), before, after, asked, unread, wanted
        )

    def matters(self, mention: Mention) -> bool:
        """Whether it bears on what was done: a target, what the request is about, or a sense of the house."""
        return any(
            (entity.id in mention.meant if mention.kind == "entity" else is_a(entity, mention.meant))
            and (entity.domain in _SENSES or entity.id in self.targets | self.wanted or is_a(entity, self.wanted))
            for entity in self.entities.values()
        )

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
                return any(is_a(entity, mention.meant) for entity in self.entities.values())

    def scope(self, said_of: Sequence[Mention], whole: bool = False) -> tuple[Entity, ...]:
        """The entities that a claim is about, as narrowly as its words allow; whole: as widely."""
        named = [entity for mention in said_of if mention.kind == "entity" for entity in self._any_of(mention)]
        if named:
            return tuple(named)
        fitting = [entity for entity in self.entities.values() if fits(entity, said_of)]
        kinds = frozenset(kind for mention in said_of if mention.kind == "thing" for kind in mention.meant)
        if not whole and (of_class := [entity for entity in fitting if entity.device_class in kinds]):
            fitting = of_class  # "the windows" are the windows, where there are any, rather than all that covers one
        targeted = [entity for entity in fitting if entity.id in self.targets]
        placed = any(mention.kind in ("room", "floor") for mention in said_of)
        return tuple(targeted if targeted and not placed else fitting)

    def misses(self, states: frozenset[str], said_of: Sequence[Mention]) -> bool:
        """Whether something that was not read could be in such a state too."""
        return any(
            fits(entity, said_of) and state_words(entity, state) & family(states) for entity, state in self.unread
        )

    def _any_of(self, mention: Mention) -> list[Entity]:
        meant = [self.entities[name] for name in sorted(mention.meant) if name in self.entities]
        return [entity for entity in meant if entity.id in self.targets] or meant

    def states(self, entity: Entity, when: Time = "either") -> frozenset[str]:
        """What it reported, in the words of words.yaml."""
        return frozenset(word for state in self._reported(entity, when) for word in state_words(entity, state))

    def numbers(self, entity: Entity, claim: Claim) -> list[tuple[float, str]]:
        """Its numbers with their units, reported or asked for, as far as a number may be said so of it."""
        found: list[tuple[float, str]] = []
        if claim.when != "before" and not claim.compares:
            found += [(value, "") for asked in self.asked.get(entity.id, ()) if (value := _number(asked)) is not None]
        for state in self._reported(entity, "before" if claim.compares else claim.when):
            if (value := _number(state.value)) is not None and not claim.is_set:
                found.append((value, _unit(entity)))
            measures = any(name.startswith("current_") for name in state.attributes)
            for name, attribute in state.attributes.items():
                if (value := _number(attribute)) is not None and _may_be(name, claim, measures):
                    unit = "percent" if name in _PERCENT else "degrees" if name.endswith("temperature") else "other"
                    found.append((value, unit))
        return found

    def _reported(self, entity: Entity, when: Time) -> list[State]:
        before, after = self.before.get(entity.id), self.after.get(entity.id)
        told = (before,) if when == "before" else (after or before,) if when == "after" else (before, after)
        return [state for state in told if state is not None]


def state_words(entity: Entity, state: State) -> set[str]:
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


def fits(entity: Entity, said_of: Sequence[Mention]) -> bool:
    """Whether it is of the rooms, floors and kinds that are spoken of."""
    rooms, floors, kinds = (
        frozenset(meant for mention in said_of if mention.kind == kind for meant in mention.meant)
        for kind in ("room", "floor", "thing")
    )
    placed = (not rooms or entity.room in rooms) and (not floors or entity.floor in floors)
    return placed and (not kinds or is_a(entity, kinds))


def is_a(entity: Entity, kinds: frozenset[str]) -> bool:
    return entity.domain in kinds or entity.device_class in kinds


def _may_be(attribute: str, claim: Claim, measures: bool) -> bool:
    """What is "set to 20" is no measure; what is "above 20" is one, where the device has any."""
    current = attribute.startswith("current_")
    return not current if claim.is_set else current or not (claim.compares and measures)


def _wanted(request: str, house: House) -> frozenset[str]:
    names = names_in(request, house)
    spoken_of = {meant for mention in (*names, *things_in(request, names)) for meant in mention.meant}
    return frozenset(spoken_of).union(*(kinds for need, kinds in words().needs.items() if says(need, request)))


def _unit(entity: Entity) -> str:
    return {"%": "percent", "°C": "degrees", "°F": "degrees", None: ""}.get(entity.unit, "other")


def _number(value: Value) -> float | None:
    try:
        return None if isinstance(value, bool) or value is None else float(value)
    except ValueError:
        return None


_FAMILIES = (
    frozenset({"on", "off"}),
    frozenset({"open", "closed", "opening", "closing"}),
    frozenset({"locked", "unlocked", "locking", "unlocking"}),
    frozenset({"motion", "still"}),
    frozenset({"docked", "cleaning", "returning", "paused"}),
)


def family(states: frozenset[str]) -> frozenset[str]:
    return states.union(*(kin for kin in _FAMILIES if kin & states))
