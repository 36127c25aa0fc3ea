"""Which of the things that were asked about an answer means: "the tall one", "quella della cucina", "both"."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from assistant.intents.normalize import words
from assistant.intents.turns import ORDINALS, spoken, turns
from assistant.models import Entity, Language, Room

_LIGHT = frozenset({"light", "lights", "luce", "luci"})
_STANDING_FOR = _LIGHT | {"1", "ones", "that", "it", "is", "è", "the", "in", "of"}
"""Words of an answer that tell nothing apart by themselves."""


def chosen(
    text: str, things: Sequence[Entity], rooms: Sequence[Room], language: Language, empty: frozenset[str]
) -> tuple[Entity, ...]:
    """Those that the answer means, in the order in which they were asked; empty where it means none of them.

    empty: words of the language without a meaning of their own here, such as articles and courtesies.
    """
    known = turns(language)
    said = spoken(text, words(text, language), language)
    said = tuple(word for word in known.without(said, "unsure") if word != ",") or said
    counting = {
        word for kind in (*ORDINALS, "last", "all", "either") for form in known.phrases.get(kind, ()) for word in form
    }
    bare = tuple(word for word in said if word not in empty or word in counting)
    if (left := _all_but(said, things, rooms, language, empty)) is not None:
        return left
    for form in (said, bare, tuple(word for word in bare if word != "1")):
        if known.means(form, "all"):
            return tuple(things)
        if known.means(form, "either"):
            return tuple(things[:1])
        if known.means(form, "last"):
            return tuple(things[-1:])
        for place, ordinal in enumerate(ORDINALS):
            if known.means(form, ordinal):
                return tuple(things[place : place + 1])
    told = tuple(word for word in said if word not in empty)
    return _named(text, told, things, rooms, language)


def put_back(
    text: str, things: Sequence[Entity], rooms: Sequence[Room], language: Language, empty: frozenset[str]
) -> tuple[Entity, ...]:
    """Those that the sentence asks to put back by name: it is "put it back", with their words for the "it"."""
    known, said = turns(language), words(text, language)
    for start, end in itertools.combinations(range(len(said) + 1), 2):
        if language in _IT and known.means((*said[:start], *_IT[language], *said[end:]), "undo"):
            told = tuple(word for word in said[start:end] if word not in empty)
            found = _named(" ".join(told), told, things, rooms, language)
            if found := tuple(thing for thing in found if _may_be_so_called(thing, told, rooms, language)):
                return found
    return ()


def _may_be_so_called(thing: Entity, told: Sequence[str], rooms: Sequence[Room], language: Language) -> bool:
    """The coffee machine is no kitchen light, though it is in the kitchen."""
    return thing.domain == "light" or _LIGHT.intersection(told) <= _words(_called(thing, rooms), language)


_IT: Mapping[Language, tuple[str, ...]] = {"en": ("it",), "it": ()}
"""How an undo says what it is of, where that has no name."""


def _all_but(
    said: Sequence[str], things: Sequence[Entity], rooms: Sequence[Room], language: Language, empty: frozenset[str]
) -> tuple[Entity, ...] | None:
    """ "All but the one in the garage"; None where nothing is left out."""
    known = turns(language)
    for at, word in enumerate(said):
        if (word,) in known.phrases.get("except", ()) and known.means(said[:at], "all"):
            rest = tuple(word for word in known.without(said[at:], "except") if word not in empty)
            out = _named(" ".join(rest), rest, things, rooms, language)
            return tuple(thing for thing in things if thing not in out) if out else ()
    return None


def _named(
    text: str, said: Sequence[str], things: Sequence[Entity], rooms: Sequence[Room], language: Language
) -> tuple[Entity, ...]:
    """All words of the answer are in the thing's names or in its room's; a whole name wins over a part of one."""
    called = {thing.id: _called(thing, rooms) for thing in things}
    if language == "zh":
        return tuple(thing for thing in things if any(name and name in text for name in called[thing.id]))
    told = set(said) - _STANDING_FOR
    if not told:
        return ()
    fitting = [thing for thing in things if told <= _words(called[thing.id], language)]
    whole = [thing for thing in fitting if any(set(said) == set(words(name, language)) for name in called[thing.id])]
    return tuple(whole or fitting)


def _called(thing: Entity, rooms: Sequence[Room]) -> list[str]:
    placed: list[Mapping[Language, tuple[str, ...]]] = [room.aliases for room in rooms if room.name == thing.room]
    aliases = [name for names in (thing.aliases, *placed) for each in names.values() for name in each]
    return [thing.name, *([thing.room] if thing.room else []), *aliases]


def _words(names: Sequence[str], language: Language) -> set[str]:
    return {word for name in names for word in words(name, language)}
