"""Names, rooms, ids, availability and states, without a network."""

# ruff: noqa: E501 - one case a line, however long

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from assistant.config import DeviceSettings, HouseSettings, RoomSettings
from assistant.home.discovery import Discovery
from assistant.home.names import slug
from assistant.home.registry import Registry

DISCOVERY = Discovery("homeassistant")


def announce(registry: Registry, domain: str, thing: str, payload: Mapping[str, object] | None) -> str:
    """Returns the discovery topic."""
    topic = f"homeassistant/{domain}/{thing}/config"
    for change in DISCOVERY.read(topic, json.dumps(payload).encode() if payload is not None else b""):
        registry.apply(change)
    return topic


def device(name: str, area: str | None = None) -> dict[str, object]:
    return {"ids": [name], "name": name, "sa": area}


def house(**settings: object) -> Registry:
    return Registry(HouseSettings.model_validate(settings))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"name": None, "dev": device("Kitchen Light")}, "Kitchen Light"),
        ({"name": "Power", "dev": device("Plug")}, "Plug Power"),
        ({"name": "Plug Power", "dev": device("Plug")}, "Plug Power"),
        ({"name": "plug", "dev": device("Plug")}, "Plug"),
        ({"dev_cla": "power", "dev": device("Plug")}, "Plug Power"),
        ({"name": "Lonely"}, "Lonely"),
        ({"name": "Plugged", "dev": device("Plug")}, "Plug Plugged"),
        ({"dev_cla": "occupancy", "dev": device("hallway_motion")}, "hallway motion Occupancy"),
        ({"name": None, "dev": device("Bedroom/Lamp")}, "Bedroom Lamp"),
        ({"name": None, "dev": device("A/C")}, "A/C"),
    ],
)
def test_names_as_home_assistant_makes_them(given: dict[str, object], name: str) -> None:
    registry = house()
    announce(registry, "sensor", "x", {"stat_t": "x", **given})

    assert [entity.name for entity in registry.entities()] == [name]


def test_who_is_announced_later_learns_what_the_broker_tells_only_once() -> None:
    """zigbee2mqtt's devices share one retained availability topic, and the entities of a device its state."""
    registry = house()
    shared = {"stat_t": "hub/plug", "avty_t": "hub/bridge", "dev": device("Plug")}
    announce(registry, "sensor", "power", {"name": "Power", "val_tpl": "{{ value_json.power }}", **shared})
    registry.receive("hub/bridge", b"online", retained=True)
    registry.receive("hub/plug", b'{"power": 5, "voltage": 231}')

    announce(registry, "sensor", "voltage", {"name": "Voltage", "val_tpl": "{{ value_json.voltage }}", **shared})

    voltage = registry.state("sensor.plug_voltage")
    assert voltage.available
    assert voltage.value == "231"


THERMOMETER = {"name": "Temperature", "stat_t": "b", "dev": {"ids": ["b1", "b2"], "name": "Balcony", "sa": "Terrace"}}
HYGROMETER = {"name": "Humidity", "stat_t": "b", "val_tpl": "{{ value_json.damp }}", "dev": {"ids": "B1"}}


def test_one_part_may_name_and_place_the_device_for_all() -> None:
    """As Home Assistant's documentation shows it; whichever comes first."""
    first, last = house(), house()
    announce(first, "sensor", "t", THERMOMETER)
    announce(first, "sensor", "h", HYGROMETER)
    announce(last, "sensor", "h", HYGROMETER)
    last.receive("b", b'{"damp": 61}')
    announce(last, "sensor", "t", THERMOMETER)

    for registry in (first, last):
        told = {(entity.name, entity.room) for entity in registry.entities()}
        assert told == {("Balcony Temperature", "Terrace"), ("Balcony Humidity", "Terrace")}
    assert last.state("sensor.humidity").value == "61"  # who was there before keeps id and state
    assert last.devices == 1

    announce(last, "sensor", "t", {**THERMOMETER, "dev": {"ids": ["b1", "b2"], "name": "Loggia", "sa": "Terrace"}})
    assert {entity.name for entity in last.entities()} == {"Loggia Temperature", "Loggia Humidity"}


