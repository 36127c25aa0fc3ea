"""What a request speaks of: by name, by kind, by place, or by what is felt, done or wanted for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from assistant import yaml_files
from assistant.interfaces import House
from assistant.llm.claims import Mention, find, names_in, says, things_in
from assistant.models import Entity, Floor, Room

ANYWHERE = frozenset({"vacuum", "scene", "script", "lawn_mower", "todo", "alarm_control_panel"})
"""What is for the whole house, wherever it stands."""

_COMMON = frozenset(
    {
        *(
            "the",
            "for",
            "and",
            "with",
            "main",
            "big",
            "small",
            "left",
            "right",
            "old",
            "new",
            "machine",
            "maker",
            "device",
        ),
        *("della", "dello", "delle", "degli", "dell", "del", "dei", "per", "con", "macchina", "principale", "grande"),
    }
)
"""Words of a name that tell nothing of the thing."""

_WORD = re.compile(r"[^\W\d_]{3,}|[\u3400-\u9fff]+")


class Vocabulary(BaseModel):
    """asked.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purposes: dict[str, str]
    feelings: dict[str, frozenset[str]]
    doings: dict[str, frozenset[str]]
    against: dict[str, dict[str, frozenset[str]]]
    rooms: str
    floors: str
    devices: str
    errands: str
    colours: str
    colouring: str
    dimming: str
    locking: str
    whole: str


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary.model_validate(yaml_files.read(Path(__file__).with_name("asked.yaml")))


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, taken apart."""

    text: str
    room: str | None
    """Where the speaker stands."""
    names: tuple[Mention, ...]
    named: frozenset[str]
    rooms: frozenset[str]
    floors: frozenset[str]
    things: frozenset[str]
    """Kinds that are said."""
    feelings: frozenset[str]
    doings: frozenset[str]
    """Kinds that are meant without being said."""
    purposes: tuple[str, ...]
    """How what serves the purpose is called."""

    @classmethod
    def of(cls, text: str, house: House, room: str | None = None) -> Asked:
        said = " ".join(text.casefold().replace("’", "'").split())
        names = tuple(names_in(said, house))
        places = {kind: frozenset(meant for name in names if name.kind == kind for meant in name.meant)
                  for kind in ("entity", "room", "floor")}  # fmt: skip
        return cls(
            text=said,
            room=next((each.name for each in house.rooms if room is not None and _is_called(each, room)), None),
            names=names,
            named=_with_members(places["entity"], house),
            rooms=places["room"],
            floors=places["floor"],
            things=frozenset(
                kind for thing in things_in(said, names) if not _is_verb(thing, said) for kind in thing.meant
            ),
            feelings=_meant(vocabulary().feelings, said),
            doings=_meant(vocabulary().doings, said),
            purposes=tuple(called for purpose, called in vocabulary().purposes.items() if says(purpose, said)),
        )

    @property
    def says_place(self) -> bool:
        return bool(self.rooms or self.floors)

    @property
    def says_all(self) -> bool:
        return says(vocabulary().whole, self.text)

    def unknown(self, pattern: str) -> str | None:
        """The first of these words that is no part of a name of this house."""
        found = (match for match in find(_folded(pattern), self.text) if not _inside(match, self.names))
        return next((match.group() for match in found), None)

    def says(self, pattern: str) -> bool:
        """Outside of names."""
        return self.unknown(pattern) is not None

    def names_it(self, entity: Entity, house: House) -> bool:
        """Wholly, or by a word of its name that tells it from others of its kind."""
        return entity.id in self.named or any(
            _alike(word, other) for word in _words(self.text) for other in _own_words(entity, house)
        )

    def speaks_of(self, entity: Entity, house: House) -> bool:
        """Whether a plan for this request may be about this device."""
        if entity.id in self.named:
            return True
        if self.says_place and not self.places(entity, house):
            return False
        if self.names_it(entity, house) or any(
            says(called, name) for called in self.purposes for name in _names(entity)
        ):
            return True
        if is_a(entity, self.things) or is_a(entity, self.feelings):
            return self._is_near(entity, house)
        if is_a(entity, self.doings):
            return True
        tells_kind = bool(self.things | self.feelings | self.doings or self.purposes)
        return not tells_kind and (self.says_place or self.says_all)

    def places(self, entity: Entity, house: House) -> bool:
        """Whether it stands where the request says, or belongs to no place."""
        if entity.room is None or entity.domain in ANYWHERE:
            return True
        upon = {room.name for room in house.rooms if room.floor in self.floors}
        return entity.room in self.rooms | upon or entity.floor in self.floors

    def rivals(self, entity: Entity, house: House) -> list[Entity]:
        """Others of its kind that could be meant as well."""
        return [each for each in house.entities() if each.id != entity.id and not each.hidden and not each.members
                and (each.domain, each.device_class) == (entity.domain, entity.device_class)]  # fmt: skip

    def _is_near(self, entity: Entity, house: House) -> bool:
        """Without a place said, the speaker's room is meant; without that, only what has no rival can be."""
        if self.says_place or self.says_all or entity.room is None or entity.domain in ANYWHERE:
            return True
        return entity.room == self.room if self.room_has(entity, house) else not self.rivals(entity, house)

    def room_has(self, entity: Entity, house: House) -> bool:
        """Whether there is one of its kind where the speaker stands."""
        return self.room is not None and any(each.room == self.room for each in (entity, *self.rivals(entity, house)))


def is_a(entity: Entity, kinds: frozenset[str]) -> bool:
    return entity.domain in kinds or entity.device_class in kinds


def _is_verb(thing: Mention, said: str) -> bool:
    """ "Switch it off"."""
    return said[thing.start : thing.end] == "switch" and not re.search(
        r"\b(?:the|a|my|this|that) $", said[: thing.start]
    )


def _meant(table: Mapping[str, frozenset[str]], said: str) -> frozenset[str]:
    return frozenset(kind for pattern, kinds in table.items() if says(pattern, said) for kind in kinds)


def _with_members(ids: frozenset[str], house: House) -> frozenset[str]:
    return ids.union(*(entity.members for each in ids if (entity := house.entity(each)) is not None))


def _is_called(thing: Entity | Room | Floor, name: str) -> bool:
    return name.casefold() in (each.casefold() for each in _names(thing))


def _names(thing: Entity | Room | Floor) -> list[str]:
    return [thing.name, *(alias for names in thing.aliases.values() for alias in names)]


def _own_words(entity: Entity, house: House) -> frozenset[str]:
    """What its names say beside its kind and its place."""
    all_places: list[Room | Floor] = [*house.rooms, *house.floors]
    places = [each for each in all_places if each.name in (entity.room, entity.floor)]
    placed = {word for place in places for name in _names(place) for word in _words(name.casefold())}
    own = {word for name in _names(entity) for word in _words(name.casefold())}
    return frozenset(word for word in own - placed - _COMMON if not things_in(word, ()))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))


def _alike(word: str, other: str) -> bool:
    """One word in two forms: "luce" and "luci", "read" and "reading"; not "lavastoviglie" and "lavatrice"."""
    short, long = sorted((word, other), key=len)
    shared = next((at for at, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short))
    if len(short) <= 3:
        return shared == len(short) and len(long) - len(short) <= 1
    return shared >= max(3, len(short) - (1 if len(short) == 4 else 2)) and len(long) - shared <= 5


def _folded(pattern: str) -> str:
    """A list of words that YAML wrote on several lines."""
    return re.sub(r"\|\s+", "|", pattern)


def _inside(match: re.Match[str], names: Iterable[Mention]) -> bool:
    return any(name.start <= match.start() and match.end() <= name.end for name in names)
