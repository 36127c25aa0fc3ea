"""Boilers and other water heaters: on, off, how hot, which mode."""

from assistant.skill import (
    Action,
    Celsius,
    CelsiusStep,
    Mode,
    NotPossible,
    Reply,
    Skill,
    Targets,
    chosen,
    intent,
    level,
)


class WaterHeaters(Skill):
    domain = "water_heater"

    @intent("HassTurnOn")
    async def turn_on(self, targets: Targets) -> Reply:
        """Turn on water heaters."""
        return Reply(actions=tuple(Action(each.id, "turn_on") for each in targets))

    @intent("HassTurnOff")
    async def turn_off(self, targets: Targets) -> Reply:
        """Turn off water heaters."""
        return Reply(actions=tuple(Action(each.id, "turn_off") for each in targets))

    @intent("HassClimateSetTemperature")
    async def set_temperature(
        self, targets: Targets, temperature: Celsius | None = None, temperature_step: CelsiusStep | None = None
    ) -> Reply:
        """Set how hot the water is, or by a step."""
        if temperature is None and temperature_step is None:
            raise NotPossible("no temperature was said", name=targets[0], what="temperature")
        actions = []
        for boiler in targets:
            wanted = temperature
            if wanted is None:
                wanted = level(self.house.state(boiler.id), "temperature", boiler) + (temperature_step or 0)
            actions.append(Action(boiler.id, "set_temperature", {"temperature": wanted}))
        return Reply(actions=tuple(actions))

    @intent("WaterHeaterSetMode")
    async def set_mode(self, targets: Targets, operation_mode: Mode) -> Reply:
        """Set the mode of water heaters."""
        return Reply(
            actions=tuple(
                Action(
                    each.id, "set_operation_mode", {"operation_mode": chosen(each, "operation_mode", operation_mode)}
                )
                for each in targets
            )
        )
