"""How English says times."""

from __future__ import annotations

import re

from assistant.intents.times.pattern import SIZES, Amount, Pattern, before, clock, counted, through, weekly
from assistant.intents.times.when import Part, When

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
             "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
             "nineteenth", "twentieth")  # fmt: skip

# ── lengths of time ──

_UNIT = r"(?:hours?|hrs?|minutes?|mins?|seconds?|secs?|days?|weeks?)"
_NUMBER = r"(?:100 (?:and )?\d{1,2}|\d+(?:\.\d+)?|an?|another|one)"
_PART = (
    r"(?:3 quarters of an hour|(?:an? |1 )?quarter of an hour|(?:an? )?half (?:an? )?(?:hour|minute)"
    rf"|(?:an? )?couple (?:of )?{_UNIT}|{_NUMBER} (?:more )?{_UNIT}(?: and an? (?:half|quarter)| and 3 quarters)?)"
)
_FIXED = {"3 quarters of an hour": 2700.0, "quarter of an hour": 900.0}


def _seconds(text: str) -> float:
    total, rest = 0.0, text
    for found in re.finditer(_PART, text):
        total += _part(found.group())
        rest = rest.replace(found.group(), "", 1)
    bare = re.search(r"\d+$", rest.strip())  # "an hour twenty"
    return total + (60 * int(bare.group()) if bare else 0)


def _part(text: str) -> float:
    if fixed := next((value for end, value in _FIXED.items() if text.endswith(end)), None):
        return fixed
    size = _size(text)
    if "half a" in text or re.match(r"(?:an? )?half (?:hour|minute)", text):
        return size / 2
    if "couple" in text:
        return 2 * size
    more = 0.5 if text.endswith("half") else 0.75 if text.endswith("3 quarters") else 0.25 if "quarter" in text else 0
    return (_number(text) + more) * size


def _number(text: str) -> float:
    numbers = [float(each) for each in re.findall(r"\d+(?:\.\d+)?", text.split(" and a")[0].split(" and 3 q")[0])]
    return sum(numbers) if numbers else 1.0


def _size(text: str) -> float:
    short = {"h": "hour", "m": "minute", "s": "second", "d": "day", "w": "week"}
    unit = re.search(rf"\b(?:{_UNIT[3:]}", text)
    assert unit is not None, "a part has its unit"
    return SIZES[short[unit.group()[0]]]


_AMOUNT = rf"{_PART}(?:(?: and| ,| , and)? {_PART})*(?:(?:(?<=hour)|(?<=hours)) \d{{1,2}}(?=$| to | timer))?"
AMOUNT = Amount(re.compile(rf"{_AMOUNT}(?= |$)"), _seconds)
_WHOLE_DAYS = re.compile(r"\b(?:days?|weeks?)\b")


def _counted(found: re.Match[str]) -> When:
    text = re.sub(r"^(?:in|after|within) | (?:time|from now|later)$", "", found.group())
    return counted(_seconds(text), text, _WHOLE_DAYS)


# ── the clock ──

_HOUR, _MINUTE = r"(?P<h>\d{1,2})", r"(?P<m>\d{1,2})"
_AT = r"(?:at about |at around |at |by |around )"
_SUFFIX = r"(?: (?P<half>am|pm)| in the (?P<part>morning|afternoon|evening)| at (?P<night>night)|)"


def _worded(found: re.Match[str]) -> When | None:
    hour, past = int(found["h"]), found["way"] in ("past", "after")
    minutes = {"half": 30, "quarter": 15}.get(found["many"]) or int(found["many"])
    if hour > 12 or (minutes == 30 and not past and found["many"] == "half"):
        return None
    said = found.groupdict()
    part: Part | None = said.get("part") or said.get("night")  # type: ignore[assignment]
    if said.get("half"):
        part = "morning" if said["half"] == "am" else "afternoon" if hour < 6 or hour == 12 else "evening"
    return clock(hour, minutes, part=part) if past else before(hour, minutes, part=part)


def _half(found: re.Match[str]) -> When | None:
    return clock(int(found["h"]), 30) if 1 <= int(found["h"]) <= 12 else None


def _noon(found: re.Match[str]) -> When:
    return When(clock=(0, 0) if found["word"] == "midnight" else (12, 0), pinned=True)


# ── days ──


def _weekday(name: str) -> int:
    return _DAYS.index(name.removesuffix("s"))


def _part_of(text: str | None) -> Part | None:
    return text if text in ("morning", "afternoon", "evening", "night") else None  # type: ignore[return-value]


def _day(found: re.Match[str]) -> When:
    text = found.group()
    part = _part_of(text.split()[-1])
    if text == "tonight":
        return When(days=0, part="night")
    return When(days=2 if "after tomorrow" in text else 1 if "tomorrow" in text else 0, part=part)


def _named_day(found: re.Match[str]) -> When:
    return When(weekday=_weekday(found["day"]), part=_part_of(found["part"]))


def _date(found: re.Match[str]) -> When | None:
    said = found["d"]
    if said.isdigit():
        day = int(said)
    else:
        *tens, last = said.split()
        day = (int(tens[0]) if tens else 0) + (30 if last == "thirtieth" else _ORDINALS.index(last) + 1)
    year = found.groupdict().get("y")
    return When(month_day=(_MONTHS.index(found["month"]) + 1, day), year=int(year) if year else None)


# ── repetitions ──

_DAY = rf"(?:{'|'.join(_DAYS)})"
_EVERY = r"(?:every|each)"


def _days(found: re.Match[str]) -> When:
    named = re.findall(rf"{_DAY}s?", found.group())
    return When(rule=weekly([_weekday(name) for name in named]), part=_part_of(found.group().split()[-1]))


