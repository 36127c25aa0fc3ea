"""Which of a large house's devices a request may be about, by its words: names, aliases, rooms, floors, kinds, needs.

Word overlap weighed by rarity (as in BM25), with rapidfuzz for what the recogniser misspelt. An embedding model was
weighed: it would be one more model to fetch, for names that people say as they are written.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from assistant.interfaces import House
from assistant.llm.claims import says, things_in, words
from assistant.models import Entity, Floor, Room

ALIKE = 84
"""Of 100: how alike two words must be to count as the same."""

KIND, NEED, NEAR, ACTS = 1.5, 1.2, 0.8, 0.3
"""What a spoken kind, a need, the speaker's own room and being something that acts weigh beside rare words."""

_WORD = re.compile(r"\w+")
_SENSES = ("binary_sensor", "sensor", "device_tracker", "event", "update")


class Index:
    """Made once a house: what a request asks of it is counted, not looked for."""

    def __init__(self, house: House, entities: Sequence[Entity]) -> None:
        rooms = {room.name: room for room in house.rooms}
        floors = {floor.name: floor for floor in house.floors}
        self._entities = tuple(sorted(entities, key=lambda entity: entity.id))
        self._domains = tuple(entity.domain for entity in self._entities)
        self._acts = tuple(0.0 if domain in _SENSES else ACTS for domain in self._domains)
        self._holders: dict[str, set[int]] = defaultdict(set)
        self._kinds: dict[str, set[int]] = defaultdict(set)
        self._rooms: dict[str | None, set[int]] = defaultdict(set)
        for number, entity in enumerate(self._entities):
            for word in _words_of(entity, rooms.get(entity.room or ""), floors.get(entity.floor or "")):
                self._holders[word].add(number)
            for kind in (entity.domain, entity.device_class or entity.domain):
                self._kinds[kind].add(number)
            self._rooms[entity.room].add(number)
        self._known = tuple(self._holders)

    def relevant(self, text: str, room: str | None, most: int) -> tuple[Entity, ...]:
        """At most so many, the likeliest first: what the words name, then what is near, one of each kind at a time."""
        scores = self._scores(text.casefold(), room)
        ranked = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)  # of equals, the first by id
        kept: list[Entity] = []
        seen: set[str] = set()
        waiting = []
        for number in ranked:
            entity, domain = self._entities[number], self._domains[number]
            if scores[number] >= 1 or domain not in seen:
                kept.append(entity)
                seen.add(domain)
            else:
                waiting.append(entity)
        return tuple([*kept, *waiting][:most])

    def _scores(self, said: str, room: str | None) -> list[float]:
        scores = list(self._acts)
        kinds = {kind for mention in things_in(said, ()) for kind in mention.meant}
        needed = {kind for pattern, meant in words().needs.items() if says(pattern, said) for kind in meant}
        counted = [(self._of(kinds), KIND), (self._of(needed), NEED)]
        if room is not None and room in self._rooms:
            counted.append((self._rooms[room], NEAR))
        for word in set(_WORD.findall(said)):
            for holders, likeness in self._like(word):
                counted.append((holders, math.log(1 + len(self._entities) / len(holders)) * likeness))
        for holders, weight in counted:
            for number in holders:
                scores[number] += weight
        return scores

    def _of(self, kinds: set[str]) -> set[int]:
        return set().union(*(self._kinds.get(kind, ()) for kind in kinds))

    def _like(self, word: str) -> Iterable[tuple[set[int], float]]:
        if word in self._holders:
            return [(self._holders[word], 1.0)]
        if len(word) < 4:
            return []
        found = process.extract(word, self._known, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3)
        return [(self._holders[known], score / 100) for known, score, _ in found]


def _words_of(entity: Entity, room: Room | None, floor: Floor | None) -> set[str]:
    named = [each for each in (entity, room, floor) if each is not None]
    texts = [each.name for each in named]
    texts += [alias for each in named for aliases in each.aliases.values() for alias in aliases]
    return {word for text in texts for word in _WORD.findall(text.casefold()) if _tells(word)}


def _tells(word: str) -> bool:
    """Not an article or the like: of "the cellar", only the cellar tells where a thing stands. A TV does."""
    return not word.isascii() or (len(word) > 1 and not any(says(each, word) for each in words().tell_tale.values()))
