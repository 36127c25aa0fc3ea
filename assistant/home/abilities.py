"""What an announced component can do: features, limits and options in our words."""

from __future__ import annotations

from collections.abc import Mapping

from ha_mqtt_models_pydantic import (
    Climate,
    Cover,
    Fan,
    LightBasic,
    LightJson,
    LightTemplate,
    Lock,
    MqttEntityCommon,
    Number,
    Select,
    Vacuum,
    Valve,
)

from assistant.home import lamps
from assistant.models import Limits


def features(config: MqttEntityCommon, reports_position: bool = False) -> frozenset[str]:
    match config:
        case LightBasic() | LightJson() | LightTemplate():
            return lamps.features(config)
        case Cover():
            has = {
                "open": bool(config.command_topic and config.payload_open),
                "close": bool(config.command_topic and config.payload_close),
                "stop": bool(config.command_topic and config.payload_stop),
                "position": bool(config.set_position_topic),
                "tilt": bool(config.tilt_command_topic),
            }
        case Climate():
            has = {
                "temperature": bool(config.temperature_command_topic),
                "target_temperature_range": bool(config.temperature_low_command_topic),
                "hvac_mode": bool(config.mode_command_topic),
                "fan_mode": bool(config.fan_mode_command_topic),
                "preset_mode": bool(config.preset_mode_command_topic),
                "humidity": bool(config.target_humidity_command_topic),
            }
        case Lock():
            # Home Assistant offers "open" when payload_open is configured; it has no default there.
            has = {"open": "payload_open" in config.model_fields_set}
        case Fan():
            has = {
                "percentage": bool(config.percentage_command_topic),
                "preset_mode": bool(config.preset_mode_command_topic),
                "oscillate": bool(config.oscillation_command_topic),
                "direction": bool(config.direction_command_topic),
            }
        case Vacuum():
            return frozenset(config.supported_features or ())
        case Valve():
            has = {"position": reports_position, "stop": bool(config.payload_stop), "open": True, "close": True}
        case _:
            has = {}
    return frozenset(feature for feature, there in has.items() if there)


def limits(config: MqttEntityCommon) -> Mapping[str, Limits]:
    match config:
        case Climate():
            return {"temperature": Limits(config.min_temp, config.max_temp, config.temp_step)}
        case LightBasic() | LightJson() | LightTemplate() if "color_temperature" in lamps.features(config):
            lowest, highest = lamps.kelvin_range(config)
            return {"color_temperature": Limits(lowest, highest)}
        case Fan() if config.percentage_command_topic:
            return {"percentage": Limits(0, 100, 100 / (config.speed_range_max - config.speed_range_min + 1))}
        case Number():
            return {
                "value": Limits(float(getattr(config, "min", None) or 1), float(getattr(config, "max", None) or 100))
            }
        case _:
            return {}


def options(config: MqttEntityCommon) -> Mapping[str, tuple[str, ...]]:
    match config:
        case Climate():
            found = {
                "hvac_mode": config.modes if config.mode_command_topic else None,
                "fan_mode": config.fan_modes if config.fan_mode_command_topic else None,
                "preset_mode": config.preset_modes if config.preset_mode_command_topic else None,
            }
        case Fan():
            found = {"preset_mode": config.preset_modes if config.preset_mode_command_topic else None}
        case LightBasic() | LightJson() | LightTemplate():
            found = {"effect": config.effect_list if "effect" in lamps.features(config) else None}
        case Vacuum():
            found = {"fan_speed": config.fan_speed_list}
        case Select():
            found = {"option": config.options}
        case _:
            found = {}
    return {name: tuple(str(choice) for choice in choices) for name, choices in found.items() if choices}
