"""The plan's grammar, made from the tools and this house's ids, and the plan read back from what the model wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.models import Entity, Intent, Plan, Target, Tool, Value

BECAUSE_CHARACTERS = 120
SPOKEN_CHARACTERS = 160
WORD_CHARACTERS = 40
SENTENCE_CHARACTERS = 100
"""Of an argument whose format is "sentence"."""
MOST_ACTIONS = 12
_WORDS_TOKENS = 140
"""What because, say and ask may take of the budget."""
_ACTION_TOKENS = 30

_OPTIONS = {"hvac_mode", "preset_mode", "fan_mode", "swing_mode", "operation_mode", "effect", "option", "area"}
"""Arguments that only a device's own list of options can fill."""

_FEATURES = {"tilt": "tilt", "oscillating": "oscillate", "direction": "direction"}
"""Arguments that mean nothing to devices without the feature."""

Schema = dict[str, object]


@dataclass(frozen=True, slots=True)
class Group:
    """All of a kind in one place, as one target of a large house: "light@Kitchen"."""

    id: str
    domain: str
    ids: tuple[str, ...]


class NotAPlan(ValueError):
    """What the model wrote is no plan; the text says why."""


def schema(
    tools: Sequence[Tool], entities: Sequence[Entity], budget_tokens: int, groups: Sequence[Group] = ()
) -> Schema:
    """JSON schema of a plan for this house: ids are an enum, lengths are capped so that it ends within the budget.

    Every id stands in it once, under its domain: vLLM reads the whole schema anew for each request.
    """
    usable = fitted(tools, entities)
    choices = [_action(tool) for tool in usable]
    most = min(MOST_ACTIONS, max(1, (budget_tokens - _WORDS_TOKENS) // _ACTION_TOKENS))
    actions: Schema = (
        {"type": "array", "items": choices[0] if len(choices) == 1 else {"anyOf": choices}, "maxItems": most}
        if choices
        else {"enum": [[]]}
    )
    plan = _object(
        {
            "actions": actions,
            "because": _text(BECAUSE_CHARACTERS),
            "say": {"anyOf": [{"type": "null"}, _text(SPOKEN_CHARACTERS)]},
            "ask": {"anyOf": [{"type": "null"}, _text(SPOKEN_CHARACTERS)]},
        }
    )
    domains = sorted({domain for tool in usable for domain in tool.domains})
    return plan | {"$defs": {domain: {"enum": _ids(domain, entities, groups)} for domain in domains}}


def targets_of(tool: Tool, entities: Sequence[Entity], groups: Sequence[Group] = ()) -> dict[str, tuple[str, ...]]:
    """What an intent may name, and the ids that it means."""
    found = {entity.id: (entity.id,) for entity in entities if entity.domain in tool.domains}
    return found | {group.id: group.ids for group in groups if group.domain in tool.domains}


def fitted(tools: Sequence[Tool], entities: Sequence[Entity]) -> tuple[Tool, ...]:
    """The tools as far as this house has use for them: its domains, and the options that its devices really have."""
    return tuple(found for tool in tools if (found := _fitted(tool, entities)) is not None)


def decided(
    text: str, tools: Sequence[Tool], entities: Sequence[Entity], groups: Sequence[Group] = ()
) -> tuple[Intent, ...] | None:
    """The intents of a plan that is still being written, once its list of actions is closed; None before.

    The grammar puts the actions first. Raises NotAPlan.
    """
    opened = _ACTIONS.match(text)
    if opened is None:
        return None
    try:
        actions, _ = _DECODER.raw_decode(text, opened.end())
    except (json.JSONDecodeError, RecursionError):
        return None
    return _intents(_written({"actions": actions}), tools, entities, groups)


def parse(text: str, tools: Sequence[Tool], entities: Sequence[Entity], groups: Sequence[Group] = ()) -> Plan:
    """Checked again as if there had been no grammar, since a server may ignore it. Raises NotAPlan."""
    try:
        written = _written(_DECODER.decode(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise NotAPlan("it is not JSON") from error
    intents = _intents(written, tools, entities, groups)
    because, ask = _clause(written.because), _words(written.ask)
    return Plan(
        intents=intents,
        because=because,
        # Of what was done, only what the house confirms is spoken. Where nothing is, small models put the answer there.
        say=None if intents else _words(written.say) or (_sentence(because) if because and not ask else None),
        ask=ask,
        raw=text,
    )


# ── the grammar ──────────────────────────────────────────────────────────────────────────


def _fitted(tool: Tool, entities: Sequence[Entity]) -> Tool | None:
    """None: nothing in this house can be the target, or has what must or may be given."""
    targets = [entity for entity in entities if entity.domain in tool.domains]
    if not tool.domains:
        return tool
    arguments = _filled(tool, targets)
    if not targets or set(tool.required) - arguments.keys() or (tool.arguments and not arguments):
        return None
    domains = tuple(dict.fromkeys(entity.domain for entity in targets))
    helps = dict.fromkeys(tool.helps.get(domain, tool.help) for domain in domains)
    return replace(tool, domains=domains, arguments=arguments, help=" ".join(helps))


def _filled(tool: Tool, targets: Sequence[Entity]) -> dict[str, Mapping[str, object]]:
    """The arguments that these devices understand, with the options that they have."""
    features = frozenset[str]().union(*(entity.features for entity in targets))
    arguments = dict(tool.arguments)
    for name in tool.arguments:
        options = sorted({option for entity in targets for option in entity.options.get(name, ())})
        if options:
            arguments[name] = {"enum": options}
        elif name in _OPTIONS or (name in _FEATURES and _FEATURES[name] not in features):
            del arguments[name]
    return arguments


def _ids(domain: str, entities: Sequence[Entity], groups: Sequence[Group]) -> list[str]:
    all_of_them: list[Entity | Group] = [*entities, *groups]
    return [each.id for each in all_of_them if each.domain == domain]


def _action(tool: Tool) -> Schema:
    properties: dict[str, object] = {"intent": {"const": tool.intent}}
    if tool.domains:
        kinds: list[Schema] = [{"$ref": f"#/$defs/{domain}"} for domain in tool.domains]
        properties["target"] = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    properties["args"] = _object(
        {name: argument_schema(argument) for name, argument in tool.arguments.items()}, tool.required
    )
    return _object(properties)


def argument_schema(argument: Mapping[str, object]) -> Schema:
    """Only the words that both grammar engines know; null is said by leaving the argument out."""
    options = argument.get("anyOf")
    if isinstance(options, Sequence):
        kept = [argument_schema(option) for option in options if option.get("type") != "null"]
        return kept[0] if len(kept) == 1 else {"anyOf": kept}
    known = ("type", "enum", "const", "minimum", "maximum", "items", "maxItems")
    kept_words = {word: argument[word] for word in known if word in argument}
    if kept_words.get("type") == "string" and "enum" not in kept_words:
        most = SENTENCE_CHARACTERS if argument.get("format") == "sentence" else WORD_CHARACTERS
        longest = argument.get("maxLength", most)
        return kept_words | {"minLength": 1, "maxLength": min(longest if isinstance(longest, int) else most, most)}
    return kept_words


def _object(properties: Mapping[str, object], required: Sequence[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def _text(longest: int) -> Schema:
    return {"type": "string", "maxLength": longest}


# ── what was written ─────────────────────────────────────────────────────────────────────


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Action(_Strict):
    intent: str
    target: str | None = None
    args: dict[str, str | int | float | bool | None] = {}


class _Written(_Strict):
    actions: list[_Action] = Field(default=[], max_length=32)
    because: str | None = None
    say: str | None = None
    ask: str | None = None


_ACTIONS = re.compile(r'\s*\{\s*"actions"\s*:\s*')
_DECODER = json.JSONDecoder(strict=False)
"""Grammars let raw control characters into strings, which strict JSON forbids."""


def _written(content: object) -> _Written:
    try:
        return _Written.model_validate(content)
    except ValidationError as error:
        problem = error.errors()[0]
        raise NotAPlan(f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg']}") from error


def _intents(
    written: _Written, tools: Sequence[Tool], entities: Sequence[Entity], groups: Sequence[Group]
) -> tuple[Intent, ...]:
    return _merged([_intent(action, tools, entities, groups) for action in written.actions])


def _intent(action: _Action, tools: Sequence[Tool], entities: Sequence[Entity], groups: Sequence[Group]) -> Intent:
    named = [tool for tool in tools if tool.intent == action.intent]
    if not named:
        raise NotAPlan(f"there is no intent {action.intent!r}")
    fitting = [tool for tool in named if not tool.domains or action.target in targets_of(tool, entities, groups)]
    if not fitting:
        raise NotAPlan(f"{action.intent} cannot have the target {action.target!r}")
    tool = fitting[0]
    slots: dict[str, Value] = {name: value for name, value in action.args.items() if value is not None}
    if unknown := slots.keys() - tool.arguments.keys():
        raise NotAPlan(f"{action.intent} takes no {', '.join(sorted(unknown))}")
    if missing := set(tool.required) - slots.keys():
        raise NotAPlan(f"{action.intent} needs {', '.join(sorted(missing))}")
    ids = targets_of(tool, entities, groups)[action.target] if tool.domains and action.target else ()
    return Intent(action.intent, Target(ids=ids), slots)


def _merged(intents: Sequence[Intent]) -> tuple[Intent, ...]:
    """The same intent with the same slots for several targets is one intent."""
    together: dict[tuple[str, str], Intent] = {}
    for intent in intents:
        key = (intent.name, json.dumps(dict(intent.slots), sort_keys=True))
        before = together.get(key)
        ids = (*before.target.ids, *intent.target.ids) if before else intent.target.ids
        together[key] = Intent(intent.name, Target(ids=tuple(dict.fromkeys(ids))), intent.slots)
    return tuple(together.values())


def _words(text: str | None) -> str | None:
    """Spoken words: one line, or None when there are none."""
    cleaned = " ".join("".join(" " if ord(letter) < 32 else letter for letter in text or "").split())
    return None if cleaned.lower() in ("", "null", "none") else cleaned


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."


_OPENINGS = re.compile(r"^(because|since|perché|perche|poiché|siccome|因为)[\s,:]*", re.IGNORECASE)


def _clause(text: str | None) -> str | None:
    """The bare reason: who speaks it joins it to the sentence."""
    words = _words(text)
    return words and (_OPENINGS.sub("", words).rstrip(" .;,。") or None)
