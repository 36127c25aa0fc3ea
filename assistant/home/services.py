"""Home Assistant's own words and ours: what an entity of its can do, how it is, and the service that does an action.

Both speak of the same services and states; only some units and names of attributes differ (brightness of 255, volume
of 1, `current_position`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from assistant.errors import NotPossible
from assistant.home.cleaning import finite, plain
from assistant.home.scales import brightness_percent, color_of, rgb_of, same_color
from assistant.home.snapshot import Listed
from assistant.models import Action, Entity, Limits, State, Value

Expected = Callable[[State], bool]

SLOW = frozenset({"cover", "lock", "vacuum", "valve"})
"""What moves, and so takes its time."""

SILENT = frozenset({"button", "scene"})
"""Their state is only when they were last used."""

_FEATURES: Mapping[str, Mapping[int, str]] = {
    "climate": {1: "temperature", 2: "target_temperature_range", 4: "humidity", 8: "fan_mode", 16: "preset_mode"},
    "cover": {1: "open", 2: "close", 4: "position", 8: "stop", 128: "tilt"},
    "fan": {1: "percentage", 2: "oscillate", 4: "direction", 8: "preset_mode"},
    "light": {4: "effect", 32: "transition"},
    "lock": {1: "open"},
    "media_player": {
        1: "pause", 4: "volume_set", 8: "volume_mute", 16: "previous_track", 32: "next_track", 2048: "source",
        4096: "stop", 16384: "play",
    },
    "siren": {4: "tone", 8: "volume_level", 16: "duration"},
    "vacuum": {4: "pause", 8: "stop", 16: "return_home", 32: "fan_speed", 512: "locate", 1024: "clean_spot",
               8192: "start"},
    "valve": {1: "open", 2: "close", 4: "position", 8: "stop"},
}  # fmt: skip
"""Bits of supported_features."""

_CHOICES = {
    "available_modes": "mode", "available_tones": "tone", "effect_list": "effect", "fan_modes": "fan_mode",
    "fan_speed_list": "fan_speed", "hvac_modes": "hvac_mode", "operation_list": "operation_mode", "options": "option",
    "preset_modes": "preset_mode", "source_list": "source",
}  # fmt: skip
"""Attributes that list what another may be."""

_RANGES = {
    ("min_temp", "max_temp"): "temperature", ("min_humidity", "max_humidity"): "humidity", ("min", "max"): "value",
    ("min_color_temp_kelvin", "max_color_temp_kelvin"): "color_temperature",
}  # fmt: skip

_CALLED = {
    "color_temp_kelvin": "color_temperature", "current_position": "position", "current_tilt_position": "tilt_position",
}  # fmt: skip
"""Attributes that we call otherwise."""

_COLOR_MODES = frozenset({"hs", "xy", "rgb", "rgbw", "rgbww"})

_TELL_NOTHING = frozenset(
    {"color_mode", "device_class", "rgb_color", "step", "supported_features", "unit_of_measurement"}
)
"""What describes an entity rather than how it is; lists do not fit a state."""


@dataclass(frozen=True, slots=True)
class Service:
    """One call of a service, and how to know that it was done."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    expected: Expected | None = None
    """None: Home Assistant's word that it did it is all there is."""
    progress: frozenset[str] = frozenset()
    may_take_long: bool = False
    """Moving is obeying."""


# ── what there is ────────────────────────────────────────────────────────────────────────


def described(listed: Listed, entity_id: str) -> Entity:
    """The entity but for its place."""
    said, domain = listed.attributes, listed.domain
    unit = said.get("unit_of_measurement") or said.get("temperature_unit")
    device_class = said.get("device_class")
    return Entity(
        entity_id,
        listed.name or entity_id,
        room=listed.area,
        device_class=plain(device_class) if isinstance(device_class, str) else None,
        unit=plain(str(unit)) if unit else None,
        aliases=listed.aliases,
        features=_features(domain, said),
        limits=_limits(said, _features(domain, said)),
        options=_options(said) if domain != "sensor" else {},
        hidden=listed.hidden or (domain in ("sensor", "binary_sensor") and not listed.area),
        readable=domain not in SILENT,
        name_source="Home Assistant",
        source="home assistant",
    )


