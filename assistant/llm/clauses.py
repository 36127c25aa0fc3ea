"""A clause parsed whole: the claims that it makes of the house and the request's words that it repeats, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant import yaml_files
from assistant.interfaces import House
from assistant.llm.claims import Mention, bare, letter, names_in, words
from assistant.llm.evidence import PRESENCE
from assistant.llm.quotes import Quoting
from assistant.models import Language

Share = Literal["", "both", "all", "none"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a claim is made of: things by name, or all of these kinds and places."""

    ids: frozenset[str] = frozenset()
    kinds: tuple[frozenset[str], ...] = ()
    rooms: frozenset[str] = frozenset()
    floors: frozenset[str] = frozenset()
    here: bool = False
    """The room that the speaker is in."""
    there: bool = False
    """The room that was just spoken of, or acted in."""
    share: Share = ""
    count: int | None = None
    """ "two lights were on": exactly so many of them."""
    everything: bool = False
    of_their_kind: bool = False
    """The ids are given for what they are and where: "kitchen lights"."""
    many: bool = False
    """In the plural: all that are there, and more than one."""

    @property
    def told(self) -> bool:
        return bool(self.ids or self.kinds or self.rooms or self.floors or self.here or self.there or self.everything)


@dataclass(frozen=True, slots=True)
class Claim:
    """A state or a measure, said of each of the subjects."""

    subjects: tuple[Subject, ...]
    states: frozenset[str] = frozenset()
    extent: Literal["", "full", "half"] = ""
    negated: bool = False
    number: float | None = None
    unit: str = ""
    role: Literal["", "set", "shown"] = ""
    limits: tuple[tuple[Literal["over", "under"], float, bool], ...] = ()
    """What the measure is beyond; and whether that is said to be the request's own."""


@dataclass(frozen=True, slots=True)
class Parsed:
    claims: tuple[Claim, ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int
    meant: frozenset[str] = frozenset()
    number: float = 0.0
    unit: str = ""
    plural: bool = False
    senses: bool = False
    """A name that tells a state: "hallway motion"."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    states: dict[Language, dict[str, str | tuple[str, ...]]]
    plural: str
    units: dict[str, str]
    kinds: dict[str, frozenset[str]]
    closed: dict[str, dict[Language, str]]


def parse(text: str, language: Language, house: House, quoting: Quoting) -> Parsed | None:
    """Every word is a name, a closed word, a state, a number, or within a run of the request's own; else None."""
    text = text.casefold().replace("’", "'").rstrip(" .!。！")
    segments = _segments(_tokens(text, language, house))
    if not segments:
        return None
    claims: list[Claim] = []
    quotes: list[str] = []
    pending: list[list[_Token]] = []
    index = 0
    while index < len(segments):
        if _known(segments[index]):
            pending.append(segments[index])
            index += 1
            continue
        start, end, quote = _quoted(segments, index, len(pending), text, quoting)
        if not quote:
            return None
        pending = pending[: len(pending) - (index - start)]
        made = _claims(pending, claims) if pending else []
        if made is None:
            return None
        claims, quotes, pending, index = [*claims, *made], [*quotes, quote], [], end
    made = _claims(pending, claims) if pending else []
    if made is None:
        whole = quoting.quoted(text) if not quotes and not claims else None
        return Parsed((), (whole,)) if whole else None
    return Parsed((*claims, *made), tuple(quotes))


@dataclass(frozen=True, slots=True)
class Stated:
    """A state or a number that stands in a text, which need not be understood whole."""

    start: int
    end: int
    states: frozenset[str] = frozenset()
    number: float | None = None
    unit: str = ""
    compares: Literal["over", "under", ""] = ""


_Compares = Literal["over", "under", ""]
_COMPARES: Mapping[str, _Compares] = {"over": "over", "under": "under"}


def stated(text: str, language: Language, house: House) -> list[Stated]:
    """In order; text is in small letters."""
    found: list[Stated] = []
    before = ""
    for token in _tokens(text, language, house):
        compares: _Compares = _COMPARES.get(before, "")
        if token.kind == "state":
            found.append(Stated(token.start, token.end, states=token.meant))
        elif token.kind == "number":
            found.append(Stated(token.start, token.end, number=token.number, unit=token.unit, compares=compares))
        before = before if token.kind == "plain" else token.kind
    return found


def tells_a_state(text: str) -> bool:
    """In any language: a model does not always keep to the one that it is asked in."""
    states = (pattern for patterns in _words().states.values() for pattern in patterns)
    return any(_whole(pattern, letter(text)).search(text) for pattern in states)


# ── words ────────────────────────────────────────────────────────────────────────────────


def _tokens(text: str, language: Language, house: House) -> list[_Token]:
    """What stands in it, in order; a word that is nothing known is of the kind "?"."""
    named = {mention.start: mention for mention in names_in(text, house)}
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] in "'\"“”-–—()":
            at += 1
            continue
        token = _name(text, named[at], house) if at in named else _word(text, at, language)
        tokens.append(token)
        at = token.end
    return tokens


