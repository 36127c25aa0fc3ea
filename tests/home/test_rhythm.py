"""When a reading is too old to be what is, with a clock that moves when told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from assistant.config import HouseSettings
from assistant.home.discovery import Discovery
from assistant.home.registry import Registry

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DISCOVERY = Discovery("homeassistant")

THERMOMETER = {"name": "T", "stat_t": "t", "unit_of_meas": "°C", "val_tpl": "{{ value_json.temperature }}"}
METER = {"name": "M", "stat_t": "t", "unit_of_meas": "kWh", "stat_cla": "total_increasing"}
DOOR = {"name": "D", "stat_t": "t"}


class World:
    """One device and the clock."""

    def __init__(self, domain: str, payload: Mapping[str, object], **settings: object) -> None:
        self.now = NOON
        self.registry = Registry(HouseSettings.model_validate(settings), clock=lambda: self.now)
        self.announce(domain, "x", payload)
        self.id = self.registry.entities()[0].id

    def announce(self, domain: str, thing: str, payload: Mapping[str, object]) -> None:
        for change in DISCOVERY.read(f"homeassistant/{domain}/{thing}/config", json.dumps(payload).encode()):
            self.registry.apply(change)

    def hear(self, text: str, *, topic: str = "t", kept: bool = False) -> None:
        self.registry.receive(topic, text.encode(), retained=kept)

    def is_stale(self, **later: float) -> bool:
        self.now = NOON + timedelta(**later)
        return self.registry.state(self.id).stale


def own(payload: Mapping[str, object], name: str = "Box", topic: str = "box/lwt") -> dict[str, object]:
    """With an availability topic, and the device it belongs to."""
    return {**payload, "avty_t": topic, "dev": {"ids": [name], "name": name}}


def test_a_reading_is_what_is_for_a_day() -> None:
    world = World("sensor", THERMOMETER)
    world.hear('{"temperature": 21}')
    assert not world.is_stale(hours=23)
    assert world.is_stale(hours=25)


def test_the_house_may_be_more_or_less_patient() -> None:
    world = World("sensor", THERMOMETER, stale_hours=2)
    world.hear('{"temperature": 21}')
    assert not world.is_stale(hours=1.9)
    assert world.is_stale(hours=2.1)


def test_a_device_that_tells_its_rhythm_is_taken_at_its_word() -> None:
    world = World("sensor", {**THERMOMETER, "exp_aft": 600})
    world.hear('{"temperature": 21}')
    assert not world.is_stale(seconds=590)
    assert world.is_stale(seconds=610)

    patient = World("binary_sensor", {**DOOR, "exp_aft": 7 * 86_400})
    patient.hear("ON")
    assert not patient.is_stale(days=6)


def test_what_nobody_reported_is_unknown_and_not_stale() -> None:
    assert not World("sensor", THERMOMETER).is_stale(days=9)


def test_a_device_that_says_that_it_is_there_would_have_told_of_a_change() -> None:
    """A door that was shut a week ago is shut; a thermometer that fell silent is not believed for that."""
    door = World("binary_sensor", own(DOOR))
    door.hear("online", topic="box/lwt")
    door.hear("OFF")
    assert not door.is_stale(days=7)

    thermometer = World("sensor", own(THERMOMETER))
    thermometer.hear("online", topic="box/lwt")
    thermometer.hear('{"temperature": 21}')
    assert thermometer.is_stale(days=2)

    meter = World("sensor", own(METER))
    meter.hear("online", topic="box/lwt")
    meter.hear("731.5")
    assert not meter.is_stale(days=7)


def test_the_same_device_may_say_so_for_all_that_it_has() -> None:
    world = World("binary_sensor", own(DOOR))
    world.announce("sensor", "battery", own({"name": "B", "stat_t": "b"}))
    world.hear("online", topic="box/lwt")
    world.hear("OFF")
    assert not world.is_stale(days=7)


def test_a_bridge_that_is_there_proves_nothing_of_its_devices() -> None:
    world = World("binary_sensor", own(DOOR, topic="bridge/state"))
    world.announce("switch", "other", own({"name": "O", "cmd_t": "o"}, "Other", "bridge/state"))
    world.hear("online", topic="bridge/state")
    world.hear("OFF")
    assert not world.is_stale(hours=23)
    assert world.is_stale(days=2)


def test_what_the_broker_kept_of_a_device_that_never_says_whether_it_is_there() -> None:
    world = World("sensor", THERMOMETER)
    world.hear('{"temperature": 21}', kept=True)
    assert world.is_stale()
    assert world.registry.state(world.id).at is None

    world.hear('{"temperature": 21}')
    assert not world.is_stale()
    assert world.registry.state(world.id).at == NOON


def test_what_the_broker_kept_of_a_device_that_is_there_counts_from_when_we_heard_it() -> None:
    world = World("sensor", own(THERMOMETER))
    world.hear("online", topic="box/lwt", kept=True)
    world.hear('{"temperature": 21}', kept=True)
    assert not world.is_stale(hours=1)
    assert world.registry.state(world.id).at is None
    assert world.is_stale(hours=25)


def test_what_the_broker_repeats_after_a_reconnect_is_no_news() -> None:
    world = World("sensor", THERMOMETER)
    world.hear('{"temperature": 21}')
    world.now = NOON + timedelta(hours=20)
    world.hear('{"temperature": 21}', kept=True)
    assert world.registry.state(world.id).at == NOON
    assert not world.is_stale(hours=23)
    assert world.is_stale(hours=25)


@pytest.mark.parametrize(
    "seen", ["2026-11-24T09:00:00+00:00", "2026-11-24T10:00:00+01:00", NOON.timestamp() * 1000 - 10_800_000]
)
def test_zigbee2mqtt_tells_when_the_device_was_last_seen(seen: object) -> None:
    """Also of what the broker kept, and of what it publishes from its own memory when it starts."""
    world = World("sensor", THERMOMETER)
    world.hear(json.dumps({"temperature": 21, "last_seen": seen}), kept=True)
    state = world.registry.state(world.id)
    assert (state.at, state.stale) == (NOON - timedelta(hours=3), False)
    assert world.is_stale(hours=22)


@pytest.mark.parametrize("seen", ["yesterday", None, True, [], {}, 1e300, "2090-01-01T00:00:00Z"])
def test_a_last_seen_that_cannot_be_is_not_believed(seen: object) -> None:
    world = World("sensor", THERMOMETER)
    world.hear(json.dumps({"temperature": 21, "last_seen": seen}))
    assert world.registry.state(world.id).at == NOON


def test_a_renamed_device_keeps_the_age_of_its_reading() -> None:
    world = World("sensor", THERMOMETER)
    world.hear('{"temperature": 21}')
    world.now = NOON + timedelta(hours=1)
    world.announce("sensor", "x", {**THERMOMETER, "name": "Cellar"})
    assert world.registry.state(world.id).at == NOON
    assert world.is_stale(hours=25)


def test_the_last_word_of_a_device_that_went_away_is_old() -> None:
    world = World("binary_sensor", own(DOOR))
    world.hear("online", topic="box/lwt")
    world.hear("ON")
    assert not world.is_stale()
    world.hear("offline", topic="box/lwt")
    assert world.is_stale()
