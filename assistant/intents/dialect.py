"""What the sentence templates find, in the intents, targets and slots that the skills know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hassil.recognize import RecognizeResult

from assistant.intents.names import Names
from assistant.intents.normalize import words
from assistant.intents.targets import plain
from assistant.models import Intent, Language, Target, Value

HERE = "(here)"
"""The area of a sentence that names none."""

_PLACED = ("name", "area", "floor", "domain", "device_class")
_OPENINGS = ("door", "garage_door", "opening", "window")

_SHOPPING = {"HassShoppingListAddItem": "HassListAddItem", "HassShoppingListCompleteItem": "HassListCompleteItem"}
"""The shopping list is a list like any other."""
_SHOPPING_LIST = "Shopping List"
_ARTICLED = ("item", "state")
"""Slots whose words may begin with an article."""

_VOLUME_STEP = 10


@dataclass(slots=True)
class Dialect:
    """Of one house."""

    openings: frozenset[str] = frozenset()
    """The sensors of doors and windows."""
    rooms: Mapping[str, str | None] = field(default_factory=dict)
    """By entity."""

    @classmethod
    def of(cls, names: Names) -> Dialect:
        openings = frozenset(entity.id for entity in names.entities if entity.device_class in _OPENINGS)
        return cls(openings, {entity.id: entity.room for entity in names.entities})

    def intents(self, found: RecognizeResult, language: Language, room: str | None) -> tuple[Intent, ...]:
        """Empty where the sentence fits its template but makes no sense here."""
        if self._elsewhere(found):
            return ()
        intent = self._here(found, _spoken(found))
        slots = dict(intent.slots)
        for name in _ARTICLED:
            if isinstance(slots.get(name), str):
                slots[name] = plain(str(slots[name]))
        match intent.name:
            case name if name in _SHOPPING:
                return (Intent(_SHOPPING[name], Target(name=_SHOPPING_LIST), slots),)
            case "HassSetVolumeRelative" if isinstance(slots.get("volume_step"), str):
                slots["volume_step"] = _VOLUME_STEP if slots["volume_step"] == "up" else -_VOLUME_STEP
            case "HassSetVolume":
                slots["volume_level"] = abs(round(float(str(slots["volume_level"]))))  # hassil reads "a venti" as -20
            case "HassVacuumCleanArea":
                area = intent.target.area or found.entities["area"].value
                area = room if area == HERE else area
                target = Target(ids=intent.target.ids, domain=None if intent.target.ids else "vacuum")
                return (Intent(intent.name, target, {"area": area}),) if area else ()
            case "AlarmDisarm" | "AlarmArm" | "AlarmTrigger" if "code" in slots:
                digits = words(str(slots["code"]), language)
                if not all(word.isdigit() for word in digits):
                    return ()
                slots["code"] = "".join(digits)
        return (self._opened(replace(intent, slots=slots)),)

    def _elsewhere(self, found: RecognizeResult) -> bool:
        """ "The fan in the kitchen" is not the fan of the bedroom; but a robot cleans where it does not stand."""
        name, area = found.entities.get("name"), found.entities.get("area")
        if name is None or area is None or area.value == HERE or found.intent.name == "HassVacuumCleanArea":
            return False
        return str(area.value) not in [self.rooms.get(entity_id) for entity_id in str(name.value).split("|")]

    def _here(self, found: RecognizeResult, intent: Intent) -> Intent:
        """Of things that share a name, those in the room that was named."""
        name, area = found.entities.get("name"), found.entities.get("area")
        if name is None or area is None or area.value == HERE or found.intent.name == "HassVacuumCleanArea":
            return intent
        there = [entity_id for entity_id in str(name.value).split("|") if self.rooms.get(entity_id) == area.value]
        return replace(intent, target=replace(intent.target, ids=("|".join(there),)))

    def _opened(self, intent: Intent) -> Intent:
        """What is on or off to Home Assistant's sensors is open or closed to people."""
        target, state = intent.target, intent.slots.get("state")
        opens = target.device_class in _OPENINGS or (bool(target.ids) and self.openings.issuperset(target.ids))
        if not opens or state not in ("on", "off"):
            return intent
        return replace(intent, slots={**intent.slots, "state": "open" if state == "on" else "closed"})


def _spoken(found: RecognizeResult) -> Intent:
    values = {name: entity.value for name, entity in found.entities.items()}
    area = values.get("area")
    target = Target(
        ids=(str(values["name"]),) if "name" in values else (),
        area=None if area == HERE or "name" in values else area,
        floor=values.get("floor"),
        domain=values.get("domain") if isinstance(values.get("domain"), str) else None,
        device_class=values.get("device_class") if isinstance(values.get("device_class"), str) else None,
        here=area == HERE and "name" not in values and "floor" not in values,
        everywhere=area is None and "name" not in values and "floor" not in values and "domain" in values,
    )
    slots: dict[str, Value] = {name: value for name, value in values.items() if name not in _PLACED}
    if found.intent.name == "HassGetState":
        slots["question"] = found.response or "one"
    return Intent(found.intent.name, target, slots)
