"""Lamps and ceiling lights."""

from collections.abc import Callable
from typing import Any

from assistant.skill import (
    Action,
    Color,
    Entity,
    Kelvin,
    KelvinStep,
    Missing,
    NotPossible,
    Option,
    Percent,
    PercentStep,
    Reply,
    Say,
    Seconds,
    Skill,
    Targets,
    chosen,
    given,
    intent,
)

_WARM, _COOL = 2700, 5000
"""Kelvin."""


class Lights(Skill):
    domain = "light"

    @intent("HassTurnOn")
    async def turn_on(self, targets: Targets) -> Reply:
        """Turn on lights."""
        return Reply(actions=tuple(Action(light.id, "turn_on") for light in targets))

    @intent("HassTurnOff")
    async def turn_off(self, targets: Targets) -> Reply:
        """Turn off lights."""
        return Reply(actions=tuple(Action(light.id, "turn_off") for light in targets))

    @intent("HassLightSet")
    async def set(
        self,
        targets: Targets,
        brightness: Percent | None = None,
        brightness_step: PercentStep | None = None,
        color: Color | None = None,
        temperature: Kelvin | None = None,
    ) -> Reply:
        """Change how lights shine."""
        if color == "white" and temperature is not None:
            color = None  # "a warm white": the warmth tells which white
        elif color is not None:
            temperature = None  # no lamp is blue and warm white at once
        change: dict[str, Any] = given(
            brightness=brightness, brightness_step=brightness_step, color=color, color_temperature=temperature
        )
        if not change:
            raise Missing("nothing was said to change", name=targets[0], what="change")
        able, unable = _apart(targets, lambda light: all(_feature(name) in light.features for name in change))
        if not able:
            lacking = next(name for name in change if _feature(name) not in targets[0].features)
            raise NotPossible(f"{targets[0].id} has no {_feature(lacking)}", name=targets[0], what=_feature(lacking))
        left_out = Say("left_out", {"things": unable}) if unable else None
        if change.get("brightness_step", 0) < 0 and (dark := self._all_off(able)):
            return dark
        return Reply(speech=left_out, actions=tuple(self._change(light, change) for light in able))

    @intent("LightWarmth", model=False)
    async def shift(self, targets: Targets, kelvin_step: KelvinStep) -> Reply:
        """Make the light of lamps warmer or cooler than it is."""
        able, unable = _apart(targets, lambda light: "color_temperature" in light.features)
        if not able:
            raise NotPossible(f"{targets[0].id} has one white", name=targets[0], what="color_temperature")
        left_out = Say("left_out", {"things": unable}) if unable else None
        return Reply(speech=left_out, actions=tuple(self._shifted(light, kelvin_step) for light in able))

    @intent("LightEffect", model=False)
    async def play(self, targets: Targets, effect: Option) -> Reply:
        """Let lights play one of their effects."""
        return Reply(
            actions=tuple(Action(each.id, "turn_on", {"effect": chosen(each, "effect", effect)}) for each in targets)
        )

    @intent("LightFade", model=False)
    async def fade(self, targets: Targets, transition: Seconds, brightness: Percent | None = None) -> Reply:
        """Let lights come on, change or go out slowly; 0 % is out."""
        if brightness == 0:
            return Reply(actions=tuple(Action(each.id, "turn_off", {"transition": transition}) for each in targets))
        change = given(brightness=brightness, transition=transition)
        return Reply(actions=tuple(Action(each.id, "turn_on", change) for each in targets))

    def _shifted(self, light: Entity, step: int) -> Action:
        """From the white that it last showed; after a colour, to a plain warm or cool one."""
        now, limits = self.house.state(light.id).attributes.get("color_temperature"), light.limits["color_temperature"]
        wanted = now + step if isinstance(now, int | float) else _COOL if step > 0 else _WARM
        wanted = round(max(limits.minimum, min(limits.maximum, wanted)))
        return Action(light.id, "turn_on", {"color_temperature": wanted})

    def _all_off(self, lights: Targets) -> Reply | None:
        """Dimming what is off leaves it off."""
        read = tuple(self.house.state(light.id) for light in lights)
        if any(state.value != "off" for state in read):
            return None
        return Reply(speech=Say("state.all_off", {"things": lights}), read=read)

    def _change(self, light: Entity, change: dict[str, str | int | float | bool | None]) -> Action:
        step = change.get("brightness_step")
        if isinstance(step, int):
            rest = {name: value for name, value in change.items() if name != "brightness_step"}
            change = rest | {"brightness": max(1, min(100, self._brightness(light) + step))}
        if change.get("brightness") == 0:
            return Action(light.id, "turn_off")
        return Action(light.id, "turn_on", change)

    def _brightness(self, light: Entity) -> int:
        """As last reported; a step from an unknown level would be a guess."""
        state = self.house.state(light.id)
        level = state.attributes.get("brightness")
        if state.value == "off":
            return 0
        if not isinstance(level, int | float):
            raise NotPossible(f"{light.id} has not said how bright it is", name=light, what="unknown_level")
        return round(level)


def _apart(targets: Targets, can: Callable[[Entity], bool]) -> tuple[list[Entity], list[Entity]]:
    return [light for light in targets if can(light)], [light for light in targets if not can(light)]


def _feature(change: str) -> str:
    return "brightness" if change == "brightness_step" else change