def _through(found: re.Match[str]) -> When:
    first, last = re.findall(_DAY, found.group())
    return When(rule=weekly(through(_weekday(first), _weekday(last))))


def _interval(found: re.Match[str]) -> When | None:
    count = int(found["n"] or 1)
    unit = {"h": "HOURLY", "m": "MINUTELY", "d": "DAILY", "w": "WEEKLY"}[found["unit"][0]]
    if not count:
        return None
    return When(rule=f"FREQ={unit}" + (f";INTERVAL={count}" if count > 1 else ""))


_ORDINAL = rf"(?:(?:20|30) )?(?:{'|'.join(_ORDINALS)}|thirtieth)"
_NUMBERED = rf"(?P<d>\d{{1,2}}|{_ORDINAL})(?: (?:st|nd|rd|th))?"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})(?: (?P<y>20\d\d))?"
_CLOCK = (
    rf"{_HOUR}(?: colon {_MINUTE}| (?:oh|o) (?P<m2>\d)| (?P<m3>[0-5]\d))?(?! (?:{_UNIT}|percent|degrees?|kelvin)\b)"
)


def _shown(found: re.Match[str]) -> When | None:
    """The minutes stand in one of three places."""
    said = found.groupdict()
    minute = next((said[name] for name in ("m", "m2", "m3") if said.get(name)), "0")
    hour = int(said["h"])
    part: Part | None = said.get("part") or said.get("night")  # type: ignore[assignment]
    if said.get("half"):
        if not 1 <= hour <= 12:
            return None
        return clock(hour % 12 + (12 if said["half"] == "pm" else 0), int(minute), pinned=True)
    return clock(hour, int(minute), part=part, pinned=True if hour > 12 or said["h"].startswith("0") else None)


PATTERNS = (
    Pattern.of(rf"(?:in|after|within) {_AMOUNT}(?: time| from now)?", _counted),
    Pattern.of(rf"{_AMOUNT} (?:from now|later)", _counted),
    Pattern.of(rf"{_AT}{_CLOCK}(?: o clock)?{_SUFFIX}", _shown),
    Pattern.of(rf"{_HOUR}(?: colon {_MINUTE}| (?P<m3>[0-5]\d))? (?P<half>am|pm)", _shown),
    Pattern.of(rf"{_HOUR} colon {_MINUTE}{_SUFFIX}", _shown),
    Pattern.of(rf"{_HOUR} o clock{_SUFFIX}", _shown),
    Pattern.of(
        rf"{_AT}?(?:an? )?(?P<many>half|quarter|\d{{1,2}})(?: minutes?)? (?P<way>past|after|to|before) {_HOUR}"
        rf"{_SUFFIX}",
        _worded,
    ),
    Pattern.of(rf"at half {_HOUR}", _half),
    Pattern.of(rf"{_AT}?(?P<word>noon|midday|midnight)", _noon),
    Pattern.of(
        r"(?:today|tonight|(?:the )?day after tomorrow|this (?:morning|afternoon|evening)"
        r"|tomorrow(?: (?:morning|afternoon|evening|night))?)", _day),
    Pattern.of(
        rf"(?:(?:on|this|next|the coming|coming) )*(?P<day>{_DAY})(?: (?P<part>morning|afternoon|evening|night))?",
        _named_day),
    Pattern.of(rf"(?:on )?(?:the )?{_NUMBERED}(?: of)? {_MONTH}", _date),
    Pattern.of(rf"(?:on )?(?P<month>{'|'.join(_MONTHS)}) (?:the )?{_NUMBERED}", _date),
    Pattern.of(r"in the (?P<part>morning|afternoon|evening)", lambda found: When(part=_part_of(found["part"]))),
    Pattern.of(r"at (?P<part>night)", lambda found: When(part="night")),
    Pattern.of(rf"{_EVERY} (?:single )?day|daily", lambda found: When(rule="FREQ=DAILY")),
    Pattern.of(rf"{_EVERY} (?P<part>morning|afternoon|evening|night)",
               lambda found: When(rule="FREQ=DAILY", part=_part_of(found["part"]))),
    Pattern.of(r"in the (?P<part>morning|evening)s",
               lambda found: When(rule="FREQ=DAILY", part=_part_of(found["part"]))),
    Pattern.of(rf"(?:{_EVERY} |on |on all )?(?:weekdays|working days|work days)"
               rf"|{_EVERY} (?:week|working |work )day",
               lambda found: When(rule=weekly([0, 1, 2, 3, 4]))),
    Pattern.of(rf"(?:{_EVERY} |on |at |on the |at the |over the )?weekends|(?:{_EVERY}|at the|on the) weekend",
               lambda found: When(rule=weekly([5, 6]))),
    Pattern.of(
        rf"{_EVERY} {_DAY}(?:(?: and| ,| , and) (?:{_EVERY} |on )?{_DAY})*(?: (?:morning|afternoon|evening|night))?",
        _days),
    Pattern.of(rf"(?:on )?{_DAY}s(?:(?: and| ,| , and) (?:on )?{_DAY}s)*", _days),
    Pattern.of(rf"(?:from )?{_DAY}s? (?:to|through|till|until) {_DAY}s?", _through),
    Pattern.of(rf"{_EVERY} (?:(?P<n>\d+) )?(?P<unit>hours?|minutes?|days?|weeks?)", _interval),
    Pattern.of(rf"{_EVERY} (?:other|second) day", lambda found: When(rule="FREQ=DAILY;INTERVAL=2")),
)  # fmt: skip
