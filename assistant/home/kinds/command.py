"""An action as a device receives it: arguments are read here and held against what the device can do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

from assistant.errors import NotPossible, OutOfRange
from assistant.models import Action, Entity, Limits, State, Value

Given = TypeVar("Given")

LONGEST_TEXT = 255
"""Characters that a text argument may have, where the device does not say; as in Home Assistant."""


@dataclass(frozen=True, slots=True)
class Command:
    """All that an order depends on beside the device's own configuration.

    An argument that was not given reads as None; one that makes no sense or is out of range raises NotPossible.
    """

    action: Action
    entity: Entity
    state: State

    @property
    def service(self) -> str:
        return self.action.service

    @property
    def definite(self) -> bool:
        """A second "toggle" would undo the first."""
        return self.action.service != "toggle"

    def toggled(self, on: str = "turn_on", off: str = "turn_off", off_state: str = "off") -> str:
        """The service; "toggle" goes by what the device last said."""
        if self.action.service != "toggle":
            return self.action.service
        return on if self.state.value in (None, off_state) else off

    # ── arguments ──

    def has(self, name: str) -> bool:
        return self.action.arguments.get(name) is not None

    def number(self, name: str, within: Limits | None = None) -> float | None:
        given = self.action.arguments.get(name)
        if given is None:
            return None
        value = self._finite(given, name)
        limits = within or self.entity.limits.get(name)
        if limits and not limits.minimum <= value <= limits.maximum:
            raise self.out_of_range(name, value, limits)
        return value

    def percent(self, name: str) -> int | None:
        value = self.number(name, Limits(0, 100))
        return None if value is None else round(value)

    def choice(self, name: str) -> str | None:
        """One of the device's own words, written as the device writes it."""
        return None if (given := self.action.arguments.get(name)) is None else self.known(name, str(given))

    def known(self, name: str, word: str) -> str:
        """The device's own spelling. Raises NotPossible for a word that is not among its options."""
        options = self.entity.options.get(name, ())
        found = next((option for option in options if option.casefold() == word.casefold()), None)
        if found is None:
            why = f"{self.entity.id} has no {name} {word!r}; it has {', '.join(options) or 'none'}"
            raise NotPossible(why, name=self.entity.name, what=name, **({"options": options} if options else {}))
        return found

    def text(self, name: str, shortest: int = 0, longest: int = LONGEST_TEXT) -> str | None:
        given = self.action.arguments.get(name)
        if given is None:
            return None
        text = str(given)
        if not shortest <= len(text) <= longest:
            raise self.out_of_range(f"length of {name}", len(text), Limits(shortest, longest), "characters")
        return text

    def flag(self, name: str) -> bool | None:
        given = self.action.arguments.get(name)
        words = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
        if given is not None and str(given).lower() not in words:
            raise self._not_possible(f"{given!r} is neither on nor off", name)
        return None if given is None else words[str(given).lower()]

    def needed(self, given: Given | None, what: str) -> Given:
        """For what the order cannot do without: an argument or one of the device's topics."""
        if given is None or given == "":
            raise self.lacks(what)
        return given

    def needs(self, feature: str) -> None:
        if feature not in self.entity.features:
            raise self.lacks(feature)

    # ── refusals ──

    def lacks(self, what: str) -> NotPossible:
        return self._not_possible(f"{self.entity.id} does not offer {what}", what)

    def makes_no_sense(self, why: str, what: str) -> NotPossible:
        return self._not_possible(why, what)

    def out_of_range(self, what: str, value: float, limits: Limits, unit: str | None = None) -> OutOfRange:
        low, high = limits.minimum, limits.maximum
        return OutOfRange(
            f"{self.entity.id}: {what} {value:g} is not between {low:g} and {high:g}",
            name=self.entity.name, what=what, minimum=low, maximum=high, unit=unit or self._unit(what),
        )  # fmt: skip

    def _unit(self, what: str) -> str:
        if what in _PERCENT:
            return "%"
        return _UNITS.get(what, self.entity.unit or "")

    def _finite(self, given: Value, what: str) -> float:
        try:
            value = float(str(given))
        except ValueError as error:
            raise self._not_possible(f"{given!r} is not a number", what) from error
        if not math.isfinite(value):
            raise self._not_possible(f"{given!r} is not a finite number", what)
        return value

    def _not_possible(self, why: str, what: str) -> NotPossible:
        return NotPossible(why, name=self.entity.name, what=what)


_PERCENT = frozenset({"brightness", "humidity", "percentage", "position", "tilt_position"})
_UNITS = {"color_temperature": "K", "duration": "s", "transition": "s", "volume_level": ""}
