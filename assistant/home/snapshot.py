"""What Home Assistant lists of itself over MQTT: its rooms and entities, in parts that are kept by the broker."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistant.home.cleaning import plain, whole_json
from assistant.models import Floor, Language, Room

log = logging.getLogger(__name__)

LARGEST_PART = 1024 * 1024
"""Bytes; the package's own are below 100 kB."""

MOST_PARTS = 400
"""Of 50 entities each."""

LANGUAGES: tuple[Language, ...] = ("en", "it", "zh")

_ALIAS = re.compile(r"alias(?:\s+(en|it|zh))?\s*:\s*(\S.*)", re.IGNORECASE)
"""A label "alias: telly", or "alias it: la tele": templates of Home Assistant do not see the aliases of its Assist."""

Text = Annotated[str, AfterValidator(lambda text: " ".join(plain(text).split()))]
Id = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}\.[a-z0-9_]{1,190}$")]


def _device_ids(value: Any) -> frozenset[str]:
    """["mqtt", "zigbee2mqtt_0x0017"] and ["mac", "AA:BB:…"], each as one text."""
    pairs = value if isinstance(value, list) else []
    return frozenset(":".join(str(each) for each in pair).casefold() for pair in pairs if isinstance(pair, list))


class Reported(BaseModel):
    """How an entity is."""

    model_config = ConfigDict(frozen=True)

    id: Id
    state: Text
    at: datetime | None = None
    attributes: Mapping[str, Any] = {}


class Listed(Reported):
    """What Home Assistant's registry knows of an entity, and how it was when it was listed."""

    name: Text
    area: Text | None = None
    labels: tuple[Text, ...] = ()
    hidden: bool = False
    mqtt: bool = False
    """It came to Home Assistant over MQTT, so it most likely came to us as well."""
    device: Text | None = None
    device_ids: Annotated[frozenset[str], BeforeValidator(_device_ids)] = frozenset()

    @property
    def domain(self) -> str:
        return self.id.partition(".")[0]

    @property
    def aliases(self) -> Mapping[Language, tuple[str, ...]]:
        return aliases(self.name, self.labels)


class Area(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: Text
    floor: Text | None = None
    labels: tuple[Text, ...] = ()


class _Part(BaseModel):
    part: Annotated[int, Field(ge=0, lt=MOST_PARTS)]
    parts: Annotated[int, Field(ge=0, le=MOST_PARTS)]
    made: str
    areas: list[Any] = []
    entities: Annotated[list[Any], Field(max_length=1000)] = []


@dataclass(frozen=True, slots=True)
class Snapshot:
    rooms: tuple[Room, ...] = ()
    floors: tuple[Floor, ...] = ()
    entities: tuple[Listed, ...] = ()


class Parts:
    """Puts the parts of one list together, in whatever order they come, beside what the broker kept of an older one."""

    def __init__(self) -> None:
        self._lists: dict[str, dict[int, _Part]] = {}

    def add(self, data: bytes) -> Snapshot | None:
        """The whole list, when this was its last part. Raises ValueError for what is no part of any."""
        if len(data) > LARGEST_PART:
            raise ValueError(f"{len(data)} bytes are more than a part may have")
        try:
            part = _Part.model_validate(whole_json(json.loads(data)))
        except (ValidationError, RecursionError) as error:
            raise ValueError(f"no part of a list of entities: {str(error).splitlines()[0]}") from error
        found = self._lists.setdefault(part.made, {})
        found[part.part] = part
        while len(self._lists) > 4:
            del self._lists[next(iter(self._lists))]
        wanted = range(max(1, part.parts))
        if any(number not in found for number in wanted):
            return None
        return _assembled([found[number] for number in wanted])


def aliases(name: str, labels: Iterable[str]) -> Mapping[Language, tuple[str, ...]]:
    """Other names, from labels; one without a language is understood in all, and then the name stays the spoken one."""
    named = [(match[1], match[2]) for label in labels if (match := _ALIAS.fullmatch(label))]
    found: dict[Language, tuple[str, ...]] = {}
    for language in LANGUAGES if named else ():
        own = tuple(alias for given, alias in named if given and given.lower() == language)
        shared = tuple(alias for given, alias in named if not given)
        if own or shared:
            found[language] = tuple(dict.fromkeys((*own, *(() if own else (name,)), *shared)))
    return found


def _assembled(parts: list[_Part]) -> Snapshot:
    areas = [area for part in parts for given in part.areas if (area := _area(given))]
    rooms = tuple(Room(area.name, area.floor, aliases(area.name, area.labels)) for area in areas)
    floors = tuple(Floor(name) for name in dict.fromkeys(area.floor for area in areas if area.floor))
    entities = {listed.id: listed for part in parts for given in part.entities if (listed := _listed(given))}
    return Snapshot(rooms, floors, tuple(entities.values()))


def _area(given: Any) -> Area | None:
    try:
        return Area.model_validate(given)
    except ValidationError as error:
        log.warning("a room of Home Assistant cannot be read: %s", _first(error))
        return None


def _listed(given: Any) -> Listed | None:
    """One wrong entity must not cost us the others."""
    try:
        return Listed.model_validate(given)
    except ValidationError as error:
        log.warning("an entity of Home Assistant cannot be read: %s", _first(error))
        return None


def updated(listed: Listed, now: Reported) -> Listed:
    return listed.model_copy(update={"state": now.state, "at": now.at, "attributes": now.attributes})


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return plain(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")
