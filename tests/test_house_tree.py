"""`devices`: every fact of the house in one object an entity, and the same as a tree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from assistant.house_tree import house_tree
from assistant.models import Entity, State
from assistant.record import inventory
from tests.fakes import FakeHouse, thing

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def rows(house: FakeHouse, *, hidden: bool = False) -> dict[str, dict[str, Any]]:
    return {row["entity"]: row for row in inventory(house, NOW, hidden=hidden)}


def drawn(house: FakeHouse, *more: dict[str, Any], hidden: bool = False) -> list[str]:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(house_tree([*inventory(house, NOW, hidden=hidden), *more]))
    return capture.get().splitlines()


def test_one_object_an_entity_with_every_fact() -> None:
    house = FakeHouse()
    house.add(
        Entity("light.lamp", "Lamp", "Kitchen", "Ground floor", aliases={"it": ("la lampada",)}, critical=True,
               name_source="topic", room_source="name")
    )  # fmt: skip
    house.states["light.lamp"] = State("light.lamp", "on", {"brightness": 80}, NOW - timedelta(minutes=3))

    assert rows(house)["light.lamp"] == {
        "entity": "light.lamp", "name": "Lamp", "name_source": "topic", "aliases": {"it": ["la lampada"]},
        "floor": "Ground floor", "room": "Kitchen", "room_source": "name", "state": "on", "unit": None,
        "attributes": {"brightness": 80}, "available": True, "since": "2026-11-24T11:57:00+00:00", "age_seconds": 180,
        "stale": False, "hidden": False, "critical": True, "readable": True, "source": "mqtt",
    }  # fmt: skip


def test_what_is_hidden_is_shown_on_request_only() -> None:
    assert "sensor.router_uptime" not in rows(FakeHouse())
    assert rows(FakeHouse(), hidden=True)["sensor.router_uptime"]["hidden"] is True


def test_a_tree_by_floor_and_room() -> None:
    lines = drawn(FakeHouse([
        Entity("light.ceiling", "Ceiling", "Bedroom", "First floor"),
        Entity("light.hob", "Hob", "Kitchen", "Ground floor"),
        Entity("light.oven", "Oven", "Kitchen", "Ground floor"),
        Entity("light.shed", "Shed", "Garden"),
        Entity("light.torch", "Torch"),
    ]))  # fmt: skip

    assert [line.split("  light.")[0].rstrip() for line in lines] == [
        "House",
        "├── Ground floor",
        "│   └── Kitchen",
        "│       ├── Hob  unknown",
        "│       └── Oven  unknown",
        "├── First floor",
        "│   └── Bedroom",
        "│       └── Ceiling  unknown",
        "├── Garden",
        "│   └── Shed  unknown",
        "└── in no room",
        "    └── Torch  unknown",
    ]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State("sensor.t", "21.5", at=NOW - timedelta(seconds=40)), "21.5 °C  40 s ago"),
        (State("sensor.t", "21.5", at=NOW - timedelta(minutes=3)), "21.5 °C  3 min ago"),
        (State("sensor.t", "21.5", at=NOW - timedelta(hours=30), stale=True), "21.5 °C  stale: 30 h ago"),
        (State("sensor.t", "21.5", at=NOW - timedelta(days=6), stale=True), "21.5 °C  stale: 6 days ago"),
        (State("sensor.t", "21.5"), "21.5 °C  age unknown"),
        (State("sensor.t", "21.5", stale=True), "21.5 °C  stale: age unknown"),
        (
            State("sensor.t", "21.5", at=NOW - timedelta(hours=3), available=False, stale=True),
            "away, was 21.5  stale: 3 h ago",
        ),
        (State("sensor.t", available=False), "away"),
        (State("sensor.t"), "unknown"),
        (State("sensor.t", "on", {"brightness": 80, "effect": "party"}, NOW), "on, brightness 80 %  0 s ago"),
        (State("sensor.t", "heat", {"temperature": 20.5}, NOW), "heat, temperature 20.5 °C  0 s ago"),
    ],
    ids=str,
)
def test_how_a_device_is_and_since_when(state: State, told: str) -> None:
    house = FakeHouse([Entity("sensor.t", "T", unit="°C" if state.value != "on" else None)])
    house.states["sensor.t"] = state
    (line,) = [line for line in drawn(house) if "sensor.t" in line]

    assert line.strip(" └─") == f"T  {told}  sensor.t  named by the device"


def test_who_named_it_and_what_else_to_know() -> None:
    house = FakeHouse([])
    house.add(
        replace(thing("switch.freezer", "Garage", critical=True), name_source="config.yaml", room_source="config.yaml"),
        replace(thing("light.hue", "Kitchen"), name_source="Home Assistant", room_source="device",
                source="home assistant"),
        Entity("light.group_all", "All", hidden=True, members=("light.hue", "light.x"), name_source="config.yaml"),
    )  # fmt: skip
    origins = {line.split("  ")[-2]: line.split("  ")[-1] for line in drawn(house) if "named" in line}

    assert origins == {
        "switch.freezer": "named and placed by config.yaml; critical",
        "light.hue": "named by Home Assistant; placed by the device; through home assistant",
        "light.group_all": "named by config.yaml; = light.hue, light.x",
    }


def test_what_was_left_out_with_the_reason() -> None:
    lines = drawn(
        FakeHouse([]), {"left_out": "homeassistant/camera/door/config", "reason": "pictures cannot be spoken"}
    )

    assert lines == [
        "No device has announced itself",
        "└── left out",
        "    └── homeassistant/camera/door/config  pictures cannot be spoken",
    ]


def test_a_name_is_no_markup() -> None:
    assert any("[red]Lamp[/]" in line for line in drawn(FakeHouse([Entity("light.l", "[red]Lamp[/]")])))
