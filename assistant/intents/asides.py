"""What accompanies a command without being part of it: reasons ("che dormo") and tidings ("sto uscendo, ...")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.intents.lexicon import Phrase
from assistant.intents.normalize import words
from assistant.intents.vocabulary import Piece, Vocabulary

_MEANING = ("verb", "noun", "area", "floor", "all", "everything", "except", "percent", "degrees", "color", "level",
            "never", "correction")  # fmt: skip
"""Nothing of this may be in what is left out."""

_LONGEST_COURTESY = 5
"""Words."""
_TOLD = ("level", "verb")
"""But tidings may hold these: "my hands are full", "the film is starting"."""


def without_asides(said: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The sentence less its reasons and tidings; as it was when it has none or nothing else is left."""
    clauses = [part for clause in _clauses(_before_reason(said, vocabulary)) for part in _parted(clause, vocabulary)]
    kept = [clause for clause in clauses if not _is_aside(clause, vocabulary)]
    rest = tuple(word for clause in kept for word in (*clause, ","))[:-1]
    return rest or tuple(said)


def plainly(text: str, vocabulary: Vocabulary) -> str:
    """The sentence as it was written, less its courtesies and asides: what the templates may then fit."""
    clauses = [clause.strip() for clause in text.rstrip(" .?!").split(",")]
    kept = [clause for clause in clauses if not _says_nothing(words(clause, vocabulary.language), vocabulary)]
    return ", ".join(_without_courtesy(clause, vocabulary) for clause in kept) or text


def _says_nothing(said: Phrase, vocabulary: Vocabulary) -> bool:
    return all(_is_courtesy(piece) for piece in vocabulary.pieces(said)) or _is_aside(said, vocabulary)


def _without_courtesy(clause: str, vocabulary: Vocabulary) -> str:
    """Without "could you" at its head and "please" at its tail; in between everything may be a name."""
    said = clause.split()
    head = next((at for at in range(_LONGEST_COURTESY, 0, -1) if _are_courtesies(said[:at], vocabulary)), 0)
    said = said[head:]
    tail = next((at for at in range(_LONGEST_COURTESY, 0, -1) if _are_courtesies(said[-at:], vocabulary)), 0)
    return " ".join(said[: len(said) - tail]) or clause


def _are_courtesies(said: Sequence[str], vocabulary: Vocabulary) -> bool:
    pieces = vocabulary.pieces(words(" ".join(said), vocabulary.language))
    return bool(pieces) and all(_is_courtesy(piece) for piece in pieces)


def _is_courtesy(piece: Piece) -> bool:
    return piece.value("fillers") is not None and len(piece.concepts) == 1


def _clauses(said: Sequence[str]) -> Iterator[tuple[str, ...]]:
    clause: list[str] = []
    for word in (*said, ","):
        if word != ",":
            clause.append(word)
        elif clause:
            yield tuple(clause)
            clause = []


def _parted(clause: Phrase, vocabulary: Vocabulary) -> tuple[Phrase, ...]:
    """ "The baby is asleep so dim the light": what follows "so" is a clause of its own."""
    if _opening(clause, "tidings", vocabulary):
        for start in range(1, len(clause)):
            if length := _opening(clause[start:], "hence", vocabulary):
                return clause[:start], clause[start + length :]
    return (clause,)


def _before_reason(said: Sequence[str], vocabulary: Vocabulary) -> Sequence[str]:
    """ "spegni la luce che dormo" has no comma before its reason."""
    for start in range(1, len(said)):
        clause = tuple(word for word in said[start:] if word != ",")
        opening = _opening(clause, "because", vocabulary)
        if opening and _means_nothing(clause[opening:], vocabulary):
            return said[:start]
    return said


def _is_aside(clause: Sequence[str], vocabulary: Vocabulary) -> bool:
    if opening := _opening(clause, "because", vocabulary):
        return _means_nothing(clause[opening:], vocabulary)
    opening = _opening(clause, "tidings", vocabulary)
    return opening > 0 and _means_nothing(clause[opening:], vocabulary, besides=_TOLD)


def _opening(clause: Sequence[str], kind: str, vocabulary: Vocabulary) -> int:
    """How many words of it are an opening of that kind."""
    phrases = vocabulary.lexicon.openings.get(kind, frozenset())
    return max((length for length in range(1, len(clause) + 1) if tuple(clause[:length]) in phrases), default=0)


def _means_nothing(clause: Sequence[str], vocabulary: Vocabulary, besides: Sequence[str] = ()) -> bool:
    conditions = vocabulary.lexicon.openings.get("conditions", frozenset())
    pieces = vocabulary.pieces(clause)
    return not any((word,) in conditions for word in clause) and not any(_means(piece, besides) for piece in pieces)


def _means(piece: Piece, besides: Sequence[str]) -> bool:
    if piece.ids or piece.number is not None:
        return True
    if piece.value("noun") in ("motion", "light"):  # "arriva gente", "così entra luce"
        return False
    meaning = (kind for kind in _MEANING if kind not in besides)
    return piece.value("fillers") is None and any(piece.value(kind) is not None for kind in meaning)
