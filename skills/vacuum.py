"""Robot vacuum cleaners."""

from assistant.skill import Action, Entity, NotPossible, Option, Reply, Skill, Targets, chosen, intent


class Vacuums(Skill):
    domain = "vacuum"

    @intent("HassVacuumStart")
    @intent("HassTurnOn")
    async def start(self, targets: Targets) -> Reply:
        """Let vacuum cleaners clean."""
        return Reply(actions=tuple(Action(vacuum.id, "start") for vacuum in targets))

    @intent("HassVacuumReturnToBase")
    @intent("HassTurnOff")
    async def return_to_base(self, targets: Targets) -> Reply:
        """Send vacuum cleaners back to their base."""
        return Reply(actions=tuple(Action(vacuum.id, "return_to_base") for vacuum in targets))

    @intent("HassVacuumCleanArea")
    async def clean(self, targets: Targets, area: Option) -> Reply:
        """Let vacuum cleaners clean one room."""
        return Reply(
            actions=tuple(Action(each.id, "clean_area", {"area": chosen(each, "area", area)}) for each in targets)
        )

    @intent("VacuumSetFanSpeed", model=False)
    async def set_fan_speed(self, targets: Targets, fan_speed: Option) -> Reply:
        """Set how hard vacuum cleaners suck."""
        return Reply(
            actions=tuple(
                Action(each.id, "set_fan_speed", {"fan_speed": chosen(each, "fan_speed", fan_speed)})
                for each in targets
            )
        )

    @intent("VacuumLocate", model=False)
    async def locate(self, targets: Targets) -> Reply:
        """Let vacuum cleaners make themselves heard."""
        return Reply(actions=tuple(Action(vacuum.id, "locate") for vacuum in targets))

    @intent("VacuumCleanSpot", model=False)
    async def clean_spot(self, targets: Targets) -> Reply:
        """Let vacuum cleaners clean where they stand."""
        return Reply(actions=tuple(Action(vacuum.id, "clean_spot") for vacuum in targets))

    @intent("HassStopMoving")
    async def stop(self, targets: Targets) -> Reply:
        """Stop vacuum cleaners where they are."""
        return Reply(actions=tuple(_halt(vacuum) for vacuum in targets))


def _halt(vacuum: Entity) -> Action:
    """Many robots only know how to pause."""
    known = next((service for service in ("stop", "pause") if service in vacuum.features), None)
    if known is None:
        raise NotPossible(f"{vacuum.id} can neither stop nor pause", name=vacuum, what="stop")
    return Action(vacuum.id, known)
