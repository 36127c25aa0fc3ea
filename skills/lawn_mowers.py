"""Robot lawn mowers."""

from assistant.skill import Action, Reply, Skill, Targets, intent


class LawnMowers(Skill):
    domain = "lawn_mower"

    @intent("HassLawnMowerStartMowing")
    @intent("HassTurnOn")
    async def start(self, targets: Targets) -> Reply:
        """Let lawn mowers mow."""
        return Reply(actions=tuple(Action(mower.id, "start_mowing") for mower in targets))

    @intent("HassLawnMowerDock")
    @intent("HassTurnOff")
    async def dock(self, targets: Targets) -> Reply:
        """Send lawn mowers back to their dock."""
        return Reply(actions=tuple(Action(mower.id, "dock") for mower in targets))

    @intent("HassStopMoving")
    async def pause(self, targets: Targets) -> Reply:
        """Pause lawn mowers."""
        return Reply(actions=tuple(Action(mower.id, "pause") for mower in targets))
