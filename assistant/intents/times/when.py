"""What people say of a time, and the moment that it comes to: the next one that makes sense."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from dateutil.rrule import rrulestr

Part = Literal["morning", "afternoon", "evening", "night"]

_LOOSE: dict[Part | None, time] = {
    "morning": time(8), "afternoon": time(15), "evening": time(20), "night": time(22), None: time(9),
}  # fmt: skip
"""What is taken where only the day or its part was said. The reply says it, so that it can be put right."""

_WAKING = range(4, 12)
"""Hours that an alarm means in the morning."""
_DAYTIME = range(6, 12)
"""Hours that are in the morning on another day; the others below 12 are in the afternoon."""


@dataclass(frozen=True, slots=True)
class When:
    """One expression or several together; an empty field was not said."""

    seconds: float | None = None
    days: int | None = None
    """From today."""
    later_days: int | None = None
    """ "In three days": at the same time of day, unless one is said."""
    weekday: int | None = None
    """Monday is 0."""
    month_day: tuple[int, int] | None = None
    year: int | None = None
    clock: tuple[int, int] | None = None
    pinned: bool | None = None
    """The hour is of 24, or was said with its half of the day."""
    part: Part | None = None
    rule: str | None = None
    """An RRULE without the time of day."""

    def joined(self, other: When) -> When | None:
        """Both together; None when they speak of the same thing or cannot both be."""
        both = self
        for field in fields(other):
            said = getattr(other, field.name)
            if said is None:
                continue
            if getattr(both, field.name) is not None and (field.name != "part" or both.part != said):
                return None
            both = replace(both, **{field.name: said})
        return both if both.consistent else None

    @property
    def consistent(self) -> bool:
        of_day = [self.days, self.later_days, self.weekday, self.month_day, self.rule]
        if self.seconds is not None:
            return all(each is None for each in (*of_day, self.clock, self.part))
        if self.rule and not self.rule.startswith(("FREQ=DAILY", "FREQ=WEEKLY")):
            return self.clock is None and self.part is None
        return sum(each is not None for each in of_day) <= 1

    @property
    def exact(self) -> bool:
        """It says a time, not only a day or a part of one."""
        hourly = self.rule is not None and not self.rule.startswith(("FREQ=DAILY", "FREQ=WEEKLY"))
        return self.seconds is not None or self.clock is not None or self.later_days is not None or hourly


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    """In the house's zone."""
    seconds: float | None = None
    """It was said as so long from now."""
    repeats: str | None = None
    shown: datetime | None = None
    """Of a repetition: its first time as the clocks would show it, had they not been put forward that night."""


def moment(when: When, now: datetime, *, waking: bool = False, loose: bool = False) -> Moment | None:
    """now: aware, in the house's zone. waking: of an alarm, "seven" is in the morning. loose: a day alone will do.

    None where it says too little, or there is no such day. What is past comes back as it is.
    """
    zone = now.tzinfo or UTC
    if when.seconds is not None:
        return Moment(later(now, when.seconds), when.seconds)
    if when.rule is not None:
        return _first(when, now, zone, waking, loose)
    if when.later_days is not None and when.clock is None:
        return Moment(real(_local(now) + timedelta(days=when.later_days), zone))
    clock = when.clock or ((_LOOSE[when.part].hour, 0) if loose else None)
    if clock is None:
        return None
    if (day := _day(when, now)) is None and _has_day(when):
        return None
    said = when if when.clock else replace(when, clock=clock, pinned=True, part=None)
    found = _upcoming(said, now, zone, waking) if day is None else _on(said, day, now, zone, waking)
    return Moment(found) if found else None


