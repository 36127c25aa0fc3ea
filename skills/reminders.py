"""Reminders: words that are spoken at a time, and never taken for a command."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from assistant.skill import Action, NotPlanned, Reply, Speaker, given, intent
from skills._planned import Planner

Words = Annotated[str, Field(min_length=1, max_length=300)]


class Reminders(Planner):
    @intent("SetReminder", model=False)
    async def remind(
        self, speaker: Speaker, text: Words | None = None, at: datetime | None = None, seconds: float | None = None,
        repeats: str | None = None,
        start: datetime | None = None,
    ) -> Reply:  # fmt: skip
        """Remind of something at a time."""
        if at is None:
            raise NotPlanned("a reminder needs a time", why="time")
        if text is None:
            raise NotPlanned("a reminder needs its words", why="words")
        asked = given(
            text=text,
            due=at.isoformat(),
            seconds=seconds,
            repeats=repeats,
            start=start.isoformat() if start else None,
            **self.asked(speaker),
        )
        return Reply(actions=(Action("schedule.reminders", "add_reminder", asked),))
