"""Whatever is on goes off, or the reverse."""

from assistant.skill import Action, Entity, NotPossible, Reply, Skill, Targets, intent

_OTHER = {"on": "turn_off", "off": "turn_on", "open": "close_cover", "closed": "open_cover"}


class Toggles(Skill):
    """From what each thing last said: a toggle of the unknown would be a guess."""

    @intent("HassToggle", domains=("light", "switch", "fan", "siren", "humidifier", "cover"))
    async def toggle(self, targets: Targets) -> Reply:
        """Turn off what is on, open what is closed, and the other way round."""
        return Reply(actions=tuple(self._other_way(thing) for thing in targets))

    def _other_way(self, thing: Entity) -> Action:
        service = _OTHER.get(self.house.state(thing.id).value or "")
        if service is None:
            raise NotPossible(f"{thing.id} has not said how it is", name=thing, what="unknown_level")
        return Action(thing.id, service)