def test_what_one_part_says_of_itself_is_not_overruled() -> None:
    registry = house()
    announce(registry, "sensor", "t", THERMOMETER)
    announce(registry, "sensor", "h", {**HYGROMETER, "dev": {"ids": "b1", "name": "Loggia"}})

    assert {entity.name for entity in registry.entities()} == {"Balcony Temperature", "Loggia Humidity"}


def test_a_device_that_is_gone_names_nobody() -> None:
    registry = house()
    announce(registry, "sensor", "t", THERMOMETER)
    announce(registry, "sensor", "t", None)
    announce(registry, "sensor", "h", HYGROMETER)

    assert [(entity.name, entity.room) for entity in registry.entities()] == [("Humidity", None)]


def test_ids() -> None:
    registry = house()
    announce(registry, "switch", "a", {"cmd_t": "a", "def_ent_id": "switch.tv_plug", "name": "Other"})
    announce(registry, "switch", "b", {"cmd_t": "b", "name": "Lampada da Caffè"})
    announce(registry, "switch", "c", {"cmd_t": "c", "name": "TV plug"})

    assert [entity.id for entity in registry.entities()] == [
        "switch.lampada_da_caffe",
        "switch.tv_plug",
        "switch.tv_plug_2",
    ]
    assert slug("厨房灯").startswith("unnamed_")


def test_rooms_come_from_the_configuration_then_the_area_then_the_name() -> None:
    registry = house(
        floors={"Ground": {}},
        rooms={"Kitchen": RoomSettings(floor="Ground", aliases={"it": ["la cucina"]}), "Cellar": RoomSettings()},
        devices={"switch.pump": DeviceSettings(room="Cellar"), "Boiler": DeviceSettings(room="Cellar")},
    )
    things: dict[str, dict[str, object]] = {
        "pump": {"name": None, "dev": device("Pump", "Kitchen")},
        "boiler": {"name": "Boost", "dev": device("Boiler")},
        "plug": {"name": None, "dev": device("Plug", "la cucina")},
        "hood": {"name": None, "dev": device("kitchen hood")},
        "gate": {"name": None, "dev": device("Gate", "Driveway")},
        "car": {"name": None, "dev": device("Driveway charger")},
        "kit": {"name": None, "dev": device("Kitchenette kettle")},
    }
    for thing, given in things.items():
        announce(registry, "switch", thing, {"cmd_t": thing, **given})

    assert {entity.id: entity.room for entity in registry.entities()} == {
        "switch.boiler_boost": "Cellar",
        "switch.driveway_charger": "Driveway",
        "switch.gate": "Driveway",
        "switch.kitchen_hood": "Kitchen",
        "switch.kitchenette_kettle": None,
        "switch.plug": "Kitchen",
        "switch.pump": "Cellar",
    }
    assert [room.name for room in registry.rooms] == ["Kitchen", "Cellar", "Driveway"]
    hood = registry.entity("switch.kitchen_hood")
    assert hood is not None
    assert hood.floor == "Ground"


def test_the_configuration_wins() -> None:
    settings = DeviceSettings(name="Espresso", aliases={"it": ["la macchina del caffè"]}, critical=True, hidden=False)
    registry = house(devices={"switch.coffee": settings})
    announce(registry, "switch", "c", {"cmd_t": "c", "name": "Coffee", "ent_cat": "config"})
    (entity,) = registry.entities()

    assert (entity.name, entity.critical, entity.hidden) == ("Espresso", True, False)
    assert entity.spoken("it") == "la macchina del caffè"


