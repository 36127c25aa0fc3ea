"""What a turn's record bears out: the things that were read, meant or commanded, as they were before it was acted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.interfaces import House
from assistant.llm.claims import names_in, says, things_in, words
from assistant.models import Action, Entity, State, Turn, Value

_OPENERS = ("door", "window", "garage_door", "opening", "gate")
PRESENCE = ("motion", "occupancy", "presence")
_TELLING = ("sensor", "binary_sensor", "climate", "cover")
_DIGITS = re.compile(r"-?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may be spoken of."""

    house: House
    request: str
    room: str
    before: dict[str, State]
    targets: frozenset[str]
    actions: tuple[Action, ...]
    wanted: frozenset[str]
    """Ids and kinds that the request speaks of, or that may answer the need it tells."""
    named: frozenset[str]
    """Ids, rooms and floors that the request names."""

    @classmethod
    def of(cls, turn: Turn, house: House) -> Evidence:
        said = ((turn.transcript.text if turn.transcript else turn.request.text) or "").casefold()
        actions = tuple(outcome.action for outcome in turn.outcomes)
        targets = {entity.id for intent in turn.intents for entity in intent.targets}
        mentions = names_in(said, house)
        wanted = {meant for mention in (*mentions, *things_in(said, mentions)) for meant in mention.meant}
        for need, kinds in words().needs.items():
            wanted |= kinds if says(need, said) else set()
        return cls(
            house, said, turn.request.room or "",
            {state.entity_id: state for state in turn.read if state.value is not None or not state.available},
            frozenset(targets | {action.entity_id for action in actions}), actions, frozenset(wanted),
            frozenset(meant for mention in mentions for meant in mention.meant),
        )  # fmt: skip

    def state(self, entity: Entity) -> State | None:
        """As it was read; None where it was not, or not within reach."""
        state = self.before.get(entity.id)
        return state if state is not None and state.available and not state.stale else None

    def asked_numbers(self) -> frozenset[float]:
        from_digits = {float(text.replace(",", ".")) for text in _DIGITS.findall(self.request)}
        return frozenset(from_digits | {value for word, value in words().numbers.items() if says(word, self.request)})

    def bears_on(self, entity: Entity) -> bool:
        """Whether it has to do with what was done: a target, what the request speaks of, or a sense beside a target."""
        if entity.id in self.targets | self.named:
            return True
        acted = [one for name in self.targets if (one := self.house.entity(name)) is not None]
        near = {*(one.room for one in acted), self.room, *self.named}
        if entity.domain in _TELLING and is_a(entity, self.wanted) and entity.room in near:
            return True
        return any(
            (entity.room == one.room or self._serves(one, entity))
            and {entity.device_class, entity.domain} & _BESIDE.get(one.domain, frozenset())
            for one in acted
        )

    def _serves(self, acted: Entity, sense: Entity) -> bool:
        """One thermostat for all rooms: each that has none of its own."""
        return acted.domain == "climate" and not any(
            other.domain == "climate" and other.room == sense.room for other in self.house.entities()
        )


_BESIDE: dict[str, frozenset[str | None]] = {
    "light": frozenset({"illuminance", "motion", "occupancy", "presence", "cover"}),
    "climate": frozenset({"temperature", "humidity", "window", "motion", "occupancy", "presence"}),
    "fan": frozenset({"temperature", "humidity", "window", "climate"}),
    "cover": frozenset({"illuminance", "temperature", "window", "rain"}),
    "switch": frozenset({"temperature", "humidity", "power", "motion", "occupancy", "presence"}),
    "humidifier": frozenset({"humidity"}),
    "lock": frozenset({"door", "motion", "occupancy", "presence"}),
    "media_player": frozenset({"motion", "occupancy", "presence"}),
}
"""What in the same room may move one to do something with such a thing."""


