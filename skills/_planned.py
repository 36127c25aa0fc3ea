"""Which of the planned things is meant, and what an action says of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from assistant.skill import Agenda, NotPlanned, Scheduled, ScheduledKind, Skill, Speaker, Value, given

LISTS: Mapping[ScheduledKind, str] = {
    "timer": "schedule.timers", "alarm": "schedule.alarms", "reminder": "schedule.reminders",
    "command": "schedule.commands", "watch": "schedule.watches",
}  # fmt: skip
"""The entity that holds what is planned of a kind."""


class Planner(Skill):
    """What the skills of time have in common."""

    @property
    def plan(self) -> Agenda:
        if self.agenda is None:
            raise NotPlanned("this house has no schedule", why="none")
        return self.agenda

    def asked(self, speaker: Speaker) -> dict[str, Value]:
        """Who sets it, where and when."""
        return given(language=speaker.language, room=speaker.room, now=self.plan.now().isoformat())

    def shown(self, at: datetime) -> str:
        """As the house's clocks show it that day, be it summer or winter; a reply reads the hour from it."""
        return at.astimezone(self.plan.now().tzinfo).isoformat()

    def after(self, seconds: float) -> datetime:
        """So much time on, whatever the clocks do meanwhile."""
        now = self.plan.now()
        return (now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(now.tzinfo)

    def told(self, item: Scheduled) -> dict[str, Value]:
        """One thing, for an action and for what is said of it."""
        return given(
            id=str(item.id), kind=item.kind, name=item.name, text=item.text or None, seconds=item.seconds,
            due=self.shown(item.due) if item.due else None, left=self.left(item), repeats=item.repeats,
            clause=item.watch.clause if item.watch else None, paused=item.paused or None,
            now=self.plan.now().isoformat(),
        )  # fmt: skip

    def left(self, item: Scheduled) -> float | None:
        """Seconds."""
        if item.due is None:
            return item.remaining
        return max(0.0, (item.due - self.plan.now()).total_seconds())

    def several(self, items: Sequence[Scheduled], kind: ScheduledKind) -> dict[str, Value]:
        """One thing told whole, or how many there are."""
        if len(items) == 1:
            return self.told(items[0])
        return {"id": ",".join(str(item.id) for item in items), "kind": kind, "count": len(items)}

    def which(self, items: Sequence[Scheduled], kind: ScheduledKind, called: str | None = None) -> Scheduled:
        """The only one. Raises NotPlanned where there is none, or more than one."""
        if not items:
            raise NotPlanned(f"no such {kind}", why="none", kind=kind, called=called)
        if len(items) > 1:
            listed = [self.told(item) for item in items]
            raise NotPlanned(f"{len(items)} {kind}s may be meant", why="which", kind=kind, items=listed)
        return items[0]


def at_time(items: Sequence[Scheduled], at: datetime | None, day: date | None, now: datetime) -> list[Scheduled]:
    """Those of that day; or at that time, if need be on another day, or in the other half of one."""
    if at is None and day is None:
        return list(items)
    timed = [(item, item.due.astimezone(now.tzinfo)) for item in items if item.due is not None]
    if at is None:
        return [item for item, due in timed if due.date() == day]
    exact = [item for item, due in timed if due == at]
    return exact or [item for item, due in timed if due.strftime("%I%M") == at.strftime("%I%M")]


def called(items: Sequence[Scheduled], name: str | None) -> list[Scheduled]:
    """Those of that name; "eggs" is the egg timer's too."""
    if name is None:
        return list(items)
    wanted = _bare(name)
    same = [item for item in items if item.name and _bare(item.name) == wanted]
    return same or [item for item in items if item.name and (wanted in _bare(item.name) or _bare(item.name) in wanted)]


def about(items: Sequence[Scheduled], text: str | None) -> list[Scheduled]:
    """Those whose words hold these."""
    if text is None:
        return list(items)
    wanted = set(_bare(text).split())
    words = {item.id: f"{item.text} {item.watch.clause if item.watch else ''}" for item in items}
    return [item for item in items if wanted <= set(_bare(words[item.id]).split())]


def _bare(name: str) -> str:
    return " ".join(word.removesuffix("s") for word in name.casefold().replace("'", " ").split())
