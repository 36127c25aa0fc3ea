"""Humidifiers and dehumidifiers: on, off, how humid, which mode."""

from assistant.skill import Action, Mode, Percent, Reply, Skill, Targets, chosen, intent


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

    @intent("HassHumidifierMode")
    async def set_mode(self, targets: Targets, mode: Mode) -> Reply:
        """Set the mode of humidifiers."""
        return Reply(
            actions=tuple(Action(each.id, "set_mode", {"mode": chosen(each, "mode", mode)}) for each in targets)
        )
