"""Lights that say and are told everything in one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ha_mqtt_models_pydantic import LightJson

from assistant.home.cleaning import finite
from assistant.home.kinds.kind import Reading, Report, get_of, having
from assistant.home.kinds.lights import Light, Wish, note_color, note_kelvin
from assistant.home.kinds.reading import record
from assistant.home.scales import (
    Rgb,
    brightness_percent,
    brightness_value,
    hs_of,
    kelvin_of,
    mireds_of,
    rgb_of_hs,
    rgb_of_xy,
    xy_of,
)
from assistant.home.templates import Payload, Unreadable
from assistant.models import Message

COLOR_MODES = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})


class JsonLight(Light[LightJson]):
    __slots__ = ()

    @property
    def features(self) -> frozenset[str]:
        config, modes = self.config, self.config.supported_color_modes or set()
        return having(
            brightness=config.brightness or modes - {"onoff"},
            color=modes & COLOR_MODES,
            color_temperature="color_temp" in modes,
            effect=config.effect and config.effect_list,
            transition=config.transition,
            flash=config.flash,
        )

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)] if self.config.state_topic else []

    def question(self) -> Message | None:
        properties = {"brightness": "brightness", "color": "color", "color_temperature": "color_temp"}
        also = ["state", *(name for feature, name in properties.items() if feature in self.features)]
        return get_of(self.config.state_topic, self.config.command_topic, also=also)

    def told(self, wish: Wish) -> list[tuple[str, str]]:
        config = self.config
        command: dict[str, object] = {"state": "ON" if wish.on else "OFF"}
        if wish.brightness is not None:
            command["brightness"] = brightness_value(wish.brightness, config.brightness_scale)
        if wish.kelvin is not None:
            command["color_temp"] = wish.kelvin if config.color_temp_kelvin else mireds_of(wish.kelvin)
        if wish.rgb is not None:
            command["color"] = _color(config.supported_color_modes or set(), wish.rgb)
        if wish.effect is not None:
            command["effect"] = wish.effect
        if wish.transition is not None:
            command["transition"] = wish.transition
        if wish.flash is not None:
            command["flash"] = config.flash_time_long if wish.flash == "long" else config.flash_time_short
        return [(config.command_topic, json.dumps(command))]

    def _note(self, payload: Payload, report: Report) -> None:
        said, config = record(payload), self.config
        state = said.get("state")
        if state in ("ON", "OFF"):
            report["state"] = str(state).lower()
        elif "state" in said and state is None:
            report["state"] = None
        level = finite(said.get("brightness"))
        if level is not None:
            report["brightness"] = brightness_percent(level, config.brightness_scale)
        if isinstance(said.get("effect"), str):
            report["effect"] = str(said["effect"])
        mode, color, warmth = said.get("color_mode"), said.get("color"), finite(said.get("color_temp"))
        if isinstance(color, dict) and (mode in COLOR_MODES or mode is None):
            rgb = _rgb_in(color)
            if rgb:
                note_color(report, rgb)
        if warmth is not None and warmth > 0 and (mode == "color_temp" or (mode is None and color is None)):
            note_kelvin(report, round(warmth) if config.color_temp_kelvin else kelvin_of(warmth))


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


def _color(modes: set[str], rgb: Rgb) -> dict[str, float]:
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
