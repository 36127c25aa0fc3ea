"""Tasmota's own discovery: what a device is, says and is told. The shapes are those of firmware 15."""

# ruff: noqa: E501 - one case a line, however long

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from assistant.config import HouseSettings
from assistant.home.discovery import LeftOut
from assistant.home.registry import Registry
from assistant.home.tasmota.discovery import Tasmota
from assistant.models import Value
from tests.home.devices import Sent, ordered, sent

MAC = "A4CF12D5B6E0"
CONFIG = f"tasmota/discovery/{MAC}/config"
SENSORS = f"tasmota/discovery/{MAC}/sensors"
PLUG: dict[str, Any] = {
    "ip": "192.168.1.20", "dn": "Washing machine", "fn": ["Washing machine", None, None, None, None, None, None, None],
    "hn": "tasmota-D5B6E0-5856", "mac": MAC, "md": "Nous A1T", "ty": 0, "if": 0, "cam": 0, "ofln": "Offline", "onln": "Online",
    "state": ["OFF", "ON", "TOGGLE", "HOLD"], "sw": "15.1.0", "t": "washer", "ft": "%prefix%/%topic%/", "tp": ["cmnd", "stat", "tele"],
    "rl": [1, 0, 0, 0, 0, 0, 0, 0], "swc": [-1, -1, -1, -1], "swn": [None, None, None, None], "btn": [0, 0, 0, 0],
    "so": {"4": 0, "11": 0, "13": 0, "17": 0, "20": 0, "30": 0, "68": 0, "73": 0, "82": 0, "114": 0, "117": 0},
    "lk": 1, "lt_st": 0, "bat": 0, "dslp": 0, "sho": [], "sht": [], "ver": 1,
}  # fmt: skip
BULB = {**PLUG, "dn": "Sofa lamp", "fn": ["Sofa lamp"], "t": "sofa", "rl": [2], "lt_st": 5}
BLIND = {**PLUG, "dn": "Tasmota", "fn": ["Tasmota"], "t": "blind", "rl": [3, 3], "sho": [0], "sht": [[-90, 90, 10]]}
ENERGY = {
    "Time": "2026-11-24T08:00:00",
    "ENERGY": {"TotalStartTime": "2026-01-01T00:00:00", "Total": 5.1, "Power": 0, "Voltage": 0, "Factor": 0.0},
}


class House:
    """Messages go in as they come from the broker."""

    def __init__(self) -> None:
        self.tasmota = Tasmota()
        self.registry = Registry(HouseSettings())

    def hears(self, topic: str, payload: Mapping[str, object] | str | None) -> None:
        data = b"" if payload is None else (payload if isinstance(payload, str) else json.dumps(payload)).encode()
        if self.tasmota.covers(topic):
            for change in self.tasmota.read(topic, data):
                self.registry.apply(change)
        else:
            self.registry.receive(topic, data)

    def names(self) -> dict[str, str]:
        return {entity.id: entity.name for entity in self.registry.entities()}

    def state(self, entity_id: str) -> tuple[str | None, Mapping[str, Value]]:
        state = self.registry.state(entity_id)
        return state.value, state.attributes


def house(config: Mapping[str, object], sensors: Mapping[str, object] | None = None) -> House:
    found = House()
    if sensors is not None:
        found.hears(SENSORS, {"sn": sensors, "ver": 1})
    found.hears(CONFIG, config)
    return found


def test_a_plug_that_measures() -> None:
    found = house(PLUG, ENERGY)
    assert found.names() == {
        "switch.washing_machine": "Washing machine",
        "sensor.washing_machine_total": "Washing machine Total",
        "sensor.washing_machine_power": "Washing machine Power",
        "sensor.washing_machine_voltage": "Washing machine Voltage",
        "sensor.washing_machine_factor": "Washing machine Factor",
    }
    power = found.registry.entity("sensor.washing_machine_power")
    assert power is not None
    assert (power.source, power.name_source) == ("tasmota", "device")
    assert (power.device_class, power.unit) == ("power", "W")

    found.hears("tele/washer/LWT", "Online")
    found.hears("stat/washer/RESULT", {"POWER": "ON"})
    found.hears(
        "tele/washer/SENSOR", {"Time": "…", "ENERGY": {"Total": 5.2, "Power": 812, "Voltage": 231, "Factor": 0.97}}
    )
    assert found.state("switch.washing_machine") == ("on", {})
    assert found.state("sensor.washing_machine_power") == ("812", {})

    found.hears("tele/washer/STATE", {"Time": "…", "POWER": "OFF", "Wifi": {"RSSI": 80}})
    found.hears(
        "stat/washer/STATUS10", {"StatusSNS": {"ENERGY": {"Total": 5.3, "Power": 3, "Voltage": 231, "Factor": 0.5}}}
    )
    assert found.state("switch.washing_machine") == ("off", {})
    assert found.state("sensor.washing_machine_power") == ("3", {})
    assert found.registry.state("switch.washing_machine").available
    found.hears("tele/washer/LWT", "Offline")
    assert not found.registry.state("switch.washing_machine").available


