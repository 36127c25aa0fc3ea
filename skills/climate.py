"""Heating and cooling: setpoints, modes, and how warm it is."""

from assistant.skill import (
    Action,
    Celsius,
    CelsiusStep,
    Entity,
    Missing,
    Mode,
    NotPossible,
    Reply,
    Say,
    Skill,
    State,
    Targets,
    Value,
    chosen,
    intent,
    level,
)

_ENDS = ("target_temp_low", "target_temp_high")
"""Of what a thermostat keeps between two temperatures."""


class Climate(Skill):
    domain = "climate"

    @intent("HassTurnOn")
    async def turn_on(self, targets: Targets) -> Reply:
        """Turn on heating or cooling."""
        return Reply(actions=tuple(self._on(thermostat) for thermostat in targets))

    @intent("HassTurnOff")
    async def turn_off(self, targets: Targets) -> Reply:
        """Turn off heating or cooling."""
        return Reply(actions=tuple(_mode(thermostat, "off") for thermostat in targets))

    @intent("HassClimateSetTemperature")
    async def set_temperature(
        self, targets: Targets, temperature: Celsius | None = None, temperature_step: CelsiusStep | None = None
    ) -> Reply:
        """Set a temperature, or a step warmer or cooler."""
        if temperature is None and temperature_step is None:
            raise Missing("no temperature was said", name=targets[0], what="temperature")
        wanted = {each.id: self._setpoints(each, temperature, temperature_step or 0) for each in targets}
        return Reply(actions=tuple(Action(name, "set_temperature", setpoints) for name, setpoints in wanted.items()))

    @intent("ClimateSetRange", model=False)
    async def set_range(self, targets: Targets, low: Celsius, high: Celsius) -> Reply:
        """Keep it between two temperatures."""
        for each in targets:
            if "target_temperature_range" not in each.features:
                raise NotPossible(f"{each.id} takes one temperature", name=each, what="target_temperature_range")
        wanted = dict(zip(_ENDS, sorted((low, high)), strict=True))
        return Reply(actions=tuple(Action(each.id, "set_temperature", wanted) for each in targets))

    @intent("HassClimateSetHvacMode")
    async def set_mode(self, targets: Targets, hvac_mode: Mode) -> Reply:
        """Set the mode of heating or cooling."""
        return Reply(actions=tuple(_mode(thermostat, hvac_mode) for thermostat in targets))

    @intent("HassClimateSetFanMode")
    async def set_fan_mode(self, targets: Targets, fan_mode: Mode) -> Reply:
        """Set the fan of heating or cooling."""
        return Reply(actions=tuple(_option(each, "fan_mode", fan_mode) for each in targets))

    @intent("ClimateSetPresetMode")
    async def set_preset_mode(self, targets: Targets, preset_mode: Mode) -> Reply:
        """Set heating or cooling to a preset."""
        return Reply(actions=tuple(_option(each, "preset_mode", preset_mode) for each in targets))

    @intent("ClimateSetSwingMode", model=False)
    async def set_swing_mode(self, targets: Targets, swing_mode: Mode) -> Reply:
        """Set how the air of heating or cooling swings."""
        return Reply(actions=tuple(_option(each, "swing_mode", swing_mode) for each in targets))

    @intent("HassClimateGetTemperature", domains=("climate", "sensor", "water_heater"), question=True)
    async def temperature(self, targets: Targets) -> Reply:
        """How warm it is, from thermostats or thermometers."""
        read = tuple(self.house.state(thing.id) for thing in targets)
        known = [(thing, value) for thing, state in zip(targets, read, strict=True)
                 if (value := _measured(state)) is not None]  # fmt: skip
        if not known:
            return Reply(speech=Say("state.one_unknown", {"thing": targets[0]}), read=read)
        readings = [(self._place(thing), value, thing.unit or "°C") for thing, value in known]
        if len(readings) > 1:
            return Reply(speech=Say("temperature.several", {"readings": readings}), read=read)
        place, value, unit = readings[0]
        if known[0][0].domain == "water_heater":
            return Reply(speech=Say("measure.one", {"thing": place, "value": value, "unit": unit}), read=read)
        return Reply(speech=Say("temperature.now", {"place": place, "value": value, "unit": unit}), read=read)

    def _place(self, thing: Entity) -> object:
        """The room, which has a name in each language; but a boiler is as hot as itself."""
        if thing.domain == "water_heater":
            return thing
        return next((room for room in self.house.rooms if room.name == thing.room), thing)

    def _setpoints(self, thermostat: Entity, temperature: float | None, step: float) -> dict[str, Value]:
        """Where it keeps between two, both move by a step, and one alone is none."""
        only_two = "target_temperature_range" in thermostat.features and "temperature" not in thermostat.features
        if temperature is not None:
            if only_two:
                raise NotPossible(f"{thermostat.id} takes two temperatures", name=thermostat, what="one_temperature")
            return {"temperature": temperature}
        now = self.house.state(thermostat.id)
        between = now.attributes.get("temperature") is None and now.attributes.get("target_temp_low") is not None
        moved = _ENDS if only_two or between else ("temperature",)
        return {name: level(now, name, thermostat) + step for name in moved}

    def _on(self, thermostat: Entity) -> Action:
        """Home Assistant leaves open what "on" is; the first mode that heats or regulates."""
        modes = thermostat.options.get("hvac_mode", ())
        wanted = next((mode for mode in ("heat_cool", "auto", "heat", "cool") if mode in modes), None)
        return Action(thermostat.id, "turn_on") if wanted is None else _mode(thermostat, wanted)


def _mode(thermostat: Entity, mode: str) -> Action:
    return Action(thermostat.id, "set_hvac_mode", {"hvac_mode": mode})


def _option(thermostat: Entity, name: str, said: str) -> Action:
    return Action(thermostat.id, f"set_{name}", {name: chosen(thermostat, name, said)})


def _measured(state: State) -> float | None:
    """What a thermostat measures, or a thermometer says; the setpoint is no answer."""
    value = state.attributes.get("current_temperature", None if "temperature" in state.attributes else state.value)
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
