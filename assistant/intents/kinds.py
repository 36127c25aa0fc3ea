"""Which things of the house a frame speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.intents.frame import Frame, things_called
from assistant.intents.vocabulary import Piece, Vocabulary
from assistant.models import Entity, Target

COVERS = ("blind", "shutter", "curtain", "awning", "window", "garage", "gate")
SWITCHABLE = ("light", "switch", "fan", "input_boolean", "media_player", "siren", "humidifier")
MEASURED = {"temperature": "climate", "brightness": "light", "position": "cover", "speed": "fan", "mode": "climate"}
"""What can be set or asked of things of a domain, and says which domain is meant."""
_DOMAINS = {"light": "light", "lamp": "light", "main_light": "light", "switch": "switch", "fan": "fan",
            "climate": "climate", "vacuum": "vacuum", "scene": "scene", "lock": "lock"}  # fmt: skip
UNLIKE = ("gate", "awning", "window", "door")
"""Covers that no other stands for: what has no gate does not close its garage when asked to close the gate."""
DOORS = ("door", "garage", "gate", "garage_door", "opening")


def named(frame: Frame, vocabulary: Vocabulary) -> list[Entity] | None:
    """The entities named; None when a name fits nothing here, or things of several kinds."""
    found: list[Entity] = []
    for ids in frame.names:
        entities = [vocabulary.entities[entity_id] for entity_id in ids]
        placed = [entity for entity in entities if _in_place(entity, frame)]
        shown = [entity for entity in placed if entity.members or not entity.hidden] or placed
        if not shown or not alike(shown):
            return None
        found.append(shown[0] if len(shown) == 1 else replace(shown[0], id=one_of(shown)))
    return [entity for index, entity in enumerate(found) if entity not in found[:index]]


def alike(namesakes: Sequence[Entity]) -> bool:
    """Whether what is said to one could be meant for each of them."""
    domains = {entity.domain for entity in namesakes}
    return len(domains) == 1 or domains <= set(SWITCHABLE)


def one_of(namesakes: Sequence[Entity]) -> str:
    """The id that stands for all that share a name, until it is asked which of them is meant (Target.ids)."""
    return "|".join(entity.id for entity in namesakes)


def _in_place(entity: Entity, frame: Frame) -> bool:
    return not frame.areas or entity.room in frame.areas


def place(frame: Frame, domain: str | None = None, device_class: str | None = None) -> Target | None:
    """Where the frame says; None when it says two places at once."""
    areas, floors = list(dict.fromkeys(frame.areas)), list(dict.fromkeys(frame.floors))
    if len(areas) > 1 or len(floors) > 1:
        return None
    area = areas[0] if areas else None
    floor = floors[0] if floors and not areas else None
    anywhere = (
        not area and not floor and bool(frame.flags & {"house", "all", "everything"}) and "here" not in frame.flags
    )
    here = not area and not floor and not anywhere
    return Target(area=area, floor=floor, domain=domain, device_class=device_class, here=here, everywhere=anywhere)


def in_target(entity: Entity, target: Target) -> bool:
    """Whether the entity lies in the area, without looking at floors."""
    return target.area in (None, entity.room) and not entity.hidden


def only_cover(target: Target, vocabulary: Vocabulary) -> str | None:
    """ "The garage shutter" is whatever moves there."""
    covers = [each.id for each in vocabulary.entities.values() if each.domain == "cover" and in_target(each, target)]
    return covers[0] if len(covers) == 1 else None


def has_class(device_class: str, vocabulary: Vocabulary, domain: str | None = None) -> bool:
    """Whether the house has such a thing."""
    things = vocabulary.entities.values()
    return any(each.device_class == device_class and domain in (None, each.domain) for each in things)


def domain_of(noun: str) -> str | None:
    return _DOMAINS.get(noun) or ("cover" if noun in COVERS else None)


def excluded_ids(pieces: Sequence[Piece], domain: str | None, vocabulary: Vocabulary) -> tuple[str, ...] | None:
    """The things after "except"; None when somebody said what nobody knows."""
    ids: list[str] = []
    nouns: list[str] = []
    unknown: list[str] = []
    for piece in pieces:
        if piece.ids:
            ids.extend(piece.ids)
        elif (area := piece.value("area")) is not None:
            ids.extend(entity.id for entity in vocabulary.entities.values()
                       if entity.room == area and domain in (None, entity.domain))  # fmt: skip
        elif not piece.known or piece.number is not None or piece.value("never") is not None:
            unknown.extend(piece.words)
        elif piece.value("and") is None and piece.value("all") is None and piece.value("question") is None:
            nouns.extend(piece.words)
    if unknown and (ids or len(unknown) > 1):
        return None  # "all but the lamp, if it rains"
    nouns += unknown
    if nouns and not ids:
        found = [entity for entity in things_called(set(nouns), (), vocabulary) if domain in (None, entity.domain)]
        if len(found) != 1:
            return None
        ids.append(found[0].id)
    return tuple(dict.fromkeys(ids)) or None
