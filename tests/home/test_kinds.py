"""The rarer kinds: what they report, what they are told, and what they refuse."""

# ruff: noqa: E501 - one case a line, however long

from __future__ import annotations

import pytest

from assistant.errors import NotPossible, OutOfRange
from assistant.home.templates import Payload
from assistant.models import Value
from tests.home.devices import Sent, device, ordered, sent

HUMIDIFIER = {
    "cmd_t": "c",
    "stat_t": "s",
    "hum_cmd_t": "h/set",
    "hum_stat_t": "h",
    "curr_hum_t": "ch",
    "mode_cmd_t": "m/set",
    "mode_stat_t": "m",
    "modes": ["eco", "boost"],
    "min_hum": 30,
    "max_hum": 80,
}
BOILER = {
    "mode_cmd_t": "m/set",
    "mode_stat_t": "m",
    "modes": ["eco", "performance", "off"],
    "temp_cmd_t": "t/set",
    "temp_stat_t": "t",
    "curr_temp_t": "ct",
    "min_temp": 40,
    "max_temp": 65,
}
SIREN = {"cmd_t": "c", "stat_t": "s", "av_tones": ["bell", "fire"]}
MOWER = {
    "act_stat_t": "a",
    "strt_mw_cmd_t": "c",
    "dock_cmd_t": "c",
    "pause_cmd_t": "c",
    "dock_cmd_tpl": '{"do": "{{ value }}"}',
}
ALARM = {"cmd_t": "c", "stat_t": "s", "code": "1234"}
NUMBER = {"cmd_t": "c", "stat_t": "s", "min": 0, "max": 30, "step": 0.5}
SELECT = {"cmd_t": "c", "stat_t": "s", "options": ["Low", "High"]}
VALETUDO = {
    "stat_t": "valetudo/r/hass/r_vacuum/state", "cmd_t": "valetudo/r/hass/r_vacuum/command", "sup_feat": ["start", "stop"],
    "cln_segmnts_cmd_t": "valetudo/r/MapSegmentationCapability/clean/set",
    "cln_segmnts_cmd_tpl": '{"segment_ids": {{ value | to_json }}, "customOrder": true}', "uniq_id": "r",
}  # fmt: skip
OLD_VALETUDO = {"stat_t": "valetudo/r/hass/r_vacuum/state", "cmd_t": "valetudo/r/hass/r_vacuum/command"}
ROOMS = '{"state": "docked", "segments": {"16": "Kitchen", "20": "Living room"}}'
CLIMATE = {
    "mode_cmd_t": "m", "mode_stat_t": "ms", "modes": ["off", "heat_cool"], "temp_lo_cmd_t": "lo", "temp_lo_stat_t": "lo/s",
    "temp_hi_cmd_t": "hi", "temp_hi_stat_t": "hi/s", "min_temp": 16, "max_temp": 28, "hum_cmd_t": "h", "hum_stat_t": "h/s",
    "swing_mode_cmd_t": "sw", "swing_modes": ["off", "vertical"], "pr_mode_cmd_t": "p", "pr_mode_stat_t": "p/s", "pr_modes": ["eco", "away"],
    "pow_cmd_t": "power", "max_hum": 70,
}  # fmt: skip
STRIP = {"cmd_t": "c", "stat_t": "s", "rgb_cmd_t": "rgb/set", "rgb_stat_t": "rgb"}
BLIND = {"cmd_t": "c", "tilt_cmd_t": "t/set", "tilt_status_t": "t", "tilt_min": 0, "tilt_max": 180, "tilt_opnd_val": 90}
FAN = {
    "cmd_t": "c",
    "stat_t": "s",
    "osc_cmd_t": "o/set",
    "osc_stat_t": "o",
    "pl_osc_on": "swing",
    "pl_osc_off": "still",
    "dir_cmd_t": "d/set",
    "dir_stat_t": "d",
}


