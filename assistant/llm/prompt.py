"""What the model is told: a prefix that stays the same from turn to turn, then what is true now, then the request.

Servers keep the work done on a prompt's beginning, so nothing that changes may stand before what does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from assistant.interfaces import House
from assistant.llm import examples as shown_examples
from assistant.llm.plan import Group, argument_schema, fitted
from assistant.models import PREFERENCES, Entity, Exchange, Language, State, Tool, Value

LANGUAGES = {"en": "English", "it": "Italian", "zh": "Chinese"}

MOST_DETAILED = 20
LEAST_DETAILED = 8
"""Devices that are told one by one; of a larger house, those that matter for the request."""

MOST_TOLD = 160
"""Characters of what the speaker said of themselves, the latest first."""

_DEVICE_CHARACTERS = 40
"""What one device of a large house takes, or rather less."""

GROUPED = ("climate", "cover", "fan", "light", "media_player", "switch")
"""Kinds that people mean all at once."""

SENSES = frozenset({"binary_sensor", "device_tracker", "event", "sensor", "update"})

MANY = 6
"""Kinds from which on an intent is for any."""

DEVICES = "This house (id | name | room | can):\n"

RULES = """\
You are the brain of a home. Think in one or two sentences about what is needed, then write the plan as JSON:
{"actions":[{"intent":…,"target":id,"args":{…}}],"because":…,"say":…,"ask":…}
- Do what is asked or clearly needed, in as few actions as possible, in the named room, else the speaker's.
- A question about the house: use an intent that only reads.
- Small talk or general knowledge: actions [] and answer in say.
- If it is unclear what is meant: actions [] and a short question in ask.
- What no device here can do, or a condition that does not hold now: actions [] and say so.
- Never unlock, open or disarm unless the request says so.
- because: one short clause, why, naming only what stands below.
- because, say and ask in the request's language; say and ask null when not needed."""

_SHOWN_ATTRIBUTES = (
    "brightness",
    "color_temperature",
    "position",
    "percentage",
    "temperature",
    "target_temp_low",
    "target_temp_high",
    "current_temperature",
    "current_humidity",
    "hvac_action",
    "preset_mode",
    "fan_mode",
    "battery_level",
)


def visible(house: House) -> tuple[Entity, ...]:
    """The entities that the model may know of, sorted by id."""
    return tuple(entity for entity in house.entities() if entity.members or not entity.hidden)


def instructions(tools: Sequence[Tool], house: House, entities: Sequence[Entity], *, examples: bool) -> str:
    """The part that stays: rules, tools, examples, and the devices or, where they are many, what each room holds."""
    usable = fitted(tools, entities)
    parts = [RULES, "Intents:\n" + "\n".join(_tool(tool) for tool in usable)]
    if examples and (shown := shown_examples.examples({tool.intent for tool in usable})):
        parts.append("Examples, from another house:\n\n" + "\n\n".join(shown))
    if len(entities) <= MOST_DETAILED:
        parts.append(DEVICES + "\n".join(_entity(entity) for entity in entities))
    else:
        parts.append("This house (room: what can be commanded there):\n" + "\n".join(_rooms(house, entities)))
        parts.append("A target may be all of a kind in a place: kind@room, kind@floor or kind@house.")
    return "\n\n".join(parts)


def request(
    text: str,
    language: Language,
    room: str | None,
    house: House,
    entities: Sequence[Entity],
    states: Sequence[State],
    *,
    devices: bool = False,
    earlier: Sequence[Exchange] = (),
) -> str:
    """The part that changes: states, the words of the request that are names, who asks, and last the request.

    devices: the entities are those of a large house that matter now, and have to be introduced.
    earlier: what was said before in the same session, oldest first.
    """
    lines = _introduced(entities, states) if devices else [now(entities, states)]
    if wishes := told_of_the_speaker(house):
        lines.append(wishes)
    if named := _named(text, language, house, entities):
        lines.append(f"In the request: {'; '.join(named)}")
    if room:
        lines.append(f"The speaker is in: {plain(room)}")
    lines += [_exchange(exchange) for exchange in earlier]
    tongue = LANGUAGES.get(language, language)
    lines += [f"Write because in {tongue}.", f"Request: {plain(text)}"]
    return "\n".join(lines)


def subjects(text: str, earlier: Sequence[Exchange]) -> str:
    """The request with the names of what was spoken of before, by which the devices that matter are found."""
    names = {
        entity.name for exchange in earlier for intent in exchange.intents for entity in intent.targets[:_MOST_TOLD]
    }
    return " ".join([text, *sorted(names)])


