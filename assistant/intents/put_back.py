"""The actions that take a thing back to how it was; they are reviewed by the policy like any others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assistant.models import Action, Entity, Outcome, State, Value

Wanted = list[tuple[str, dict[str, Value]]]
"""Services with their arguments."""

_SHINES = ("brightness", "color", "color_temperature")
_SETTINGS = {"preset_mode": "set_preset_mode", "fan_mode": "set_fan_mode", "humidity": "set_humidity",
             "temperature": "set_temperature", "mode": "set_mode", "operation_mode": "set_operation_mode"}  # fmt: skip
_UNLIST = {"add_item": "remove_item", "remove_item": "add_item", "update_item": "add_item"}
_ARMS = {"armed_away": "alarm_arm_away", "armed_home": "alarm_arm_home", "armed_night": "alarm_arm_night",
         "armed_vacation": "alarm_arm_vacation"}  # fmt: skip


def put_back(outcome: Outcome, entity: Entity, now: State) -> Sequence[Action] | None:
    """Empty when it is as it was; None when nobody can take that back."""
    action = outcome.action
    if entity.domain == "todo":
        wanted: Wanted | None = [(_UNLIST[action.service], {"item": action.arguments["item"]})]
    else:
        make, was = _MAKERS.get(entity.domain), outcome.before
        known = was is not None and was.available and was.value is not None
        wanted = make(was, now, entity) if make and known and was is not None else None
    if wanted is None:
        return None
    return tuple(Action(entity.id, service, arguments, restores=True) for service, arguments in wanted)


def _light(was: State, now: State, entity: Entity) -> Wanted | None:
    if was.value == "off":
        return [] if now.value == "off" else [("turn_off", {})]
    shone = {name: was.attributes[name] for name in _SHINES if was.attributes.get(name) is not None}
    able: dict[str, Value] = {name: value for name, value in shone.items() if name in entity.features}
    changed = {name: value for name, value in able.items() if now.attributes.get(name) != value}
    return [] if now.value == "on" and not changed else [("turn_on", able)]


def _switch(was: State, now: State, entity: Entity) -> Wanted | None:
    if was.value not in ("on", "off"):
        return None
    return [] if now.value == was.value else [(f"turn_{was.value}", {})]


def _fan(was: State, now: State, entity: Entity) -> Wanted | None:
    speed = was.attributes.get("percentage")
    wanted = _switch(was, now, entity)
    if was.value == "on" and isinstance(speed, int | float) and speed != now.attributes.get("percentage"):
        wanted = [("set_percentage", {"percentage": speed})]
    if wanted is None or was.value == "off":
        return wanted
    settings = {"preset_mode": "set_preset_mode", "oscillating": "oscillate", "direction": "set_direction"}
    return wanted + _set(was, now, settings)


def _cover(was: State, now: State, entity: Entity) -> Wanted | None:
    wanted: Wanted = []
    position, valve = was.attributes.get("position"), entity.domain == "valve"
    service = "set_valve_position" if valve else "set_cover_position"
    stood = {"open": "open", "opening": "open", "closed": "closed", "closing": "closed"}.get(was.value or "")
    if isinstance(position, int | float) and "position" in entity.features:
        if now.attributes.get("position") != position or now.value != was.value:
            wanted = [(service, {"position": round(position)})]
    elif stood is None:
        return None
    elif now.value != stood:
        verb = "open" if stood == "open" else "close"
        wanted = [(f"{verb}_{'valve' if valve else 'cover'}", {})]
    return wanted + _set(was, now, {"tilt_position": "set_cover_tilt_position"})


def _lock(was: State, now: State, entity: Entity) -> Wanted | None:
    service = {"locked": "lock", "unlocked": "unlock", "open": "unlock"}.get(was.value or "")
    if service is None:
        return None
    return [] if now.value == was.value else [(service, {})]


def _climate(was: State, now: State, entity: Entity) -> Wanted | None:
    mode: Wanted = [] if now.value == was.value else [("set_hvac_mode", {"hvac_mode": was.value})]
    return mode if was.value == "off" else mode + _set(was, now, _SETTINGS) + _range(was, now)


def _range(was: State, now: State) -> Wanted:
    """Both ends at once, as Home Assistant wants them."""
    ends = {name: was.attributes.get(name) for name in ("target_temp_low", "target_temp_high")}
    moved = any(now.attributes.get(name) != value for name, value in ends.items())
    return [("set_temperature", ends)] if moved and None not in ends.values() else []


def _humidifier(was: State, now: State, entity: Entity) -> Wanted | None:
    wanted = _switch(was, now, entity)
    return wanted if wanted is None or was.value == "off" else wanted + _set(was, now, _SETTINGS)


def _water_heater(was: State, now: State, entity: Entity) -> Wanted | None:
    mode: Wanted = [] if now.value == was.value else [("set_operation_mode", {"operation_mode": was.value})]
    return mode + _set(was, now, {"temperature": "set_temperature"})


def _media_player(was: State, now: State, entity: Entity) -> Wanted | None:
    """What it played before is not known again; whether it played, and how loud, is."""
    services = {"playing": "media_play", "paused": "media_pause", "off": "turn_off", "on": "turn_on",
                "idle": "media_stop"}  # fmt: skip
    wanted: Wanted = []
    if now.value != was.value:
        if was.value not in services:
            return None
        wanted = [(services[was.value], {})]
    sound = _set(was, now, {"volume_level": "volume_set", "is_volume_muted": "volume_mute"})
    return wanted + sound or None


def _vacuum(was: State, now: State, entity: Entity) -> Wanted | None:
    services = {"docked": "return_to_base", "returning": "return_to_base", "cleaning": "start", "paused": "pause"}
    if now.value == was.value:
        return []
    return [(services[was.value], {})] if was.value in services else None


def _lawn_mower(was: State, now: State, entity: Entity) -> Wanted | None:
    services = {"docked": "dock", "returning": "dock", "mowing": "start_mowing", "paused": "pause"}
    if now.value == was.value:
        return []
    return [(services[was.value], {})] if was.value in services else None


def _alarm(was: State, now: State, entity: Entity) -> Wanted | None:
    """Armed again; disarmed it is only by its code."""
    if now.value == was.value:
        return []
    return [(_ARMS[was.value], {})] if was.value in _ARMS else None


def _setting(was: State, now: State, entity: Entity) -> Wanted | None:
    if now.value == was.value:
        return []
    if entity.domain == "select":
        return [("select_option", {"option": was.value})]
    if entity.domain in ("date", "datetime", "time"):
        return [("set_value", {entity.domain: was.value})]
    try:
        return [("set_value", {"value": float(was.value or "") if entity.domain == "number" else was.value})]
    except ValueError:
        return None


def _set(was: State, now: State, services: Mapping[str, str]) -> Wanted:
    """One service for each setting that is otherwise than it was."""
    return [(service, {name: was.attributes[name]}) for name, service in services.items()
            if was.attributes.get(name) is not None and was.attributes[name] != now.attributes.get(name)]  # fmt: skip


_MAKERS: Mapping[str, Callable[[State, State, Entity], Wanted | None]] = {
    "alarm_control_panel": _alarm, "climate": _climate, "cover": _cover, "date": _setting, "datetime": _setting,
    "fan": _fan, "humidifier": _humidifier, "time": _setting,
    "input_boolean": _switch, "lawn_mower": _lawn_mower, "light": _light, "lock": _lock, "media_player": _media_player,
    "number": _setting, "select": _setting, "siren": _switch, "switch": _switch, "text": _setting, "vacuum": _vacuum,
    "valve": _cover, "water_heater": _water_heater,
}  # fmt: skip
"""Scenes, scripts and buttons have none: what they did is not known."""