@pytest.mark.parametrize(
    ("domain", "payload", "messages", "value", "attributes"),
    [
        ("humidifier", HUMIDIFIER, [("s", "ON"), ("h", "55"), ("ch", "48.6"), ("m", "eco")], "on", {"humidity": 55.0, "current_humidity": 48.6, "mode": "eco"}),
        ("humidifier", HUMIDIFIER, [("s", "OFF"), ("m", "eco"), ("m", "turbo"), ("m", "None")], "off", {}),
        ("water_heater", BOILER, [("m", "eco"), ("t", "55"), ("ct", "48.5")], "eco", {"temperature": 55.0, "current_temperature": 48.5}),
        ("water_heater", BOILER, [("m", "eco"), ("m", "steam")], "eco", {}),
        ("siren", SIREN, [("s", "ON")], "on", {}),
        ("siren", SIREN, [("s", '{"state": "ON", "tone": "fire", "volume_level": 0.5, "duration": 20}')], "on", {"tone": "fire", "volume_level": 0.5, "duration": 20}),
        ("siren", SIREN, [("s", "ON"), ("s", '{"state": "maybe"}'), ("s", "{}")], "on", {}),
        ("lawn_mower", MOWER, [("a", "mowing"), ("a", "flying")], "mowing", {}),
        ("lawn_mower", MOWER, [("a", "mowing"), ("a", "none")], None, {}),
        ("alarm_control_panel", ALARM, [("s", "armed_away"), ("s", "armed to the teeth")], "armed_away", {}),
        ("alarm_control_panel", ALARM, [("s", "triggered")], "triggered", {}),
        ("number", NUMBER, [("s", "21.5")], "21.5", {}),
        ("number", NUMBER, [("s", "21.0"), ("s", "99")], "21", {}),
        ("number", NUMBER, [("s", "21"), ("s", "None")], None, {}),
        ("select", SELECT, [("s", "Low"), ("s", "Medium")], "Low", {}),
        ("text", {"cmd_t": "c", "stat_t": "s"}, [("s", "Buongiorno")], "Buongiorno", {}),
        ("text", {"cmd_t": "c", "stat_t": "s", "mode": "password"}, [("s", "hunter2")], None, {}),
        ("date", {"cmd_t": "c", "stat_t": "s"}, [("s", "2026-12-24"), ("s", "Christmas")], "2026-12-24", {}),
        ("time", {"cmd_t": "c", "stat_t": "s"}, [("s", "07:30")], "07:30:00", {}),
        ("datetime", {"cmd_t": "c", "stat_t": "s", "tz": "Europe/Rome"}, [("s", "2026-12-24T18:00:00")], "2026-12-24T18:00:00+01:00", {}),
        ("event", {"stat_t": "s", "event_types": ["press", "hold"]}, [("s", '{"event_type": "press"}'), ("s", '{"event_type": "sing"}')], "press", {}),
        ("update", {"stat_t": "s"}, [("s", '{"installed_version": "1.0", "latest_version": "1.1"}')], "on", {"installed_version": "1.0", "latest_version": "1.1"}),
        ("update", {"stat_t": "s", "l_ver_t": "l"}, [("s", "1.1"), ("l", "1.1")], "off", {"installed_version": "1.1", "latest_version": "1.1"}),
        ("update", {"stat_t": "s"}, [("s", "1.1")], None, {"installed_version": "1.1"}),
        ("device_tracker", {"stat_t": "s", "pl_home": "here"}, [("s", "here")], "home", {}),
        ("device_tracker", {"stat_t": "s"}, [("s", "not_home")], "not_home", {}),
        ("device_tracker", {"stat_t": "s"}, [("s", "Office")], "Office", {}),
        ("infrared", {"schema": "receiver", "stat_t": "s"}, [("s", '{"timings": [9000, -4500, 560]}')], "9000,-4500,560", {}),
        ("vacuum", VALETUDO, [("valetudo/r/hass/r_vacuum/state", ROOMS)], "docked", {}),
        ("climate", CLIMATE, [("ms", "heat_cool"), ("lo/s", "19"), ("hi/s", "24"), ("h/s", "45"), ("p/s", "away")], "heat_cool", {"target_temp_low": 19.0, "target_temp_high": 24.0, "humidity": 45.0, "preset_mode": "away"}),
        ("climate", CLIMATE, [("p/s", "away"), ("p/s", "none")], None, {}),
        ("cover", BLIND, [("t", "45")], None, {"tilt_position": 25}),
        ("fan", FAN, [("s", "ON"), ("o", "swing"), ("d", "reverse")], "on", {"oscillating": True, "direction": "reverse"}),
        ("lock", {"cmd_t": "c", "stat_t": "s"}, [("s", "LOCKED"), ("s", "None")], None, {}),
        ("light", STRIP, [("s", "ON"), ("rgb", "0,51,0")], "on", {"brightness": 20, "color": "green"}),
        ("light", STRIP, [("s", "OFF"), ("rgb", "0,51,0"), ("rgb", "0,0,0")], "off", {"brightness": 20, "color": "green"}),
        ("light", {**STRIP, "bri_cmd_t": "b/set", "bri_stat_t": "b"}, [("s", "ON"), ("b", "255"), ("rgb", "0,51,0")], "on", {"brightness": 100, "color": "green"}),
    ],
)  # fmt: skip
def test_states(
    domain: str,
    payload: dict[str, object],
    messages: list[tuple[str, str]],
    value: str | None,
    attributes: dict[str, object],
) -> None:
    state = device(domain, payload, *messages).state()

    assert (state.value, state.attributes) == (value, attributes)


