"""Alarm panels: armed without much ado, disarmed only with a code."""

from __future__ import annotations

from collections.abc import Mapping

from ha_mqtt_models_pydantic import AlarmControlPanel as AlarmConfig

from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, having, is_now, messages
from assistant.home.kinds.reading import words
from assistant.home.templates import write

CHECKED_BY_THE_PANEL = ("REMOTE_CODE", "REMOTE_CODE_TEXT")
"""Instead of a code: whoever announces these checks the code itself."""

STATES = ("disarmed", "armed_home", "armed_away", "armed_night", "armed_vacation", "armed_custom_bypass", "pending",
          "arming", "disarming", "triggered")  # fmt: skip

_ARMED: Mapping[str, str] = {
    "alarm_arm_away": "armed_away",
    "alarm_arm_home": "armed_home",
    "alarm_arm_night": "armed_night",
    "alarm_arm_vacation": "armed_vacation",
    "alarm_arm_custom_bypass": "armed_custom_bypass",
}
"""Service and the state that it leads to."""

_EVERYTHING = ["arm_away", "arm_home", "arm_night", "arm_vacation", "arm_custom_bypass", "trigger"]


class AlarmPanel(Kind[AlarmConfig]):
    __slots__ = ()
    guards = True

    @property
    def abilities(self) -> Abilities:
        supported = self.config.supported_features
        features = _EVERYTHING if supported is None else [each for each in supported if each in _EVERYTHING]
        return Abilities(frozenset(features) | having(disarm=True, code=self.config.code))

    def readings(self) -> list[Reading]:
        config = self.config
        return words("state", config.state_topic, config.value_template, {state: state for state in STATES})

    def order(self, command: Command) -> Order:
        config, service = self.config, command.service
        if service == "alarm_disarm":
            code = self._code(command, always=True, asked=config.code_disarm_required)
            return self._told(config.payload_disarm, code, Order((), is_now("disarmed"), frozenset({"disarming"})))
        if service == "alarm_trigger":
            command.needs("trigger")
            code = self._code(command, asked=config.code_trigger_required)
            return self._told(config.payload_trigger, code, Order((), is_now("triggered"), frozenset({"pending"})))
        if service not in _ARMED:
            raise command.lacks(service)
        command.needs(service.removeprefix("alarm_"))
        code = self._code(command, asked=config.code_arm_required)
        payload: str = getattr(config, f"payload_{service.removeprefix('alarm_')}")
        # "Arming" is obeying: the exit delay lets people leave.
        wanted = Order((), is_now(_ARMED[service]), frozenset({"arming", "pending"}), may_take_long=True)
        return self._told(payload, code, wanted)

    def _told(self, payload: str, code: str | None, wanted: Order) -> Order:
        config = self.config
        text = write(config.command_template, payload, action=payload, code=code)
        return Order(messages((config.command_topic, text)), wanted.expected, wanted.progress, wanted.may_take_long)

    def _code(self, command: Command, *, asked: bool, always: bool = False) -> str | None:
        """Raises NotPossible for a missing or wrong one.

        always: a voice alone does not disarm a house, even where the panel has no code at all; only the panel's own
        word that none is wanted (code_disarm_required: false) does without.
        """
        code, right = command.text("code"), self.config.code
        if not asked or (right is None and not always):
            return code
        if not code or (right not in CHECKED_BY_THE_PANEL and code != right):
            why = "the code is wrong" if code else "wants a code"
            raise command.makes_no_sense(f"{command.entity.id}: {why}", "code")
        return code
