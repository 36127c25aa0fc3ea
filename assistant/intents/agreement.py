"""What a plan does to one device has to agree with itself: nothing is on and off at once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from assistant.errors import AtOnce
from assistant.interfaces import House
from assistant.models import Action

_OPPOSITES = (
    {"turn_on", "turn_off"},
    {"open_cover", "close_cover"},
    {"open_cover", "stop_cover"},
    {"close_cover", "stop_cover"},
    {"open_valve", "close_valve"},
    {"lock", "unlock"},
    {"lock", "open"},
    {"start", "return_to_base"},
    {"start", "stop"},
    {"start", "pause"},
    {"start_mowing", "dock"},
    {"media_play", "media_pause"},
    {"media_play", "media_stop"},
    {"media_next_track", "media_previous_track"},
)

_EACH_COUNTS = frozenset({"add_item", "update_item", "remove_item", "clean_area"})
"""What may be done several times with other values."""

_OPENING = {"open_cover": 100, "close_cover": 0}


def expect_agreement(actions: Iterable[Action], house: House) -> None:
    """Raises AtOnce, for whoever planned it, the reflex or the model."""
    for one, other in combinations(actions, 2):
        if one.entity_id == other.entity_id and _contradict(one, other):
            reason = f"{one.entity_id} cannot {one.service} and {other.service} at once"
            raise AtOnce(reason, name=house.entity(one.entity_id))


def _contradict(one: Action, other: Action) -> bool:
    if one.service == other.service:
        shared = one.arguments.keys() & other.arguments.keys()
        return one.service not in _EACH_COUNTS and any(one.arguments[name] != other.arguments[name] for name in shared)
    if {one.service, other.service} in _OPPOSITES:
        return True
    position = one.arguments.get("position", other.arguments.get("position"))
    ends = [_OPENING[service] for service in (one.service, other.service) if service in _OPENING]
    return position is not None and bool(ends) and position != ends[0]
