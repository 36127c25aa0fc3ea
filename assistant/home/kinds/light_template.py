"""Lights whose payloads are the device's own, made and read by its templates."""

from __future__ import annotations

from ha_mqtt_models_pydantic import LightTemplate

from assistant.home.kinds.kind import Reading, Report, having
from assistant.home.kinds.lights import Light, Wish, note_color, note_kelvin
from assistant.home.scales import Rgb, brightness_percent, brightness_value, hs_of, kelvin_of, mireds_of
from assistant.home.templates import Payload, Unreadable, number, read, render


class TemplateLight(Light[LightTemplate]):
    __slots__ = ()

    @property
    def features(self) -> frozenset[str]:
        """What is reported tells most; some announce only how they are told."""
        config, told = self.config, self.config.command_on_template
        return having(
            brightness=config.brightness_template or "brightness" in told,
            color=config.red_template and config.green_template and config.blue_template,
            color_temperature=config.color_temp_template or "color_temp" in told,
            effect=config.effect_template and config.effect_list,
            transition="transition" in told,
            flash="flash" in told,
        )

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)] if self.config.state_topic else []

    def told(self, wish: Wish) -> list[tuple[str, str]]:
        config = self.config
        variables: dict[str, object] = {"state": "on" if wish.on else "off"}
        if wish.transition is not None:
            variables["transition"] = wish.transition
        if not wish.on:
            return [(str(config.command_topic), render(config.command_off_template, **variables))]
        if wish.brightness is not None:
            variables["brightness"] = brightness_value(wish.brightness, 255)
        if wish.kelvin is not None:
            variables["color_temp"] = wish.kelvin if config.color_temp_kelvin else mireds_of(wish.kelvin)
        if wish.rgb is not None:
            hue, saturation = hs_of(wish.rgb)
            variables |= {**dict(zip(("red", "green", "blue"), wish.rgb, strict=True)), "hue": hue, "sat": saturation}
        variables |= {name: word for name, word in (("effect", wish.effect), ("flash", wish.flash)) if word}
        return [(str(config.command_topic), render(config.command_on_template, **variables))]

    def _note(self, payload: Payload, report: Report) -> None:
        config = self.config
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
                note_kelvin(report, round(value) if config.color_temp_kelvin else kelvin_of(value))
        if config.effect_template:
            report["effect"] = read(config.effect_template, payload)
        rgb = self._rgb(payload)
        if rgb is not None:
            note_color(report, rgb)

    def _rgb(self, payload: Payload) -> Rgb | None:
        config = self.config
        if not (config.red_template and config.green_template and config.blue_template):
            return None
        red = number(read(config.red_template, payload))
        green = number(read(config.green_template, payload))
        blue = number(read(config.blue_template, payload))
        if red is None or green is None or blue is None:
            return None
        return round(red), round(green), round(blue)