def _name(text: str, mention: Mention, house: House) -> _Token:
    said = text[mention.start : mention.end]
    plural = said.endswith("s") and not said.endswith("'s") and not _is_a_name(said, mention, house)
    senses = mention.kind == "entity" and all(
        (entity := house.entity(name)) is not None and entity.device_class in PRESENCE for name in mention.meant
    )
    return _Token(mention.kind, said, mention.start, mention.end, mention.meant, plural=plural, senses=senses)


def _is_a_name(said: str, mention: Mention, house: House) -> bool:
    """Whether it is the name itself that ends so ("blinds"), not several of what is called like it ("lamps")."""
    if mention.kind != "entity":
        return True
    known = [entity for entity in house.entities() if entity.id in mention.meant]
    names = (name for one in known for name in (one.name, *(each for said in one.aliases.values() for each in said)))
    return any(bare(name) == said for name in names)


def _word(text: str, at: int, language: Language) -> _Token:
    if number := _NUMBER.match(text, at):
        value = float(number.group().replace(",", "."))
        unit, end = _unit(text, number.end())
        return _Token("number", text[at:end], at, end, number=value, unit=unit)
    found = [
        _Token(kind, match.group(), at, match.end(), meant)
        for kind, meant, pattern in _patterns(language, letter(text))
        if (match := pattern.match(text, at)) and match.end() > at
    ]
    if found:
        best = max(found, key=lambda token: token.end)  # of equally long ones the first
        return _counted(best, text) if best.kind == "count" else best
    if text[at] in ",;:":
        return _Token("and", text[at], at, at + 1)
    end = next((match.end() for match in [_ANY_WORD.match(text, at)] if match), at + 1)
    return _Token("?", text[at:end], at, end)


def _counted(token: _Token, text: str) -> _Token:
    unit, end = _unit(text, token.end)
    return replace(token, kind="number", number=words().numbers[token.text], unit=unit, end=end)


def _unit(text: str, at: int) -> tuple[str, int]:
    for unit, pattern in _words().units.items():
        if match := re.compile(rf"\s*(?:{pattern})(?!{letter(text)})").match(text, at):
            return unit, match.end()
    return "", at


@cache
def _patterns(language: Language, letter: str) -> tuple[tuple[str, frozenset[str], re.Pattern[str]], ...]:
    """The more telling kinds first."""
    found: list[tuple[str, frozenset[str], re.Pattern[str]]] = []
    for pattern, states in _words().states.get(language, {}).items():
        found.append(("state", frozenset((states,) if isinstance(states, str) else states), _whole(pattern, letter)))
    for pattern, kinds in (*_words().kinds.items(), *words().things.items()):
        if kinds:
            found.append(("thing", kinds, _whole(pattern, letter)))
    found.append(("count", frozenset(), _whole("|".join(words().numbers), letter)))
    for kind, patterns in _words().closed.items():
        if own := patterns.get(language):
            found.append((kind, frozenset(), _whole(own, letter)))
    return tuple(found)


