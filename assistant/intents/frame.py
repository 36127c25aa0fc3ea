"""What a sentence says, gathered from its pieces; the rules that make intents of it are in orders and questions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assistant.intents.lexicon import Concept
from assistant.intents.vocabulary import Piece, Vocabulary
from assistant.models import Entity

_FLAGS = ("or", "all", "everything", "house", "here", "it", "percent", "degrees", "kelvin", "remark", "told")
_RELATIVE = ("more", "less", "brighter", "dimmer", "warmer", "cooler", "faster", "slower")
WEAK = frozenset({"turn", "set", "start", "get", "ensure", "draw"})
"""Verbs that another word completes: "turn ... on", "get ... closed"."""
WISHED = {"on": "on", "off": "off", "open": "open", "closed": "close", "locked": "lock", "unlocked": "unlock"}
"""The verb that brings a state about."""
_VALUED = {
    "verb": "verbs", "particle": "particles", "state": "states", "noun": "nouns", "area": "areas", "floor": "floors",
    "color": "colors", "mode": "modes", "question": "questions",
}  # fmt: skip


_LATEST_HOUR = 12
_UNITS = {"percent", "degrees"}
_VALUES = ("color", "color_temperature", "level", "mode", "speed_level")
_MANNERS = ("subtract", "halt", "engage", "cut")
"""Second meanings of a verb, kept apart from what it mostly does."""
_OBJECTS = ("light", "lock", "shutter", "vacuum")
_MOVING = {"blind", "shutter", "curtain", "awning", "garage", "climate", "temperature", "brightness"}
"""Nouns that "up" and "down" say something of."""


@dataclass(slots=True)
class Frame:
    verbs: list[str] = field(default_factory=list)
    particles: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    nouns: list[str] = field(default_factory=list)
    noun_words: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    floors: list[str] = field(default_factory=list)
    colors: list[str] = field(default_factory=list)
    modes: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    """For each name the ids that bear it."""
    relative: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    by: bool = False
    goal: bool = False
    hour: bool = False
    level: int | None = None
    speed: int | None = None
    color_temperature: int | None = None
    flags: set[str] = field(default_factory=set)
    plural: bool = False
    said: list[str] = field(default_factory=list)
    """Every word behind the first piece that is no name."""
    unknown: list[str] = field(default_factory=list)
    excluded: list[Piece] = field(default_factory=list)
    asks_first: bool = False
    """It begins with a question word."""

    def copied(self) -> Frame:
        new = Frame()
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(new, name, value.copy() if isinstance(value, list | set) else value)
        return new

    @property
    def has_target(self) -> bool:
        return bool(self.names or self.areas or self.floors or self.nouns or self.flags & {"everything", "house"})

    @property
    def has_value(self) -> bool:
        return bool(self.numbers or self.colors or self.level or self.color_temperature or self.speed or self.modes)


def frame_of(pieces: Sequence[Piece], vocabulary: Vocabulary) -> Frame:
    frame = Frame()
    meant = [piece for piece in pieces if not says_nothing(piece)]
    if any(_forbids(piece, after) for piece, after in itertools.pairwise(pieces)):
        frame.unknown.append("not needed")
    if any(piece.value("bit") is not None for piece in pieces):
        frame.flags.add("bit")
    for index, piece in enumerate(meant):
        if piece.value("except") is not None and _excepts(frame, piece, meant[index + 1 :]):
            _except(frame, list(meant[index + 1 :]))
            break
        _take(frame, piece, index, meant, vocabulary)
        frame.said += piece.words if index and not piece.ids else ()
    spoken_to = not any(piece.after_article for piece in pieces)  # "accendi il computer" is no address
    if len(meant) == 1 and Concept("verb", "alone") in meant[0].concepts and spoken_to:
        frame.nouns.append("light")  # "accendi!" means the light where one is
    _settle(frame)
    _name_in_part(frame, vocabulary)
    if frame.hour and _is_time(frame):
        frame.unknown.append("at")
    # "too bright" alone orders nothing, "you left ..." never does
    if "told" in frame.flags or ("remark" in frame.flags and not set(frame.verbs) - WEAK):
        frame.unknown.append("remark")
    return frame


def _is_time(frame: Frame) -> bool:
    """ "Turn it red at eight"; "the heating at nineteen" tells no time."""
    more = len(frame.numbers) > 1 or frame.colors or frame.modes or set(frame.verbs) - WEAK - {"on"}
    return bool(more) or min(frame.numbers) <= _LATEST_HOUR


def _forbids(piece: Piece, after: Piece) -> bool:
    """ "Non serve accendere il riscaldamento"; but "non serve, spegnila" orders."""
    return piece.value("remark") is not None and piece.words[0] == "non" and after.value("verb") is not None


def _excepts(frame: Frame, piece: Piece, rest: Sequence[Piece]) -> bool:
    """ "tutte meno la camera" excepts; "meno luce" does not."""
    if piece.value("less") is None:
        return True
    after = rest[0] if rest else None
    return bool(
        frame.flags & {"all", "everything"} and after and (after.ids or after.value("area") or after.value("noun"))
    )


def _except(frame: Frame, rest: list[Piece]) -> None:
    """ "everything but the lamp in the living room": a place at the end holds for the whole."""
    last = rest[-1].value("area") if rest and not rest[-1].ids else None
    if last is not None and not frame.areas and any(piece.ids for piece in rest):
        frame.areas.append(last)
        rest = rest[:-1]
    frame.excluded = rest


def says_nothing(piece: Piece) -> bool:
    return not piece.ids and any(concept.kind in ("fillers", "comma", "by") for concept in piece.concepts)


def _take(frame: Frame, piece: Piece, index: int, pieces: Sequence[Piece], vocabulary: Vocabulary) -> None:
    if piece.ids and (kind := _only_a_kind(frame, piece, vocabulary)):
        piece = Piece(piece.words, (kind,))
    if piece.number is not None:
        frame.numbers.append(piece.number)
        frame.by = frame.by or piece.by
        frame.goal = frame.goal or piece.goal
        frame.hour = frame.hour or piece.hour
    elif piece.ids:
        _take_name(frame, piece)
    elif not piece.known:
        frame.unknown.extend(piece.words)
    else:
        _take_concept(frame, piece, index, pieces, vocabulary)


def _only_a_kind(frame: Frame, piece: Piece, vocabulary: Vocabulary) -> Concept | None:
    """ "Is any window open" asks of all windows, also where one of them is called nothing but that."""
    if not {"any", "which", "how_many"} & set(frame.questions):
        return None
    return next((each for each in vocabulary.lexicon.phrases.get(piece.words, ()) if each.kind == "noun"), None)


def _take_name(frame: Frame, piece: Piece) -> None:
    frame.names.append(piece.ids)


def _take_concept(frame: Frame, piece: Piece, index: int, pieces: Sequence[Piece], vocabulary: Vocabulary) -> None:
    if _is_preposition(piece, index, pieces):
        return
    kind, value = _chosen(frame, piece, index, pieces[index + 1 : index + 2])
    if kind == "floor" and piece.value("particle") and _moves(frame, index, pieces, vocabulary):
        kind, value = "particle", str(piece.value("particle"))
    if kind == "question" and index == 0:
        frame.asks_first = True
    if kind == "particle" and value == "on" and _before_place(pieces, index):
        return
    if piece.words == ("open",) and index == len(pieces) - 1 and frame.has_target and not frame.verbs:
        kind = "state"  # "garage open"
    if kind in _VALUED:
        getattr(frame, _VALUED[kind]).append(value)
    if kind == "verb":
        _take_object(frame, piece, vocabulary)
    if kind == "noun":
        frame.noun_words.extend(piece.words)
        frame.plural = frame.plural or piece.words[-1] in vocabulary.lexicon.plurals
    elif kind in _FLAGS:
        frame.flags.add(kind)
    elif kind in _RELATIVE:
        frame.relative.append(kind)
    elif kind == "level":
        frame.level = int(value)
    elif kind == "speed_level":
        frame.speed = int(value)
    elif kind == "color_temperature":
        frame.color_temperature = int(value)
    elif kind in ("whole", "and", "never", "berth"):
        frame.unknown.extend(piece.words)


def _take_object(frame: Frame, piece: Piece, vocabulary: Vocabulary) -> None:
    """ "fai luce", "apri la serratura": the verb's phrase ends with what it is done to."""
    if len(piece.words) > 1:
        last = vocabulary.lexicon.phrases.get(piece.words[-1:], ())
        frame.nouns.extend(concept.value for concept in last if concept.kind == "noun" and concept.value in _OBJECTS)
        if Concept("berth") in last:
            frame.nouns.append("vacuum")
    frame.flags |= {flag for flag in _MANNERS if Concept("verb", flag) in piece.concepts}


