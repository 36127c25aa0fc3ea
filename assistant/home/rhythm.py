"""How long a device's last word tells what is: by its own rhythm where it has told one, else by house.stale_hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ha_mqtt_models_pydantic import Climate, MqttEntityCommon, Sensor

from assistant.home.templates import Payload
from assistant.models import State


def is_stale(
    state: State, config: MqttEntityCommon, silent: timedelta, patience: timedelta, present: Callable[[], bool]
) -> bool:
    """Whether what was reported may be over by now.

    silent: since it was last heard; patience: how long one may be silent who has not told how often it reports.
    present: whether the device itself says that it is there, so that a switch or a door would have told of a change.
    """
    if state.value is None:
        return False
    if not state.available:  # also because it did not report as often as it said (expire_after)
        return True
    if state.at is None and not _says_whether_it_is_there(config):
        return True
    if getattr(config, "expire_after", None):
        return False
    return silent > patience and (_measures(config) or not present())


def last_seen(payload: Payload) -> datetime | None:
    """When the device was last heard by its bridge, where a zigbee2mqtt message tells; as text or in milliseconds."""
    if '"last_seen"' not in payload.text or not payload.is_json or not isinstance(payload.json, dict):
        return None
    said = payload.json.get("last_seen")
    try:
        if isinstance(said, int | float) and not isinstance(said, bool):
            return datetime.fromtimestamp(said / 1000, UTC)
        at = datetime.fromisoformat(said) if isinstance(said, str) else None
        return at.astimezone(UTC) if at else None
    except (ValueError, OverflowError, OSError):
        return None


def _says_whether_it_is_there(config: MqttEntityCommon) -> bool:
    return bool(config.availability or config.availability_topic)


def _measures(config: MqttEntityCommon) -> bool:
    """It reports again and again, not only when something happens; a meter's count stands as long as nothing runs."""
    match config:
        case Climate():
            return config.current_temperature_topic is not None
        case Sensor():
            counts = str(config.state_class or "").rpartition(".")[2].lower().startswith("total")
            return bool(config.unit_of_measurement) and not counts
    return False
