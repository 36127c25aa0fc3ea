"""Fans and how fast they turn."""

from assistant.skill import Action, NotPossible, Percent, Reply, Skill, Targets, intent


class Fans(Skill):
    domain = "fan"

    @intent("HassTurnOn")
    async def turn_on(self, targets: Targets) -> Reply:
        """Turn on fans."""
        return Reply(actions=tuple(Action(fan.id, "turn_on") for fan in targets))

    @intent("HassTurnOff")
    async def turn_off(self, targets: Targets) -> Reply:
        """Turn off fans."""
        return Reply(actions=tuple(Action(fan.id, "turn_off") for fan in targets))

    @intent("HassFanSetSpeed")
    async def set_speed(self, targets: Targets, percentage: Percent) -> Reply:
        """Set how fast fans turn."""
        for fan in targets:
            if "percentage" not in fan.features:
                raise NotPossible(f"{fan.id} has one speed", name=fan, what="percentage")
        if percentage == 0:
            return Reply(actions=tuple(Action(fan.id, "turn_off") for fan in targets))
        return Reply(actions=tuple(Action(fan.id, "set_percentage", {"percentage": percentage}) for fan in targets))
