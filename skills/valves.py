"""Water and gas valves."""

from assistant.skill import Action, Entity, NotPossible, Percent, PercentStep, Reply, Skill, Targets, intent, level


class Valves(Skill):
    domain = "valve"

    @intent("HassTurnOn")
    async def open(self, targets: Targets) -> Reply:
        """Open valves."""
        return Reply(actions=tuple(Action(valve.id, "open_valve") for valve in targets))

    @intent("HassTurnOff")
    async def close(self, targets: Targets) -> Reply:
        """Close valves."""
        return Reply(actions=tuple(Action(valve.id, "close_valve") for valve in targets))

    @intent("HassSetPosition")
    async def set_position(self, targets: Targets, position: Percent) -> Reply:
        """Open valves so far: 0 is closed, 100 is open."""
        return Reply(actions=tuple(_to(valve, position) for valve in targets))

    @intent("MoveBy", model=False)
    async def move(self, targets: Targets, position_step: PercentStep) -> Reply:
        """Open or close valves by a part, from where they are."""
        return Reply(actions=tuple(_to(valve, self._after(valve, position_step)) for valve in targets))

    def _after(self, valve: Entity, step: int) -> int:
        if "position" not in valve.features:
            raise _only_opens(valve)
        return round(max(0, min(100, level(self.house.state(valve.id), "position", valve) + step)))


def _to(valve: Entity, position: int) -> Action:
    if "position" not in valve.features:
        raise _only_opens(valve)
    return Action(valve.id, "set_valve_position", {"position": position})


def _only_opens(valve: Entity) -> NotPossible:
    return NotPossible(f"{valve.id} only opens and closes", name=valve, what="position")