def later(now: datetime, seconds: float) -> datetime:
    """So much time on, whatever the clocks do meanwhile."""
    return (now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(now.tzinfo)


def real(local: datetime, zone: tzinfo) -> datetime:
    """A time on the clocks; one that they skip is what they show instead."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)


# ── days ─────────────────────────────────────────────────────────────────────────────────


def _has_day(when: When) -> bool:
    return any(each is not None for each in (when.days, when.later_days, when.weekday, when.month_day))


def _day(when: When, now: datetime) -> date | None:
    today = now.date()
    if when.month_day is not None:
        return _dated(when, today)
    if when.weekday is not None:
        return today + timedelta(days=(when.weekday - today.weekday()) % 7)
    days = when.later_days if when.later_days is not None else when.days
    return None if days is None else today + timedelta(days=days)


def _dated(when: When, today: date) -> date | None:
    assert when.month_day is not None, "asked of a date"
    month, day = when.month_day
    try:
        found = date(when.year or today.year, month, day)
        return found if when.year or found >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


# ── hours ────────────────────────────────────────────────────────────────────────────────


def _upcoming(when: When, now: datetime, zone: tzinfo, waking: bool) -> datetime | None:
    """The next time that the clocks show this."""
    days = (now.date() + timedelta(days=more) for more in (0, 1, 2))
    times = [real(datetime.combine(day, each), zone) for day in days for each in _hours(when, waking, today=True)]
    return min((each for each in times if each > now), default=None)


def _on(when: When, day: date, now: datetime, zone: tzinfo, waking: bool) -> datetime | None:
    """At this time of that day; of two, the one that is still to come."""
    if when.clock == (0, 0) and when.pinned:
        day += timedelta(days=1)  # midnight ends a day
    elif when.part == "night" and when.clock and when.clock[0] < 6:
        day += timedelta(days=1)  # "tonight at two"
    hours = _hours(when, waking, today=day == now.date() and when.weekday is None)
    times = [real(datetime.combine(day, each), zone) for each in hours]
    found = next((each for each in times if each > now), times[-1] if times else None)
    if found and found <= now and when.weekday is not None:
        return real(datetime.combine(day + timedelta(days=7), _hours(when, waking, today=False)[0]), zone)
    return found


def _hours(when: When, waking: bool, *, today: bool) -> list[time]:
    """What a time said without its half of the day may be."""
    assert when.clock is not None, "asked of a clock time"
    hour, minute = when.clock
    if when.part is not None:
        return [time(_of_part(hour, when.part), minute)]
    if when.pinned or hour > 12 or hour == 0:
        return [time(hour, minute)]
    half = hour % 12
    if waking and hour in _WAKING:
        return [time(hour, minute)]
    if today:
        return [time(half, minute), time(half + 12, minute)]
    return [time(hour if hour in _DAYTIME else half + 12, minute)]


def _of_part(hour: int, part: Part) -> int:
    if hour > 12:
        return hour
    match part:
        case "morning":
            return hour % 12 if hour == 12 else hour
        case "afternoon":
            return hour % 12 + 12
        case "evening":
            return 0 if hour == 12 else hour + 12
        case "night":
            return hour % 12 if hour == 12 or hour < 6 else hour + 12


# ── repetitions ──────────────────────────────────────────────────────────────────────────


def _first(when: When, now: datetime, zone: tzinfo, waking: bool, loose: bool) -> Moment | None:
    rule = when.rule or ""
    if not rule.startswith(("FREQ=DAILY", "FREQ=WEEKLY")):
        start = _local(now)
        first = rrulestr(rule, dtstart=start).after(start)
        return Moment(real(first, zone), None, rule, first) if first else None
    clock = when.clock or ((_LOOSE[when.part].hour, 0) if loose else None)
    if clock is None:
        return None
    said = when if when.clock else replace(when, clock=clock, pinned=True, part=None)
    start = datetime.combine(now.date(), _hours(said, waking, today=False)[0])
    for local in rrulestr(rule, dtstart=start).xafter(_local(now), count=3, inc=True):
        if real(local, zone) > now:
            return Moment(real(local, zone), None, rule, local)
    return None


def _local(now: datetime) -> datetime:
    return now.replace(tzinfo=None, microsecond=0, fold=0)
