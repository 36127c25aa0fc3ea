"""A plan's schema as EBNF: the same plans, in a form that servers read faster."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random

import pytest

from assistant.config import BrainSettings
from assistant.llm import prompt
from assistant.llm.ebnf import ebnf
from assistant.llm.plan import Schema, schema
from tests.llm.any_plan import any_plan, nearly
from tests.llm.large_house import large_house
from tests.llm.sample_house import TOOLS


def in_house(devices: int) -> Schema:
    entities = prompt.visible(large_house(devices))
    return schema(TOOLS, entities, BrainSettings().plan_tokens, prompt.groups(entities))


def rules(text: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in text.splitlines())


def test_a_choice_writes_what_all_share_once() -> None:
    found = rules(ebnf({"enum": ["light.kitchen", "light.hall"]}))
    assert found["r0"] == r'"\"light." ("kitchen\"" | "hall\"")'


def test_endings_that_several_share_are_one_rule() -> None:
    found = rules(ebnf({"enum": ["s.hall_hum", "s.hall_temp", "s.attic_hum", "s.attic_temp", "s.rain", "s.rail"]}))
    assert found["r0"] == r'"hum\"" | "temp\""'
    assert found["r1"] == r'"\"s." ("hall_" r0 | "attic_" r0 | "rain\"" | "rail\"")'


@pytest.mark.parametrize(
    "words",
    [
        ["a"],
        ["a", "ab", "abc", "b", "bc", "bcb"],
        ["same", "same"],
        ["", "x"],
        ["è", "è caldo", 'say "so"', "back\\slash", "back"],
        [1, 10, 100, 2, 20],
        [True, False, None],
    ],
)
def test_a_choice_allows_its_words_and_no_others(words: list[object]) -> None:
    assert language(ebnf({"enum": words})) == {json.dumps(word, ensure_ascii=False) for word in words}


@pytest.mark.parametrize("devices", [10, 300, 1000])
def test_the_ids_of_a_house_are_all_there_and_no_others(devices: int) -> None:
    for choice in in_house(devices)["$defs"].values():  # type: ignore[attr-defined]
        assert language(ebnf(choice)) == {json.dumps(name) for name in choice["enum"]}


def test_plans_of_the_schema_are_plans_of_the_grammar() -> None:
    written, random = in_house(100), Random(1)
    accepts = recogniser(ebnf(written))
    for _ in range(300):
        assert accepts(any_plan(written, random))


def test_what_is_nearly_a_plan_is_none() -> None:
    written, random = in_house(100), Random(2)
    accepts = recogniser(ebnf(written))
    lamps = written["$defs"]["light"]["enum"]  # type: ignore[index]
    plan = '{"actions":[{"intent":"HassTurnOn","target":"%s","args":{}}],"because":"","say":null,"ask":null}'
    assert accepts(plan % lamps[0])
    assert not [name for name in nearly(lamps, random, 300) if accepts(plan % name)]
    assert not accepts(plan % lamps[0] + " ") and not accepts((plan % lamps[0])[:-1])


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
        written = in_house(devices)
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


TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{\d+,\d+\}|[()|?]|[A-Za-z][\w-]*')


def literal(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def recogniser(grammar: str) -> Callable[[str], bool]:
    """No rule of ours contains itself, so that the whole is one regular expression."""
    found = rules(grammar)

    def expression(body: str) -> str:
        return "".join(map(part, TOKEN.findall(body)))

    def part(token: str) -> str:
        if token in found:
            return f"(?:{expression(found[token])})"
        return f"(?:{re.escape(literal(token))})" if token[0] == '"' else token

    whole = re.compile(expression("root"))
    return lambda text: whole.fullmatch(text) is not None


def language(grammar: str) -> set[str]:
    """All that a grammar without repetition allows, written out."""
    found = rules(grammar)

    def choice(tokens: list[str]) -> set[str]:
        allowed, sequence = set[str](), {""}
        while tokens:
            match tokens.pop(0):
                case ")":
                    break
                case "|":
                    allowed, sequence = allowed | sequence, {""}
                case "(":
                    sequence = joined(sequence, choice(tokens))
                case name if name in found:
                    sequence = joined(sequence, choice(TOKEN.findall(found[name])))
                case text:
                    sequence = joined(sequence, {literal(text)})
        return allowed | sequence

    return choice(["root"])


def joined(beginnings: set[str], ends: set[str]) -> set[str]:
    return {beginning + end for beginning in beginnings for end in ends}


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
