"""Frames that command: which of Home Assistant's intents they are, or none when anything is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.intents.frame import Frame
from assistant.intents.kinds import DOORS, SWITCHABLE, domain_of, excluded_ids, in_target, named, place
from assistant.intents.vocabulary import Vocabulary
from assistant.models import Entity, Intent, Target, Value

_STEP_PERCENT = 20
_STEP_DEGREES = 1
_LEAST_SETPOINT = 8
"""A number of degrees below this is a step ("down two degrees")."""
_ONE_VERB_GROUPS = ({"on", "start", "turn", "set"}, {"set", "turn", "raise", "lower", "brighten", "dim", "on"})

Slots = dict[str, Value]


def orders(frame: Frame, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """Empty when the frame is no whole command."""
    if frame.unknown or frame.questions or "or" in frame.flags:
        return ()
    verb = _verb(frame)
    if verb is None:
        return ()
    things = named(frame, vocabulary)
    if things is None:
        return ()
    if things and "all" in frame.flags and not frame.areas and _generic(frame, things, vocabulary):
        things = []
    if things and all(thing.domain in ("sensor", "binary_sensor") for thing in things):
        frame, things = _measured_instead(frame, things)
    if things:
        return _for_things(frame, verb, things)
    if not frame.nouns and "everything" in frame.flags:
        return _for_everything(frame, verb, vocabulary)
    return _for_kind(frame, verb, vocabulary)


def _generic(frame: Frame, things: Sequence[Entity], vocabulary: Vocabulary) -> bool:
    return bool(frame.nouns)


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
    strong = [verb for verb in verbs if verb not in ("set", "turn", "start")]
    if len(strong) > 1:
        return None
    if strong:
        return strong[0]
    return verbs[0] if verbs else ""


# ── what is to be done with one kind of thing ────────────────────────────────────────────


def _for_things(frame: Frame, verb: str, things: Sequence[Entity]) -> tuple[Intent, ...]:
    by_domain: dict[str, list[str]] = {}
    for thing in things:
        by_domain.setdefault(thing.domain, []).append(thing.id)
    intents = []
    for domain, ids in by_domain.items():
        done = _do(frame, verb, domain)
        if done is None:
            return ()
        intents.append(Intent(done[0], Target(ids=tuple(ids)), done[1]))
    return tuple(intents)


def _for_everything(frame: Frame, verb: str, vocabulary: Vocabulary) -> tuple[Intent, ...]:
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
    if target.area is None:
        return (Intent(name, replace(target, everywhere=target.floor is None, here=False, excluded=excluded)),)
    ids = [entity.id for entity in vocabulary.entities.values()
           if entity.domain in SWITCHABLE and in_target(entity, target) and entity.id not in excluded]  # fmt: skip
    return (Intent(name, Target(ids=tuple(ids))),) if ids else ()


def _for_kind(frame: Frame, verb: str, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    kind = _kind(frame, verb, vocabulary)
    if kind is None:
        return ()
    domain, device_class = kind
    if verb == "" and _plain(frame) and (domain != "light" or not frame.areas):
        return ()
    done = _do(frame, verb, domain)
    target = place(frame, domain, device_class)
    if done is None or target is None:
        return ()
    if frame.excluded:
        excluded = excluded_ids(frame.excluded, domain, vocabulary)
        if excluded is None:
            return ()
        everywhere = not (target.area or target.floor)
        target = replace(target, excluded=excluded, everywhere=everywhere, here=False)
    if device_class == "door":
        return _a_door(done, target, vocabulary)
    return (Intent(done[0], target, done[1]),)


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
    attributes = {"temperature", "brightness", "position", "speed", "mode"}
    things = [noun for noun in nouns if noun not in attributes]
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
        return ("lock", None) if noun in ("door", "lock", "gate") else None
    if noun == "door":
        return "cover", "door"
    if noun in ("humidity", "motion", "battery", "scene"):
        return None
    domain = domain_of(noun)
    return (domain, noun if domain == "cover" else None) if domain else None


def _kind_of_attribute(noun: str, frame: Frame) -> tuple[str, str | None] | None:
    domain = {"temperature": "climate", "brightness": "light", "position": "cover", "speed": "fan", "mode": "climate"}
    return domain[noun], None


def _kind_unsaid(frame: Frame, verb: str, vocabulary: Vocabulary) -> tuple[str, str | None] | None:
    """No noun: the verb, the unit or the place tells."""
    relative = set(frame.relative)
    if verb == "brighten" or verb == "dim" or relative & {"brighter", "dimmer"}:
        return "light", None
    if relative & {"warmer", "cooler"} or "degrees" in frame.flags:
        return "climate", None
    if verb == "clean":
        return "vacuum", None
    if verb == "lock" and not (frame.flags or frame.areas or frame.floors):
        return "lock", None
    if verb in ("lock", "unlock") and (
        frame.areas or frame.floors or "house" in frame.flags or "everything" in frame.flags
    ):
        return "lock", None
    if frame.colors or frame.color_temperature:
        return ("light", None) if verb or frame.has_target else None
    if frame.areas or frame.floors or "house" in frame.flags:
        if verb in ("on", "off"):
            return "light", None
        if verb in ("set", "turn", "") and ("percent" in frame.flags or frame.level is not None):
            return "light", None
        if verb in ("open", "close") and frame.areas:
            covers = [e for e in vocabulary.entities.values() if e.domain == "cover" and e.room in frame.areas]
            return ("cover", None) if len(covers) == 1 else None
    return None


# ── the intent of a verb for a domain ────────────────────────────────────────────────────


def _do(frame: Frame, verb: str, domain: str) -> tuple[str, Slots] | None:
    if verb == "toggle":
        return ("HassToggle", {}) if domain in (*SWITCHABLE, "cover") and _plain(frame) else None
    maker = _MAKERS.get(domain)
    if maker is None:
        return _switch(frame, verb) if domain in SWITCHABLE or domain in ("button", "script", "automation") else None
    return maker(frame, verb)


def _plain(frame: Frame) -> bool:
    """Nothing but the verb: no number, colour, step or mode."""
    return not (frame.has_value or frame.relative or frame.states)


def _switch(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if not _plain(frame):
        return None
    if verb in ("on", "start") or (verb == "" and not frame.flags):
        return "HassTurnOn", {}
    return ("HassTurnOff", {}) if verb in ("off", "stop") else None


def _light(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if frame.modes or frame.speed or "degrees" in frame.flags or "humidity" in frame.nouns:
        return None
    slots: Slots = {}
    if frame.colors:
        if len(set(frame.colors)) > 1:
            return None
        slots["color"] = frame.colors[0]
    if frame.color_temperature:
        slots["temperature"] = frame.color_temperature
    elif "kelvin" in frame.flags and frame.numbers:
        return ("HassLightSet", slots | {"temperature": int(frame.numbers[0])}) if len(frame.numbers) == 1 else None
    if not _brightness(frame, verb, slots):
        return None
    if slots:
        return (
            ("HassLightSet", slots)
            if verb in ("", "on", "set", "turn", "raise", "lower", "brighten", "dim", "start")
            else None
        )
    if frame.states:
        return _by_state(frame, {"on": "HassTurnOn", "off": "HassTurnOff"}) if verb in ("", "set", "turn") else None
    return {"on": ("HassTurnOn", {}), "": ("HassTurnOn", {}), "off": ("HassTurnOff", {}), "open": ("HassTurnOn", {}),
            "close": ("HassTurnOff", {}), "start": ("HassTurnOn", {})}.get(verb)  # fmt: skip


def _brightness(frame: Frame, verb: str, slots: Slots) -> bool:
    """Fill in brightness or its step; False when what was said is no brightness."""
    up = verb in ("raise", "brighten") or bool({"brighter", "more"} & set(frame.relative))
    down = verb in ("lower", "dim") or bool({"dimmer", "less"} & set(frame.relative))
    if set(frame.relative) - {"brighter", "dimmer", "more", "less"} or (up and down) or len(frame.numbers) > 1:
        return False
    value = frame.level if frame.level is not None else frame.numbers[0] if frame.numbers else None
    if value is None:
        if up or down:
            slots["brightness_step"] = _STEP_PERCENT if up else -_STEP_PERCENT
        return True
    if not 0 <= value <= 100 or (verb in ("on", "", "start") and frame.numbers and "percent" not in frame.flags):
        return False
    if (up or down) and (frame.by or frame.relative) and frame.level is None:
        slots["brightness_step"] = round(value) if up else -round(value)
    else:
        slots["brightness"] = round(value)
    return verb != "off"


def _cover(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if frame.colors or frame.modes or frame.relative or frame.by or "degrees" in frame.flags or len(frame.numbers) > 1:
        return None
    value = frame.level if frame.level is not None else frame.numbers[0] if frame.numbers else None
    if value is not None:
        if not 0 <= value <= 100 or verb in ("stop", "on", "off", "lock", "unlock"):
            return None
        closes = (verb == "close" and frame.numbers) or "closed" in frame.states
        return "HassSetPosition", {"position": round(100 - value if closes and value != 50 else value)}
    if frame.states:
        return (
            _by_state(frame, {"open": "HassTurnOn", "closed": "HassTurnOff"}) if verb in ("", "set", "turn") else None
        )
    if verb in ("open", "raise"):
        return "HassTurnOn", {}
    if verb in ("close", "lower"):
        return "HassTurnOff", {}
    return ("HassStopMoving", {}) if verb in ("stop", "pause") else None


def _by_state(frame: Frame, names: dict[str, str]) -> tuple[str, Slots] | None:
    name = names.get(frame.states[0])
    return (name, {}) if name and len(set(frame.states)) == 1 and not frame.has_value else None


def _lock(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if not _plain(frame) and not frame.states:
        return None
    if frame.states:
        return (
            _by_state(frame, {"locked": "HassTurnOn", "unlocked": "HassTurnOff"}) if verb in ("set", "turn") else None
        )
    if verb in ("lock", "close"):
        return "HassTurnOn", {}
    return ("HassTurnOff", {}) if verb in ("unlock", "open") else None


def _climate(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    relative = set(frame.relative)
    if frame.colors or frame.level or frame.speed or "percent" in frame.flags or len(frame.numbers) > 1:
        return None
    if frame.modes:
        only = not frame.numbers and not relative and len(set(frame.modes)) == 1
        return (
            ("HassClimateSetHvacMode", {"hvac_mode": frame.modes[0]})
            if only and verb in ("", "set", "turn", "on")
            else None
        )
    up = verb == "raise" or bool(relative & {"warmer", "more", "faster"})
    down = verb == "lower" or bool(relative & {"cooler", "less", "slower"})
    if (up and down) or verb in ("open", "close", "stop", "lock", "unlock", "return", "clean"):
        return None
    if frame.numbers:
        if verb == "off":
            return None
        if (up or down) and (frame.by or relative or frame.numbers[0] < _LEAST_SETPOINT):
            return "HassClimateSetTemperature", {"temperature_step": _plainly(frame.numbers[0]) * (1 if up else -1)}
        return "HassClimateSetTemperature", {"temperature": _plainly(frame.numbers[0])}
    if up or down:
        return "HassClimateSetTemperature", {"temperature_step": _STEP_DEGREES if up else -_STEP_DEGREES}
    if "temperature" in frame.nouns:
        return None
    return {"on": ("HassTurnOn", {}), "off": ("HassTurnOff", {}), "start": ("HassTurnOn", {})}.get(verb)


def _plainly(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _fan(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if frame.colors or frame.modes or frame.relative or frame.by or len(frame.numbers) > 1 or "degrees" in frame.flags:
        return None
    value = next((v for v in (frame.speed, frame.level, *frame.numbers) if v is not None), None)
    if value is not None:
        fits = 0 <= value <= 100 and verb in ("", "on", "set", "turn", "start", "raise", "lower")
        return ("HassFanSetSpeed", {"percentage": round(value)}) if fits else None
    return _switch(frame, verb)


def _vacuum(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if not _plain(frame) or frame.areas:
        return None
    if verb in ("set", "turn"):
        return ("HassVacuumReturnToBase", {}) if "house" in frame.flags else None
    return {"on": ("HassVacuumStart", {}), "start": ("HassVacuumStart", {}), "clean": ("HassVacuumStart", {}),
            "return": ("HassVacuumReturnToBase", {}), "off": ("HassTurnOff", {}),
            "stop": ("HassStopMoving", {}), "pause": ("HassStopMoving", {})}.get(verb)  # fmt: skip


def _scene(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    return ("HassTurnOn", {}) if verb in ("", "on", "start", "set", "turn") and not frame.has_value else None


_MAKERS: dict[str, Callable[[Frame, str], tuple[str, Slots] | None]] = {
    "light": _light, "cover": _cover, "valve": _cover, "lock": _lock, "climate": _climate, "fan": _fan,
    "vacuum": _vacuum, "scene": _scene,
}  # fmt: skip