def test_who_named_a_thing_and_who_placed_it() -> None:
    registry = house(
        rooms={"Kitchen": {}},
        devices={
            "switch.kettle": {"name": "Water cooker", "room": "Kitchen"},
            "switch.toaster": {"aliases": {"it": ["tostapane"]}},
        },
    )
    announce(registry, "switch", "a", {"cmd_t": "a", "name": "Kettle"})
    announce(registry, "switch", "b", {"cmd_t": "b", "name": None, "dev": device("Toaster", "Kitchen")})
    announce(registry, "switch", "c", {"cmd_t": "c", "name": "Kitchen hood"})
    announce(registry, "switch", "garage_pump", {"cmd_t": "d"})

    assert {entity.name: (entity.name_source, entity.room, entity.room_source) for entity in registry.entities()} == {
        "Water cooker": ("config.yaml", "Kitchen", "config.yaml"),
        "Toaster": ("device", "Kitchen", "device"),
        "Kitchen hood": ("device", "Kitchen", "name"),
        "Garage pump": ("topic", None, None),
    }


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("garage_pump", "Garage pump"),
        ("bed-1", "Bed 1"),
        ("0x00158d00045b21c1", "Switch"),
        ("A4C13812", "Switch"),
        ("12", "Switch"),
    ],
)
def test_a_thing_without_any_name_is_called_as_its_topic_unless_that_is_an_address(topic: str, name: str) -> None:
    registry = house()
    announce(registry, "switch", topic, {"cmd_t": "c"})

    assert [(entity.name, entity.name_source) for entity in registry.entities()] == [(name, "topic")]


def test_the_configuration_wins_over_what_the_device_says() -> None:
    registry = house(rooms={"Cellar": {"floor": "Below"}}, floors={"Below": {}}, devices={"Pump": {"room": "Cellar"}})
    announce(registry, "switch", "p", {"cmd_t": "p", "name": None, "dev": device("Pump", "Kitchen")})
    (pump,) = registry.entities()

    assert (pump.room, pump.floor, pump.room_source) == ("Cellar", "Below", "config.yaml")


def test_a_critical_device_is_critical_in_all_that_it_has() -> None:
    """The freezer's relay must not lose its yes because the maker calls it "Freezer Relay"."""
    registry = house(
        devices={"Freezer": {"critical": True, "hidden": False}, "switch.freezer_child_lock": {"room": "Cellar"}}
    )
    announce(registry, "switch", "a", {"cmd_t": "a", "name": "Relay", "dev": device("Freezer")})
    announce(
        registry, "switch", "b", {"cmd_t": "b", "name": "Child lock", "ent_cat": "config", "dev": device("Freezer")}
    )
    announce(registry, "switch", "c", {"cmd_t": "c", "name": None, "dev": device("Heater")})

    assert {entity.id: (entity.critical, entity.hidden) for entity in registry.entities()} == {
        "switch.freezer_relay": (True, False),
        "switch.freezer_child_lock": (True, False),
        "switch.heater": (False, False),
    }


def test_a_group_is_a_name_for_several() -> None:
    registry = house(
        groups={
            "Christmas lights": {"members": ["light.tree", "light.star"], "aliases": {"it": ["le luci di Natale"]}},
            "Heaters": ["switch.fan_heater", "light.tree"],
            "Everything that moves": ["cover.gate", "lock.door"],
        }
    )
    for thing in ("tree", "star"):
        light = {"schema": "json", "cmd_t": "c", "stat_t": thing, "name": thing, "brightness": thing == "star"}
        announce(registry, "light", thing, light)
    groups = {entity.name: entity for entity in registry.entities() if entity.members}
    lights = groups["Christmas lights"]

    assert {group.domain for group in groups.values()} == {"light", "switch", "group"}
    assert (lights.members, lights.spoken("it")) == (("light.tree", "light.star"), "le luci di Natale")
    assert "brightness" in lights.features
    assert lights.hidden, "“the lights” means its members already"
    assert registry.entity(lights.id) == lights
    assert registry.record(lights.id) is None, "nothing is ever sent to a name"


