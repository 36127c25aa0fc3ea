"""Fans: on, off, how fast, in which preset, swinging and which way."""

from __future__ import annotations

from ha_mqtt_models_pydantic import Fan as FanConfig

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import (
    Abilities,
    Kind,
    Order,
    Reading,
    Report,
    choices,
    get_of,
    having,
    is_now,
    messages,
    near,
    says,
)
from assistant.home.kinds.reading import options, text, words
from assistant.home.scales import speed_percent, speed_step
from assistant.home.templates import Payload, number, read, write
from assistant.models import Limits, Message, State

DIRECTIONS = ("forward", "reverse")


class Fan(Kind[FanConfig]):
    """Its speeds are steps from speed_range_min to speed_range_max; we count in percent."""

    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        config = self.config
        features = having(
            percentage=config.percentage_command_topic,
            preset_mode=config.preset_mode_command_topic,
            oscillate=config.oscillation_command_topic,
            direction=config.direction_command_topic,
        )
        step = 100 / (config.speed_range_max - config.speed_range_min + 1)
        limits = {"percentage": Limits(0, 100, step)} if "percentage" in features else {}
        return Abilities(features, limits, choices(
            preset_mode=config.preset_modes if config.preset_mode_command_topic else None,
            direction=list(DIRECTIONS) if config.direction_command_topic else None,
        ))  # fmt: skip

    def readings(self) -> list[Reading]:
        c = self.config
        swings = {c.payload_oscillation_on: True, c.payload_oscillation_off: False}
        speed = [Reading(c.percentage_state_topic, self._note_speed)] if c.percentage_state_topic else []
        return [
            *words("state", c.state_topic, c.state_value_template, {c.payload_on: "on", c.payload_off: "off"}),
            *speed,
            *options("preset_mode", c.preset_mode_state_topic, c.preset_mode_value_template, c.preset_modes or [],
                     [c.payload_reset_preset_mode]),
            *words("oscillating", c.oscillation_state_topic, c.oscillation_value_template, swings),
            *text("direction", c.direction_state_topic, c.direction_value_template),
        ]  # fmt: skip

    def question(self) -> Message | None:
        config = self.config
        return get_of(config.state_topic, config.command_topic, config.percentage_command_topic)

    def order(self, command: Command) -> Order:
        service, percentage = command.toggled(), command.percent("percentage")
        match service:
            case "turn_off":
                return self._off(command)
            case "set_percentage" if percentage == 0:
                return self._off(command)
            case "turn_on" | "set_percentage" if percentage:
                return self._speed(percentage, command)
            case "turn_on" | "set_preset_mode" if command.has("preset_mode"):
                return self._preset(command)
            case "turn_on":
                return Order(self._on(command), is_now("on"), repeatable=command.definite)
            case "oscillate":
                return self._swing(command)
            case "set_direction":
                return self._turn(command)
            case _:
                raise command.lacks(command.service)

    # ── told ──

    def _on(self, command: Command) -> tuple[Message, ...]:
        topic = command.needed(self.config.command_topic, "turn_on")
        return messages((topic, write(self.config.command_template, self.config.payload_on)))

    def _off(self, command: Command) -> Order:
        topic = command.needed(self.config.command_topic, "turn_off")
        told = messages((topic, write(self.config.command_template, self.config.payload_off)))
        return Order(told, is_now("off"), repeatable=command.definite)

    def _and_on(self, told: tuple[Message, ...], command: Command) -> tuple[Message, ...]:
        return told if command.state.value == "on" else self._on(command) + told

    def _speed(self, percentage: int, command: Command) -> Order:
        config = self.config
        lowest, highest = config.speed_range_min, config.speed_range_max
        step = speed_step(percentage, lowest, highest)
        reached = speed_percent(step, lowest, highest)
        topic = command.needed(config.percentage_command_topic, "percentage")
        told = messages((topic, write(config.percentage_command_template, step)))

        def expected(state: State) -> bool:
            return state.value == "on" and near(state.attributes.get("percentage"), reached, 1)

        return Order(self._and_on(told, command), expected, repeatable=True)

    def _preset(self, command: Command) -> Order:
        config = self.config
        topic = command.needed(config.preset_mode_command_topic, "preset_mode")
        preset = command.needed(command.choice("preset_mode"), "preset_mode")
        told = messages((topic, write(config.preset_mode_command_template, preset)))
        return Order(self._and_on(told, command), says("preset_mode", preset), repeatable=True)

    def _swing(self, command: Command) -> Order:
        config = self.config
        topic = command.needed(config.oscillation_command_topic, "oscillate")
        swings = command.needed(command.flag("oscillating"), "oscillate")
        payload = config.payload_oscillation_on if swings else config.payload_oscillation_off
        told = messages((topic, write(config.oscillation_command_template, payload)))
        return Order(told, says("oscillating", swings), repeatable=True)

    def _turn(self, command: Command) -> Order:
        config = self.config
        topic = command.needed(config.direction_command_topic, "direction")
        direction = command.needed(command.choice("direction"), "direction")
        told = messages((topic, write(config.direction_command_template, direction)))
        return Order(told, says("direction", direction), repeatable=True)

    # ── heard ──

    def _note_speed(self, payload: Payload, report: Report) -> None:
        config = self.config
        said = read(config.percentage_value_template, payload)
        step = None if said == config.payload_reset_percentage else number(said)
        report["percentage"] = (
            None if step is None else speed_percent(step, config.speed_range_min, config.speed_range_max)
        )
