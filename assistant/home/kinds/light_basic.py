"""Lights with a topic for each thing that they say or are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ha_mqtt_models_pydantic import LightBasic

from assistant.home.kinds.kind import Note, Reading, Report, having
from assistant.home.kinds.lights import Light, Wish, note_color, note_kelvin
from assistant.home.kinds.reading import text, words
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
from assistant.home.templates import Payload, Unreadable, number, read, write


class BasicLight(Light[LightBasic]):
    """Without a topic for its brightness, one that is told red, green and blue is dimmed by less of each, as in Home
    Assistant."""

    __slots__ = ("shone",)

    def __init__(self, config: LightBasic) -> None:
        super().__init__(config)
        self.shone: Rgb | None = None
        """The colour that it last said, at full brightness, where the brightness is in the colour."""

    @property
    def features(self) -> frozenset[str]:
        config = self.config
        color = config.rgb_command_topic or config.hs_command_topic or config.xy_command_topic
        return having(
            brightness=config.brightness_command_topic or self._dims_by_color,
            color=color or config.rgbw_command_topic or config.rgbww_command_topic,
            color_temperature=config.color_temp_command_topic,
            effect=config.effect_command_topic and config.effect_list,
        )

    def readings(self) -> list[Reading]:
        config = self.config
        on_and_off = {config.payload_on: "on", config.payload_off: "off"}
        return [
            *words("state", config.state_topic, config.state_value_template, on_and_off),
            *_readings(config.brightness_state_topic, self._note_brightness),
            *_readings(config.color_temp_state_topic, self._note_warmth),
            *_colors(config.rgb_state_topic, config.rgb_value_template, 3, self._note_rgb),
            *_colors(config.rgbw_state_topic, config.rgbw_value_template, 3, self._note_rgb),
            *_colors(config.rgbww_state_topic, config.rgbww_value_template, 3, self._note_rgb),
            *_colors(config.hs_state_topic, config.hs_value_template, 2,
                     lambda said, report: note_color(report, rgb_of_hs(said[0], said[1]))),
            *_colors(config.xy_state_topic, config.xy_value_template, 2,
                     lambda said, report: note_color(report, rgb_of_xy(said[0], said[1]))),
            *text("effect", config.effect_state_topic, config.effect_value_template),
        ]  # fmt: skip

    def told(self, wish: Wish) -> list[tuple[str, str]]:
        config = self.config
        switch = str(config.command_topic)
        if not wish.on:
            return [(switch, config.payload_off)]
        if config.on_command_type == "brightness" and wish.brightness is None:
            wish = replace(wish, brightness=wish.last_brightness or 100)
        details, on = self._details(wish), [(switch, config.payload_on)]
        if config.on_command_type == "first":
            return on + details
        return details if config.on_command_type == "brightness" else details + on

    def _details(self, wish: Wish) -> list[tuple[str, str]]:
        config = self.config
        found: list[tuple[str, str]] = []
        rgb = wish.rgb
        if self._dims_by_color and (rgb or wish.brightness is not None):
            rgb = _dimmed(rgb or self.shone or _WHITE, wish.brightness or wish.last_brightness or 100)
        if rgb is not None:
            found.append(_color(config, rgb))
        if wish.kelvin is not None and config.color_temp_command_topic:
            value = wish.kelvin if config.color_temp_kelvin else mireds_of(wish.kelvin)
            found.append((config.color_temp_command_topic, write(config.color_temp_command_template, value)))
        if wish.effect is not None and config.effect_command_topic:
            found.append((config.effect_command_topic, write(config.effect_command_template, wish.effect)))
        if wish.brightness is not None and config.brightness_command_topic:
            level = brightness_value(wish.brightness, config.brightness_scale)
            found.append((config.brightness_command_topic, write(config.brightness_command_template, level)))
        return found

    @property
    def _dims_by_color(self) -> bool:
        config = self.config
        told = config.rgb_command_topic or config.rgbw_command_topic or config.rgbww_command_topic
        return bool(told) and not config.brightness_command_topic

    def _note_rgb(self, said: list[float], report: Report) -> None:
        rgb = round(said[0]), round(said[1]), round(said[2])
        brightest = max(rgb)
        if self._dims_by_color and not self.config.brightness_state_topic:
            if brightest <= 0:
                return  # as good as off, which it says elsewhere
            report["brightness"] = brightness_percent(brightest, 255)
            red, green, blue = (round(part * 255 / brightest) for part in rgb)
            rgb = self.shone = red, green, blue
        note_color(report, rgb)

    def _note_brightness(self, payload: Payload, report: Report) -> None:
        level = number(read(self.config.brightness_value_template, payload))
        if level is not None:
            report["brightness"] = brightness_percent(level, self.config.brightness_scale)

    def _note_warmth(self, payload: Payload, report: Report) -> None:
        value = number(read(self.config.color_temp_value_template, payload))
        if value:
            note_kelvin(report, round(value) if self.config.color_temp_kelvin else kelvin_of(value))


def _readings(topic: str | None, note: Note) -> list[Reading]:
    return [Reading(topic, note)] if topic else []


def _colors(
    topic: str | None, template: str | None, least: int, note_parts: Callable[[list[float], Report], None]
) -> list[Reading]:
    def note(payload: Payload, report: Report) -> None:
        said = read(template, payload)
        parts = [part for part in (number(part.strip()) for part in said.split(",")) if part is not None]
        if len(parts) < least:
            raise Unreadable(f"{said[:80]!r} is not {least} numbers")
        note_parts(parts, report)

    return _readings(topic, note)


_WHITE = (255, 255, 255)


def _dimmed(rgb: Rgb, percent: int) -> Rgb:
    red, green, blue = (round(part * percent / 100) for part in rgb)
    return red, green, blue


def _color(config: LightBasic, rgb: Rgb) -> tuple[str, str]:
    red, green, blue = rgb
    plain = ",".join(str(part) for part in rgb)
    if config.rgb_command_topic:
        variables = {"red": red, "green": green, "blue": blue}
        return config.rgb_command_topic, write(config.rgb_command_template, plain, **variables)
    if config.hs_command_topic:
        hue, saturation = hs_of(rgb)
        told = write(config.hs_command_template, f"{hue},{saturation}", hue=hue, sat=saturation)
        return config.hs_command_topic, told
    if config.xy_command_topic:
        x, y = xy_of(rgb)
        return config.xy_command_topic, write(config.xy_command_template, f"{x},{y}", x=x, y=y)
    if config.rgbw_command_topic:
        variables = {"red": red, "green": green, "blue": blue, "white": 0}
        return config.rgbw_command_topic, write(config.rgbw_command_template, f"{plain},0", **variables)
    variables = {"red": red, "green": green, "blue": blue, "cold_white": 0, "warm_white": 0}
    return str(config.rgbww_command_topic), write(config.rgbww_command_template, f"{plain},0,0", **variables)
