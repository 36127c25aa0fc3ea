"""A plan's schema as EBNF: the same plans, in a form that servers read faster."""

from __future__ import annotations

import pytest

from assistant.config import BrainSettings
from assistant.llm import prompt
from assistant.llm.ebnf import ebnf
from assistant.llm.plan import schema
from tests.llm.large_house import large_house
from tests.llm.sample_house import TOOLS


def rules(text: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in text.splitlines())


def test_a_choice_writes_what_all_share_once() -> None:
    found = rules(ebnf({"enum": ["light.kitchen", "light.hall"]}))
    assert found["r0"] == r'"\"light." ("kitchen\"" | "hall\"")'


def test_what_must_be_there_comes_first_and_the_rest_in_order() -> None:
    written = {
        "type": "object",
        "required": ["b"],
        "properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}},
    }
    found = rules(ebnf(written))
    assert found["root"] == "r2"
    assert found["r2"] == r'"{" "\"b\":" "2" r1 "}"'
    assert found["r1"] == r'("," "\"a\":" "1")? r0' and found["r0"] == r'("," "\"c\":" "3")?'


def test_an_object_of_wishes_may_begin_with_any_of_them() -> None:
    found = rules(ebnf({"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}}))
    assert found["r1"] == r'"{" ("\"a\":" "1" r0 | "\"b\":" "2")? "}"'


def test_text_is_capped_and_never_ends_early() -> None:
    found = rules(ebnf({"type": "string", "maxLength": 12}))
    assert found["r0"] == r'"\"" c{0,12} "\""'
    assert found["c"] == r'[^"\\\x00-\x1f\x7f]'


def test_every_rule_that_is_named_is_there_and_it_is_shorter_than_the_schema() -> None:
    for devices in (10, 300):
        entities = prompt.visible(large_house(devices))
        written = schema(TOOLS, entities, BrainSettings().plan_tokens, prompt.groups(entities))
        found = rules(ebnf(written))
        for body in found.values():
            outside = "".join(part for part in _outside_of_literals(body))
            assert {
                word for word in outside.replace("|", " ").split() if word.startswith(("r", "def-"))
            } <= found.keys()
        assert len(ebnf(written)) < len(str(written))


def test_what_no_plan_holds_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no part of a plan"):
        ebnf({"type": "date"})


def _outside_of_literals(body: str) -> list[str]:
    parts, quoted, escaped = [], False, False
    for letter in body:
        if quoted:
            quoted, escaped = escaped or letter != '"', letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        else:
            parts.append(" " if letter in "()?{}[]^,-+*" and letter != "-" else letter)
    return parts
