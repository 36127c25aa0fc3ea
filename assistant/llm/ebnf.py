"""A plan's JSON schema as an EBNF grammar, which vLLM checks in a fraction of the time: it reads each request's anew.

Only what plan.schema writes is understood. Ranges of numbers are left to the check of the plan: what a device does not
take is then refused with its limits, instead of being bent into them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

Schema = Mapping[str, object]
Words = tuple[str, ...]
Forks = dict[Words, list[tuple[str, Words]]]
"""Of each choice of words the branches: how it begins, and what may follow."""

_BASE = r"""
c ::= [^"\\\x00-\x1f\x7f]
n ::= "0" | [1-9] [0-9]{0,5}
d ::= "." [0-9]{1,2}
""".strip()
"""A text holds no escapes: with them xgrammar needs seconds instead of microseconds for each token inside it."""


def ebnf(schema: Schema) -> str:
    """The grammar of the JSON, without white space, that the schema describes."""
    return _Writer().write(schema)


class _Writer:
    """Collects rules; what is the same is one rule."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._endings: dict[Words, str] = {}

    def write(self, schema: Schema) -> str:
        definitions = _mapping(schema.get("$defs", {}))
        named = [f"def-{name} ::= {self._of(_mapping(each))}" for name, each in definitions.items()]
        root = f"root ::= {self._of(schema)}"
        return "\n".join((root, *named, *(f"{name} ::= {body}" for body, name in self._names.items()), _BASE))

    def _of(self, schema: Schema) -> str:
        match schema:
            case {"$ref": str(reference)}:
                return f"def-{reference.rpartition('/')[2]}"
            case {"anyOf": choices}:
                return self._rule(" | ".join(self._of(_mapping(each)) for each in _sequence(choices)))
            case {"const": value}:
                return _text(_json(value))
            case {"enum": values}:
                return self._rule(self._one_of(tuple(dict.fromkeys(map(_json, _sequence(values))))))
            case {"type": "object"}:
                return self._rule(self._object(schema))
            case {"type": "array", "items": items, "maxItems": int(most)}:
                item = self._of(_mapping(items))
                return self._rule(f'"[" ({item} ("," {item}){{0,{most - 1}}})? "]"')
            case {"type": "string"}:
                return self._rule(f'"\\"" c{{{schema.get("minLength", 0)},{schema["maxLength"]}}} "\\""')
            case {"type": "integer" | "number" as kind}:
                return self._rule(_number(schema) + (" d?" if kind == "number" else ""))
            case {"type": "boolean"}:
                return self._rule('"true" | "false"')
            case {"type": "null"}:
                return '"null"'
        raise ValueError(f"no part of a plan's schema: {schema}")

    def _object(self, schema: Schema) -> str:
        """What must be there first, in order; then any of the rest, in order too."""
        properties = _mapping(schema["properties"])
        required = [name for name in properties if name in _sequence(schema.get("required", ()))]
        pairs = {name: f"{_text(_json(name) + ':')} {self._of(_mapping(each))}" for name, each in properties.items()}
        inside = ' "," '.join(pairs[name] for name in required)
        following, starts = "", list[str]()
        optional = [name for name in properties if name not in required]
        for name in reversed(optional):
            starts.append(f"{pairs[name]} {following}".strip())
            if required or name != optional[0]:
                following = self._rule(f'("," {pairs[name]})? {following}'.strip())
        if required:
            return f'"{{" {inside} {following} "}}"'
        return f'"{{" ({" | ".join(reversed(starts))})? "}}"' if starts else '"{}"'

    def _one_of(self, words: Words) -> str:
        """With what all of them begin with written once: "light." of all lights."""
        if len(words) < 2:
            return _text(words[0])
        shared, rests = _beginning(words)
        forks = _forks(rests)
        choices = self._choices(rests, forks, Counter(rests for branches in forks.values() for _, rests in branches))
        return f"{_text(shared)} ({choices})" if shared else choices

    def _choices(self, words: Words, forks: Forks, uses: Counter[Words], before: str = "") -> str:
        """Endings that several beginnings have are one rule: "_temperature" or "_humidity" of all sensors."""
        written = []
        for shared, rests in forks[words]:
            if len(rests) == 1:
                written.append(_text(before + shared))
            elif uses[rests] > 1:
                if rests not in self._endings:
                    self._endings[rests] = self._rule(self._choices(rests, forks, uses))
                written.append(f"{_text(before + shared)} {self._endings[rests]}")
            else:
                written.append(self._choices(rests, forks, uses, before + shared))
        return " | ".join(written)

    def _rule(self, body: str) -> str:
        return self._names.setdefault(body, f"r{len(self._names)}")


def _number(schema: Schema) -> str:
    least = schema.get("minimum")
    return "n" if isinstance(least, int | float) and least >= 0 else '"-"? n'


def _forks(words: Words) -> Forks:
    """Where these words part, and where what is left of them parts again."""
    found: Forks = {}
    awaited = [words]
    while awaited:
        if (each := awaited.pop()) not in found:
            by_letter: dict[str, list[str]] = {}
            for word in each:
                by_letter.setdefault(word[:1], []).append(word)
            found[each] = [_beginning(together) for together in by_letter.values()]
            awaited += [rests for _, rests in found[each] if len(rests) > 1]
    return found


def _beginning(words: Sequence[str]) -> tuple[str, Words]:
    """The longest that all begin with, and what follows it in each."""
    first, last = min(words), max(words)
    end = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first[:end], tuple(word[end:] for word in words)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(text: str) -> str:
    """A literal of the grammar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if text else '""'


def _mapping(value: object) -> Schema:
    assert isinstance(value, Mapping)
    return value


def _sequence(value: object) -> Sequence[object]:
    assert isinstance(value, Sequence)
    return value
