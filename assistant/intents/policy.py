"""May this be done? Judges every action of both paths before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from assistant.config import PolicySettings, RuleSettings
from assistant.errors import ConfigError
from assistant.intents.pin import Pin, checked_hash
from assistant.intents.targets import room_called
from assistant.interfaces import House
from assistant.models import Action, Allowed, Denied, Entity, NeedsConfirmation, Verdict

_SWITCH = frozenset({"turn_on", "turn_off", "toggle"})

SERVICES: Mapping[str, frozenset[str]] = {
    "alarm_control_panel": frozenset(
        {
            *("alarm_arm_away", "alarm_arm_home", "alarm_arm_night", "alarm_arm_vacation"),
            *("alarm_disarm", "alarm_trigger"),
        }
    ),
    "button": frozenset({"press"}),
    "climate": _SWITCH
    | {"set_temperature", "set_hvac_mode", "set_preset_mode", "set_fan_mode", "set_swing_mode", "set_humidity"},
    "cover": frozenset({"open_cover", "close_cover", "stop_cover", "set_cover_position", "set_cover_tilt_position"}),
    "date": frozenset({"set_value"}),
    "datetime": frozenset({"set_value"}),
    "fan": _SWITCH | {"set_percentage", "set_preset_mode", "oscillate", "set_direction"},
    "humidifier": _SWITCH | {"set_humidity", "set_mode"},
    "input_boolean": _SWITCH,
    "lawn_mower": frozenset({"start_mowing", "pause", "dock"}),
    "light": _SWITCH,
    "lock": frozenset({"lock", "unlock", "open"}),
    "memory": frozenset({"remember", "forget"}),
    "media_player": _SWITCH
    | {
        "media_play",
        "media_pause",
        "media_stop",
        "media_next_track",
        "media_previous_track",
        "volume_set",
        "volume_mute",
    },
    "notify": frozenset({"send_message"}),
    "number": frozenset({"set_value"}),
    "scene": frozenset({"turn_on"}),
    "schedule": frozenset(
        {
            *("add_timer", "add_alarm", "add_reminder", "add_command", "add_watch"),
            *("change", "pause", "resume", "cancel", "silence"),
        }
    ),
    "script": frozenset({"turn_on"}),
    "select": frozenset({"select_option"}),
    "siren": _SWITCH,
    "switch": _SWITCH,
    "text": frozenset({"set_value"}),
    "time": frozenset({"set_value"}),
    "todo": frozenset({"add_item", "update_item", "remove_item"}),
    "update": frozenset({"install"}),
    "vacuum": frozenset(
        {"start", "pause", "stop", "return_to_base", "clean_area", "clean_spot", "locate", "set_fan_speed"}
    ),
    "valve": frozenset({"open_valve", "close_valve", "stop_valve", "set_valve_position"}),
    "water_heater": _SWITCH | {"set_temperature", "set_operation_mode"},
}
"""Everything that may ever be sent; a service that is not here is denied."""

_OPENS = {"set_cover_position": "open_cover", "set_valve_position": "open_valve"}

_SAME_AS = {"open": "unlock", "clean_area": "start", "clean_spot": "start"}
"""What does a little more than another service: a rule for the one holds for the other."""

_WAYS_TO_OPEN = frozenset({("lock", "unlock"), ("lock", "open"), ("cover", "open_cover")})
"""A rule for these also holds for a relay, a button or a script that is called as if it did that."""

ASKED_A_QUESTION = "a question was asked"
UNATTENDED = "it needs a spoken yes, and nobody was asked"

_REASONS = {
    "unlock": "unlocking needs a spoken yes",
    "open": "opening a lock needs a spoken yes",
    "open_cover": "opening it needs a spoken yes",
    "open_valve": "opening a valve needs a spoken yes",
    "alarm_disarm": "disarming the alarm needs a spoken yes",
    "alarm_trigger": "setting off the alarm needs a spoken yes",
}

_STARTS = frozenset({"turn_on", "toggle", "press"})

_RUNS = frozenset({"script", "scene"})
"""What does more than its entity shows: nobody but its name says whether that is harmless."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of policy.confirm or policy.deny: domain.service, or domain.service:device_class."""

    domain: str
    service: str
    device_class: str | None = None

    @classmethod
    def read(cls, text: str) -> Rule:
        """Raises ConfigError when no action could ever fit it, so that a typing slip never weakens the policy."""
        command, _, device_class = text.partition(":")
        domain, _, service = command.partition(".")
        if service not in SERVICES.get(domain, ()):
            known = ", ".join(sorted(SERVICES.get(domain, SERVICES)))
            raise ConfigError(f"policy: {text!r} is no domain.service[:device_class]; known here: {known}")
        return cls(domain, service, device_class or None)

    def covers(self, entity: Entity, services: Iterable[str]) -> bool:
        return (
            entity.domain == self.domain and self.service in services and self.device_class in (None, _class_of(entity))
        )