@pytest.mark.parametrize(
    ("tree", "star", "both"), [("ON", "ON", "on"), ("OFF", "OFF", "off"), ("ON", "OFF", "on"), ("OFF", None, None)]
)
def test_a_group_is_what_its_members_are(tree: str, star: str | None, both: str | None) -> None:
    registry = house(groups={"Christmas lights": ["switch.tree", "switch.star"]})
    for thing, said in (("tree", tree), ("star", star)):
        announce(registry, "switch", thing, {"cmd_t": "c", "stat_t": thing, "name": thing})
        if said:
            registry.receive(thing, said.encode())

    assert registry.state("switch.group_christmas_lights").value == both


def test_what_the_configuration_speaks_of_and_is_not_there() -> None:
    registry = house(
        devices={"switch.plug": {}, "Boiler": {}, "switch.frezer": {"critical": True}},
        groups={"All": ["switch.plug", "light.gone"]},
    )
    announce(registry, "switch", "plug", {"cmd_t": "p", "name": "Plug"})
    announce(registry, "switch", "boost", {"cmd_t": "b", "name": "Boost", "dev": device("Boiler")})

    assert registry.unknown == ["switch.frezer", "light.gone"]
    assert registry.devices == 2


def test_configuration_and_diagnostics_are_hidden() -> None:
    registry = house()
    announce(registry, "button", "a", {"cmd_t": "a", "name": "Identify", "ent_cat": "config"})
    announce(registry, "sensor", "b", {"stat_t": "b", "name": "Signal", "en": False})
    announce(registry, "switch", "c", {"cmd_t": "c", "name": "Plug"})

    assert {entity.id: entity.hidden for entity in registry.entities()} == {
        "button.identify": True,
        "sensor.signal": True,
        "switch.plug": False,
    }


def test_the_revision_grows_with_every_change_and_only_then() -> None:
    registry = house()
    plug: dict[str, object] = {"cmd_t": "c", "stat_t": "s", "name": "Plug"}
    announce(registry, "switch", "c", plug)
    first, entities = registry.revision, registry.entities()

    announce(registry, "switch", "c", plug)
    registry.receive("s", b"ON")
    assert registry.revision == first
    assert registry.entities() is entities

    announce(registry, "switch", "c", {**plug, "name": "Fridge"})
    assert registry.revision > first
    assert [(entity.id, entity.name) for entity in registry.entities()] == [("switch.plug", "Fridge")]
    assert registry.state("switch.plug").value == "on"

    announce(registry, "switch", "c", None)
    assert registry.entities() == ()


def test_topics_are_subscribed_to_once_and_dropped_with_their_last_listener() -> None:
    wanted: list[str] = []

    def drop(topics: Iterable[str]) -> None:
        for topic in topics:
            wanted.remove(topic)

    registry = Registry(HouseSettings(), wanted.extend, drop)
    announce(registry, "switch", "a", {"cmd_t": "c", "stat_t": "shared", "name": "A"})
    announce(registry, "switch", "b", {"cmd_t": "c", "stat_t": "shared", "name": "B"})
    assert wanted == ["shared"]

    announce(registry, "switch", "a", None)
    assert wanted == ["shared"]
    announce(registry, "switch", "b", None)
    assert wanted == []


def test_the_same_unique_id_elsewhere_takes_the_entity_over() -> None:
    registry = house()
    announce(registry, "switch", "old", {"cmd_t": "c", "name": "Plug", "uniq_id": "1"})
    announce(registry, "switch", "new", {"cmd_t": "d", "name": "Plug", "uniq_id": "1"})
    announce(registry, "switch", "old", None)

    assert [entity.id for entity in registry.entities()] == ["switch.plug"]


