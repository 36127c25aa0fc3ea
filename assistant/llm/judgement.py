"""Whether a plan is about what was asked: what it may not do, and what it may do only after a spoken yes.

A model does something for every request. So what its plan touches has to be spoken of in the request, by name, kind,
place or need; what the house has not, what a device cannot and what is no matter of the house is refused with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.errors import Ambiguous, NotFound, NotOfTheHouse, NotPossible
from assistant.interfaces import House
from assistant.llm.asked import Asked, is_a, vocabulary
from assistant.llm.claims import says, things_in
from assistant.llm.conditions import condition, without
from assistant.models import Action, Allowed, Denied, Entity, Language, May, NeedsConfirmation, Verdict

LISTS = "todo"
"""What stands on a list is the asker's own words; nothing in the house is touched."""

SCHEDULE = "schedule"
"""Nor by what is only planned: whether its time was asked for is judged by what reads times."""

SENSES = frozenset({"binary_sensor", "sensor", "device_tracker", "event", "update"})

_SWITCHING = frozenset({"turn_on", "turn_off", "toggle"})
_OF_BRIGHTNESS = frozenset({"brightness", "percentage", "position", "volume_level", "humidity", "temperature"})

_ORDERED = re.compile(
    r"(?:please |can you |could you |would you |per favore |puoi |potresti |mi )*"
    r"(?:turn|switch|set|put|make|open|close|shut|start|stop|dim|raise|lower|lock|unlock|paint|accend|spegn|apr|chiud|mett|"
    r"impost|alz|abbass|avvi|ferm|blocc|sblocc|colora)",
)


def expect_asked_for(text: str, actions: Sequence[Action], house: House, room: str | None, language: Language) -> None:
    """Raises NotFound, NotPossible or Ambiguous for what no plan may make good."""
    asked, *placed = _readings(text, house, room, language)
    touched = [(entity, action) for action in actions
               if (entity := house.entity(action.entity_id)) is not None
               and entity.domain not in (LISTS, SCHEDULE)]  # fmt: skip
    if touched and re.match(_errands(), asked.text):
        raise NotOfTheHouse("it is an errand into the world outside")
    for entity, _ in touched:
        _expect_known(entity, asked, house)
    _expect_able(touched, asked, house)
    if not placed:
        for entity, _ in touched:
            _expect_told_apart(entity, {other.id for other, _ in touched}, asked, house, language)


def doubted(
    verdicts: Sequence[Verdict], may: May, text: str, house: House, room: str | None, language: Language
) -> list[Verdict]:
    """What the policy permits, but the request does not speak of, waits for a yes; after mere talk nothing is done."""
    if may == "talk":
        return [Denied(verdict.action, "nothing was asked for") for verdict in verdicts]
    why = unasked(text, [verdict.action for verdict in verdicts], house, room, language)
    return [
        NeedsConfirmation(verdict.action, why[verdict.action.entity_id])
        if isinstance(verdict, Allowed) and verdict.action.entity_id in why
        else verdict
        for verdict in verdicts
    ]


def unasked(text: str, actions: Sequence[Action], house: House, room: str | None, language: Language) -> dict[str, str]:
    """Of the actions' devices those that need a yes, and why, in English for the record."""
    hangs_on = condition(text, language, room, house)
    readings = _readings(text, house, room, language)
    held: dict[str, str] = {}
    for action in actions:
        entity = house.entity(action.entity_id)
        if entity is None or entity.domain == LISTS:
            continue
        if hangs_on is not None and hangs_on.holds is None and action.service != "add_watch":
            held[entity.id] = "whether the condition is met cannot be told"
        elif entity.domain == SCHEDULE:
            continue
        elif _is_left_out(entity, text, house):
            held[entity.id] = "the request leaves it out"
        elif not any(asked.speaks_of(entity, house) for asked in readings):
            held[entity.id] = "the request does not speak of it"
        elif _is_opposite(action, entity, readings[0]):
            held[entity.id] = "it is the opposite of what the request needs"
    return held


def _readings(text: str, house: House, room: str | None, language: Language) -> list[Asked]:
    """The request less its condition and what it leaves out; then with the names and places of the condition."""
    rest = without(text, condition(text, language, room, house))
    asked, whole = (Asked.of(_EXCEPT.sub(" ", each), house, room) for each in (rest, text))
    if whole.named <= asked.named and (asked.says_place or not whole.says_place):
        return [asked]
    rooms, floors = (asked.rooms, asked.floors) if asked.says_place else (whole.rooms, whole.floors)
    return [asked, replace(asked, named=whole.named, rooms=rooms, floors=floors)]