def _is_preposition(piece: Piece, index: int, pieces: Sequence[Piece]) -> bool:
    """ "su rosso", "sul 40": the word for "up" before a value is no place."""
    after = pieces[index + 1] if index + 1 < len(pieces) else None
    return (
        piece.value("articles") is not None
        and piece.value("particle") is not None
        and after is not None
        and ((after.number is not None and not after.by) or any(after.value(kind) is not None for kind in _VALUES))
    )


def _moves(frame: Frame, index: int, pieces: Sequence[Piece], vocabulary: Vocabulary) -> bool:
    """ "tapparelle giù": up and down are directions for what moves or has a level, and no place follows."""
    after = pieces[index + 1] if index + 1 < len(pieces) else None
    if after is not None and (after.value("area") is not None or after.value("floor") is not None):
        return False
    if set(frame.verbs) - {"turn", "set"}:
        return False
    domains = {vocabulary.entities[each].domain for piece in pieces for each in piece.ids}
    nouns = {piece.value("noun") for piece in pieces}
    return bool(domains & {"cover", "climate"} or nouns & _MOVING)


def _chosen(frame: Frame, piece: Piece, index: int, following: Sequence[Piece]) -> tuple[str, str]:
    """A word of two kinds ("lock", "vacuum") is a verb where a command begins, else a thing."""
    verbs = [concept for concept in piece.concepts if concept.kind == "verb"]
    others = [concept for concept in piece.concepts if concept.kind != "verb"]
    if verbs and others:
        begins = not frame.verbs and not piece.after_article and (index == 0 or frame.questions[-1:] == ["did"])
        begins = begins and not any(each.value("verb") in ("return", "stop", "pause", "start") for each in following)
        chosen = verbs[0] if begins or _sets_to_work(frame, verbs[0]) else others[0]
    else:
        chosen = (verbs or others)[0]
    if chosen.kind == "noun" and "climate" in frame.nouns and (mode := piece.value("mode")):
        return "mode", mode
    return chosen.kind, chosen.value