@pytest.mark.parametrize(
    ("mode", "said", "there"),
    [
        ("all", {}, False),
        ("all", {"a": "online"}, False),
        ("all", {"a": "online", "b": "online"}, True),
        ("all", {"a": "online", "b": "offline"}, False),
        ("any", {"b": "online", "a": "offline"}, True),
        ("latest", {"a": "offline", "b": "online"}, True),
        ("latest", {"a": "online", "b": "offline"}, False),
        ("latest", {"a": "online", "b": "gibberish"}, True),
    ],
)
def test_availability(mode: str, said: dict[str, str], there: bool) -> None:
    registry = house()
    sources = [{"t": "a", "val_tpl": "{{ value_json.state }}"}, {"t": "b", "val_tpl": "{{ value_json.state }}"}]
    announce(registry, "switch", "x", {"cmd_t": "c", "name": "X", "avty": sources, "avty_mode": mode})
    for topic, word in said.items():
        registry.receive(topic, json.dumps({"state": word}).encode())

    assert registry.state("switch.x").available is there


COVER = {"cmd_t": "c", "stat_t": "s", "pos_t": "p", "set_pos_t": "p/set", "name": "Blind"}
Z2M_LIGHT = {
    "schema": "json",
    "cmd_t": "l/set",
    "stat_t": "l",
    "brightness": True,
    "bri_scl": 254,
    "sup_clrm": ["xy", "color_temp"],
}


@pytest.mark.parametrize(
    ("domain", "payload", "messages", "value", "attributes"),
    [
        ("switch", {"cmd_t": "c", "stat_t": "s"}, [("s", "ON")], "on", {}),
        ("switch", {"cmd_t": "c", "stat_t": "s"}, [("s", "ON"), ("s", "maybe")], "on", {}),
        ("switch", {"cmd_t": "c", "stat_t": "s", "pl_on": "1", "stat_on": "on!"}, [("s", "on!")], "on", {}),
        ("binary_sensor", {"stat_t": "s", "pl_on": False, "pl_off": True, "val_tpl": "{{ value_json.contact }}"}, [("s", '{"contact": true}')], "off", {}),
        ("sensor", {"stat_t": "s", "val_tpl": "{{ value_json.t }}"}, [("s", '{"t": 21.5}'), ("s", "broken")], "21.5", {}),
        ("light", Z2M_LIGHT, [("l", '{"state": "ON", "brightness": 127, "color_mode": "color_temp", "color_temp": 370, "color": {"x": 0.46, "y": 0.41}}')], "on", {"brightness": 50, "color_temperature": 2703}),
        ("light", Z2M_LIGHT, [("l", '{"state": "ON", "color_mode": "xy", "color": {"x": 0.7, "y": 0.2988}}')], "on", {"color": "red"}),
        ("light", Z2M_LIGHT, [("l", '{"state": "OFF", "brightness": "bright"}')], "off", {}),
        ("light", {"cmd_t": "c", "stat_t": "s", "bri_stat_t": "b", "bri_cmd_t": "b/set", "rgb_stat_t": "r", "rgb_cmd_t": "r/set", "pl_on": "ON_"}, [("s", "ON_"), ("b", "128"), ("r", "0,0,255"), ("r", "blue")], "on", {"brightness": 50, "color": "blue"}),
        ("cover", COVER, [("s", "closed"), ("p", "0")], "closed", {"position": 0}),
        ("cover", COVER, [("s", "opening"), ("p", "40")], "opening", {"position": 40}),
        ("cover", {**COVER, "pos_open": 0, "pos_clsd": 100}, [("p", "30")], "open", {"position": 70}),
        ("cover", COVER, [("p", "55"), ("s", "CLOSING"), ("s", "closing"), ("s", "stopped")], "open", {"position": 55}),
        ("lock", {"cmd_t": "c", "stat_t": "s"}, [("s", "LOCKED"), ("s", "LOCKING")], "locking", {}),
        ("fan", {"cmd_t": "c", "stat_t": "s", "pct_stat_t": "p", "pct_cmd_t": "p/set", "spd_rng_max": 4}, [("s", "ON"), ("p", "2")], "on", {"percentage": 50}),
        ("climate", {"mode_stat_t": "m", "temp_stat_t": "t", "curr_temp_t": "c", "name": "T"}, [("m", "heat"), ("t", "21.0"), ("c", "19.5"), ("c", "?")], "heat", {"temperature": 21.0, "current_temperature": 19.5}),
        ("vacuum", {"stat_t": "s", "cmd_t": "c"}, [("s", '{"state": "docked", "battery_level": 80}'), ("s", "[]")], "docked", {"battery_level": 80}),
        ("valve", {"stat_t": "s", "cmd_t": "c"}, [("s", "OPEN")], None, {}),
        ("valve", {"stat_t": "s", "cmd_t": "c"}, [("s", "open")], "open", {}),
        ("valve", {"stat_t": "s", "cmd_t": "c", "reports_position": True}, [("s", "35")], "open", {"position": 35}),
        ("number", {"stat_t": "s", "cmd_t": "c"}, [("s", "7")], "7", {}),
    ],
)  # fmt: skip
def test_states_in_our_words_and_units(
    domain: str,
    payload: dict[str, object],
    messages: list[tuple[str, str]],
    value: str | None,
    attributes: dict[str, object],
) -> None:
    registry = house()
    announce(registry, domain, "x", {"name": "X", **payload})
    assert [entity.domain for entity in registry.entities()] == [domain], registry.left_out
    for topic, said in messages:
        registry.receive(topic, said.encode())
    state = registry.state(registry.entities()[0].id)

    assert state.value == value
    assert state.attributes == attributes


