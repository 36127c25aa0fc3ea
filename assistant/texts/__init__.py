"""The sentences of each language, from <language>.yaml beside this file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template

from assistant import yaml_files
from assistant.models import Entity, Floor, Room, State
from assistant.texts.grammar import GRAMMARS
from assistant.texts.times import TimeWords

_FOLDER = Path(__file__).parent

LANGUAGES = tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))

_PEOPLE = ("device_tracker", "person")

_MOST_NAMES = 4
"""More things than that are counted ("7 lights"), not listed."""


class Texts:
    """One language's sentences; a value may be a word, a number, or a thing of the house that is then named."""

    def __init__(self, language: str, entries: Mapping[str, Any]) -> None:
        self.language = language
        self.grammar = GRAMMARS[language]
        self.words: Mapping[str, Any] = entries["words"]
        self.sentences: Mapping[str, str] = dict(_flat(entries["sentences"]))
        self._templates: dict[str, Template] = {}
        self._environment = Environment(autoescape=False, trim_blocks=True)  # speech, not HTML
        self._environment.filters |= {
            "names": self.names, "name": self.name, "listed": self.listed, "agree": self.agree, "number": self.number,
            "quantity": self.quantity, "place": self.place, "reading": self.reading, "state": self.state,
            "kind": self.kind, "word": self.word, "words": self.several_words, "date": self.date, "time": self.time,
            "apart": self.apart, "noun": self.noun, "ago": self.ago, "can": self.can,
            "joined": self.joined, "count": self.counted, "changed": self.changed, "moment": self.moment,
            "behind": self.behind, "before": self.before, "told": self.told, "iso": _iso,
        }  # fmt: skip
        self._times = times = TimeWords(self)
        self._environment.filters |= {
            "span": times.span, "timed": times.timed, "clock": times.clock, "planned": times.planned,
            "plans": times.plans, "either": times.either, "left": times.left,
        }  # fmt: skip

    @classmethod
    def load(cls, language: str) -> Texts:
        """The language's own, or English where there is none."""
        return _load(language if language in LANGUAGES else "en")

    @property
    def filters(self) -> Collection[str]:
        """What a sentence may call."""
        return self._environment.filters

    def __contains__(self, key: str) -> bool:
        return key in self.sentences

    def say(self, key: str, **values: object) -> str:
        """One sentence, its first letter a capital."""
        text = self.clause(key, **values)
        return text[:1].upper() + text[1:]

    def clause(self, key: str, **values: object) -> str:
        """What stands within a sentence."""
        if key not in self._templates:
            self._templates[key] = self._environment.from_string(self.sentences[key])
        return " ".join(self._templates[key].render(values).split())

    # ── things ───────────────────────────────────────────────────────────────────────────

    def bare(self, thing: object) -> str:
        """As the person calls it, without more."""
        if isinstance(thing, Entity | Room | Floor):
            own = next(iter(thing.aliases.get(self.language, ())), thing.name)
            return thing.name if self.language == "en" else own  # names are given in English, aliases add to them
        return str(thing)

    def name(self, thing: object) -> str:
        if isinstance(thing, Entity) and thing.domain in _PEOPLE:
            return self.bare(thing)  # Anna is no thing
        return self.grammar.named(self.bare(thing))

    def names(self, things: object, joined_by: str = "and") -> str:
        """ "the kitchen light and the reading lamp", or "7 lights"."""
        each = _several(things)
        if len(each) > _MOST_NAMES:
            domains = {thing.domain if isinstance(thing, Entity) else "device" for thing in each}
            kind = self.kind(domains.pop() if len(domains) == 1 else "device", len(each))
            return f"{len(each)}{self.grammar.space}{kind}"
        return self.listed(each, joined_by)

    def listed(self, things: object, joined_by: str = "and") -> str:
        """Every single one by name."""
        return self.grammar.joined([self.name(each) for each in _several(things)], self.words[joined_by])

    def noun(self, thing: object) -> str:
        """Its name as it stands behind "which"."""
        return self.grammar.noun(self.bare(thing))

    def apart(self, things: Sequence[Entity], rooms: Mapping[str, Room]) -> list[str]:
        """How to name each of them so that one can be chosen; empty when nothing tells them apart."""
        alike = {self.noun(thing): [each for each in things if self.noun(each) == self.noun(thing)] for thing in things}
        told = [self._apart(thing, alike[self.noun(thing)], len(alike) == 1, rooms) for thing in things]
        return told if len(set(told)) == len(told) else []

    def _apart(self, thing: Entity, alike: Sequence[Entity], all_alike: bool, rooms: Mapping[str, Room]) -> str:
        if len(alike) == 1:
            return self.name(thing)
        if thing.room is not None and len({each.room for each in alike}) == len(alike):
            form = self.agree(thing, self.words["the_one_in"]) if all_alike else str(self.words["called_in"])
            return form.format(name=self.name(thing), place=self.place(rooms.get(thing.room, thing.room)))
        return self.grammar.named(self.kind(thing.domain, 1))

    def behind(self, things: object, preposition: str) -> str:
        """ "alla lista della spesa": the names, each with the preposition."""
        each = [self.grammar.behind(preposition, self.bare(thing)) for thing in _several(things)]
        return self.grammar.joined(each, self.words["and"]) if len(each) <= _MOST_NAMES else self.names(things)

    def agree(self, things: object, forms: Sequence[str] | str) -> str:
        each = _several(things)
        return forms if isinstance(forms, str) else self.grammar.agreeing(forms, [self.bare(thing) for thing in each])

    def place(self, place: object) -> str:
        return self.grammar.place(self.bare(place))

    def kind(self, kind: object, count: int = 2) -> str:
        """The noun for a domain or device class, as many as count; 0: not counted at all."""
        forms = self.words["kinds"].get(str(kind))
        if forms is None:
            return str(kind).replace("_", " ")
        if count == 0:
            return self.grammar.uncounted(str(forms[-1]))
        return str(forms[0] if count == 1 else forms[-1])

    # ── numbers, readings, words ─────────────────────────────────────────────────────────

    def number(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", self.grammar.decimal)

    def quantity(self, value: object, unit: str | None) -> str:
        """ "21.5 degrees"."""
        if not unit:
            return self.number(value)
        if value == 1 and unit in self.words["one"]:
            return str(self.words["one"][unit])
        forms = self.words["units"].get(unit, [f" {unit}"])
        return self.number(value) + str(forms[0] if value == 1 else forms[-1])

    def before(self, value: object, unit: str | None, word: str) -> str:
        """ "al 40%", "all'80%"."""
        return self.grammar.before(word, self.quantity(value, unit))

    def ago(self, seconds: float) -> str:
        """ "3 hours ago"."""
        sizes = (("d", 86_400), ("h", 3600), ("min", 60))
        unit, size = next((each for each in sizes if seconds >= 2 * each[1]), ("min", 60))
        return str(self.words["ago"]).format(span=self.quantity(max(1, round(seconds / size)), unit))

    def reading(self, state: State, thing: Entity) -> str:
        """What a device says of itself, in words."""
        if (moment := _moment(state.value, thing.domain)) is not None:
            return self._set_to(moment, thing.domain)
        number = _as_number(state.value)
        if number is not None:
            return self.quantity(number, thing.unit)
        return self.state(state.value, thing)

    def _set_to(self, moment: datetime, domain: str) -> str:
        if domain == "time":
            return self._times.at(self.words["time"], moment)
        date = self.date(moment)
        return date if domain == "date" else f"{date}{self.grammar.space}{self._times.clock(moment)}"

    def told(self, state: State, thing: Entity) -> str:
        """A reading as it stands behind "it is": "al 45%", "alle 7 e 30" where a language says it so."""
        if thing.domain == "time" and (moment := _moment(state.value, "time")) is not None:
            return self._times.clock(moment)
        number = _as_number(state.value)
        if number is None or thing.unit != "%":
            return self.reading(state, thing)
        return self.before(number, thing.unit, str(self.words["at_share"]))

    def state(self, value: object, things: object) -> str:
        """A state in the word and form that goes with these things ("accese")."""
        each = _several(things)
        known = [thing for thing in each if isinstance(thing, Entity)]
        scopes = [*(thing.device_class for thing in known), *(thing.domain for thing in known), "any"]
        for scope in scopes:
            forms = self.words["states"].get(scope, {}).get(value)
            if forms is not None:
                return self.agree(each, forms)
        return str(value).replace("_", " ")

    def word(self, value: object, group: str, otherwise: str | None = None) -> str:
        """A colour, a mode, a feature, a reason; where there is no translation, otherwise or as it stands."""
        known = self.words[group].get(value)
        if known is None:
            return str(value).replace("_", " ") if otherwise is None else otherwise
        return str(known)

    def several_words(self, values: Sequence[object], group: str, joined_by: str = "and") -> str:
        return self.grammar.joined([self.word(value, group) for value in values], self.words[joined_by])

    def can(self, thing: object) -> str:
        """What a lamp or plug can do instead of what it cannot; empty for what does much."""
        if not isinstance(thing, Entity) or thing.domain not in ("light", "switch"):
            return ""
        known = [name for name in ("brightness", "color", "color_temperature") if name in thing.features]
        return self.several_words(known or ["switch"], "features")

    def joined(self, words: Sequence[str], joined_by: str = "and") -> str:
        """What people wrote, as they wrote it."""
        return self.grammar.joined(list(words), self.words[joined_by])

    def counted(self, things: Sequence[object], forms: Sequence[str]) -> str:
        """The form for one, or for several."""
        return forms[0] if len(things) == 1 else forms[-1]

    def changed(self, word: str, thing: object) -> str:
        """What happened to the thing: "opened", or "went to" a state that has no verb."""
        forms = self.words["changes"].get(word)
        if forms is not None:
            return self.agree(thing, forms)
        return f"{self.agree(thing, self.words['changes']['otherwise'])} {self.state(word, thing)}"

    def moment(self, when: datetime, now: datetime) -> str:
        """A time that is past, as far away as it is."""
        local = when.astimezone(now.tzinfo)
        days = (now.date() - local.date()).days
        form = self.words["moments"][{0: "today", 1: "yesterday"}.get(days, "day")]
        return str(form.format(date=self.date(local), at=self._times.clock(local)))

    def date(self, when: datetime) -> str:
        weekday, month = self.words["weekdays"][when.weekday()], self.words["months"][when.month - 1]
        day = self.words["first_day"] if when.day == 1 else when.day
        return str(self.words["date"].format(weekday=weekday, day=day, month=month, number=when.month))

    def time(self, when: datetime) -> str:
        """ "9:05", "le 9 e 5"."""
        return self._times.at(self.words["time"], when)


@cache
def _load(language: str) -> Texts:
    return Texts(language, yaml_files.read(_FOLDER / f"{language}.yaml"))


def _flat(entries: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, entry in entries.items():
        flat += _flat(entry, f"{prefix}{key}.") if isinstance(entry, Mapping) else [(f"{prefix}{key}", str(entry))]
    return flat


def _several(things: object) -> list[object]:
    return list(things) if isinstance(things, list | tuple | set | frozenset) else [things]


def _iso(written: str) -> datetime:
    """A date, a time of day or both."""
    return (
        datetime.fromisoformat(written)
        if "-" in written
        else datetime.combine(datetime.min, time.fromisoformat(written))
    )


def _moment(value: str | None, domain: str) -> datetime | None:
    """What a calendar or a clock is set to."""
    try:
        return _iso(value) if value is not None and domain in ("date", "datetime", "time") else None
    except ValueError:
        return None


def _as_number(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
