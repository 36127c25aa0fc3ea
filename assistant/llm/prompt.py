"""What the model is told: a prefix that stays the same from turn to turn, then what is true now, then the request.

Servers keep the work done on a prompt's beginning, so nothing that changes may stand before what does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.interfaces import House
from assistant.llm import examples as shown_examples
from assistant.llm.plan import argument_schema, fitted
from assistant.models import Entity, Language, State, Tool, Value

LANGUAGES = {"en": "English", "it": "Italian", "zh": "Chinese"}

MOST_STATES = 120
"""Those nearest the speaker, when a house reports more."""

RULES = """\
You are the brain of a home. Think in one or two sentences about what the request needs, then write the plan as JSON:
{"actions":[{"intent":…,"target":id,"args":{…}}],"because":…,"say":…,"ask":…}
- Do what is asked or clearly needed, with as few actions as possible, in the room that is named, else the speaker's.
- A question about the house: read with an intent that only reads, change nothing.
- Small talk or general knowledge: actions [] and answer in say.
- If you cannot tell what is meant: actions [] and a short question in ask.
- Never unlock, open or disarm unless the request says so.
- because: one short clause, why these actions, from the states below. Name only what stands below.
- because, say and ask are in the language of the request; say and ask are null when not needed."""

_SHOWN_ATTRIBUTES = (
    "brightness",
    "color_temperature",
    "position",
    "percentage",
    "temperature",
    "current_temperature",
    "current_humidity",
    "hvac_action",
    "preset_mode",
    "fan_mode",
    "battery_level",
)


def catalogue(house: House, most: int) -> tuple[Entity, ...]:
    """The entities that the model may know of, sorted; a very large house is cut to those it most likely means."""
    visible = [entity for entity in house.entities() if not entity.hidden]
    if len(visible) > most:
        weight = {"sensor": 2, "binary_sensor": 1}
        visible = sorted(visible, key=lambda entity: (weight.get(entity.domain, 0), entity.id))[:most]
    return tuple(sorted(visible, key=lambda entity: entity.id))


def instructions(tools: Sequence[Tool], entities: Sequence[Entity], *, examples: bool) -> str:
    """The part that stays: rules, tools, examples, devices."""
    usable = fitted(tools, entities)
    parts = [RULES, "Intents:\n" + "\n".join(_tool(tool) for tool in usable)]
    if examples and (shown := shown_examples.examples({tool.intent for tool in usable})):
        parts.append("Examples, from another house:\n\n" + "\n\n".join(shown))
    parts.append("This house (id | name | room | can):\n" + "\n".join(_entity(entity) for entity in entities))
    return "\n\n".join(parts)


def request(
    text: str, language: Language, room: str | None, house: House, entities: Sequence[Entity], states: Sequence[State]
) -> str:
    """The part that changes: states, the words of the request that are names, who asks, and last the request."""
    by_id = {entity.id: entity for entity in entities}
    now = "; ".join(_state(state, by_id[state.entity_id]) for state in states if state.entity_id in by_id)
    lines = [f"Now: {now or 'nothing is known'}"]
    if named := _named(text, language, house, entities):
        lines.append(f"In the request: {'; '.join(named)}")
    if room:
        lines.append(f"The speaker is in: {plain(room)}")
    tongue = LANGUAGES.get(language, language)
    lines += [f"Write because in {tongue}.", f"Request: {plain(text)}"]
    return "\n".join(lines)


def context(house: House, room: str | None, entities: Sequence[Entity]) -> tuple[State, ...]:
    """The states to show: what is known, of the speaker's room first where there is too much, sorted by id."""
    known = [
        (entity, state)
        for entity in entities
        if entity.readable and ((state := house.state(entity.id)).value is not None or not state.available)
    ]
    nearest = sorted(known, key=lambda pair: pair[0].room != room)[:MOST_STATES]
    return tuple(sorted((state for _, state in nearest), key=lambda state: state.entity_id))


def plain(text: str) -> str:
    """One line without anything that a chat template or a train of thought would take for its own mark."""
    return " ".join(re.sub(r"<\|.*?\|>|</?think>", " ", text).split())


def _tool(tool: Tool) -> str:
    arguments = ", ".join(
        f"{name}{'' if name in tool.required else '?'}: {_argument(argument_schema(argument))}"
        for name, argument in tool.arguments.items()
    )
    where = f" [{', '.join(tool.domains)}]" if tool.domains else " [no target]"
    return f"{tool.intent}({arguments}){where} {tool.help.strip().splitlines()[0] if tool.help.strip() else ''}".strip()


def _argument(schema: dict[str, object]) -> str:
    if isinstance(options := schema.get("enum"), Sequence):
        return "|".join(str(option) for option in options)
    if "minimum" in schema and "maximum" in schema:
        return f"{schema['minimum']}-{schema['maximum']}"
    return {"string": "text", "boolean": "true|false"}.get(str(schema.get("type")), str(schema.get("type", "text")))


def _entity(entity: Entity) -> str:
    limits = [f"{name} {limit.minimum:g}-{limit.maximum:g}" for name, limit in sorted(entity.limits.items())]
    options = [f"{name} {'/'.join(each[:8])}" for name, each in sorted(entity.options.items())]
    can = [*sorted(entity.features - entity.limits.keys() - entity.options.keys()), *limits, *options]
    cells = [entity.id, plain(entity.name), plain(entity.room or "-"), ", ".join(can) or (entity.device_class or "-")]
    return " | ".join(cells)


def _state(state: State, entity: Entity) -> str:
    if not state.available:
        return f"{state.entity_id} unavailable"
    known = {name: value for name in _SHOWN_ATTRIBUTES if (value := state.attributes.get(name)) is not None}
    details = f" ({', '.join(f'{name} {_number(value)}' for name, value in known.items())})" if known else ""
    unit = f" {entity.unit}" if entity.unit else ""
    return f"{state.entity_id} {plain(str(state.value))[:60]}{unit}{details}"


def _number(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else plain(str(value))[:60]


def _named(text: str, language: Language, house: House, entities: Sequence[Entity]) -> list[str]:
    """The request's own words for rooms and devices, in languages other than the catalogue's."""
    said = f" {text.casefold()} "
    found = [
        f"{alias} = {meant}"
        for aliases, meant in [
            *((room.aliases, room.name) for room in house.rooms),
            *((entity.aliases, entity.id) for entity in entities),
        ]
        for alias in aliases.get(language, ())
        if _bare(alias) in said
    ]
    return list(dict.fromkeys(found))[:8]


_ARTICLE = re.compile(r"^(the |il |lo |la |l'|l’|i |gli |le )", re.IGNORECASE)


def _bare(alias: str) -> str:
    """Without its article, which the sentence may have melted into a preposition ("nel soggiorno")."""
    return _ARTICLE.sub("", alias).casefold()
