"""Actions in Home Assistant's service words become MQTT messages and what the device should report afterwards."""

from __future__ import annotations

from dataclasses import replace

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.home.kinds import AnyKind
from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Order
from assistant.home.templates import Unreadable
from assistant.models import Message


def order(kind: AnyKind, command: Command) -> Order:
    """Raises NotPossible (OutOfRange) when the device lacks it, naming what."""
    try:
        found = kind.order(command)
    except Unreadable as problem:
        why = f"{command.entity.id}: its command template fails: {problem}"
        raise command.makes_no_sense(why, command.service) from problem
    return replace(found, messages=_as_configured(found.messages, kind.config))


def _as_configured(messages: tuple[Message, ...], config: MqttEntityCommon) -> tuple[Message, ...]:
    """With the device's qos and retain."""
    qos, retain = max(1, int(getattr(config, "qos", 0))), bool(getattr(config, "retain", False))
    return tuple(Message(message.topic, message.payload, qos, retain) for message in messages)
