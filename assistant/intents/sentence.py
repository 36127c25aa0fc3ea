"""A sentence in the words of one house, to intents: whole expressions, corrections, halves, orders and questions."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.intents.asides import without_asides
from assistant.intents.compounds import (
    merged,
    only_a_direction,
    only_told,
    rejoined_exception,
    shared_out,
    splits,
    undone,
)
from assistant.intents.frame import Frame, frame_of
from assistant.intents.lexicon import Concept
from assistant.intents.normalize import number
from assistant.intents.orders import orders
from assistant.intents.questions import MEASURES, asks, question
from assistant.intents.vocabulary import Piece, Vocabulary
from assistant.models import Intent


def understand(said: Sequence[str], text: str, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """Empty unless every word is accounted for, be it as a reason or tidings that accompany the rest."""
    asked = text.rstrip().endswith("?")
    if vocabulary.lexicon.ranges.search(" ".join(said)):
        return ()  # the templates know them
    if intents := _of_words(said, vocabulary, asked):
        return intents
    rest = without_asides(said, vocabulary)
    return () if rest == tuple(said) else _of_words(rest, vocabulary, asked)


def only_tells(said: Sequence[str], text: str, vocabulary: Vocabulary) -> bool:
    """ "Ho chiuso le finestre", "fa freddo": a question only with its mark, and no order to a sensor."""
    pieces = vocabulary.pieces(said)
    asked = {value for piece in pieces if (value := piece.value("question"))}
    ids = [each for piece in pieces for each in piece.ids]
    acts = any(piece.value("verb") in ("open", "close", "raise", "lower") for piece in pieces)
    sensors = bool(ids) and all(each.startswith(("sensor.", "binary_sensor.")) for each in ids)
    windows = any(piece.value("noun") == "window" for piece in pieces)
    statement = bool(asked) and asked <= {"have", "feels"} and not text.rstrip().endswith("?")
    return statement or (acts and not asked and (sensors or windows))


def for_later(said: Sequence[str], vocabulary: Vocabulary) -> bool:
    """ "Alle otto", "stasera": nothing that the templates or a repair may overlook."""
    return any(piece.value("never") is not None or (not piece.known and number(piece.words[0]) is not None)
               for piece in vocabulary.pieces(said))  # fmt: skip


def _of_words(said: Sequence[str], vocabulary: Vocabulary, asked: bool) -> tuple[Intent, ...]:
    pieces = vocabulary.pieces(said)
    whole = _whole(pieces)
    return (Intent(whole),) if whole else _of_pieces(pieces, vocabulary, asked)


def _whole(pieces: Sequence[Piece]) -> str | None:
    """A sentence that is one expression ("never mind", "what time is it")."""
    silent = ("fillers", "comma", "correction")
    telling = [piece for piece in pieces if not any(concept.kind in silent for concept in piece.concepts)]
    values = {piece.value("whole") for piece in telling}
    return values.pop() if len(values) == 1 else None


def _of_pieces(pieces: list[Piece], vocabulary: Vocabulary, asked: bool) -> tuple[Intent, ...]:
    if _taken_back(pieces, vocabulary):
        return ()
    if any(piece.value("correction") is not None for piece in pieces[1:-1]):
        return _corrected(pieces, vocabulary, asked)
    for parts in splits(_copula(pieces)):
        if intents := _of_parts(parts, vocabulary, asked):
            return merged(intents)
    return ()


def _taken_back(pieces: Sequence[Piece], vocabulary: Vocabulary) -> bool:
    """ "..., no wait": nothing is done until it is said what instead; ", sorry" is mere politeness."""
    last = pieces[-1] if pieces else None
    if last is None or last.value("correction") is None:
        return False
    return Concept("fillers") not in vocabulary.lexicon.phrases.get(last.words[1:], ())


def _corrected(pieces: list[Piece], vocabulary: Vocabulary, asked: bool) -> tuple[Intent, ...]:
    """ "The kitchen light, no, the lamp": what comes last, with the verb of what it corrects."""
    at = max(index for index, piece in enumerate(pieces[:-1]) if piece.value("correction") is not None)
    told, meant = (frame_of(part, vocabulary) for part in (pieces[:at], pieces[at + 1 :]))
    if meant.questions and told.areas and not meant.areas:
        return ()  # its place may hold for both
    alone = meant.questions or (meant.verbs and meant.has_target)
    whole = meant if alone else shared_out([told, meant], vocabulary)[-1]
    if not whole.has_target or told.unknown:
        return ()
    read = question if asks(whole, asked, vocabulary.language) else orders
    return tuple(read(whole, vocabulary))


def _copula(pieces: list[Piece]) -> list[Piece]:
    """ "la finestra e aperta": recognisers write "è" (is) as "e" (and)."""
    for index, piece in enumerate(pieces[1:-1], start=1):
        before = any(each.value("verb") is not None for each in pieces[:index])
        if piece.words == ("e",) and pieces[index + 1].value("state") is not None and not before:
            return [*pieces[:index], Piece(("è",), (Concept("question", "is"),)), *pieces[index + 1 :]]
    return pieces


def _of_parts(parts: Sequence[Sequence[Piece]], vocabulary: Vocabulary, asked: bool) -> list[Intent]:
    if parts and any(piece.value("except") is not None for piece in parts[0]) and len(parts) > 1:
        parts = rejoined_exception(parts)
    frames = [frame_of(part, vocabulary) for part in parts]
    if undone(frames, parts, vocabulary) or any(only_a_direction(part) for part in parts[1:]):
        return []
    if len(frames) > 1:
        told = only_told(frames, asked, vocabulary.language)
        frames = shared_out(frames, vocabulary)[1 if told else 0 :]
    intents: list[Intent] = []
    moods = set()
    for frame in frames:
        moods.add(asks(frame, asked and len(frames) == 1, vocabulary.language))
        if asked and _bare(frame):
            return []
        read = question if asks(frame, asked, vocabulary.language) else orders
        found = read(frame, vocabulary) or _given(frame, vocabulary)
        if not found:
            return []
        intents.extend(each for each in found if each not in intents)
    return intents if len(moods) == 1 else []


def _bare(frame: Frame) -> bool:
    """ "And the fan?": nothing says what to do, and nothing what to tell."""
    nothing = not (frame.verbs or frame.questions or frame.states or frame.particles or frame.relative)
    scene = any(each.startswith("scene.") for ids in frame.names for each in ids)
    measured = {"temperature", "humidity", "motion", "brightness", "battery"} & set(frame.nouns)
    sensed = any(each.startswith(("sensor.", "binary_sensor.")) for ids in frame.names for each in ids)
    return nothing and not frame.has_value and not scene and not measured and not sensed


def _given(frame: Frame, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """ "Give me the bedroom temperature": what cannot be done may be told."""
    if frame.verbs != ["get"] or not (frame.names or set(frame.nouns) & set(MEASURES)) or frame.numbers:
        return ()
    asked = frame.copied()
    asked.verbs, asked.questions = [], ["what"]
    return question(asked, vocabulary)
