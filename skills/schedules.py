"""Commands for later, again and again, or when something changes; and what is planned at all."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from assistant.skill import (
    Action,
    Item,
    NotPlanned,
    NotUnderstood,
    Reply,
    Say,
    Scheduled,
    ScheduledKind,
    Sentence,
    Speaker,
    Targets,
    given,
    intent,
)
from skills._planned import LISTS, Planner, about, at_time, called

Words = Annotated[str, Field(min_length=1, max_length=300)]


class Schedules(Planner):
    @intent("KeepTime", question=True)
    async def keep(self, sentence: Sentence) -> Reply:
        """Timers, alarms, reminders, anything for later: one sentence in the request's language, such as
        "set a ten minute timer", "turn off the heating in 20 minutes"."""
        # The model's one word for all of time: before anything is handled, what its sentence means takes its place.
        raise NotUnderstood(f"nobody has read {sentence!r}")

    @intent("ScheduleCommand", model=False)
    async def later(
        self, speaker: Speaker, command: Words, at: datetime | None = None, seconds: float | None = None,
        repeats: str | None = None,
        start: datetime | None = None, understood: bool = True,
    ) -> Reply:  # fmt: skip
        """Do something at a time, once or again and again."""
        if not understood or at is None:
            raise NotPlanned(f"it is not clear what {command!r} should do then, or when", why="command", text=command)
        asked = given(
            text=command,
            due=at.isoformat(),
            seconds=seconds,
            repeats=repeats,
            start=start.isoformat() if start else None,
            **self.asked(speaker),
        )
        return Reply(actions=(Action("schedule.commands", "add_command", asked),))

    @intent("WatchState", model=False)
    async def watch(
        self, targets: Targets, speaker: Speaker, state: str, clause: Words, command: Words | None = None,
        always: bool = False,
    ) -> Reply:  # fmt: skip
        """Tell, or do something, when a thing comes to a state."""
        ids = "|".join(thing.id for thing in targets)
        asked = given(ids=ids, state=state, clause=clause, text=command, always=always or None, armed=False)
        return Reply(actions=(Action("schedule.watches", "add_watch", asked | self.asked(speaker)),))

    @intent("MimoPlanNothing", model=False)
    async def refuse(
        self, anything: Item | None = None, moment: Item | None = None, minutes: float | None = None
    ) -> Reply:
        """Say that times are not read in this language: nothing is done now that was meant for later."""
        raise NotPlanned("times are read in English and Italian only", why="language")

    @intent("ScheduleList", question=True, model=False)
    async def tell(
        self, kind: ScheduledKind | None = None, at: datetime | None = None, day: date | None = None
    ) -> Reply:
        """Tell what is planned."""
        items = at_time(self._of(kind), at, day, self.plan.now())
        told = [self.told(item) for item in items]
        return Reply(speech=Say("planned", {"items": told, "kind": kind, "asked_day": bool(at or day)}))

    @intent("ScheduleCancel", model=False)
    async def cancel(
        self, kind: ScheduledKind, at: datetime | None = None, day: date | None = None, text: Words | None = None,
        name: Words | None = None, every: bool = False,
    ) -> Reply:  # fmt: skip
        """Cancel an alarm, a reminder, a command for later or a watch."""
        among = self._of(kind) if kind != "command" else self._of("command", "watch")
        items = about(called(at_time(among, at, day, self.plan.now()), name), text)
        if not every and day is None:
            items = [self.which(items, kind, name or text)]
        if not items:
            raise NotPlanned(f"no such {kind}", why="none", kind=kind)
        return Reply(actions=(Action(LISTS[kind], "cancel", self.several(items, kind)),))

    @intent("ScheduleChange", model=False)
    async def change(
        self, kind: ScheduledKind, at: datetime, which: datetime | None = None, text: Words | None = None,
        same_day: bool = False,
    ) -> Reply:  # fmt: skip
        """Move an alarm or a reminder to another time."""
        item = self.which(about(at_time(self._of(kind), which, None, self.plan.now()), text), kind, text)
        new = self._on_its_day(item, at) if same_day else at
        told = self.told(item) | given(due=new.isoformat(), language=item.language, room=item.room)
        return Reply(actions=(Action(LISTS[kind], "change", told),))

    def _of(self, *kinds: ScheduledKind | None) -> list[Scheduled]:
        return list(self.plan.items(*(kind for kind in kinds if kind is not None)))

    def _on_its_day(self, item: Scheduled, at: datetime) -> datetime:
        """ "To eight": on the day that it was for, unless that is past then."""
        if item.due is None:
            return at
        day = item.due.astimezone(self.plan.now().tzinfo)
        new = day.replace(hour=at.hour, minute=at.minute)
        return new if new > self.plan.now() else at
