"""Times to come, spans and repetitions in the words of one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.texts import Texts

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ORDINARY_WEEK = 7


class TimeWords:
    """Jinja filters; times come aware, or as ISO text from an action's arguments."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._words: Mapping[str, Any] = texts.words["times"]

    def span(self, seconds: float) -> str:
        """ "1 hour and 20 minutes"; below a day no more than three parts."""
        rest, parts = round(float(seconds)), []
        for unit, size in _UNITS:
            count, rest = divmod(rest, size)
            if count:
                parts.append(self._texts.quantity(count, unit))
        parts = parts or [self._texts.quantity(0, "s")]
        return self._texts.joined(parts) if self._texts.grammar.space else "".join(parts)

    def left(self, seconds: float) -> str:
        """ "9 minutes left"."""
        span = self.span(seconds)
        only = any(span.startswith(str(each)) for each in self._texts.words["one"].values())
        return str(self._words["left"][0 if only else -1]).format(span=span)

    def timed(self, due: datetime | str, now: datetime | str, repeats: str | None = None) -> str:
        """ "tomorrow at 8:00", "every weekday at 7:00". Both are as the house's clocks show them that day."""
        at, now = _moment(due), _moment(now)
        if repeats:
            return self._repeated(repeats, at)
        days = (at.date() - now.date()).days
        if days in (0, 1):
            form = self._words["today" if days == 0 else "tomorrow"]
        else:
            form = self._words["weekday" if 0 < days < _ORDINARY_WEEK else "day"]
        weekday = self._texts.words["weekdays"][at.weekday()]
        return str(form.format(weekday=weekday, date=self._texts.date(at), at=self.clock(at)))

    def clock(self, at: datetime) -> str:
        """ "at 7:30"."""
        return self.at(self._words["at"], at)

    def at(self, forms: Mapping[str, str], at: datetime) -> str:
        """In these forms; some hours have one of their own ("all'una", "a mezzanotte")."""
        hour = {0: "zero", 1: "one"}.get(at.hour, "hour")
        form = forms[(hour if hour in forms else "hour") + ("_only" if at.minute == 0 else "")]
        return form.format(hour=at.hour, minute=at.minute)

    def planned(self, told: Mapping[str, Any]) -> str:
        """One thing of the schedule: "the pasta timer"."""
        return self._texts.clause(f"plan.{told['kind']}", **told)

    def plans(self, items: Sequence[Mapping[str, Any]]) -> str:
        return self._texts.joined([self.planned(item) for item in items])

    def either(self, items: Sequence[Mapping[str, Any]]) -> str:
        return self._texts.joined([self.planned(item) for item in items], "or")

    def _repeated(self, rule: str, at: datetime) -> str:
        parts = dict(part.split("=", 1) for part in rule.split(";"))
        every, interval = self._words["every"], int(parts.get("INTERVAL", "1"))
        match parts["FREQ"]:
            case "HOURLY" | "MINUTELY" as often:
                unit = "h" if often == "HOURLY" else "min"
                return str(every["span"].format(span=self.span(interval * (3600 if unit == "h" else 60))))
            case "WEEKLY":
                days = [_WEEK.index(day) for day in parts.get("BYDAY", _WEEK[at.weekday()]).split(",")]
                return str(every["at"].format(days=self._days(days), at=self.clock(at)))
        days_apart = every["day"] if interval == 1 else every["span"].format(span=self.span(interval * 86_400))
        return str(every["at"].format(days=days_apart, at=self.clock(at)))

    def _days(self, days: Sequence[int]) -> str:
        every = self._words["every"]
        if list(days) == [0, 1, 2, 3, 4]:
            return str(every["weekday"])
        if list(days) == [5, 6]:
            return str(every["weekend"])
        names = [self._texts.words["weekdays"][day] for day in days]
        return str(every["named"].format(days=self._texts.joined(names)))


def _moment(given: datetime | str) -> datetime:
    return datetime.fromisoformat(given) if isinstance(given, str) else given
