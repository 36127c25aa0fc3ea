"""Humidifiers and dehumidifiers."""

from __future__ import annotations

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, choices, having, is_now, messages, near, says
from assistant.home.kinds.models import HumidifierConfig
from assistant.home.kinds.reading import figure, options, text, words
from assistant.home.templates import write
from assistant.models import Limits


class Humidifier(Kind[HumidifierConfig]):
    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        config = self.config
        features = having(humidity=True, mode=config.mode_command_topic)
        limits = {"humidity": Limits(config.min_humidity, config.max_humidity)}
        return Abilities(features, limits, choices(mode=config.modes if config.mode_command_topic else None))

    def readings(self) -> list[Reading]:
        c = self.config
        return [
            *words("state", c.state_topic, c.state_value_template, {c.payload_on: "on", c.payload_off: "off"}),
            *figure("humidity", c.target_humidity_state_topic, c.target_humidity_state_template,
                    c.payload_reset_humidity),
            *figure("current_humidity", c.current_humidity_topic, c.current_humidity_template,
                    c.payload_reset_humidity),
            *options("mode", c.mode_state_topic, c.mode_state_template, c.modes or [], [c.payload_reset_mode]),
            *text("action", c.action_topic, c.action_template),
        ]  # fmt: skip

    def order(self, command: Command) -> Order:
        config = self.config
        match command.toggled():
            case "turn_on" | "turn_off" as service:
                on = service == "turn_on"
                topic = command.needed(config.command_topic, service)
                payload = write(config.command_template, config.payload_on if on else config.payload_off)
                return Order(messages((topic, payload)), is_now("on" if on else "off"), repeatable=command.definite)
            case "set_humidity":
                percent = round(command.needed(command.number("humidity"), "humidity"))
                payload = write(config.target_humidity_command_template, percent)
                told = messages((config.target_humidity_command_topic, payload))
                return Order(told, lambda state: near(state.attributes.get("humidity"), percent, 1), repeatable=True)
            case "set_mode":
                mode = command.needed(command.choice("mode"), "mode")
                topic = command.needed(config.mode_command_topic, "mode")
                told = messages((topic, write(config.mode_command_template, mode)))
                return Order(told, says("mode", mode), repeatable=True)
            case _:
                raise command.lacks(command.service)
