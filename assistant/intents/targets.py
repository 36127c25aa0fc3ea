"""Which things of the house an intent means; a question back rather than a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from assistant.errors import Ambiguous, NotFound
from assistant.interfaces import House
from assistant.models import Entity, Floor, Intent, Language, Resolved, Room, Target

Place = TypeVar("Place", Room, Floor)

IMPLIED: Mapping[str, tuple[str, ...]] = {
    "HassClimateGetTemperature": ("climate", "sensor", "water_heater"),
    "HassClimateSetFanMode": ("climate",),
    "HassClimateSetHvacMode": ("climate",),
    "HassClimateSetTemperature": ("climate",),
    "HassFanSetSpeed": ("fan",),
    "AlarmArm": ("alarm_control_panel",),
    "AlarmDisarm": ("alarm_control_panel",),
    "AlarmTrigger": ("alarm_control_panel",),
    "ClimateSetPresetMode": ("climate",),
    "CoverSetTilt": ("cover",),
    "FanSet": ("fan",),
    "HassHumidifierMode": ("humidifier",),
    "HassHumidifierSetpoint": ("humidifier",),
    "HassLawnMowerDock": ("lawn_mower",),
    "HassLawnMowerStartMowing": ("lawn_mower",),
    "HassLightSet": ("light",),
    "HassListAddItem": ("todo",),
    "HassListCompleteItem": ("todo",),
    "HassListRemoveItem": ("todo",),
    "HassMediaNext": ("media_player",),
    "HassMediaPause": ("media_player",),
    "HassMediaPlayerMute": ("media_player",),
    "HassMediaPlayerUnmute": ("media_player",),
    "HassMediaPrevious": ("media_player",),
    "HassMediaUnpause": ("media_player",),
    "HassSetPosition": ("cover", "valve"),
    "ClimateSetRange": ("climate",),
    "ClimateSetSwingMode": ("climate",),
    "HumidityStep": ("humidifier",),
    "LightEffect": ("light",),
    "LightFade": ("light",),
    "LightWarmth": ("light",),
    "ListClear": ("todo",),
    "MessageSend": ("notify",),
    "MomentSet": ("date", "datetime", "time"),
    "MoveBy": ("cover", "valve"),
    "SirenSound": ("siren",),
    "UpdateInstall": ("update",),
    "VacuumCleanSpot": ("vacuum",),
    "VacuumLocate": ("vacuum",),
    "VacuumSetFanSpeed": ("vacuum",),
    "HassSetVolume": ("media_player",),
    "HassSetVolumeRelative": ("media_player",),
    "HassVacuumCleanArea": ("vacuum",),
    "HassVacuumReturnToBase": ("vacuum",),
    "HassVacuumStart": ("vacuum",),
    "WaterHeaterSetMode": ("water_heater",),
}
"""The domains that an intent speaks of when the sentence names none ("set the temperature to 20")."""

_OF_WHAT_PLAYS = ("HassMediaNext", "HassMediaPause", "HassMediaPrevious", "HassSetVolume", "HassSetVolumeRelative")
"""Of several players without a name or place, the one that plays is meant."""

SWITCHABLE = ("light", "switch", "fan", "siren", "humidifier")
"""What "turn everything off" means: no lock, cover, valve or heating, where off is something else."""

_OF_SEVERAL = ("any", "all", "which", "how_many", "average", "highest", "lowest", "total")
"""Questions that several things answer together."""

_ALIKE = (
    frozenset({"blind", "shade", "shutter", "curtain", "awning", "window"}),
    frozenset({"door", "garage", "gate", "garage_door"}),
)
"""Device classes that people do not keep apart as the makers of devices do."""

_ARTICLES = re.compile(
    r"^(?:the|a|an|my|our|il|lo|la|i|gli|le|un|uno|una|questo|questa)\s+|^(?:l|un)['’]\s*", re.IGNORECASE
)


def resolve(intent: Intent, house: House, room: str | None, language: Language) -> Resolved:
    """Find what is meant. Raises NotFound or Ambiguous; targets stay empty only where the intent names nothing.

    room: where the speaker stands; language: for the names in a question back.
    """
    target, here = _spelled_out(intent.target, house), _own_name(room, house)
    if target.here and room is not None and here is None:
        raise NotFound(f"no room called {room}", kind="room", name=room)
    room = here
    if target.ids:
        found = _by_ids(target, intent, house, room, language)
    elif target.name is not None:
        found = _by_name(target, intent, house, room, language)
    elif target == Target() and intent.name not in IMPLIED:
        found = ()
    else:
        found = _by_kind(target, intent, house, room, language)
    return Resolved(intent.name, tuple(_members(found, house)), dict(intent.slots))


def plain(name: str) -> str:
    """A name as it is compared: no capitals, no leading article, single spaces."""
    folded = " ".join(unicodedata.normalize("NFC", name).casefold().replace("’", "'").split())
    return _ARTICLES.sub("", folded)


# ── by ids, by name ──────────────────────────────────────────────────────────────────────


def _by_ids(target: Target, intent: Intent, house: House, room: str | None, language: Language) -> Sequence[Entity]:
    found: list[Entity] = []
    for ids in target.ids:
        namesakes = [entity for entity_id in ids.split("|") if (entity := house.entity(entity_id)) is not None]
        if not namesakes:
            raise NotFound(f"no device {ids}", kind="device", name=ids)
        able = _of_domains(namesakes, IMPLIED.get(intent.name, ())) or namesakes
        found += _only(_in_room(able, room) or able, language)
    return _without(found, target)


def _members(found: Iterable[Entity], house: House) -> Sequence[Entity]:
    """Groups give way to their members, each once. One that the house does not know stays: the policy says so of it."""
    ids = [entity_id for entity in found for entity_id in entity.members or (entity.id,)]
    return [house.entity(entity_id) or Entity(entity_id, entity_id) for entity_id in dict.fromkeys(ids)]


def _spelled_out(target: Target, house: House) -> Target:
    """ "All but the Christmas lights": what is left out of a group's name is left out too."""
    groups = {entity_id: entity.members for entity_id in target.excluded if (entity := house.entity(entity_id))}
    excluded = [member for entity_id in target.excluded for member in groups.get(entity_id) or (entity_id,)]
    return replace(target, excluded=tuple(excluded)) if target.excluded else target


