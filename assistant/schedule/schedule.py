"""What is planned, as a part of the household: setting, changing and cancelling are actions like any other."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, get_args

from assistant.errors import NotPlanned
from assistant.interfaces import Wall
from assistant.models import (
    Allowed,
    Entity,
    Floor,
    Language,
    Outcome,
    Room,
    Scheduled,
    ScheduledKind,
    State,
    Value,
    Watch,
)
from assistant.record import scheduled
from assistant.schedule.recurrence import next_after
from assistant.schedule.store import Run, Store

log = logging.getLogger(__name__)

T = TypeVar("T")

KINDS: tuple[ScheduledKind, ...] = get_args(ScheduledKind)

_PLURALS: dict[ScheduledKind, str] = {kind: f"{kind}{'es' if kind == 'watch' else 's'}" for kind in KINDS}

ENTITIES = tuple(Entity(f"schedule.{many}", f"Schedule of {many}", hidden=True, readable=False)
                 for many in _PLURALS.values())  # fmt: skip
"""Hidden: people say "the pasta timer", and the model is not told of them."""

MOST_ITEMS = 200
LONGEST_TEXT = 300
LONGEST_SECONDS = 366 * 86_400


class Schedule:
    """A context manager. Implements interfaces.House, interfaces.Commands and interfaces.Agenda.

    What it has acknowledged is on the disk. It only keeps; the Keeper sees that things happen.
    """

    revision = 1
    rooms: Sequence[Room] = ()
    floors: Sequence[Floor] = ()

    def __init__(
        self,
        path: Path,
        zone: tzinfo = UTC,
        wall: Wall = lambda: datetime.now(UTC),
        warn: Callable[[str], None] = log.warning,
    ) -> None:
        self._store = Store(path)
        self._path = path
        self._warn = warn
        self._writing = asyncio.Lock()
        self._items: dict[int, Scheduled] = {}
        self._version = 0
        self._changed_at: datetime | None = None
        self.zone = zone
        self.wall = wall
        self.changed = asyncio.Event()
        """Set at every change; whoever waits for what is due looks anew."""
        self.sounding: dict[int, Scheduled] = {}
        """What rings now, and is asked to stop by taking it out."""

    async def __aenter__(self) -> Schedule:
        await asyncio.to_thread(self.open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._store.close)

    # ── what there is ──

    def open(self) -> None:
        """Read what there is; a file that is no schedule is said, and nothing can be planned."""
        try:
            self._store.open()
            self._read()
        except (sqlite3.DatabaseError, OSError) as error:
            self._warn(f"The schedule {self._path} cannot be opened ({error}); nothing can be planned.")

    def now(self) -> datetime:
        return self.wall().astimezone(self.zone)

    def items(self, *kinds: ScheduledKind) -> Sequence[Scheduled]:
        """By when they are due; paused ones and watches last."""
        last = datetime.max.replace(tzinfo=UTC)
        chosen = [item for item in self._items.values() if not kinds or item.kind in kinds]
        return sorted(chosen, key=lambda item: (item.due or last, item.id))

    def ringing(self) -> Sequence[Scheduled]:
        return tuple(self.sounding.values())

    def item(self, number: int) -> Scheduled:
        """Raises NotPlanned when there is none."""
        found = self._items.get(number)
        if found is None:
            raise NotPlanned(f"nothing is planned with the number {number}", why="none")
        return found

    def rows(self) -> list[dict[str, Any]]:
        now = self.now()
        return [scheduled(item, now) for item in self.items()]

    # ── changes: each returns once it is on the disk ──

    async def add(
        self,
        kind: ScheduledKind,
        due: datetime | None = None,
        *,
        name: str | None = None,
        text: str = "",
        seconds: float | None = None,
        repeats: str | None = None,
        start: datetime | None = None,
        watch: Watch | None = None,
        language: Language = "en",
        room: str | None = None,
    ) -> Scheduled:
        """due: aware; without one, `seconds` from now, or a watch. start: of a repetition, its first time as clocks
        show it, where that is not `due` (an hour that they skip). Raises NotPlanned."""
        now = self.now()
        if due is None and seconds is not None:
            due = now + timedelta(seconds=seconds)
        self._expect_sense(due, text, watch, now)
        if len(self._items) >= MOST_ITEMS:
            raise NotPlanned(f"{MOST_ITEMS} things are planned already", why="many")
        if due and repeats and start is None:
            start = due.astimezone(self.zone).replace(tzinfo=None)
        item = Scheduled(0, kind, due and due.astimezone(UTC), name, text, seconds, None, repeats, start, watch,
                         language, room, now.astimezone(UTC))  # fmt: skip
        return await self._write(lambda: self._store.insert(item))

    async def change(
        self, number: int, *, due: datetime | None = None, seconds: float | None = None, name: str | None = None,
        text: str | None = None, repeats: str | None = None,
    ) -> Scheduled:  # fmt: skip
        """due: a new time. seconds: so much longer than now, or shorter. An empty name or rule is none from then on.
        Raises NotPlanned."""
        item, now = self.item(number), self.now()
        anew = repeats is not None and repeats != (item.repeats or "")
        if anew and (due is not None or not repeats):
            item = replace(item, repeats=None, start=None)
        if due is not None:
            item = self._moved(item, due, now)
        if seconds is not None:
            item = _longer(item, seconds)
        if anew and repeats:
            item = self._repeating(item, repeats, now)
        item = replace(item, name=item.name if name is None else name or None, text=item.text if text is None else text)
        self._expect_sense(item.due, item.text, item.watch, now, paused=item.paused)
        return await self._rewrite(item)

    async def pause(self, number: int) -> Scheduled:
        item = self.item(number)
        if item.due is None:
            raise NotPlanned(f"{number} does not run", why="paused", item=item)
        if item.kind != "timer":
            raise NotPlanned(f"{number} is no timer", why="kind", item=item)
        left = (item.due - self.wall()).total_seconds()
        return await self._rewrite(replace(item, due=None, remaining=max(0.0, left)))

    async def resume(self, number: int) -> Scheduled:
        item = self.item(number)
        if item.remaining is None:
            raise NotPlanned(f"{number} is not paused", why="running", item=item)
        due = self.wall().astimezone(UTC) + timedelta(seconds=item.remaining)
        return await self._rewrite(replace(item, due=due, remaining=None))

    async def cancel(self, *numbers: int) -> None:
        """Raises NotPlanned when one of them is not there; then none is cancelled."""
        for number in numbers:
            self.item(number)
        await self._write(lambda: self._store.delete(*numbers))

    def silence(self) -> bool:
        """End what rings. Whether anything did."""
        rang = bool(self.sounding)
        self.sounding.clear()
        self.changed.set()
        return rang

    # ── for the keeper ──

    async def claim(self, item: Scheduled) -> Run | None:
        """This run of it, and what becomes of it; None when somebody else has it or it was changed meanwhile."""
        now = self.wall().astimezone(UTC)
        due = item.due or now
        after = self._after(item, now)
        taken = await self._write(lambda: self._store.claim(item, due, after, now))
        return Run(item, due) if taken else None

    async def finish(self, run: Run, outcome: str) -> None:
        await self._write(lambda: self._store.finish(run, outcome, self.wall()))

    async def unfinished(self) -> Sequence[Run]:
        await self._write(lambda: self._store.forget(self.wall()))
        return await self._write(self._store.unfinished)

    async def shift(self, seconds: float) -> None:
        """The clock was put right: what counts seconds keeps its length."""
        moved = [replace(item, due=item.due + timedelta(seconds=seconds))
                 for item in self._items.values() if item.due is not None and item.seconds is not None]  # fmt: skip
        await self._write(lambda: self._store.update(*moved))

    async def arm(self, item: Scheduled, armed: bool) -> None:
        assert item.watch is not None, "only a watch is armed"
        await self._rewrite(replace(item, watch=replace(item.watch, armed=armed)))

    async def look(self) -> None:
        """What another process has written since."""
        if self._store.is_open and await asyncio.to_thread(self._store.version) != self._version:
            await self._write(lambda: None)

    # ── household.Part ──

    def entities(self) -> Sequence[Entity]:
        return ENTITIES

    def entity(self, entity_id: str) -> Entity | None:
        return next((each for each in ENTITIES if each.id == entity_id), None)

    def state(self, entity_id: str) -> State:
        if not self._store.is_open:
            return State(entity_id, available=False)
        kinds = [kind for kind, many in _PLURALS.items() if entity_id == f"schedule.{many}"]
        return State(entity_id, str(sum(item.kind in kinds for item in self._items.values())), at=self._changed_at)

    async def perform(self, allowed: Allowed) -> Outcome:
        """Raises NotPlanned where there is no such item or the time makes no sense."""
        action = allowed.action
        try:
            await self._do(action.service, action.arguments)
        except sqlite3.DatabaseError as error:
            raise NotPlanned(f"the schedule could not be written: {error}", why="disk") from error
        return Outcome(action, allowed, confirmed=True, state=self.state(action.entity_id))

    async def _do(self, service: str, given: Mapping[str, Value]) -> None:
        numbers = [int(number) for number in str(given.get("id", "")).split(",") if number]
        match service.partition("_"):
            case ["add", _, kind] if kind in KINDS:
                await self.add(
                    kind, _time(given.get("due")), name=_word(given.get("name")), text=_word(given.get("text")) or "",
                    seconds=_number(given.get("seconds")), repeats=_word(given.get("repeats")),
                    start=_time(given.get("start")), watch=_watch(given),
                    language=_word(given.get("language")) or "en", room=_word(given.get("room")),
                )  # fmt: skip
            case ["change", *_]:
                by = _number(given.get("by"))
                due = _time(given.get("due")) if by is None else None
                for number in numbers:
                    await self.change(number, due=due, seconds=by, name=_word(given.get("name")),
                                      text=_word(given.get("text")), repeats=_word(given.get("repeats")))  # fmt: skip
            case ["pause", *_]:
                for number in numbers:
                    await self.pause(number)
            case ["resume", *_]:
                for number in numbers:
                    await self.resume(number)
            case ["cancel", *_]:
                await self.cancel(*numbers)
            case ["silence", *_]:
                self.silence()
            case _:
                raise NotPlanned(f"a schedule knows no {service}", why="none")

    # ── within ──

    def _read(self) -> None:
        self._version = self._store.version()
        self._items = {item.id: item for item in self._store.items()}

    async def _rewrite(self, item: Scheduled) -> Scheduled:
        await self._write(lambda: self._store.update(item))
        return self._items.get(item.id, item)

    async def _write(self, write: Callable[[], T]) -> T:
        """In a thread; whoever is cancelled meanwhile leaves the table and what is known of it alike."""

        def written() -> T:
            result = write()
            self._read()
            return result

        async with self._writing:
            work = asyncio.create_task(asyncio.to_thread(written), name="write the schedule")
            try:
                return await asyncio.shield(work)
            finally:
                if not work.done():
                    await asyncio.wait([work])
                self._changed_at = self.wall()
                self.changed.set()

    def _after(self, item: Scheduled, now: datetime) -> Scheduled | None:
        """What is left of it once it has run: its next time, if it repeats. What was missed meanwhile is left out."""
        if item.watch is not None:
            return replace(item, watch=replace(item.watch, armed=False)) if item.watch.always else None
        if item.repeats is None or item.start is None or item.due is None:
            return None
        due = next_after(item.start, item.repeats, max(now, item.due), self.zone)
        return replace(item, due=due) if due else None

    def _moved(self, item: Scheduled, due: datetime, now: datetime) -> Scheduled:
        local = due.astimezone(self.zone).replace(tzinfo=None)
        if item.repeats is None or item.start is None:
            return replace(item, due=due.astimezone(UTC), remaining=None, seconds=None)
        start = item.start.replace(hour=local.hour, minute=local.minute)
        return replace(item, start=start, due=next_after(start, item.repeats, now, self.zone))

    def _repeating(self, item: Scheduled, rule: str, now: datetime) -> Scheduled:
        """On other days from today on, or from its only time on."""
        if item.due is None:
            raise NotPlanned("it has no time", why="time")
        start = item.due.astimezone(self.zone).replace(tzinfo=None)
        if item.start is not None:
            start = datetime.combine(now.date(), item.start.time())
        return replace(item, repeats=rule, start=start, seconds=None, due=next_after(start, rule, now, self.zone))

    def _expect_sense(
        self, due: datetime | None, text: str, watch: Watch | None, now: datetime, *, paused: bool = False
    ) -> None:
        if due is None and watch is None and not paused:
            raise NotPlanned("it has no time", why="time")
        if due is not None and due < now - timedelta(seconds=1):
            raise NotPlanned(f"{due.isoformat()} is past", why="past")
        if due is not None and (due - now).total_seconds() > LONGEST_SECONDS:
            raise NotPlanned("that is more than a year away", why="far")
        if len(text) > LONGEST_TEXT:
            raise NotPlanned(f"a text has at most {LONGEST_TEXT} characters", why="text")


def describe(items: Collection[Scheduled]) -> str:
    """Their numbers, as an action's `id` takes them."""
    return ",".join(str(item.id) for item in items)


def _longer(item: Scheduled, seconds: float) -> Scheduled:
    left = item.remaining
    return replace(
        item,
        due=item.due and item.due + timedelta(seconds=seconds),
        remaining=None if left is None else max(0.0, left + seconds),
        seconds=None if item.seconds is None else item.seconds + seconds,
    )


def _time(given: Value) -> datetime | None:
    return None if given is None else datetime.fromisoformat(str(given))


def _word(given: Value) -> str | None:
    return None if given is None else str(given)


def _number(given: Value) -> float | None:
    return None if given is None else float(given)


def _watch(given: Mapping[str, Value]) -> Watch | None:
    if given.get("ids") is None:
        return None
    return Watch(tuple(str(given["ids"]).split("|")), str(given.get("state")), str(given.get("clause") or ""),
                 bool(given.get("always")), bool(given.get("armed", True)))  # fmt: skip
