"""Door locks: Home Assistant's HassTurnOn locks and HassTurnOff unlocks."""

from assistant.skill import Action, Reply, Skill, Targets, intent


class Locks(Skill):
    domain = "lock"

    @intent("HassTurnOn")
    async def lock(self, targets: Targets) -> Reply:
        """Lock locks."""
        return Reply(actions=tuple(Action(lock.id, "lock") for lock in targets))

    @intent("HassTurnOff")
    async def unlock(self, targets: Targets) -> Reply:
        """Unlock locks."""
        return Reply(actions=tuple(Action(lock.id, "unlock") for lock in targets))
