"""The names of one house in one language, and a sentence cut into the pieces they and the lexicon know."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from assistant.intents.lexicon import Concept, Lexicon, Phrase
from assistant.intents.names import Names
from assistant.intents.normalize import number, words
from assistant.models import Entity, Language

_MOST_PERMUTED = 4
_HOURS = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a sentence and what they may stand for; nothing when nobody knows them."""

    words: Phrase
    concepts: tuple[Concept, ...] = ()
    ids: tuple[str, ...] = ()
    number: float | None = None
    after_article: bool = False
    by: bool = False
    """A number said with "by": a step, not a goal."""
    goal: bool = False
    """A number said with "to": a goal, whatever its unit."""
    hour: bool = False
    """A bare number said with "at": a value, or the time of day."""

    def value(self, kind: str) -> str | None:
        return next((concept.value for concept in self.concepts if concept.kind == kind), None)

    @property
    def known(self) -> bool:
        return bool(self.concepts or self.ids or self.number is not None)


@dataclass(slots=True)
class Vocabulary:
    lexicon: Lexicon
    language: Language
    entities: Mapping[str, Entity]
    names: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    places: dict[Phrase, Concept] = field(default_factory=dict)
    name_words: dict[str, list[frozenset[str]]] = field(default_factory=dict)
    """By entity: the words of each of its names, for names said in part."""
    spoken: dict[Phrase, tuple[str, ...]] = field(default_factory=dict)
    """The names in the order in which people say them."""
    starts: dict[str, list[Phrase]] = field(default_factory=dict)
    rooms_upon: dict[str, frozenset[str]] = field(default_factory=dict)
    """By floor."""

    @classmethod
    def of(cls, names: Names, lexicon: Lexicon, language: Language) -> Vocabulary:
        vocabulary = cls(lexicon, language, {entity.id: entity for entity in names.entities})
        for room in names.rooms:
            vocabulary._add_place("area", room.name, _spoken(room.name, room.aliases))
        for floor in names.floors:
            vocabulary._add_place("floor", floor.name, _spoken(floor.name, floor.aliases))
            vocabulary.rooms_upon[floor.name] = frozenset(room.name for room in names.rooms if room.floor == floor.name)
        for entity in names.entities:
            vocabulary._add_entity(entity)
        for phrase in itertools.chain(vocabulary.names, vocabulary.places):
            vocabulary.starts.setdefault(phrase[0], []).append(phrase)
        for phrases in vocabulary.starts.values():
            phrases.sort(key=len, reverse=True)
        return vocabulary

    def content(self, text: str) -> Phrase:
        """The words of a name without articles and prepositions."""
        said = _words(text, self.language)
        return tuple(word for word in said if not self.is_article((word,)) and word != ",") or said

    def pieces(self, said: Sequence[str]) -> list[Piece]:
        """The sentence from left to right, the longest known phrase first; articles are dropped."""
        found: list[Piece] = []
        position, article = 0, False
        while position < len(said):
            piece, length = self.piece_at(said, position)
            position += length
            if piece is None:
                article = True
                continue
            found.append(
                Piece(piece.words, piece.concepts, piece.ids, piece.number, article, piece.by, piece.goal, piece.hour)
            )
            article = False
        return found

    # ── one piece ────────────────────────────────────────────────────────────────────────

    def piece_at(self, said: Sequence[str], start: int) -> tuple[Piece | None, int]:
        named, named_length = self._name_at(said, start)
        phrase, concepts = self._phrase_at(said, start)
        if named is not None and named_length >= len(phrase):
            return named, named_length
        if phrase and concepts[0].kind == "level" and self._is_by(said[:start]):
            return Piece(phrase), len(phrase)  # "by a quarter": of what?
        if phrase:
            return (None if concepts[0].kind == "articles" else Piece(phrase, concepts)), len(phrase)
        word = said[start]
        if word == ",":
            return Piece((word,), (Concept("comma"),)), 1
        value = number(word)
        before = said[start - 1] if start > 0 else ""
        if value is not None and Concept("hours") in self.lexicon.phrases.get((before,), ()):
            return Piece((word,)), 1  # "alle 8" is a time of day
        by = self._is_by(said[:start]) or before in ("del", "dell")
        goal = Concept("to") in self.lexicon.phrases.get((before,), ())
        unit = self.lexicon.phrases.get(tuple(said[start + 1 : start + 2]), ())
        bare = not any(concept.kind in ("percent", "degrees", "kelvin") for concept in unit)
        hour = (
            bare and value is not None and value <= _HOURS and Concept("at") in self.lexicon.phrases.get((before,), ())
        )
        return Piece((word,), number=value, by=by, goal=goal, hour=hour), 1

    def _is_by(self, before: Sequence[str]) -> bool:
        """Whether it ends with "by", "di un altro"."""
        return any(Concept("by") in self.lexicon.phrases.get(tuple(before[-length:]), ()) for length in (1, 2, 3))

    def _phrase_at(self, said: Sequence[str], start: int) -> tuple[Phrase, tuple[Concept, ...]]:
        for length in range(min(self.lexicon.longest.get(said[start], 0), len(said) - start), 0, -1):
            phrase = tuple(said[start : start + length])
            if concepts := self.lexicon.phrases.get(phrase):
                return phrase, concepts
        return (), ()

    def _name_at(self, said: Sequence[str], start: int) -> tuple[Piece | None, int]:
        for phrase in self.starts.get(said[start], ()):
            length = self._spans(phrase, said, start)
            if length:
                spoken = tuple(said[start : start + length])
                if ids := self.names.get(phrase):
                    place = self.places.get(phrase)
                    return Piece(spoken, (place,) if place else (), ids), length
                return Piece(spoken, (self.places[phrase], *self.lexicon.phrases.get(spoken, ()))), length
        return None, 0

    def _spans(self, phrase: Phrase, said: Sequence[str], start: int) -> int:
        """How many words the name takes here, articles between its words not counting; 0 when it is not here."""
        position = start
        for index, word in enumerate(phrase):
            while index and position < len(said) and self._is_between(said[position], word):
                position += 1
            if position >= len(said) or said[position] != word:
                return 0
            position += 1
        return position - start

    def _is_between(self, said: str, word: str) -> bool:
        """An article within a name; but "the robot to vacuum" is no name."""
        return said not in (word, "to") and self.is_article((said,))

    def is_article(self, phrase: Phrase) -> bool:
        return any(concept.kind in ("articles", "by") for concept in self.lexicon.phrases.get(phrase, ()))

    def says_nothing(self, word: str) -> bool:
        """An article, a preposition or a courtesy."""
        kinds = {concept.kind for concept in self.lexicon.phrases.get((word,), ())}
        return bool(kinds) and kinds <= {"articles", "by", "to", "at", "fillers"}

    def _is_verb(self, phrase: Phrase) -> bool:
        return any(concept.kind == "verb" for concept in self.lexicon.phrases.get(phrase, ()))

    # ── what the house is called ─────────────────────────────────────────────────────────

    def _add_place(self, kind: str, name: str, spoken: Iterable[str]) -> None:
        for text in spoken:
            self.places.setdefault(self.content(text), Concept(kind, name))

    def _called(self, entity: Entity) -> list[str]:
        """Its names, also with the other names of its room ("lounge light")."""
        names = _spoken(entity.name, entity.aliases)
        rooms = [phrase for phrase, place in self.places.items() if place == Concept("area", entity.room or "")]
        contents = [self.content(name) for name in names]
        others = [_placed(content, place, other) for content in contents for place in rooms for other in rooms]
        return list(dict.fromkeys([*names, *(" ".join(other) for other in others if other)]))

    def _add_entity(self, entity: Entity) -> None:
        measures = entity.domain in ("sensor", "binary_sensor")
        for text in self._called(entity):
            content = self.content(text)
            if not content:
                continue
            if text in (entity.name, *entity.aliases.get(self.language, ())):
                self.spoken[content] = (*self.spoken.get(content, ()), entity.id)
            for called in (content, *self._said_instead(content)):
                self.name_words.setdefault(entity.id, []).append(frozenset(called))
                self._add_name(called, entity, permuted=not measures and not entity.hidden)

    def _add_name(self, content: Phrase, entity: Entity, permuted: bool) -> None:
        orders = itertools.permutations(content) if permuted and 1 < len(content) <= _MOST_PERMUTED else [content]
        for order in orders:
            if order != content and self._is_verb(order[:1]):
                continue
            known = self.names.get(order, ())
            if entity.id not in known:
                self.names[order] = (*known, entity.id)

    def _said_instead(self, content: Phrase) -> Iterator[Phrase]:
        """The same name with another word for the thing ("macchinetta del caffè")."""
        for phrase, others in self.lexicon.synonyms.items():
            for start in range(len(content) - len(phrase) + 1):
                if content[start : start + len(phrase)] == phrase:
                    yield from ((*content[:start], *other, *content[start + len(phrase) :]) for other in others)


@lru_cache(maxsize=8192)
def _words(name: str, language: Language) -> Phrase:
    """A house is learnt anew at each change, and most of its names stay."""
    return words(name, language)


def _placed(name: Phrase, place: Phrase, other: Phrase) -> Phrase | None:
    """The name with another word for its place."""
    for start in range(len(name) - len(place) + 1):
        if place and name[start : start + len(place)] == place and len(name) > len(place):
            return (*name[:start], *other, *name[start + len(place) :])
    return None


def _spoken(name: str, aliases: Mapping[Language, Sequence[str]]) -> list[str]:
    """Every language's names: people call things as the box did."""
    return list(dict.fromkeys([name, *(alias for names in aliases.values() for alias in names)]))