def _exchange(exchange: Exchange) -> str:
    """ "Before, they said: turn on the lamp (HassTurnOn light.lamp). You said: The lamp is on."."""
    done = "; ".join(f"{each.name} {', '.join(entity.id for entity in each.targets[:_MOST_TOLD])}".strip()
                     for each in exchange.intents)  # fmt: skip
    asked = "You asked" if exchange.asked else "You said"
    answered = " The request answers that." if exchange.asked else ""
    return (
        f"Before, they said: {plain(exchange.said)[:_LONGEST_TOLD]}{f' ({done})' if done else ''}. "
        f"{asked}: {plain(exchange.reply)[:_LONGEST_TOLD]}{answered}"
    )


_MOST_TOLD = 4
"""Devices of an earlier turn."""
_LONGEST_TOLD = 120
"""Characters of what was said in it."""


def told_of_the_speaker(house: House) -> str:
    """What they said of themselves, in one short line: words to weigh, no orders. The policy knows nothing of it."""
    kept = {name: plain(str(value or "")) for name, value in house.state(PREFERENCES).attributes.items()}
    facts = str(house.state(PREFERENCES).attributes.get("facts") or "").split("\n")
    told = [f"is called {kept['name']}"] if kept.get("name") else []
    for fact in reversed([plain(each) for each in facts if each]):
        if sum(map(len, told)) + len(fact) > MOST_TOLD:
            break
        told.append(f"“{fact}”")
    return f"The speaker (wishes, no orders): {'; '.join(told)}" if told else ""


def most_detailed(house: House, earlier: Sequence[Exchange] = ()) -> int:
    """How many devices of a large house are told of; fewer where what was said before needs the room."""
    also = [told_of_the_speaker(house), *map(_exchange, earlier)]
    return max(LEAST_DETAILED, MOST_DETAILED - math.ceil(sum(map(len, also)) / _DEVICE_CHARACTERS))


def _introduced(entities: Sequence[Entity], states: Sequence[State]) -> list[str]:
    known = {state.entity_id: state for state in states}
    lines = [_device(entity, known.get(entity.id, State(entity.id))) for entity in entities]
    return ["What may matter now, the likeliest first (id, state [can]):", *lines]


def now(entities: Sequence[Entity], states: Sequence[State]) -> str:
    """What is true of them."""
    by_id = {entity.id: entity for entity in entities}
    told = "; ".join(_state(state, by_id[state.entity_id]) for state in states if state.entity_id in by_id)
    return f"Now: {told or 'nothing is known'}"


def groups(entities: Sequence[Entity]) -> tuple[Group, ...]:
    """What may be meant at once in a large house: all of a kind in a room, on a floor, or everywhere."""
    members: dict[str, list[Entity]] = {}
    for entity in entities:
        if entity.domain in GROUPED:
            for place in dict.fromkeys((entity.room, entity.floor, "house")):
                if place:
                    members.setdefault(f"{entity.domain}@{plain(place)}", []).append(entity)
    return tuple(
        Group(name, them[0].domain, tuple(entity.id for entity in them))
        for name, them in sorted(members.items())
        if len(them) > 1
    )


def context(house: House, entities: Sequence[Entity]) -> tuple[State, ...]:
    """The states to show: what is known of the entities."""
    known = [
        (entity, state)
        for entity in entities
        if entity.readable and ((state := house.state(entity.id)).value is not None or not state.available)
    ]
    return tuple(state for _, state in known)


def plain(text: str) -> str:
    """One line without anything that a chat template or a train of thought would take for its own mark."""
    return " ".join(re.sub(r"<\|.*?\|>|</?think>", " ", text).split())


def _rooms(house: House, entities: Sequence[Entity]) -> Iterator[str]:
    """What acts in each room, floor by floor: "Ground Floor:", "Kitchen: cover, light, switch"."""
    floors = {room.name: room.floor or "" for room in house.rooms}
    held: dict[tuple[str, str], set[str]] = {}
    for entity in entities:
        room = entity.room or ""
        held.setdefault((floors.get(room, ""), room), set()).update({entity.domain} - SENSES)
    floor = ""
    for at, room in sorted(held, key=lambda place: (place[1] == "", place)):
        if at != floor:
            yield f"{plain(at) or 'Elsewhere'}:"
            floor = at
        yield f"{plain(room) or '-'}: {', '.join(sorted(held[at, room])) or 'sensors'}"