@pytest.mark.parametrize(
    ("domain", "payload", "service", "arguments", "messages"),
    [
        ("humidifier", HUMIDIFIER, "turn_on", {}, [("c", "ON")]),
        ("humidifier", HUMIDIFIER, "set_humidity", {"humidity": 45}, [("h/set", "45")]),
        ("humidifier", HUMIDIFIER, "set_mode", {"mode": "Boost"}, [("m/set", "boost")]),
        ("water_heater", BOILER, "set_temperature", {"temperature": 50, "operation_mode": "eco"}, [("m/set", "eco"), ("t/set", "50.0")]),
        ("water_heater", BOILER, "set_operation_mode", {"operation_mode": "performance"}, [("m/set", "performance")]),
        ("water_heater", BOILER, "turn_off", {}, [("m/set", "off")]),
        ("water_heater", {**BOILER, "pow_cmd_t": "p"}, "turn_on", {}, [("p", "ON")]),
        ("siren", SIREN, "turn_on", {"tone": "Fire", "volume_level": 0.5}, [("c", {"state": "ON", "tone": "fire", "volume_level": 0.5})]),
        ("siren", SIREN, "turn_off", {}, [("c", {"state": "OFF"})]),
        ("siren", {**SIREN, "cmd_tpl": "{{ value }}/{{ tone | default('none') }}"}, "turn_on", {}, [("c", "ON/none")]),
        ("siren", {**SIREN, "cmd_tpl": "on", "cmd_off_tpl": "be quiet"}, "turn_off", {}, [("c", "be quiet")]),
        ("lawn_mower", MOWER, "start_mowing", {}, [("c", "start_mowing")]),
        ("lawn_mower", MOWER, "dock", {}, [("c", {"do": "dock"})]),
        ("lawn_mower", {**MOWER, "stop_cmd_t": "c/stop"}, "stop", {}, [("c/stop", "stop")]),
        ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s"}, "alarm_arm_away", {}, [("c", "ARM_AWAY")]),
        ("alarm_control_panel", {**ALARM, "cod_arm_req": False}, "alarm_arm_night", {}, [("c", "ARM_NIGHT")]),
        ("alarm_control_panel", ALARM, "alarm_disarm", {"code": "1234"}, [("c", "DISARM")]),
        ("alarm_control_panel", ALARM, "alarm_disarm", {"code": 1234}, [("c", "DISARM")]),
        ("alarm_control_panel", {**ALARM, "code": "REMOTE_CODE", "cmd_tpl": '{"action": "{{ action }}", "code": "{{ code }}"}'}, "alarm_disarm", {"code": "99"}, [("c", {"action": "DISARM", "code": "99"})]),
        ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s", "cod_dis_req": False}, "alarm_disarm", {}, [("c", "DISARM")]),
        ("number", NUMBER, "set_value", {"value": 21}, [("c", "21")]),
        ("number", NUMBER, "set_value", {"value": 0.5}, [("c", "0.5")]),
        ("number", {**NUMBER, "cmd_tpl": '{"level": {{ value }}}'}, "set_value", {"value": 0}, [("c", {"level": 0})]),
        ("select", SELECT, "select_option", {"option": "high"}, [("c", "High")]),
        ("text", {"cmd_t": "c", "ptrn": "[a-z]+"}, "set_value", {"value": "hello"}, [("c", "hello")]),
        ("date", {"cmd_t": "c"}, "set_value", {"date": "2026-12-24"}, [("c", "2026-12-24")]),
        ("date", {"cmd_t": "c", "cmd_tpl": "{{ value.strftime('%d/%m') }}"}, "set_value", {"date": "2026-12-24"}, [("c", "24/12")]),
        ("time", {"cmd_t": "c"}, "set_value", {"time": "07:30"}, [("c", "07:30:00")]),
        ("datetime", {"cmd_t": "c", "tz": "Europe/Rome"}, "set_value", {"datetime": "2026-07-01 10:00"}, [("c", "2026-07-01T10:00:00+02:00")]),
        ("update", {"cmd_t": "c", "pl_inst": "go", "stat_t": "s"}, "install", {}, [("c", "go")]),
        ("notify", {"cmd_t": "c"}, "send_message", {"message": "Dinner!"}, [("c", "Dinner!")]),
        ("notify", {"cmd_t": "c", "cmd_tpl": '{"text": {{ value | to_json }}}'}, "send_message", {"message": 'say "hi"'}, [("c", {"text": 'say "hi"'})]),
        ("infrared", {"schema": "emitter", "cmd_t": "c"}, "send_command", {"timings": "9000,-4500", "modulation": 38000}, [("c", {"timings": [9000, -4500], "modulation": 38000, "repeat_count": 0})]),
        ("vacuum", {"cmd_t": "c"}, "clean_spot", {}, [("c", "clean_spot")]),
        ("vacuum", {"cmd_t": "c", "sup_feat": ["locate"]}, "locate", {}, [("c", "locate")]),
        ("vacuum", {"sup_feat": ["send_command"], "send_cmd_t": "c"}, "send_command", {"command": "go_to", "x": 3}, [("c", {"command": "go_to", "x": 3})]),
        ("vacuum", {"sup_feat": ["send_command"], "send_cmd_t": "c"}, "send_command", {"command": "empty"}, [("c", "empty")]),
        ("climate", CLIMATE, "set_temperature", {"target_temp_low": 19, "target_temp_high": 24, "hvac_mode": "heat_cool"}, [("m", "heat_cool"), ("lo", "19.0"), ("hi", "24.0")]),
        ("climate", CLIMATE, "set_humidity", {"humidity": 50}, [("h", "50")]),
        ("climate", CLIMATE, "set_swing_mode", {"swing_mode": "vertical"}, [("sw", "vertical")]),
        ("climate", CLIMATE, "set_preset_mode", {"preset_mode": "none"}, [("p", "none")]),
        ("climate", CLIMATE, "turn_off", {}, [("power", "OFF")]),
        ("cover", BLIND, "open_cover_tilt", {}, [("t/set", "90")]),
        ("cover", BLIND, "close_cover_tilt", {}, [("t/set", "0")]),
        ("cover", BLIND, "set_cover_tilt_position", {"tilt_position": 25}, [("t/set", "45")]),
        ("cover", {**BLIND, "tilt_min": 100, "tilt_max": 0}, "set_cover_tilt_position", {"tilt_position": 25}, [("t/set", "75")]),
        ("cover", {**BLIND, "tilt_cmd_tpl": '{"tilt": {{ tilt_position }}}'}, "set_cover_tilt_position", {"tilt_position": 25}, [("t/set", {"tilt": 25})]),
        ("cover", {"pos_t": "p", "set_pos_t": "p/set", "pos_open": 0, "pos_clsd": 100}, "open_cover", {}, [("p/set", "0")]),
        ("cover", {"pos_t": "p", "set_pos_t": "p/set", "set_pos_tpl": "{{ position }} of 100", "pos_open": 255}, "set_cover_position", {"position": 40}, [("p/set", "40 of 100")]),
        ("fan", FAN, "oscillate", {"oscillating": True}, [("o/set", "swing")]),
        ("fan", FAN, "oscillate", {"oscillating": "off"}, [("o/set", "still")]),
        ("fan", FAN, "set_direction", {"direction": "reverse"}, [("d/set", "reverse")]),
        ("lock", {"cmd_t": "c", "cod_form": "^\\d{4}$", "cmd_tpl": "{{ value }} {{ code }}"}, "unlock", {"code": "4321"}, [("c", "UNLOCK 4321")]),
        ("light", {"schema": "json", "cmd_t": "c"}, "turn_on", {"transition": 3}, [("c", {"state": "ON", "transition": 3})]),
        ("light", {"schema": "json", "cmd_t": "c"}, "turn_off", {"transition": 3}, [("c", {"state": "OFF", "transition": 3})]),
        ("light", {"schema": "json", "cmd_t": "c"}, "turn_on", {"flash": "short"}, [("c", {"state": "ON", "flash": 2})]),
        ("light", {"schema": "json", "cmd_t": "c", "effect": True, "fx_list": ["Rainbow"]}, "turn_on", {"effect": "rainbow"}, [("c", {"state": "ON", "effect": "Rainbow"})]),
        ("light", {"cmd_t": "c", "bri_cmd_t": "b", "on_cmd_type": "brightness"}, "turn_on", {}, [("b", "255")]),
        ("light", STRIP, "turn_on", {}, [("c", "ON")]),
        ("light", STRIP, "turn_on", {"brightness": 20}, [("rgb/set", "51,51,51"), ("c", "ON")]),
        ("light", STRIP, "turn_on", {"color": "red", "brightness": 60}, [("rgb/set", "153,0,0"), ("c", "ON")]),
        ("light", {**STRIP, "bri_cmd_t": "b/set"}, "turn_on", {"color": "red", "brightness": 60}, [("rgb/set", "255,0,0"), ("b/set", "153"), ("c", "ON")]),
        ("light", {**STRIP, "on_cmd_type": "first"}, "turn_on", {"color": "blue"}, [("c", "ON"), ("rgb/set", "0,0,255")]),
    ],
)  # fmt: skip
def test_what_is_sent(
    domain: str, payload: dict[str, object], service: str, arguments: dict[str, Value], messages: Sent
) -> None:
    assert sent(device(domain, payload), service, **arguments) == messages


