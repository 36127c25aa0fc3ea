"""Kinds of devices, one family a file. To add one: a subclass of Kind in a file here, and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ha_mqtt_models_pydantic as ha
from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.home.kinds import models
from assistant.home.kinds.alarms import AlarmPanel
from assistant.home.kinds.buttons import Button, Emitter, Notify, Receiver, Scene
from assistant.home.kinds.climates import Climate
from assistant.home.kinds.covers import Cover
from assistant.home.kinds.fans import Fan
from assistant.home.kinds.humidifiers import Humidifier
from assistant.home.kinds.kind import Kind
from assistant.home.kinds.light_basic import BasicLight
from assistant.home.kinds.light_json import JsonLight
from assistant.home.kinds.light_template import TemplateLight
from assistant.home.kinds.locks import Lock
from assistant.home.kinds.mowers import Mower
from assistant.home.kinds.sensors import BinarySensor, Event, Sensor, Tracker, Update
from assistant.home.kinds.switches import Siren, Switch
from assistant.home.kinds.vacuums import Vacuum
from assistant.home.kinds.values import Date, Datetime, Number, Select, Text, Time
from assistant.home.kinds.valves import Valve
from assistant.home.kinds.water_heaters import WaterHeater

AnyKind = Kind[Any]

KINDS: Mapping[str, Mapping[str, tuple[type[MqttEntityCommon], type[AnyKind]]]] = {
    "alarm_control_panel": {"": (ha.AlarmControlPanel, AlarmPanel)},
    "binary_sensor": {"": (models.BinarySensorConfig, BinarySensor)},
    "button": {"": (ha.Button, Button)},
    "climate": {"": (models.ClimateConfig, Climate)},
    "cover": {"": (models.CoverConfig, Cover)},
    "date": {"": (models.DateConfig, Date)},
    "datetime": {"": (models.DatetimeConfig, Datetime)},
    "device_tracker": {"": (ha.DeviceTracker, Tracker)},
    "event": {"": (ha.Event, Event)},
    "fan": {"": (ha.Fan, Fan)},
    "humidifier": {"": (models.HumidifierConfig, Humidifier)},
    "infrared": {"emitter": (models.EmitterConfig, Emitter), "receiver": (models.ReceiverConfig, Receiver)},
    "lawn_mower": {"": (models.MowerConfig, Mower)},
    "light": {
        "basic": (ha.LightBasic, BasicLight),
        "json": (ha.LightJson, JsonLight),
        "template": (ha.LightTemplate, TemplateLight),
    },
    "lock": {"": (ha.Lock, Lock)},
    "notify": {"": (ha.Notify, Notify)},
    "number": {"": (models.NumberConfig, Number)},
    "scene": {"": (ha.Scene, Scene)},
    "select": {"": (ha.Select, Select)},
    "sensor": {"": (models.SensorConfig, Sensor)},
    "siren": {"": (ha.Siren, Siren)},
    "switch": {"": (ha.Switch, Switch)},
    "text": {"": (ha.Text, Text)},
    "time": {"": (models.TimeConfig, Time)},
    "update": {"": (ha.Update, Update)},
    "vacuum": {"": (models.VacuumConfig, Vacuum)},
    "valve": {"": (models.ValveConfig, Valve)},
    "water_heater": {"": (ha.WaterHeater, WaterHeater)},
}
"""Home Assistant's domain, then its schema where there are several (the first is the usual one): how the announcement
is read and what the device can do."""

SILENT: Mapping[str, str] = {
    "camera": "pictures cannot be spoken",
    "device_automation": "it is a trigger, not an entity",
    "image": "pictures cannot be spoken",
    "tag": "it is a trigger, not an entity",
}
"""Kinds that are nothing to name, read or command by voice, and why."""

_KIND_OF: Mapping[type[MqttEntityCommon], type[AnyKind]] = {
    config: kind for schemas in KINDS.values() for config, kind in schemas.values()
}


def parse(domain: str, payload: Mapping[str, Any]) -> MqttEntityCommon:
    """The configuration, checked. Raises pydantic's ValidationError, and ValueError for what is not known."""
    schemas = KINDS.get(domain)
    if schemas is None:
        raise ValueError("a kind that is not known")
    schema = payload.get("schema") if len(schemas) > 1 else None
    if schema is None:
        schema = next(iter(schemas))
    if schema not in schemas:
        raise ValueError(f"unsupported {domain} schema: {schema}")
    return schemas[schema][0].model_validate(payload)


def kind_of(config: MqttEntityCommon) -> AnyKind:
    return _KIND_OF[type(config)](config)
