"""What a Tasmota device measures: its sensors message is a sample of what it will report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_SENSORS = 200

SAFE_KEY = re.compile(r"[\w .:+-]{1,64}")
"""What a name in the sample may be to find its way into a template."""

_NOT_SENSORS = frozenset({"Time", "PN532", "RDM6300"})
_UNIMPORTANT = frozenset({"Id", "TotalStartTime"})

_MEANING: Mapping[str, tuple[str | None, str | None]] = {
    "ActivePower": ("power", "W"),
    "Ambient": ("illuminance", "lx"),
    "ApparentPower": ("apparent_power", "VA"),
    "Battery": ("battery", "%"),
    "CarbonDioxide": ("carbon_dioxide", "ppm"),
    "Current": ("current", "A"),
    "DewPoint": ("temperature", "TempUnit"),
    "Distance": ("distance", "cm"),
    "ExportActive": ("energy", "kWh"),
    "Factor": ("power_factor", None),
    "Frequency": ("frequency", "Hz"),
    "Humidity": ("humidity", "%"),
    "Illuminance": ("illuminance", "lx"),
    "ImportActive": ("energy", "kWh"),
    "Moisture": ("moisture", "%"),
    "PM1": ("pm1", "µg/m³"),
    "PM10": ("pm10", "µg/m³"),
    "PM2.5": ("pm25", "µg/m³"),
    "Power": ("power", "W"),
    "Pressure": ("pressure", "PressureUnit"),
    "ReactivePower": ("reactive_power", "var"),
    "SeaPressure": ("pressure", "PressureUnit"),
    "Speed": ("speed", "SpeedUnit"),
    "TVOC": ("volatile_organic_compounds_parts", "ppb"),
    "Temperature": ("temperature", "TempUnit"),
    "Today": ("energy", "kWh"),
    "Total": ("energy", "kWh"),
    "Voltage": ("voltage", "V"),
    "Weight": ("weight", "kg"),
    "Yesterday": ("energy", "kWh"),
    "eCO2": ("carbon_dioxide", "ppm"),
}
"""Device class and unit by quantity; a unit that ends so is told beside the sensors."""

_UNITS = {"C": "°C", "F": "°F"}


@dataclass(frozen=True, slots=True)
class Sensor:
    id: str
    name: str
    options: Mapping[str, Any]
    """Of Home Assistant's sensor, but for the topic."""


def sensors_in(message: Mapping[str, Any]) -> Sequence[Sensor]:
    """Raises ValueError for what is no sensors message."""
    sample = message.get("sn")
    if not isinstance(sample, dict):
        raise ValueError("a sensors message without sn")
    found: list[Sensor] = []
    for path in _paths(sample):
        if len(found) == MOST_SENSORS:
            break
        found.append(_sensor(path, sample))
    return found


def _paths(sample: Mapping[str, Any]) -> Iterator[tuple[str | int, ...]]:
    """{"AM2301": {"Temperature": 21}}, {"ENERGY": {"Power": [1, 2]}}, {"TX23": {"Speed": {"Avg": 3}}}."""
    for chip, values in sample.items():
        if chip in _NOT_SENSORS or not isinstance(values, dict) or not SAFE_KEY.fullmatch(chip):
            continue
        for quantity, value in values.items():
            if quantity in _UNIMPORTANT or not SAFE_KEY.fullmatch(quantity):
                continue
            if isinstance(value, dict):
                yield from ((chip, quantity, detail) for detail in value if SAFE_KEY.fullmatch(detail))
            elif isinstance(value, list):
                yield from ((chip, quantity, place) for place in range(min(len(value), 10)))
            else:
                yield chip, quantity


def _sensor(path: tuple[str | int, ...], sample: Mapping[str, Any]) -> Sensor:
    quantity = _quantity(path)
    device_class, unit = _MEANING.get(quantity, (None, None))
    if unit is not None and unit.endswith("Unit"):
        told = str(sample.get(unit, ""))[:10]
        unit = _UNITS.get(told, told) or None
    steps = "".join(f'["{step}"]' if isinstance(step, str) else f"[{step}]" for step in path)
    said = "{% set said = value_json.StatusSNS | default(value_json) %}"
    options = {
        "value_template": f"{said}{{{{ said{steps} | is_defined }}}}",
        "device_class": device_class,
        "unit_of_measurement": unit,
    }
    return Sensor("_".join(str(step) for step in path), _name(path), _given(options))


def _quantity(path: tuple[str | int, ...]) -> str:
    """{"ANALOG": {"Temperature1": 20}} numbers its pins; {"CTEnergy1": {"Power": 5}} says it at the end."""
    if path[-1] in _MEANING:
        return str(path[-1])
    return str(path[1]).rstrip("0123456789") if path[0] == "ANALOG" else str(path[1])


def _name(path: tuple[str | int, ...]) -> str:
    """ENERGY is no chip's name but what everybody calls it; a phase is counted from one."""
    words = [str(step + 1) if isinstance(step, int) else step for step in path]
    return " ".join(words[1:] if path[0] == "ENERGY" else words)


def _given(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