def _by_name(target: Target, intent: Intent, house: House, room: str | None, language: Language) -> Sequence[Entity]:
    name = target.name or ""
    named = [entity for entity in house.entities() if plain(name) in _names(entity.name, entity.aliases)]
    found = _in_place(named, target, house)
    shown = [entity for entity in found if entity.members or not entity.hidden]
    for narrower in (_of_kind(found, target), _of_domains(found, IMPLIED.get(intent.name, ())), shown,
                     _in_room(found, room)):  # fmt: skip
        if len(found) > 1 and narrower:
            found = [entity for entity in found if entity in narrower]
    if not found:
        where = f" in {target.area or target.floor}" if target.area or target.floor else ""
        raise NotFound(f"no device called {name}{where}", kind="device", name=name, place=_place(target))
    return _only(found, language)


def _only(found: Sequence[Entity], language: Language) -> Sequence[Entity]:
    if len(found) > 1:
        raise ambiguous(found, language)
    return found


def ambiguous(found: Sequence[Entity], language: Language) -> Ambiguous:
    ids = ", ".join(entity.id for entity in found)
    return Ambiguous(f"it may mean {ids}", names=tuple(entity.spoken(language) for entity in found), things=found)


# ── by place and kind ────────────────────────────────────────────────────────────────────


def _by_kind(target: Target, intent: Intent, house: House, room: str | None, language: Language) -> Sequence[Entity]:
    shown = _without(_shown(house.entities()), target)
    kind = _meant_kind(shown, target, intent)
    if target.area or target.floor:
        found = _first_kind(_in_place(shown, target, house), target, intent)
    elif target.everywhere or (_asks(intent) and not target.here):
        found = kind
    else:
        found = _nearby(shown, kind, target, intent, house, room, language)
    if not found:
        what = target.device_class or target.domain or next(iter(IMPLIED.get(intent.name, ("device",))))
        place = target.area or target.floor
        raise NotFound(f"no {what}" + (f" in {place}" if place else ""), kind=what, name=what, place=_place(target))
    return found


def _nearby(
    shown: Sequence[Entity],
    kind: Sequence[Entity],
    target: Target,
    intent: Intent,
    house: House,
    room: str | None,
    language: Language,
) -> Sequence[Entity]:
    """The speaker's room; failing that the only one of the house; failing that a question."""
    here = _first_kind(_in_room(shown, room), target, intent)
    if here or len(kind) <= 1 or _counts(intent):
        return here or kind
    if playing := _playing(kind, intent, house):
        return playing
    raise ambiguous(kind, language)


