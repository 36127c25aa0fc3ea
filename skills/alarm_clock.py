"""Waking up: once or on weekdays, snoozed and silenced."""

from datetime import datetime

from assistant.skill import Action, NotPlanned, Reply, Say, Speaker, given, intent
from skills._planned import Planner
from skills.timers import Count, Name

ALARMS = "schedule.alarms"
SNOOZE_SECONDS = 9 * 60


class AlarmClock(Planner):
    @intent("SetAlarm", model=False)
    async def set(
        self, speaker: Speaker, at: datetime | None = None, seconds: float | None = None, repeats: str | None = None,
        start: datetime | None = None,
        name: Name | None = None,
    ) -> Reply:  # fmt: skip
        """Set an alarm, once or again and again."""
        if at is None:
            raise NotPlanned("an alarm needs a time", why="time")
        asked = given(
            name=name,
            due=at.isoformat(),
            seconds=seconds,
            repeats=repeats,
            start=start.isoformat() if start else None,
            **self.asked(speaker),
        )
        return Reply(actions=(Action(ALARMS, "add_alarm", asked),))

    @intent("SnoozeAlarm", model=False)
    async def snooze(self, speaker: Speaker, hours: Count = 0, minutes: Count = 0, seconds: Count = 0) -> Reply:
        """Let what rings ring again in some minutes."""
        ringing = [item for item in self.plan.ringing() if item.kind in ("alarm", "timer", "reminder")]
        if not ringing:
            raise NotPlanned("nothing rings", why="silent")
        length = hours * 3600 + minutes * 60 + seconds or SNOOZE_SECONDS
        again = given(name=ringing[0].name, due=self.after(length).isoformat(), seconds=length, **self.asked(speaker))
        return Reply(actions=(Action(ALARMS, "silence", {"again": True}), Action(ALARMS, "add_alarm", again)))

    @intent("SilenceAlarm", model=False)
    async def silence(self, named: bool = False) -> Reply:
        """Stop what rings."""
        if not self.plan.ringing():
            if named:
                raise NotPlanned("nothing rings", why="silent")
            return Reply(speech=Say("nevermind"))
        return Reply(actions=(Action(ALARMS, "silence"),))