def test_what_is_left_out_can_be_listed_until_it_is_put_right() -> None:
    registry = house()
    topic = announce(registry, "light", "x", {"schema": "sparkling", "cmd_t": "x"})
    assert registry.left_out == {(topic, ""): "light: unsupported light schema: sparkling"}

    announce(registry, "light", "x", {"cmd_t": "x", "name": "X"})
    assert registry.left_out == {}


def test_a_wildcard_is_no_topic_of_a_device() -> None:
    registry = house()
    announce(registry, "sensor", "rf", {"stat_t": "home/433/#", "name": "RF"})

    assert list(registry.left_out.values()) == ["sensor: state_topic: has a wildcard"]


def test_what_is_retained_is_known_but_no_answer() -> None:
    registry = house()
    announce(registry, "switch", "c", {"cmd_t": "c", "stat_t": "s", "name": "Plug"})
    registry.receive("s", b"ON", retained=True)
    record = registry.record("switch.plug")
    assert record is not None
    assert (record.state().value, record.reports, record.answers) == ("on", 1, 0)

    registry.receive("s", b"ON")
    announce(registry, "switch", "c", {"cmd_t": "c", "stat_t": "s", "name": "Fridge"})
    record = registry.record("switch.plug")
    assert record is not None
    assert (record.reports, record.answers) == (2, 1)


@pytest.mark.parametrize(
    "said", ['{"v": "\\ud800"}', '{"v": "\\u001b[2J\\u0007x\\u0000"}', json.dumps({"v": "x" * 5000})]
)
def test_states_can_be_written_and_shown(said: str) -> None:
    registry = house()
    announce(registry, "sensor", "s", {"stat_t": "s", "val_tpl": "{{ value_json.v }}", "name": "S"})
    registry.receive("s", said.encode())
    value = registry.state("sensor.s").value

    assert value is not None
    assert value.encode()
    assert value.isprintable()
    assert 0 < len(value) <= 255