def _playing(kind: Sequence[Entity], intent: Intent, house: House) -> Sequence[Entity]:
    """The only one that plays, or that waits to go on."""
    said = {"HassMediaUnpause": "paused", "HassStopMoving": "playing"}.get(
        intent.name, "playing" if intent.name in _OF_WHAT_PLAYS else ""
    )
    found = [each for each in kind if each.domain == "media_player" and house.state(each.id).value == said]
    return found if len(found) == 1 else ()


def _meant_kind(entities: Sequence[Entity], target: Target, intent: Intent) -> Sequence[Entity]:
    if target.everywhere and not (target.domain or target.device_class or intent.name in IMPLIED):
        return entities if _asks(intent) else _of_domains(entities, SWITCHABLE)
    return _first_kind(entities, target, intent)


def _first_kind(entities: Sequence[Entity], target: Target, intent: Intent) -> Sequence[Entity]:
    """Those of the kind that the target names, the intent implies, or a place alone suggests."""
    if target.domain or target.device_class:
        return [*_of_kind(entities, target), *_of_domains(entities, _measures_too(target, intent))]
    if domains := IMPLIED.get(intent.name):
        return next((some for domain in domains if (some := _measuring(_of_domains(entities, (domain,))))), ())
    if _asks(intent):
        return entities
    return next((some for domain in SWITCHABLE if (some := _of_domains(entities, (domain,)))), ())


def _measures_too(target: Target, intent: Intent) -> Sequence[str]:
    """The warmest room may have a thermostat and no thermometer. An average would count some rooms twice."""
    extreme = _asks(intent) and intent.slots.get("question") in ("highest", "lowest")
    return ("climate",) if extreme and (target.domain, target.device_class) == ("sensor", "temperature") else ()


def _of_kind(entities: Sequence[Entity], target: Target) -> Sequence[Entity]:
    of_domain = [entity for entity in entities if target.domain in (None, entity.domain)]
    if target.device_class is None:
        return of_domain
    exact = [entity for entity in of_domain if entity.device_class == target.device_class]
    alike = next((group for group in _ALIKE if target.device_class in group), frozenset())
    return exact or [entity for entity in of_domain if entity.device_class in alike]


def _measuring(entities: Sequence[Entity]) -> Sequence[Entity]:
    """Of sensors only thermometers: sensors are implied by questions about the temperature alone."""
    return [entity for entity in entities if entity.domain != "sensor" or entity.device_class == "temperature"]


def _of_domains(entities: Iterable[Entity], domains: Sequence[str]) -> Sequence[Entity]:
    return [entity for entity in entities if entity.domain in domains]


def _shown(entities: Iterable[Entity]) -> Sequence[Entity]:
    return [entity for entity in entities if not entity.hidden]


def _without(entities: Iterable[Entity], target: Target) -> Sequence[Entity]:
    return [entity for entity in entities if entity.id not in target.excluded]


def _asks(intent: Intent) -> bool:
    return intent.name == "HassGetState"


def _counts(intent: Intent) -> bool:
    """ "How many", "which", "are any": several answers are welcome."""
    return _asks(intent) and intent.slots.get("question") in _OF_SEVERAL


# ── places ───────────────────────────────────────────────────────────────────────────────


def _in_place(entities: Sequence[Entity], target: Target, house: House) -> Sequence[Entity]:
    if target.area is not None:
        room = _place_called(target.area, house.rooms, "room")
        entities = [entity for entity in entities if entity.room == room.name]
    if target.floor is not None:
        floor = _place_called(target.floor, house.floors, "floor")
        upon = {room.name for room in house.rooms if room.floor == floor.name}
        entities = [entity for entity in entities if entity.floor == floor.name or entity.room in upon]
    return entities


def _in_room(entities: Sequence[Entity], room: str | None) -> Sequence[Entity]:
    return [entity for entity in entities if room is not None and entity.room == room]


def room_called(room: str, rooms: Sequence[Room]) -> str | None:
    """As the house calls it; a setting may use another of its names."""
    return next((each.name for each in rooms if plain(room) in _names(each.name, each.aliases)), None)


def _own_name(room: str | None, house: House) -> str | None:
    return room_called(room, house.rooms) if room is not None else None


def _place_called(name: str, places: Sequence[Place], kind: str) -> Place:
    for place in places:
        if plain(name) in _names(place.name, place.aliases):
            return place
    raise NotFound(f"no {kind} called {name}", kind=kind, name=name)


def _place(target: Target) -> str | None:
    return target.area or target.floor


def _names(name: str, aliases: Mapping[Language, Sequence[str]]) -> set[str]:
    return {plain(name)} | {plain(alias) for names in aliases.values() for alias in names}
