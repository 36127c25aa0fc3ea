"""Lights in their three schemas: what they report and what to send them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ha_mqtt_models_pydantic import LightBasic, LightJson, LightTemplate

from assistant.home.cleaning import finite
from assistant.home.scales import (
    Rgb,
    brightness_percent,
    brightness_value,
    color_of,
    hs_of,
    kelvin_of,
    mireds_of,
    rgb_of_hs,
    rgb_of_xy,
    xy_of,
)
from assistant.home.templates import Payload, Unreadable, number, read, render, write
from assistant.models import Value

Light = LightBasic | LightJson | LightTemplate
Report = dict[str, Value]
Note = Callable[[Payload, Report], None]

COLOR_MODES = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a light is asked to be; None leaves a thing as it is."""

    on: bool
    brightness: int | None = None
    """%"""
    rgb: Rgb | None = None
    kelvin: int | None = None
    effect: str | None = None


def features(config: Light) -> frozenset[str]:
    match config:
        case LightJson():
            modes = config.supported_color_modes or set()
            dims = config.brightness or bool(modes - {"onoff"})
            has = {"brightness": dims, "color": bool(modes & COLOR_MODES), "color_temperature": "color_temp" in modes}
            has["effect"] = config.effect and bool(config.effect_list)
        case LightBasic():
            color = config.rgb_command_topic or config.hs_command_topic or config.xy_command_topic
            color = color or config.rgbw_command_topic or config.rgbww_command_topic
            has = {"brightness": bool(config.brightness_command_topic), "color": bool(color)}
            has["color_temperature"] = bool(config.color_temp_command_topic)
            has["effect"] = bool(config.effect_command_topic and config.effect_list)
        case LightTemplate():
            # What is reported tells most; some announce only how they are told.
            told = config.command_on_template
            has = {"brightness": bool(config.brightness_template) or "brightness" in told}
            has["color"] = bool(config.red_template and config.green_template and config.blue_template)
            has["color_temperature"] = bool(config.color_temp_template) or "color_temp" in told
            has["effect"] = bool(config.effect_template and config.effect_list)
    return frozenset(feature for feature, there in has.items() if there)


def kelvin_range(config: Light) -> tuple[int, int]:
    """Home Assistant's defaults where the light does not say."""
    lowest = config.min_kelvin or (kelvin_of(config.max_mireds) if config.max_mireds else 2000)
    highest = config.max_kelvin or (kelvin_of(config.min_mireds) if config.min_mireds else 6535)
    return min(lowest, highest), max(lowest, highest)


def readings(config: Light) -> list[tuple[str, Note]]:
    match config:
        case LightJson():
            return (
                [(config.state_topic, lambda payload, report: _note_json(config, payload, report))]
                if config.state_topic
                else []
            )
        case LightBasic():
            return _basic_readings(config)
        case LightTemplate():
            return (
                [(config.state_topic, lambda payload, report: _note_template(config, payload, report))]
                if config.state_topic
                else []
            )


def messages(config: Light, wish: Wish) -> list[tuple[str, str]]:
    """Topics and payloads, in the order to send them. Raises Unreadable for a template that fails."""
    match config:
        case LightJson():
            return [(config.command_topic, _json_command(config, wish))]
        case LightBasic():
            return _basic_commands(config, wish)
        case LightTemplate():
            return [(str(config.command_topic), _template_command(config, wish))]


# ── json ─────────────────────────────────────────────────────────────────────────────────


def _note_json(config: LightJson, payload: Payload, report: Report) -> None:
    said = payload.json
    if not isinstance(said, dict):
        raise Unreadable(f"{payload.text[:80]!r} is not an object")
    state = said.get("state")
    if state in ("ON", "OFF"):
        report["state"] = state.lower()
    elif "state" in said and state is None:
        report["state"] = None
    level = finite(said.get("brightness"))
    if level is not None:
        report["brightness"] = brightness_percent(level, config.brightness_scale)
    if isinstance(said.get("effect"), str):
        report["effect"] = said["effect"]
    mode, color, warmth = said.get("color_mode"), said.get("color"), finite(said.get("color_temp"))
    if isinstance(color, dict) and (mode in COLOR_MODES or mode is None):
        rgb = _rgb_in(color)
        if rgb:
            _note_color(report, rgb)
    if warmth is not None and warmth > 0 and (mode == "color_temp" or (mode is None and color is None)):
        _note_kelvin(report, round(warmth) if config.color_temp_kelvin else kelvin_of(warmth))


