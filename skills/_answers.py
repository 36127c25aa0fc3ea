"""What is said of states that were read: one, several, which, how many, how much, and what stands on a list."""

from collections import Counter
from collections.abc import Sequence

from assistant.skill import Entity, Question, Say, State, Targets

_TELLING = {
    "light": "brightness",
    "cover": "position",
    "valve": "position",
    "fan": "percentage",
    "climate": "temperature",
    "media_player": "volume_level",
    "humidifier": "humidity",
}
"""The attribute worth a word beside the state."""

_MEASURED = {"climate": "current_temperature", "humidifier": "current_humidity"}
"""Where a device that is no sensor keeps its measurement."""

_MOST_READINGS = 3

_MOST_ITEMS = 12
"""Of a list, that are read out."""

Known = Sequence[tuple[Entity, State]]
"""Things that have reported, with what they said."""

_SAME = {
    "on": {"open", "opening", "unlocked", "playing"},
    "off": {"closed", "locked"},
    "open": {"on", "opening"},
    "closed": {"off", "locked"},
}
"""Devices answer in their own words: an open window is "on", an open cover is "open"."""


def answer(targets: Targets, read: Sequence[State], wanted: str | None, question: Question) -> Say:
    pairs = list(zip(targets, read, strict=True))
    known = [(thing, state) for thing, state in pairs if state.value is not None]
    silent = [(thing, state) for thing, state in pairs if state.value is None]
    if not known:
        return _unknown(*silent[0])
    if all(thing.domain == "todo" for thing in targets):
        return _of_list(*known[0], wanted)
    if question in ("average", "highest", "lowest", "total"):
        return _reckoned(known, question)
    if wanted is None:
        return _told(known)
    so = [thing for thing, state in known if _is(state.value, wanted)]
    not_so = [thing for thing, state in known if not _is(state.value, wanted)]
    if silent and ((question == "all" and not not_so) or (question in ("any", "one_yesno") and not so)):
        return _unknown(*silent[0])  # the one that keeps silent might be the exception
    return _compared(question, wanted, so, not_so, known)


# ── numbers, lists ───────────────────────────────────────────────────────────────────────


def _reckoned(known: Known, question: Question) -> Say:
    """Over those that measure in the unit that most of them share."""
    measured = [(thing, value) for thing, state in known if (value := _number(thing, state)) is not None]
    if not measured:
        return _unknown(*known[0])
    unit = Counter(_unit(thing) for thing, _ in measured).most_common(1)[0][0]
    alike = [(value, thing) for thing, value in measured if _unit(thing) == unit]
    values = [value for value, _ in alike]
    match question:
        case "average":
            return Say("measure.average", {"value": sum(values) / len(values), "unit": unit, "count": len(values)})
        case "total":
            return Say("measure.total", {"value": sum(values), "unit": unit, "count": len(values)})
    value, thing = (max if question == "highest" else min)(alike, key=lambda pair: pair[0])
    return Say(f"measure.{question}", {"value": value, "unit": unit, "thing": thing, "place": _room_of(thing, alike)})


def _room_of(thing: Entity, alike: Sequence[tuple[float, Entity]]) -> str | None:
    """Where what it measures is a room's, and nothing else measures there: people ask for the room, not the device."""
    of_rooms = thing.domain in _MEASURED or thing.device_class in ("temperature", "humidity")
    others = {other.room for _, other in alike if other is not thing}
    return thing.room if of_rooms and thing.room not in others else None


def _number(thing: Entity, state: State) -> float | None:
    said = state.attributes.get(_MEASURED[thing.domain]) if thing.domain in _MEASURED else state.value
    try:
        return None if said is None else float(said)
    except ValueError:
        return None


def _unit(thing: Entity) -> str:
    return thing.unit or {"climate": "°C", "humidifier": "%"}.get(thing.domain, "")


def _of_list(thing: Entity, state: State, wanted: str | None) -> Say:
    said = state.attributes.get("items")
    items = [item for item in str(said or "").split("\n") if item]
    if wanted is not None:
        there = [item for item in items if wanted.casefold() in item.casefold()]
        return Say("list.has" if there else "list.lacks", {"thing": thing, "item": there[0] if there else wanted})
    if said is None and state.value != "0":
        return Say("list.count", {"thing": thing, "count": state.value})
    if not items:
        return Say("list.empty", {"thing": thing})
    return Say("list.items", {"thing": thing, "items": items[:_MOST_ITEMS], "more": max(0, len(items) - _MOST_ITEMS)})


# ── states ───────────────────────────────────────────────────────────────────────────────


def _unknown(thing: Entity, state: State) -> Say:
    return Say("state.one_unknown" if state.available else "state.one_away", {"thing": thing})


def _told(known: Known) -> Say:
    if len(known) == 1:
        thing, state = known[0]
        return Say("state.one", {"thing": thing, "state": state, **_detail(thing, state)})
    if len(known) <= _MOST_READINGS:
        return Say("state.several", {"readings": known})
    return Say("state.many", {"counts": Counter(state.value for _, state in known).most_common()})


def _detail(thing: Entity, state: State) -> dict[str, object]:
    name = _TELLING.get(thing.domain)
    value = state.attributes.get(name) if name else None
    low = state.attributes.get("target_temp_low") if name == "temperature" and value is None else None
    value = state.attributes.get("target_temp_high") if low is not None else value  # it keeps between two
    color = state.attributes.get("color") if state.value == "on" else None
    shows = isinstance(color, str) and color.isalpha() and color != "white"
    told: dict[str, object] = {"color": color} if shows else {}
    if value is None or state.value in ("off", "closed", "idle", "standby") or (name == "position" and value == 100):
        return told
    unit = (thing.unit or "°C") if name == "temperature" else "%"
    return {**told, **({} if low is None else {"low": low}), "detail": name, "value": value, "unit": unit}


def _compared(question: Question, wanted: str, so: Targets, not_so: Targets, known: Known) -> Say:
    match question:
        case "any" if not so:
            return Say("state.any_no", {"wanted": wanted, "things": not_so})
        case "all" if not not_so:
            return Say("state.all_yes", {"wanted": wanted, "things": so})
        case "all":
            return Say("state.all_no", {"wanted": wanted, "things": not_so})
        case "which":
            return Say("state.which" if so else "state.which_none", {"wanted": wanted, "things": so or not_so})
        case "how_many":
            return Say("state.how_many", {"wanted": wanted, "things": so or not_so, "count": len(so)})
        case "any":
            return Say("state.one_yes", {"wanted": wanted, "things": so})
    if len(known) > 1:
        return Say("state.which" if so else "state.which_none", {"wanted": wanted, "things": so or not_so})
    if so:
        return Say("state.one_yes", {"wanted": wanted, "things": so})
    return Say("state.one_no", {"thing": known[0][0], "state": known[0][1]})


def _is(value: str | None, wanted: str) -> bool:
    return value == wanted or value in _SAME.get(wanted, ())