def _sets_to_work(frame: Frame, verb: Concept) -> bool:
    """ "Get the robot cleaning"."""
    thing = bool(frame.names) or "vacuum" in frame.nouns
    return verb.value in ("clean", "start") and thing and bool(frame.verbs) and set(frame.verbs) <= WEAK


def _before_place(pieces: Sequence[Piece], index: int) -> bool:
    """ "on the first floor": a preposition when the verb already says on or off."""
    if index + 1 >= len(pieces) or not any(pieces[index + 1].value(kind) is not None for kind in ("area", "floor")):
        return False
    others = pieces[:index] + pieces[index + 1 :] if isinstance(pieces, list) else pieces
    return any(
        piece.value("verb") not in (None, "turn", "set") or piece.value("particle") for piece in others if not piece.ids
    )


def _settle(frame: Frame) -> None:
    """Verb and particle together: "turn ... on", "put ... down"."""
    if "ensure" in frame.verbs:
        _ensure(frame)
    _amount(frame)
    if frame.questions:
        return
    particles = list(dict.fromkeys(frame.particles))
    if not particles:
        return
    if particles == ["up"] and frame.verbs == ["start"]:
        return
    if len(particles) > 1:
        frame.unknown.extend(particles)
        return
    verb = {"on": "on", "off": "off", "up": "raise", "down": "lower", "shut": "close"}[particles[0]]
    weak = WEAK
    strong = [each for each in frame.verbs if each not in weak]
    agree = {"up": {"open", "raise", "brighten", "lock", "clean"}, "down": {"close", "lower", "dim"},
             "on": {"on"}, "off": {"off", "close"}, "shut": {"close", "lock"}}[particles[0]]  # fmt: skip
    if not strong or (particles[0] == "off" and strong == ["close"]):
        frame.verbs = [verb]
    elif not set(strong) <= agree:
        frame.unknown.extend(particles)


