"""What devices run, and what there is newer."""

from assistant.skill import Action, Reply, Say, Skill, Targets, intent


class Updates(Skill):
    domain = "update"

    @intent("UpdateInstall", model=False)
    async def install(self, targets: Targets) -> Reply:
        """Install what is newer."""
        read = tuple(self.house.state(each.id) for each in targets)
        newer = [each for each, state in zip(targets, read, strict=True) if state.value != "off"]
        if not newer:
            return Reply(speech=Say("state.one", {"thing": targets[0], "state": read[0]}), read=read)
        return Reply(actions=tuple(Action(each.id, "install") for each in newer))
