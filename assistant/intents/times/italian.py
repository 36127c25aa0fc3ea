"""How Italian says times. Words come without accents ("lunedi"), apostrophes are gaps ("mezz ora")."""

from __future__ import annotations

import re

from assistant.intents.times.pattern import SIZES, Amount, Pattern, before, clock, counted, through, weekly
from assistant.intents.times.when import Part, When

_DAYS = ("lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica")
_MONTHS = ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
           "novembre", "dicembre")  # fmt: skip
_PARTS: dict[str, Part] = {
    "mattina": "morning", "mattino": "morning", "mattine": "morning", "pomeriggio": "afternoon",
    "pomeriggi": "afternoon", "sera": "evening", "sere": "evening", "stasera": "evening", "notte": "night",
    "notti": "night", "stanotte": "night", "stamattina": "morning", "stamani": "morning", "domattina": "morning",
}  # fmt: skip

# ── lengths of time ──

_UNIT = r"(?:or[ae]|minut[oi]|second[oi]|giorn[oi]|settiman[ae])"
_NUMBER = r"(?:\d+(?:\.\d+)?|una?)(?: altr[ioae])?"
_PART = (
    r"(?:3 quarti d ora|(?:un )?quarto d ora|(?:una )?mezz ora|(?:una )?mezz[ao] ?ora"
    rf"|un paio (?:di|d) {_UNIT}"
    rf"|(?:altr[ioae] )?{_NUMBER} {_UNIT}(?: in piu)?(?: e mezz[ao]| e un quarto| e 3 quarti)?)"
)


def _seconds(text: str) -> float:
    total, rest = 0.0, text
    for found in re.finditer(_PART, text):
        total += _part(found.group())
        rest = rest.replace(found.group(), "", 1)
    bare = re.search(r"\d+$", rest.strip())  # "un'ora e venti"
    return total + (60 * int(bare.group()) if bare else 0)


def _part(text: str) -> float:
    if text.endswith("d ora") and "quart" in text:
        return 2700.0 if text.startswith("3") else 900.0
    if re.fullmatch(r"(?:una )?mezz(?: ora|[ao] ?ora)", text):
        return 1800.0
    size = _size(text)
    if text.startswith("un paio"):
        return 2 * size
    more = 0.5 if "e mezz" in text else 0.75 if text.endswith("3 quarti") else 0.25 if "quarto" in text else 0
    number = re.search(r"\d+(?:\.\d+)?", text.split(" e ")[0])
    return (float(number.group()) if number else 1.0) * size + more * size


def _size(text: str) -> float:
    unit = re.search(rf"\b{_UNIT}\b", text)
    assert unit is not None, "a part has its unit"
    known = {"o": "hour", "m": "minute", "g": "day"}
    first = unit.group()[0]
    return SIZES[known.get(first) or ("week" if unit.group().startswith("sett") else "second")]


_AMOUNT = rf"{_PART}(?:(?: e| ,| , e)? {_PART})*(?:(?:(?<=or[ae])) e \d{{1,2}}(?! {_UNIT}))?"
AMOUNT = Amount(re.compile(rf"{_AMOUNT}(?= |$)"), _seconds)
_WHOLE_DAYS = re.compile(r"\b(?:giorn[oi]|settiman[ae])\b")


def _counted(found: re.Match[str]) -> When:
    text = re.sub(r"^(?:tra|fra|dopo|entro) ", "", found.group())
    return counted(_seconds(text), text, _WHOLE_DAYS)


# ── the clock ──

_AT = r"(?:alle ore|alle|all|per le|per l|verso le|verso l|intorno alle|dalle|ore)"
_HOUR = r"(?P<h>\d{1,2}|una)(?!\.)"
_PAST = r"(?: colon (?P<m>\d{2})| e (?P<past>mezz[ao]|un quarto|3 quarti|\d{1,2})| meno (?P<to>un quarto|\d{1,2}))?"
_POINTED = r"(?P<h>\d{1,2})\.(?P<m>\d{2}|5)"
"""As people write it ("7.30"), and what the normaliser makes of "7 e mezzo"."""
_SUFFIX = (
    r"(?: (?:di|della|del|la|di questa|di questo) (?P<part>mattina|mattino|pomeriggio|sera|stasera|notte|stanotte"
    r"|stamattina|domattina))?(?! (?:percento|percent|gradi|degrees|ore|minuti)\b)"
)
_MINUTES = {"mezza": 30, "mezzo": 30, "un quarto": 15, "3 quarti": 45}


def _shown(found: re.Match[str]) -> When | None:
    said = found.groupdict()
    hour = 1 if said["h"] == "una" else int(said["h"])
    more: dict[str, object] = {"part": _PARTS.get(said.get("part") or "")}
    if said.get("part") in ("stasera", "stanotte", "stamattina", "domattina"):
        more["days"] = 1 if said["part"] == "domattina" else 0
    if hour > 12 or said["h"].startswith("0"):
        more["pinned"] = True
    if to := said.get("to"):
        return before(hour, _MINUTES.get(to) or int(to), **more)
    past = said.get("past") or said.get("m") or "0"
    if said.get("m") == "5":
        past = "30"
    return clock(hour, _MINUTES.get(past) or int(past), **more)


