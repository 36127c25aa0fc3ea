"""Whether a thing has come to the state that somebody waits for."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.models import State, Watch

_MEANT: Mapping[str, frozenset[str]] = {
    "open": frozenset({"open", "opening", "on", "unlocked"}),
    "closed": frozenset({"closed", "off", "locked"}),
    "locked": frozenset({"locked", "off"}),
    "unlocked": frozenset({"unlocked", "on", "open"}),
    "on": frozenset({"on", "open", "playing", "cleaning", "mowing", "heat", "cool", "auto", "running"}),
    "motion": frozenset({"on", "motion", "detected"}),
    "off": frozenset({"off", "idle", "standby", "docked", "closed"}),
    "done": frozenset({"off", "idle", "standby", "docked", "done", "finished", "complete", "completed", "end", "ended",
                       "stopped", "ready", "paused"}),
}  # fmt: skip
"""What people say, in the words of devices: an open window is "on"."""


def is_so(watch: Watch, state: State) -> bool | None:
    """None when nobody knows: the device is away, or its report is old."""
    if state.value is None or not state.available or state.stale:
        return None
    if watch.state[:1] in "<>":
        return _beyond(watch.state, state)
    return state.value.casefold() in _MEANT.get(watch.state, frozenset({watch.state}))


def _beyond(limit: str, state: State) -> bool | None:
    way, number = limit.split()
    said = state.attributes.get("current_temperature", state.value)
    try:
        value = float(str(said))
    except ValueError:
        return None
    return value >= float(number) if way == ">" else value <= float(number)
