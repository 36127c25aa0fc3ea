"""Actions in Home Assistant's service words become MQTT messages and what the device should report afterwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ha_mqtt_models_pydantic import (
    Button,
    Climate,
    Cover,
    Fan,
    LightBasic,
    LightJson,
    LightTemplate,
    Lock,
    MqttEntityCommon,
    Scene,
    Switch,
    Vacuum,
    Valve,
)

from assistant.errors import NotPossible, OutOfRange
from assistant.home import lamps
from assistant.home.scales import rgb_of, same_color, speed_percent, speed_step, value_of
from assistant.home.templates import Unreadable, write
from assistant.models import Action, Entity, Message, State, Value

SLOW = frozenset({"cover", "lock", "vacuum", "valve"})
"""What moves, and so takes its time."""

Expected = Callable[[State], bool]


@dataclass(frozen=True, slots=True)
class Order:
    """What to send for an action and how to know that it was done."""

    messages: tuple[Message, ...]
    expected: Expected | None = None
    """None: nothing that the device reports would show it."""
    progress: frozenset[str] = frozenset()
    """In-between states that say: on its way."""
    may_take_long: bool = False
    """Moving is obeying: blinds need half a minute, and "is opening" is all that can honestly be said till then."""
    repeatable: bool = False
    """Whether a second identical message does no harm when the first was lost."""
    ask: Message | None = None
    """What makes the device report, where it can be asked."""


@dataclass(frozen=True, slots=True)
class Device:
    """Everything that an order depends on."""

    entity: Entity
    config: MqttEntityCommon
    state: State
    reports_position: bool = False


def order(action: Action, device: Device) -> Order:
    """Raises NotPossible (OutOfRange) when the device lacks it, naming what."""
    try:
        match device.config:
            case LightBasic() | LightJson() | LightTemplate():
                found = _light(action, device, device.config)
            case Switch():
                found = _switch(action, device, device.config)
            case Cover():
                found = _cover(action, device, device.config)
            case Climate():
                found = _climate(action, device, device.config)
            case Lock():
                found = _lock(action, device, device.config)
            case Fan():
                found = _fan(action, device, device.config)
            case Vacuum():
                found = _vacuum(action, device, device.config)
            case Valve():
                found = _valve(action, device, device.config)
            case Scene():
                found = _pulse(action, device, "turn_on", device.config.command_topic, device.config.payload_on or "ON")
            case Button():
                press = write(device.config.command_template, device.config.payload_press)
                found = _pulse(action, device, "press", device.config.command_topic, press)
            case _:
                raise _impossible(device, action.service)
    except Unreadable as problem:
        raise NotPossible(
            f"{device.entity.id}: its command template fails: {problem}", name=device.entity.name, what=action.service
        ) from problem
    return _as_configured(found, device.config)


def question(config: MqttEntityCommon) -> Message | None:
    """zigbee2mqtt retains no states, but answers `<name>/get`, which its topics reveal."""
    state_topic, command_topic = getattr(config, "state_topic", None), getattr(config, "command_topic", None)
    if isinstance(config, Climate):
        state_topic, command_topic = config.mode_state_topic, config.mode_command_topic
    if not state_topic or not command_topic or not str(command_topic).startswith(f"{state_topic}/set"):
        return None
    return Message(f"{state_topic}/get", '{"state": ""}', qos=0)


# ── by kind ──────────────────────────────────────────────────────────────────────────────


def _light(action: Action, device: Device, config: lamps.Light) -> Order:
    arguments = action.arguments
    if _toggled(action, device) == "turn_off":
        return Order(
            _messages(lamps.messages(config, lamps.Wish(on=False))), _is("off"), repeatable=action.service != "toggle"
        )
    if action.service not in ("turn_on", "toggle"):
        raise _impossible(device, action.service)
    brightness, kelvin = _percent(arguments, "brightness", device), arguments.get("color_temperature")
    if brightness == 0:
        return Order(_messages(lamps.messages(config, lamps.Wish(on=False))), _is("off"), repeatable=True)
    for given in ("brightness", "color", "color_temperature", "effect"):
        if arguments.get(given) is not None and given not in device.entity.features:
            raise _impossible(device, given)
    wish = lamps.Wish(
        on=True,
        brightness=brightness,
        rgb=_color(arguments.get("color"), device),
        kelvin=None
        if kelvin is None
        else round(_within(_float(kelvin, device, "color_temperature"), "color_temperature", device)),
        effect=_option(arguments.get("effect"), "effect", device),
    )
    return Order(
        _messages(lamps.messages(config, wish)),
        _shines(wish, arguments.get("color")),
        repeatable=action.service != "toggle",
    )


def _shines(wish: lamps.Wish, color: Value) -> Expected:
    def expected(state: State) -> bool:
        said = state.attributes
        if state.value != "on":
            return False
        if wish.brightness is not None and not _near(said.get("brightness"), wish.brightness, 2):
            return False
        if wish.kelvin is not None and not _near(said.get("color_temperature"), wish.kelvin, wish.kelvin * 0.04):
            return False
        return color is None or same_color(str(said.get("color", "")), str(color))

    return expected


def _switch(action: Action, device: Device, config: Switch) -> Order:
    service = _toggled(action, device)
    if service not in ("turn_on", "turn_off"):
        raise _impossible(device, action.service)
    payload = config.payload_on if service == "turn_on" else config.payload_off
    messages = _messages([(_topic(config.command_topic, device, service), write(config.command_template, payload))])
    return Order(messages, _is("on" if service == "turn_on" else "off"), repeatable=action.service != "toggle")


_COVER = {"open": "open_cover", "close": "close_cover", "stop": "stop_cover", "set_position": "set_cover_position"}
_VALVE = {"open": "open_valve", "close": "close_valve", "stop": "stop_valve", "set_position": "set_valve_position"}


def _cover(action: Action, device: Device, config: Cover) -> Order:
    # One-button garage openers take a second "open" as "stop": never repeated.
    match action.service:
        case "open_cover" | "close_cover" | "turn_on" | "turn_off" | "stop_cover":
            payload = {
                "open_cover": config.payload_open,
                "turn_on": config.payload_open,
                "close_cover": config.payload_close,
                "turn_off": config.payload_close,
                "stop_cover": config.payload_stop,
            }[action.service]
            if payload is None:
                raise _impossible(device, action.service)
            messages = _messages([(_topic(config.command_topic, device, action.service), payload)])
            return _moved(messages, action.service)
        case "set_cover_position":
            percent = _percent(action.arguments, "position", device)
            if percent is None or "position" not in device.entity.features:
                raise _impossible(device, "position")
            value = value_of(percent, config.position_closed, config.position_open)
            variables = {
                "position": value,
                "position_open": config.position_open,
                "position_closed": config.position_closed,
                "tilt_min": config.tilt_min,
                "tilt_max": config.tilt_max,
                "entity_id": device.entity.id,
            }
            payload = write(config.set_position_template, value, **variables)
            return _at(_messages([(str(config.set_position_topic), payload)]), percent)
        case _:
            raise _impossible(device, action.service)


def _valve(action: Action, device: Device, config: Valve) -> Order:
    topic = _topic(config.command_topic, device, action.service)
    if device.reports_position:
        wanted = {"open_valve": 100, "close_valve": 0}.get(action.service)
        percent = _percent(action.arguments, "position", device) if action.service == "set_valve_position" else wanted
        if percent is not None:
            value = value_of(percent, config.position_closed, config.position_open)
            return _at(_messages([(topic, write(config.command_template, value))]), percent)
    payloads = {
        "open_valve": config.payload_open,
        "close_valve": config.payload_close,
        "stop_valve": config.payload_stop,
    }
    payload = payloads.get(action.service)
    if payload is None:
        raise _impossible(device, action.service)
    return _moved(_messages([(topic, write(config.command_template, payload))]), action.service)


def _moved(messages: tuple[Message, ...], service: str) -> Order:
    if service.startswith("stop"):
        return Order(messages, lambda state: state.value in ("open", "closed"))
    if service.startswith("open") or service == "turn_on":
        return Order(messages, _is("open"), frozenset({"opening"}), may_take_long=True)
    return Order(messages, _is("closed"), frozenset({"closing"}), may_take_long=True)


def _at(messages: tuple[Message, ...], percent: int) -> Order:
    def expected(state: State) -> bool:
        return state.value in ("open", "closed") and _near(state.attributes.get("position"), percent, 3)

    return Order(messages, expected, frozenset({"opening", "closing"}), may_take_long=True, repeatable=True)


def _climate(action: Action, device: Device, config: Climate) -> Order:
    arguments = action.arguments
    match action.service:
        case "set_temperature":
            return _warmth(action, device, config)
        case "set_hvac_mode":
            return _climate_mode(_option(arguments.get("hvac_mode"), "hvac_mode", device), device, config)
        case "turn_off":
            return _climate_mode(_option("off", "hvac_mode", device), device, config)
        case "turn_on":
            modes = [mode for mode in device.entity.options.get("hvac_mode", ()) if mode != "off"]
            preferred = next((mode for mode in ("heat_cool", "auto", "heat", "cool") if mode in modes), None)
            return _climate_mode(preferred or next(iter(modes), None), device, config)
        case "set_fan_mode" | "set_preset_mode":
            key = action.service.removeprefix("set_")
            choice = _option(arguments.get(key), key, device)
            topics = {
                "fan_mode": (config.fan_mode_command_topic, config.fan_mode_command_template),
                "preset_mode": (config.preset_mode_command_topic, config.preset_mode_command_template),
            }
            topic, template = topics[key]
            messages = _messages([(_topic(topic, device, key), write(template, choice))])
            return Order(messages, lambda state: state.attributes.get(key) == choice, repeatable=True)
        case _:
            raise _impossible(device, action.service)


def _warmth(action: Action, device: Device, config: Climate) -> Order:
    given = action.arguments.get("temperature")
    if given is None:
        raise _impossible(device, "temperature")
    temperature = _within(_float(given, device, "temperature"), "temperature", device)
    mode = action.arguments.get("hvac_mode")
    first = _climate_mode(_option(mode, "hvac_mode", device), device, config).messages if mode is not None else ()
    payload = write(config.temperature_command_template, temperature)
    messages = _messages([(_topic(config.temperature_command_topic, device, "temperature"), payload)])

    def expected(state: State) -> bool:
        fits = mode is None or state.value == mode
        return fits and _near(state.attributes.get("temperature"), temperature, config.temp_step / 2)

    return Order(first + messages, expected, repeatable=True)


def _climate_mode(mode: str | None, device: Device, config: Climate) -> Order:
    if mode is None:
        raise _impossible(device, "hvac_mode")
    payload = write(config.mode_command_template, mode)
    messages = _messages([(_topic(config.mode_command_topic, device, "hvac_mode"), payload)])
    return Order(messages, _is(mode), repeatable=True)


def _lock(action: Action, device: Device, config: Lock) -> Order:
    topic = _topic(config.command_topic, device, action.service)
    match action.service:
        case "lock":
            payload, done, progress = config.payload_lock, {"locked"}, {"locking"}
        case "unlock":
            payload, done, progress = config.payload_unlock, {"unlocked", "open"}, {"unlocking"}
        case "open" if "open" in device.entity.features:
            # Many latches spring back at once and report "unlocked".
            payload, done, progress = config.payload_open, {"open", "unlocked"}, {"opening", "unlocking"}
        case _:
            raise _impossible(device, action.service)
    messages = _messages([(topic, write(config.command_template, payload, code=None))])
    repeatable = action.service == "lock"
    return Order(messages, lambda state: state.value in done, frozenset(progress), repeatable=repeatable)


def _fan(action: Action, device: Device, config: Fan) -> Order:
    arguments = action.arguments
    service = _toggled(action, device)
    percentage = _percent(arguments, "percentage", device)
    if service == "turn_off" or (service == "set_percentage" and percentage == 0):
        messages = _messages(
            [(_topic(config.command_topic, device, service), write(config.command_template, config.payload_off))]
        )
        return Order(messages, _is("off"), repeatable=action.service != "toggle")
    on = _messages([(_topic(config.command_topic, device, service), write(config.command_template, config.payload_on))])
    if service == "set_preset_mode" or arguments.get("preset_mode") is not None:
        return _fan_preset(on, _option(arguments.get("preset_mode"), "preset_mode", device), device, config)
    if percentage is not None and service in ("turn_on", "set_percentage"):
        return _fan_percentage(on, percentage, device, config)
    if service != "turn_on":
        raise _impossible(device, action.service)
    return Order(on, _is("on"), repeatable=action.service != "toggle")


def _fan_percentage(on: tuple[Message, ...], percentage: int, device: Device, config: Fan) -> Order:
    lowest, highest = config.speed_range_min, config.speed_range_max
    step = speed_step(percentage, lowest, highest)
    reached = speed_percent(step, lowest, highest)
    topic = _topic(config.percentage_command_topic, device, "percentage")
    speed = _messages([(topic, write(config.percentage_command_template, step))])
    messages = speed if device.state.value == "on" else on + speed

    def expected(state: State) -> bool:
        return state.value == "on" and _near(state.attributes.get("percentage"), reached, 1)

    return Order(messages, expected, repeatable=True)


def _fan_preset(on: tuple[Message, ...], preset: str | None, device: Device, config: Fan) -> Order:
    topic = _topic(config.preset_mode_command_topic, device, "preset_mode")
    mode = _messages([(topic, write(config.preset_mode_command_template, preset))])
    messages = mode if device.state.value == "on" else on + mode
    return Order(messages, lambda state: state.attributes.get("preset_mode") == preset, repeatable=True)


_VACUUM: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "start": ("start", "payload_start", frozenset({"cleaning"})),
    "turn_on": ("start", "payload_start", frozenset({"cleaning"})),
    "pause": ("pause", "payload_pause", frozenset({"paused", "idle"})),
    "stop": ("stop", "payload_stop", frozenset({"idle", "paused", "docked"})),
    "return_to_base": ("return_home", "payload_return_to_base", frozenset({"returning", "docked"})),
    "turn_off": ("return_home", "payload_return_to_base", frozenset({"returning", "docked"})),
    "locate": ("locate", "payload_locate", frozenset()),
    "clean_spot": ("clean_spot", "payload_clean_spot", frozenset({"cleaning"})),
}
"""Service: the feature it needs, its payload, and the states that show that it was obeyed."""


def _vacuum(action: Action, device: Device, config: Vacuum) -> Order:
    if action.service == "set_fan_speed":
        speed = _option(action.arguments.get("fan_speed"), "fan_speed", device)
        messages = _messages([(_topic(config.set_fan_speed_topic, device, "fan_speed"), str(speed))])
        return Order(messages, lambda state: state.attributes.get("fan_speed") == speed, repeatable=True)
    if action.service not in _VACUUM:
        raise _impossible(device, action.service)
    feature, field, done = _VACUUM[action.service]
    if feature not in device.entity.features:
        raise _impossible(device, action.service)
    messages = _messages([(_topic(config.command_topic, device, action.service), str(getattr(config, field)))])
    return Order(messages, (lambda state: state.value in done) if done else None)


def _pulse(action: Action, device: Device, service: str, topic: str, payload: str) -> Order:
    if action.service != service:
        raise _impossible(device, action.service)
    return Order(_messages([(topic, payload)]))


# ── shared ───────────────────────────────────────────────────────────────────────────────


def _as_configured(order: Order, config: MqttEntityCommon) -> Order:
    """With the device's qos and retain, and without an expectation where it reports nothing."""
    qos, retain = max(1, int(getattr(config, "qos", 0))), bool(getattr(config, "retain", False))
    messages = tuple(Message(message.topic, message.payload, qos, retain) for message in order.messages)
    return replace(order, messages=messages, ask=question(config))


