"""When something last happened to a thing, and who asked for it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from assistant.skill import Change, Entity, History, Question, Say, Targets

_OPENINGS = ("door", "garage_door", "opening", "window")
_BODIES = ("motion", "occupancy", "presence", "moving")

_OPENED, _CLOSED = ("opening", "open"), ("closing", "closed")

_WENT_TO: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "binary_sensor": {"open": ("on",), "closed": ("off",), "unlocked": ("on",), "locked": ("off",)},
    "lock": {"open": ("unlocked",), "closed": ("locked",), "on": ("locked",), "off": ("unlocked",)},
    "cover": {"on": _OPENED, "open": _OPENED, "off": _CLOSED, "closed": _CLOSED},
    "valve": {"on": ("open",), "off": ("closed",)},
    "media_player": {"on": ("on", "idle", "playing"), "off": ("off", "standby")},
    "vacuum": {"on": ("cleaning",), "off": ("docked", "returning")},
    "lawn_mower": {"on": ("mowing",), "off": ("docked",)},
    "climate": {"on": ("heat", "cool", "auto", "heat_cool", "dry", "fan_only")},
}
"""What people call a state, in the words of its devices."""


async def told(history: History | None, targets: Targets, wanted: str | None, question: Question, now: datetime) -> Say:
    """The newest such change of any of them."""
    found = [(change, thing) for thing in targets if history
             and (change := await history.last(thing.id, _values(thing, wanted)))]  # fmt: skip
    if not found:
        since = await history.since() if history else None
        return Say("history.never", {"thing": targets[0], "since": since, "now": now})
    change, thing = max(found, key=lambda pair: pair[0].at)
    known = {"thing": thing, "word": _became(thing, change), "at": change.at, "now": now}
    if question == "when":
        return Say("history.when", known)
    if change.request is None:
        return Say("history.not_me", known)
    return Say("history.asked", {**known, "request": change.request, "because": change.because})


def _values(thing: Entity, wanted: str | None) -> Collection[str]:
    return () if wanted is None else _WENT_TO.get(thing.domain, {}).get(wanted, (wanted,))


def _became(thing: Entity, change: Change) -> str:
    """The word for what happened: a window's "on" is that it opened."""
    happened = {"opening": "open", "closing": "closed"}.get(change.value, change.value)
    if thing.device_class in _OPENINGS:
        return {"on": "open", "off": "closed"}.get(happened, happened)
    if thing.device_class == "lock":
        return {"on": "unlocked", "off": "locked"}.get(happened, happened)
    if thing.device_class in _BODIES:
        return {"on": "motion", "off": "quiet"}.get(happened, happened)
    return happened
