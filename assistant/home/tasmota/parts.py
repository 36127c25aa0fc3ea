"""What a Tasmota device consists of, in the options of Home Assistant's discovery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.home.tasmota.device import Device
from assistant.home.tasmota.sensors import SAFE_KEY, Sensor

_RELAY, _LIGHT, _SHUTTER = 1, 2, 3

_DIMMABLE, _WHITES, _COLORS, _COLORS_AND_WHITE, _COLORS_AND_WHITES = 1, 2, 3, 4, 5
"""Kinds of light by their channels (lt_st); 0 only goes on and off."""

_BINARY = {1: None, 2: None, 3: None, 4: None, 5: None, 6: None, 9: None, 10: None, 13: 1, 14: 1, 15: None, 16: None}
"""Switch modes that tell on from off, and the seconds after which those that only tell "on" are off again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of a device, as Home Assistant's options would have it."""

    id: str
    domain: str
    payload: Mapping[str, Any]
    name: str | None = None
    measures: bool = False
    """It speaks on the topics of sensors, not of commands."""


def parts(device: Device) -> Iterator[Part]:
    as_light = bool(device.options.get("30"))
    first_light = device.relays.index(_LIGHT) if _LIGHT in device.relays else 0
    for index, what in enumerate(device.relays):
        number = index + 1
        if what == _LIGHT and not (device.fan and index == 0):
            yield Part(f"light_{number}", "light", _light(device, index, first_light), _name(device, index, "Light"))
        elif what == _LIGHT or (what == _RELAY and (as_light or (device.fan and index == 0))):
            yield Part(f"light_{number}", "light", _power(device, index), _name(device, index, "Light"))
        elif what == _RELAY:
            yield Part(f"switch_{number}", "switch", _relay(device, index), _name(device, index, "Switch"))
    for number, _ in enumerate(_pairs(device.relays), start=1):
        yield Part(f"cover_{number}", "cover", _shutter(device, number), f"Shutter {number}", measures=True)
    for index, mode in enumerate(device.switches):
        if mode in _BINARY:
            called = _given(device.switch_names, index) or f"Switch {index + 1} input"
            yield Part(f"input_{index + 1}", "binary_sensor", _input(device, index, mode), called, measures=True)
    if device.fan:
        yield Part("fan", "fan", _fan(device))


def measuring(device: Device, sensors: Sequence[Sensor]) -> Iterator[Part]:
    for sensor in sensors:
        payload = {**sensor.options, "state_topic": device.tells("SENSOR")}
        yield Part(sensor.id, "sensor", payload, sensor.name, measures=True)


def _pairs(relays: Sequence[int]) -> Iterator[int]:
    """A shutter is two neighbouring relays: up and down."""
    index = 0
    while index + 1 < len(relays):
        if relays[index] == relays[index + 1] == _SHUTTER:
            yield index
            index += 1
        index += 1


def _name(device: Device, index: int, otherwise: str) -> str | None:
    """None: it is called as the device."""
    called = _given(device.friendly_names, index)
    if called is None:
        return f"{otherwise} {index + 1}"
    return None if index == 0 and called == device.name else called


def _given(names: Sequence[str | None], index: int) -> str | None:
    return names[index] if index < len(names) else None


def _relay(device: Device, index: int) -> dict[str, Any]:
    return {**_power(device, index), "value_template": _power(device, index)["state_value_template"]}


def _power(device: Device, index: int) -> dict[str, Any]:
    """A device with one relay says POWER, one with several POWER1 and so on; all understand POWER1."""
    key = f"POWER{index + 1}"
    value = f"value_json.{key}"
    if index == 0:
        value = f"({value} if value_json.POWER is not defined else value_json.POWER)"
    return {
        "command_topic": device.told(key),
        "payload_on": device.on,
        "payload_off": device.off,
        "state_topic": device.says("RESULT"),
        "state_value_template": f"{{{{ {value} | is_defined }}}}",
    }


