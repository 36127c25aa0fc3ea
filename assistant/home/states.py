"""What devices report, in Home Assistant's words and our units: one list of readings for each announced component.

A reading is a topic and a function that notes in the entity's report what a message on it says. It raises Unreadable
for what the device's own template or words do not cover; the old state then stays, as in Home Assistant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ha_mqtt_models_pydantic import (
    BinarySensor,
    Climate,
    Cover,
    Fan,
    LightBasic,
    LightJson,
    LightTemplate,
    Lock,
    MqttEntityCommon,
    Sensor,
    Siren,
    Switch,
    Vacuum,
    Valve,
)

from assistant.home import lamps
from assistant.home.cleaning import finite, plain
from assistant.home.scales import percent_of, speed_percent
from assistant.home.templates import Payload, Unreadable, number, read
from assistant.models import Value

Report = dict[str, Value]
"""`state` and the attributes of models.State, as last reported."""


@dataclass(frozen=True, slots=True)
class Reading:
    topic: str
    note: Callable[[Payload, Report], None]


def readings(config: MqttEntityCommon, reports_position: bool = False) -> list[Reading]:
    """Everything that the component reports, by topic."""
    match config:
        case LightBasic() | LightJson() | LightTemplate():
            return [Reading(topic, note) for topic, note in lamps.readings(config)]
        case Switch():
            on, off = config.state_on or config.payload_on, config.state_off or config.payload_off
            return _words("state", config.state_topic, config.value_template, {on: "on", off: "off"})
        case Siren():
            return _words(
                "state",
                config.state_topic,
                config.state_value_template,
                {config.payload_on: "on", config.payload_off: "off"},
            )
        case BinarySensor():
            words = {config.payload_on: "on", config.payload_off: "off"}
            return _words("state", config.state_topic, config.value_template, words)
        case Sensor():
            counts = bool(config.unit_of_measurement or config.state_class)
            return _text("state", config.state_topic, config.value_template, counts=counts)
        case Cover():
            return _cover(config)
        case Climate():
            return _climate(config)
        case Lock():
            return _lock(config)
        case Fan():
            return _fan(config)
        case Vacuum():
            return [Reading(config.state_topic, _note_vacuum)] if config.state_topic else []
        case Valve():
            return _valve(config, reports_position)
        case _:
            topic, template = getattr(config, "state_topic", None), getattr(config, "value_template", None)
            return _text("state", topic, template)


def settle(report: Mapping[str, Value], domain: str) -> str | None:
    """The state's word, derived from the position where a cover or valve reports only that."""
    state, position = report.get("state"), report.get("position")
    if domain in ("cover", "valve") and isinstance(position, int | float):
        if state in ("opening", "closing"):
            return str(state)
        return "closed" if position == 0 else "open"
    return None if state is None else str(state)


def tidy(report: Report) -> None:
    """In place: no text that the journal, the terminal or the voice could not take, and only finite numbers."""
    for key, value in report.items():
        if isinstance(value, str):
            report[key] = plain(value)
        elif isinstance(value, float) and not math.isfinite(value):
            report[key] = None


# ── one topic, one value ─────────────────────────────────────────────────────────────────


def _words(key: str, topic: str | None, template: str | None, words: Mapping[str, str]) -> list[Reading]:
    """A value that is one of the device's own words."""

    def note(payload: Payload, report: Report) -> None:
        text = read(template, payload)
        if text in words:
            report[key] = words[text]
        elif text == "None":
            report[key] = None
        else:
            raise Unreadable(f"{text[:80]!r} is none of {', '.join(words)}")

    return [Reading(topic, note)] if topic else []


def _text(
    key: str, topic: str | None, template: str | None, *, lower: bool = False, counts: bool = False
) -> list[Reading]:
    """counts: it is a number, though reported as text; "nan" is then no value."""

    def note(payload: Payload, report: Report) -> None:
        text = read(template, payload)
        if text == "":
            raise Unreadable("says nothing")
        value = None if text == "None" or (counts and _is_endless(text)) else text
        report[key] = value.lower() if value and lower else value

    return [Reading(topic, note)] if topic else []


def _number(key: str, topic: str | None, template: str | None) -> list[Reading]:
    def note(payload: Payload, report: Report) -> None:
        report[key] = number(read(template, payload))

    return [Reading(topic, note)] if topic else []


def _is_endless(text: str) -> bool:
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False


# ── by kind ──────────────────────────────────────────────────────────────────────────────


def _cover(config: Cover) -> list[Reading]:
    words = {
        config.state_open: "open",
        config.state_closed: "closed",
        config.state_opening: "opening",
        config.state_closing: "closing",
    }

    def note_state(payload: Payload, report: Report) -> None:
        text = read(config.value_template, payload)
        if text == config.state_stopped:
            report["state"] = "closed" if report.get("state") in ("closed", "closing") else "open"
        elif text in words:
            report["state"] = words[text]
        elif text == "None":
            report["state"] = None
        else:
            raise Unreadable(f"{text[:80]!r} is none of {', '.join(words)}")

    def note_position(payload: Payload, report: Report) -> None:
        text = read(config.position_template, payload)
        inner = Payload(text)
        if inner.is_json and isinstance(inner.json, dict):
            _note_tilt(config, inner.json.get("tilt_position"), report)
            text = str(inner.json.get("position", "None"))
        position = number(text)
        if position is not None:
            report["position"] = percent_of(position, config.position_closed, config.position_open)
            if config.state_topic is None:
                report["state"] = None

    def note_tilt(payload: Payload, report: Report) -> None:
        _note_tilt(config, read(config.tilt_status_template, payload), report)

    found = []
    # The position first: where both come in one message, "stopped" is judged by where it stopped.
    if config.get_position_topic:
        found.append(Reading(config.get_position_topic, note_position))
    if config.state_topic:
        found.append(Reading(config.state_topic, note_state))
    if config.tilt_status_topic:
        found.append(Reading(config.tilt_status_topic, note_tilt))
    return found


