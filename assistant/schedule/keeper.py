"""Sees that what is planned happens: once, in time or told late, whatever the clocks and the power do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from assistant.interfaces import Clock, House
from assistant.models import Outcome, Scheduled, Turn
from assistant.schedule.schedule import Schedule
from assistant.schedule.store import Run
from assistant.schedule.watching import is_so
from assistant.texts import Texts

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""The longest sleep between two looks at the clock, which may be put right meanwhile."""

TOLD_LATE_SECONDS = 60.0
"""After which the time is told with it."""

JUMP_SECONDS = 2.0
"""That the wall clock must run away from the steady one, to have been put right."""


def steady() -> float:
    """Seconds that nobody puts right; they run on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be heard of one run."""

    item: Scheduled
    text: str
    late: bool
    rings: bool
    """With a tone, until somebody stops it."""


class Keeper:
    def __init__(
        self,
        schedule: Schedule,
        house: House,
        do: Callable[[Scheduled], Awaitable[Turn]],
        tell: Callable[[Told], Awaitable[None]],
        late_minutes: float = 5.0,
        clock: Clock = steady,
    ) -> None:
        """do: a command's words, through the policy. tell: aloud. late_minutes: an older command is only told of."""
        self._schedule = schedule
        self._house = house
        self._do = do
        self._tell = tell
        self._late = late_minutes * 60
        self._clock = clock
        self._apart = self._offset()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until it is cancelled; what is then under way is found unfinished at the next start."""
        try:
            await self.recover()
            while True:
                self._schedule.changed.clear()
                await self.look()
                await self._sleep()
        finally:
            for task in self._running:
                task.cancel()

    async def recover(self) -> None:
        """What an earlier process had claimed and did not finish: words are told again, a command is never repeated."""
        for run in await self._schedule.unfinished():
            if run.item.text and run.item.kind in ("command", "watch"):
                text = self._say(run, "rang_unsure")
                log.warning("it may not have been done: %s", run.item.text)
            else:
                text = self._say(run, f"rang_late.{run.item.kind}")
            self._begin(self._finish(Told(run.item, text, True, False), run, "unfinished"))

    async def look(self) -> None:
        """Claim what is due by now, and see to it."""
        await self._schedule.look()
        await self._notice_a_jump()
        now = self._schedule.wall()
        for item in self._schedule.items():
            due = (item.due is not None and item.due <= now) or await self._came_about(item)
            if due and (run := await self._schedule.claim(item)) is not None:
                self._begin(self._see_to(run, (now - run.due).total_seconds()))

    async def settled(self) -> None:
        """Until nothing is under way."""
        while self._running:
            await asyncio.wait(self._running)

    # ── one run ──

    async def _see_to(self, run: Run, seconds_late: float) -> None:
        item, late = run.item, seconds_late > TOLD_LATE_SECONDS
        if item.text and item.kind in ("command", "watch"):
            if item.kind == "command" and seconds_late > self._late:
                await self._finish(Told(item, self._say(run, "rang_late.command"), True, False), run, "missed")
                return
            await self._carry_out(run)
            return
        text = self._say(run, f"{'rang_late' if late else 'rang'}.{item.kind}")
        rings = item.kind in ("timer", "alarm") and seconds_late <= self._late
        await self._finish(Told(item, text, late, rings), run, "late" if late else "told")

    async def _carry_out(self, run: Run) -> None:
        turn = await self._do(run.item)
        if turn.error is None and all(map(_done, turn.outcomes)):
            await self._schedule.finish(run, "done")
            return
        text = self._say(run, "rang.failed", reply=turn.reply)
        await self._finish(Told(run.item, text, False, False), run, "not done")

    async def _finish(self, told: Told, run: Run, outcome: str) -> None:
        await self._tell(told)
        await self._schedule.finish(run, outcome)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Side by side: an alarm that rings for minutes holds up nothing else."""
        task = asyncio.create_task(self._kept(work), name="what is due")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _kept(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("what was due failed")

    def _say(self, run: Run, key: str, **more: object) -> str:
        item, now = run.item, self._schedule.now()
        return Texts.load(item.language).say(
            key, name=item.name, text=item.text, seconds=item.seconds, clause=item.watch and item.watch.clause,
            due=run.due.astimezone(now.tzinfo), now=now, **more,
        )  # fmt: skip

    # ── watches ──

    async def _came_about(self, item: Scheduled) -> bool:
        """Whether what is waited for has come about since the last look; what was so all along does not count."""
        if item.watch is None:
            return False
        known = [so for each in item.watch.ids if (so := is_so(item.watch, self._house.state(each))) is not None]
        if not known:
            return False
        if not any(known) and not item.watch.armed:
            await self._schedule.arm(item, True)
        return any(known) and item.watch.armed

    # ── clocks ──

    async def _notice_a_jump(self) -> None:
        """ "In ten minutes" is ten minutes, also when the clock is put right meanwhile."""
        apart = self._offset()
        jumped, self._apart = apart - self._apart, apart
        if abs(jumped) > JUMP_SECONDS:
            log.warning("the clock was put right by %.0f s", jumped)
            await self._schedule.shift(jumped)

    def _offset(self) -> float:
        return self._schedule.wall().timestamp() - self._clock()

    async def _sleep(self) -> None:
        now = self._schedule.wall()
        waits = [(item.due - now).total_seconds() for item in self._schedule.items() if item.due is not None]
        seconds = min([LOOK_SECONDS, *(max(0.0, wait) for wait in waits)])
        try:
            async with asyncio.timeout(max(0.01, seconds)):
                await self._schedule.changed.wait()
        except TimeoutError:
            return


def _done(outcome: Outcome) -> bool:
    return outcome.verdict.kind == "allowed" and outcome.confirmed is not False
