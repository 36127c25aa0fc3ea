"""What a device that keeps no state can be asked, told by the topics it announces; the payloads are zigbee2mqtt's."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from assistant.home.discovery import Announced, Discovery
from assistant.home.kinds import kind_of


def asked(domain: str, payload: Mapping[str, object]) -> tuple[str, object] | None:
    (announced,) = Discovery("h").read(f"h/{domain}/x/config", json.dumps(payload).encode())
    assert isinstance(announced, Announced), announced
    message = kind_of(announced.config).question()
    return (message.topic, json.loads(message.payload)) if message else None


PLUG = {"cmd_t": "z/plug/set", "stat_t": "z/plug"}
LAMP = {**PLUG, "schema": "json", "brightness": True, "sup_clrm": ["xy", "color_temp"]}
GANG = {"cmd_t": "z/switch/left/set", "stat_t": "z/switch"}
BLIND = {"cmd_t": "z/b/set", "stat_t": "z/b", "pos_t": "z/b", "set_pos_t": "z/b/set"}
VALVE = {
    "mode_cmd_t": "z/trv/set/system_mode", "mode_stat_t": "z/trv", "temp_cmd_t": "z/trv/set/occupied_heating_setpoint",
    "curr_temp_t": "z/trv", "curr_temp_tpl": '{{ value_json["local_temperature"] }}',
}  # fmt: skip
FAN = {"cmd_t": "z/fan/set/fan_state", "stat_t": "z/fan", "pct_cmd_t": "z/fan/set/fan_mode"}
SETTING = {"cmd_t": "z/trv/set/child_lock", "stat_t": "z/trv"}
TASMOTA = {"cmd_t": "cmnd/plug/POWER", "stat_t": "stat/plug/POWER"}


@pytest.mark.parametrize(
    ("domain", "payload", "question"),
    [
        ("switch", PLUG, ("z/plug/get", {"state": ""})),
        ("lock", PLUG, ("z/plug/get", {"state": ""})),
        ("light", LAMP, ("z/plug/get", {"state": "", "brightness": "", "color_temp": "", "color": ""})),
        ("switch", GANG, ("z/switch/left/get", {"state": ""})),
        ("cover", BLIND, ("z/b/get", {"position": ""})),
        (
            "climate",
            VALVE,
            ("z/trv/get", {"system_mode": "", "occupied_heating_setpoint": "", "local_temperature": ""}),
        ),
        ("fan", FAN, ("z/fan/get", {"fan_state": "", "fan_mode": ""})),
        ("switch", SETTING, None),
        ("switch", TASMOTA, None),
        ("sensor", {"stat_t": "z/s"}, None),
    ],
)
def test_what_is_asked(domain: str, payload: Mapping[str, object], question: object) -> None:
    assert asked(domain, payload) == question