def _note_tilt(config: Cover, value: object, report: Report) -> None:
    tilt = None if value is None else number(str(value))
    if tilt is not None:
        report["tilt_position"] = percent_of(tilt, config.tilt_min, config.tilt_max)


def _climate(config: Climate) -> list[Reading]:
    shared = config.value_template
    return [
        *_text("state", config.mode_state_topic, config.mode_state_template or shared, lower=True),
        *_number("temperature", config.temperature_state_topic, config.temperature_state_template or shared),
        *_number(
            "current_temperature", config.current_temperature_topic, config.current_temperature_template or shared
        ),
        *_number(
            "target_temp_low", config.temperature_low_state_topic, config.temperature_low_state_template or shared
        ),
        *_number(
            "target_temp_high", config.temperature_high_state_topic, config.temperature_high_state_template or shared
        ),
        *_number("current_humidity", config.current_humidity_topic, config.current_humidity_template or shared),
        *_number("humidity", config.target_humidity_state_topic, config.target_humidity_state_template or shared),
        *_text("hvac_action", config.action_topic, config.action_template or shared),
        *_text("fan_mode", config.fan_mode_state_topic, config.fan_mode_state_template or shared),
        *_text("swing_mode", config.swing_mode_state_topic, config.swing_mode_state_template or shared),
        *_text("preset_mode", config.preset_mode_state_topic, config.preset_mode_value_template or shared),
    ]


def _lock(config: Lock) -> list[Reading]:
    words = {
        config.state_jammed: "jammed",
        config.state_opening: "opening",
        config.state_open: "open",
        config.state_locking: "locking",
        config.state_unlocking: "unlocking",
        config.state_locked: "locked",
        config.state_unlocked: "unlocked",
    }
    return _words("state", config.state_topic, config.value_template, words)


def _fan(config: Fan) -> list[Reading]:
    lowest, highest = config.speed_range_min, config.speed_range_max

    def note_percentage(payload: Payload, report: Report) -> None:
        text = read(config.percentage_value_template, payload)
        step = None if text == config.payload_reset_percentage else number(text)
        report["percentage"] = None if step is None else speed_percent(step, lowest, highest)

    def note_preset(payload: Payload, report: Report) -> None:
        text = read(config.preset_mode_value_template, payload)
        if text == config.payload_reset_preset_mode:
            report["preset_mode"] = None
        elif text in (config.preset_modes or ()):
            report["preset_mode"] = text

    found = _words(
        "state", config.state_topic, config.state_value_template, {config.payload_on: "on", config.payload_off: "off"}
    )
    if config.percentage_state_topic:
        found.append(Reading(config.percentage_state_topic, note_percentage))
    if config.preset_mode_state_topic:
        found.append(Reading(config.preset_mode_state_topic, note_preset))
    return [
        *found,
        *_words(
            "oscillating",
            config.oscillation_state_topic,
            config.oscillation_value_template,
            {config.payload_oscillation_on: "on", config.payload_oscillation_off: "off"},
        ),
        *_text("direction", config.direction_state_topic, config.direction_value_template),
    ]


def _note_vacuum(payload: Payload, report: Report) -> None:
    """Always JSON: {"state": "docked", "fan_speed": "max", "battery_level": 80}."""
    said = payload.json
    if not isinstance(said, dict):
        raise Unreadable(f"{payload.text[:80]!r} is not an object")
    state = said.get("state")
    if isinstance(state, str) and state in ("cleaning", "docked", "paused", "idle", "returning", "error"):
        report["state"] = state
    for key in ("fan_speed", "battery_level"):
        value = said.get(key)
        if isinstance(value, str):
            report[key] = value
        elif isinstance(value, int | float):
            report[key] = finite(value)


def _valve(config: Valve, reports_position: bool) -> list[Reading]:
    words = {
        config.state_open: "open",
        config.state_closed: "closed",
        config.state_opening: "opening",
        config.state_closing: "closing",
    }
    moving = {config.state_opening: "opening", config.state_closing: "closing"}

    def note(payload: Payload, report: Report) -> None:
        text = read(config.value_template, payload)
        inner = Payload(text)
        position: object = None
        if inner.is_json and isinstance(inner.json, dict):
            position, text = inner.json.get("position"), str(inner.json.get("state", ""))
        elif reports_position and text not in moving:
            position, text = text, ""
        if text:
            if text not in words:
                raise Unreadable(f"{text[:80]!r} is none of {', '.join(words)}")
            report["state"] = words[text]
        step = None if position is None else number(str(position))
        if step is not None:
            report["position"] = percent_of(step, config.position_closed, config.position_open)
            if not text:
                report["state"] = None

    return [Reading(config.state_topic, note)] if config.state_topic else []