def _messages(pairs: list[tuple[str, str]]) -> tuple[Message, ...]:
    return tuple(Message(topic, payload) for topic, payload in pairs)


def _toggled(action: Action, device: Device) -> str:
    if action.service != "toggle":
        return action.service
    return "turn_off" if device.state.value == "on" else "turn_on"


def _topic(topic: str | None, device: Device, what: str) -> str:
    if not topic:
        raise _impossible(device, what)
    return topic


def _is(value: str) -> Expected:
    return lambda state: state.value == value


def _near(said: Value, wanted: float, tolerance: float) -> bool:
    return isinstance(said, int | float) and abs(said - wanted) <= tolerance + 1e-6


def _percent(arguments: Mapping[str, Value], name: str, device: Device) -> int | None:
    given = arguments.get(name)
    if given is None:
        return None
    percent = _float(given, device, name)
    if not 0 <= percent <= 100:
        raise _out_of_range(device, name, percent, 0, 100, "%")
    return round(percent)


def _color(given: Value, device: Device) -> tuple[int, int, int] | None:
    if given is None:
        return None
    rgb = rgb_of(str(given))
    if rgb is None:
        raise NotPossible(f"no colour is called {given!r}", name=device.entity.name, what="color")
    return rgb


def _option(given: Value, key: str, device: Device) -> str | None:
    if given is None:
        return None
    known = device.entity.options.get(key, ())
    found = next((choice for choice in known if choice.lower() == str(given).lower()), None)
    if found is None:
        raise NotPossible(
            f"{device.entity.id} has no {key} {given!r}; it has {', '.join(known) or 'none'}",
            name=device.entity.name,
            what=key,
        )
    return found


def _within(value: float, key: str, device: Device) -> float:
    limits = device.entity.limits.get(key)
    if limits is None:
        raise _impossible(device, key)
    if not limits.minimum <= value <= limits.maximum:
        raise _out_of_range(
            device,
            key,
            value,
            limits.minimum,
            limits.maximum,
            "K" if key == "color_temperature" else device.entity.unit,
        )
    return value


def _float(given: Value, device: Device, what: str) -> float:
    try:
        value = float(str(given))
    except ValueError as error:
        raise NotPossible(f"{given!r} is not a number", name=device.entity.name, what=what) from error
    if not math.isfinite(value):
        raise NotPossible(f"{given!r} is not a finite number", name=device.entity.name, what=what)
    return value


def _out_of_range(
    device: Device, what: str, value: float, minimum: float, maximum: float, unit: str | None
) -> OutOfRange:
    return OutOfRange(
        f"{device.entity.id}: {what} {value:g} is not between {minimum:g} and {maximum:g}",
        name=device.entity.name, what=what, minimum=minimum, maximum=maximum, unit=unit or "",
    )  # fmt: skip


def _impossible(device: Device, what: str) -> NotPossible:
    return NotPossible(f"{device.entity.id} does not offer {what}", name=device.entity.name, what=what)
