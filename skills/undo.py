"""Putting back what was last done."""

from assistant.skill import Reply, Skill, Speaker, intent


class Undo(Skill):
    @intent("MimoUndo", model=False)
    async def undo(self, speaker: Speaker) -> Reply:
        """Put everything back to how it was before the last request."""
        return speaker.undone()
