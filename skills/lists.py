"""The shopping list and other lists: putting on, ticking off, taking off. Reading out is a question to the house."""

import re

from assistant.skill import Action, Entity, Item, NotPossible, Reply, Say, Skill, Speaker, State, Targets, intent

_AND = {
    "en": r" and (?:the |some )?",
    "it": r" ed? (?:(?:il|lo|la|i|gli|le|del|della|dei|delle) |(?:del)?l['’])?",
    "zh": "和",
}


class Lists(Skill):
    domain = "todo"

    @intent("HassListAddItem")
    async def add(self, targets: Targets, item: Item, speaker: Speaker) -> Reply:
        """Put something on a list."""
        return Reply(
            actions=tuple(
                Action(each.id, "add_item", {"item": one}) for each in targets for one in _each(item, speaker)
            )
        )

    @intent("HassListCompleteItem")
    async def complete(self, targets: Targets, item: Item) -> Reply:
        """Tick something off a list."""
        return Reply(
            actions=tuple(
                Action(each.id, "update_item", {"item": self._meant(each, item), "status": "completed"})
                for each in targets
            )
        )

    @intent("HassListRemoveItem")
    async def remove(self, targets: Targets, item: Item) -> Reply:
        """Take something off a list."""
        return Reply(
            actions=tuple(Action(each.id, "remove_item", {"item": self._meant(each, item)}) for each in targets)
        )

    @intent("ListClear", model=False)
    async def clear(self, targets: Targets) -> Reply:
        """Take everything off a list."""
        read = tuple(self.house.state(each.id) for each in targets)
        actions = tuple(
            Action(state.entity_id, "remove_item", {"item": item}) for state in read for item in _items(state)
        )
        if actions:
            return Reply(actions=actions)
        untold = next((each for each, state in zip(targets, read, strict=True) if state.value != "0"), None)
        if untold is not None:
            raise NotPossible(f"{untold.id} does not tell what is on it", name=untold, what="clear")
        return Reply(speech=Say("list.empty", {"thing": targets[0]}), read=read)

    def _meant(self, list_: Entity, said: str) -> str:
        """The item as it stands on the list: "the milk" is "Milk", "tomatoes" may be "two tins of tomatoes"."""
        items = _items(self.house.state(list_.id))
        bare = _bare(said)
        same = [item for item in items if _bare(item) == bare]
        within = [item for item in items if bare in _bare(item).split() or bare in _bare(item)]
        found = same or within
        if not found:
            raise NotPossible(f"{said!r} is not on {list_.id}", name=list_, what="item", item=said)
        if len({_bare(item) for item in found}) > 1:
            raise NotPossible(f"{said!r} may be any of {', '.join(found)}", name=list_, what="items", item=said)
        return found[0]


def _items(state: State) -> list[str]:
    return [item for item in str(state.attributes.get("items") or "").split("\n") if item]


def _each(item: str, speaker: Speaker) -> list[str]:
    """ "milk, bread and eggs" are three things."""
    parts = re.split(rf",|，|、|{_AND.get(speaker.language, ' and ')}", item)
    return [part.strip() for part in parts if part.strip()] or [item]


_ARTICLE = re.compile(
    r"^(?:the|a|an|some|il|lo|la|i|gli|le|un|uno|una|del|della|dei|delle|dello)\s+|^(?:l|un|dell)['’]\s*"
)


def _bare(item: str) -> str:
    return _ARTICLE.sub("", " ".join(item.casefold().split()))