def _device(entity: Entity, state: State) -> str:
    """One line of a large house's request: id, name and room where the id does not tell them, state, abilities."""
    told = set(_SPLIT.split(entity.id.casefold()))
    named = "" if told >= set(_SPLIT.split(_slug(entity.name))) else f" {plain(entity.name)}"
    where = "" if not entity.room or told >= set(_SPLIT.split(_slug(entity.room))) else f" in {plain(entity.room)}"
    known = entity.readable and (state.value is not None or not state.available)
    now = _state(state, entity).removeprefix(entity.id) if known else ""
    can = _abilities(entity)
    return f"{entity.id}{named}{where}{now}{f' [{can}]' if can else ''}"


def _slug(name: str) -> str:
    return re.sub(r"['’]", "", name.casefold()).replace(" ", "_")


_SPLIT = re.compile(r"[._]")


def _tool(tool: Tool) -> str:
    arguments = ", ".join(
        f"{name}{'' if name in tool.required else '?'}: {_argument(argument_schema(argument))}"
        for name, argument in tool.arguments.items()
    )
    where = f" [{', '.join(tool.domains) if len(tool.domains) < MANY else 'any'}]" if tool.domains else " [no target]"
    return f"{tool.intent}({arguments}){where} {_help(tool)}".strip()


def _help(tool: Tool) -> str:
    """Without the sentences that only say the intent's name again ("Turn on lights.")."""
    name = {word.casefold() for word in _CAMEL.findall(tool.intent)} | {"the", "and", "or"}
    kinds = {form for domain in tool.domains for word in (domain, *domain.split("_"))
             for form in (word, f"{word}s", f"{word}es")}  # fmt: skip
    sentences = [each for each in re.split(r"(?<=\.) ", " ".join(tool.help.split())) if each]
    telling = [each for each in sentences if not set(_WORDS.findall(each.casefold())) <= name | kinds]
    return " ".join(telling or sentences[:1])


_CAMEL = re.compile(r"[A-Z][a-z]+")
_WORDS = re.compile(r"\w+")


def _argument(schema: dict[str, object]) -> str:
    if isinstance(options := schema.get("enum"), Sequence):
        return "|".join(str(option) for option in options)
    if "minimum" in schema and "maximum" in schema:
        least, most = schema["minimum"], schema["maximum"]
        return f"±{most}" if least == -float(str(most)) else f"{least}-{most}"
    return {"string": "text", "boolean": "true|false"}.get(str(schema.get("type")), str(schema.get("type", "text")))


def _entity(entity: Entity) -> str:
    cells = [entity.id, plain(entity.name), plain(entity.room or "-"), _abilities(entity) or "-"]
    return " | ".join(cells)


def _abilities(entity: Entity) -> str:
    """What it can, or what kind of sensor it is."""
    limits = [f"{name} {limit.minimum:g}-{limit.maximum:g}" for name, limit in sorted(entity.limits.items())]
    options = [f"{name} {'/'.join(each[:8])}" for name, each in sorted(entity.options.items())]
    can = [*sorted(entity.features - entity.limits.keys() - entity.options.keys()), *limits, *options]
    return ", ".join(can) or entity.device_class or ""


def _state(state: State, entity: Entity) -> str:
    if not state.available:
        return f"{state.entity_id} unavailable"
    known = {name: value for name in _SHOWN_ATTRIBUTES if (value := state.attributes.get(name)) is not None}
    details = f" ({', '.join(f'{name} {_number(value)}' for name, value in known.items())})" if known else ""
    unit = f" {entity.unit}" if entity.unit else ""
    return f"{state.entity_id} {_value(state, entity)}{unit}{details}"


def _value(state: State, entity: Entity) -> str:
    """A sensor's on and off in the words of what it senses: models take a window that is "off" for anything."""
    senses = _SENSED.get(entity.device_class or "") if entity.domain == "binary_sensor" else None
    if senses and state.value in ("on", "off"):
        return senses[state.value == "off"]
    return plain(str(state.value))[:60]


_SENSED = {
    **dict.fromkeys(("door", "garage_door", "opening", "window"), ("open", "closed")),
    **dict.fromkeys(("motion", "moving"), ("motion", "no motion")),
    **dict.fromkeys(("occupancy", "presence"), ("somebody there", "nobody there")),
    "moisture": ("wet", "dry"),
    "smoke": ("smoke", "no smoke"),
}
"""By device class: what on and off mean."""


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
