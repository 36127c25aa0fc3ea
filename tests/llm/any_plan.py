"""Plans at random that a schema allows, and what is nearly one of its ids: for what two grammars must agree on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

LETTERS = "abc xyz,.àè你🙂"
MOST = 100
"""Where a number has no limit of its own."""


def any_plan(schema: Mapping[str, Any], random: Random) -> str:
    """As a model writes it under a grammar: without white space."""
    return json.dumps(_any(schema, schema["$defs"], random), ensure_ascii=False, separators=(",", ":"))


def nearly(ids: list[str], random: Random, most: int) -> Iterator[str]:
    """None of the ids: the beginning of one with the end of another, too little, or too much."""
    for _ in range(most):
        first, second = random.choice(ids), random.choice(ids)
        crossed = first[: random.randrange(len(first))] + second[random.randrange(len(second)) :]
        yield from (each for each in (crossed, first + second, first[:-1], f"{first}_2") if each not in ids)


def _any(schema: Mapping[str, Any], definitions: Mapping[str, Any], random: Random) -> object:
    match schema:
        case {"$ref": reference}:
            return _any(definitions[reference.rpartition("/")[2]], definitions, random)
        case {"anyOf": choices}:
            return _any(random.choice(choices), definitions, random)
        case {"const": value}:
            return value
        case {"enum": values}:
            return random.choice(values)
        case {"type": "object", "properties": properties, "required": required}:
            named = [name for name in properties if name in required]
            named += [name for name in properties if name not in required and random.random() < 0.5]
            return {name: _any(properties[name], definitions, random) for name in named}
        case {"type": "array", "items": items, "maxItems": most}:
            return [_any(items, definitions, random) for _ in range(random.randint(0, most))]
        case {"type": "string", "maxLength": most}:
            return "".join(random.choices(LETTERS, k=random.randint(schema.get("minLength", 0), most)))
        case {"type": "integer" | "number" as kind}:
            least, greatest = schema.get("minimum", -MOST), schema.get("maximum", MOST)
            whole = random.randint(int(least), int(greatest))
            return whole if kind == "integer" or whole >= greatest else whole + random.choice((0, 0.5, 0.25))
        case {"type": "boolean"}:
            return random.random() < 0.5
        case {"type": "null"}:
            return None
    raise ValueError(f"no part of a plan's schema: {schema}")
