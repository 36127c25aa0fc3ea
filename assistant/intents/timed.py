"""Sentences about time, to intents: timers, alarms, reminders, what is to be done later, and what is waited for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from assistant.intents.mood import is_question
from assistant.intents.times.reading import TIME, Masked, clock_words, masked
from assistant.intents.times.template import Found, clauses, courtesies, templates
from assistant.intents.times.when import Moment, When, moment
from assistant.models import Intent, Language, Target, Value

Plainly = Callable[[str], tuple[Intent, ...]]
"""What the rest of the reflex makes of a sentence."""

Orders = Callable[[str], bool]
"""Whether a sentence says what to do: with a verb, or on and off."""

_BEGINS: Mapping[Language, frozenset[str]] = {
    "en": frozenset({"make", "do", "play", "wake", "start", "give", "get", "show", "put", "turn", "set", "switch"}),
    "it": frozenset({"fai", "fa", "metti", "suona", "svegliami", "dammi", "rendi", "prepara", "accendi", "spegni"}),
}
"""How orders begin that are refused when they are not understood; other words may only tell."""

_OF_WAKING = re.compile(r"\b(?:alarms?|wake|waking|snooze|svegli\w*)\b", re.IGNORECASE)

_BY_NAME: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:cancel|stop|delete|remove|forget) (?:the |my )?(?P<name>.+)"),
    "it": re.compile(
        r"(?:annulla|cancella|ferma|togli|elimina) (?:il |la |lo |l |i |le |gli )?(?:timer )?(?P<name>.+)"
    ),
}
"""Without the word timer, or with nothing between, only of a name that one has."""

_LENGTH = {"start": ("start_hours", "start_minutes", "start_seconds"), "": ("hours", "minutes", "seconds")}


class Timed:
    """One sentence. It is read whole or not at all, like every sentence of the reflex."""

    def __init__(self, text: str, language: Language, now: datetime, plainly: Plainly, orders: Orders) -> None:
        self._language = language
        self._now = now
        self._plainly = plainly
        self._orders = orders
        self._waking = bool(_OF_WAKING.search(text))
        self._text = text
        self._said = clock_words(text, language, self._waking)
        mask = masked(self._said, language)
        self._mask = mask and _without_courtesies(mask, language)

    def set_phrase(self, names: Sequence[str] = ()) -> tuple[Intent, ...]:
        """Of timers, alarms, reminders and what is planned. names: those that timers have."""
        for found in self._found():
            if found.intent != "WatchState" and (intent := self._intent(found)) is not None:
                return (intent,)
        return self._by_name(names)

    def for_later(self) -> tuple[Intent, ...]:
        """An order with a time, or with a change that it waits for. What is to be done is understood now, not then."""
        if self._mask is None:
            return ()
        for found in self._found():
            if found.intent == "WatchState" and (intent := self._watch(found)) is not None:
                return (intent,)
        return () if is_question(self._text, self._language) else self._command()

    # ── templates ──

    def _found(self) -> Iterator[Found]:
        if self._mask is not None:
            for template in templates(self._language):
                yield from template.fits(self._mask)

    def _intent(self, found: Found) -> Intent | None:
        slots: dict[str, Value] = dict(found.slots)
        if "name" in found.spans:
            slots["name"] = self._original(*found.spans["name"])
        for text in ("text", "plain"):
            if text in found.spans:
                slots["text"] = self._original(*found.spans[text])
        if found.intent.endswith("Timer") or found.intent in ("HassTimerStatus", "SnoozeAlarm"):
            more = self._of_timer(found)
            return None if more is None else Intent(found.intent, slots=slots | more)
        if found.intent == "ScheduleChange":
            return self._change(found, slots)
        if (when := _all_of(found.times)) is None and found.times:
            return None
        if found.intent == "SetAlarm" and found.amounts:
            when = When(seconds=found.amounts[0])
        if when is not None:
            loose = found.intent != "SetAlarm"
            if (at := moment(when, self._now, waking=self._waking, loose=loose)) is None:
                return None
            about = found.intent in ("ScheduleList", "ScheduleCancel") and when.clock is None
            slots |= {"day": at.at.date().isoformat()} if about else _said_of(at)
        return Intent(found.intent, slots=slots)

    def _of_timer(self, found: Found) -> dict[str, Value] | None:
        """A length, and which timer it is of ("the ten minute timer")."""
        amounts = list(found.amounts)
        amounts += [when.seconds for when in found.times if when.seconds is not None]
        if len(amounts) < len(found.amounts) + len(found.times):
            return None  # a timer counts; it has no hour
        starts = found.intent in ("HassCancelTimer", "HassPauseTimer", "HassUnpauseTimer", "HassTimerStatus")
        slots: dict[str, Value] = {}
        if amounts:
            slots |= _split(amounts[0], "start" if starts else "")
        if len(amounts) > 1:
            slots |= _split(amounts[1], "start")
        return slots

    def _change(self, found: Found, slots: dict[str, Value]) -> Intent | None:
        if not found.times:
            return None
        if len(found.times) > 1:
            which = moment(found.times[0], self._now, waking=self._waking, loose=True)
            slots["which"] = which.at.isoformat() if which else None
        new = found.times[-1]
        at = moment(new, self._now, waking=self._waking, loose=True)
        if at is None:
            return None
        slots |= {"at": at.at.isoformat(), "same_day": new.clock is not None and not _names_day(new)}
        return Intent("ScheduleChange", slots=slots)

    def _by_name(self, names: Sequence[str]) -> tuple[Intent, ...]:
        pattern = _BY_NAME.get(self._language)
        found = pattern.fullmatch(self._mask.text) if pattern and self._mask else None
        named = next((name for name in names if found and name.casefold() == found["name"]), None)
        return (Intent("HassCancelTimer", slots={"name": named}),) if named else ()

    # ── later ──

    def _command(self) -> tuple[Intent, ...]:
        assert self._mask is not None
        mask = self._mask
        if not any(when.exact for when in mask.times):
            return ()
        command = self._rest(mask)
        if not command:
            return ()
        at = moment(mask.when, self._now) if mask.when else None
        understood = self._acts(command)
        if understood is None:
            return ()
        begins = command.split()[0].casefold() in _BEGINS.get(self._language, ())
        if not self._orders(command) and not begins:
            return ()  # "the bedroom light at twenty", "back in a minute"
        if not understood or at is None:
            return (Intent("ScheduleCommand", slots={"command": command, "understood": False}),)
        return (Intent("ScheduleCommand", slots={"command": command, **_said_of(at)}),)

    def _acts(self, command: str) -> bool | None:
        """Whether it is something to do; None when it asks, which is nobody's order for later."""
        intents = self._plainly(command)
        if any(intent.name.startswith(("HassGet", "HassClimateGet", "HassNevermind")) for intent in intents):
            return None
        return bool(intents)

    def _rest(self, mask: Masked) -> str:
        """The sentence without its times, as it was said."""
        parts: list[str] = []
        start = 0
        for index, word in enumerate((*mask.words, TIME)):
            if word == TIME:
                if index > start:
                    parts.append(self._original(start, index))
                start = index + 1
        return " ".join(part for part in parts if part)

    # ── watches ──

    def _watch(self, found: Found) -> Intent | None:
        assert self._mask is not None
        start, end = found.spans["clause"]
        waited = self._condition(" ".join(self._mask.words[start:end]) + " ")
        if waited is None:
            return None
        target, state = waited
        slots: dict[str, Value] = {"state": state, "clause": self._original(start, end), **found.slots}
        if "command" in found.spans:
            command = self._original(*found.spans["command"])
            if not self._acts(command):
                return None
            slots["command"] = command
        return Intent("WatchState", target, slots)

    def _condition(self, clause: str) -> tuple[Target, str] | None:
        """What is to come to which state: the thing is understood as in a question about it."""
        for state, numbered, expression in clauses(self._language):
            found = expression.fullmatch(clause)
            if found is None:
                continue
            asked = _ASKED[self._language]
            form = asked["value"] if numbered else asked["motion"] if state == "motion" else asked["state"]
            word = asked.get(f"word_{state}", asked["word_off"])
            intents = self._plainly(form.format(thing=found["thing"].strip(), state=word))
            if len(intents) == 1 and intents[0].name.startswith(("HassGetState", "HassClimateGet")):
                limit = f"{'>' if state == 'above' else '<'} {found['number']}" if numbered else ""
                return _measuring(intents[0]), limit or state
        return None

    # ── words ──

    def _original(self, start: int, end: int) -> str:
        """So many of the masked words as they were said, not as they were read: "Müsli", not "musli"."""
        assert self._mask is not None
        first, last = self._mask.spans[start][0], self._mask.spans[end - 1][1]
        raw = self._text.split()
        taken = range(len(raw) + 1)
        begin = next((n for n in taken if self._read_up_to(raw, n) >= first), 0)
        stop = next((n for n in taken if self._read_up_to(raw, n) >= last), len(raw))
        return " ".join(raw[begin:stop]).strip(" ,.;:!?")

    def _read_up_to(self, raw: Sequence[str], count: int) -> int:
        """How many words the first so many come to."""
        if count == len(raw):
            return len(self._said)
        return len(clock_words(" ".join([*raw[:count], "x"]), self._language, self._waking)) - 1


