"""The reflex: sentences that need no thought, matched against the names of this house."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.intents.asides import plainly
from assistant.intents.choices import chosen, put_back
from assistant.intents.follow_ups import follow, is_undo
from assistant.intents.grammar import Grammar
from assistant.intents.kinds import UNLIKE, has_class
from assistant.intents.lexicon import lexicon
from assistant.intents.moments import DOMAINS, INTENT, set_to
from assistant.intents.names import Names
from assistant.intents.normalize import words
from assistant.intents.repair import Repairer
from assistant.intents.sentence import for_later, only_tells, understand
from assistant.intents.timed import Timed
from assistant.intents.times.template import templates
from assistant.intents.turns import spoken, turns
from assistant.intents.vocabulary import Vocabulary
from assistant.interfaces import Agenda, House
from assistant.models import Entity, Exchange, Intent, Language, Match

_SHORT_ANSWER = 6
"""Words."""

OF_THE_SPEAKER = frozenset(
    {
        "MimoCallMe", "MimoCallMeHow", "MimoForget", "MimoForgetEverything", "MimoForgetMyName", "MimoForgetThat",
        "MimoMean", "MimoMeanUnknown", "MimoPrefer", "MimoPreferences", "MimoWhoAmI",
    }
)  # fmt: skip
"""What only tells, or is for another time, and yet is said to the assistant: "when I say ..., I mean ..."."""


OF_THE_ASSISTANT = frozenset({"MimoExplain", "MimoGreet", "MimoHelp", "MimoThanks"})
"""What is asked of the assistant itself, whatever was spoken of before: "what can you do?"."""

_SAYS_OF_THE_SPEAKER = frozenset({"forget", "prefer", "dimentica", "dimenticati", "dimenticalo", "preferisco"})
"""Words for which a sentence that names no thing and no place is looked at once more: "I prefer warm light"."""


class Reflex:
    """Understands a whole sentence or nothing: what it cannot account for word by word goes to the brain."""

    def __init__(self, house: House, sentence_folders: Sequence[Path] = (), agenda: Agenda | None = None) -> None:
        """agenda: what is planned; without one, a sentence about another time is left alone."""
        self.house = house
        self.agenda = agenda
        self.sentence_folders = tuple(sentence_folders)
        self._learned: dict[Language, _Learned] = {}
        self._kept_up: set[Language] = set()
        """Those that somebody prepares; the others are learnt anew at the next sentence."""

    def match(self, text: str, language: Language, room: str | None = None) -> Match:
        said = words(text, language)
        if not said:
            return Match(because="nothing was said")
        known = self._known(language)
        timed = self._timed(text, language, room, known)
        if timed is not None and (intents := timed.set_phrase(self._names())):
            return _fits(intents)
        understood = known.understand(said, text)
        if understood and not (_SAYS_OF_THE_SPEAKER.intersection(said) and all(map(_vague, understood))):
            return _fits(understood)
        early = known.by_templates(text, language, room) if known.keeps_time and not understood else None
        if early and (intents := self._set_to(early, language)):
            return _fits(intents)
        if timed is not None and not understood and (intents := timed.for_later()):
            return _fits(intents)
        intents = known.by_templates(text, language, room) if early is None else early
        if intents and all(intent.name in OF_THE_SPEAKER for intent in intents):
            return _fits(intents)
        if understood:
            return _fits(understood)
        if known.left_alone(said, text):
            return Match(because="it is for another time, or it only tells")
        if intents and all(known.has(intent.target.device_class) for intent in intents):
            return _fits(intents)
        return known.repaired(said, text) or Match(because="no known sentence fits it")

    def follow(self, text: str, language: Language, before: Exchange) -> Match | None:
        """What the words mean after what was last asked; None when they stand by themselves."""
        vocabulary, said = self._known(language).vocabulary, words(text, language)
        if vocabulary is None or not said:
            return None
        plain = words(plainly(text, vocabulary), language)
        found = follow(said, text, before, vocabulary) or follow(plain, text, before, vocabulary)
        return None if found and self._stands_alone(text, language) else found

    def undoes(self, text: str, language: Language) -> bool:
        vocabulary = self._known(language).vocabulary
        plain = plainly(text, vocabulary) if vocabulary else text
        return any(is_undo(spoken(each, words(each, language), language), turns(language)) for each in (text, plain))

    def undone(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        """Of the things that were changed those that the words ask to put back by name."""
        vocabulary = self._known(language).vocabulary
        if vocabulary is None or not things:
            return ()
        empty = frozenset(word for word in words(text, language) if vocabulary.says_nothing(word))
        found = put_back(plainly(text, vocabulary), things, self.house.rooms, language, empty)
        if found and self._known(language).by_templates(text, language, None):
            return ()  # "reverse the fan" turns it the other way
        return found

    def chosen(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        """Those of the things asked about that the answer means."""
        vocabulary, said = self._known(language).vocabulary, words(text, language)
        empty = frozenset(word for word in said if vocabulary and vocabulary.says_nothing(word))
        return chosen(text, things, self.house.rooms, language, empty)

    def unsure(self, text: str, language: Language) -> bool:
        """ "I don't know", or a word or two that order and ask nothing: no new request."""
        vocabulary, said = self._known(language).vocabulary, words(text, language)
        known = turns(language)
        if known.means(spoken(text, said, language), "unsure") or not known.without(said, "unsure"):
            return True
        if vocabulary is None:
            return False
        asks = any(piece.value("verb") or piece.value("question") for piece in vocabulary.pieces(said))
        return not asks and len([word for word in said if word != ","]) <= _SHORT_ANSWER

    def complete(self, text: str, language: Language) -> bool:
        """Only when the target is definite and nothing more is likely to follow."""
        said = words(text, language)
        known = self._known(language)
        vocabulary = known.vocabulary
        if vocabulary is None or not said or _hangs(said, vocabulary):
            return False
        intents = known.understand(said, text)
        said_what = any(piece.ids or piece.value("noun") is not None for piece in vocabulary.pieces(said))
        return bool(intents) and said_what and all(_definite(intent) for intent in intents)

    async def prepare(self, language: Language) -> None:
        """Learn the house's names as they are now (0.2-1 s of work); what was known before answers meanwhile."""
        while not self._is_up_to_date(language):
            names = Names.of(self.house)
            self._learned[language] = await asyncio.to_thread(_Learned.of, names, self.sentence_folders, language)
        await asyncio.to_thread(templates, language)  # read once, and kept
        self._kept_up.add(language)

    def _stands_alone(self, text: str, language: Language) -> bool:
        """What sets or asks a time, says something of the speaker or asks of the assistant goes on from nothing."""
        timed = self._timed(text, language, None, self._known(language))
        if timed is not None and timed.set_phrase(self._names()):
            return True
        intents = self._known(language).by_templates(text, language, None)
        return bool(intents) and all(intent.name in OF_THE_SPEAKER | OF_THE_ASSISTANT for intent in intents)

    def _timed(self, text: str, language: Language, room: str | None, known: _Learned) -> Timed | None:
        def plainly(rest: str) -> tuple[Intent, ...]:
            said = words(rest, language)
            if intents := known.understand(said, rest):
                return intents
            return () if known.left_alone(said, rest) else known.fitting(rest, language, room)

        def orders(rest: str) -> bool:
            return known.vocabulary is not None and _says_what_to_do(words(rest, language), known.vocabulary)

        return Timed(text, language, self.agenda.now(), plainly, orders) if self.agenda is not None else None

    def _set_to(self, intents: Sequence[Intent], language: Language) -> tuple[Intent, ...]:
        """ "Set the wake-up time to seven" is nothing to do at seven."""
        if self.agenda is None:
            return ()
        now = self.agenda.now()
        return tuple(read for each in intents if each.name == INTENT and (read := set_to(each, language, now)))

    def _names(self) -> list[str]:
        assert self.agenda is not None, "asked only where there is one"
        return [item.name for item in self.agenda.items("timer") if item.name]

    def _is_up_to_date(self, language: Language) -> bool:
        return language in self._learned and self._learned[language].revision == self.house.revision

    def _known(self, language: Language) -> _Learned:
        """A name that is gone since is found missing when the intent is resolved; a new one waits for `prepare`."""
        if language not in self._kept_up and not self._is_up_to_date(language):
            self._learned[language] = _Learned.of(Names.of(self.house), self.sentence_folders, language)
        return self._learned[language]


