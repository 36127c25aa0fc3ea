"""Screens and phones that show what they are sent."""

from assistant.skill import Action, Reply, Sentence, Skill, Targets, intent


class Messages(Skill):
    domain = "notify"

    @intent("MessageSend", model=False)
    async def send(self, targets: Targets, message: Sentence) -> Reply:
        """Send words to a screen or a phone."""
        return Reply(actions=tuple(Action(each.id, "send_message", {"message": message}) for each in targets))