_CLOSED = (
    "and", "plain", "it", "here", "there", "one", "not", "none", "nobody", "both", "all", "everything", "house", "set",
    "shown", "over", "under", "named", "full", "half",
)  # fmt: skip


@cache
def _words() -> _Words:
    told = yaml_files.read(Path(__file__).with_name("clauses.yaml"))
    own = ("states", "plural", "units", "kinds")
    return _Words.model_validate(
        {**{name: told[name] for name in own}, "closed": {kind: told[kind] for kind in _CLOSED if kind in told}}
    )


@cache
def _whole(pattern: str, letter: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!{letter})(?:{pattern})(?!{letter})")


_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_ANY_WORD = re.compile(r"[^\W\d_]+")


# ── segments ─────────────────────────────────────────────────────────────────────────────


def _segments(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """What stands between "and", "while" and commas."""
    segments: list[list[_Token]] = [[]]
    for token in tokens:
        if token.kind == "and":
            if segments[-1]:
                segments.append([])
            if token.text in ("nor", "né"):
                segments[-1].append(replace(token, kind="nor"))
        else:
            segments[-1].append(token)
    return [segment for segment in segments if any(token.kind not in ("plain", "nor") for token in segment)]


def _known(segment: Sequence[_Token]) -> bool:
    """ "You named" is known of a number only; else it may be a report of what was said."""
    return all(
        token.kind != "?" and (token.kind != "named" or (at > 0 and segment[at - 1].kind == "number"))
        for at, token in enumerate(segment)
    )


def _quoted(
    segments: Sequence[Sequence[_Token]], index: int, before: int, text: str, quoting: Quoting
) -> tuple[int, int, str]:
    """The longest run of segments around this one that the request says."""
    for start in range(index - before, index + 1):
        for end in range(len(segments), index, -1):
            said = text[segments[start][0].start : segments[end - 1][-1].end]
            if quote := quoting.quoted(said):
                return start, end, quote
    return index, index, ""


# ── claims ───────────────────────────────────────────────────────────────────────────────


def _claims(segments: Sequence[Sequence[_Token]], before: Sequence[Claim]) -> list[Claim] | None:
    """One after the other; a segment without a predicate shares its neighbour's, one without a subject the last's."""
    made: list[Claim] = []
    waiting: list[Subject] = []
    negated = False
    for segment in segments:
        subject = _subject(segment)
        claim = _predicate(segment)
        if subject is None or claim is None:
            return None
        negated = negated or subject.share == "none"
        if not _predicates(claim):
            if made and not waiting and subject.told and segment is segments[-1]:
                made[-1] = replace(made[-1], subjects=(*made[-1].subjects, _like(subject, made[-1])))
            elif subject.told:
                waiting.append(subject)
            else:
                return None
            continue
        last = (*before, *made)[-1] if (*before, *made) else None
        subjects = (*waiting, subject) if subject.told or waiting else last.subjects if last else ()
        if subject.told and waiting:
            subjects = (*waiting, subject)
        elif waiting:
            subjects = tuple(waiting)
        if last and last.role == "set" and claim.number is not None and not claim.role:
            claim = replace(claim, role="set")  # "was set to 20 and the bedroom heating to 19"
        if last and not claim.unit and claim.number is None:
            claim = replace(claim, unit=last.unit)  # "is at 23 degrees, above the 22 you gave"
        made.append(replace(claim, subjects=subjects, negated=claim.negated or negated))
        waiting, negated = [], False
    return None if waiting else made


def _like(subject: Subject, claim: Claim) -> Subject:
    """ "the kitchen light and that of the counter" """
    return replace(subject, kinds=subject.kinds or claim.subjects[-1].kinds)


def _predicates(claim: Claim) -> bool:
    return bool(claim.states or claim.extent or claim.number is not None or claim.limits)


def _subject(segment: Sequence[_Token]) -> Subject | None:
    """None: more than one can be told from it."""
    named = [token for token in segment if token.kind == "entity"]
    things = [token for token in segment if token.kind == "thing"]
    rooms = [token for token in segment if token.kind == "room"]
    floors = [token for token in segment if token.kind == "floor"]
    if len(named) > 1 or len(rooms) > 1 or len(floors) > 1:
        return None
    kinds = {token.kind for token in segment}
    shares: list[Share] = [share for share in ("both", "all", "none") if share in kinds]
    if len(shares) > 1 or ("nobody" in kinds and not _says_motion(segment)):
        return None
    count = next((int(one.number) for one, after in pairwise(segment)
                  if one.kind == "number" and not one.unit and after.kind == "thing"), None)  # fmt: skip
    if "house" in kinds and not shares:
        return None
    return Subject(
        frozenset(meant for token in named for meant in token.meant),
        tuple(token.meant for token in things),
        frozenset(meant for token in rooms for meant in token.meant),
        frozenset(meant for token in floors for meant in token.meant),
        here="here" in kinds,
        there="there" in kinds,
        share=shares[0] if shares else "none" if "nor" in kinds else "",
        count=count,
        everything="everything" in kinds,
        of_their_kind=any(token.plural for token in named),
        many=any(token.plural for token in named)
        or any(_whole(_words().plural, letter(token.text)).fullmatch(token.text) for token in things),
    )


def _says_motion(segment: Sequence[_Token]) -> bool:
    return any("motion" in token.meant for token in segment if token.kind == "state")


def _predicate(segment: Sequence[_Token]) -> Claim | None:
    """None: what is said cannot be told for sure. Its subjects are still to be told."""
    states = [token for token in segment if token.kind == "state"]
    numbers = list(_numbers(segment))
    plain = [token for token, compares, _ in numbers if not compares]
    limits = tuple((compares, token.number, own) for token, compares, own in numbers if compares)
    kinds = [token.kind for token in segment]
    senses = not states and not numbers and any(token.senses for token in segment)
    negations = kinds.count("not") + kinds.count("nobody")
    told = len(states) + ("full" in kinds) * (not states) + ("half" in kinds) * (not states)
    if (
        told > 1 or len(plain) > 1 or len(limits) > 1 or negations > 1 or ("full" in kinds and "half" in kinds)
        or (negations and (plain or limits or "full" in kinds or "half" in kinds))
        or (negations and not states and not senses) or kinds.count("over") + kinds.count("under") != len(limits)
        or ("named" in kinds and not limits)
    ):  # fmt: skip
        return None
    return Claim(
        (),
        states[0].meant if states else frozenset({"motion"} if senses else ()),
        "full" if "full" in kinds else "half" if "half" in kinds else "",
        negated=bool(negations),
        number=plain[0].number if plain else None,
        unit=next((token.unit for token, *_ in numbers if token.unit), ""),
        role="set" if "set" in kinds else "shown" if "shown" in kinds else "",
        limits=limits,
    )  # fmt: skip


def _numbers(segment: Sequence[_Token]) -> Iterator[tuple[_Token, Literal["over", "under", ""], bool]]:
    """Those that measure, each with what makes a limit of it and whether the request is said to have named it."""
    words = [token for token in segment if token.kind != "plain"]
    for index, token in enumerate(words):
        if token.kind != "number" or (not token.unit and index + 1 < len(words) and words[index + 1].kind == "thing"):
            continue
        ahead = words[index - 1].kind if index else ""
        compares: Literal["over", "under", ""] = "over" if ahead == "over" else "under" if ahead == "under" else ""
        yield token, compares, any(one.kind == "named" for one in words[index + 1 : index + 2])
