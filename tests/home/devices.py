"""One device on its own, announced and told things without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assistant.config import HouseSettings
from assistant.home.discovery import Discovery
from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Order
from assistant.home.orders import order
from assistant.home.record import Record
from assistant.home.registry import Registry
from assistant.models import Action, Value

DISCOVERY = Discovery("homeassistant")

Sent = list[tuple[str, object]]


def device(domain: str, payload: Mapping[str, object], *said: tuple[str, str]) -> Record:
    """Called X unless it says otherwise; `said` are its messages since."""
    registry = Registry(HouseSettings())
    for change in DISCOVERY.read(f"homeassistant/{domain}/x/config", json.dumps({"name": "X", **payload}).encode()):
        registry.apply(change)
    for topic, text in said:
        registry.receive(topic, text.encode())
    assert registry.entities(), registry.left_out
    record = registry.record(registry.entities()[0].id)
    assert record is not None
    return record


def ordered(thing: Record, service: str, **arguments: Value) -> Order:
    return order(thing.kind, Command(Action(thing.entity.id, service, arguments), thing.entity, thing.state()))


def sent(thing: Record, service: str, **arguments: Value) -> Sent:
    """JSON objects are parsed, as the order of their keys means nothing."""
    return [(message.topic, _loads(message.payload)) for message in ordered(thing, service, **arguments).messages]


def _loads(payload: str) -> Any:
    return json.loads(payload) if payload.startswith("{") else payload