def state_words(entity: Entity, state: State) -> frozenset[str]:
    """What it reported, in the words of clauses.yaml."""
    value = (state.value or "").casefold()
    match entity.domain:
        case "binary_sensor" if entity.device_class in _OPENERS:
            return frozenset({"open"} if value == "on" else {"closed"})
        case "binary_sensor" if entity.device_class in PRESENCE:
            return frozenset({"motion"} if value == "on" else {"still"})
        case "climate" if value == "off":
            return frozenset({"off", "stopped"})
        case "climate":
            action = str(state.attributes.get("hvac_action", ""))
            return frozenset({"on", action, "running" if action in _WORKING else ""} - {""})
        case "vacuum":
            return frozenset({value})
        case "sensor":
            return frozenset()
        case "light" | "switch" | "fan" | "media_player" | "humidifier":
            return frozenset({value, "running" if value == "on" else "stopped"})
        case _:
            return frozenset({value})


_WORKING = ("heating", "cooling", "drying", "fan", "preheating")


def family(states: frozenset[str]) -> frozenset[str]:
    """All that what can be so can be."""
    return states.union(*(kin for kin in _FAMILIES if kin & states))


_FAMILIES = (
    frozenset({"on", "off"}),
    frozenset({"running", "stopped"}),
    frozenset({"open", "closed", "opening", "closing"}),
    frozenset({"locked", "unlocked", "locking", "unlocking"}),
    frozenset({"motion", "still"}),
    frozenset({"docked", "cleaning", "returning", "paused"}),
    frozenset({"heating", "idle", "cooling", "drying", "fan"}),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that a device reports, what of, and how it is counted."""

    what: str
    """temperature, setpoint, humidity, illuminance, level, battery, or a sensor's own class."""
    value: float
    unit: str
    """As clauses.yaml calls it."""


def measures(entity: Entity, state: State) -> list[Measure]:
    """A lamp that is off has no brightness, though it remembers one."""
    off = entity.domain in ("light", "fan", "humidifier") and state.value == "off"
    found = (
        []
        if off
        else [
            Measure(what, value, unit)
            for name, what, unit in _ATTRIBUTES.get(entity.domain, ())
            if (value := _number(state.attributes.get(name))) is not None
        ]
    )
    value = _number(state.value)
    if value is not None and entity.domain == "sensor":
        found.append(Measure(entity.device_class or "", value, _UNITS.get(entity.unit or "", entity.unit or "")))
    return found


_ATTRIBUTES = {
    "light": (("brightness", "level", "percent"), ("color_temperature", "white", "K"), ("color_temp", "white", "K")),
    "cover": (("position", "level", "percent"),),
    "valve": (("position", "level", "percent"),),
    "fan": (("percentage", "level", "percent"),),
    "vacuum": (("battery_level", "battery", "percent"),),
    "climate": (("temperature", "setpoint", "degrees"), ("target_temp_low", "setpoint", "degrees"),
                ("target_temp_high", "setpoint", "degrees"), ("current_temperature", "temperature", "degrees"),
                ("current_humidity", "humidity", "percent")),
    "water_heater": (("temperature", "setpoint", "degrees"), ("current_temperature", "temperature", "degrees")),
    "humidifier": (("humidity", "setpoint", "percent"), ("current_humidity", "humidity", "percent")),
}  # fmt: skip

_UNITS = {"°C": "degrees", "°F": "degrees", "%": "percent", "lx": "lx", "W": "W"}


def is_a(entity: Entity, kinds: frozenset[str]) -> bool:
    """A garage door is no blind, though both are covers."""
    return entity.device_class in kinds or (entity.domain in kinds and entity.device_class not in _OWN_NOUNS)


_OWN_NOUNS = ("door", "garage", "garage_door", "gate", "window")


def within(entities: Sequence[Entity], rooms: frozenset[str], floors: frozenset[str]) -> list[Entity]:
    return [
        entity for entity in entities
        if (not rooms or entity.room in rooms) and (not floors or entity.floor in floors) and not entity.hidden
    ]  # fmt: skip


def _number(value: Value) -> float | None:
    try:
        return None if isinstance(value, bool) or value is None else float(value)
    except ValueError:
        return None