def _light(device: Device, index: int, first: int) -> dict[str, Any]:
    """A light of several channels may be split in colours and whites, or in one light a channel."""
    power, kind, dimmer, color = _power(device, index), device.light, "Dimmer", "Color2"
    template = "{{ value }}"
    if device.options.get("68"):
        kind, dimmer = _DIMMABLE, f"Channel{index + 1}"
    elif not device.linked and kind >= _COLORS_AND_WHITE:
        half = index - first
        dimmer = f"Dimmer{half + 1}"
        kind, template = (_COLORS, "{{ value }}=") if half == 0 else (_WHITES if kind == _COLORS_AND_WHITES else 1, "")
    elif device.tuya:
        dimmer = "Dimmer3"
    if kind == 0:
        return power
    said = dimmer if dimmer != "Dimmer3" else "Dimmer"
    topic = device.says("RESULT")
    dims = {
        "brightness_command_topic": device.told(dimmer), "brightness_scale": 100, "brightness_state_topic": topic,
        "brightness_value_template": f"{{{{ value_json.{said} | is_defined }}}}",
    }  # fmt: skip
    colors = {
        "rgb_command_topic": device.told(color), "rgb_command_template": template, "hs_state_topic": topic,
        "hs_value_template": _HUE,
    }  # fmt: skip
    coldest, warmest = (200, 380) if device.options.get("82") else (153, 500)
    whites = {
        "color_temp_command_topic": device.told("CT"), "color_temp_state_topic": topic,
        "color_temp_value_template": _WARMTH, "min_mireds": coldest, "max_mireds": warmest,
    }  # fmt: skip
    return {
        **power, **dims,
        **(colors if kind in (_COLORS, _COLORS_AND_WHITE, _COLORS_AND_WHITES) else {}),
        **(whites if kind in (_WHITES, _COLORS_AND_WHITES) else {}),
    }  # fmt: skip


_HUE = (
    "{% if value_json.White | default(0) | int == 0 %}{{ value_json.HSBColor.split(',')[:2] | join(',') }}{% endif %}"
)
_WARMTH = "{% if value_json.White | default(1) | int > 0 %}{{ value_json.CT | is_defined }}{% endif %}"
"""A light of both kinds always names a colour and a warmth; the white channel tells which of them shines."""


def _shutter(device: Device, number: int) -> dict[str, Any]:
    inverted = bool(_option(device.shutters, number) & 1)
    up, down = ("closing", "opening") if inverted else ("opening", "closing")
    way = f"{_SAID}{{% set way = said.Shutter{number}.Direction | is_defined | int %}}"
    words = f"{{{{ '{up}' if way > 0 else '{down}' if way < 0 else 'stopped' }}}}"
    found = {
        "command_topic": device.told("Backlog"),
        "payload_open": f"ShutterOpen{number}",
        "payload_close": f"ShutterClose{number}",
        "payload_stop": f"ShutterStop{number}",
        "set_position_topic": device.told(f"ShutterPosition{number}"),
        "position_topic": device.says("RESULT"),
        "position_template": f"{_SAID}{{{{ said.Shutter{number}.Position | is_defined }}}}",
        "position_open": 0 if inverted else 100,
        "position_closed": 100 if inverted else 0,
        "state_topic": device.says("RESULT"),
        "value_template": way + words,
        "device_class": "shutter",
    }
    tilt = device.tilts[number - 1] if number <= len(device.tilts) else ()
    if len(tilt) == 3 and tilt[2] and tilt[0] != tilt[1]:
        found |= {
            "tilt_command_topic": device.told(f"ShutterTilt{number}"),
            "tilt_status_topic": device.says("RESULT"),
            "tilt_status_template": f"{_SAID}{{{{ said.Shutter{number}.Tilt | is_defined }}}}",
            "tilt_min": tilt[0], "tilt_max": tilt[1], "tilt_closed_value": tilt[0], "tilt_opened_value": tilt[1],
        }  # fmt: skip
    return found


_SAID = "{% set said = value_json.StatusSNS | default(value_json) %}"
"""When asked (STATUS 10) it wraps what it otherwise says openly."""


def _option(options: Sequence[int], number: int) -> int:
    return options[number - 1] if number <= len(options) else 0


def _input(device: Device, index: int, mode: int) -> dict[str, Any]:
    """On a change {"Switch1": {"Action": "ON"}}, else {"Switch1": "ON"}."""
    called = _given(device.switch_names, index)
    key = called if called and SAFE_KEY.fullmatch(called) else f"Switch{index + 1}"
    value = f'{_SAID}{{% set now = said["{key}"] | is_defined %}}{{{{ now.Action | default(now) }}}}'
    delay = _BINARY[mode]
    return {
        "state_topic": device.says("RESULT"),
        "value_template": value,
        "payload_on": device.on,
        "payload_off": device.off,
        **({"off_delay": delay} if delay else {}),
    }


def _fan(device: Device) -> dict[str, Any]:
    speed, topic = "value_json.FanSpeed | is_defined | int", device.says("RESULT")
    return {
        "command_topic": device.told("FanSpeed"), "payload_on": "2", "payload_off": "0",
        "state_topic": topic, "state_value_template": f"{{{{ '2' if ({speed}) > 0 else '0' }}}}",
        "percentage_command_topic": device.told("FanSpeed"), "percentage_state_topic": topic,
        "percentage_value_template": f"{{{{ {speed} }}}}", "speed_range_min": 1, "speed_range_max": 3,
    }  # fmt: skip
