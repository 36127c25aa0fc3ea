"""Blinds, shutters, curtains, garage doors and gates."""

from assistant.skill import Action, Entity, NotPossible, Percent, PercentStep, Reply, Skill, Targets, intent, level


class Covers(Skill):
    domain = "cover"

    @intent("HassTurnOn")
    async def open(self, targets: Targets) -> Reply:
        """Open covers."""
        return Reply(actions=tuple(Action(cover.id, "open_cover") for cover in targets))

    @intent("HassTurnOff")
    async def close(self, targets: Targets) -> Reply:
        """Close covers."""
        return Reply(actions=tuple(Action(cover.id, "close_cover") for cover in targets))

    @intent("HassSetPosition")
    async def set_position(self, targets: Targets, position: Percent) -> Reply:
        """Move covers to a position: 0 is closed, 100 is open."""
        return Reply(actions=tuple(_to(cover, position) for cover in targets))

    @intent("MoveBy", model=False)
    async def move(self, targets: Targets, position_step: PercentStep) -> Reply:
        """Open or close covers by a part of the way, from where they are."""
        return Reply(actions=tuple(_to(cover, self._after(cover, position_step)) for cover in targets))

    def _after(self, cover: Entity, step: int) -> int:
        if "position" not in cover.features:
            raise NotPossible(f"{cover.id} only opens and closes", name=cover, what="position")
        return round(max(0, min(100, level(self.house.state(cover.id), "position", cover) + step)))

    @intent("CoverSetTilt")
    async def set_tilt(self, targets: Targets, tilt: Percent) -> Reply:
        """Tilt the slats of covers: 0 is shut, 100 is open."""
        for cover in targets:
            if "tilt" not in cover.features:
                raise NotPossible(f"{cover.id} has no slats to tilt", name=cover, what="tilt")
        return Reply(
            actions=tuple(Action(cover.id, "set_cover_tilt_position", {"tilt_position": tilt}) for cover in targets)
        )

    @intent("HassStopMoving")
    async def stop(self, targets: Targets) -> Reply:
        """Stop covers that move."""
        return Reply(actions=tuple(_stop(cover) for cover in targets))


def _to(cover: Entity, position: int) -> Action:
    """Fully open and fully closed every cover can."""
    if "position" in cover.features:
        return Action(cover.id, "set_cover_position", {"position": position})
    if position in (0, 100):
        return Action(cover.id, "open_cover" if position else "close_cover")
    raise NotPossible(f"{cover.id} only opens and closes", name=cover, what="position")


def _stop(cover: Entity) -> Action:
    if "stop" not in cover.features:
        raise NotPossible(f"{cover.id} cannot be stopped", name=cover, what="stop")
    return Action(cover.id, "stop_cover")