@pytest.mark.parametrize(
    ("domain", "payload", "service", "arguments", "what"),
    [
        ("alarm_control_panel", ALARM, "alarm_disarm", {}, "code"),
        ("alarm_control_panel", ALARM, "alarm_disarm", {"code": "0000"}, "code"),
        ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s"}, "alarm_disarm", {}, "code"),
        ("alarm_control_panel", ALARM, "alarm_arm_away", {}, "code"),
        ("alarm_control_panel", {**ALARM, "sup_feat": ["arm_home"]}, "alarm_arm_away", {"code": "1234"}, "arm_away"),
        ("lock", {"cmd_t": "c", "cod_form": "^\\d{4}$"}, "unlock", {}, "code"),
        ("lock", {"cmd_t": "c", "cod_form": "^\\d{4}$"}, "unlock", {"code": "12"}, "code"),
        ("lawn_mower", MOWER, "stop", {}, "stop"),
        ("water_heater", BOILER, "turn_on", {}, "turn_on"),
        ("siren", {"cmd_t": "c"}, "turn_on", {"tone": "bell"}, "tone"),
        ("select", SELECT, "select_option", {"option": "loud"}, "option"),
        ("select", SELECT, "select_option", {}, "option"),
        ("text", {"cmd_t": "c", "ptrn": "[a-z]+"}, "set_value", {"value": "99"}, "value"),
        ("time", {"cmd_t": "c"}, "set_value", {"time": "soon"}, "time"),
        ("update", {"stat_t": "s"}, "install", {}, "install"),
        ("event", {"stat_t": "s", "event_types": ["press"]}, "press", {}, "press"),
        ("vacuum", VALETUDO, "clean_area", {"area": "kitchen"}, "clean_area"),
        ("fan", FAN, "oscillate", {"oscillating": "perhaps"}, "oscillating"),
        ("fan", FAN, "set_direction", {"direction": "up"}, "direction"),
        ("cover", {"cmd_t": "c"}, "open_cover_tilt", {}, "tilt"),
        ("light", {"cmd_t": "c"}, "turn_on", {"transition": 2}, "transition"),
        ("light", {"schema": "json", "cmd_t": "c"}, "turn_on", {"flash": "lightning"}, "flash"),
        ("infrared", {"schema": "emitter", "cmd_t": "c"}, "send_command", {"timings": "a lot"}, "timings"),
    ],
)  # fmt: skip
def test_what_is_refused(
    domain: str, payload: dict[str, object], service: str, arguments: dict[str, Value], what: str
) -> None:
    with pytest.raises(NotPossible) as caught:
        sent(device(domain, payload), service, **arguments)

    assert caught.value.say.values["what"] == what