_ASKED: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "state": "is {thing} {state}", "value": "what is {thing}", "motion": "is there motion in {thing}",
        "word_open": "open", "word_closed": "closed", "word_locked": "locked", "word_unlocked": "unlocked",
        "word_on": "on", "word_off": "off",
    },
    "it": {
        "state": "{thing} è {state}?", "value": "qual è {thing}?", "motion": "c'è movimento in {thing}?",
        "word_open": "aperta", "word_closed": "chiusa", "word_locked": "bloccata", "word_unlocked": "sbloccata",
        "word_on": "accesa", "word_off": "spenta",
    },
}  # fmt: skip
"""How the thing of a clause is asked after, so that the reader of questions finds it."""


def _measuring(intent: Intent) -> Target:
    target = intent.target
    if intent.name == "HassClimateGetTemperature" and not target.ids and target.domain is None:
        return replace(target, domain="sensor", device_class="temperature")
    return target


def _without_courtesies(mask: Masked, language: Language) -> Masked:
    first, last = courtesies(language)
    text = mask.text + " "
    begin = text[: first.match(text).end()].count(" ")  # type: ignore[union-attr]
    found = last.search(text, len(text[: first.match(text).end()]))  # type: ignore[union-attr]
    end = text[: found.start()].count(" ") if found else len(mask.words)
    if end <= begin:
        return mask
    cut = mask.words[begin:end]
    if cut.count(TIME) != len(mask.times):
        return mask
    return Masked(cut, mask.times, mask.amounts, mask.spans[begin:end])


def _said_of(at: Moment) -> dict[str, Value]:
    slots: dict[str, Value] = {"at": at.at.isoformat()}
    if at.seconds is not None:
        slots["seconds"] = at.seconds
    if at.repeats is not None:
        slots["repeats"] = at.repeats
        slots["start"] = at.shown.isoformat() if at.shown else None
    return slots


def _all_of(times: Sequence[When]) -> When | None:
    whole: When | None = When() if times else None
    for each in times:
        whole = whole and whole.joined(each)
    return whole


def _names_day(when: When) -> bool:
    return any(each is not None for each in (when.days, when.later_days, when.weekday, when.month_day, when.seconds))


def _split(seconds: float, prefix: str) -> dict[str, Value]:
    """In Home Assistant's slots."""
    hours, minutes, rest = _LENGTH[prefix]
    whole = round(seconds)
    parts = {hours: whole // 3600, minutes: whole % 3600 // 60, rest: whole % 60}
    return {name: value for name, value in parts.items() if value} or {rest: 0}
