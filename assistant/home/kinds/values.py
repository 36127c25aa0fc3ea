"""Values that people set: numbers, choices, texts, dates and times."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

from ha_mqtt_models_pydantic import Select as SelectConfig
from ha_mqtt_models_pydantic import Text as TextConfig
from jinja2.exceptions import SecurityError

from assistant.home.kinds.command import LONGEST_TEXT, Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, Report, choices, is_now, messages, near
from assistant.home.kinds.models import DateConfig, DatetimeConfig, MomentConfig, NumberConfig, TimeConfig
from assistant.home.kinds.reading import NO_VALUE, options, text
from assistant.home.sandbox import OutOfTime, deadline, regex_input
from assistant.home.templates import Payload, Unreadable, number, read, write
from assistant.models import Limits, State


class Number(Kind[NumberConfig]):
    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        config = self.config
        return Abilities(limits={"value": Limits(config.min, config.max, config.step)})

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)] if self.config.state_topic else []

    def order(self, command: Command) -> Order:
        config = self.config
        if command.service != "set_value":
            raise command.lacks(command.service)
        value = command.needed(command.number("value"), "value")
        topic = command.needed(config.command_topic, "value")
        told = messages((topic, write(config.command_template, int(value) if value.is_integer() else value)))
        return Order(told, lambda state: _is_about(state, value, config.step / 2), repeatable=True)

    def _note(self, payload: Payload, report: Report) -> None:
        said = read(self.config.value_template, payload)
        if said == "":
            raise Unreadable("says nothing")
        value = None if said == self.config.payload_reset else number(said)
        if value is not None and not self.config.min <= value <= self.config.max:
            raise Unreadable(f"{value:g} is out of its own range")
        report["state"] = None if value is None else str(int(value) if value.is_integer() else value)


class Select(Kind[SelectConfig]):
    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        return Abilities(options=choices(option=self.config.options))

    def readings(self) -> list[Reading]:
        config = self.config
        return options("state", config.state_topic, config.value_template, config.options, (NO_VALUE, "none"))

    def order(self, command: Command) -> Order:
        config = self.config
        if command.service != "select_option":
            raise command.lacks(command.service)
        option = command.needed(command.choice("option"), "option")
        topic = command.needed(config.command_topic, "option")
        return Order(messages((topic, write(config.command_template, option))), is_now(option), repeatable=True)


class Text(Kind[TextConfig]):
    """A password is neither read nor confirmed: whatever is a state may be spoken."""

    __slots__ = ()

    def readings(self) -> list[Reading]:
        config = self.config
        return [] if config.mode == "password" else text("state", config.state_topic, config.value_template)

    def order(self, command: Command) -> Order:
        config = self.config
        if command.service != "set_value":
            raise command.lacks(command.service)
        longest = LONGEST_TEXT if config.max is None else config.max
        value = command.needed(command.text("value", config.min or 0, longest), "value")
        if config.pattern and not _fits(config.pattern, value):
            raise command.makes_no_sense(f"{command.entity.id} does not take {value!r}", "value")
        topic = command.needed(config.command_topic, "value")
        return Order(messages((topic, write(config.command_template, value))), is_now(value), repeatable=True)


Moment = TypeVar("Moment", bound=MomentConfig)


class _Moment(Kind[Moment]):
    """A moment is written as ISO 8601 says; templates get it as Python has it."""

    __slots__ = ()
    argument: ClassVar[str]

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)] if self.config.state_topic else []

    def order(self, command: Command) -> Order:
        config = self.config
        if command.service != "set_value":
            raise command.lacks(command.service)
        given = command.needed(command.text(self.argument), self.argument)
        try:
            moment = self.parsed(given)
        except ValueError as error:
            raise command.makes_no_sense(f"{given!r} is no {self.argument}", self.argument) from error
        topic = command.needed(config.command_topic, self.argument)
        payload = write(config.command_template, moment) if config.command_template else moment.isoformat()
        return Order(messages((topic, payload)), is_now(moment.isoformat()), repeatable=True)

    def parsed(self, written: str) -> date | time | datetime:
        """Raises ValueError."""
        raise NotImplementedError

    def _note(self, payload: Payload, report: Report) -> None:
        said = read(self.config.value_template, payload)
        try:
            report["state"] = None if said == NO_VALUE else self.parsed(said).isoformat()
        except ValueError as error:
            raise Unreadable(f"{said[:80]!r} is no {self.argument}") from error


class Date(_Moment[DateConfig]):
    __slots__ = ()
    argument = "date"

    def parsed(self, written: str) -> date:
        return datetime.fromisoformat(written).date()


class Time(_Moment[TimeConfig]):
    __slots__ = ()
    argument = "time"

    def parsed(self, written: str) -> time:
        return datetime.fromisoformat(written).time() if "-" in written else time.fromisoformat(written)


class Datetime(_Moment[DatetimeConfig]):
    __slots__ = ()
    argument = "datetime"

    def parsed(self, written: str) -> datetime:
        """Without a zone in it, it is the device's own zone or else ours."""
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is not None:
            return moment
        zone = self._zone()
        return moment.replace(tzinfo=zone) if zone else moment.astimezone()

    def _zone(self) -> tzinfo | None:
        try:
            return ZoneInfo(self.config.timezone) if self.config.timezone else None
        except (OSError, ValueError):
            return None


def _is_about(state: State, wanted: float, tolerance: float) -> bool:
    try:
        return near(float(state.value or ""), wanted, tolerance)
    except ValueError:
        return False


def _fits(pattern: str, value: str) -> bool:
    """The pattern is the device's own, so it gets no more time than a template."""
    try:
        with deadline():
            return re.match(regex_input(pattern), value) is not None
    except (re.error, SecurityError, OutOfTime):
        return False
