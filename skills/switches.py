"""Plugs, switches, sirens and buttons."""

from assistant.skill import (
    Action,
    Entity,
    NotPossible,
    Option,
    Percent,
    Reply,
    Seconds,
    Skill,
    Targets,
    Value,
    chosen,
    given,
    intent,
)


class Switches(Skill):
    domain = "switch"

    @intent("HassTurnOn", domains=("switch", "siren", "input_boolean"))
    async def turn_on(self, targets: Targets) -> Reply:
        """Turn on switches."""
        return Reply(actions=tuple(Action(switch.id, "turn_on") for switch in targets))

    @intent("HassTurnOff", domains=("switch", "siren", "input_boolean"))
    async def turn_off(self, targets: Targets) -> Reply:
        """Turn off switches."""
        return Reply(actions=tuple(Action(switch.id, "turn_off") for switch in targets))

    @intent("SirenSound", domains=("siren",), model=False)
    async def sound(
        self,
        targets: Targets,
        tone: Option | None = None,
        duration: Seconds | None = None,
        volume_level: Percent | None = None,
    ) -> Reply:
        """Sound sirens, with one of their tones, for a time, as loud as is said."""
        wanted = {each.id: _sound(each, tone, duration, volume_level) for each in targets}
        return Reply(actions=tuple(Action(name, "turn_on", details) for name, details in wanted.items()))

    @intent("HassTurnOn", domains=("button",))
    async def press(self, targets: Targets) -> Reply:
        """Press buttons."""
        return Reply(actions=tuple(Action(button.id, "press") for button in targets))


def _sound(siren: Entity, tone: str | None, duration: float | None, percent: int | None) -> dict[str, Value]:
    """Sirens count their volume from 0 to 1. What one cannot do is said before anybody is asked for a yes."""
    wanted = given(duration=duration, volume_level=None if percent is None else percent / 100)
    if lacking := next((name for name in wanted if name not in siren.features), None):
        raise NotPossible(f"{siren.id} has no {lacking}", name=siren, what=lacking)
    return wanted | given(tone=None if tone is None else chosen(siren, "tone", tone))
