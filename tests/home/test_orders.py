"""Actions become the right MQTT messages, on each kind's own scales."""

# ruff: noqa: E501 - one case a line, however long

from __future__ import annotations

import pytest

from assistant.errors import NotPossible, OutOfRange
from assistant.models import State, Value
from tests.home.devices import Sent, device, ordered, sent

Z2M = {
    "schema": "json",
    "cmd_t": "l/set",
    "stat_t": "l",
    "brightness": True,
    "bri_scl": 254,
    "sup_clrm": ["xy", "color_temp"],
    "min_mirs": 153,
    "max_mirs": 500,
}
BASIC = {"cmd_t": "c", "bri_cmd_t": "b", "rgb_cmd_t": "r", "clr_temp_cmd_t": "t"}
SHELLY = {
    "schema": "template", "cmd_t": "s", "stat_t": "st", "brightness_template": "{{ value_json.b }}",
    "command_on_template": '{"turn": "on"{% if brightness is defined %}, "brightness": {{ brightness | float | multiply(0.39215686) | round(0) }}{% endif %}{% if color_temp is defined %}, "temp": {{ (1000000 / color_temp | float) | round(0) }}{% endif %}}',
    "command_off_template": '{"turn": "off"}',
}  # fmt: skip
COVER = {"cmd_t": "c", "pos_t": "p", "set_pos_t": "p/set"}
CLIMATE = {
    "mode_cmd_t": "m",
    "temp_cmd_t": "t",
    "modes": ["off", "heat", "auto"],
    "min_temp": "5",
    "max_temp": "30",
    "temp_step": 0.5,
    "temp_unit": "C",
}
FAN = {"cmd_t": "c", "pct_cmd_t": "p", "spd_rng_max": 4, "pr_mode_cmd_t": "m", "pr_modes": ["auto", "sleep"]}
VACUUM = {
    "cmd_t": "c",
    "stat_t": "s",
    "sup_feat": ["start", "pause", "stop", "return_home", "locate", "fan_speed"],
    "set_fan_spd_t": "f",
    "fanspd_lst": ["min", "max"],
    "pl_ret": "HOME",
}


