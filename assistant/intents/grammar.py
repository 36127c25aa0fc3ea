"""Sentence templates in hassil's format: the skills' own merged over Home Assistant's."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from hassil.intents import Intents, SlotList, TextSlotList
from hassil.recognize import RecognizeResult, recognize_best
from hassil.util import merge_dict
from home_assistant_intents import get_intents

from assistant import yaml_files
from assistant.intents.dialect import HERE, Dialect
from assistant.intents.kinds import alike, one_of
from assistant.intents.names import Names
from assistant.intents.targets import IMPLIED, plain
from assistant.models import Entity, Floor, Intent, Language, Room
from assistant.texts import Texts

log = logging.getLogger(__name__)

SERVED = (
    "HassTurnOn", "HassTurnOff", "HassLightSet", "HassGetState", "HassClimateSetTemperature",
    "HassClimateGetTemperature", "HassFanSetSpeed", "HassSetPosition", "HassVacuumStart", "HassVacuumReturnToBase",
    "HassVacuumCleanArea", "HassClimateSetFanMode", "HassMediaPause", "HassMediaUnpause", "HassMediaNext",
    "HassMediaPrevious", "HassSetVolume", "HassSetVolumeRelative", "HassMediaPlayerMute", "HassMediaPlayerUnmute",
    "HassLawnMowerStartMowing", "HassLawnMowerDock", "HassListAddItem", "HassListCompleteItem", "HassListRemoveItem",
    "HassShoppingListAddItem", "HassShoppingListCompleteItem",
    "HassGetCurrentTime", "HassGetCurrentDate", "HassNevermind",
)  # fmt: skip
"""The shipped intents that the skills can do; the rest would only cost time."""

_SPEAK_OF: Mapping[str, tuple[str, ...]] = {
    **IMPLIED,
    "HassShoppingListAddItem": ("todo",),
    "HassShoppingListCompleteItem": ("todo",),
}
"""The domains without which an intent is of no use."""

_OPTIONS = ("preset_mode", "mode", "operation_mode", "option", "effect", "tone", "fan_speed", "swing_mode")
"""What devices offer by name: a template's {mode}."""

_COMMA = re.compile(r"\s*[,，、]\s*(?:(?:and|ed?)\s+|和)?")
_AND = {"en": " and ", "it": " e ", "zh": "和"}

_PACKAGED = {"zh": "zh-CN"}
_ACTING = re.compile("^(?!HassGet|HassClimateGet|HassNevermind)")


@dataclass(slots=True)
class Grammar:
    intents: Intents | None
    lists: dict[str, SlotList]
    dialect: Dialect = field(default_factory=Dialect)

    @classmethod
    def of(cls, names: Names, folders: Sequence[Path], language: Language) -> Grammar:
        """The skills' sentences, merged over Home Assistant's."""
        domains = frozenset(entity.domain for entity in names.entities)
        rooms_apart = any(entity.options.get("area") for entity in names.entities)
        intents = _templates(tuple(folders), language, domains, rooms_apart)
        return cls(intents, _lists(names, language), Dialect.of(names))

    def match(self, text: str, language: Language, room: str | None) -> tuple[Intent, ...]:
        if self.intents is None:
            return ()
        said = re.sub(r"[。？！，,.?!]+$", "", text.strip())
        found = self._recognized(said, self.intents, language)
        if found is not None and _has_commas(found, said):
            told = _COMMA.sub(_AND.get(language, " and "), said)
            found = self._recognized(told, self.intents, language) or found
        if found is None or (_bare_name(found, said, language) and _ACTING.match(found.intent.name)):
            return ()
        return self.dialect.intents(found, language, room)

    def _recognized(self, said: str, intents: Intents, language: Language) -> RecognizeResult | None:
        return recognize_best(
            said,
            intents,
            slot_lists=self.lists,
            best_slot_name="name",
            intent_context={"area": HERE},
            language=language,
        )


def _files(folders: Sequence[Path], language: Language) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((folder / language).glob("*.yaml"))


@lru_cache(maxsize=16)
def _templates(
    folders: tuple[Path, ...], language: Language, domains: frozenset[str], rooms_apart: bool
) -> Intents | None:
    """Kept, for hassil parses each template once: a house that changes mostly has the same kinds as before."""
    merged: dict[str, Any] = {"language": language, "intents": {}}
    if data := get_intents(_PACKAGED.get(language, language)):
        merge_dict(merged, _pruned(data, domains, rooms_apart, SERVED))
    for path in _files(folders, language):
        own = yaml_files.read(path) or {}
        merge_dict(merged, _pruned(own, domains, rooms_apart, own.get("intents", ())))
    return Intents.from_dict(merged) if merged["intents"] else None


def _pruned(data: dict[str, Any], domains: frozenset[str], rooms_apart: bool, served: Iterable[str]) -> dict[str, Any]:
    """Only what the skills do and what the house has."""
    kept = {}
    for name in served:
        if not domains.intersection(_SPEAK_OF.get(name, domains)) or (
            name == "HassVacuumCleanArea" and not rooms_apart
        ):
            continue
        blocks = [block for block in data["intents"].get(name, {}).get("data", []) if _served(block, domains)]
        if blocks:
            kept[name] = {"data": blocks}
    return {**data, "intents": kept}


def _served(block: dict[str, Any], domains: frozenset[str]) -> bool:
    wanted = block.get("requires_context", {}).get("domain") or block.get("slots", {}).get("domain")
    if wanted == "sensor" and block.get("response") in ("highest", "lowest"):
        wanted = ["sensor", "climate"]
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
    lists: dict[str, list[Any]] = {"name": things, "area": areas, "floor": floors, **_options(names, language)}
    return {name: TextSlotList.from_tuples(tuples, allow_template=False, name=name) for name, tuples in lists.items()}


def _options(names: Names, language: Language) -> dict[str, list[tuple[str, str]]]:
    """As the devices call them and as people do ("notte" for sleep)."""
    texts = Texts.load(language)
    found: dict[str, dict[tuple[str, str], None]] = {name: {} for name in _OPTIONS}
    for entity in names.entities:
        for name, options in found.items():
            for option in entity.options.get(name, ()):
                said = (option, option.replace("_", " "), texts.word(option, "modes"))
                options.update(dict.fromkeys((form, option) for form in said))
    return {name: list(options) for name, options in found.items()}


def _spoken(thing: Entity | Room | Floor, language: Language) -> list[str]:
    """Its names with their article and without: the templates bring articles of their own."""
    names = (thing.name, *thing.aliases.get(language, ()))
    return list(dict.fromkeys(form for name in names for form in (name, plain(name))))


def _has_commas(found: RecognizeResult, said: str) -> bool:
    """Within the item: hassil knows none, so that "milk, bread and eggs" would be two things."""
    item = found.entities.get("item")
    parts = [part.split() for part in _COMMA.split(said)]
    around = [f"{before[-1]} {after[0]}" for before, after in itertools.pairwise(parts) if before and after]
    return item is not None and any(each.casefold() in item.text.casefold() for each in around)


def _bare_name(found: RecognizeResult, said: str, language: Language) -> bool:
    """Chinese has verbs of one character."""
    name, beside = found.entities.get("name"), 0 if language == "zh" else 1
    if name is None or str(name.value).startswith("scene."):
        return False
    return len(said) <= len(name.text.strip()) + beside
