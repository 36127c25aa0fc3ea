"""The fast path (first thin version)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hassil import Intents, TextSlotList, recognize_best
from home_assistant_intents import get_intents

from assistant.interfaces import House
from assistant.models import Intent, Language, Match, Target


class Reflex:
    def __init__(self, house: House, sentence_folders: Sequence[Path]) -> None:
        self._house = house
        self._cache: dict[tuple[Language, int], tuple[Intents, dict]] = {}

    def match(self, text: str, language: Language, room: str | None = None) -> Match:
        intents, lists = self._load(language)
        result = recognize_best(text.strip(" .!?"), intents, slot_lists=lists, intent_context={"area": room} if room else None)
        if result is None:
            return Match(because="no sentence fits")
        slots = {name: entity.value for name, entity in result.entities.items()}
        keys = {k: slots.pop(k, None) for k in ("name", "area", "floor", "domain", "device_class")}
        target = Target(
            ids=(keys["name"],) if keys["name"] else (), area=keys["area"], floor=keys["floor"],
            domain=keys["domain"], device_class=keys["device_class"],
        )
        return Match((Intent(result.intent.name, target, slots),), f"fits {result.intent.name}")

    def complete(self, text: str, language: Language) -> bool:
        match = self.match(text, language)
        return bool(match.intents) and all(intent.target.ids or intent.target.area for intent in match.intents)

    def _load(self, language: Language):
        key = (language, self._house.revision)
        if key not in self._cache:
            names = [(alias, e.id, {"domain": e.domain}) for e in self._house.entities() for alias in {e.name, *(a for l in e.aliases.values() for a in l)}]
            areas = [(alias, r.name) for r in self._house.rooms for alias in {r.name, *(a for l in r.aliases.values() for a in l)}]
            floors = [(alias, r.name) for r in self._house.floors for alias in {r.name, *(a for l in r.aliases.values() for a in l)}]
            self._cache[key] = (Intents.from_dict(get_intents(language if language != "zh" else "zh-CN")), {
                "name": TextSlotList.from_tuples([(strip(n), i, c) for n, i, c in names], name="name"),
                "area": TextSlotList.from_tuples([(strip(n), i) for n, i in areas], name="area"),
                "floor": TextSlotList.from_tuples([(strip(n), i) for n, i in floors], name="floor"),
            })
        return self._cache[key]


def strip(name: str) -> str:
    for article in ("the ", "il ", "la ", "le ", "lo ", "l'", "i ", "gli "):
        if name.lower().startswith(article):
            return name[len(article):]
    return name