@pytest.mark.parametrize(
    ("domain", "payload", "service", "arguments", "messages"),
    [
        ("light", Z2M, "turn_on", {}, [("l/set", {"state": "ON"})]),
        ("light", Z2M, "turn_on", {"brightness": 50}, [("l/set", {"state": "ON", "brightness": 127})]),
        ("light", Z2M, "turn_on", {"brightness": 0}, [("l/set", {"state": "OFF"})]),
        ("light", Z2M, "turn_on", {"color_temperature": 2700}, [("l/set", {"state": "ON", "color_temp": 370})]),
        ("light", Z2M, "turn_on", {"color": "red"}, [("l/set", {"state": "ON", "color": {"x": 0.7006, "y": 0.2993}})]),
        ("light", Z2M, "turn_off", {}, [("l/set", {"state": "OFF"})]),
        ("light", {**Z2M, "sup_clrm": ["rgb"]}, "turn_on", {"color": "0,10,255"}, [("l/set", {"state": "ON", "color": {"r": 0, "g": 10, "b": 255}})]),
        ("light", {**Z2M, "clr_temp_k": True}, "turn_on", {"color_temperature": 2700}, [("l/set", {"state": "ON", "color_temp": 2700})]),
        ("light", BASIC, "turn_on", {"brightness": 40}, [("b", "102"), ("c", "ON")]),
        ("light", {**BASIC, "on_cmd_type": "first"}, "turn_on", {"brightness": 40}, [("c", "ON"), ("b", "102")]),
        ("light", {**BASIC, "on_cmd_type": "brightness"}, "turn_on", {"brightness": 40}, [("b", "102")]),
        ("light", BASIC, "turn_on", {"color": "blue"}, [("r", "0,0,255"), ("c", "ON")]),
        ("light", {**BASIC, "rgb_cmd_tpl": "#{{ '%02x%02x%02x' | format(red, green, blue) }}"}, "turn_on", {"color": "orange"}, [("r", "#ffa500"), ("c", "ON")]),
        ("light", SHELLY, "turn_on", {"brightness": 50}, [("s", {"turn": "on", "brightness": 50})]),
        ("light", SHELLY, "turn_on", {"color_temperature": 4000}, [("s", {"turn": "on", "temp": 4000})]),
        ("light", SHELLY, "turn_off", {}, [("s", {"turn": "off"})]),
        ("switch", {"cmd_t": "c", "pl_on": '{"time": 254}'}, "turn_on", {}, [("c", {"time": 254})]),
        ("switch", {"cmd_t": "c", "command_template": '{"power": "{{ value }}"}'}, "turn_off", {}, [("c", {"power": "OFF"})]),
        ("cover", COVER, "open_cover", {}, [("c", "OPEN")]),
        ("cover", {**COVER, "pl_stop": "HALT"}, "stop_cover", {}, [("c", "HALT")]),
        ("cover", COVER, "set_cover_position", {"position": 30}, [("p/set", "30")]),
        ("cover", {**COVER, "pos_open": 0, "pos_clsd": 100}, "set_cover_position", {"position": 30}, [("p/set", "70")]),
        ("cover", {**COVER, "set_pos_tpl": '{ "position": {{ position }} }'}, "set_cover_position", {"position": 30}, [("p/set", {"position": 30})]),
        ("lock", {"cmd_t": "c"}, "lock", {}, [("c", "LOCK")]),
        ("lock", {"cmd_t": "c", "pl_open": "LATCH"}, "open", {}, [("c", "LATCH")]),
        ("climate", CLIMATE, "set_temperature", {"temperature": 21.5}, [("t", "21.5")]),
        ("climate", CLIMATE, "set_temperature", {"temperature": 20, "hvac_mode": "heat"}, [("m", "heat"), ("t", "20.0")]),
        ("climate", CLIMATE, "turn_off", {}, [("m", "off")]),
        ("climate", CLIMATE, "turn_on", {}, [("m", "auto")]),
        ("fan", FAN, "turn_on", {}, [("c", "ON")]),
        ("fan", FAN, "set_percentage", {"percentage": 75}, [("c", "ON"), ("p", "3")]),
        ("fan", FAN, "set_percentage", {"percentage": 0}, [("c", "OFF")]),
        ("fan", FAN, "set_preset_mode", {"preset_mode": "sleep"}, [("c", "ON"), ("m", "sleep")]),
        ("vacuum", VACUUM, "start", {}, [("c", "start")]),
        ("vacuum", VACUUM, "return_to_base", {}, [("c", "HOME")]),
        ("vacuum", VACUUM, "set_fan_speed", {"fan_speed": "max"}, [("f", "max")]),
        ("scene", {"cmd_t": "c", "pl_on": "GO"}, "turn_on", {}, [("c", "GO")]),
        ("button", {"cmd_t": "c", "pl_prs": "restart"}, "press", {}, [("c", "restart")]),
        ("valve", {"cmd_t": "c"}, "close_valve", {}, [("c", "CLOSE")]),
        ("valve", {"cmd_t": "c", "reports_position": True}, "close_valve", {}, [("c", "0")]),
        ("valve", {"cmd_t": "c", "reports_position": True, "position_open": 255}, "set_valve_position", {"position": 40}, [("c", "102")]),
    ],
)  # fmt: skip
def test_what_is_sent(
    domain: str, payload: dict[str, object], service: str, arguments: dict[str, Value], messages: Sent
) -> None:
    assert sent(device(domain, payload), service, **arguments) == messages


