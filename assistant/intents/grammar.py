"""Sentence templates in hassil's format: the skills' own merged over Home Assistant's."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from hassil.intents import Intents, SlotList, TextSlotList
from hassil.recognize import RecognizeResult, recognize_best
from hassil.util import merge_dict
from home_assistant_intents import get_intents

from assistant.intents.kinds import alike, one_of
from assistant.intents.names import Names
from assistant.intents.targets import plain
from assistant.models import Entity, Floor, Intent, Language, Room, Target, Value

log = logging.getLogger(__name__)

SERVED = (
    "HassTurnOn", "HassTurnOff", "HassLightSet", "HassGetState", "HassClimateSetTemperature",
    "HassClimateGetTemperature", "HassFanSetSpeed", "HassSetPosition", "HassVacuumStart", "HassVacuumReturnToBase",
    "HassGetCurrentTime", "HassGetCurrentDate", "HassNevermind",
)  # fmt: skip
"""The shipped intents that the skills can do; the rest would only cost time."""

_PACKAGED = {"zh": "zh-CN"}
_HERE = "(here)"
_PLACED = ("name", "area", "floor", "domain", "device_class")
_OPENINGS = ("door", "garage_door", "opening", "window")
_ACTING = re.compile("^(?!HassGet|HassClimateGet|HassNevermind)")


@dataclass(slots=True)
class Grammar:
    intents: Intents | None
    lists: dict[str, SlotList]
    openings: frozenset[str] = frozenset()
    """The sensors of doors and windows."""
    rooms: dict[str, str | None] = field(default_factory=dict)
    """By entity."""

    @classmethod
    def of(cls, names: Names, folders: Sequence[Path], language: Language) -> Grammar:
        """The skills' sentences, merged over Home Assistant's."""
        merged: dict[str, Any] = {"language": language, "intents": {}}
        if data := get_intents(_PACKAGED.get(language, language)):
            merge_dict(merged, _pruned(data, names))
        for path in _files(folders, language):
            merge_dict(merged, yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        intents = Intents.from_dict(merged) if merged["intents"] else None
        openings = frozenset(entity.id for entity in names.entities if entity.device_class in _OPENINGS)
        rooms = {entity.id: entity.room for entity in names.entities}
        return cls(intents, _lists(names, language), openings, rooms)

    def match(self, text: str, language: Language, room: str | None) -> tuple[Intent, ...]:
        if self.intents is None:
            return ()
        said = re.sub(r"[。？！，,.?!]+$", "", text.strip())
        found = recognize_best(
            said,
            self.intents,
            slot_lists=self.lists,
            best_slot_name="name",
            intent_context={"area": _HERE},
            language=language,
        )
        if found is None or (_bare_name(found, said) and _ACTING.match(found.intent.name)):
            return ()
        return () if self._elsewhere(found) else (self._in_our_words(self._here(found, _intent(found))),)

    def _here(self, found: RecognizeResult, intent: Intent) -> Intent:
        """Of things that share a name, those in the room that was named."""
        name, area = found.entities.get("name"), found.entities.get("area")
        if name is None or area is None or area.value == _HERE:
            return intent
        there = [entity_id for entity_id in str(name.value).split("|") if self.rooms.get(entity_id) == area.value]
        return replace(intent, target=replace(intent.target, ids=("|".join(there),)))

    def _elsewhere(self, found: RecognizeResult) -> bool:
        """ "The fan in the kitchen" is not the fan of the bedroom."""
        name, area = found.entities.get("name"), found.entities.get("area")
        if name is None or area is None or area.value == _HERE:
            return False
        return str(area.value) not in [self.rooms.get(entity_id) for entity_id in str(name.value).split("|")]

    def _in_our_words(self, intent: Intent) -> Intent:
        """What is on or off to Home Assistant's sensors is open or closed to people."""
        target, state = intent.target, intent.slots.get("state")
        opens = target.device_class in _OPENINGS or (bool(target.ids) and self.openings.issuperset(target.ids))
        if not opens or state not in ("on", "off"):
            return intent
        return replace(intent, slots={**intent.slots, "state": "open" if state == "on" else "closed"})


def _files(folders: Sequence[Path], language: Language) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((folder / language).glob("*.yaml"))


def _pruned(data: dict[str, Any], names: Names) -> dict[str, Any]:
    """Only what the skills do and what the house has."""
    domains = {entity.domain for entity in names.entities}
    kept = {}
    for name in SERVED:
        blocks = [block for block in data["intents"].get(name, {}).get("data", []) if _served(block, domains)]
        if blocks:
            kept[name] = {"data": blocks}
    return {**data, "intents": kept}


def _served(block: dict[str, Any], domains: set[str]) -> bool:
    wanted = block.get("requires_context", {}).get("domain") or block.get("slots", {}).get("domain")
    return not isinstance(wanted, str | list) or bool(
        domains & {wanted} if isinstance(wanted, str) else domains & set(wanted)
    )


def _lists(names: Names, language: Language) -> dict[str, SlotList]:
    called: dict[str, list[Entity]] = {}
    for entity in names.entities:
        for spoken in _spoken(entity, language) if entity.members or not entity.hidden else ():
            called.setdefault(spoken, []).append(entity)
    things = [(spoken, one_of([each for each in namesakes if alike([each, entity])]), {"domain": entity.domain})
              for spoken, namesakes in called.items() for entity in namesakes]  # fmt: skip
    areas = [(spoken, room.name) for room in names.rooms for spoken in _spoken(room, language)]
    floors = [(spoken, floor.name) for floor in names.floors for spoken in _spoken(floor, language)]
    return {name: TextSlotList.from_tuples(tuples, allow_template=False, name=name)
            for name, tuples in (("name", things), ("area", areas), ("floor", floors))}  # fmt: skip


def _spoken(thing: Entity | Room | Floor, language: Language) -> list[str]:
    """Its names with their article and without: the templates bring articles of their own."""
    names = (thing.name, *thing.aliases.get(language, ()))
    return list(dict.fromkeys(form for name in names for form in (name, plain(name))))


def _bare_name(found: RecognizeResult, said: str) -> bool:
    name = found.entities.get("name")
    return name is not None and len(said) <= len(name.text.strip()) + 1 and not str(name.value).startswith("scene.")


def _intent(found: RecognizeResult) -> Intent:
    values = {name: entity.value for name, entity in found.entities.items()}
    area = values.get("area")
    target = Target(
        ids=(str(values["name"]),) if "name" in values else (),
        area=None if area == _HERE or "name" in values else area,
        floor=values.get("floor"),
        domain=values.get("domain") if isinstance(values.get("domain"), str) else None,
        device_class=values.get("device_class") if isinstance(values.get("device_class"), str) else None,
        here=area == _HERE and "name" not in values and "floor" not in values,
        everywhere=area is None and "name" not in values and "floor" not in values and "domain" in values,
    )
    slots: dict[str, Value] = {name: value for name, value in values.items() if name not in _PLACED}
    if found.intent.name == "HassGetState":
        slots["question"] = found.response or "one"
    return Intent(found.intent.name, target, slots)
