"""Frames that command: which of Home Assistant's intents they are, or none when anything is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.intents.domains import Slots, do, plain
from assistant.intents.frame import WEAK, WISHED, Frame, lamps_in
from assistant.intents.kinds import (
    DOORS,
    MEASURED,
    SWITCHABLE,
    UNLIKE,
    domain_of,
    excluded_ids,
    has_class,
    in_target,
    named,
    only_cover,
    place,
)
from assistant.intents.vocabulary import Vocabulary
from assistant.models import Entity, Intent, Target


def orders(frame: Frame, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """Empty when the frame is no whole command."""
    if frame.unknown or frame.questions or "or" in frame.flags or {"motion", "battery"} & set(frame.nouns):
        return ()
    frame, verb = _wished(frame, _verb(frame))
    if verb is None:
        return ()
    things = named(frame, vocabulary)
    if things is None:
        return ()
    if things and "all" in frame.flags and not frame.areas and frame.nouns:
        things = []
    if things and all(thing.domain in ("sensor", "binary_sensor") for thing in things):
        frame, things = _measured_instead(frame, things)
    if things:
        left_out = not frame.excluded or excluded_ids(frame.excluded, None, vocabulary)
        return _for_things(frame, verb, things) if left_out else ()
    if not frame.nouns and "everything" in frame.flags:
        return _for_everything(frame, verb, vocabulary)
    return _for_kind(frame, verb, vocabulary)


def _measured_instead(frame: Frame, things: Sequence[Entity]) -> tuple[Frame, list[Entity]]:
    """ "Set the bedroom temperature": a sensor cannot be set, what it measures can."""
    frame = frame.copied()
    for thing in things:
        noun = {"temperature": "temperature", "illuminance": "brightness"}.get(thing.device_class or "")
        if noun is None or thing.room is None:
            return frame, list(things)
        frame.nouns.append(noun)
        frame.areas = [thing.room]
    frame.names = []
    return frame, []


def _verb(frame: Frame) -> str | None:
    """The one thing to do; "" when only a value or a scene is said; None when verbs disagree."""
    verbs = list(dict.fromkeys(frame.verbs))
    strong = [verb for verb in verbs if verb not in WEAK]
    if set(strong) == {"close", "lock"}:
        return "lock"  # "chiudi la porta a chiave"
    if len(strong) > 1:
        return None
    if strong:
        return strong[0]
    if "start" in verbs:
        return "start"
    if "draw" in verbs and not frame.has_value and not frame.states:
        return "close"  # curtains
    return verbs[0] if verbs else ""


def _wished(frame: Frame, verb: str | None) -> tuple[Frame, str | None]:
    """ "Lights off", "I want the blinds closed": the state wanted is the verb; but nothing is unlocked by a state."""
    if verb not in ("", *WEAK) or len(set(frame.states)) != 1 or frame.has_value or frame.relative:
        return frame, verb
    wished = WISHED.get(frame.states[0])
    if wished is None or (wished == "unlock" and verb == ""):
        return frame, verb
    frame = frame.copied()
    frame.states = []
    return frame, wished


# ── what is to be done with one kind of thing ────────────────────────────────────────────


def _for_things(frame: Frame, verb: str, things: Sequence[Entity]) -> tuple[Intent, ...]:
    by_domain: dict[str, list[str]] = {}
    for thing in things:
        by_domain.setdefault(thing.domain, []).append(thing.id)
    intents = []
    if any(_says_an_option(frame, thing) for thing in things):
        return ()
    for domain, ids in by_domain.items():
        done = do(frame, verb, domain)
        if done is None:
            return ()
        intents.append(_room_by_room(Intent(done[0], Target(ids=tuple(ids)), done[1]), frame, things))
    return tuple(intents)


_OPTIONS = ("preset_mode", "mode", "operation_mode", "fan_speed")
_SPEEDS = frozenset({"low", "medium", "high"})


def _says_an_option(frame: Frame, thing: Entity) -> bool:
    """ "Set the fan to turbo", "the humidifier to boost": where it is one of the thing's own, the templates know it."""
    options = {option.casefold() for name in _OPTIONS for option in thing.options.get(name, ())}
    options -= {option.casefold() for option in thing.options.get("hvac_mode", ())} | {"on", "off"}
    if "percentage" in thing.features:
        options -= _SPEEDS
    return not options.isdisjoint(frame.said)


def _room_by_room(intent: Intent, frame: Frame, things: Sequence[Entity]) -> Intent:
    """ "Vacuum the kitchen", where the robot tells its rooms apart."""
    areas = set(frame.areas)
    robots = [thing for thing in things if thing.domain == "vacuum" and areas <= set(thing.options.get("area", ()))]
    if intent.name != "HassVacuumStart" or len(areas) != 1 or len(robots) != 1:
        return intent
    return Intent("HassVacuumCleanArea", Target(ids=(robots[0].id,)), {"area": areas.pop()})


