"""What a verb means for one kind of thing: the intent and its slots, or nothing where they do not go together."""

from __future__ import annotations

from collections.abc import Callable

from assistant.intents.frame import WEAK, Frame
from assistant.intents.kinds import SWITCHABLE
from assistant.models import Value

_STEP_PERCENT = 20
_STEP_DEGREES = 1
_LARGEST_SAID = 1000
_ENDS = (1, 100)
"""Levels that are no part: "close it to the minimum"."""
_LEAST_SETPOINT = 8
"""A number of degrees below this is a step ("down two degrees")."""

_LATEST_HOUR = 12
"""A number up to this after "on" may be a time of day."""

_STEP_KELVIN = 500
_STEP_POSITION = 20
"""Percent of the way."""
_STEP_SPEED = 25
_STEP_VOLUME = 10
_STEP_HUMIDITY = 5

Slots = dict[str, Value]


def do(frame: Frame, verb: str, domain: str) -> tuple[str, Slots] | None:
    if verb == "toggle":
        return ("HassToggle", {}) if domain in (*SWITCHABLE, "cover") and plain(frame) else None
    maker = _MAKERS.get(domain)
    if maker is None:
        return _switch(frame, verb) if domain in SWITCHABLE or domain in ("button", "script", "automation") else None
    return maker(frame, verb)


def plain(frame: Frame) -> bool:
    """Nothing but the verb: no number, colour, step or mode."""
    return not (frame.has_value or frame.relative or frame.states)


