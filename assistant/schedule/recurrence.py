"""When something repeats: a rule on the house's clocks, which now and then skip an hour or show one twice."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from dateutil.rrule import rrulestr


def instant(local: datetime, zone: tzinfo) -> datetime:
    """The moment when the house's clocks show this. Of an hour shown twice, the first; for an hour that is skipped,
    the moment that would have had it had the clocks not been put forward (2:30 rings when they show 3:30)."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def next_after(start: datetime, rule: str, moment: datetime, zone: tzinfo) -> datetime | None:
    """The first repetition whose moment comes later; None when the rule has ended.

    It is reckoned on the clocks' own times, so that an hour that comes twice is no second repetition.
    """
    shown = moment.astimezone(zone).replace(tzinfo=None)
    for local in rrulestr(rule, dtstart=start).xafter(shown, count=3, inc=True):
        if (found := instant(local, zone)) > moment:
            return found
    return None
