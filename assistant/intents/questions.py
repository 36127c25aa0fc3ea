"""Frames that ask: HassGetState and its like, which never act on the house."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.intents.frame import Frame
from assistant.intents.kinds import DOORS, MEASURED, domain_of, has_class, in_target, named, only_cover, place
from assistant.intents.vocabulary import Vocabulary
from assistant.models import Entity, Intent, Target, Value

_STATES = {
    "on": "on", "off": "off", "open": "open", "close": "closed", "lock": "locked", "unlock": "unlocked",
    "raise": "open", "up": "open", "down": "closed",
    "lower": "closed", "closed": "closed", "locked": "locked", "unlocked": "unlocked", "shut": "closed",
}  # fmt: skip
_FITTING = {
    "light": {"on", "off"}, "switch": {"on", "off"}, "fan": {"on", "off"}, "climate": {"on", "off"},
    "cover": {"open", "closed"}, "valve": {"open", "closed"}, "lock": {"locked", "unlocked", "open", "closed"},
    "binary_sensor": {"open", "closed", "on", "off"}, "vacuum": {"on", "off"},
}  # fmt: skip
_WARM = frozenset({"climate", "water_heater"})
_ATTRIBUTES = {"speed", "position", "mode", "brightness"}
MEASURES = {"humidity": "humidity", "brightness": "illuminance", "temperature": "temperature", "battery": "battery"}


def asks(frame: Frame, question_mark: bool, language: str) -> bool:
    """English says "the window is open" to tell and "is the window open" to ask; Italian says both alike."""
    if set(frame.questions) <= {"have", "feels"} and frame.questions and not question_mark:
        return False  # "ho acceso la luce", "fa freddo" tell
    if not frame.questions:
        return not frame.verbs and ((question_mark and bool(frame.states)) or _reading(frame, question_mark))
    return frame.asks_first or question_mark or (language == "it" and not frame.verbs)


def _reading(frame: Frame, question_mark: bool) -> bool:
    """ "Bedroom temperature", "anyone in the hall?": what can only be read."""
    if frame.has_value or frame.relative or frame.states or frame.particles or frame.excluded:
        return False
    ids = [entity_id for ids in frame.names for entity_id in ids]
    if ids and all(entity_id.startswith(("sensor.", "binary_sensor.")) for entity_id in ids):
        return True
    nouns = set(frame.nouns)
    telling = {"temperature", "humidity", "battery"} | ({"motion", "brightness"} if question_mark else set())
    return bool(nouns) and nouns <= telling and not ids


def question(frame: Frame, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    if frame.unknown or frame.excluded or (frame.modes and "climate" not in frame.nouns):
        return ()
    if frame.color_temperature or set(frame.relative) - {"less"}:
        return ()
    if (frame.level or frame.speed or frame.relative) and {"temperature", "humidity"} & set(frame.nouns):
        return ()  # "the highest temperature" is one of many: the templates know
    if frame.numbers or frame.level or frame.colors:
        plainly = set(frame.questions) <= {"is", "what"} and not (frame.verbs or frame.states)
        if not plainly or not (frame.names or frame.nouns):
            return ()
        frame = frame.copied()  # "is the blind at 50 %?" is answered by where it is
        frame.numbers, frame.level, frame.colors = [], None, []
        frame.questions.append("what")
    things = named(frame, vocabulary)
    if things is None or ("motion" in frame.nouns and any(thing.domain != "binary_sensor" for thing in things)):
        return ()
    return _of_things(frame, things, vocabulary) if things else _of_kind(frame, vocabulary)


def _state(frame: Frame, language: str) -> str | bool | None:
    """The state asked about; False when several are."""
    if "or" in frame.flags:
        return None  # "open or closed": tell which
    said = {_STATES.get(word) for word in (*frame.states, *frame.verbs, *frame.particles)} - {None}
    innocent = {"ensure", "set", "turn", "start", "clean"} | (set() if said else {"return"})
    others = set(frame.verbs) - set(_STATES) - innocent
    told = language == "it" and "did" not in frame.questions and any(verb in _STATES for verb in frame.verbs)
    if len(said) > 1 or others or told:  # an Italian verb commands; only "ho dimenticato di chiudere" asks with one
        return False
    return next(iter(said), None)


def _form(frame: Frame, state: str | None, several: bool) -> str:
    words = set(frame.questions)
    if "how_many" in words:
        return "how_many"
    if "any" in words:
        return "any"
    if ("which" in words and state and "is" in words) or ("which" in words and state):
        return "which"
    if "all" in frame.flags or "everything" in frame.flags:
        return "all"
    if "where" in words:
        return "where"
    if state is None:
        return "one"
    if several:
        return "any" if words & {"did", "have"} or ("is" in words and frame.plural) else "one_yesno"
    return "one_yesno"


def _of_things(frame: Frame, things: Sequence[Entity], vocabulary: Vocabulary) -> tuple[Intent, ...]:
    state = _state(frame, vocabulary.language)
    domains = {thing.domain for thing in things}
    if state is False or any(
        not isinstance(state, bool) and state and state not in _FITTING.get(d, set()) for d in domains
    ):
        return ()
    ids = tuple(thing.id for thing in things)
    classes = {thing.device_class for thing in things}
    if "how" in frame.questions and domains <= {"cover", "valve"}:
        state = None  # "how far open is it?"
    if state is None and (classes == {"temperature"} or (domains <= _WARM and _warmth(frame))):
        return (Intent("HassClimateGetTemperature", Target(ids=ids)),)
    asked = set(frame.nouns) & set(MEASURES) or {"power"} & set(frame.said)
    if not domains & {"sensor", "binary_sensor"} and asked:
        measure = asked.pop()
        return (Intent("MeasureOf", Target(ids=ids), {"measure": measure}),) if measure != "brightness" else ()
    if "binary_sensor" in domains and state is None and "is" in frame.questions and classes <= {"motion", "occupancy"}:
        state = "on"
    if domains == {"climate"}:
        state = None
    slots: dict[str, Value] = {"question": _form(frame, str(state) if state else None, len(ids) > 1)}
    if state:
        slots["state"] = state
    return (Intent("HassGetState", Target(ids=ids), slots),)


def _warmth(frame: Frame) -> bool:
    felt = {"how_warm", "feels"} & set(frame.questions)
    return bool(felt) or "temperature" in frame.nouns or "degrees" in frame.flags


def _of_kind(frame: Frame, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    state = _state(frame, vocabulary.language)
    if state is False:
        return ()
    nouns = list(dict.fromkeys(frame.nouns))
    if len(nouns) > 1 and set(nouns) & _ATTRIBUTES and set(nouns) - _ATTRIBUTES:
        nouns, state = [noun for noun in nouns if noun not in _ATTRIBUTES], None
    if _warmth(frame) and not state and set(nouns) <= {"temperature", "climate"}:
        target = place(frame)
        return (Intent("HassClimateGetTemperature", target),) if target else ()
    asked = {"how_bright": "brightness", "how_humid": "humidity"}
    nouns += [asked[word] for word in frame.questions if word in asked and asked[word] not in nouns]
    if len(nouns) != 1 and not set(nouns) <= {"light", "lamp"}:
        return ()
    if not nouns:
        return _of_everything(frame, state, vocabulary)
    noun = nouns[0]
    if noun in MEASURES:
        return _measure(frame, MEASURES[noun]) if state is None else ()
    if noun == "motion":
        return _motion(frame, vocabulary)
    if "how" in frame.questions and domain_of(noun) == "cover":
        state = None
    return _kind_in_state(frame, noun, str(state) if state else None, vocabulary)


def _of_everything(frame: Frame, state: object, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    if state in ("locked", "unlocked") and frame.flags & {"everything", "house"} and not frame.areas:
        slots: dict[str, Value] = {"question": "all", "state": str(state)}
        return (Intent("HassGetState", Target(domain="lock", everywhere=True), slots),)
    if (
        state in ("on", "off")
        and (frame.areas or frame.floors or frame.flags & {"everything", "house", "here"} or not frame.has_target)
        and (set(frame.questions) & {"any", "what", "which"} or "everything" in frame.flags)
    ):
        asked = frame.copied()
        asked.questions.append("which")
        return _kind_in_state(asked, "light", str(state), vocabulary)
    if state is None and "or" in frame.flags and set(frame.states) <= {"open", "closed"}:
        movers = [e.id for e in vocabulary.entities.values() if e.room in frame.areas and e.domain == "cover"]
        return (Intent("HassGetState", Target(ids=(movers[0],)), {"question": "one"}),) if len(movers) == 1 else ()
    if state is None and len(frame.areas) == 1 and set(frame.questions) & {"how", "what"}:
        there = [e for e in vocabulary.entities.values() if e.room in frame.areas and not e.hidden]
        if len(there) == 1 and there[0].domain == "cover":  # "com'è messo il garage?"
            return (Intent("HassGetState", Target(ids=(there[0].id,)), {"question": "one"}),)
    if state in ("open", "closed") and len(frame.areas) == 1:
        covers = [e for e in vocabulary.entities.values() if e.room in frame.areas and e.domain == "cover"]
        if len(covers) == 1:
            return (
                Intent("HassGetState", Target(ids=(covers[0].id,)), {"question": "one_yesno", "state": str(state)}),
            )
    return ()


def _measure(frame: Frame, device_class: str) -> tuple[Intent, ...]:
    target = place(frame, "sensor", device_class)
    return (Intent("HassGetState", target, {"question": "one"}),) if target else ()


def _motion(frame: Frame, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    target = place(frame)
    if target is None or not (frame.areas or "here" in frame.flags):
        return ()
    sensors = tuple(
        entity.id for entity in vocabulary.entities.values()
        if entity.domain == "binary_sensor" and entity.device_class in ("motion", "occupancy", "presence", "moving")
        and target.area == entity.room
    )  # fmt: skip
    return (Intent("HassGetState", Target(ids=sensors), {"question": "one_yesno", "state": "on"}),) if sensors else ()


def _kind_in_state(frame: Frame, noun: str, state: str | None, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    target = _kind_target(frame, noun, state, vocabulary)
    if target is None:
        return ()
    domain = target.domain or "binary_sensor"
    if state is not None and state not in _FITTING.get(domain, set()) and not target.ids:
        return ()
    if state is None and domain == "light" and not set(frame.questions) & {"what", "how"}:
        return ()
    if domain == "climate":
        state = None
    slots: dict[str, Value] = {"question": _form(frame, state, frame.plural)}
    if state:
        slots["state"] = state
    return (Intent("HassGetState", target, slots),)


def _kind_target(frame: Frame, noun: str, state: str | None, vocabulary: Vocabulary) -> Target | None:
    everywhere = bool(set(frame.questions) & {"any", "which", "how_many"}) or frame.plural
    if state in ("locked", "unlocked") or noun == "lock":
        target = place(frame, "lock")
    elif noun == "door":
        return _doors(frame, vocabulary)
    elif noun == "window":
        target = place(frame, None, "window")
    elif noun in ("gate", "awning") and not has_class(noun, vocabulary):
        return None
    elif domain := domain_of(noun) or MEASURED.get(noun):
        target = place(frame, domain, noun if domain == "cover" else None)
        if domain == "cover" and target and target.area and (only := only_cover(target, vocabulary)):
            return Target(ids=(only,))
    else:
        return None
    if target and target.here and everywhere and "here" not in frame.flags:
        return Target(domain=target.domain, device_class=target.device_class, everywhere=True)
    return target


def _doors(frame: Frame, vocabulary: Vocabulary) -> Target | None:
    target = place(frame)
    if target is None:
        return None
    doors = tuple(entity.id for entity in vocabulary.entities.values()
                  if entity.device_class in DOORS and in_target(entity, target))  # fmt: skip
    several = frame.plural or bool(set(frame.questions) & {"any", "which", "how_many"})
    return Target(ids=doors) if doors and (several or (len(doors) == 1 and target.area)) else None