@pytest.mark.parametrize(
    ("config", "entity_id", "service", "arguments", "messages"),
    [
        (PLUG, "switch.washing_machine", "turn_on", {}, [("cmnd/washer/POWER1", "ON")]),
        ({**PLUG, "ft": "home/%id%/%topic%/%prefix%", "state": ["aus", "an", "um", "halt"]}, "switch.washing_machine", "turn_off", {}, [("home/D5B6E0/washer/cmnd/POWER1", "aus")]),
        (BULB, "light.sofa_lamp", "turn_on", {"brightness": 40}, [("cmnd/sofa/Dimmer", "40"), ("cmnd/sofa/POWER1", "ON")]),
        (BULB, "light.sofa_lamp", "turn_on", {"color": "red"}, [("cmnd/sofa/Color2", "255,0,0"), ("cmnd/sofa/POWER1", "ON")]),
        (BULB, "light.sofa_lamp", "turn_on", {"color_temperature": 2700}, [("cmnd/sofa/CT", "370"), ("cmnd/sofa/POWER1", "ON")]),
        ({**BULB, "lk": 0, "rl": [2, 2]}, "light.sofa_lamp", "turn_on", {"color": "blue"}, [("cmnd/sofa/Color2", "0,0,255="), ("cmnd/sofa/POWER1", "ON")]),
        ({**BULB, "lk": 0, "rl": [2, 2]}, "light.sofa_lamp_light_2", "turn_on", {"brightness": 10}, [("cmnd/sofa/Dimmer2", "10"), ("cmnd/sofa/POWER2", "ON")]),
        ({**BULB, "so": {"68": 1}, "rl": [2, 2], "lt_st": 3}, "light.sofa_lamp_light_2", "turn_on", {"brightness": 10}, [("cmnd/sofa/Channel2", "10"), ("cmnd/sofa/POWER2", "ON")]),
        ({**PLUG, "so": {"30": 1}}, "light.washing_machine", "turn_on", {}, [("cmnd/washer/POWER1", "ON")]),
        (BLIND, "cover.tasmota_shutter_1", "open_cover", {}, [("cmnd/blind/Backlog", "ShutterOpen1")]),
        (BLIND, "cover.tasmota_shutter_1", "stop_cover", {}, [("cmnd/blind/Backlog", "ShutterStop1")]),
        (BLIND, "cover.tasmota_shutter_1", "set_cover_position", {"position": 30}, [("cmnd/blind/ShutterPosition1", "30")]),
        ({**BLIND, "sho": [1]}, "cover.tasmota_shutter_1", "set_cover_position", {"position": 30}, [("cmnd/blind/ShutterPosition1", "70")]),
        (BLIND, "cover.tasmota_shutter_1", "set_cover_tilt_position", {"tilt_position": 75}, [("cmnd/blind/ShutterTilt1", "45")]),
        ({**PLUG, "if": 1, "rl": [2, 1, 1, 1]}, "fan.washing_machine", "set_percentage", {"percentage": 100}, [("cmnd/washer/FanSpeed", "2"), ("cmnd/washer/FanSpeed", "3")]),
        ({**PLUG, "if": 1, "rl": [2, 0, 0, 0]}, "fan.washing_machine", "turn_off", {}, [("cmnd/washer/FanSpeed", "0")]),
    ],
)  # fmt: skip
def test_what_is_sent(
    config: dict[str, object], entity_id: str, service: str, arguments: dict[str, Value], messages: Sent
) -> None:
    record = house(config).registry.record(entity_id)
    assert record is not None, house(config).names()

    assert sent(record, service, **arguments) == messages