_WAYS_IN = re.compile(
    r"garage|\bgates?\b|\bdoors?\b|\bcancell[oi]\b|\bport[ae]\b|\bportone\b|\bbasculante\b|车库|门", re.IGNORECASE
)
_OPENERS = re.compile(
    r"garage door|\bgates?\b|\bdoor opener\b|\bcancell[oi]\b|\bportone\b|\bbasculante\b|\bapri(?:porta|cancello)\b"
    r"|porta del garage|车库门|大门",
    re.IGNORECASE,
)
"""A relay or a button called so opens a way in, whatever it says it is."""
_UNGUARDS = re.compile(
    r"\bunlock|\bdisarm|\bsblocca|\bdisinseri|\bdisarma|\balarm off\b|解锁|撤防|"
    r"\b(?:open|apri)\b.*(?:\bdoor|\bport[ae]|\bgarage|\bgate|\bcancello)",
    re.IGNORECASE,
)
"""A script or scene called so undoes what guards the house."""


def _class_of(entity: Entity) -> str | None:
    """A cover that does not say what it is counts as a garage door when it is called like a way into the house."""
    if entity.domain == "cover" and entity.device_class is None and _is_called(entity, _WAYS_IN):
        return "garage"
    return entity.device_class


def _may_open(entity: Entity) -> bool:
    """By its name: a gate's relay, a button, a script that unlocks."""
    if entity.domain in ("switch", "button", "input_boolean"):
        return _is_called(entity, _OPENERS)
    return entity.domain in _RUNS and (_is_called(entity, _OPENERS) or _is_called(entity, _UNGUARDS))


def _is_called(entity: Entity, pattern: re.Pattern[str]) -> bool:
    names = [entity.name, *(name for names in entity.aliases.values() for name in names)]
    return any(pattern.search(name) for name in names)


Need = Literal["confirm", "pin"]


@dataclass(frozen=True, slots=True)
class HouseRule:
    """One of policy.rules, read."""

    settings: RuleSettings
    what: tuple[Rule, ...]

    @classmethod
    def read(cls, settings: RuleSettings) -> HouseRule:
        return cls(settings, tuple(Rule.read(text) for text in settings.what))

    def holds(self, room: str | None, now: datetime, house: House) -> bool:
        """Nobody gets around a rule by not saying where they are, and no typing slip: a speaker's room that the house
        does not know counts as each of the rule's, and a rule's as everywhere."""
        if now not in self.settings.when.hours():
            return False
        here = room_called(room, house.rooms) if room else None
        there = {room_called(each, house.rooms) for each in self.settings.rooms}
        return not there or here is None or here in there or None in there


def read_rules(settings: PolicySettings) -> tuple[HouseRule, ...]:
    """Raises ConfigError for anything in the section that could not work."""
    for text in (*settings.confirm, *settings.deny, *settings.pin_for):
        Rule.read(text)
    if settings.pin_hash is not None:
        checked_hash(settings.pin_hash.get_secret_value())
    elif any(rule.effect == "pin" for rule in settings.rules):
        raise ConfigError("policy: a rule asks for a PIN, and there is none; make one with: mimo-assistant pin set")
    return tuple(HouseRule.read(rule) for rule in settings.rules)


