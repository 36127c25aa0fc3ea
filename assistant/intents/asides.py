"""What accompanies a command without being part of it: reasons ("che dormo") and tidings ("sto uscendo, ...")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.intents.vocabulary import Piece, Vocabulary

_MEANING = ("verb", "noun", "area", "floor", "all", "everything", "except", "percent", "degrees", "color", "level")
"""Nothing of this may be in what is left out."""


def without_asides(said: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The sentence less its reasons and tidings; as it was when it has none or nothing else is left."""
    kept = [clause for clause in _clauses(_before_reason(said, vocabulary)) if not _is_aside(clause, vocabulary)]
    rest = tuple(word for clause in kept for word in (*clause, ","))[:-1]
    return rest or tuple(said)


def _clauses(said: Sequence[str]) -> Iterator[tuple[str, ...]]:
    clause: list[str] = []
    for word in (*said, ","):
        if word != ",":
            clause.append(word)
        elif clause:
            yield tuple(clause)
            clause = []


def _before_reason(said: Sequence[str], vocabulary: Vocabulary) -> Sequence[str]:
    """ "spegni la luce che dormo" has no comma before its reason."""
    for start in range(1, len(said)):
        clause = tuple(word for word in said[start:] if word != ",")
        opening = _opening(clause, "because", vocabulary)
        if opening and _means_nothing(clause[opening:], vocabulary):
            return said[:start]
    return said


def _is_aside(clause: Sequence[str], vocabulary: Vocabulary) -> bool:
    opening = _opening(clause, "because", vocabulary) or _opening(clause, "tidings", vocabulary)
    return opening > 0 and _means_nothing(clause[opening:], vocabulary)


def _opening(clause: Sequence[str], kind: str, vocabulary: Vocabulary) -> int:
    """How many words of it are an opening of that kind."""
    phrases = vocabulary.lexicon.openings.get(kind, frozenset())
    return max((length for length in range(1, len(clause) + 1) if tuple(clause[:length]) in phrases), default=0)


def _means_nothing(clause: Sequence[str], vocabulary: Vocabulary) -> bool:
    conditions = vocabulary.lexicon.openings.get("conditions", frozenset())
    pieces = vocabulary.pieces(clause)
    return not any((word,) in conditions for word in clause) and not any(_means(piece) for piece in pieces)


def _means(piece: Piece) -> bool:
    if piece.ids or piece.number is not None:
        return True
    if piece.value("noun") in ("motion", "light"):  # "arriva gente", "così entra luce"
        return False
    return any(piece.value(kind) is not None for kind in _MEANING) and piece.value("fillers") is None
