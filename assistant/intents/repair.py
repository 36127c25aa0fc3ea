"""Words that the recogniser got wrong, put right from the house's own names; only where no other reading is near."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from piper import phonemize_espeak
from rapidfuzz import fuzz, process

from assistant.intents.kinds import MEASURED, domain_of
from assistant.intents.lexicon import Phrase, lexicon
from assistant.intents.vocabulary import Piece, Vocabulary
from assistant.models import Intent, Language, Repair

_LEAST = 68.0
"""Likeness (0-100) below which a word is not taken for another."""
_LEAST_SHORT = 75.0
_SHORT = 4
_SHORT_WORD, _LEAST_WRITTEN = 6, 45.0
"""A short word must look alike as well: "break" sounds like "wake"."""
_LEAST_REST = 45.0
"""Likeness of what is left when the words that are the same are taken away."""
_LEAST_SETTING = 65.0
"""Of sound alone, where only "metti il" can have been said before what is a command without it."""
_MARGIN = 6.0
"""How much nearer the best reading must be than the next one of another meaning."""
_SURELY = 80.0
_MOST_WORDS = 4
_MOST_LOOKED_AT = 24
_MOST_READINGS = 3
_MOST_REPAIRS = 2
_MOST_UNKNOWN = 4
_MOST_CHANGED = 0.8
"""Share of the letters that may be other than heard."""
_LONGEST_TRAP = 8
_NEVER_GUESSED = frozenset({"unlock"})
"""Opening a door on a misheard word would be a bad guess; where it is near, no verb is guessed."""

_TELLING = ("verb", "noun", "area", "floor", "state", "question")

_ARTICLES = {"en": ("the",), "it": ("la", "le", "il", "i", "l")}
"""Those that run into the verb before them ("spinila macchina")."""

_VOICES = {"en": "en-us"}
_ALIKE = str.maketrans({
    **dict.fromkeys("ˈˌː. ʔ̃ʲ"), **dict.fromkeys("ɔɒɑæʌɐ", "a"), **dict.fromkeys("ɪɛəɜɚᵻy", "e"), "i": "e", "ʊ": "u",
    **dict.fromkeys("wlɹrɾjɫ", "l"), **dict.fromkeys("ʒʃ", "ʃ"),
})  # fmt: skip
"""Sounds that recognisers take for each other: open vowels, front vowels, glides and liquids, hushing sounds."""

_ESPEAK = threading.Lock()
"""It has one voice for the whole process, and a house is learnt in a thread."""

Understand = Callable[[Sequence[str]], tuple[Intent, ...]]


@dataclass(frozen=True, slots=True)
class _Meant:
    """A phrase of the catalogue and what it means, so that its synonyms do not compete."""

    words: Phrase
    meaning: str


@dataclass(frozen=True, slots=True)
class _Reading:
    words: Phrase
    likeness: float
    """Of its least likely word, 0-100."""
    repairs: tuple[Repair, ...]


class Repairer:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._meant: dict[str, _Meant] = {}
        for meant in _catalogue(vocabulary):
            self._meant.setdefault("".join(meant.words), meant)
        self._named = {word for phrase in vocabulary.spoken if len(phrase) > 1 for word in phrase}
        """A part of a name of this house, such as the machine that makes coffee, is no other thing of that sort."""
        self._texts = list(self._meant)
        self._sounds = [_sound(" ".join(self._meant[text].words), vocabulary.language) for text in self._texts]

    def repair(self, said: Sequence[str], understand: Understand) -> tuple[tuple[Intent, ...], list[Repair]] | None:
        """The one reading, near to what was heard, that makes a whole command; None when two are as near."""
        if not self._repairable(said):
            return None
        found: list[tuple[float, tuple[Intent, ...], _Reading]] = []
        if found_at_once := self._verb_that_sets(said, understand):
            return found_at_once
        heard = _Reading(tuple(said), 100.0, ())
        readings = [heard, *self._apart(heard)]
        for _ in range(_MOST_REPAIRS):
            readings = sorted(self._nearer(readings), key=lambda reading: -reading.likeness)[: _MOST_READINGS * 2]
            for reading in readings:
                if reading.repairs and (intents := understand(reading.words)) and self._safe(intents, reading, said):
                    found.append((reading.likeness, intents, reading))
            if found:
                break
        best = self._best(found)
        without = [word for piece in self._spans(tuple(said)) if piece.known for word in piece.words]
        surely = any(likeness >= _SURELY for likeness, intents, _ in found if best and intents == best[0])
        if best is None or (not surely and best[0] == understand(without)):
            return None  # "at midnight": a word that changes nothing when it is put right was another word
        return best

    def _verb_that_sets(
        self, said: Sequence[str], understand: Understand
    ) -> tuple[tuple[Intent, ...], list[Repair]] | None:
        """ "Nitil termostato a 20 gradi": the rest sets a temperature whatever the verb was, if it sounds like one."""
        first, rest = said[0], said[1:]
        piece, _ = self.vocabulary.piece_at(said, 0)
        known = [each for each in self._spans(tuple(rest)) if each.known]
        valued = any(each.value("degrees") is not None for each in known)
        if piece is None or piece.known or len(first) <= _SHORT or not valued:
            return None
        verbs = [at for at, text in enumerate(self._texts) if self._meant[text].meaning.startswith("verb ")]
        sound = _sound(first, self.vocabulary.language)
        likeness, at = max((fuzz.ratio(sound, self._sounds[at]), at) for at in verbs)
        meant = self._meant[self._texts[at]]
        if likeness < _LEAST_SETTING or meant.meaning != "verb set":
            return None
        intents = understand(rest)
        sets = len(intents) == 1 and intents[0].name == "HassClimateSetTemperature"
        return (intents, [Repair(first, " ".join(meant.words))]) if sets else None

    def _repairable(self, said: Sequence[str]) -> bool:
        """Some of it is known, little is not, and nothing says that it is no command."""
        pieces = list(self._spans(tuple(said)))
        unrepaired = self.vocabulary.lexicon.unrepaired
        forbidding = {word for piece in pieces if _may_forbid(piece) for word in piece.words}
        if "," in said or (forbidding - self._named) & unrepaired:
            return False
        unknown = [piece for piece in pieces if not piece.known]
        telling = any(piece.ids or piece.number is not None or any(piece.value(kind) is not None for kind in _TELLING)
                      for piece in pieces)  # fmt: skip
        return telling and 0 < len(unknown) <= _MOST_UNKNOWN

    def _safe(self, intents: tuple[Intent, ...], reading: _Reading, said: Sequence[str]) -> bool:
        """One command whose verb is in the sentence, and most of it as it was heard."""
        changed = sum(len(repair.heard) for repair in reading.repairs) / max(1, len(" ".join(said)))
        pieces = self.vocabulary.pieces(reading.words)
        acts = any(
            piece.value(kind) is not None for piece in pieces for kind in ("verb", "particle", "question", "state")
        )
        return len(intents) == 1 and changed <= _MOST_CHANGED and acts

    def _best(
        self, found: list[tuple[float, tuple[Intent, ...], _Reading]]
    ) -> tuple[tuple[Intent, ...], list[Repair]] | None:
        if not found:
            return None
        found.sort(key=lambda each: -each[0])
        likeness, intents, reading = found[0]
        if any(other != intents and likeness - near < _MARGIN for near, other, _ in found[1:]):
            return None
        return intents, list(reading.repairs)

    def _nearer(self, readings: Sequence[_Reading]) -> Iterator[_Reading]:
        seen: set[Phrase] = set()
        for reading in readings:
            for start, end in self._windows(reading.words):
                for meant, likeness in self._near(reading.words[start:end]):
                    words = (*reading.words[:start], *meant.words, *reading.words[end:])
                    if words not in seen:
                        seen.add(words)
                        heard = " ".join(reading.words[start:end])
                        repair = Repair(heard, " ".join(meant.words))
                        yield _Reading(words, min(reading.likeness, likeness), (*reading.repairs, repair))

    def _apart(self, reading: _Reading) -> Iterator[_Reading]:
        """ "chiudiata parella": a common verb that the next word ran into."""
        for at, word in enumerate(reading.words):
            if word in self.vocabulary.lexicon.unrepaired or (word,) in self.vocabulary.lexicon.phrases:
                continue
            for verb in self.vocabulary.lexicon.guessed:
                rest = word.removeprefix(verb[0])
                if len(verb) == 1 and rest != word and rest:
                    words = (*reading.words[:at], *verb, rest, *reading.words[at + 1 :])
                    yield replace(reading, words=words)

    def _windows(self, words: Phrase) -> Iterator[tuple[int, int]]:
        """Runs of words around the unknown ones."""
        position, unknown = 0, set[int]()
        for piece in self._spans(words):
            if not piece.known:
                unknown.update(range(position, position + len(piece.words)))
            position += len(piece.words)
        for start in range(len(words)):
            for end in range(start + 1, min(start + _MOST_WORDS, len(words)) + 1):
                if unknown & set(range(start, end)) and "," not in words[start:end]:
                    yield start, end

    def _spans(self, words: Phrase) -> Iterator[Piece]:
        position = 0
        while position < len(words):
            piece, length = self.vocabulary.piece_at(words, position)
            yield piece or Piece(
                words[position : position + length],
                self.vocabulary.lexicon.phrases[words[position : position + length]],
            )
            position += length

    def _near(self, heard: Phrase) -> list[tuple[_Meant, float]]:
        text = "".join(heard)
        if len(text) < 3 or any(word.isdigit() for word in heard):
            return []
        least = _LEAST if len(text) > _SHORT else _LEAST_SHORT
        scored = self._likenesses(text, _sound(" ".join(heard), self.vocabulary.language))
        near = [
            (meant, likeness)
            for meant, likeness in scored
            if likeness >= least
            and meant.words[: len(heard)] != heard
            and self._alike_where_they_differ(heard, meant.words, likeness)
        ]
        return [] if self._flips(heard, near) else self._distinct(near)

    def _likenesses(self, text: str, sound: str) -> list[tuple[_Meant, float]]:
        """The few nearest, from how they are written and how they sound."""
        written = process.cdist([text], self._texts, scorer=fuzz.ratio)[0]
        spoken = process.cdist([sound], self._sounds, scorer=fuzz.ratio)[0]
        likeness = np.maximum((written + spoken) / 2, np.where(spoken > 85, np.minimum(spoken, 95) - 6, 0))
        if len(text) <= _SHORT_WORD:
            likeness = np.where(written < _LEAST_WRITTEN, 0, likeness)
        nearest = np.argsort(-likeness, kind="stable")[:_MOST_LOOKED_AT]
        return [(self._meant[self._texts[at]], float(likeness[at])) for at in nearest]

    def _alike_where_they_differ(self, heard: Phrase, meant: Phrase, likeness: float) -> bool:
        """ "hallway empty" is not "hallway motion", however much of it is the same; and nothing heard is dropped."""
        ours = [word for word in heard if not any(_same(word, other) for other in meant)]
        theirs = [word for word in meant if not any(_same(word, other) for other in heard)]
        if len(ours) == len(heard):
            return len(heard) <= len(meant) or likeness >= _LEAST_SHORT
        if not ours or not theirs:
            return False
        sounds = (_sound(" ".join(words), self.vocabulary.language) for words in (ours, theirs))
        return max(fuzz.ratio("".join(ours), "".join(theirs)), fuzz.ratio(*sounds)) >= _LEAST_REST

    def _flips(self, heard: Phrase, near: Sequence[tuple[_Meant, float]]) -> bool:
        """A verb and its opposite are about as near, or what was heard was itself such a verb."""
        verbs = {
            meant.meaning.split()[1]: likeness
            for meant, likeness in reversed(near)
            if meant.meaning.startswith("verb ")
        }
        if set(verbs) & _NEVER_GUESSED:
            return True
        for word in heard:
            for concept in self.vocabulary.lexicon.phrases.get((word,), ()):
                if concept.kind in ("verb", "particle", "state") and concept.value not in ("set", "turn", "start"):
                    return True
        opposites = self.vocabulary.lexicon.opposites
        return any(other in verbs and abs(verbs[other] - verbs[verb]) < 2 * _MARGIN
                   for verb in verbs for other in opposites.get(verb, ()))  # fmt: skip

    def _distinct(self, near: Sequence[tuple[_Meant, float]]) -> list[tuple[_Meant, float]]:
        best: dict[str, tuple[_Meant, float]] = {}
        for meant, likeness in near:
            best.setdefault(meant.meaning, (meant, likeness))
        return list(best.values())[:_MOST_READINGS]


def _same(word: str, other: str) -> bool:
    """ "Light" and "lights"."""
    return word == other or (len(word) > _SHORT and word[:-1] == other) or (len(other) > _SHORT and other[:-1] == word)


def _may_forbid(piece: Piece) -> bool:
    """Names of this house and politeness say nothing about the sentence."""
    return not piece.ids and all(piece.value(kind) is None for kind in ("fillers", "area", "floor"))


def _catalogue(vocabulary: Vocabulary) -> Iterator[_Meant]:
    """Names of this house, nouns for what it has, and the few common verbs, alone or run into the next word."""
    for phrase, ids in vocabulary.spoken.items():
        yield _Meant(phrase, "name " + ",".join(ids))
    for phrase, place in vocabulary.places.items():
        yield _Meant(phrase, f"{place.kind} {place.value}")
    here = {entity.domain for entity in vocabulary.entities.values()}
    yield from (meant for meant, domain in _nouns(vocabulary.language) if domain is None or domain in here)
    yield from _orders(vocabulary.language)


@cache
def _nouns(language: Language) -> tuple[tuple[_Meant, str | None], ...]:
    """Each with the domain that a house must have for it to be meant."""
    known = lexicon(language)
    found = list[tuple[_Meant, str | None]]()
    for phrase, (concept, *_) in known.phrases.items() if known else ():
        if len(phrase) == 1 and len(phrase[0]) > 2 and concept.kind in ("noun", "all", "everything"):
            domain = domain_of(concept.value) or MEASURED.get(concept.value) if concept.kind == "noun" else None
            found.append((_Meant(phrase, f"{concept.kind} {concept.value}"), domain))
    return tuple(found)


@cache
def _orders(language: Language) -> tuple[_Meant, ...]:
    """The few common verbs, alone or run into the next word; the same for every house."""
    known = lexicon(language)
    if known is None:
        return ()
    phrases, found = known.phrases, list[_Meant]()
    following = [phrase for phrase, concepts in phrases.items() if len(phrase) == 1 and concepts[0].kind == "all"]
    articles = [(word,) for word in _ARTICLES.get(language, ())]
    never = [phrase for phrase, verb in known.verbs()
             if verb in _NEVER_GUESSED and len(phrase) == 1 and len(phrase[0]) <= _LONGEST_TRAP]  # fmt: skip
    for phrase in (*known.guessed, *never):
        verb = next(concept.value for concept in phrases[phrase] if concept.kind == "verb")
        found.append(_Meant(phrase, f"verb {verb}"))
        found += (_Meant(phrase + after, f"verb {verb}") for after in articles)
        if verb in ("on", "off", "open", "close") and len(phrase) == 1:
            found += (_Meant(phrase + after, f"verb {verb} all") for after in following)
    return tuple(found)


@cache
def _sound(text: str, language: Language) -> str:
    """Phonemes without stress, as espeak reads them."""
    try:
        with _ESPEAK:
            sentences = _phonemizer().phonemize(_VOICES.get(language, language), text)
    except RuntimeError:
        return text
    return "".join(sound for sentence in sentences for sound in sentence).translate(_ALIKE)


@cache
def _phonemizer() -> phonemize_espeak.EspeakPhonemizer:
    return phonemize_espeak.EspeakPhonemizer()
