"""What a model writes of time: a plain sentence, read as if it had been spoken; doubted where nobody spoke of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from assistant.errors import NotUnderstood
from assistant.intents.times.reading import Masked, clock_words, masked
from assistant.intents.times.template import speaks_against, speaks_of_time
from assistant.intents.times.when import Moment, moment
from assistant.models import Action, Allowed, Intent, Language, Match, NeedsConfirmation, Verdict

KEEP_TIME = "KeepTime"
"""The one intent by which the model reaches all of them."""

OF_TIME = frozenset(
    {
        "HassCancelAllTimers", "HassCancelTimer", "HassDecreaseTimer", "HassIncreaseTimer", "HassPauseTimer",
        "HassStartTimer", "HassTimerStatus", "HassUnpauseTimer", "MimoPlanNothing", "ScheduleCancel", "ScheduleChange",
        "ScheduleCommand", "ScheduleList", "SetAlarm", "SetReminder", "SilenceAlarm", "SnoozeAlarm", "WatchState",
    }
)  # fmt: skip
"""What may come of such a sentence: anything else has an intent of its own, and its own judges."""

_AT_ONCE = frozenset({"add_timer", "add_alarm", "add_reminder", "add_watch", "silence"})
"""What only tells, or ends a noise. What acts later, or takes away what somebody has set, waits for a yes."""

_SAME = timedelta(minutes=1)


def spelled_out(intents: Sequence[Intent], read: Callable[[str], Match]) -> list[Intent]:
    """The plan with each sentence about time as the reflex reads it. Raises NotUnderstood for any other sentence."""
    return [meant for intent in intents for meant in (_meant(intent, read) if intent.name == KEEP_TIME else (intent,))]


def doubted(verdicts: Sequence[Verdict], text: str, language: Language) -> list[Verdict]:
    """What the model has set or cancelled, and nobody has said so, waits for a yes."""
    return [
        NeedsConfirmation(verdict.action, why)
        if isinstance(verdict, Allowed) and (why := _unasked(verdict.action, text, language))
        else verdict
        for verdict in verdicts
    ]


def _meant(intent: Intent, read: Callable[[str], Match]) -> Sequence[Intent]:
    sentence = str(intent.slots.get("sentence", ""))
    meant = read(sentence).intents
    if not meant:
        raise NotUnderstood(f"the model's sentence about time fits nothing: {sentence!r}")
    if others := sorted({each.name for each in meant} - OF_TIME):
        raise NotUnderstood(f"the model's sentence is not about time but {', '.join(others)}: {sentence!r}")
    return meant


def _unasked(action: Action, text: str, language: Language) -> str | None:
    """Why it needs a yes, in English for the record."""
    if not action.entity_id.startswith("schedule."):
        return None
    if action.service not in _AT_ONCE or (action.service == "add_watch" and action.arguments.get("text")):
        return "nobody has said it in these words"
    if action.service != "silence" and speaks_against(text, language):
        return "the request may be against it"
    mask = masked(clock_words(text, language), language)
    if action.arguments.get("due") is not None:
        return None if mask is not None and _is_said(action, mask) else "the request does not say this time"
    times = mask is not None and bool(mask.times or mask.amounts)
    return None if times or speaks_of_time(text, language) else "the request does not speak of time"


def _is_said(action: Action, mask: Masked) -> bool:
    """Whether its time, or its length, is one of the request's: the hour on the clocks, as ISO text knows no summer."""
    given = action.arguments
    due, now = (datetime.fromisoformat(str(given[name])) for name in ("due", "now"))
    lengths = {*mask.amounts, *(when.seconds for when in mask.times if when.seconds is not None)}
    return given.get("seconds") in lengths or any(
        given.get("repeats") == said.repeats and abs(_on_the_clock(due) - _on_the_clock(said.at)) < _SAME
        for said in _moments(mask, now)
    )


def _moments(mask: Masked, now: datetime) -> Iterator[Moment]:
    """What the times of the request may come to, each alone and all together."""
    for when in (*mask.times, *([mask.when] if mask.when else [])):
        for waking in (False, True):
            if (found := moment(when, now, waking=waking, loose=True)) is not None:
                yield found


def _on_the_clock(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