@pytest.mark.parametrize("number", ["1e999", "NaN", "-Infinity", "1" + "0" * 400], ids=lambda text: text[:10])
def test_numbers_without_end_are_unknown(number: str) -> None:
    registry = house()
    announce(registry, "vacuum", "v", {"stat_t": "v", "name": "V"})
    announce(registry, "light", "l", {"schema": "json", "cmd_t": "c", "stat_t": "l", "brightness": True, "name": "L"})
    announce(registry, "climate", "c", {"temp_stat_t": "c", "temp_cmd_t": "x", "name": "C"})
    announce(registry, "sensor", "s", {"stat_t": "c", "unit_of_meas": "W", "name": "S"})
    announce(registry, "cover", "b", {"pos_t": "c", "set_pos_t": "x", "cmd_t": "x", "name": "B"})
    registry.receive("v", f'{{"state": "docked", "battery_level": {number}}}'.encode())
    registry.receive(
        "l",
        f'{{"state": "ON", "brightness": {number}, "color_temp": {number}, "color": {{"r": {number}, "g": 0, "b": 0}}}}'.encode(),
    )
    registry.receive("c", number.encode())

    assert registry.state("vacuum.v").attributes == {}
    assert registry.state("light.l").value == "on"
    assert registry.state("light.l").attributes == {}
    assert registry.state("climate.c").attributes == {}
    assert registry.state("sensor.s").value is None
    assert registry.state("cover.b").attributes == {}


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_a_migration_keeps_the_entity_and_its_state() -> None:
    """From a message of its own to one for the whole device, as Home Assistant describes it."""
    registry = house()
    plug = {"cmd_t": "c", "stat_t": "s", "name": "Plug", "uniq_id": "1"}
    announce(registry, "switch", "plug", plug)
    registry.receive("s", b"ON")

    announce(registry, "switch", "plug", {"migr_discvry": True})
    announce(registry, "device", "box", {"dev": {"ids": "1", "name": "Box"}, "cmps": {"p": {"p": "switch", **plug}}})
    announce(registry, "switch", "plug", None)

    assert [(entity.id, entity.name) for entity in registry.entities()] == [("switch.plug", "Box Plug")]
    assert registry.state("switch.plug").value == "on"


def test_who_comes_back_is_who_they_were() -> None:
    registry = house()
    announce(registry, "switch", "a", {"cmd_t": "c", "name": "Plug", "uniq_id": "1"})
    announce(registry, "switch", "a", None)
    announce(registry, "switch", "b", {"cmd_t": "c", "name": "Heater", "uniq_id": "1"})

    assert [(entity.id, entity.name) for entity in registry.entities()] == [("switch.plug", "Heater")]


def test_an_empty_message_removes_all_of_a_device() -> None:
    registry = house()
    components = {name: {"p": "sensor", "name": name, "stat_t": name} for name in ("warmth", "damp")}
    announce(registry, "device", "box", {"dev": {"ids": "1", "name": "Box"}, "cmps": components})
    assert len(registry.entities()) == 2

    announce(registry, "device", "box", {"dev": {"ids": "1", "name": "Box"}, "cmps": {"damp": {"p": "sensor"}}})
    assert [entity.id for entity in registry.entities()] == ["sensor.box_warmth"]
    announce(registry, "device", "box", None)
    assert registry.entities() == ()


def test_a_group_of_lights_is_one_light() -> None:
    """As zigbee2mqtt announces it; what its members do is its own business."""
    registry = house()
    group = {"name": None, "schema": "json", "cmd_t": "zigbee2mqtt/hall/set", "stat_t": "zigbee2mqtt/hall",
             "grp": ["0x01_light", "0x02_light"], "dev": device("Hall lights", "Hall")}  # fmt: skip
    announce(registry, "light", "hall", group)
    registry.receive("zigbee2mqtt/hall", b'{"state": "ON"}')

    assert [(entity.name, entity.room) for entity in registry.entities()] == [("Hall lights", "Hall")]
    assert registry.state("light.hall_lights").value == "on"


def test_availability_of_one_topic_with_a_template() -> None:
    registry = house()
    announce(registry, "switch", "x", {"cmd_t": "c", "name": "X", "avty_t": "a", "avty_tpl": "{{ value_json.up }}",
                                       "pl_avail": "yes", "pl_not_avail": "no"})  # fmt: skip
    assert not registry.state("switch.x").available

    for said, there in (("yes", True), ("perhaps", True), ("no", False)):
        registry.receive("a", json.dumps({"up": said}).encode())
        assert registry.state("switch.x").available is there


