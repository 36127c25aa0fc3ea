"""Whether a plan's device is what was ordered: asked for the toaster, no model may switch the coffee machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.errors import NotFound, NotUnderstood
from assistant.intents.kinds import alike
from assistant.intents.targets import ambiguous, plain
from assistant.interfaces import House
from assistant.models import Entity, Floor, Language, Resolved, Room

_COMMANDS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^(?:please |can you |could you |would you )*"
        r"(?:(?:turn|switch) (?:on|off)|open|close|shut|lock|unlock|start|stop) (?:up |down )?(.+)$"
    ),
    "it": re.compile(
        r"^(?:per favore |puoi |potresti |mi )*"
        r"(?:accend|spegn|apr|chiud|blocc|sblocc|avvi|ferm)(?:i|imi|a|ere|ire|are) (.+)$"
    ),
}
"""Orders that name their thing; wishes ("I would love a coffee") name none and may mean any."""

_ARTICLE = re.compile(r"^(?:the|a|an|my|our|all|il|lo|la|i|gli|le|un|una|tutt[eio]|l['’])\s*")
_WORDS = re.compile(r"[^\W\d_]{3,}")
_ALIKE = 4
"""Letters that two words must begin with alike: "light" and "lights", "luce" and "luci" by three."""


def expect_the_named(text: str, intents: Iterable[Resolved], house: House, language: Language) -> None:
    """Raises when the sentence orders something by a name that fits none of the plan's devices: NotUnderstood where the
    house has what is called so, else NotFound."""
    named = _COMMANDS[language].match(text.casefold().strip(" .!?")) if language in _COMMANDS else None
    if named is None:
        return
    thing = _ARTICLE.sub("", named[1])
    for intent in intents:
        for entity in intent.targets:
            if not _fits(thing, entity, house):
                if any(plain(thing) in _called(each) for each in house.entities()):
                    raise NotUnderstood(f"{thing!r} was asked for, and {entity.id} planned")
                raise NotFound(f"{thing!r} does not name {entity.id}", kind="device", name=thing)


def expect_told_apart(
    text: str, intents: Iterable[Resolved], house: House, room: str | None, language: Language
) -> None:
    """Raises Ambiguous when the sentence says a name that several devices share, and neither it nor the speaker's room
    tells which of them: the model may not choose."""
    words = re.sub(r"[^\w\s]", " ", text)
    said = f" {plain(words)} "
    rooms = [each.name for each in house.rooms if any(f" {name} " in said for name in _called(each))]
    rooms = rooms or [each.name for each in house.rooms if room is not None and plain(room) in _called(each)]
    for intent in intents:
        targets = {entity.id for entity in intent.targets}
        for entity in intent.targets:
            called = {name for name in _called(entity) if f" {name} " in said}
            alike_called = [each for each in house.entities()
                            if called & _called(each) and not each.hidden and alike([each, entity])]  # fmt: skip
            placed = [each for each in alike_called if each.room in rooms] or alike_called
            if len(placed) > 1 and not targets.issuperset(each.id for each in placed):
                raise ambiguous(placed, language)


def _called(thing: Entity | Room) -> set[str]:
    return {plain(name) for name in (thing.name, *(alias for names in thing.aliases.values() for alias in names))}


def _fits(thing: str, entity: Entity, house: House) -> bool:
    said = _WORDS.findall(thing)
    known = _WORDS.findall(" ".join(_names(entity, house)).casefold())
    return any(_same(word, other) for word in said for other in known)


def _names(entity: Entity, house: House) -> list[str]:
    """What the device, its kind and its place are called."""
    known = [_KINDS.get(entity.domain, ""), entity.device_class or ""]
    rooms = [room for room in house.rooms if room.name == entity.room]
    floors = [floor for floor in house.floors if floor.name == entity.floor]
    groups = [group for group in house.entities() if entity.id in group.members]
    named: list[Entity | Room | Floor] = [entity, *rooms, *floors, *groups]
    for each in named:
        known += [each.name, *(alias for names in each.aliases.values() for alias in names)]
    return known


def _same(word: str, other: str) -> bool:
    shared = min(len(word), len(other), _ALIKE)
    return word[: max(3, shared - 1)] == other[: max(3, shared - 1)]


_KINDS = {
    "light": "light lamp bulb luce luci lampada",
    "switch": "switch plug socket presa interruttore",
    "cover": "cover blind shutter curtain shade tapparella tenda persiana serranda",
    "climate": "heating heater thermostat radiator warm riscaldamento termostato termosifone caldaia",
    "lock": "lock door porta serratura portone",
    "vacuum": "vacuum cleaner robot hoover aspirapolvere pulizie",
    "fan": "fan ventilator ventilatore ventola",
    "scene": "scene scena",
    "valve": "valve water valvola acqua",
    "media_player": "media player music radio television speaker song musica televisione cassa lettore canzone",
    "humidifier": "humidifier dehumidifier umidificatore deumidificatore",
    "water_heater": "boiler water heater scaldabagno acqua calda",
    "lawn_mower": "lawn mower mowing tagliaerba prato erba",
    "alarm_control_panel": "alarm allarme antifurto",
    "siren": "siren alarm sirena",
    "script": "script routine",
}
