"""Boilers and hot water tanks; their state is the mode that they run in."""

from __future__ import annotations

from ha_mqtt_models_pydantic import WaterHeater as WaterHeaterConfig

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, choices, get_of, having, is_now, messages, near
from assistant.home.kinds.reading import figure, options
from assistant.home.templates import write
from assistant.models import Limits, Message, State

_CELSIUS, _FAHRENHEIT = Limits(43.3, 60), Limits(110, 140)
"""Home Assistant's range where the device names none."""


class WaterHeater(Kind[WaterHeaterConfig]):
    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        config = self.config
        features = having(
            temperature=config.temperature_command_topic,
            operation_mode=config.mode_command_topic,
        )
        usual = _FAHRENHEIT if config.temperature_unit == "F" else _CELSIUS
        lowest = usual.minimum if config.min_temp is None else config.min_temp
        highest = usual.maximum if config.max_temp is None else config.max_temp
        limits = {"temperature": Limits(lowest, highest, config.precision)} if "temperature" in features else {}
        return Abilities(features, limits, choices(operation_mode=config.modes if config.mode_command_topic else None))

    def readings(self) -> list[Reading]:
        c = self.config
        shared = c.value_template
        return [
            *options("state", c.mode_state_topic, c.mode_state_template or shared, c.modes or []),
            *figure("temperature", c.temperature_state_topic, c.temperature_state_template or shared),
            *figure("current_temperature", c.current_temperature_topic, c.current_temperature_template or shared),
        ]

    def order(self, command: Command) -> Order:
        match command.toggled():
            case "set_temperature":
                return self._warm(command)
            case "set_operation_mode":
                return self._go(command.needed(command.choice("operation_mode"), "operation_mode"), command)
            case "turn_on" | "turn_off" as service:
                return self._switch(service, command)
            case _:
                raise command.lacks(command.service)

    def question(self) -> Message | None:
        config = self.config
        return get_of(config.mode_state_topic, config.mode_command_topic, config.temperature_command_topic)

    def _warm(self, command: Command) -> Order:
        config = self.config
        mode = command.choice("operation_mode")
        first = self._go(mode, command).messages if mode is not None else ()
        wanted = command.needed(command.number("temperature"), "temperature")
        topic = command.needed(config.temperature_command_topic, "temperature")
        told = messages((topic, write(config.temperature_command_template, wanted)))

        def expected(state: State) -> bool:
            return mode in (None, state.value) and near(state.attributes.get("temperature"), wanted, 0.5)

        return Order(first + told, expected if config.temperature_state_topic else None, repeatable=True)

    def _go(self, mode: str, command: Command) -> Order:
        topic = command.needed(self.config.mode_command_topic, "operation_mode")
        told = messages((topic, write(self.config.mode_command_template, mode)))
        return Order(told, is_now(mode) if self.config.mode_state_topic else None, repeatable=True)

    def _switch(self, service: str, command: Command) -> Order:
        config, on = self.config, service == "turn_on"
        if not config.power_command_topic:
            if on:
                raise command.lacks(service)
            return self._go(command.known("operation_mode", "off"), command)
        payload = write(config.power_command_template, config.payload_on if on else config.payload_off)
        expected = _is_running if on else is_now("off")
        known = config.mode_state_topic and "off" in (config.modes or ())
        return Order(messages((config.power_command_topic, payload)), expected if known else None,
                     repeatable=command.definite)  # fmt: skip


def _is_running(state: State) -> bool:
    return state.value not in (None, "off")