def test_a_sensor_that_breaks_its_promise_counts_as_away() -> None:
    """expire_after: so many seconds after its last word, Home Assistant and we take it to be gone."""
    clock = Clock()
    registry = Registry(HouseSettings(), clock=clock)
    announce(registry, "sensor", "t", {"stat_t": "t", "exp_aft": 60, "name": "T"})
    unknown = registry.state("sensor.t")
    assert (unknown.value, unknown.available, unknown.at) == (None, True, None)

    registry.receive("t", b"21")
    spoke_at = clock.now
    clock.passes(60)
    assert registry.state("sensor.t").available
    clock.passes(1)
    stale = registry.state("sensor.t")
    assert (stale.value, stale.available, stale.at) == ("21", False, spoke_at)

    registry.receive("t", b"20")
    assert registry.state("sensor.t").available


def test_a_sensor_that_promised_nothing_keeps_its_word() -> None:
    """Seconds until it expires: 0 is never."""
    clock = Clock()
    registry = Registry(HouseSettings(), clock=clock)
    announce(registry, "sensor", "x", {"name": "X", "stat_t": "s", "exp_aft": 0})
    registry.receive("s", b"21")
    clock.passes(3600)

    assert registry.state("sensor.x").available


def test_a_motion_sensor_that_never_says_off() -> None:
    """off_delay: radio sensors only ever say that something moved."""
    clock = Clock()
    registry = Registry(HouseSettings(), clock=clock)
    announce(registry, "binary_sensor", "m", {"stat_t": "m", "off_dly": 30, "name": "M"})
    registry.receive("m", b"ON")
    assert registry.state("binary_sensor.m").value == "on"
    clock.passes(29)
    assert registry.state("binary_sensor.m").value == "on"
    clock.passes(1)
    assert registry.state("binary_sensor.m").value == "off"
    registry.receive("m", b"ON")
    assert registry.state("binary_sensor.m").value == "on"


def test_the_age_of_what_the_broker_had_kept_is_not_known() -> None:
    clock = Clock()
    registry = Registry(HouseSettings(), clock=clock)
    announce(registry, "switch", "c", {"cmd_t": "c", "stat_t": "s", "name": "Plug"})
    registry.receive("s", b"ON", retained=True)
    assert (registry.state("switch.plug").value, registry.state("switch.plug").at) == ("on", None)

    clock.passes(5)
    registry.receive("s", b"OFF")
    assert registry.state("switch.plug").at == clock.now
    clock.passes(500)
    registry.receive("elsewhere", b"OFF")
    assert registry.state("switch.plug").at == clock.now - timedelta(seconds=500)


def test_a_cleaner_that_learns_its_rooms_can_do_more_than_before() -> None:
    registry = house()
    announce(
        registry, "vacuum", "v", {"stat_t": "v", "cmd_t": "c", "cln_segmnts_cmd_t": "r", "uniq_id": "v", "name": "V"}
    )
    before = registry.revision
    registry.receive("v", b'{"state": "docked", "segments": {"1": "Kitchen"}}')
    assert registry.revision > before
    (robot,) = registry.entities()
    assert robot.options["area"] == ("Kitchen",)

    known = registry.revision
    registry.receive("v", b'{"state": "cleaning", "segments": {"1": "Kitchen"}}')
    assert registry.revision == known


def test_observers_are_told_live_reports_with_what_was_before() -> None:
    """What the broker had kept says nothing about when it happened."""
    registry = house()
    announce(registry, "light", "lamp", {"name": "Lamp", "cmd_t": "l/set", "stat_t": "l"})
    seen: list[tuple[str | None, str | None]] = []
    registry.observers.append(lambda before, after: seen.append((before.value, after.value)))
    registry.receive("l", b"OFF", retained=True)
    registry.receive("l", b"ON")
    registry.receive("l", b"OFF")
    assert seen == [("off", "on"), ("on", "off")]
