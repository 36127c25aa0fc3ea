"""The reflex: sentences that need no thought, matched against the names of this house."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from pathlib import Path

from assistant.intents.asides import plainly, without_asides
from assistant.intents.frame import WEAK, Frame, frame_of, says_nothing
from assistant.intents.grammar import Grammar
from assistant.intents.kinds import UNLIKE, has_class
from assistant.intents.lexicon import Concept, lexicon
from assistant.intents.normalize import number, words
from assistant.intents.orders import orders
from assistant.intents.questions import MEASURES, asks, question
from assistant.intents.repair import Repairer
from assistant.intents.vocabulary import Piece, Vocabulary
from assistant.interfaces import House
from assistant.models import Intent, Language, Match, Repair, Target

log = logging.getLogger(__name__)


class Reflex:
    """Understands a whole sentence or nothing: what it cannot account for word by word goes to the brain."""

    def __init__(self, house: House, sentence_folders: Sequence[Path] = ()) -> None:
        self.house = house
        self.sentence_folders = tuple(sentence_folders)
        self._revision: int | None = None
        self._vocabularies: dict[Language, Vocabulary | None] = {}
        self._repairers: dict[Language, Repairer] = {}
        self._grammars: dict[Language, Grammar] = {}

    def match(self, text: str, language: Language, room: str | None = None) -> Match:
        self._follow_house()
        said = words(text, language)
        if not said:
            return Match(because="nothing was said")
        intents = self._understand(said, text, language)
        if intents:
            return _fits(intents)
        if self._for_later(said, language) or self._tells(said, text, language):
            return Match(because="it is for another time, or it only tells")
        intents = self._by_templates(text, language, room)
        if intents and all(self._has(intent.target.device_class, language) for intent in intents):
            return _fits(intents)
        return self._repaired(said, text, language) or Match(because="no known sentence fits it")

    def prepare(self, language: Language) -> None:
        """Build now what the first sentence in this language would otherwise wait for (0.2-0.5 s)."""
        self._follow_house()
        self._grammar(language).match("-", language, None)  # hassil parses its templates at the first sentence
        if (vocabulary := self._vocabulary(language)) is not None:
            self._repairer(language, vocabulary)

    def complete(self, text: str, language: Language) -> bool:
        """Only when the target is definite and nothing more is likely to follow."""
        self._follow_house()
        said = words(text, language)
        vocabulary = self._vocabulary(language)
        if vocabulary is None or not said or _hangs(said, vocabulary):
            return False
        intents = self._understand(said, text, language)
        said_what = any(piece.ids or piece.value("noun") is not None for piece in vocabulary.pieces(said))
        return bool(intents) and said_what and all(_definite(intent) for intent in intents)

    # ── words to intents ─────────────────────────────────────────────────────────────────

    def _understand(self, said: Sequence[str], text: str, language: Language) -> tuple[Intent, ...]:
        vocabulary = self._vocabulary(language)
        if vocabulary is None:
            return ()
        pieces = vocabulary.pieces(said)
        if whole := _whole(pieces, vocabulary, said):
            return (Intent(whole),)
        asked = text.rstrip().endswith("?")
        if intents := _of_pieces(pieces, vocabulary, asked):
            return intents
        rest = without_asides(said, vocabulary)
        if rest == tuple(said):
            return ()
        pieces = vocabulary.pieces(rest)
        whole = _whole(pieces, vocabulary, rest)
        return (Intent(whole),) if whole else _of_pieces(pieces, vocabulary, asked)

    def _by_templates(self, text: str, language: Language, room: str | None) -> tuple[Intent, ...]:
        """As it was said, or without its courtesies, of which the templates know few."""
        grammar, vocabulary = self._grammar(language), self._vocabulary(language)
        if (intents := grammar.match(text, language, room)) or vocabulary is None:
            return intents
        plain = plainly(text, vocabulary)
        return grammar.match(plain, language, room) if plain != text.rstrip(" .?!") else ()

    def _tells(self, said: Sequence[str], text: str, language: Language) -> bool:
        """ "Ho chiuso le finestre", "fa freddo": a question only with its mark, and no order to a sensor."""
        vocabulary = self._vocabulary(language)
        if vocabulary is None:
            return False
        pieces = vocabulary.pieces(said)
        asked = {value for piece in pieces if (value := piece.value("question"))}
        ids = [each for piece in pieces for each in piece.ids]
        acts = any(piece.value("verb") in ("open", "close", "raise", "lower") for piece in pieces)
        sensors = bool(ids) and all(each.startswith(("sensor.", "binary_sensor.")) for each in ids)
        windows = any(piece.value("noun") == "window" for piece in pieces)
        statement = bool(asked) and asked <= {"have", "feels"} and not text.rstrip().endswith("?")
        return statement or (acts and not asked and (sensors or windows))

    def _for_later(self, said: Sequence[str], language: Language) -> bool:
        """ "alle otto", "stasera": nothing that the templates or a repair may overlook."""
        vocabulary = self._vocabulary(language)
        if vocabulary is None:
            return False
        pieces = vocabulary.pieces(said)
        return any(piece.value("never") is not None or (not piece.known and number(piece.words[0]) is not None)
                   for piece in pieces)  # fmt: skip

    def _has(self, device_class: str | None, language: Language) -> bool:
        """The templates know gates and doors wherever they are."""
        vocabulary = self._vocabulary(language)
        return device_class not in UNLIKE or vocabulary is None or has_class(device_class, vocabulary)

    def _repaired(self, said: Sequence[str], text: str, language: Language) -> Match | None:
        vocabulary = self._vocabulary(language)
        if vocabulary is None:
            return None
        repairer = self._repairer(language, vocabulary)
        found = repairer.repair(said, lambda guess: self._understand(guess, text, language))
        if found is None:
            return None
        intents, repairs = found
        told = ", ".join(f"{repair.heard} for {repair.meant}" for repair in repairs)
        return Match(intents, f"{_fits(intents).because} after taking {told}", tuple(repairs))

    # ── what is built once per house ─────────────────────────────────────────────────────

    def _follow_house(self) -> None:
        if self._revision != self.house.revision:
            self._revision = self.house.revision
            self._vocabularies.clear()
            self._repairers.clear()
            self._grammars.clear()

    def _repairer(self, language: Language, vocabulary: Vocabulary) -> Repairer:
        if language not in self._repairers:
            self._repairers[language] = Repairer(vocabulary)
        return self._repairers[language]

    def _vocabulary(self, language: Language) -> Vocabulary | None:
        if language not in self._vocabularies:
            known = lexicon(language)
            self._vocabularies[language] = Vocabulary.of(self.house, known, language) if known else None
        return self._vocabularies[language]

    def _grammar(self, language: Language) -> Grammar:
        if language not in self._grammars:
            self._grammars[language] = Grammar.of(self.house, self.sentence_folders, language)
        return self._grammars[language]


def _fits(intents: Sequence[Intent]) -> Match:
    return Match(tuple(intents), "fits " + " and ".join(dict.fromkeys(intent.name for intent in intents)))


def _whole(pieces: Sequence[Piece], vocabulary: Vocabulary, said: Sequence[str]) -> str | None:
    """A sentence that is one expression ("never mind", "what time is it")."""
    silent = ("fillers", "comma", "correction")
    telling = [piece for piece in pieces if not any(concept.kind in silent for concept in piece.concepts)]
    values = {piece.value("whole") for piece in telling}
    return values.pop() if len(values) == 1 else None


def _splits(pieces: Sequence[Piece]) -> list[list[list[Piece]]]:
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


def _two_orders(part: Sequence[Piece]) -> bool:
    """ "Lock the door, close the garage": two verbs with a comma between."""
    commas = [index for index, piece in enumerate(part) if piece.value("comma") is not None]
    return any(_orders(part[:comma]) and _orders(part[comma:]) for comma in commas)


def _orders(pieces: Sequence[Piece]) -> bool:
    told = (piece for piece in pieces if not piece.ids and piece.value("noun") is None)
    return any(piece.value("verb") not in (None, *WEAK) for piece in told)


def _of_pieces(pieces: list[Piece], vocabulary: Vocabulary, asked: bool) -> tuple[Intent, ...]:
    if _taken_back(pieces, vocabulary):
        return ()
    if any(piece.value("correction") is not None for piece in pieces[1:-1]):
        return _corrected(pieces, vocabulary, asked)
    for parts in _splits(_copula(pieces)):
        if intents := _of_parts(parts, vocabulary, asked):
            return _merged(intents)
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
    whole = meant if alone else _shared([told, meant], vocabulary)[-1]
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
        parts = _rejoined_exception(parts)
    frames = [frame_of(part, vocabulary) for part in parts]
    if _undone(frames, parts, vocabulary) or any(_only_a_direction(part) for part in parts[1:]):
        return []
    if len(frames) > 1:
        told = _only_told(frames, asked, vocabulary.language)
        frames = _shared(frames, vocabulary)[1 if told else 0 :]
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


def _undone(frames: Sequence[Frame], parts: Sequence[Sequence[Piece]], vocabulary: Vocabulary) -> bool:
    """ "Turn the light on and off", "accendi e spegni la luce": one half undoes the other."""
    named = [frame.has_target and len(part) > 1 for frame, part in zip(frames, parts, strict=True)]
    for (before, after), both in zip(itertools.pairwise(frames), itertools.pairwise(named), strict=True):
        opposites = {each for verb in before.verbs for each in vocabulary.lexicon.opposites.get(verb, ())}
        if opposites & set(after.verbs) and not all(both) and not _tells(before):
            return True
    return False


def _tells(frame: Frame) -> bool:
    return bool(frame.questions) or "told" in frame.flags


def _only_a_direction(part: Sequence[Piece]) -> bool:
    """ "The lights upstairs and down" means a place, whatever "down" means elsewhere."""
    said = [piece for piece in part if not says_nothing(piece)]
    return bool(said) and all(piece.value("particle") in ("up", "down") for piece in said)


def _only_told(frames: Sequence[Frame], asked: bool, language: Language) -> bool:
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


def _rejoined_exception(parts: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """ "all but the lamp and the fan": what follows "and" without a verb is excepted as well."""
    joined = [list(parts[0])]
    for part in parts[1:]:
        if any(piece.value("verb") is not None for piece in part):
            joined.append(list(part))
        else:
            joined[-1].extend(part)
    return joined


def _shared(frames: Sequence[Frame], vocabulary: Vocabulary) -> list[Frame]:
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


def _merged(intents: Sequence[Intent]) -> tuple[Intent, ...]:
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


def _domains(intent: Intent) -> set[str]:
    return {entity_id.partition(".")[0] for entity_id in intent.target.ids}


def _hangs(said: Sequence[str], vocabulary: Vocabulary) -> bool:
    """The sentence stops at a word that wants another ("in the", "and", a bare number)."""
    concepts = vocabulary.lexicon.phrases.get((said[-1],), ())
    if said[-1].replace(".", "").isdigit():
        return True
    return any(concept.kind in ("articles", "and", "by", "except") for concept in concepts)


def _definite(intent: Intent) -> bool:
    target = intent.target
    return bool(target.ids) or bool(target.area and (target.domain or target.device_class))


__all__ = ["Reflex", "Repair"]