@pytest.mark.parametrize(
    ("domain", "payload", "service", "arguments", "lowest", "highest"),
    [
        ("humidifier", HUMIDIFIER, "set_humidity", {"humidity": 95}, 30, 80),
        ("water_heater", BOILER, "set_temperature", {"temperature": 90}, 40, 65),
        ("water_heater", {"temp_cmd_t": "t", "temp_unit": "F"}, "set_temperature", {"temperature": 30}, 110, 140),
        ("climate", {"temp_cmd_t": "t", "temp_unit": "F"}, "set_temperature", {"temperature": 20}, 45, 95),
        ("climate", CLIMATE, "set_temperature", {"target_temp_low": 10, "target_temp_high": 24}, 16, 28),
        ("climate", CLIMATE, "set_temperature", {"target_temp_low": 25, "target_temp_high": 20}, 16, 20),
        ("climate", CLIMATE, "set_humidity", {"humidity": 90}, 30, 70),
        ("number", NUMBER, "set_value", {"value": 31}, 0, 30),
        ("number", NUMBER, "set_value", {"value": -1}, 0, 30),
        ("text", {"cmd_t": "c", "max": 5}, "set_value", {"value": "far too long"}, 0, 5),
        ("siren", SIREN, "turn_on", {"volume_level": 80}, 0, 1),
        ("cover", BLIND, "set_cover_tilt_position", {"tilt_position": 120}, 0, 100),
        ("light", {"schema": "json", "cmd_t": "c"}, "turn_on", {"transition": -1}, 0, 3600),
    ],
)  # fmt: skip
def test_out_of_range_tells_the_range(
    domain: str, payload: dict[str, object], service: str, arguments: dict[str, Value], lowest: float, highest: float
) -> None:
    with pytest.raises(OutOfRange) as caught:
        sent(device(domain, payload), service, **arguments)

    assert (caught.value.say.values["minimum"], caught.value.say.values["maximum"]) == (lowest, highest)