class Policy:
    """The owner's lists decide, and they may be shortened: it is the owner's house.

    What no list can loosen: an unknown device or service is denied, a question never actuates, a critical device is
    not switched off, opened or unlocked (nor a critical script started) without a spoken yes, an alarm is set off only
    with a spoken yes, and disarmed only with a code besides. The owner's rules for rooms and hours only add to that.
    """

    def __init__(
        self,
        settings: PolicySettings,
        house: House,
        pin: Pin | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """pin: what asks for the PIN, where one is set; now: the house's own time, for rules that name hours."""
        self._house = house
        self._pin = pin
        self._now = now
        self._rules = read_rules(settings)
        self._confirm = tuple(Rule.read(text) for text in settings.confirm)
        self._deny = tuple(Rule.read(text) for text in settings.deny)
        self._pin_for = tuple(Rule.read(text) for text in settings.pin_for) if pin else ()

    def review(
        self, action: Action, asked_a_question: bool = False, room: str | None = None, unattended: bool = False,
        at: datetime | None = None,
    ) -> Verdict:  # fmt: skip
        """room: where the speaker stands; None: nobody knows, which rules for rooms take for the worst.

        unattended: nobody is there to say yes, so what needs one is not done. at: when it is to be done, if not now.
        """
        entity = self._house.entity(action.entity_id)
        if denied := self._denied(action, entity, room, at):
            return denied
        assert entity is not None, "an unknown device was denied"
        if asked_a_question:
            return Denied(action, ASKED_A_QUESTION)
        need = self._need(action, entity, room, at)
        if need is not None and unattended:
            return Denied(action, UNATTENDED)
        if need == "pin":
            if self._pin is not None and self._pin.locked_seconds:
                return Denied(action, "there were too many wrong PINs")
            return NeedsConfirmation(action, "it needs the PIN", by="pin")
        if need == "confirm":
            return NeedsConfirmation(action, self._to_confirm(action, entity) or "it needs a spoken yes")
        return Allowed(action)

    def confirmed(self, held: NeedsConfirmation, room: str | None = None, by: Literal["yes", "pin"] = "yes") -> Verdict:
        """The spoken yes, or the PIN, to what was held back; the house and the hour may have changed since."""
        entity = self._house.entity(held.action.entity_id)
        if denied := self._denied(held.action, entity, room):
            return denied
        assert entity is not None, "an unknown device was denied"
        if by == "yes" and (held.by == "pin" or self._need(held.action, entity, room) == "pin"):
            return Denied(held.action, "a yes is not the PIN")
        return Allowed(held.action)

    def _denied(
        self, action: Action, entity: Entity | None, room: str | None, at: datetime | None = None
    ) -> Denied | None:
        if entity is None:
            return Denied(action, f"there is no device {action.entity_id}")
        if action.service not in SERVICES.get(entity.domain, ()):
            return Denied(action, f"{action.service} is nothing that a {entity.domain} can be told")
        if action.service == "alarm_disarm" and not action.arguments.get("code"):
            return Denied(action, "disarming takes the code")
        if any(self._covers(rule, action, entity) for rule in self._deny):
            return Denied(action, "the configuration forbids it")
        if "deny" in self._effects(action, entity, room, at):
            return Denied(action, "a rule of the house forbids it here or now")
        return None

    def _need(self, action: Action, entity: Entity, room: str | None, at: datetime | None = None) -> Need | None:
        """The strictest that anything asks for."""
        effects = self._effects(action, entity, room, at)
        reason = self._to_confirm(action, entity)
        if "pin" in effects or any(self._covers(rule, action, entity) for rule in self._pin_for):
            return "pin"
        return "confirm" if reason or "confirm" in effects else None

    def _effects(self, action: Action, entity: Entity, room: str | None, at: datetime | None) -> set[str]:
        """What the rules say of it that hold here, now or then."""
        now = self._now()
        now = at.astimezone(now.tzinfo) if at is not None else now
        return {
            rule.settings.effect
            for rule in self._rules
            if self._is_about(rule, action, entity) and rule.holds(room, now, self._house)
        }

    def _is_about(self, rule: HouseRule, action: Action, entity: Entity) -> bool:
        if rule.settings.entities and entity.id not in rule.settings.entities:
            return False
        return not rule.what or any(self._covers(each, action, entity) for each in rule.what)

    def _covers(self, rule: Rule, action: Action, entity: Entity) -> bool:
        amounts_to = self._amounts_to(action, entity)
        if rule.covers(entity, amounts_to):
            return True
        return (rule.domain, rule.service) in _WAYS_TO_OPEN and bool(amounts_to & _STARTS) and _may_open(entity)

    def _to_confirm(self, action: Action, entity: Entity) -> str | None:
        amounts_to = self._amounts_to(action, entity)
        for rule in self._confirm:
            if rule.covers(entity, amounts_to):
                return _REASONS.get(rule.service, "it needs a spoken yes")
        if action.service in ("alarm_disarm", "alarm_trigger"):
            return _REASONS[action.service]
        if action.service == "install":
            return "it cannot be undone"
        if action.service == "forget" and action.arguments.get("kind") == "all":
            return "it cannot be undone"
        if amounts_to & _STARTS and _may_open(entity):
            return "it may open a way into the house"
        if entity.critical and amounts_to & {"turn_off", "toggle", *_REASONS}:
            return "it is marked critical"
        if entity.critical and entity.domain in _RUNS and amounts_to & _STARTS:
            return "it is marked critical"
        return None

    def _amounts_to(self, action: Action, entity: Entity) -> set[str]:
        """The services that an action comes to: half open is opening, brightness 0 is switching off."""
        services = {action.service}
        if same := _SAME_AS.get(action.service):
            services.add(same)
        if (opens := _OPENS.get(action.service)) and not self._closes_further(action, entity):
            services.add(opens)
        if action.service == "toggle":
            services |= {"turn_on", "turn_off"}
        if action.service == "close_valve":
            services.add("turn_off")
        off = {"brightness": 0, "percentage": 0, "hvac_mode": "off"}
        if any(action.arguments.get(name) == nothing for name, nothing in off.items()):
            services.add("turn_off")
        return services

    def _closes_further(self, action: Action, entity: Entity) -> bool:
        wanted, now = action.arguments.get("position"), self._house.state(entity.id).attributes.get("position")
        if not isinstance(wanted, int | float):
            return False
        return wanted == 0 or (isinstance(now, int | float) and wanted <= now)


def alike(held: Sequence[NeedsConfirmation]) -> tuple[NeedsConfirmation, ...]:
    """What one answer confirms is confirmed by the strictest that any of it needs."""
    by: Literal["yes", "pin"] = "pin" if any(each.by == "pin" for each in held) else "yes"
    return tuple(replace(each, by=by) for each in held)
