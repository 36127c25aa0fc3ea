"""Water and gas valves."""

from assistant.skill import Action, NotPossible, Percent, Reply, Skill, Targets, intent


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
        for valve in targets:
            if "position" not in valve.features:
                raise NotPossible(f"{valve.id} only opens and closes", name=valve, what="position")
        return Reply(actions=tuple(Action(valve.id, "set_valve_position", {"position": position}) for valve in targets))