def test_a_bulb_shines_in_a_colour_or_in_a_white() -> None:
    found = house(BULB)
    whites = {
        "POWER": "ON",
        "Dimmer": 100,
        "Color": "000000FF62",
        "HSBColor": "0,0,0",
        "White": 100,
        "CT": 370,
        "Channel": [0, 0, 0, 100, 38],
    }
    found.hears("stat/sofa/RESULT", whites)
    assert found.state("light.sofa_lamp") == ("on", {"brightness": 100, "color_temperature": 2703})

    colours = {
        "POWER": "ON",
        "Dimmer": 50,
        "Color": "0000800000",
        "HSBColor": "240,100,50",
        "White": 0,
        "CT": 370,
        "Channel": [0, 0, 50, 0, 0],
    }
    found.hears("tele/sofa/STATE", colours)
    assert found.state("light.sofa_lamp") == ("on", {"brightness": 50, "color": "blue"})
    lamp = found.registry.entity("light.sofa_lamp")
    assert lamp is not None
    assert lamp.features >= {"brightness", "color", "color_temperature"}
    assert (lamp.limits["color_temperature"].minimum, lamp.limits["color_temperature"].maximum) == (2000, 6536)


def test_a_shutter_says_where_it_is_and_which_way_it_goes() -> None:
    found = house(BLIND)
    found.hears("stat/blind/RESULT", {"Shutter1": {"Position": 54, "Direction": 1, "Target": 100, "Tilt": 0}})
    assert found.state("cover.tasmota_shutter_1") == ("opening", {"position": 54, "tilt_position": 50})
    found.hears("tele/blind/SENSOR", {"Shutter1": {"Position": 100, "Direction": 0, "Target": 100}})
    assert found.state("cover.tasmota_shutter_1")[0] == "open"
    found.hears("stat/blind/STATUS10", {"StatusSNS": {"Shutter1": {"Position": 0, "Direction": 0, "Target": 0}}})
    assert found.state("cover.tasmota_shutter_1")[0] == "closed"
    # the relays that move it are nobody's switches
    assert list(found.names()) == ["cover.tasmota_shutter_1"]


def test_an_inverted_shutter() -> None:
    found = house({**BLIND, "sho": [1], "sht": []})
    found.hears("stat/blind/RESULT", {"Shutter1": {"Position": 30, "Direction": 1, "Target": 100}})
    assert found.state("cover.tasmota_shutter_1") == ("closing", {"position": 70})


def test_names_as_people_gave_them() -> None:
    """ "Tasmota" is what nobody has named; saying it before each socket helps nobody."""
    strip = {**PLUG, "dn": "Tasmota", "fn": ["Tasmota", "Beer", "Milk", None], "rl": [1, 1, 1, 1]}
    assert house(strip).names() == {
        "switch.tasmota": "Tasmota",
        "switch.tasmota_beer": "Beer",
        "switch.tasmota_milk": "Milk",
        "switch.tasmota_switch_4": "Switch 4",
    }


def test_a_strip_of_relays_speaks_of_each() -> None:
    found = house({**PLUG, "rl": [1, 1], "fn": ["Left", "Right"]})
    found.hears("stat/washer/RESULT", {"POWER2": "ON"})
    assert found.state("switch.washing_machine_right") == ("on", {})
    assert found.state("switch.washing_machine_left") == (None, {})
    found.hears("tele/washer/STATE", {"POWER1": "OFF", "POWER2": "OFF"})
    assert found.state("switch.washing_machine_left") == ("off", {})


def test_inputs_that_tell_on_from_off() -> None:
    found = house({**PLUG, "swc": [1, 0, 13], "swn": ["Window", None, None]})
    assert {name for name in found.names() if name.startswith("binary_sensor.")} == {
        "binary_sensor.washing_machine_window",
        "binary_sensor.washing_machine_switch_3_input",
    }
    found.hears("stat/washer/RESULT", {"Window": {"Action": "ON"}})
    assert found.state("binary_sensor.washing_machine_window") == ("on", {})
    found.hears("tele/washer/SENSOR", {"Window": "OFF"})
    assert found.state("binary_sensor.washing_machine_window") == ("off", {})