def _for_everything(frame: Frame, verb: str, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    if verb in ("lock", "unlock", "dim", "brighten"):
        return _for_kind(frame, verb, vocabulary)
    verb = "off" if verb == "close" and {"down", "off"} & set(frame.particles) else verb
    if verb not in ("on", "off"):
        return ()
    name = "HassTurnOn" if verb == "on" else "HassTurnOff"
    target = place(frame)
    if target is None:
        return ()
    excluded: tuple[str, ...] = ()
    if frame.excluded:
        found = excluded_ids(frame.excluded, None, vocabulary)
        if found is None:
            return ()
        excluded = found
    if target.area is None and target.floor is None:
        return (Intent(name, replace(target, everywhere=True, here=False, excluded=excluded)),)
    upon = vocabulary.rooms_upon.get(target.floor or "", frozenset())
    ids = [entity.id for entity in vocabulary.entities.values()
           if entity.domain in SWITCHABLE and in_target(entity, target) and entity.id not in excluded
           and (target.floor is None or target.floor == entity.floor or entity.room in upon)]  # fmt: skip
    return (Intent(name, Target(ids=tuple(ids))),) if ids else ()


def _for_kind(frame: Frame, verb: str, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    kind = _kind(frame, verb, vocabulary)
    if kind is None:
        return ()
    domain, device_class = kind
    if verb == "" and plain(frame) and "light" not in frame.nouns:
        return ()
    done = do(frame, verb, domain)
    target = place(frame, domain, device_class)
    if done is None or target is None:
        return ()
    if "main_light" in frame.nouns:
        target = replace(target, excluded=_lamps_beside_lights(vocabulary))
    if frame.excluded:
        excluded = excluded_ids(frame.excluded, domain, vocabulary)
        if excluded is None:
            return ()
        everywhere = not (target.area or target.floor)
        target = replace(target, excluded=excluded, everywhere=everywhere, here=False)
    if device_class in UNLIKE and device_class != "door" and not has_class(device_class, vocabulary, "cover"):
        return ()  # a window with a sensor is no window that moves
    if domain == "vacuum" and target.area:
        robots = _all_of("vacuum", vocabulary)
        cleaned = _room_by_room(Intent(done[0], target, done[1]), frame, robots)
        if cleaned.name == "HassVacuumCleanArea":
            return (cleaned,)
        if target.area not in {robot.room for robot in robots}:
            return ()  # no robot is told to clean a room that it may not reach
    if domain == "cover" and target.area and (only := only_cover(target, vocabulary)):
        return (Intent(done[0], Target(ids=(only,)), done[1]),)
    if device_class == "door":
        return _a_door(done, target, vocabulary)
    return (Intent(done[0], target, done[1]),)


def _lamps_beside_lights(vocabulary: Vocabulary) -> tuple[str, ...]:
    """ "The big light" is no lamp, where the room has a light that is none."""
    lamps = lamps_in((), vocabulary)
    lit = {each.room for each in vocabulary.entities.values() if each.domain == "light" and each not in lamps}
    return tuple(lamp.id for lamp in lamps if lamp.room in lit)


def _all_of(domain: str, vocabulary: Vocabulary) -> list[Entity]:
    return [entity for entity in vocabulary.entities.values() if entity.domain == domain]


def _a_door(done: tuple[str, Slots], target: Target, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """Many things are a door; only a place tells which."""
    doors = [entity.id for entity in vocabulary.entities.values()
             if entity.domain == "cover" and entity.device_class in DOORS and in_target(entity, target)]  # fmt: skip
    if len(doors) != 1 or target.area is None:
        return ()
    return (Intent(done[0], Target(ids=tuple(doors)), done[1]),)


def _kind(frame: Frame, verb: str, vocabulary: Vocabulary) -> tuple[str, str | None] | None:
    """Domain and device class that the frame speaks of."""
    nouns = list(dict.fromkeys(frame.nouns))
    things = [noun for noun in nouns if noun not in MEASURED]
    things = list(dict.fromkeys("light" if noun == "main_light" else noun for noun in things))
    if {"light", "lamp"} >= set(things) and things:
        return "light", None
    if len(things) > 1 and things[-1] == "door" and "lock" in things:
        things = ["lock"]
    if len(things) > 1:
        return None
    if things:
        return _kind_of_noun(things[0], verb)
    if nouns:
        return _kind_of_attribute(nouns[0], frame)
    return _kind_unsaid(frame, verb, vocabulary)


def _kind_of_noun(noun: str, verb: str) -> tuple[str, str | None] | None:
    if verb in ("lock", "unlock"):
        return ("lock", None) if noun in ("door", "lock") else None
    if noun == "door":
        return "cover", "door"
    if noun in ("humidity", "motion", "battery", "scene"):
        return None
    domain = domain_of(noun)
    return (domain, noun if domain == "cover" else None) if domain else None


def _kind_of_attribute(noun: str, frame: Frame) -> tuple[str, str | None] | None:
    return MEASURED[noun], None


def _kind_unsaid(frame: Frame, verb: str, vocabulary: Vocabulary) -> tuple[str, str | None] | None:
    """No noun: the verb, the unit or the place tells."""
    relative = set(frame.relative)
    if verb == "brighten" or verb == "dim" or relative & {"brighter", "dimmer"}:
        return "light", None
    halves = any(number != int(number) for number in frame.numbers) and "percent" not in frame.flags
    if relative & {"warmer", "cooler"} or "degrees" in frame.flags or halves:
        return "climate", None
    if verb == "clean" or (verb == "return" and "it" in frame.flags):
        return "vacuum", None
    if verb == "lock" and not (frame.flags or frame.areas or frame.floors):
        return "lock", None
    if verb in ("lock", "unlock") and (
        frame.areas or frame.floors or "house" in frame.flags or "everything" in frame.flags
    ):
        locked = {entity.room for entity in _all_of("lock", vocabulary)}
        return ("lock", None) if locked.issuperset(frame.areas) else None
    if frame.colors or frame.color_temperature or "kelvin" in frame.flags:
        return ("light", None) if verb or frame.has_target else None
    if frame.areas or frame.floors or frame.flags & {"house", "here"}:
        if verb in ("on", "off"):
            return "light", None
        if verb in ("set", "turn", "get", "") and ("percent" in frame.flags or frame.level is not None):
            return "light", None
        if verb in ("open", "close", "stop", "raise", "lower") and frame.areas and not frame.has_value:
            covers = [e for e in vocabulary.entities.values() if e.domain == "cover" and e.room in frame.areas]
            return ("cover", None) if len(covers) == 1 else None
    return None
