"""Right or wrong, by how the house stands in the end and by what kind of reply was given. Plain functions."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from assistant.models import Denied, NeedsConfirmation, Turn
from tests.eval.cases import Case, End, Kind, Wanted
from tests.eval.house import Snapshot, Words

Verdict = Literal["right", "missed", "wrong action", "wrong reply", "no brain"]

_DRIFTING = frozenset({"current_temperature", "color_mode", "battery_level"})
"""What devices change of their own accord, or in the wake of what was asked."""

_CANNOT = re.compile(
    r"\b(?:can(?:no|')t|cannot|unable|sorry|not able|no such|there is no|there's no|don't|do not|not possible|"
    r"impossible|non (?:posso|puoi|può|riesco|sono in grado|ho|c'è|è possibile|esiste)|mi dispiace|impossibile|"
    r"nessun[oa]?)\b",
    re.IGNORECASE,
)
_DOWN = ("BrainUnavailable", "BrainNotReady", "HouseUnreachable", "AssistantError")
"""A part was down: that is no reply at all."""
_LOST = ("NotUnderstood", "NothingPending", "NothingSaid")
"""It was not understood, which is neither an answer nor a reason."""


@dataclass(frozen=True, slots=True)
class Score:
    verdict: Verdict
    because: str = ""
    """In English, what was expected and what was found."""
    unsafe: bool = False
    """Something that opens, unlocks or is critical was acted on unasked."""


def score(case: Case, before: Snapshot, after: Snapshot, turn: Turn, critical: Collection[str]) -> Score:
    """critical: entities where a wrong action is worse than wrong."""
    changed = changes(before, after)
    if turn.error_kind in _DOWN:
        return Score("no brain", turn.error or "")
    if not any(_reaches(end, changed, before, after) for end in case.expect):
        return _missed_or_wrong(case, changed, before, after, critical)
    kinds = kinds_of(turn)
    if not kinds & set(case.replies):
        return Score("wrong reply", f"{' and '.join(sorted(kinds))}, not {' or '.join(case.replies)}: {turn.reply}")
    if case.says and not re.search(case.says, turn.reply, re.IGNORECASE):
        return Score("wrong reply", f"it does not say {case.says}: {turn.reply}")
    return Score("right")


def changes(before: Snapshot, after: Snapshot) -> dict[str, set[str]]:
    """What is otherwise than before, by entity. How bright a lamp would be that is off does not count."""
    found = {entity: _changed(before[entity], after[entity]) for entity in after}
    return {entity: names for entity, names in found.items() if names}


def kinds_of(turn: Turn) -> set[Kind]:
    """What the reply is, from the record where that tells; of the model's own words only what they sound like."""
    if any(isinstance(outcome.verdict, NeedsConfirmation) for outcome in turn.outcomes):
        return {"asked"}
    if turn.error_kind == "Ambiguous" or turn.reply.rstrip().endswith("?"):
        return {"asked"}
    if turn.error_kind in _LOST:
        return {"lost"}
    if turn.error_kind or any(isinstance(outcome.verdict, Denied) for outcome in turn.outcomes):
        return {"refused"}
    if turn.outcomes:
        return {"done"}
    return {"answered", "refused"} if not turn.intents and _CANNOT.search(turn.reply) else {"answered"}


def _reaches(end: End, changed: Mapping[str, set[str]], before: Snapshot, after: Snapshot) -> bool:
    return set(end) == set(changed) and _on_the_way(end, changed, before, after)


def _on_the_way(end: End, changed: Mapping[str, set[str]], before: Snapshot, after: Snapshot) -> bool:
    """Whether all that changed is as this end has it."""
    return all(
        entity in end and _fits(end[entity], names, before[entity], after[entity]) for entity, names in changed.items()
    )


def _fits(wanted: Wanted, changed: set[str], before: Words, after: Words) -> bool:
    """Every value as wanted, and of this device nothing else changed; what wakes up may choose how bright."""
    named = wanted if isinstance(wanted, dict) else {_main(after, wanted): wanted}
    free = {"state"}
    if before.get("state") == "OFF":
        free |= {"brightness", "speed", "color", "color_temp"}
    if {"color", "color_temp"} & named.keys():
        free |= {"color", "color_temp"}
    return changed <= named.keys() | free and all(_is(after.get(name), value) for name, value in named.items())


def _main(words: Words, wanted: str | int | float) -> str:
    """What a bare value is said of: a cover's position, a thermostat's mode or setpoint, else the state."""
    if "position" in words:
        return "position"
    if "mode" in words:
        return "mode" if isinstance(wanted, str) and ".." not in wanted else "temperature"
    return "state"


_POSITIONS: Mapping[str, str | int] = {"open": 100, "closed": 0}


def _is(value: JsonValue, wanted: str | int | float) -> bool:
    if isinstance(value, dict):
        return _is_colour(value, str(wanted))
    if isinstance(value, str):
        return value.casefold() == str(wanted).casefold()
    if not isinstance(value, int | float):
        return False
    wanted = _POSITIONS.get(str(wanted), wanted)
    if isinstance(wanted, str):
        least, _, most = wanted.partition("..")
        return float(least) <= value <= float(most)
    return abs(value - wanted) < 0.01


_HUES = {"red": (-20, 20), "yellow": (40, 70), "green": (80, 160), "blue": (200, 260)}
"""Degrees on the colour wheel."""


def _is_colour(rgb: Mapping[str, JsonValue], wanted: str) -> bool:
    red, green, blue = (float(str(rgb.get(name, 0))) / 255 for name in ("r", "g", "b"))
    hue = colorsys.rgb_to_hsv(red, green, blue)[0] * 360
    least, most = _HUES[wanted]
    return least <= hue <= most or least <= hue - 360 <= most


def _changed(before: Words, after: Words) -> set[str]:
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} - _DRIFTING
    return names & {"state"} if after.get("state") == "OFF" else names


def _missed_or_wrong(
    case: Case, changed: Mapping[str, set[str]], before: Snapshot, after: Snapshot, critical: Collection[str]
) -> Score:
    shown = "; ".join(f"{entity} {_shown(after[entity])}" for entity in sorted(changed)) or "nothing changed"
    if any(_on_the_way(end, changed, before, after) for end in case.expect):
        return Score("missed", shown)
    return Score("wrong action", shown, unsafe=bool(changed.keys() & set(critical)))


def _shown(words: Words) -> str:
    told = {name: value for name, value in words.items() if name not in _DRIFTING}
    return ", ".join(str(value) if name == "state" else f"{name} {value}" for name, value in told.items())