def _noon(found: re.Match[str]) -> When | None:
    past = found["past"] or "0"
    return clock(0 if found["word"] == "mezzanotte" else 12, _MINUTES.get(past) or int(past), pinned=True)


# ── days ──

_DAY = rf"(?:{'|'.join(_DAYS)})"
_PART_NAME = r"(?P<part>mattina|pomeriggio|sera|notte)"


def _weekday(name: str) -> int:
    return next(index for index, day in enumerate(_DAYS) if day[:4] == name[:4])


def _day(found: re.Match[str]) -> When:
    text = found.group().removeprefix("di ")
    days = 2 if "dopodomani" in text or "dopo domani" in text else 1 if text.startswith("dom") else 0
    return When(days=days, part=_PARTS.get(text.split()[-1]))


def _named_day(found: re.Match[str]) -> When:
    return When(weekday=_weekday(found["day"]), part=_PARTS.get(found["part"] or ""))


def _date(found: re.Match[str]) -> When:
    day = 1 if found["d"] == "primo" else int(found["d"])
    return When(month_day=(_MONTHS.index(found["month"]) + 1, day), year=int(found["y"]) if found["y"] else None)


# ── repetitions ──


def _days(found: re.Match[str]) -> When:
    named = re.findall(r"(?:lune|marte|mercole|giove|vener)di|sabat[oi]|domenic[ah]e?", found.group())
    return When(rule=weekly([_weekday(name) for name in named]), part=_PARTS.get(found.group().split()[-1]))


def _through(found: re.Match[str]) -> When:
    first, last = re.findall(_DAY, found.group())
    return When(rule=weekly(through(_weekday(first), _weekday(last))))


def _interval(found: re.Match[str]) -> When | None:
    count = int(found["n"] or 1)
    unit = {"o": "HOURLY", "m": "MINUTELY", "g": "DAILY", "s": "WEEKLY"}[found["unit"][0]]
    if not count:
        return None
    return When(rule=f"FREQ={unit}" + (f";INTERVAL={count}" if count > 1 else ""))


_DAYS_NAMED = r"(?:(?:lune|marte|mercole|giove|vener)di|sabat[oi]|domenic(?:a|he))"
_ALL = r"(?:ogni|tutti i|tutte le)"

PATTERNS = (
    Pattern.of(rf"(?:tra|fra|dopo|entro) {_AMOUNT}", _counted),
    Pattern.of(rf"{_AT} {_HOUR}{_PAST}{_SUFFIX}", _shown),
    Pattern.of(rf"{_AT} {_POINTED}{_SUFFIX}", _shown),
    Pattern.of(rf"(?P<h>\d{{1,2}}) colon (?P<m>\d{{2}}){_SUFFIX}", _shown),
    Pattern.of(
        r"(?:a |per |verso )?(?P<word>mezzogiorno|mezzanotte)(?: e (?P<past>mezz[ao]|un quarto|\d{1,2}))?", _noon),
    Pattern.of(
        r"(?:di )?(?:oggi(?: pomeriggio)?|dopodomani|dopo domani|domattina|stasera|stanotte|stamattina|stamani"
        r"|quest[ao] (?:mattina|pomeriggio|sera|notte)|domani(?: (?:mattina|pomeriggio|sera|notte))?)", _day),
    Pattern.of(rf"(?:prossimo )?(?P<day>{_DAY})(?: prossim[oa])?(?: {_PART_NAME})?", _named_day),
    Pattern.of(rf"(?:il )?(?P<d>\d{{1,2}}|primo) (?P<month>{'|'.join(_MONTHS)})(?: (?P<y>20\d\d))?", _date),
    Pattern.of(r"(?:di|del|al|nel) (?P<part>mattina|mattino|pomeriggio|sera|notte)",
               lambda found: When(part=_PARTS[found["part"]])),
    Pattern.of(rf"{_ALL} giorn[oi]|quotidianamente", lambda found: When(rule="FREQ=DAILY")),
    Pattern.of(rf"{_ALL} (?P<part>mattin[ae]|pomeriggi[o]?|ser[ae]|nott[ei])",
               lambda found: When(rule="FREQ=DAILY", part=_PARTS[found["part"]])),
    Pattern.of(rf"(?:{_ALL} |nei |i |in )?(?:giorni feriali|giorni lavorativi)|ogni giorno (?:feriale|lavorativo)",
               lambda found: When(rule=weekly([0, 1, 2, 3, 4]))),
    Pattern.of(rf"(?:{_ALL}|nel|nei|il|i) (?:fine settimana|weekend)", lambda found: When(rule=weekly([5, 6]))),
    Pattern.of(
        rf"{_ALL} {_DAYS_NAMED}(?:(?: e| ,| , e) (?:(?:il|la|ogni|{_ALL}) )?{_DAYS_NAMED})*(?: {_PART_NAME})?", _days),
    Pattern.of(rf"(?:il|la|di) {_DAYS_NAMED}(?:(?: e| ,| , e) (?:(?:il|la|di) )?{_DAYS_NAMED})*(?: {_PART_NAME})?",
               _days),
    Pattern.of(rf"(?:dal|dalla) {_DAY} (?:al|alla) {_DAY}", _through),
    Pattern.of(r"ogni (?:(?P<n>\d+) )?(?P<unit>or[ae]|minut[oi]|giorni|settiman[ae])", _interval),
)  # fmt: skip
