"""Humidifiers and dehumidifiers: on, off, how humid, which mode."""

from assistant.skill import Action, Mode, Percent, PercentStep, Reply, Skill, Targets, chosen, intent, level


class Humidifiers(Skill):
    domain = "humidifier"

    @intent("HassTurnOn")
    async def turn_on(self, targets: Targets) -> Reply:
        """Turn on humidifiers."""
        return Reply(actions=tuple(Action(each.id, "turn_on") for each in targets))

    @intent("HassTurnOff")
    async def turn_off(self, targets: Targets) -> Reply:
        """Turn off humidifiers."""
        return Reply(actions=tuple(Action(each.id, "turn_off") for each in targets))

    @intent("HassHumidifierSetpoint")
    async def set_humidity(self, targets: Targets, humidity: Percent) -> Reply:
        """Set how humid it shall be."""
        return Reply(actions=tuple(Action(each.id, "set_humidity", {"humidity": humidity}) for each in targets))

    @intent("HumidityStep", model=False)
    async def change_humidity(self, targets: Targets, humidity_step: PercentStep) -> Reply:
        """More or less humid than it is set to now, by a step."""
        wanted = {each.id: level(self.house.state(each.id), "humidity", each) + humidity_step for each in targets}
        return Reply(actions=tuple(Action(name, "set_humidity", {"humidity": value}) for name, value in wanted.items()))

    @intent("HassHumidifierMode")
    async def set_mode(self, targets: Targets, mode: Mode) -> Reply:
        """Set the mode of humidifiers."""
        return Reply(
            actions=tuple(Action(each.id, "set_mode", {"mode": chosen(each, "mode", mode)}) for each in targets)
        )
