"""Why it did what it did: the last turn, retold from its record."""

from assistant.skill import Reply, Say, Skill, Speaker, intent


class Why(Skill):
    @intent("MimoExplain", question=True, model=False)
    async def explain(self, speaker: Speaker) -> Reply:
        """Tell why the last request was answered as it was, step by step."""
        told = await speaker.retold()
        space = "" if speaker.language == "zh" else " "
        return Reply(speech=space.join(told) if told else Say("why.nothing"))
