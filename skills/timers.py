"""Kitchen timers: several at a time, by name, longer or shorter, paused and asked after."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from assistant.skill import Action, NotPlanned, Reply, Say, Scheduled, Speaker, given, intent
from skills._planned import Planner, called

Count = Annotated[float, Field(ge=0, le=100_000)]
Name = Annotated[str, Field(min_length=1, max_length=60)]

TIMERS = "schedule.timers"


class Timers(Planner):
    @intent("HassStartTimer", model=False)
    async def start(
        self, speaker: Speaker, hours: Count = 0, minutes: Count = 0, seconds: Count = 0, name: Name | None = None
    ) -> Reply:
        """Set a timer."""
        length = _length(hours, minutes, seconds)
        if not length:
            raise NotPlanned("a timer needs a length", why="length")
        asked = given(name=name, seconds=length, due=self.after(length).isoformat(), **self.asked(speaker))
        return Reply(actions=(Action(TIMERS, "add_timer", asked),))

    @intent("HassCancelTimer", model=False)
    async def cancel(
        self, name: Name | None = None, start_hours: Count = 0, start_minutes: Count = 0, start_seconds: Count = 0
    ) -> Reply:
        """Cancel a timer."""
        if any(item.kind == "timer" for item in self.plan.ringing()):
            return Reply(actions=(Action(TIMERS, "silence"),))
        item = self._one(name, _length(start_hours, start_minutes, start_seconds))
        return Reply(actions=(Action(TIMERS, "cancel", self.told(item)),))

    @intent("HassCancelAllTimers", model=False)
    async def cancel_all(self) -> Reply:
        """Cancel every timer."""
        items = self.plan.items("timer")
        if not items:
            raise NotPlanned("no timer is set", why="none", kind="timer")
        return Reply(actions=(Action(TIMERS, "cancel", self.several(items, "timer")),))

    @intent("HassIncreaseTimer", model=False)
    async def increase(
        self, hours: Count = 0, minutes: Count = 0, seconds: Count = 0, name: Name | None = None,
        start_hours: Count = 0, start_minutes: Count = 0, start_seconds: Count = 0,
    ) -> Reply:  # fmt: skip
        """Make a timer longer."""
        item = self._one(name, _length(start_hours, start_minutes, start_seconds))
        return self._longer(item, _length(hours, minutes, seconds))

    @intent("HassDecreaseTimer", model=False)
    async def decrease(
        self, hours: Count = 0, minutes: Count = 0, seconds: Count = 0, name: Name | None = None,
        start_hours: Count = 0, start_minutes: Count = 0, start_seconds: Count = 0,
    ) -> Reply:  # fmt: skip
        """Make a timer shorter."""
        item = self._one(name, _length(start_hours, start_minutes, start_seconds))
        return self._longer(item, -_length(hours, minutes, seconds))

    @intent("HassPauseTimer", model=False)
    async def pause(
        self, name: Name | None = None, start_hours: Count = 0, start_minutes: Count = 0, start_seconds: Count = 0
    ) -> Reply:
        """Hold a timer."""
        running = [item for item in self.plan.items("timer") if not item.paused]
        item = self._one(name, _length(start_hours, start_minutes, start_seconds), running)
        return Reply(actions=(Action(TIMERS, "pause", self.told(item)),))

    @intent("HassUnpauseTimer", model=False)
    async def resume(
        self, name: Name | None = None, start_hours: Count = 0, start_minutes: Count = 0, start_seconds: Count = 0
    ) -> Reply:
        """Let a timer go on."""
        paused = [item for item in self.plan.items("timer") if item.paused]
        item = self._one(name, _length(start_hours, start_minutes, start_seconds), paused)
        return Reply(actions=(Action(TIMERS, "resume", self.told(item)),))

    @intent("HassTimerStatus", question=True, model=False)
    async def status(
        self, name: Name | None = None, start_hours: Count = 0, start_minutes: Count = 0, start_seconds: Count = 0
    ) -> Reply:
        """Tell how long timers still run."""
        items = self._meant(name, _length(start_hours, start_minutes, start_seconds), self.plan.items("timer"))
        if not items:
            raise NotPlanned("no such timer is set", why="none", kind="timer", called=name)
        return Reply(speech=Say("timers", {"items": [self.told(item) for item in items]}))

    def _longer(self, item: Scheduled, seconds: float) -> Reply:
        left = (self.left(item) or 0) + seconds
        if left <= 0:
            raise NotPlanned("nothing of it would be left", why="past")
        told = self.told(item) | {"by": seconds, "left": left, "seconds": (item.seconds or 0) + seconds}
        return Reply(actions=(Action(TIMERS, "change", told),))

    def _one(self, name: str | None, length: float, among: Sequence[Scheduled] | None = None) -> Scheduled:
        items = self.plan.items("timer") if among is None else among
        return self.which(self._meant(name, length, items), "timer", name)

    def _meant(self, name: str | None, length: float, items: Sequence[Scheduled]) -> list[Scheduled]:
        return [item for item in called(items, name) if not length or item.seconds == length]


def _length(hours: float, minutes: float, seconds: float) -> float:
    return hours * 3600 + minutes * 60 + seconds
