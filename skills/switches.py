"""Plugs, switches, sirens and buttons."""

from assistant.skill import Action, Option, Reply, Skill, Targets, chosen, intent


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
    async def sound(self, targets: Targets, tone: Option) -> Reply:
        """Sound sirens with one of their tones."""
        return Reply(
            actions=tuple(Action(each.id, "turn_on", {"tone": chosen(each, "tone", tone)}) for each in targets)
        )

    @intent("HassTurnOn", domains=("button",))
    async def press(self, targets: Targets) -> Reply:
        """Press buttons."""
        return Reply(actions=tuple(Action(button.id, "press") for button in targets))
