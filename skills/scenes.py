"""Scenes and scripts: the house set up in one word."""

from assistant.skill import Action, Reply, Skill, Targets, intent


class Scenes(Skill):
    domain = "scene"

    @intent("HassTurnOn", domains=("scene", "script"))
    async def start(self, targets: Targets) -> Reply:
        """Start scenes and scripts."""
        return Reply(actions=tuple(Action(scene.id, "turn_on") for scene in targets))
