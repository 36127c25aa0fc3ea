"""The short names in announcements, written out level by level as Home Assistant does.

ha-mqtt-models-pydantic has the table; it lacks what 2026 added, and it would take a component's id for an option.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ha_mqtt_models_pydantic.abbreviations import ABBREVIATIONS, DEVICE_ABBREVIATIONS

_OPTIONS: dict[str, str] = ABBREVIATIONS | {
    "cdevs": "child_devices",
    "cln_segmnts_cmd_t": "clean_segments_command_topic",
    "cln_segmnts_cmd_tpl": "clean_segments_command_template",
    "msg_exp_int": "message_expiry_interval",
    "stop_cmd_t": "stop_command_topic",
    "stop_cmd_tpl": "stop_command_template",
    "tz": "timezone",
    "vis": "visible_by_default",
}
_DEVICE: dict[str, str] = DEVICE_ABBREVIATIONS | {"cdev": "child_device"}
_CHILD: dict[str, str] = _OPTIONS | _DEVICE


def expanded(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Of a component, or of a device with its components and child devices."""
    whole = _component(payload)
    levels = {"device": _device, "components": _components, "child_devices": _children}
    return {key: levels[key](value) if key in levels else value for key, value in whole.items()}


def _component(payload: Mapping[str, Any]) -> dict[str, Any]:
    whole = _named(payload, _OPTIONS)
    availability = whole.get("availability")
    if isinstance(availability, dict):
        availability = [availability]
    if isinstance(availability, list):
        whole["availability"] = [_named(item, _OPTIONS) if isinstance(item, dict) else item for item in availability]
    return whole


def _components(components: Any) -> Any:
    if not isinstance(components, dict):
        return components
    return {key: _component(one) if isinstance(one, dict) else one for key, one in components.items()}


def _device(device: Any) -> Any:
    if not isinstance(device, dict):
        return device
    whole = _named(device, _DEVICE)
    if isinstance(whole.get("child_device"), dict):
        whole["child_device"] = _named(whole["child_device"], _DEVICE)
    return whole


def _children(children: Any) -> list[dict[str, Any]]:
    """What is no child device is left out."""
    listed = children if isinstance(children, list) else [children]
    named = [_named(child, _CHILD) for child in listed if isinstance(child, dict)]
    return [{**child, "components": _components(child.get("components"))} for child in named]


def _named(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in given.items()}