@pytest.mark.parametrize(
    ("domain", "payload", "service", "arguments", "what"),
    [
        ("light", {"cmd_t": "c"}, "turn_on", {"brightness": 10}, "brightness"),
        ("light", BASIC, "turn_on", {"color": "loud"}, "color"),
        ("light", BASIC, "open_cover", {}, "open_cover"),
        ("switch", {"cmd_t": "c"}, "explode", {}, "explode"),
        ("cover", {"cmd_t": "c"}, "set_cover_position", {"position": 10}, "position"),
        ("cover", {"cmd_t": "c", "pl_stop": None}, "stop_cover", {}, "stop_cover"),
        ("lock", {"cmd_t": "c"}, "open", {}, "open"),
        ("climate", CLIMATE, "set_hvac_mode", {"hvac_mode": "cool"}, "hvac_mode"),
        ("climate", CLIMATE, "set_temperature", {"temperature": "warm"}, "temperature"),
        ("fan", {"cmd_t": "c"}, "set_percentage", {"percentage": 10}, "percentage"),
        ("vacuum", {"cmd_t": "c", "sup_feat": ["start"]}, "locate", {}, "locate"),
        ("sensor", {"stat_t": "s"}, "turn_on", {}, "turn_on"),
        ("switch", {"cmd_t": "c", "command_template": "{{ broken"}, "turn_on", {}, "turn_on"),
    ],
)
def test_what_a_device_lacks_is_said(
    domain: str, payload: dict[str, object], service: str, arguments: dict[str, Value], what: str
) -> None:
    with pytest.raises(NotPossible) as caught:
        sent(device(domain, payload), service, **arguments)

    assert caught.value.say.values["what"] == what
    assert caught.value.say.values["name"] == "X"


@pytest.mark.parametrize(
    ("domain", "payload", "service", "arguments"),
    [
        ("climate", CLIMATE, "set_temperature", {"temperature": 45}),
        ("light", Z2M, "turn_on", {"color_temperature": 9000}),
        ("light", Z2M, "turn_on", {"brightness": 140}),
        ("cover", COVER, "set_cover_position", {"position": -5}),
    ],
)
def test_out_of_range_tells_the_range(
    domain: str, payload: dict[str, object], service: str, arguments: dict[str, Value]
) -> None:
    with pytest.raises(OutOfRange) as caught:
        sent(device(domain, payload), service, **arguments)

    assert {"minimum", "maximum", "unit"} <= set(caught.value.say.values)


def test_toggling_goes_by_what_the_device_said() -> None:
    plug = {"cmd_t": "c", "stat_t": "s"}

    assert sent(device("switch", plug, ("s", "ON")), "toggle") == [("c", "OFF")]
    assert sent(device("switch", plug, ("s", "OFF")), "toggle") == [("c", "ON")]
    assert sent(device("switch", plug), "toggle") == [("c", "ON")]


def test_a_running_fan_is_not_switched_on_again() -> None:
    assert sent(device("fan", {**FAN, "stat_t": "s"}, ("s", "ON")), "set_percentage", percentage=50) == [("p", "2")]


def test_what_counts_as_done() -> None:
    light = device("light", Z2M)
    wanted = ordered(light, "turn_on", brightness=50, color="red").expected
    assert wanted is not None
    assert wanted(State("light.x", "on", {"brightness": 51, "color": "red"}))
    assert not wanted(State("light.x", "on", {"brightness": 60, "color": "red"}))
    assert not wanted(State("light.x", "on", {"brightness": 50, "color": "green"}))
    assert not wanted(State("light.x", "off", {"brightness": 50, "color": "red"}))
    assert not wanted(State("light.x"))


def test_what_may_be_sent_twice() -> None:
    assert ordered(device("light", Z2M), "turn_on").repeatable
    assert not ordered(device("light", Z2M), "toggle").repeatable
    # one-button garage openers take the second press as "stop"
    assert not ordered(device("cover", COVER), "open_cover").repeatable
    assert not ordered(device("button", {"cmd_t": "c"}), "press").repeatable