def reported(listed: Listed, entity_id: str) -> State:
    if listed.state == "unavailable":
        return State(entity_id, available=False, at=listed.at)
    known = listed.state != "unknown" and listed.domain not in SILENT
    return State(entity_id, listed.state if known else None, _attributes(listed.attributes), listed.at)


def _features(domain: str, said: Mapping[str, Any]) -> frozenset[str]:
    bits = said.get("supported_features")
    known = _FEATURES.get(domain, {})
    found = {name for bit, name in known.items() if isinstance(bits, int) and bits & bit}
    modes = {str(mode) for mode in _list(said.get("supported_color_modes"))}
    if modes - {"onoff"}:
        found.add("brightness")
    if modes & _COLOR_MODES:
        found.add("color")
    if "color_temp" in modes:
        found.add("color_temperature")
    if domain == "climate" and said.get("hvac_modes"):
        found.add("hvac_mode")
    return frozenset(found)


def _limits(said: Mapping[str, Any], features: Set[str]) -> Mapping[str, Limits]:
    found = {}
    for (lowest, highest), name in _RANGES.items():
        low, high = finite(said.get(lowest)), finite(said.get(highest))
        if low is not None and high is not None:
            found[name] = Limits(low, high, finite(said.get("target_temp_step" if name == "temperature" else "step")))
    if "temperature" in found and "target_temperature_range" in features:
        found |= dict.fromkeys(("target_temp_low", "target_temp_high"), found["temperature"])
    return found


