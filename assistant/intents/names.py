"""What a house is called, as it was at one moment: safe to read in a thread while the house goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.interfaces import House
from assistant.models import Entity, Floor, Room


@dataclass(frozen=True, slots=True)
class Names:
    revision: int
    rooms: Sequence[Room]
    floors: Sequence[Floor]
    entities: Sequence[Entity]

    @classmethod
    def of(cls, house: House) -> Names:
        return cls(house.revision, tuple(house.rooms), tuple(house.floors), tuple(house.entities()))