def _amount(frame: Frame) -> None:
    """ "Add two degrees", "take a degree off": a step, never a goal."""
    if "add" in frame.verbs and frame.numbers:
        frame.verbs = ["raise" if verb == "add" else verb for verb in frame.verbs]
        frame.by = True
    if "subtract" in frame.flags and frame.numbers:
        frame.verbs = ["lower" if verb == "off" else verb for verb in frame.verbs]
        frame.by = True
    if "cut" in frame.flags and frame.has_value:
        frame.verbs = ["lower" if verb == "off" else verb for verb in frame.verbs]
    if frame.particles == ["off"] and frame.numbers and frame.flags & _UNITS and not frame.goal:
        frame.particles, frame.by = [], True
        frame.verbs = ["lower"] if set(frame.verbs) <= WEAK else frame.verbs
    if "halt" in frame.flags and set(frame.nouns) & {"blind", "shutter", "curtain", "awning", "garage"}:
        frame.verbs = ["stop" if verb == "lock" else verb for verb in frame.verbs]


def _ensure(frame: Frame) -> None:
    """ "Make sure the door is locked" asks nothing."""
    if set(frame.questions) <= {"is"}:
        frame.questions = []
        frame.asks_first = False
        frame.verbs = ["set" if verb == "ensure" else verb for verb in frame.verbs]


def _name_in_part(frame: Frame, vocabulary: Vocabulary) -> None:
    """ "the lamp", "the coffee": a thing whose name alone holds these words."""
    particular = set(frame.unknown) or (set(frame.noun_words) if "lamp" in frame.nouns else set())
    if not particular or frame.names or (frame.plural and not frame.unknown):
        return
    said = set(frame.noun_words if not frame.plural and frame.nouns != ["scene"] else ())
    found = things_called(particular | said, frame.areas, vocabulary)
    if not found and not frame.unknown:
        found = lamps_in(frame.areas, vocabulary)
    if len(found) == 1 and (frame.verbs or found[0].domain != "scene"):  # "a movie" alone is no scene
        frame.names.append((found[0].id,))
        frame.unknown.clear()
        frame.nouns.clear()


def lamps_in(areas: Iterable[str], vocabulary: Vocabulary) -> list[Entity]:
    """Whatever is called a lamp, by any of the words for one."""
    places = set(areas)
    lamps = {phrase[0] for phrase, concepts in vocabulary.lexicon.phrases.items()
             if len(phrase) == 1 and Concept("noun", "lamp") in concepts}  # fmt: skip
    return [entity for entity in vocabulary.entities.values()
            if entity.domain == "light" and not entity.hidden and (not places or entity.room in places)
            and any(lamps & name for name in vocabulary.name_words.get(entity.id, ()))]  # fmt: skip


def things_called(said: set[str], areas: Iterable[str], vocabulary: Vocabulary) -> list[Entity]:
    places = set(areas)
    return [
        entity
        for entity in vocabulary.entities.values()
        if not entity.hidden
        and (not places or entity.room in places)
        and any(said <= name for name in vocabulary.name_words.get(entity.id, ()))
    ]