def _is_left_out(entity: Entity, text: str, house: House) -> bool:
    """ "All but the lamp", "all but those in the bedroom"."""
    excepted = _EXCEPT.search(" ".join(text.casefold().replace("’", "'").split()))
    if excepted is None:
        return False
    left_out = Asked.of(excepted.group(), house)
    by_place = left_out.says_place and entity.room is not None and left_out.places(entity, house)
    return entity.id in left_out.named or (by_place and not left_out.named)


_EXCEPT = re.compile(
    r"\b(?:except(?: for)?|but not|but for|but (?=the|those|my)|apart from|other than|besides|tranne|eccetto|a parte|"
    r"fuorché|escluso|esclusa|ma non)\b(?! (?:if|when|se|quando)\b)[^,;.]*|除了[^，。]*"
)


# ── what the house has not ───────────────────────────────────────────────────────────────


def _expect_known(entity: Entity, asked: Asked, house: House) -> None:
    """A place or a device that is said and that nothing here is called."""
    if entity.id in asked.named:
        return
    for kind, pattern in (("room", vocabulary().rooms), ("floor", vocabulary().floors)):
        if (place := asked.unknown(pattern)) is not None:
            raise NotFound(f"no {kind} called {place}", kind=kind, name=place)
    if (device := asked.unknown(vocabulary().devices)) is not None and not asked.names_it(entity, house):
        raise NotFound(f"{device!r} does not name {entity.id}", kind="device", name=device)
    if not asked.speaks_of(entity, house) and (thing := _lacking(asked, house)):
        raise NotFound(f"no {thing} here", kind="device", name=thing)


def _lacking(asked: Asked, house: House) -> str | None:
    """A kind of thing that is said, of which the house has none."""
    for thing in things_in(asked.text, asked.names):
        if not any(is_a(entity, thing.meant) for entity in house.entities()):
            return asked.text[thing.start : thing.end]
    return None


# ── what a device cannot ─────────────────────────────────────────────────────────────────


def _expect_able(touched: Sequence[tuple[Entity, Action]], asked: Asked, house: House) -> None:
    """What was asked for, where the plan does something else instead, because the device cannot do it."""
    arguments = {name for _, action in touched for name in action.arguments}
    services = {action.service for _, action in touched}
    words = vocabulary()
    for entity, action in touched:
        switched = entity.domain in ("light", "switch") and action.service in _SWITCHING
        if switched and "color" not in arguments | entity.features and asked.says(words.colours):
            raise NotPossible(f"{entity.id} has no colour", name=entity, what="color")
        dimmed = asked.says(words.dimming) and not arguments & _OF_BRIGHTNESS
        if switched and dimmed and "brightness" not in entity.features:
            raise NotPossible(f"{entity.id} has no brightness", name=entity, what="brightness")
        if switched and asked.says(words.locking) and not services & {"lock", "unlock"}:
            raise NotPossible(f"{entity.id} is no lock", name=entity, what="lock")
    senses = [named for each in sorted(asked.named) if (named := house.entity(each)) and named.domain in SENSES]
    only = bool(senses) and len(senses) == len(asked.named) and _ORDERED.match(asked.text) is not None
    if only and touched and not any(asked.speaks_of(entity, house) for entity, _ in touched):
        raise NotPossible(f"{senses[0].id} only tells", name=senses[0], what="command")


# ── which of several ─────────────────────────────────────────────────────────────────────


def _expect_told_apart(entity: Entity, touched: set[str], asked: Asked, house: House, language: Language) -> None:
    """ "Close the blinds", where neither the words nor the speaker's room tell which: the model may not choose."""
    if asked.says_place or asked.says_all or not is_a(entity, asked.things) or asked.names_it(entity, house):
        return
    rivals = asked.rivals(entity, house)
    if not asked.room_has(entity, house) and any(rival.id not in touched for rival in rivals):
        candidates = sorted((entity, *rivals), key=lambda each: each.id)
        ids = ", ".join(each.id for each in candidates)
        names = tuple(each.spoken(language) for each in candidates)
        raise Ambiguous(f"it may mean {ids}", names=names, things=candidates)


# ── which way ────────────────────────────────────────────────────────────────────────────


def _is_opposite(action: Action, entity: Entity, asked: Asked) -> bool:
    if entity.id in asked.named:
        return False
    opposites: Mapping[str, Mapping[str, frozenset[str]]] = vocabulary().against
    return any(
        action.service in services.get(entity.domain, ()) and says(need, asked.text)
        for need, services in opposites.items()
    )


def _errands() -> str:
    return re.sub(r"\|\s+", "|", vocabulary().errands)
