"""What lights of all three schemas have in common; light_json, light_basic and light_template tell how they differ."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

from ha_mqtt_models_pydantic import LightBasic, LightJson, LightTemplate

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Expected, Kind, Order, Report, choices, is_now, messages, near
from assistant.home.scales import Rgb, color_of, kelvin_of, rgb_of, same_color
from assistant.models import Limits, State

LONGEST_TRANSITION = 3600.0
"""Seconds."""

LONGEST_WAIT = 10.0
"""Seconds of a transition that a confirmation waits for; a longer one is under way when the light answers at all."""

_BESIDE = frozenset({"transition", "flash"})
"""How a light changes, not what it can be; nearly all can, and nobody asks whether."""

Config = TypeVar("Config", bound=LightBasic | LightJson | LightTemplate)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a light is asked to be; None leaves a thing as it is."""

    on: bool
    brightness: int | None = None
    """%"""
    rgb: Rgb | None = None
    kelvin: int | None = None
    effect: str | None = None
    transition: float | None = None
    """Seconds."""
    flash: str | None = None
    """short or long."""
    last_brightness: int | None = None
    """%, as the light last said, for those that are switched on by their brightness."""


class Light(Kind[Config]):
    __slots__ = ()

    @property
    @abstractmethod
    def features(self) -> frozenset[str]:
        """Of brightness, color, color_temperature, effect, transition, flash."""

    @abstractmethod
    def told(self, wish: Wish) -> Collection[tuple[str, str]]:
        """Topics and payloads, in the order to send them. Raises Unreadable for a template that fails."""

    @property
    def abilities(self) -> Abilities:
        features = self.features - _BESIDE
        limits = {}
        if "color_temperature" in features:
            limits["color_temperature"] = Limits(*kelvin_range(self.config))
        effects = self.config.effect_list if "effect" in features else None
        return Abilities(features, limits, choices(effect=effects))

    def order(self, command: Command) -> Order:
        service = command.toggled()
        if service not in ("turn_on", "turn_off"):
            raise command.lacks(command.service)
        command.needed(self.config.command_topic, service)
        wish = self._wish(command, on=service == "turn_on" and command.percent("brightness") != 0)
        wanted = is_now("off") if not wish.on else _shines(wish, str(command.action.arguments.get("color", "")))
        transition = wish.transition or 0.0
        if transition > LONGEST_WAIT:
            wanted = _has_begun
        return Order(
            messages(*self.told(wish)), wanted, repeatable=command.definite and wish.flash is None,
            extra_seconds=min(transition, LONGEST_WAIT),
        )  # fmt: skip

    def _wish(self, command: Command, on: bool) -> Wish:
        transition = command.number("transition", Limits(0, LONGEST_TRANSITION))
        if not on:
            return Wish(on=False, transition=transition if "transition" in self.features else None)
        for given in ("brightness", "color", "color_temperature", "effect", *_BESIDE):
            if command.has(given) and given not in self.features:
                raise command.lacks(given)
        kelvin, last = command.number("color_temperature"), command.state.attributes.get("brightness")
        return Wish(
            on=True,
            brightness=command.percent("brightness"),
            rgb=_rgb(command),
            kelvin=None if kelvin is None else round(kelvin),
            effect=command.choice("effect"),
            transition=transition,
            flash=_flash(command),
            last_brightness=last if isinstance(last, int) else None,
        )


def kelvin_range(config: LightBasic | LightJson | LightTemplate) -> tuple[int, int]:
    """Home Assistant's defaults where the light does not say."""
    lowest = config.min_kelvin or (kelvin_of(config.max_mireds) if config.max_mireds else 2000)
    highest = config.max_kelvin or (kelvin_of(config.min_mireds) if config.min_mireds else 6535)
    return min(lowest, highest), max(lowest, highest)


def note_color(report: Report, rgb: Rgb) -> None:
    """A light shines in a colour or in a white of some warmth, never both."""
    red, green, blue = (max(0, min(255, part)) for part in rgb)
    report["color"] = color_of((red, green, blue))
    report.pop("color_temperature", None)


def note_kelvin(report: Report, kelvin: int) -> None:
    report["color_temperature"] = kelvin
    report.pop("color", None)


def _shines(wish: Wish, color: str) -> Expected:
    def expected(state: State) -> bool:
        said = state.attributes
        if state.value != "on":
            return False
        if wish.brightness is not None and not near(said.get("brightness"), wish.brightness, 2):
            return False
        if wish.kelvin is not None and not near(said.get("color_temperature"), wish.kelvin, wish.kelvin * 0.04):
            return False
        if wish.effect is not None and said.get("effect") not in (None, wish.effect):
            return False
        return wish.rgb is None or same_color(str(said.get("color", "")), color)

    return expected


def _has_begun(state: State) -> bool:
    return state.value is not None


def _rgb(command: Command) -> Rgb | None:
    given = command.action.arguments.get("color")
    if given is None:
        return None
    rgb = rgb_of(str(given))
    if rgb is None:
        raise command.makes_no_sense(f"no colour is called {given!r}", "color")
    return rgb


def _flash(command: Command) -> str | None:
    flash = command.text("flash")
    if flash not in (None, "short", "long"):
        raise command.makes_no_sense(f"a flash is short or long, not {flash!r}", "flash")
    return flash
