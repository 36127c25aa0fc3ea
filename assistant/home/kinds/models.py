"""Configurations of Home Assistant 2026.11 that ha-mqtt-models-pydantic 1.0.1 lacks or has wrong, in its own style.

Every default of the library was held against Home Assistant's; those that differ are put right here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from ha_mqtt_models_pydantic import (
    BinarySensor,
    Climate,
    Cover,
    Humidifier,
    LawnMower,
    MqttEntityCommon,
    Number,
    Sensor,
    Vacuum,
    Valve,
)
from ha_mqtt_models_pydantic.components.common import MqttBase, MqttReadWrite
from pydantic import Field, model_validator

Topic = Annotated[str, Field(min_length=1)]


class MomentConfig(MqttEntityCommon, MqttReadWrite):
    """Of date, time and datetime, which the library does not know."""

    name: str | None = None
    command_template: str | None = None
    value_template: str | None = None


class DateConfig(MomentConfig):
    pass


class TimeConfig(MomentConfig):
    pass


class DatetimeConfig(MomentConfig):
    timezone: str | None = None


class EmitterConfig(MqttEntityCommon, MqttBase):
    """Of an infrared sender."""

    name: str | None = None
    infrared_schema: Annotated[Literal["emitter"], Field(alias="schema")]
    command_topic: Topic
    command_template: str | None = None
    retain: bool = False


class ReceiverConfig(MqttEntityCommon, MqttBase):
    """Of an infrared eye."""

    name: str | None = None
    infrared_schema: Annotated[Literal["receiver"], Field(alias="schema")]
    state_topic: Topic
    value_template: str | None = None


class VacuumConfig(Vacuum):
    """With rooms, new in 2026."""

    clean_segments_command_topic: Topic | None = None
    clean_segments_command_template: str | None = None


class MowerConfig(LawnMower):
    stop_command_topic: Topic | None = None
    stop_command_template: str | None = None


class CoverConfig(Cover):
    """Its words are small letters; the library has capitals, with which most covers would never be understood."""

    state_open: str = "open"
    state_closed: str = "closed"
    state_opening: str = "opening"
    state_closing: str = "closing"


class ValveConfig(Valve):
    """The same, and the library refuses every valve that reports a position for its own defaults."""

    state_open: str = "open"
    state_closed: str = "closed"
    state_opening: str = "opening"
    state_closing: str = "closing"

    @model_validator(mode="after")
    def validate_reports_position(self) -> ValveConfig:
        return self


class SensorConfig(Sensor):
    """0 is never, as in Home Assistant, and must not cost us the sensor."""

    expire_after: Annotated[int | None, Field(ge=0)] = None


class BinarySensorConfig(BinarySensor):
    expire_after: Annotated[int | None, Field(ge=0)] = None
    off_delay: Annotated[int | None, Field(ge=0)] = None


class ClimateConfig(Climate):
    min_humidity: Annotated[float, Field(ge=0)] = 30.0


class HumidifierConfig(Humidifier):
    min_humidity: Annotated[float, Field(ge=0)] = 0.0
    max_humidity: Annotated[float, Field(gt=0)] = 100.0


class NumberConfig(Number):
    min: float = 0.0
