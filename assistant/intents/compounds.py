"""Sentences of several halves: where to cut them, and what one half lends the other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from assistant.intents.frame import WEAK, Frame, says_nothing
from assistant.intents.vocabulary import Piece, Vocabulary
from assistant.models import Intent, Language, Target


def splits(pieces: Sequence[Piece]) -> list[list[list[Piece]]]:
    """Ways to cut a compound: nowhere, at conjunctions, at commas too."""
    ways = [[list(pieces)]] if not any(piece.value("and") is not None for piece in pieces) else []
    for kinds in (("and",), ("and", "comma")):
        parts: list[list[Piece]] = [[]]
        for piece in pieces:
            if any(piece.value(kind) is not None for kind in kinds) and not piece.ids:
                parts.append([])
            else:
                parts[-1].append(piece)
        full = [part for part in parts if not all(says_nothing(piece) for piece in part)]
        if len(full) > 1 or not ways:
            ways.append(full)
    return ways if len(ways) < 2 else [way for way in ways[:-1] if not any(map(_two_orders, way))] + ways[-1:]


def shared_out(frames: Sequence[Frame], vocabulary: Vocabulary) -> list[Frame]:
    """What one half leaves out, the other half lends: verbs, values, things."""
    shared = [frame.copied() for frame in frames]
    for before, after in itertools.pairwise(shared):
        if before.questions and after.states and not (after.questions or after.verbs):
            after.questions, after.asks_first = list(before.questions), before.asks_first  # "is A shut and B locked"
        if not after.verbs and not after.questions and not after.states:
            after.verbs, after.questions, after.states = list(before.verbs), list(before.questions), list(before.states)
            after.particles = after.particles or list(before.particles)
            after.asks_first = before.asks_first
            after.flags |= before.flags & {"all"}
            _lend_value(before, after)
            if not after.nouns and not after.names:
                after.nouns, after.noun_words, after.plural = list(before.nouns), list(before.noun_words), before.plural
                if after.areas and _all_lights(before, vocabulary):
                    after.nouns = ["light"]
        if "told" in before.flags and not (after.areas or after.names):
            after.areas = list(before.areas)
        if not after.has_target or ("it" in after.flags and not after.names and not after.nouns):
            after.names, after.areas, after.floors = list(before.names), list(before.areas), list(before.floors)
            after.nouns, after.noun_words = list(before.nouns), list(before.noun_words)
            after.flags |= before.flags & {"all", "everything", "house"}
    for after, before, own in zip(shared[::-1], shared[-2::-1], frames[::-1], strict=False):
        if own.verbs and set(before.verbs) - WEAK:
            continue  # two orders: "close the garage and turn off the lights"
        if not before.nouns and not before.names and (before.areas or not before.has_target):
            before.nouns, before.noun_words, before.plural = list(after.nouns), list(after.noun_words), after.plural
        if before.verbs in (["turn"], ["set"], []) and not before.questions and not before.has_value:
            before.verbs = list(after.verbs) if not before.verbs or before.verbs == ["turn"] else before.verbs
            _lend_value(after, before)
    return shared


def undone(frames: Sequence[Frame], parts: Sequence[Sequence[Piece]], vocabulary: Vocabulary) -> bool:
    """ "Turn the light on and off", "accendi e spegni la luce": one half undoes the other."""
    named = [frame.has_target and len(part) > 1 for frame, part in zip(frames, parts, strict=True)]
    for (before, after), both in zip(itertools.pairwise(frames), itertools.pairwise(named), strict=True):
        opposites = {each for verb in before.verbs for each in vocabulary.lexicon.opposites.get(verb, ())}
        if opposites & set(after.verbs) and not all(both) and not _tells(before):
            return True
    return False


def only_told(frames: Sequence[Frame], asked: bool, language: Language) -> bool:
    """ "The light is on, turn it off": the first half only says what the second is about."""
    if len(frames) != 2 or frames[1].questions or frames[1].unknown:
        return False
    told, ordered = frames
    if "told" in told.flags or "remark" in told.flags:
        placed = bool(told.areas) and not (ordered.areas or ordered.names)  # "done in the kitchen, lights off"
        telling = told.has_target and set(told.unknown) <= {"remark"} and bool(ordered.verbs)
        return telling and (placed or not ordered.has_target)
    if ordered.has_target:
        return False
    if told.verbs or told.unknown or not (told.states or told.particles):
        return False
    if language == "it":  # says "hai lasciato acceso il forno" to tell and to ask
        return not asked and set(told.questions) <= {"is", "did", "have"} and bool(ordered.verbs)
    return set(told.questions) == {"is"} and not told.asks_first and bool(ordered.verbs)


def rejoined_exception(parts: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """ "all but the lamp and the fan": what follows "and" without a verb is excepted as well."""
    joined = [list(parts[0])]
    for part in parts[1:]:
        if any(piece.value("verb") is not None for piece in part):
            joined.append(list(part))
        else:
            joined[-1].extend(part)
    return joined


def merged(intents: Sequence[Intent]) -> tuple[Intent, ...]:
    """Intents that differ only in ids become one."""
    result: list[Intent] = []
    for intent in intents:
        for index, known in enumerate(result):
            alike = known.name == intent.name and known.slots == intent.slots
            if alike and _domains(known) == _domains(intent) != set():
                ids = tuple(dict.fromkeys((*known.target.ids, *intent.target.ids)))
                result[index] = Intent(known.name, Target(ids=ids), known.slots)
                break
        else:
            result.append(intent)
    return tuple(result)


def _two_orders(part: Sequence[Piece]) -> bool:
    """ "Lock the door, close the garage": two verbs with a comma between."""
    commas = [index for index, piece in enumerate(part) if piece.value("comma") is not None]
    return any(_orders(part[:comma]) and _orders(part[comma:]) for comma in commas)


def _orders(pieces: Sequence[Piece]) -> bool:
    told = (piece for piece in pieces if not piece.ids and piece.value("noun") is None)
    return any(piece.value("verb") not in (None, *WEAK) for piece in told)


def _tells(frame: Frame) -> bool:
    return bool(frame.questions) or "told" in frame.flags


def only_a_direction(part: Sequence[Piece]) -> bool:
    """ "The lights upstairs and down" means a place, whatever "down" means elsewhere."""
    said = [piece for piece in part if not says_nothing(piece)]
    return bool(said) and all(piece.value("particle") in ("up", "down") for piece in said)


def _all_lights(frame: Frame, vocabulary: Vocabulary) -> bool:
    named = [vocabulary.entities[each] for ids in frame.names for each in ids]
    return bool(named) and all(entity.domain == "light" for entity in named)


def _lend_value(lender: Frame, borrower: Frame) -> None:
    if borrower.has_value or borrower.relative:
        return
    for name in ("numbers", "colors", "modes", "relative"):
        setattr(borrower, name, list(getattr(lender, name)))
    for name in ("by", "level", "speed", "color_temperature"):
        setattr(borrower, name, getattr(lender, name))
    borrower.flags |= lender.flags & {"percent", "degrees", "kelvin"}


def _domains(intent: Intent) -> set[str]:
    return {entity_id.partition(".")[0] for entity_id in intent.target.ids}
