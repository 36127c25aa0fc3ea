"""What is planned, as a form has it: set with all of it at once, and changed or cancelled by its number."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from assistant.skill import Action, NotPlanned, Reply, Scheduled, ScheduledKind, Speaker, Value, given, intent
from skills._planned import LISTS, Planner

HAS: Mapping[ScheduledKind, frozenset[str]] = {
    "timer": frozenset({"name"}),
    "alarm": frozenset({"name", "repeats"}),
    "reminder": frozenset({"text", "repeats"}),
    "command": frozenset({"text", "repeats"}),
    "watch": frozenset(),
}
"""What can be given and changed beside the time, which a watch has not."""

_NEEDS_WORDS = ("reminder", "command")


class Plans(Planner):
    @intent("PlanSet", model=False)
    async def set(
        self, speaker: Speaker, kind: ScheduledKind, at: datetime | None = None, seconds: float | None = None,
        name: str | None = None, text: str | None = None, repeats: str | None = None,
    ) -> Reply:  # fmt: skip
        """Plan something: a timer, an alarm, a reminder or a command."""
        now = self.plan.now()
        if seconds is not None:
            at = self.after(seconds)
        if at is None:
            raise NotPlanned("it has no time", why="time")
        if kind == "timer":
            seconds = (at - now).total_seconds()
        _expect_has(kind, given(name=name, text=text, repeats=repeats))
        if kind in _NEEDS_WORDS and not text:
            raise NotPlanned(f"a {kind} needs its words", why="words")
        asked = given(name=name, text=text, due=self.shown(at), seconds=seconds, repeats=repeats,
                      **self.asked(speaker))  # fmt: skip
        return Reply(actions=(Action(LISTS[kind], f"add_{kind}", asked),))

    @intent("PlanChange", model=False)
    async def change(
        self, number: int, at: datetime | None = None, by: float | None = None, name: str | None = None,
        text: str | None = None, repeats: str | None = None,
    ) -> Reply:  # fmt: skip
        """Give it another time or length, another name, other words, other days; an empty name or rule: none."""
        item, new = self._item(number), given(name=name, text=text, repeats=repeats)
        _expect_has(item.kind, new)
        if item.watch is not None and (at is not None or by is not None):
            raise NotPlanned("a watch has no time", why="lacks")
        if text == "":
            raise NotPlanned(f"a {item.kind} needs its words", why="words")
        told = self.told(item) | new | self._time(item, at, by) | given(language=item.language, room=item.room)
        return Reply(actions=(Action(LISTS[item.kind], "change", told),))

    @intent("PlanPause", model=False)
    async def pause(self, number: int) -> Reply:
        """Hold a timer."""
        return self._do("pause", number)

    @intent("PlanResume", model=False)
    async def resume(self, number: int) -> Reply:
        """Let a timer go on."""
        return self._do("resume", number)

    @intent("PlanCancel", model=False)
    async def cancel(self, number: int) -> Reply:
        """Cancel it."""
        return self._do("cancel", number)

    def _do(self, service: str, number: int) -> Reply:
        item = self._item(number)
        return Reply(actions=(Action(LISTS[item.kind], service, self.told(item)),))

    def _item(self, number: int) -> Scheduled:
        found = next((item for item in self.plan.items() if item.id == number), None)
        if found is None:
            raise NotPlanned("nothing is planned under that number", why="none")
        return found

    def _time(self, item: Scheduled, at: datetime | None, by: float | None) -> dict[str, Value]:
        """A timer's new time is a new length; and what is given neither keeps its own."""
        left = self.left(item) or 0.0
        if at is not None and item.kind == "timer":
            by = (at - self.plan.now()).total_seconds() - left
        elif at is not None:
            return {"due": self.shown(at)}
        by = by or 0.0
        if item.kind == "timer" and left + by <= 0:
            raise NotPlanned("nothing of it would be left", why="past")
        due = self.shown(item.due + timedelta(seconds=by)) if item.due else None
        return given(by=by, left=left + by, due=due, seconds=None if item.seconds is None else item.seconds + by)


def _expect_has(kind: ScheduledKind, written: Mapping[str, Value]) -> None:
    for what in written:
        if what not in HAS[kind]:
            raise NotPlanned(f"a {kind} has no {what}", why="lacks")
