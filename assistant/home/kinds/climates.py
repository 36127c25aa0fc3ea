"""Thermostats and air conditioners."""

from __future__ import annotations

import re

from ha_mqtt_models_pydantic import Climate as ClimateConfig

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import (
    Abilities,
    Expected,
    Kind,
    Order,
    Reading,
    choices,
    get_of,
    having,
    is_now,
    messages,
    near,
    says,
)
from assistant.home.kinds.reading import NO_VALUE, figure, options, text
from assistant.home.templates import write
from assistant.models import Limits, Message, State

NO_PRESET = "none"
"""Home Assistant's word for "no preset", which every device with presets takes."""

SETPOINTS = {
    "temperature": "temperature",
    "target_temp_low": "temperature_low",
    "target_temp_high": "temperature_high",
}
"""Argument: the prefix of its options."""

_MODES = ("fan_mode", "preset_mode", "swing_mode", "swing_horizontal_mode")
_FAHRENHEIT = Limits(45, 95)
"""Home Assistant's default range where the device counts in °F and names none."""


class Climate(Kind[ClimateConfig]):
    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        config = self.config
        features = having(
            temperature=config.temperature_command_topic,
            target_temperature_range=config.temperature_low_command_topic and config.temperature_high_command_topic,
            hvac_mode=config.mode_command_topic,
            humidity=config.target_humidity_command_topic,
            **{mode: self._topic(mode) for mode in _MODES},
        )
        limits = {name: self._range() for name, prefix in SETPOINTS.items() if self._topic(prefix)}
        if "humidity" in features:
            limits["humidity"] = Limits(config.min_humidity, config.max_humidity)
        presets = [NO_PRESET, *config.preset_modes] if config.preset_modes else None
        return Abilities(features, limits, choices(
            hvac_mode=config.modes if config.mode_command_topic else None,
            fan_mode=config.fan_modes if config.fan_mode_command_topic else None,
            preset_mode=presets if config.preset_mode_command_topic else None,
            swing_mode=config.swing_modes if config.swing_mode_command_topic else None,
            swing_horizontal_mode=(
                config.swing_horizontal_modes if config.swing_horizontal_mode_command_topic else None),
        ))  # fmt: skip

    def readings(self) -> list[Reading]:
        c = self.config
        shared, presets = c.value_template, c.preset_modes or []
        no_preset = (NO_VALUE, NO_PRESET)
        return [
            *text("state", c.mode_state_topic, c.mode_state_template or shared, lower=True),
            *figure("temperature", c.temperature_state_topic, c.temperature_state_template or shared),
            *figure("target_temp_low", c.temperature_low_state_topic, c.temperature_low_state_template or shared),
            *figure("target_temp_high", c.temperature_high_state_topic, c.temperature_high_state_template or shared),
            *figure("current_temperature", c.current_temperature_topic, c.current_temperature_template or shared),
            *figure("current_humidity", c.current_humidity_topic, c.current_humidity_template or shared),
            *figure("humidity", c.target_humidity_state_topic, c.target_humidity_state_template or shared),
            *text("hvac_action", c.action_topic, c.action_template or shared),
            *text("fan_mode", c.fan_mode_state_topic, c.fan_mode_state_template or shared),
            *text("swing_mode", c.swing_mode_state_topic, c.swing_mode_state_template or shared),
            *text("swing_horizontal_mode", c.swing_horizontal_mode_state_topic,
                  c.swing_horizontal_mode_state_template or shared),
            *options("preset_mode", c.preset_mode_state_topic, c.preset_mode_value_template or shared, presets,
                     no_preset),
        ]  # fmt: skip

    def order(self, command: Command) -> Order:
        match command.toggled():
            case "set_temperature":
                return self._warm(command)
            case "set_hvac_mode":
                return self._go(command.needed(command.choice("hvac_mode"), "hvac_mode"), command)
            case "turn_on" | "turn_off" as service:
                return self._switch(service, command)
            case "set_humidity":
                return self._dampen(command)
            case "set_fan_mode" | "set_preset_mode" | "set_swing_mode" | "set_swing_horizontal_mode" as service:
                return self._choose(service.removeprefix("set_"), command)
            case _:
                raise command.lacks(command.service)

    def question(self) -> Message | None:
        config = self.config
        measured = re.search(r"value_json\[\"(\w+)\"\]", config.current_temperature_template or "")
        told_on = config.mode_command_topic, config.temperature_command_topic
        asked = get_of(config.mode_state_topic, *told_on, also=[measured[1]] if measured else [])
        return asked or super().question()

    # ── told ──

    def _warm(self, command: Command) -> Order:
        """One setpoint, or the two of a range, and the mode that goes with them."""
        config, told, wanted = self.config, list[Message](), list[Expected]()
        if command.has("hvac_mode"):
            mode = self._go(command.needed(command.choice("hvac_mode"), "hvac_mode"), command)
            told += mode.messages
            wanted += [mode.expected] if mode.expected else []
        low, high = command.number("target_temp_low"), command.number("target_temp_high")
        if low is not None and high is not None and low > high:
            raise command.out_of_range("target_temp_low", low, Limits(self._range().minimum, high))
        given = [name for name in SETPOINTS if command.has(name)]
        if not given:
            raise command.lacks("temperature")
        for name in given:
            value = command.needed(command.number(name), name)
            topic = command.needed(self._topic(SETPOINTS[name]), name)
            told += messages((topic, write(getattr(config, f"{SETPOINTS[name]}_command_template"), value)))
            wanted.append(_close(name, value, config.temp_step / 2))
        return Order(tuple(told), lambda state: all(each(state) for each in wanted), repeatable=True)

    def _switch(self, service: str, command: Command) -> Order:
        """By the power topic where there is one, as Home Assistant does, else by the mode."""
        config, on = self.config, service == "turn_on"
        if config.power_command_topic:
            payload = write(config.power_command_template, config.payload_on if on else config.payload_off)
            expected = _is_running if on else is_now("off")
            wanted = expected if config.mode_state_topic else None
            return Order(messages((config.power_command_topic, payload)), wanted, repeatable=command.definite)
        if not on:
            return self._go(command.known("hvac_mode", "off"), command)
        modes = [mode for mode in command.entity.options.get("hvac_mode", ()) if mode != "off"]
        preferred = next((mode for mode in ("heat_cool", "auto", "heat", "cool") if mode in modes), None)
        return self._go(command.needed(preferred or next(iter(modes), None), "hvac_mode"), command)

    def _go(self, mode: str, command: Command) -> Order:
        topic = command.needed(self.config.mode_command_topic, "hvac_mode")
        told = messages((topic, write(self.config.mode_command_template, mode)))
        return Order(told, is_now(mode.lower()), repeatable=True)

    def _choose(self, name: str, command: Command) -> Order:
        topic = command.needed(self._topic(name), name)
        choice = command.needed(command.choice(name), name)
        told = messages((topic, write(getattr(self.config, f"{name}_command_template"), choice)))
        meant = None if (name, choice) == ("preset_mode", NO_PRESET) else choice
        return Order(told, says(name, meant), repeatable=True)

    def _dampen(self, command: Command) -> Order:
        topic = command.needed(self.config.target_humidity_command_topic, "humidity")
        percent = round(command.needed(command.number("humidity"), "humidity"))
        payload = write(self.config.target_humidity_command_template, percent)
        return Order(messages((topic, payload)), _close("humidity", percent, 1), repeatable=True)

    def _topic(self, name: str) -> str | None:
        topic: str | None = getattr(self.config, f"{name}_command_topic")
        return topic

    def _range(self) -> Limits:
        config = self.config
        if config.temperature_unit == "F" and not {"min_temp", "max_temp"} & config.model_fields_set:
            return Limits(_FAHRENHEIT.minimum, _FAHRENHEIT.maximum, config.temp_step)
        return Limits(config.min_temp, config.max_temp, config.temp_step)


def _close(name: str, wanted: float, tolerance: float) -> Expected:
    return lambda state: near(state.attributes.get(name), wanted, tolerance)


def _is_running(state: State) -> bool:
    return state.value not in (None, "off")
