"""Home Assistant's template dialect, as devices use it."""

from __future__ import annotations

import json
import time

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
    for endless in ("nan", "inf", "-Infinity", "1e999"):
        assert number(endless) is None
    with pytest.raises(Unreadable):
        number("warm")


def test_writes_commands() -> None:
    assert write(None, 30) == "30"
    assert write('{ "position": {{ position }} }', 30, position=30) == '{ "position": 30 }'


@pytest.mark.parametrize(
    "template",
    [
        "{{ 9 ** 9 ** 99 }}",
        "{{ 'x' * 10 ** 10 }}",
        "{{ 10 ** 10 * [1] }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ '{:>{}}'.format(1, 1000000000) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ ('ab' * 9000) | regex_search('b') }}",
        "{# " + "x" * 4_000 + " #}",
        "{% for i in range(3000) %}{{ 'x' * 90000 }}{% endfor %}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{% set n = namespace(x=10) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}{{ n.x }}",
    ],
    ids=lambda template: template[:40],
)
def test_bombs_do_not_go_off(template: str) -> None:
    began = time.thread_time()
    with pytest.raises(Unreadable):
        read(template, Payload("x"))
    assert time.thread_time() - began < 0.2


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ '%02d' % 5 }}", "05"),
        ("{{ '%.1f' | format(2.34) }}", "2.3"),
        ("{{ '{:.1f}'.format(2.34) }}", "2.3"),
        ("{{ '{}'.format(1795435200) }}", "1795435200"),
        ("{{ 2 ** 10 }}", "1024"),
        ("{{ 2 * 3.5 + 1 }}", "8.0"),
        ("{{ '5'.zfill(3) }}", "005"),
        ("{{ 'ab' * 2 + 'c' }}", "ababc"),
        ("{{ 1795435261 % 60 }}", "1"),
        ("{{ [1, 2, 3] | batch(2) | list }}", "[[1, 2], [3]]"),
    ],
)
def test_honest_arithmetic_is_not_hindered(template: str, value: str) -> None:
    assert read(template, Payload("x")) == value


@pytest.mark.parametrize(
    "template",
    [
        "{% for one in range(99999) %}{% for other in range(99999) %}{% endfor %}{% endfor %}",
        "{{ value | regex_match('(a+)+!') }}",
    ],
    ids=["loops", "backtracking"],
)
def test_a_template_that_takes_too_long_is_stopped_and_not_tried_again(
    template: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        payload = Payload("a" * 40 + "b")
        began = time.thread_time()
        with pytest.raises(Unreadable, match="takes too long"):
            read(template, payload)
        assert time.thread_time() - began < 0.05
        # one is enough for a message: the next, which may be as slow, is not even begun
        with pytest.raises(Unreadable, match="too long already"):
            read(template.replace("one", "two").replace("+!", "+?"), payload)
    assert "left out from now on" in caplog.text

    began = time.thread_time()
    with pytest.raises(Unreadable, match="often took too long"):
        read(template, Payload("a" * 40 + "b"))
    assert time.thread_time() - began < 0.005
    assert read("{{ value }}", Payload("fine")) == "fine"


def test_halves_of_characters_never_come_out() -> None:
    for template in ("{{ value_json.v }}", "{{ (value | from_json).v }}", "{{ '%c' % 55296 }}"):
        assert read(template, Payload('{"v": "\\ud800"}')).encode()


@pytest.mark.parametrize(
    "template",
    ["{{ value_json.t }}", "{{value_json['t']}}", '{{ value_json["a b"] }}', "{{ value_json.list[1] }}",
     "{{ value_json.deep.er }}", "{{ value_json.none }}", "{{ value_json.no }}", "{{ value_json.t | is_defined }}",
     " {{ value_json.text }} ", "{{- value_json.t -}}", "{{ value_json.deep }}", "{{ value_json.list[7] }}",
     "{{ value_json.items }}", "{{ value_json['items'] }}", "{{ value_json.text[0] }}", "{{ value_json.missing.too }}",
     "{{ value_json.missing }}", "{{ value_json.deep['er'] }}", "{{ value_json.missing | is_defined }}"],
)  # fmt: skip
def test_following_names_finds_what_jinja_finds(template: str) -> None:
    """Nine of ten templates only name a place; they are read without Jinja and must come out the same."""
    payload = {"t": 21.50, "a b": 1, "list": [1, 2], "deep": {"er": True}, "none": None, "no": False, "text": " so ",
               "items": "what"}  # fmt: skip

    def outcome(name: str) -> str:
        try:
            # a comment makes it more than a path
            return read(template + name, Payload(json.dumps(payload)))
        except Unreadable:
            return "unreadable"

    # Jinja finds the method, which nobody means and whose text has an address in it
    if "value_json.items" not in template:
        assert outcome("") == outcome("{# by Jinja #}")


def test_what_a_message_says_is_worked_out_once() -> None:
    payload = Payload('{"state": "online"}')
    for _ in range(10_000):
        assert read("{{ value_json.state | default('') | lower }}", payload) == "online"
    assert len(payload.read) == 1