def test_a_vacuum_cleaner_goes_to_the_rooms_that_it_told() -> None:
    """As Home Assistant has it since 2026."""
    robot = device("vacuum", VALETUDO, ("valetudo/r/hass/r_vacuum/state", ROOMS))

    assert robot.entity.options["area"] == ("Kitchen", "Living room")
    assert "clean_area" in robot.entity.features
    assert sent(robot, "clean_area", area="living room, Kitchen") == [
        ("valetudo/r/MapSegmentationCapability/clean/set", {"segment_ids": ["20", "16"], "customOrder": True})
    ]
    with pytest.raises(NotPossible):
        sent(robot, "clean_area", area="the moon")


def test_an_older_valetudo_tells_its_rooms_on_its_own_map_topic() -> None:
    robot = device("vacuum", OLD_VALETUDO, ("valetudo/r/MapData/segments", '{"16": "Kitchen", "17": "17"}'))

    assert sent(robot, "clean_area", area="kitchen") == [
        (
            "valetudo/r/MapSegmentationCapability/clean/set",
            {"segment_ids": ["16"], "iterations": 1, "customOrder": True},
        )
    ]


def test_a_light_without_a_topic_for_its_brightness_is_dimmed_in_its_colour() -> None:
    """0,51,0 is a green of 20 %; half as bright as it can be, that is 0,128,0; a new colour is as bright as the last."""
    strip = device("light", STRIP, ("s", "ON"), ("rgb", "0,51,0"))

    assert sent(strip, "turn_on", brightness=50) == [("rgb/set", "0,128,0"), ("c", "ON")]
    assert sent(strip, "turn_on", color="red") == [("rgb/set", "51,0,0"), ("c", "ON")]
    assert ordered(strip, "turn_on", brightness=50).expected(
        device("light", STRIP, ("s", "ON"), ("rgb", "0,128,0")).state()
    )  # type: ignore[misc]


def test_a_light_that_fades_is_given_its_time() -> None:
    lamp = {"schema": "json", "cmd_t": "c", "stat_t": "s", "brightness": True}
    quick = ordered(device("light", lamp), "turn_on", brightness=50, transition=4)
    slow = ordered(
        device("light", lamp, ("s", '{"state": "ON", "brightness": 3}')), "turn_on", brightness=50, transition=600
    )

    assert quick.extra_seconds == 4
    assert slow.extra_seconds == 10
    # nobody waits ten minutes: that it answers at all shows that it has begun
    assert slow.expected is not None
    assert slow.expected(device("light", lamp, ("s", '{"state": "ON", "brightness": 3}')).state())


def test_arming_is_obeying() -> None:
    """The exit delay lets people leave; disarming must have happened."""
    panel = device("alarm_control_panel", ALARM)
    arming, disarming = ordered(panel, "alarm_arm_away", code="1234"), ordered(panel, "alarm_disarm", code="1234")

    assert arming.may_take_long
    assert "arming" in arming.progress
    assert not disarming.may_take_long
    assert not disarming.repeatable


def test_an_event_that_the_broker_kept_has_not_just_happened() -> None:
    """A doorbell must not ring again after every restart."""
    bell = device("event", {"stat_t": "s", "event_types": ["press"]})
    bell.note("s", Payload('{"event_type": "press"}', retained=True))
    assert bell.state().value is None
    bell.note("s", Payload('{"event_type": "press"}'))
    assert bell.state().value == "press"
