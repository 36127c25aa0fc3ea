"""Fans: how fast they turn, which way, and what they do by themselves."""

from typing import Literal

from assistant.skill import (
    Action,
    Entity,
    Mode,
    NotPossible,
    Percent,
    PercentStep,
    Reply,
    Skill,
    Targets,
    chosen,
    intent,
    level,
)


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

    @intent("FanSet")
    async def set(
        self,
        targets: Targets,
        preset_mode: Mode | None = None,
        oscillating: bool | None = None,
        direction: Literal["forward", "reverse"] | None = None,
    ) -> Reply:
        """Set a fan's preset, let it swing or not, or turn the other way."""
        actions: list[Action] = []
        for fan in targets:
            if preset_mode is not None:
                wanted = chosen(fan, "preset_mode", preset_mode)
                actions.append(Action(fan.id, "set_preset_mode", {"preset_mode": wanted}))
            if oscillating is not None:
                actions.append(_able(fan, "oscillate", Action(fan.id, "oscillate", {"oscillating": oscillating})))
            if direction is not None:
                actions.append(_able(fan, "direction", Action(fan.id, "set_direction", {"direction": direction})))
        if not actions:
            raise NotPossible("nothing was said to change", name=targets[0], what="change")
        return Reply(actions=tuple(actions))

    def _at(self, fan: Entity, percentage: int | None, step: int) -> Action:
        if "percentage" not in fan.features:
            raise NotPossible(f"{fan.id} has one speed", name=fan, what="percentage")
        wanted = max(0, min(100, self._speed(fan) + step)) if percentage is None else percentage
        if wanted == 0:
            return Action(fan.id, "turn_off")
        return Action(fan.id, "set_percentage", {"percentage": wanted})

    def _speed(self, fan: Entity) -> int:
        state = self.house.state(fan.id)
        return 0 if state.value == "off" else round(level(state, "percentage", fan))


def _able(fan: Entity, feature: str, action: Action) -> Action:
    if feature not in fan.features:
        raise NotPossible(f"{fan.id} has no {feature}", name=fan, what=feature)
    return action