@dataclass(frozen=True, slots=True)
class _Learned:
    """Everything that is made once per house and language."""

    revision: int
    grammar: Grammar
    vocabulary: Vocabulary | None
    """None where nobody wrote a lexicon; then the grammar is all there is."""
    repairer: Repairer | None
    keeps_time: bool
    """Something of the house can be set to a date or a time."""

    @classmethod
    def of(cls, names: Names, folders: Sequence[Path], language: Language) -> _Learned:
        grammar = Grammar.of(names, folders, language)
        grammar.match("-", language, None)  # hassil parses its templates at the first sentence
        turns(language)  # and these are read from their file
        known = lexicon(language)
        vocabulary = Vocabulary.of(names, known, language) if known else None
        keeps_time = any(entity.domain in DOMAINS for entity in names.entities)
        return cls(names.revision, grammar, vocabulary, Repairer(vocabulary) if vocabulary else None, keeps_time)

    def understand(self, said: Sequence[str], text: str) -> tuple[Intent, ...]:
        return understand(said, text, self.vocabulary) if self.vocabulary else ()

    def by_templates(self, text: str, language: Language, room: str | None) -> tuple[Intent, ...]:
        """As it was said, or without its courtesies, of which the templates know few."""
        if (intents := self.grammar.match(text, language, room)) or self.vocabulary is None:
            return intents
        plain = plainly(text, self.vocabulary)
        return self.grammar.match(plain, language, room) if plain != text.rstrip(" .?!") else ()

    def fitting(self, text: str, language: Language, room: str | None) -> tuple[Intent, ...]:
        """By templates, of what this house has."""
        intents = self.by_templates(text, language, room)
        return intents if all(self.has(intent.target.device_class) for intent in intents) else ()

    def left_alone(self, said: Sequence[str], text: str) -> bool:
        """What neither a template nor a repair may make an order of."""
        vocabulary = self.vocabulary
        return vocabulary is not None and (for_later(said, vocabulary) or only_tells(said, text, vocabulary))

    def has(self, device_class: str | None) -> bool:
        """The templates know gates and doors wherever they are."""
        return device_class not in UNLIKE or self.vocabulary is None or has_class(device_class, self.vocabulary)

    def repaired(self, said: Sequence[str], text: str) -> Match | None:
        found = self.repairer.repair(said, lambda guess: self.understand(guess, text)) if self.repairer else None
        if found is None:
            return None
        intents, repairs = found
        told = ", ".join(f"{repair.heard} for {repair.meant}" for repair in repairs)
        return Match(intents, f"{_fits(intents).because} after taking {told}", tuple(repairs))