def _rgb_in(color: Mapping[str, object]) -> Rgb | None:
    """A z2m lamp reports several forms at once; the first whole one counts."""
    try:
        if all(part in color for part in ("r", "g", "b")):
            red, green, blue = (round(float(str(color[part]))) for part in ("r", "g", "b"))
            return red, green, blue
        if "h" in color and "s" in color:
            return rgb_of_hs(float(str(color["h"])), float(str(color["s"])))
        if "hue" in color and "saturation" in color:
            return rgb_of_hs(float(str(color["hue"])), float(str(color["saturation"])))
        if "x" in color and "y" in color:
            return rgb_of_xy(float(str(color["x"])), float(str(color["y"])))
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{dict(color)!r} is not a colour") from error
    return None


def _json_command(config: LightJson, wish: Wish) -> str:
    command: dict[str, object] = {"state": "ON" if wish.on else "OFF"}
    if wish.brightness is not None:
        command["brightness"] = brightness_value(wish.brightness, config.brightness_scale)
    if wish.kelvin is not None:
        command["color_temp"] = wish.kelvin if config.color_temp_kelvin else mireds_of(wish.kelvin)
    if wish.rgb is not None:
        command["color"] = _json_color(config.supported_color_modes or set(), wish.rgb)
    if wish.effect is not None:
        command["effect"] = wish.effect
    return json.dumps(command)


def _json_color(modes: set[str], rgb: Rgb) -> dict[str, float]:
    if "xy" in modes:
        x, y = xy_of(rgb)
        return {"x": x, "y": y}
    if "hs" in modes:
        hue, saturation = hs_of(rgb)
        return {"h": hue, "s": saturation}
    color: dict[str, float] = dict(zip("rgb", rgb, strict=True))
    if "rgbww" in modes and "rgb" not in modes:
        return {**color, "c": 0, "w": 0}
    if "rgbw" in modes and "rgb" not in modes:
        return {**color, "w": 0}
    return color


# ── basic: a topic for each thing ────────────────────────────────────────────────────────


def _basic_readings(config: LightBasic) -> list[tuple[str, Note]]:
    def state(payload: Payload, report: Report) -> None:
        text = read(config.state_value_template, payload)
        words = {config.payload_on: "on", config.payload_off: "off", "None": None}
        if text not in words:
            raise Unreadable(f"{text[:80]!r} is neither {config.payload_on} nor {config.payload_off}")
        report["state"] = words[text]

    def brightness(payload: Payload, report: Report) -> None:
        level = number(read(config.brightness_value_template, payload))
        if level is not None:
            report["brightness"] = brightness_percent(level, config.brightness_scale)

    def warmth(payload: Payload, report: Report) -> None:
        value = number(read(config.color_temp_value_template, payload))
        if value:
            _note_kelvin(report, round(value) if config.color_temp_kelvin else kelvin_of(value))

    def rgb_like(template: str | None) -> Note:
        return lambda payload, report: _note_color(report, _rgb(_numbers(read(template, payload), 3)))

    def hs(payload: Payload, report: Report) -> None:
        hue, saturation, *_ = _numbers(read(config.hs_value_template, payload), 2)
        _note_color(report, rgb_of_hs(hue, saturation))

    def xy(payload: Payload, report: Report) -> None:
        x, y, *_ = _numbers(read(config.xy_value_template, payload), 2)
        _note_color(report, rgb_of_xy(x, y))

    def effect(payload: Payload, report: Report) -> None:
        report["effect"] = read(config.effect_value_template, payload)

    possible: list[tuple[str | None, Note]] = [
        (config.state_topic, state),
        (config.brightness_state_topic, brightness),
        (config.color_temp_state_topic, warmth),
        (config.rgb_state_topic, rgb_like(config.rgb_value_template)),
        (config.rgbw_state_topic, rgb_like(config.rgbw_value_template)),
        (config.rgbww_state_topic, rgb_like(config.rgbww_value_template)),
        (config.hs_state_topic, hs),
        (config.xy_state_topic, xy),
        (config.effect_state_topic, effect),
    ]
    return [(topic, note) for topic, note in possible if topic]


def _numbers(text: str, least: int) -> list[float]:
    parts = [number(part.strip()) for part in text.split(",")]
    known = [part for part in parts if part is not None]
    if len(known) < least:
        raise Unreadable(f"{text[:80]!r} is not {least} numbers")
    return known


def _rgb(parts: list[float]) -> Rgb:
    return round(parts[0]), round(parts[1]), round(parts[2])


