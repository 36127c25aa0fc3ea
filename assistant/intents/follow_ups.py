"""What "turn it off", "and the bedroom", "a bit more" or "no, the other one" mean after what was last asked.

Pure: words, the exchange before and the names of the house go in, whole intents come out, which then go the way of all
intents. What could also be a request of its own is left alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.intents.domains import do
from assistant.intents.frame import Frame, frame_of
from assistant.intents.kinds import MEASURED, domain_of, named, place
from assistant.intents.orders import orders
from assistant.intents.questions import asks, question
from assistant.intents.targets import IMPLIED, ambiguous
from assistant.intents.turns import Turns, turns
from assistant.intents.vocabulary import Vocabulary
from assistant.models import Entity, Exchange, Intent, Match, Outcome, Resolved, Target, Value

_ON_OFF = ("HassTurnOn", "HassTurnOff", "HassToggle")
_SENSES = (("light", "switch", "fan", "input_boolean", "media_player", "humidifier", "climate", "water_heater"),
           ("cover", "valve"))  # fmt: skip
"""Kinds for which on and off mean the same. A lock is none of them: to it, on is locked."""
_FITTING = {"lock": ("locked", "unlocked"), "cover": ("open", "closed"), "valve": ("open", "closed")}
"""The states that a question may carry over to such a thing."""
_REMARKS = {"too_bright": "dimmer", "too_dark": "brighter", "too_warm": "cooler", "too_cold": "warmer",
            "too_fast": "slower", "too_slow": "faster"}  # fmt: skip
_WARMTH = ("warmer", "cooler")
_LEVELS = ("brightness", "temperature", "target_temp_low", "percentage", "position", "volume_level", "humidity")
_POSITION_STEP = 20
_PRONOUNS = frozenset({"it", "them", "that", "those", "these"})
_TO = frozenset({"to", "by", "at", "degree", "degrees", "percent"})
"""Words beside a "one" that is a number."""


@dataclass(frozen=True, slots=True)
class Marks:
    """A sentence less the words that tie it to the one before."""

    rest: tuple[str, ...]
    instead: bool = False
    also: bool = False
    wrong: bool = False
    pronoun: bool = False
    """Something in it stands for what was last spoken of."""


def follow(said: Sequence[str], text: str, before: Exchange, vocabulary: Vocabulary) -> Match | None:
    """None when it stands by itself or nothing comes of it. Raises Ambiguous for an "other one" of several."""
    known = turns(vocabulary.language)
    marks = marked(said, known)
    found = _by_words(marks, before, vocabulary, known)
    if found is None:
        found = _by_frame(marks, text, before, vocabulary) or _listed(marks, before, vocabulary)
    if not found:
        return None
    same_act = {intent.name for intent in found} <= {intent.name for intent in before.intents}
    instead = marks.wrong or (marks.instead and not marks.also and same_act)
    names = " and ".join(dict.fromkeys(intent.name for intent in found))
    return Match(tuple(found), f"goes on from “{before.said}”: {names}", instead=instead)


def is_undo(said: Sequence[str], known: Turns) -> bool:
    """ "Undo that"; "oh, never mind, put it back"."""
    if known.means(said, "undo"):
        return True
    clauses = [tuple(words) for comma, words in itertools.groupby(said, lambda word: word == ",") if not comma]
    if clauses and known.means(clauses[-1], "undo"):
        return len(clauses) > 1
    rest = marked(said, known).rest
    return rest != tuple(said) and known.means(rest, "undo")


# ── the words that tie it to what was before ─────────────────────────────────────────────


def marked(said: Sequence[str], known: Turns) -> Marks:
    rest, instead, also, wrong = list(_without_denied(said, known)), len(said) > 0, False, False
    instead = rest != list(said)
    while rest:
        kind, length = ("comma", 1) if rest[0] == "," else known.before(rest, ("instead", "wrong", "also"))
        if not length or (kind != "comma" and _goes_on(rest, known)):
            break
        rest = rest[length:]
        instead, also, wrong = instead or kind in ("instead", "wrong"), also or kind == "also", wrong or kind == "wrong"
    while rest:
        kind, length = ("comma", 1) if rest[-1] == "," else known.after(rest, ("too", "instead"))
        if not length or (kind != "comma" and _goes_on(rest, known)):
            break
        rest = rest[:-length]
        instead, also = instead or kind == "instead", also or kind == "too"
    plain = known.without(_without_one(rest), "pronoun")
    return Marks(plain, instead, also, wrong and not plain, pronoun=plain != tuple(rest))


def _goes_on(rest: Sequence[str], known: Turns) -> bool:
    """ "Ancora", "again", "not enough" mean something by themselves."""
    return any(known.means(rest, kind) for kind in ("further", "more", "less", *_REMARKS))


def _without_denied(said: Sequence[str], known: Turns) -> tuple[str, ...]:
    """ "Not the garage, the bedroom": what was not meant is left out, where something else follows or goes before."""
    clauses = [list(words) for comma, words in itertools.groupby(said, lambda word: word == ",") if not comma]
    kept = [clause for clause in clauses if not _denies(clause, known)]
    if len(kept) in (0, len(clauses)):
        return tuple(said)
    return tuple(word for clause in kept for word in (*clause, ","))[:-1]


def _denies(clause: Sequence[str], known: Turns) -> bool:
    rest = list(clause)
    while rest and rest[0] not in ("not", "non") and (length := known.before(rest, ("instead",))[1]):
        rest = rest[length:]
    meant = ("wrong", "more", "less", "further", *_REMARKS)
    return bool(rest) and rest[0] in ("not", "non") and not any(known.means(rest, kind) for kind in meant)


def _without_one(said: Sequence[str]) -> tuple[str, ...]:
    """ "The tall one": the word stands for a thing unless it counts."""
    around = zip(("to", *said), said, (*said[1:], ""), strict=False)
    return tuple(word for before, word, after in around
                 if word not in ("1", "ones") or (word == "1" and (before in _TO or after in _TO)))  # fmt: skip


# ── said in so many words ────────────────────────────────────────────────────────────────


def _by_words(marks: Marks, before: Exchange, vocabulary: Vocabulary, known: Turns) -> tuple[Intent, ...] | None:
    """None where no set phrase says it."""
    rest = marks.rest
    if not rest:
        if marks.wrong:
            return _the_other((), before, vocabulary)
        return _again(before) if marks.also and not marks.instead else None
    for kind in ("further", "more", "less"):
        if known.means(rest, kind):
            return _more(kind, before, vocabulary)
    for kind, relative in _REMARKS.items():
        if known.means(rest, kind):
            return _remarked(relative, before, vocabulary)
    bare = tuple(word for word in rest if not vocabulary.is_article((word,)))
    if bare and known.means(bare[:1], "other"):
        return _the_other(bare[1:], before, vocabulary)
    return None


def _again(before: Exchange) -> tuple[Intent, ...]:
    return tuple(Intent(each.name, _these(each.targets), dict(each.slots)) for each in before.intents if each.targets)


def _more(kind: str, before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """On in the direction of the last change, or up, or down."""
    found: list[Intent] = []
    for last in before.intents:
        step = next(((name, value) for name, value in last.slots.items()
                     if name.endswith("_step") and isinstance(value, int | float)), None)  # fmt: skip
        if step is not None:
            amount = -abs(step[1]) if kind == "less" else step[1]
            found.append(Intent(last.name, _these(last.targets), {**last.slots, step[0]: amount}))
            continue
        up = kind == "more" or (kind == "further" and _rose(last, before.outcomes))
        for entity in last.targets:
            found += _stepped(entity, up, before.outcomes)
    return tuple(found)


def _rose(last: Resolved, outcomes: Sequence[Outcome]) -> bool:
    """Whether what was last set went up; where nobody knows, up is what people mean."""
    ids = {entity.id for entity in last.targets}
    for outcome in outcomes:
        was = outcome.before.attributes if outcome.before and outcome.before.value != "off" else {}
        for name in _LEVELS:
            wanted, had = outcome.action.arguments.get(name), was.get(name, 0)
            if outcome.action.entity_id in ids and isinstance(wanted, int | float) and isinstance(had, int | float):
                return wanted >= had
    return True


def _stepped(entity: Entity, up: bool, outcomes: Sequence[Outcome]) -> list[Intent]:
    if entity.domain in ("cover", "valve"):
        now = next((outcome.state.attributes.get("position") for outcome in outcomes
                    if outcome.action.entity_id == entity.id and outcome.state), None)  # fmt: skip
        if not isinstance(now, int | float) or "position" not in entity.features:
            return []
        wanted = max(0, min(100, round(now) + (_POSITION_STEP if up else -_POSITION_STEP)))
        return [Intent("HassSetPosition", _these([entity]), {"position": wanted})]
    done = do(Frame(relative=["more" if up else "less"]), "", entity.domain)
    return [Intent(done[0], _these([entity]), done[1])] if done else []


def _remarked(relative: str, before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """ "That is too bright" of a light; of what cannot be brighter it says nothing."""
    frame = Frame(relative=[relative])
    found = []
    for entity in _targets(before):
        if relative in _WARMTH and entity.domain != "climate":
            return ()
        if (done := do(frame, "", entity.domain)) is None:
            return ()
        found.append(Intent(done[0], _these([entity]), done[1]))
    return tuple(found)


def _the_other(noun: Sequence[str], before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """The only one beside it of its kind: of those called alike, else of those in its room, else of the house."""
    if len(before.intents) != 1 or len(targets := before.intents[0].targets) != 1:
        return ()
    last, kind = before.intents[0], targets[0]
    others = [each for each in vocabulary.entities.values()
              if each.domain == kind.domain and each.device_class == kind.device_class
              and each.id != kind.id and not each.hidden and not each.members]  # fmt: skip
    here = [each for each in others if each.room == kind.room]
    calls = [each for each in here or others if _last_words(each, vocabulary) & _last_words(kind, vocabulary)]
    found = calls or here or others
    if len(found) > 1:
        raise ambiguous(found, vocabulary.language)
    return (Intent(last.name, _these(found), dict(last.slots)),) if found else ()


def _last_words(entity: Entity, vocabulary: Vocabulary) -> set[str]:
    """What it is by its name: the lamp of "tall lamp", the lampada of "lampada alta"."""
    content = vocabulary.content(entity.spoken(vocabulary.language))
    return {content[0] if vocabulary.language == "it" else content[-1]} if content else set()


# ── as a sentence with something left out ────────────────────────────────────────────────


def _by_frame(marks: Marks, text: str, before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    frame = frame_of(vocabulary.pieces(marks.rest), vocabulary)
    if frame.unknown:
        frame = frame_of(vocabulary.pieces([word for word in marks.rest if word not in _PRONOUNS]), vocabulary)
    if frame.unknown or frame.excluded:
        return ()
    if frame.nouns == ["light"] and not frame.noun_words and len(marks.rest) == 1:
        frame.nouns = []  # "spegni!" means the light only where nothing else was spoken of
    asked = text.rstrip().endswith("?")
    placed = bool(frame.areas or frame.floors or "here" in frame.flags)
    own = bool(frame.names or frame.flags & {"everything", "house"} or set(frame.nouns) - set(MEASURED)) or placed
    says = bool(frame.verbs or frame.has_value or frame.relative or frame.states or frame.particles or frame.questions)
    if not own and says:
        return _lent(frame, asked, before, vocabulary)
    if own and says:
        if marks.pronoun and placed and not frame.names and not frame.nouns:
            return _lent_kind(frame, before, vocabulary)
        return _read(frame, asked, vocabulary) if marks.instead else ()
    return _redirected(frame, before, vocabulary) if own and (marks.also or marks.instead) else ()


def _read(frame: Frame, asked: bool, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    return (question if asks(frame, asked, vocabulary.language) else orders)(frame, vocabulary)


def _lent(frame: Frame, asked: bool, before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """ "Turn it off", "is it locked?", "twenty percent": what was last spoken of is meant."""
    targets = [entity for entity in _targets(before) if entity.id in vocabulary.entities]
    if set(frame.relative) & set(_WARMTH) and not all(_warms(entity) for entity in targets):
        return ()
    if not targets:
        return ()
    lent = frame.copied()
    lent.names = [(entity.id,) for entity in targets]
    if not lent.verbs and lent.numbers and not (lent.questions or lent.relative):
        lent.verbs = ["set"]
    return _read(lent, asked, vocabulary)


def _warms(entity: Entity) -> bool:
    """ "Warmer" is a light's white or a room's air."""
    return entity.domain == "climate" or (entity.domain == "light" and "color_temperature" in entity.features)


def _lent_kind(frame: Frame, before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """ "Close the bedroom one too"."""
    kinds = {(entity.domain, entity.device_class) for entity in _targets(before)}
    if len(kinds) != 1 or frame.questions:
        return ()
    domain, device_class = kinds.pop()
    verbs = list(dict.fromkeys(frame.verbs))
    done = do(frame, verbs[0], domain) if len(verbs) == 1 else None
    target = place(frame, domain, device_class)
    return (Intent(done[0], target, done[1]),) if done and target else ()


def _redirected(frame: Frame, before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """The same for another thing or place."""
    things = named(frame, vocabulary)
    if things is None:
        return ()
    found = []
    for last in before.intents:
        if things:
            fitting = [thing for thing in things if _carries(last, thing)]
            if len(fitting) == len(things):
                found.append(Intent(last.name, _these(things), _slots(last, things)))
        elif (target := _elsewhere(frame, last, vocabulary)) is not None:
            area = {"area": frame.areas[0]} if "area" in last.slots and frame.areas else {}
            found.append(Intent(last.name, target, {**last.slots, **area}))
    return tuple(found)


def _listed(marks: Marks, before: Exchange, vocabulary: Vocabulary) -> tuple[Intent, ...]:
    """ "And eggs", after something was put on a list."""
    rest = [word for word in marks.rest if word != ","]
    while rest and vocabulary.is_article((rest[0],)):
        rest = rest[1:]
    lists = [each for each in before.intents if "item" in each.slots and each.targets]
    if not (marks.also and rest and lists) or any(piece.value("verb") for piece in vocabulary.pieces(rest)):
        return ()
    return (Intent(lists[-1].name, _these(lists[-1].targets), {**lists[-1].slots, "item": " ".join(rest)}),)


def _carries(last: Resolved, thing: Entity) -> bool:
    """Whether what was done to the one can be asked of the other, and means the same there."""
    domains = {entity.domain for entity in last.targets}
    if last.name not in _ON_OFF or not domains:
        return True
    return thing.domain in domains or any(domains <= set(sense) and thing.domain in sense for sense in _SENSES)


def _slots(last: Resolved, things: Sequence[Entity]) -> dict[str, Value]:
    """A question keeps its state only for what can be in it."""
    state = last.slots.get("state")
    if state is None or all(thing.domain in {each.domain for each in last.targets} for thing in things):
        return dict(last.slots)
    if all(state in _FITTING.get(thing.domain, ("on", "off")) for thing in things):
        return dict(last.slots)
    return {"question": "one"}


def _elsewhere(frame: Frame, last: Resolved, vocabulary: Vocabulary) -> Target | None:
    """The same kind in the place that was said, or another kind in the same place."""
    nouns = list(dict.fromkeys(noun for noun in frame.nouns if noun not in MEASURED))
    if len(nouns) > 1 or not last.targets:
        return None
    domains, classes = {each.domain for each in last.targets}, {each.device_class for each in last.targets}
    domain = domains.pop() if len(domains) == 1 else None
    device_class = classes.pop() if len(classes) == 1 and domain in ("cover", "binary_sensor", "sensor") else None
    if nouns:
        domain = domain_of(nouns[0])
        device_class = nouns[0] if domain == "cover" else None
        if domain is None or not _carries(last, Entity(f"{domain}.any", "")):
            return None
    if domain is None:
        return None
    target = place(frame, domain, device_class)
    if target is None or (last.name in IMPLIED and not nouns):
        return target and replace(target, domain=None, device_class=None)
    rooms = {each.room for each in last.targets}
    if nouns and target.here and len(rooms) == 1 and (room := rooms.pop()) is not None:
        there = any(each.domain == domain and each.room == room for each in vocabulary.entities.values())
        return replace(target, area=room, here=False) if there else target
    return target


def _targets(before: Exchange) -> list[Entity]:
    return list({entity.id: entity for each in before.intents for entity in each.targets}.values())


def _these(entities: Sequence[Entity]) -> Target:
    return Target(ids=tuple(entity.id for entity in entities))
