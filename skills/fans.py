"""Fans and how fast they turn."""

from assistant.skill import Action, Entity, NotPossible, Percent, PercentStep, Reply, Skill, Targets, intent


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
    async def set_speed(
        self, targets: Targets, percentage: Percent | None = None, percentage_step: PercentStep | None = None
    ) -> Reply:
        """Set how fast fans turn, or faster or slower by a step."""
        if percentage is None and percentage_step is None:
            raise NotPossible("no speed was said", name=targets[0], what="percentage")
        return Reply(actions=tuple(self._at(fan, percentage, percentage_step or 0) for fan in targets))

    def _at(self, fan: Entity, percentage: int | None, step: int) -> Action:
        if "percentage" not in fan.features:
            raise NotPossible(f"{fan.id} has one speed", name=fan, what="percentage")
        wanted = max(0, min(100, self._speed(fan) + step)) if percentage is None else percentage
        if wanted == 0:
            return Action(fan.id, "turn_off")
        return Action(fan.id, "set_percentage", {"percentage": wanted})

    def _speed(self, fan: Entity) -> int:
        """As last reported; a step from an unknown speed would be a guess."""
        state = self.house.state(fan.id)
        speed = state.attributes.get("percentage")
        if state.value == "off":
            return 0
        if not isinstance(speed, int | float):
            raise NotPossible(f"{fan.id} has not said how fast it turns", name=fan, what="unknown_level")
        return round(speed)
