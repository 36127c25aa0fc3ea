"""What one can say, in this house; and a word for thanks."""

from assistant.skill import Reply, Say, Skill, intent

_TOLD_OF = ("light", "cover", "climate", "switch", "fan", "lock", "vacuum", "media_player", "alarm_control_panel")
"""In this order; what is rarer is left to be found."""


class Help(Skill):
    @intent("MimoHelp", question=True, model=False)
    async def help(self) -> Reply:
        """Tell what can be asked here, with examples."""
        here = {entity.domain for entity in self.house.entities() if not entity.hidden}
        return Reply(speech=Say("help.can", {"kinds": [domain for domain in _TOLD_OF if domain in here]}))

    @intent("MimoThanks", question=True, model=False)
    async def thanks(self) -> Reply:
        """Answer a thank-you."""
        return Reply(speech=Say("help.thanks"))
