"""A house that stands still in memory, and one small class for each part that a test cannot run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.errors import HouseUnreachable, NotPossible
from assistant.models import (
    Action,
    Allowed,
    AudioChunk,
    Change,
    Decided,
    Entity,
    Exchange,
    Floor,
    Language,
    Limits,
    Match,
    May,
    Message,
    Outcome,
    Plan,
    ReasoningDelta,
    Room,
    State,
    Turn,
    Value,
)

FLOORS = (
    Floor("Ground floor", {"en": ("downstairs",), "it": ("piano terra",), "zh": ("一楼",)}),
    Floor("First floor", {"en": ("upstairs",), "it": ("primo piano", "di sopra"), "zh": ("二楼",)}),
)

ROOMS = (
    Room("Kitchen", "Ground floor", {"it": ("la cucina",), "zh": ("厨房",)}),
    Room("Living Room", "Ground floor", {"en": ("lounge",), "it": ("il soggiorno", "il salotto"), "zh": ("客厅",)}),
    Room("Hallway", "Ground floor", {"en": ("hall",), "it": ("l'ingresso",), "zh": ("门厅",)}),
    Room("Garage", "Ground floor", {"it": ("il garage",), "zh": ("车库",)}),
    Room("Bedroom", "First floor", {"it": ("la camera da letto", "la camera"), "zh": ("卧室",)}),
)


def thing(entity_id: str, room: str | None, it: str = "", *features: str, **more: object) -> Entity:
    """A device called after its id: light.kitchen_light is the Kitchen Light."""
    name = entity_id.partition(".")[2].replace("_", " ").title()
    aliases = {"it": (it,)} if it else {}
    entity = Entity(entity_id, name, room, aliases=aliases, features=frozenset(features))
    return replace(entity, **more)  # type: ignore[arg-type]


WHITE = ("brightness", "color_temperature")

ENTITIES = (
    thing("light.kitchen_light", "Kitchen", "la luce della cucina", "brightness"),
    thing("light.living_room_light", "Living Room", "la luce del soggiorno", *WHITE, "color",
          limits={"color_temperature": Limits(2200, 6500)}),
    thing("light.reading_lamp", "Living Room", "la lampada da lettura", "brightness"),
    thing("light.bedroom_light", "Bedroom", "la luce della camera da letto", *WHITE),
    thing("light.garage_light", "Garage", "la luce del garage"),
    thing("switch.coffee_machine", "Kitchen", "la macchina del caffè"),
    thing("switch.freezer", "Garage", "il congelatore", critical=True),
    thing("cover.living_room_blinds", "Living Room", "la tapparella del soggiorno", "open", "close", "stop", "position",
          device_class="blind"),
    thing("cover.garage_door", "Garage", "la porta del garage", "open", "close", device_class="garage"),
    thing("climate.thermostat", "Living Room", "il termostato", "temperature", "hvac_mode", unit="°C",
          limits={"temperature": Limits(7, 30, 0.5)}, options={"hvac_mode": ("off", "heat")}),
    thing("lock.front_door", "Hallway", "la porta d'ingresso"),
    thing("vacuum.robot_vacuum", "Hallway", "il robot", "start", "stop", "return_home"),
    thing("fan.bedroom_fan", "Bedroom", "il ventilatore", "percentage"),
    thing("valve.water_main", "Garage", "la valvola dell'acqua", "open", "close"),
    thing("binary_sensor.hallway_motion", "Hallway", "il movimento nell'ingresso", device_class="motion"),
    thing("binary_sensor.bedroom_window", "Bedroom", "la finestra della camera", device_class="window"),
    thing("sensor.bedroom_temperature", "Bedroom", "la temperatura della camera", device_class="temperature",
          unit="°C"),
    thing("sensor.living_room_brightness", "Living Room", "la luminosità del soggiorno", device_class="illuminance",
          unit="lx"),
    thing("sensor.router_uptime", None, unit="h", hidden=True),
    thing("scene.movie_night", "Living Room", "serata film", readable=False),
)  # fmt: skip

STATES: Mapping[str, tuple[str, Mapping[str, Value]]] = {
    "light.kitchen_light": ("off", {}),
    "light.living_room_light": ("on", {"brightness": 40, "color": "white"}),
    "light.reading_lamp": ("off", {}),
    "light.bedroom_light": ("off", {}),
    "light.garage_light": ("off", {}),
    "switch.coffee_machine": ("off", {}),
    "switch.freezer": ("on", {}),
    "cover.living_room_blinds": ("open", {"position": 100}),
    "cover.garage_door": ("closed", {}),
    "climate.thermostat": ("heat", {"temperature": 20.0, "current_temperature": 18.5}),
    "lock.front_door": ("locked", {}),
    "vacuum.robot_vacuum": ("docked", {}),
    "fan.bedroom_fan": ("off", {}),
    "valve.water_main": ("open", {}),
    "binary_sensor.hallway_motion": ("off", {}),
    "binary_sensor.bedroom_window": ("on", {}),
    "sensor.bedroom_temperature": ("21.5", {}),
    "sensor.living_room_brightness": ("12", {}),
}


class FakeHouse:
    """interfaces.House: twenty things in five rooms on two floors."""

    def __init__(self, entities: Sequence[Entity] = ENTITIES, rooms: Sequence[Room] = ROOMS) -> None:
        self.rooms = rooms
        self.floors: Sequence[Floor] = FLOORS
        self.revision = 1
        self.states = {name: State(name, value, attributes) for name, (value, attributes) in STATES.items()}
        self._entities = {entity.id: entity for entity in sorted(entities, key=lambda entity: entity.id)}

    def entities(self) -> Sequence[Entity]:
        return tuple(self._entities.values())

    def entity(self, entity_id: str) -> Entity | None:
        return self._entities.get(entity_id)

    def state(self, entity_id: str) -> State:
        return self.states.get(entity_id, State(entity_id))

    def add(self, *entities: Entity) -> None:
        self._entities |= {entity.id: entity for entity in entities}
        self.revision += 1

    def report(self, entity_id: str, value: str | None, **attributes: Value) -> None:
        """The device says how it is now."""
        self.states[entity_id] = State(entity_id, value, attributes)


_BECOMES = {
    "turn_on": "on", "turn_off": "off", "open_cover": "open", "close_cover": "closed", "lock": "locked",
    "unlock": "unlocked", "start": "cleaning", "return_to_base": "returning", "open_valve": "open",
    "close_valve": "closed", "set_cover_position": "open", "set_percentage": "on", "media_play": "playing",
    "media_pause": "paused", "media_stop": "idle", "start_mowing": "mowing", "dock": "docked",
    "alarm_arm_away": "armed_away", "alarm_arm_home": "armed_home", "alarm_arm_night": "armed_night",
    "alarm_disarm": "disarmed", "clean_area": "cleaning",
}  # fmt: skip


@dataclass(slots=True)
class FakeCommands:
    """interfaces.Commands: devices obey at once, but for those that are silent or when the broker is away."""

    house: FakeHouse
    silent: set[str] = field(default_factory=set)
    """Ids that never answer."""
    failing: set[str] = field(default_factory=set)
    """Ids whose command cannot be made."""
    reachable: bool = True
    performed: list[Action] = field(default_factory=list)
    published: list[tuple[str, str]] = field(default_factory=list)
    """(topic, payload): ("front_door/set", "UNLOCK")."""

    async def perform(self, allowed: Allowed) -> Outcome:
        action = allowed.action
        if not self.reachable:
            raise HouseUnreachable("the broker is away")
        if action.entity_id in self.failing:
            raise NotPossible(f"{action.entity_id} cannot do that", name=action.entity_id)
        entity = self.house.entity(action.entity_id)
        assert entity is not None, "the policy denies unknown devices"
        name = action.entity_id.partition(".")[2]
        message = Message(f"{name}/set", action.service.removeprefix("turn_").upper())
        self.performed.append(action)
        self.published.append((message.topic, message.payload))
        if action.entity_id in self.silent:
            problem = f"{action.entity_id} has not answered within 3 s"
            return Outcome(action, allowed, (message,), False, self.house.state(action.entity_id), problem)
        if not entity.readable:
            return Outcome(action, allowed, (message,), None)
        before = self.house.state(action.entity_id)
        value = action.arguments.get("hvac_mode") or _BECOMES.get(action.service, before.value)
        said = {name: each for name, each in action.arguments.items() if name != "code"}
        self.house.report(action.entity_id, str(value), **{**before.attributes, **said})
        return Outcome(
            action, allowed, (message,), True, self.house.state(action.entity_id), act_ms=1.0, confirm_ms=2.0
        )


@dataclass(slots=True)
class Told:
    """A house and what obeys in it, as one household.Part."""

    house: FakeHouse
    commands: FakeCommands

    @property
    def revision(self) -> int:
        return self.house.revision

    @property
    def rooms(self) -> Sequence[Room]:
        return self.house.rooms

    @property
    def floors(self) -> Sequence[Floor]:
        return self.house.floors

    def entities(self) -> Sequence[Entity]:
        return self.house.entities()

    def entity(self, entity_id: str) -> Entity | None:
        return self.house.entity(entity_id)

    def state(self, entity_id: str) -> State:
        return self.house.state(entity_id)

    async def perform(self, allowed: Allowed) -> Outcome:
        return await self.commands.perform(allowed)


class FakeLists(FakeHouse):
    """A shopping list in memory, as memory/lists.py keeps it."""

    def __init__(self, *items: str) -> None:
        super().__init__([Entity("todo.shopping_list", "Shopping List", aliases={"it": ("la lista della spesa",)})], ())
        self.floors = ()
        self.items = list(items)
        self._tell()

    async def perform(self, allowed: Allowed) -> Outcome:
        action, item = allowed.action, str(allowed.action.arguments["item"])
        if action.service == "add_item":
            self.items.append(item)
        else:
            self.items.remove(item)
        self._tell()
        return Outcome(action, allowed, confirmed=True, state=self.state(action.entity_id))

    def _tell(self) -> None:
        self.report("todo.shopping_list", str(len(self.items)), items="\n".join(self.items))


@dataclass(slots=True)
class FakeHistory:
    """interfaces.History: knows what it is told."""

    changes: list[Change] = field(default_factory=list)
    began: datetime | None = None

    async def last(self, entity_id: str, values: Collection[str] = ()) -> Change | None:
        fitting = [
            each for each in self.changes if each.entity_id == entity_id and (not values or each.value in values)
        ]
        return max(fitting, key=lambda each: each.at, default=None)

    async def since(self) -> datetime | None:
        return self.began


@dataclass(slots=True)
class FakeMatcher:
    """interfaces.Matcher: knows the sentences that it is given, word for word."""

    matches: Mapping[str, Match] = field(default_factory=dict)
    language: Language = "en"

    def match(self, text: str, language: Language, room: str | None = None) -> Match:
        return self.matches.get(text, Match(because="no sentence fits"))

    def complete(self, text: str, language: Language) -> bool:
        return text in self.matches

    def follow(self, text: str, language: Language, before: Exchange) -> Match | None:
        return None

    def undoes(self, text: str, language: Language) -> bool:
        return False

    def undone(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        return ()

    def chosen(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        return ()

    def unsure(self, text: str, language: Language) -> bool:
        return False

    def language_of(self, text: str) -> Language:
        return self.language


@dataclass(slots=True)
class FakeBrain:
    """interfaces.Brain: thinks what it is told to, then gives its plan, or fails."""

    plan: Plan | None = None
    thoughts: Sequence[str] = ()
    error: Exception | None = None
    read: Sequence[State] = ()
    wordless: Exception | None = None
    """How it fails after it has said what is to be done."""
    asked: list[str] = field(default_factory=list)
    told: list[tuple[Exchange, ...]] = field(default_factory=list)
    """Of the turns before, at each thought."""
    may: list[May] = field(default_factory=list)
    warmed: int = 0

    async def ready(self) -> bool:
        return self.error is None

    async def warm(self, house: object) -> None:
        self.warmed += 1

    async def think(
        self,
        text: str,
        language: Language,
        room: str | None,
        house: object,
        earlier: Sequence[Exchange] = (),
        may: May = "act",
    ) -> AsyncIterator[ReasoningDelta | Decided | Plan]:
        self.asked.append(text)
        self.told.append(tuple(earlier))
        self.may.append(may)
        for thought in self.thoughts:
            yield ReasoningDelta(thought)
        if self.error is not None:
            raise self.error
        if self.plan is not None:
            yield Decided(self.plan.intents, tuple(self.read))
            if self.wordless is not None:
                raise self.wordless
            yield self.plan


@dataclass(slots=True)
class FakeJournal:
    """interfaces.Journal: in memory."""

    turns: list[Turn] = field(default_factory=list)

    async def keep(self, turn: Turn) -> None:
        self.turns.append(turn)

    async def last(self, session: str | None = None, limit: int = 1) -> Sequence[Turn]:
        kept = [turn for turn in reversed(self.turns) if session in (None, turn.request.session)]
        return kept[:limit]


@dataclass(slots=True)
class FakeVoice:
    """interfaces.TextToSpeech: a tenth of a second of silence a clause."""

    said: list[tuple[str, Language]] = field(default_factory=list)

    async def synthesize(self, text: str, language: Language) -> AsyncIterator[AudioChunk]:
        self.said.append((text, language))
        for _ in text.split(","):
            yield AudioChunk(bytes(3200))


@dataclass(slots=True)
class FakeSpeaker:
    """interfaces.Speaker: keeps what was played."""

    seconds: float = 0.0

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        async for chunk in chunks:
            self.seconds += chunk.seconds


@dataclass(slots=True)
class FakeClock:
    """interfaces.Clock: moves when told."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now
