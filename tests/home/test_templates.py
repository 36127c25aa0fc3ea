"""Home Assistant's template dialect, as devices use it."""

from __future__ import annotations

import pytest

from assistant.home.templates import LARGEST_PAYLOAD, Payload, Unreadable, number, read, write


@pytest.mark.parametrize(
    ("template", "payload", "value"),
    [
        (None, "ON", "ON"),
        ("{{ value_json.state }}", '{"state": "ON"}', "ON"),
        ('{{ value_json["power"] }}', '{"power": 12.5}', "12.5"),
        ("{{ value_json.contact }}", '{"contact": true}', "True"),
        ("{{ value_json.temperature | round(1) }}", '{"temperature": 21.4567}', "21.5"),
        ("{{ value_json.a | float(7) }}", '{"a": "x"}', "7"),
        ("{{ value_json.level | int }}", '{"level": "42"}', "42"),
        ("{{ value_json.brightness | float | multiply(2.55) | round(0) }}", '{"brightness": 40}', "102"),
        ("{{ value_json.ison | iif('on', 'off') }}", '{"ison": false}', "off"),
        ("{{ 'OFF' if value_json.contact else 'ON' }}", '{"contact": true}', "OFF"),
        ("{{ value | regex_replace('^pos: ', '') }}", "pos: 30", "30"),
        ("{{ value | regex_findall_index('[0-9]+') }}", "RSSI 71 dBm", "71"),
        ("{{ value_json | to_json }}", '{"à": 1}', '{"à": 1}'),
        ("{{ (value | from_json).x }}", '{"x": 3}', "3"),
        ("{{ as_timestamp('2026-11-23T12:00:00+00:00') | int }}", "-", "1795435200"),
        ("{{ value_json[0] }}", "[5]", "5"),
        ("  {{ value }}\n", "x", "x"),
    ],
)
def test_reads_as_home_assistant_does(template: str | None, payload: str, value: str) -> None:
    assert read(template, Payload(payload)) == value


@pytest.mark.parametrize(
    ("template", "payload"),
    [
        ("{{ value_json.state }}", "not JSON"),
        ("{{ value_json.value | is_defined }}", "{}"),
        ("{{ value_json.a | float }}", '{"a": "x"}'),
        ("{{ broken", "x"),
        ("{{ value | no_such_filter }}", "x"),
        ("{% for i in range(10 ** 9) %}x{% endfor %}", "x"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "x"),
    ],
)
def test_what_fails_is_unreadable_and_never_more(template: str, payload: str) -> None:
    with pytest.raises(Unreadable):
        read(template, Payload(payload))


def test_a_payload_is_parsed_once_for_all_its_readers() -> None:
    payload = Payload('{"a": {"b": 1}}')

    assert payload.json is payload.json


@pytest.mark.parametrize("data", [b"x" * (LARGEST_PAYLOAD + 1), b"\xff\xfe"])
def test_too_large_and_not_text(data: bytes) -> None:
    with pytest.raises(Unreadable):
        Payload.of(data)


def test_numbers() -> None:
    assert number("21.5") == 21.5
    assert number("None") is None
    for nonsense in ("warm", "nan", "inf"):
        with pytest.raises(Unreadable):
            number(nonsense)


def test_writes_commands() -> None:
    assert write(None, 30) == "30"
    assert write('{ "position": {{ position }} }', 30, position=30) == '{ "position": 30 }'