def _fits(intents: Sequence[Intent]) -> Match:
    return Match(tuple(intents), "fits " + " and ".join(dict.fromkeys(intent.name for intent in intents)))


def _says_what_to_do(said: Sequence[str], vocabulary: Vocabulary) -> bool:
    """It begins with a verb, or has "on" or "off"; a verb further on may only tell ("the heating comes on")."""
    pieces = [piece for piece in vocabulary.pieces(said) if piece.value("fillers") is None]
    particle = any(piece.value("particle") in ("on", "off") for piece in pieces)
    verbs = [index for index, piece in enumerate(pieces) if piece.value("verb") is not None]
    return verbs[:1] == [0] or (particle and not verbs)


def _hangs(said: Sequence[str], vocabulary: Vocabulary) -> bool:
    """The sentence stops at a word that wants another ("in the", "and", a bare number)."""
    concepts = vocabulary.lexicon.phrases.get((said[-1],), ())
    if said[-1].replace(".", "").isdigit():
        return True
    return any(concept.kind in ("articles", "and", "by", "except") for concept in concepts)


def _vague(intent: Intent) -> bool:
    target = intent.target
    return not (target.ids or target.name or target.area or target.floor)


def _definite(intent: Intent) -> bool:
    target = intent.target
    if intent.name == "HassClimateSetTemperature" and not intent.slots:
        return False  # to how many degrees?
    return bool(target.ids) or bool(target.area and (target.domain or target.device_class))