def test_sensors_of_all_shapes() -> None:
    sample = {
        "Time": "…", "TempUnit": "C", "PressureUnit": "hPa", "SpeedUnit": "km/h",
        "DS18B20": {"Id": "01131B123456", "Temperature": 20.6},
        "BME280": {"Temperature": 21.0, "Humidity": 40.1, "DewPoint": 7.0, "Pressure": 1013.2},
        "ANALOG": {"Temperature1": 19.8, "A0": 512},
        "ENERGY": {"Power": [1, 2], "Total": 5.0},
        "TX23": {"Speed": {"Avg": 3.1}},
        "bad}}{{ key": {"Temperature": 1},
    }  # fmt: skip
    found = house({**PLUG, "rl": []}, sample)
    units = {
        entity.name.removeprefix("Washing machine "): (entity.device_class, entity.unit)
        for entity in found.registry.entities()
    }
    assert units == {
        "DS18B20 Temperature": ("temperature", "°C"),
        "BME280 Temperature": ("temperature", "°C"),
        "BME280 Humidity": ("humidity", "%"),
        "BME280 DewPoint": ("temperature", "°C"),
        "BME280 Pressure": ("pressure", "hPa"),
        "ANALOG Temperature1": ("temperature", "°C"),
        "ANALOG A0": (None, None),
        "Power 1": ("power", "W"),
        "Power 2": ("power", "W"),
        "Total": ("energy", "kWh"),
        "TX23 Speed Avg": ("speed", "km/h"),
    }
    found.hears("tele/washer/SENSOR", {"ENERGY": {"Power": [7, 9], "Total": 5.1}, "TX23": {"Speed": {"Avg": 4.5}}})
    assert found.state("sensor.washing_machine_power_2") == ("9", {})
    assert found.state("sensor.washing_machine_tx23_speed_avg") == ("4.5", {})


def test_devices_are_asked_as_the_broker_keeps_nothing_of_them() -> None:
    found = house(PLUG, ENERGY)
    asked = {record.entity.id: record.question for record in found.registry.records()}
    plug, meter = asked["switch.washing_machine"], asked["sensor.washing_machine_power"]
    assert plug is not None
    assert meter is not None
    assert (plug.topic, plug.payload) == ("cmnd/washer/STATE", "")
    assert (meter.topic, meter.payload) == ("cmnd/washer/STATUS", "10")


def test_what_is_taken_away_is_gone() -> None:
    found = house(PLUG, ENERGY)
    found.hears(CONFIG, {**PLUG, "rl": [0]})
    assert "switch.washing_machine" not in found.names()
    assert "sensor.washing_machine_power" in found.names()
    found.hears(SENSORS, {"sn": {"Time": "…"}, "ver": 1})
    assert found.names() == {}

    found = house(PLUG, ENERGY)
    found.hears(CONFIG, None)
    assert found.names() == {}


def test_a_sleeper_is_not_away() -> None:
    found = house({**PLUG, "dslp": 1})
    assert found.registry.state("switch.washing_machine").available


@pytest.mark.parametrize(
    "data",
    [b"not JSON", b"[]", b"{}", b'{"mac": 5}', b"\xff", b"[" * 100_000, b"x" * 1_000_000,
     json.dumps({**PLUG, "ft": "home/#/"}).encode(), json.dumps({**PLUG, "rl": "many"}).encode(),
     json.dumps({**PLUG, "tp": ["cmnd"]}).encode(), json.dumps({**PLUG, "state": []}).encode()],
    ids=lambda data: repr(data[:30]),
)  # fmt: skip
def test_nonsense_is_left_out_with_a_reason(data: bytes) -> None:
    for topic in (CONFIG, SENSORS):
        for change in Tasmota().read(topic, data):
            assert isinstance(change, LeftOut)
            assert change.reason.isprintable()


def test_a_plug_is_confirmed_by_what_it_says() -> None:
    found = house(PLUG)
    record = found.registry.record("switch.washing_machine")
    assert record is not None
    wanted = ordered(record, "turn_on")
    assert wanted.expected is not None
    found.hears("stat/washer/RESULT", {"POWER": "OFF"})
    assert not wanted.expected(record.state())
    found.hears("stat/washer/RESULT", {"POWER": "ON"})
    assert wanted.expected(record.state())