def _basic_commands(config: LightBasic, wish: Wish) -> list[tuple[str, str]]:
    switch = str(config.command_topic)
    if not wish.on:
        return [(switch, config.payload_off)]
    details = _basic_details(config, wish)
    on = [(switch, config.payload_on)]
    if config.on_command_type == "first":
        return on + details
    if config.on_command_type == "brightness" and wish.brightness is not None:
        return details
    return details + on


def _basic_details(config: LightBasic, wish: Wish) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if wish.rgb is not None:
        found.append(_basic_color(config, wish.rgb))
    if wish.kelvin is not None and config.color_temp_command_topic:
        value = wish.kelvin if config.color_temp_kelvin else mireds_of(wish.kelvin)
        found.append((config.color_temp_command_topic, write(config.color_temp_command_template, value)))
    if wish.effect is not None and config.effect_command_topic:
        found.append((config.effect_command_topic, write(config.effect_command_template, wish.effect)))
    if wish.brightness is not None and config.brightness_command_topic:
        level = brightness_value(wish.brightness, config.brightness_scale)
        found.append((config.brightness_command_topic, write(config.brightness_command_template, level)))
    return found


def _basic_color(config: LightBasic, rgb: Rgb) -> tuple[str, str]:
    red, green, blue = rgb
    plain = ",".join(str(part) for part in rgb)
    if config.rgb_command_topic:
        variables = {"red": red, "green": green, "blue": blue}
        return config.rgb_command_topic, write(config.rgb_command_template, plain, **variables)
    if config.hs_command_topic:
        hue, saturation = hs_of(rgb)
        return config.hs_command_topic, write(
            config.hs_command_template, f"{hue},{saturation}", hue=hue, sat=saturation
        )
    if config.xy_command_topic:
        x, y = xy_of(rgb)
        return config.xy_command_topic, write(config.xy_command_template, f"{x},{y}", x=x, y=y)
    if config.rgbw_command_topic:
        variables = {"red": red, "green": green, "blue": blue, "white": 0}
        return config.rgbw_command_topic, write(config.rgbw_command_template, f"{plain},0", **variables)
    variables = {"red": red, "green": green, "blue": blue, "cold_white": 0, "warm_white": 0}
    return str(config.rgbww_command_topic), write(config.rgbww_command_template, f"{plain},0,0", **variables)


# ── template ─────────────────────────────────────────────────────────────────────────────


def _note_template(config: LightTemplate, payload: Payload, report: Report) -> None:
    if config.state_template:
        state = read(config.state_template, payload)
        if state not in ("on", "off", "None"):
            raise Unreadable(f"{state[:80]!r} is neither on nor off")
        report["state"] = None if state == "None" else state
    if config.brightness_template:
        level = number(read(config.brightness_template, payload))
        if level is not None:
            report["brightness"] = brightness_percent(level, 255)
    if config.color_temp_template:
        value = number(read(config.color_temp_template, payload))
        if value:
            _note_kelvin(report, round(value) if config.color_temp_kelvin else kelvin_of(value))
    if config.red_template and config.green_template and config.blue_template:
        parts = [
            number(read(template, payload))
            for template in (config.red_template, config.green_template, config.blue_template)
        ]
        if None not in parts:
            _note_color(report, _rgb([part for part in parts if part is not None]))


def _template_command(config: LightTemplate, wish: Wish) -> str:
    if not wish.on:
        return render(config.command_off_template, state="off")
    variables: dict[str, object] = {"state": "on"}
    if wish.brightness is not None:
        variables["brightness"] = brightness_value(wish.brightness, 255)
    if wish.kelvin is not None:
        variables["color_temp"] = wish.kelvin if config.color_temp_kelvin else mireds_of(wish.kelvin)
    if wish.rgb is not None:
        hue, saturation = hs_of(wish.rgb)
        variables |= {**dict(zip(("red", "green", "blue"), wish.rgb, strict=True)), "hue": hue, "sat": saturation}
    if wish.effect is not None:
        variables["effect"] = wish.effect
    return render(config.command_on_template, **variables)


# ── both ─────────────────────────────────────────────────────────────────────────────────


def _note_color(report: Report, rgb: Rgb) -> None:
    """A light shines in a colour or in a white of some warmth, never both."""
    red, green, blue = (max(0, min(255, part)) for part in rgb)
    report["color"] = color_of((red, green, blue))
    report.pop("color_temperature", None)


def _note_kelvin(report: Report, kelvin: int) -> None:
    report["color_temperature"] = kelvin
    report.pop("color", None)