def _switch(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if not plain(frame):
        return None
    if verb in ("on", "start", "set", "get", "raise") or (verb == "" and not frame.flags):
        return "HassTurnOn", {}
    return ("HassTurnOff", {}) if verb in ("off", "stop") else None


def _light(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if frame.modes or "degrees" in frame.flags or "humidity" in frame.nouns:
        return None
    slots: Slots = {}
    if frame.relative in (["warmer"], ["cooler"]) and verb in ("", *WEAK) and not frame.has_value:
        return "LightWarmth", {"kelvin_step": -_STEP_KELVIN if frame.relative == ["warmer"] else _STEP_KELVIN}
    if frame.colors:
        if len(set(frame.colors)) > 1:
            return None
        if frame.relative == ["more"]:
            return "HassLightSet", {"color": frame.colors[0]}  # "more blue"
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
            if verb in ("", "on", "set", "turn", "raise", "lower", "brighten", "dim", "start", "get")
            else None
        )
    if frame.states:
        return _by_state(frame, {"on": "HassTurnOn", "off": "HassTurnOff"}) if verb in ("", *WEAK) else None
    return {"on": ("HassTurnOn", {}), "": ("HassTurnOn", {}), "off": ("HassTurnOff", {}), "open": ("HassTurnOn", {}),
            "close": ("HassTurnOff", {}), "start": ("HassTurnOn", {}), "get": ("HassTurnOn", {})}.get(verb)  # fmt: skip


def _brightness(frame: Frame, verb: str, slots: Slots) -> bool:
    """Fill in brightness or its step; False when what was said is no brightness."""
    up = verb in ("raise", "brighten") or bool({"brighter", "more"} & set(frame.relative))
    down = verb in ("lower", "dim") or bool({"dimmer", "less"} & set(frame.relative))
    if set(frame.relative) - {"brighter", "dimmer", "more", "less"} or (up and down) or len(frame.numbers) > 1:
        return False
    value = frame.level if frame.level is not None else frame.numbers[0] if frame.numbers else frame.speed
    if value is None:
        if up or down:
            slots["brightness_step"] = _STEP_PERCENT if up else -_STEP_PERCENT
        return True
    bare = frame.numbers and not (frame.goal or "percent" in frame.flags or "brightness" in frame.nouns)
    if not _is_percent(frame, value) or (verb in ("on", "", "start") and bare):
        return False
    stepped = frame.by or ((bool(frame.relative) or bool(frame.particles)) and not frame.goal)
    if (up or down) and stepped and frame.level is None:
        slots["brightness_step"] = round(value) if up else -round(value)
    else:
        slots["brightness"] = round(value)
    return verb != "off"


def _is_percent(frame: Frame, value: float) -> bool:
    """Said as one, it may be beyond what there is: that is refused with the range."""
    return 0 <= value <= 100 or (value <= _LARGEST_SAID and "percent" in frame.flags)


def _cover(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if frame.colors or frame.modes or "degrees" in frame.flags or len(frame.numbers) > 1:
        return None
    if (step := _way(frame, verb)) or frame.relative or frame.by:
        return ("MoveBy", {"position_step": step}) if step else None
    value = frame.level if frame.level is not None else frame.numbers[0] if frame.numbers else None
    if value is not None:
        if not _is_percent(frame, value) or verb in ("stop", "on", "off", "lock", "unlock"):
            return None
        part = frame.level not in (None, *_ENDS)
        closes = (verb == "close" and (part or (frame.numbers and value <= 100))) or "closed" in frame.states
        return "HassSetPosition", {"position": round(100 - value if closes and value != 50 else value)}
    if frame.states:
        return _by_state(frame, {"open": "HassTurnOn", "closed": "HassTurnOff"}) if verb in ("", *WEAK) else None
    if verb in ("open", "raise"):
        return "HassTurnOn", {}
    if verb in ("close", "lower"):
        return "HassTurnOff", {}
    if verb == "lock" and "halt" in frame.flags:  # "blocca la tapparella"
        return "HassStopMoving", {}
    return ("HassStopMoving", {}) if verb in ("stop", "pause") else None


def _way(frame: Frame, verb: str) -> int:
    """ "Open it a bit", "lower it by 10 percent", "20 percent more": a part of the way, up or down; 0 for none."""
    up, down = verb in ("open", "raise"), verb in ("close", "lower")
    relative = set(frame.relative)
    if relative - {"more", "less"} or len(relative) > 1 or frame.level is not None or frame.states:
        return 0
    if not (up or down) and verb in ("", *WEAK) and relative:
        up, down = "more" in relative, "less" in relative
    stepped = frame.by or bool(relative) if frame.numbers else bool(relative) or "bit" in frame.flags
    if up == down or not stepped or ("less" in relative and up):
        return 0
    size = frame.numbers[0] if frame.numbers else _STEP_POSITION
    return round(size if up else -size) if 0 < size <= 100 else 0


def _by_state(frame: Frame, names: dict[str, str]) -> tuple[str, Slots] | None:
    name = names.get(frame.states[0])
    return (name, {}) if name and len(set(frame.states)) == 1 and not frame.has_value else None


def _lock(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if not plain(frame) and not frame.states:
        return None
    if frame.states:
        return _by_state(frame, {"locked": "HassTurnOn", "unlocked": "HassTurnOff"}) if verb in WEAK else None
    if verb in ("lock", "close") or (verb == "on" and "engage" in frame.flags):
        return "HassTurnOn", {}
    if verb == "off" and "engage" in frame.flags:
        return "HassTurnOff", {}
    return ("HassTurnOff", {}) if verb in ("unlock", "open") else None


def _climate(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    relative = set(frame.relative)
    verb = "set" if verb == "stop" and frame.numbers else verb  # "hold it at 20"
    if frame.colors or frame.level or frame.speed or "percent" in frame.flags or len(frame.numbers) > 1:
        return None
    if frame.modes:
        only = not frame.numbers and not relative and len(set(frame.modes)) == 1
        return (
            ("HassClimateSetHvacMode", {"hvac_mode": frame.modes[0]})
            if only and verb in ("", "set", "turn", "on", "get")
            else None
        )
    up = verb == "raise" or bool(relative & {"warmer", "more", "faster"})
    down = verb == "lower" or bool(relative & {"cooler", "less", "slower"})
    if (up and down) or verb in ("stop", "lock", "unlock", "return", "clean"):
        return None
    if frame.numbers:
        if verb in ("off", "open", "close") or (frame.by and not (up or down)) or _is_hour(frame, verb):
            return None
        step = frame.by or (not frame.goal and (relative or frame.numbers[0] < _LEAST_SETPOINT))
        if (up or down) and step:
            return "HassClimateSetTemperature", {"temperature_step": _plainly(frame.numbers[0]) * (1 if up else -1)}
        return "HassClimateSetTemperature", {"temperature": _plainly(frame.numbers[0])}
    if up or down:
        return "HassClimateSetTemperature", {"temperature_step": _STEP_DEGREES if up else -_STEP_DEGREES}
    if verb == "set" and plain(frame) and "set" in frame.verbs and not frame.flags:
        return "HassClimateSetTemperature", {}  # it is asked back how warm
    if "temperature" in frame.nouns:
        return None
    return {"on": ("HassTurnOn", {}), "off": ("HassTurnOff", {}), "start": ("HassTurnOn", {}),
            "open": ("HassTurnOn", {}), "close": ("HassTurnOff", {}),
            "get": ("HassTurnOn", {}) if {"heat", "heating"} & set(frame.noun_words) else None}.get(verb)  # fmt: skip


def _is_hour(frame: Frame, verb: str) -> bool:
    """ "Turn the heating on at six"."""
    told = frame.goal or frame.by or "degrees" in frame.flags
    return verb in ("on", "start") and not told and frame.numbers[0] <= _LATEST_HOUR


def _plainly(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _fan(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if frame.colors or frame.modes or len(frame.numbers) > 1 or "degrees" in frame.flags:
        return None
    if (up := _direction(frame, verb)) and (frame.by or not (frame.numbers or frame.level or frame.speed)):
        step = round(frame.numbers[0]) if frame.numbers else _STEP_SPEED
        return "HassFanSetSpeed", {"percentage_step": up * step}
    if frame.relative or frame.by:
        return None
    value = next((v for v in (frame.speed, frame.level, *frame.numbers) if v is not None), None)
    if value is not None:
        if frame.numbers and value < 10 and "percent" not in frame.flags:
            return None  # "speed 2" is the second of its speeds, not 2 %
        fits = _is_percent(frame, value) and verb in ("", "on", "set", "turn", "start", "get", "raise", "lower")
        return ("HassFanSetSpeed", {"percentage": round(value)}) if fits else None
    return _switch(frame, verb)


def _direction(frame: Frame, verb: str) -> int:
    """1 faster, -1 slower, 0 neither."""
    up = verb == "raise" or bool({"faster", "more", "brighter"} & set(frame.relative))
    down = verb == "lower" or bool({"slower", "less", "dimmer"} & set(frame.relative))
    return up - down


def _vacuum(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if not plain(frame) or (frame.areas and not (verb == "clean" and "vacuum" in frame.nouns)):
        return None
    if verb in ("set", "turn", ""):
        return ("HassVacuumReturnToBase", {}) if "house" in frame.flags else None
    if verb == "lock" and "halt" in frame.flags:
        return "HassStopMoving", {}
    return {"on": ("HassVacuumStart", {}), "start": ("HassVacuumStart", {}), "clean": ("HassVacuumStart", {}),
            "return": ("HassVacuumReturnToBase", {}), "off": ("HassTurnOff", {}),
            "stop": ("HassStopMoving", {}), "pause": ("HassStopMoving", {})}.get(verb)  # fmt: skip


def _mower(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    if not plain(frame):
        return None
    if verb == "lock" and "halt" in frame.flags:
        return "HassStopMoving", {}
    return {"on": ("HassLawnMowerStartMowing", {}), "start": ("HassLawnMowerStartMowing", {}),
            "off": ("HassLawnMowerDock", {}), "return": ("HassLawnMowerDock", {}),
            "stop": ("HassStopMoving", {}), "pause": ("HassStopMoving", {})}.get(verb)  # fmt: skip


def _humidifier(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    """Up and down; a plain "set it to" is left to the templates."""
    if len(frame.numbers) > 1 or not set(frame.relative) <= {"more", "less"}:
        return None
    if up := _direction(frame, verb):
        said = round(frame.numbers[0]) if frame.numbers else _STEP_HUMIDITY
        if frame.goal:
            return "HassHumidifierSetpoint", {"humidity": said}
        return "HumidityStep", {"humidity_step": up * said}
    return _switch(frame, verb)


def _water_heater(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    """The same."""
    done = _climate(frame, verb)
    return done if done and "temperature_step" in done[1] else None


def _number(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    """By a step or up or down to a value; a plain "set it to" is left to the templates."""
    if frame.colors or frame.modes or frame.states or frame.level is not None or len(frame.numbers) != 1:
        return None
    up = verb == "raise" or (verb in ("", *WEAK) and frame.relative == ["more"])
    down = verb == "lower" or (verb in ("", *WEAK) and frame.relative == ["less"])
    if up != down and frame.goal:
        return "NumberSet", {"value": _plainly(frame.numbers[0])}
    if up == down or not (frame.by or frame.relative):
        return None
    return "NumberSet", {"step": _plainly(frame.numbers[0] if up else -frame.numbers[0])}


def _media(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    """ "Turn up the radio" is louder; how loud in numbers is left to the templates."""
    if frame.has_value or frame.states:
        return None
    if direction := _direction(frame, verb):
        return "HassSetVolumeRelative", {"volume_step": direction * _STEP_VOLUME}
    if frame.relative:
        return None
    if verb == "stop":
        return "HassStopMoving", {}
    return ("HassMediaPause", {}) if verb == "pause" else _switch(frame, verb)


def _scene(frame: Frame, verb: str) -> tuple[str, Slots] | None:
    return ("HassTurnOn", {}) if verb in ("", "on", "start", *WEAK) and not frame.has_value else None


_MAKERS: dict[str, Callable[[Frame, str], tuple[str, Slots] | None]] = {
    "light": _light, "cover": _cover, "valve": _cover, "lock": _lock, "climate": _climate, "fan": _fan,
    "vacuum": _vacuum, "scene": _scene, "media_player": _media, "lawn_mower": _mower, "number": _number,
    "humidifier": _humidifier, "water_heater": _water_heater,
}  # fmt: skip