def _options(said: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return {
        name: tuple(plain(str(choice)) for choice in _list(said.get(key)))
        for key, name in _CHOICES.items()
        if _list(said.get(key))
    }


def _attributes(said: Mapping[str, Any]) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for key, value in said.items():
        if key in _TELL_NOTHING or key in _CHOICES or isinstance(value, list | dict) or value is None:
            continue
        found[_CALLED.get(key, key)] = plain(value) if isinstance(value, str) else _number(value)
    brightness, volume = finite(said.get("brightness")), finite(said.get("volume_level"))
    if brightness is not None:
        found["brightness"] = brightness_percent(brightness, 255)
    if volume is not None:
        found["volume_level"] = round(volume * 100)
    if said.get("color_mode") in _COLOR_MODES and (rgb := _rgb(said.get("rgb_color"))):
        found["color"] = color_of(rgb)
    return found


def _number(value: object) -> Value:
    return value if isinstance(value, bool) else finite(value)


def _rgb(value: object) -> tuple[int, int, int] | None:
    parts = [finite(part) for part in _list(value)]
    if len(parts) != 3 or any(part is None or not 0 <= part <= 255 for part in parts):
        return None
    red, green, blue = (round(part or 0) for part in parts)
    return red, green, blue


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


# ── what is done ─────────────────────────────────────────────────────────────────────────

_PROGRESS = {
    "close_cover": "closing", "close_valve": "closing", "lock": "locking", "media_play": "buffering",
    "open_cover": "opening", "open_valve": "opening", "open": "opening", "unlock": "unlocking",
}  # fmt: skip

_BECOMES: Mapping[str, tuple[str, ...]] = {
    "alarm_arm_away": ("armed_away", "arming"),
    "alarm_arm_home": ("armed_home", "arming"),
    "alarm_arm_night": ("armed_night", "arming"),
    "alarm_arm_vacation": ("armed_vacation", "arming"),
    "alarm_disarm": ("disarmed",),
    "alarm_trigger": ("triggered", "pending"),
    "close_cover": ("closed",),
    "close_valve": ("closed",),
    "dock": ("docked", "returning"),
    "lock": ("locked",),
    "media_pause": ("paused",),
    "media_play": ("playing",),
    "media_stop": ("idle", "off", "standby", "stopped"),
    "open": ("open", "unlocked"),
    "open_cover": ("open",),
    "open_valve": ("open",),
    "pause": ("paused", "idle"),
    "return_to_base": ("returning", "docked"),
    "start": ("cleaning",),
    "start_mowing": ("mowing",),
    "stop": ("idle", "paused", "docked"),
    "stop_cover": ("open", "closed"),
    "stop_valve": ("open", "closed"),
    "turn_off": ("off", "standby"),
    "unlock": ("unlocked",),
}
"""The states that show that a service was done."""

_TOLERANCE = {"brightness": 1.0, "percentage": 5.0, "position": 3.0, "tilt_position": 3.0, "temperature": 0.5,
              "target_temp_low": 0.5, "target_temp_high": 0.5, "volume_level": 1.0, "color_temperature": 150.0,
              "humidity": 1.0}  # fmt: skip

_NOT_REPORTED = frozenset({"code", "flash", "transition"})


def service(action: Action, thing: Entity, state: State) -> Service:
    """Raises NotPossible for a colour that nobody knows."""
    name, arguments = action.service, dict(action.arguments)
    if name == "turn_on" and arguments.get("brightness") == 0:
        name, arguments = "turn_off", {}
    if name == "toggle":
        name = "turn_off" if state.value not in (None, "off", "standby", "idle") else "turn_on"
    data = dict(_told(key, value, thing) for key, value in arguments.items() if value is not None)
    progress = frozenset({_PROGRESS[name]} if name in _PROGRESS else ())
    if name in ("set_cover_position", "set_valve_position"):
        progress = frozenset({"opening", "closing"})
    return Service(
        f"{thing.domain}.{name}", data, _expected(name, arguments, thing), progress,
        may_take_long=thing.domain in ("cover", "valve"),
    )  # fmt: skip


def _told(name: str, value: Value, thing: Entity) -> tuple[str, Any]:
    match name, value:
        case "brightness", _:
            return "brightness_pct", value
        case "color", _:
            rgb = rgb_of(str(value))
            if rgb is None:
                raise NotPossible(f"no colour is called {value!r}", name=thing.name, what="color")
            return "rgb_color", list(rgb)
        case "color_temperature", _:
            return "color_temp_kelvin", value
        case "volume_level", int() | float() if thing.domain != "siren":
            return "volume_level", value / 100
        case _:
            return name, value


def _expected(name: str, arguments: Mapping[str, Value], thing: Entity) -> Expected | None:
    """What the states should show; None where nothing would."""
    if thing.domain in SILENT or thing.domain in ("script", "todo"):
        return None
    arguments = arguments if thing.domain != "siren" else {}  # its tone, volume and duration are no attributes of it
    wanted = {key: value for key, value in arguments.items() if key not in _NOT_REPORTED and value is not None}
    becomes = _BECOMES.get(name)
    if name == "turn_on":
        return lambda state: state.value not in (None, "off", "standby") and _so(wanted, state)
    if becomes:
        return lambda state: state.value in becomes
    if name in ("select_option", "set_value"):
        told = next(iter(wanted.values()), None)
        return lambda state: _same("value", told, state.value)
    if name == "set_hvac_mode":
        return lambda state: state.value == wanted.get("hvac_mode")
    if not wanted:
        return None  # the next track, a little louder: nothing tells before from after
    return lambda state: _so(wanted, state)


def _so(wanted: Mapping[str, Value], state: State) -> bool:
    known = {**state.attributes, "hvac_mode": state.value}
    return all(_same(name, value, known.get(name)) for name, value in wanted.items())


def _same(name: str, wanted: Value, said: Value) -> bool:
    if name == "color":
        return isinstance(said, str) and same_color(str(wanted), said)
    if isinstance(wanted, bool) or isinstance(said, bool):
        return wanted == said
    try:
        return abs(float(str(wanted)) - float(str(said))) <= _TOLERANCE.get(name, 1e-6)
    except ValueError:
        return str(wanted).casefold() == str(said).casefold()
