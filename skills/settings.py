"""What devices let one set by name: a number, one of several options, a text, a date or a time."""

from datetime import datetime

from assistant.skill import Action, Entity, NotPossible, Option, Reply, Skill, Targets, chosen, intent


class Settings(Skill):
    @intent("NumberSet", domains=("number",))
    async def set_number(self, targets: Targets, value: float | None = None, step: float | None = None) -> Reply:
        """Set a number, or more or less by a step."""
        if value is None and step is None:
            raise NotPossible("no number was said", name=targets[0], what="value")
        wanted = {each.id: self._now(each) + (step or 0) if value is None else value for each in targets}
        return Reply(actions=tuple(Action(name, "set_value", {"value": number}) for name, number in wanted.items()))

    @intent("SelectOption", domains=("select",))
    async def select(self, targets: Targets, option: Option) -> Reply:
        """Choose one of a device's options."""
        return Reply(
            actions=tuple(
                Action(each.id, "select_option", {"option": chosen(each, "option", option)}) for each in targets
            )
        )

    @intent("TextSet", domains=("text",))
    async def write(self, targets: Targets, text: Option) -> Reply:
        """Write a text on a device."""
        return Reply(actions=tuple(Action(each.id, "set_value", {"value": text}) for each in targets))

    @intent("MomentSet", domains=("date", "datetime", "time"), model=False)
    async def set_moment(self, targets: Targets, at: datetime) -> Reply:
        """Set a date, a time of day or both."""
        said = {"date": at.date().isoformat(), "datetime": at.isoformat(), "time": at.time().isoformat()}
        return Reply(actions=tuple(Action(each.id, "set_value", {each.domain: said[each.domain]}) for each in targets))

    def _now(self, number: Entity) -> float:
        try:
            return float(self.house.state(number.id).value or "")
        except ValueError as error:
            raise NotPossible(f"{number.id} has not said its number", name=number, what="unknown_level") from error
