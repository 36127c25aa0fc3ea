"""Speaks of a turn only what its record holds.

A model's reason is no log of what moved it. So its clause is spoken only if every device, room, number and state that
it names is borne out by the record: the things targeted or read, what they reported, and the request's own words.
What it says beside that has to be plain words: a pipe that "is broken" is broken in no record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.errors import NotUnderstood
from assistant.interfaces import House
from assistant.llm.claims import Claim, Mention, claims_in, find, is_of_the_house, names_in, says, things_in, words
from assistant.llm.evidence import Evidence, family
from assistant.llm.steps import steps
from assistant.models import Entity, Language, Turn

__all__ = ["boasts", "grounded", "speaks_truly", "steps"]

LONGEST = 160
"""Characters; more is no clause."""


def grounded(because: str, turn: Turn, house: House, language: Language) -> str | None:
    """The clause, with ids turned into names, if the record bears all of it out; else None."""
    return _borne_out(because, turn, house, language, whole=False)


def doubt(said: str, turn: Turn, house: House, language: Language) -> None:
    """Raises NotUnderstood where the model's words claim what the record does not hold; a question claims nothing."""
    if boasts(said, language):
        raise NotUnderstood("the model says that it acted, but it planned no action")
    if not said.rstrip().endswith(("?", "？")) and not speaks_truly(said, turn, house, language):
        raise NotUnderstood("the model says of the house what the record does not hold")


def speaks_truly(said: str, turn: Turn, house: House, language: Language) -> bool:
    """Whether the model's own words may be spoken: what they say of the house must be in the record.

    What they say of all doors must be there of every door. General talk says nothing of the house.
    """
    text = _with_names(said, house, language).casefold()
    of_the_house = bool(names_in(text, house)) or is_of_the_house(text)
    return not of_the_house or _borne_out(said, turn, house, language, whole=True) is not None


def boasts(said: str, language: Language) -> bool:
    """Whether the model says that it acted. Only the house can say so."""
    patterns = (pattern for code, pattern in words().boasts.items() if code in (language, "en"))
    return any(re.search(pattern, said.strip(), re.IGNORECASE) for pattern in patterns)


def _borne_out(because: str, turn: Turn, house: House, language: Language, *, whole: bool) -> str | None:
    """whole: what is said of a kind, a room or everything has to be read of each thing that it takes in."""
    clause = _with_names(" ".join(because.split()), house, language)
    clause = clause if whole else _to_you(clause, language)
    if not clause or len(clause) > LONGEST or re.search(r"[{}<>\[\]|_]", clause):
        return None
    text, record = clause.casefold(), Evidence.of(turn, house)
    names = names_in(text, house)
    things = things_in(text, names)
    borne_out = (
        _is_in(language, text)
        and all(record.holds(mention) for mention in [*names, *things])
        and _only_known_places(text, names, record)
        and _only_the_request_judges(text, names, record)
        and _no_unknown_names(clause, names, record)
        and _claims_hold(text, language, [*names, *things], record, whole)
        and (
            whole
            or (_bears_on_it([*names, *things], record) and _only_plain_words(text, language, names, things, record))
        )
        and not (whole and not names and _tells_nothing(text, language))
    )
    return clause if borne_out else None


# ── the checks ───────────────────────────────────────────────────────────────────────────


def _is_in(language: Language, text: str) -> bool:
    """Whether the clause is in the language it would be spoken in."""
    if language == "zh":
        return bool(re.search(r"[\u3400-\u9fff]", text))
    scores = {tongue: len(list(find(pattern, text))) for tongue, pattern in words().tell_tale.items()}
    return not re.search(r"[\u3400-\u9fff]", text) and scores.get(language, 0) >= max(scores.values(), default=0)


def _only_known_places(text: str, names: Sequence[Mention], record: Evidence) -> bool:
    return all(
        _inside(match, names) or says(match.group(), record.request) for match in find(_folded(words().rooms), text)
    )


def _only_the_request_judges(text: str, names: Sequence[Mention], record: Evidence) -> bool:
    return all(
        _inside(match, names) or says(pattern, record.request)
        for pattern in words().judgements
        for match in find(pattern, text)
    )


def _no_unknown_names(clause: str, names: Sequence[Mention], record: Evidence) -> bool:
    """A capital letter begins a name; one that is neither the house's nor the request's is invented."""
    return all(
        _inside(match, names)
        or match.group().casefold() in record.request
        or (match.start() == 0 and _may_open(match.group().casefold()))
        or match.group() == "I"
        for match in re.finditer(r"\b[A-ZÀ-Þ]\w*", clause)
    )


def _may_open(word: str) -> bool:
    return any(says(pattern, word) for pattern in (words().openers, *words().tell_tale.values(), *words().things))


def _bears_on_it(mentions: Sequence[Mention], record: Evidence) -> bool:
    """What is true may still be no reason: that the freezer is on has nothing to do with the washing."""
    told = [mention for mention in mentions if mention.kind in ("entity", "thing")]
    return not told or any(record.matters(mention) for mention in told)


def _only_plain_words(
    text: str, language: Language, names: Sequence[Mention], things: Sequence[Mention], record: Evidence
) -> bool:
    """Every word is a name, a kind of thing, a claim that was checked, the request's own, or says nothing by itself."""
    plain = words().plain.get(language)
    if plain is None:
        return True
    claims = claims_in(text, language, names)
    checked = [(mention.start, mention.end) for mention in (*names, *things)]
    checked += [(claim.start, claim.end) for claim in claims]
    patterns = (plain, *words().judgements, _folded(words().rooms), words().over, words().under, words().set_to)
    checked += [match.span() for pattern in patterns for match in find(pattern, text)]
    asked = {match.group() for match in _WORD.finditer(record.request)}
    known = (words().openers, *words().units.values(), words().tell_tale[language])
    return all(
        any(start <= match.start() and match.end() <= end for start, end in checked)
        or _is_of(match.group(), asked)
        or any(says(pattern, match.group()) for pattern in known)
        for match in _WORD.finditer(text)
    )


_WORD = re.compile(r"[^\W\d_]+")


def _is_of(word: str, asked: Iterable[str]) -> bool:
    """Whether the request has it too, be it in the plural or in the other gender."""
    return any(
        word == other or f"{word}s" == other or word == f"{other}s" or (len(word) > 4 and word[:-1] == other[:-1])
        for other in asked
    )


def _claims_hold(
    text: str, language: Language, mentions: Sequence[Mention], record: Evidence, whole: bool = False
) -> bool:
    claims = claims_in(text, language, [mention for mention in mentions if mention.kind != "thing"])
    states = [claim for claim in claims if claim.states]
    rest = _without(claims, text)
    negated = says(words().negations.get(language, "(?!)"), rest)
    if (negated and len(states) > 1) or (states and _speaks_of_none(rest, record, whole)):
        return False  # of which state it is said cannot be told, or that it is so of none
    before: tuple[Entity, ...] = ()
    previous: Claim | None = None
    for claim, said_of in _attached(claims, mentions, len(text)):
        if whole and claim.states and _is_sweeping(text, said_of) and record.misses(claim.states, said_of):
            return False
        about = record.scope(said_of, whole) if said_of else before or record.scope((), whole)
        if claim.states:
            held = _state_holds(claim, about, record) is not negated
        elif counted := next((thing for thing in mentions if _counts(claim, thing, text)), None):
            held = _count_holds(claim, counted, record)
        else:
            held = _number_holds(claim, about, record, previous, said_of)
        if not held:
            return False
        before, previous = about, claim
    return True


def _without(claims: Sequence[Claim], text: str) -> str:
    """The words around the claims: what "no motion" denies, it has denied itself."""
    for claim in claims:
        text = text[: claim.start] + " " * (claim.end - claim.start) + text[claim.end :]
    return text


def _speaks_of_none(rest: str, record: Evidence, whole: bool) -> bool:
    """ "No lamp is on". That nobody is there the request may have said, which says nothing of the lamps."""
    found = {match.group() for match in find(words().none, rest)}
    people = set() if whole else {word for word in found if says(words().nobody, word) and says(word, record.request)}
    return bool(found - people)


def _counts(claim: Claim, thing: Mention, text: str) -> bool:
    """ "three lights" """
    return thing.kind == "thing" and claim.end <= thing.start and not text[claim.end : thing.start].strip()


def _count_holds(claim: Claim, counted: Mention, record: Evidence) -> bool:
    fitting = record.scope([counted])
    return claim.number in (len(fitting), sum(entity.id in record.targets for entity in fitting))


def _is_sweeping(text: str, said_of: Sequence[Mention]) -> bool:
    """Whether it is said of all of a kind, of a room or of everything, not of what has a name of its own."""
    return not any(mention.kind == "entity" for mention in said_of) and (bool(said_of) or says(words().whole, text))


def _tells_nothing(text: str, language: Language) -> bool:
    """Whether it holds no state and no number that could be looked up, or a measure whose number cannot be told."""
    claims = claims_in(text, language, ())
    measures = len(list(find(words().measured, text)))
    return not claims or measures > len([claim for claim in claims if claim.unit])


def _attached(claims: Sequence[Claim], mentions: Sequence[Mention], end: int) -> list[tuple[Claim, list[Mention]]]:
    """Each claim with what it is said of: what stands before it; what stands after it too, if no claim follows."""
    pairs = []
    for index, claim in enumerate(claims):
        start = claims[index - 1].end if index else 0
        last = index == len(claims) - 1
        until = end if last else claims[index + 1].start
        said_of = [mention for mention in mentions if start <= mention.start and mention.end <= claim.start]
        if last or not said_of:
            said_of += [mention for mention in mentions if claim.end <= mention.start and mention.end <= until]
        pairs.append((claim, said_of))
    return pairs


def _state_holds(claim: Claim, about: Sequence[Entity], record: Evidence) -> bool:
    """All that it is said of; things that know no such state (a sensor in the room) do not count."""
    able = [states for entity in about if (states := record.states(entity, claim.when)) & family(claim.states)]
    return bool(able) and all(states & claim.states for states in able)


def _number_holds(
    claim: Claim, about: Sequence[Entity], record: Evidence, previous: Claim | None, said_of: Sequence[Mention]
) -> bool:
    """Reported or asked for; or the request's own, where it is said of nothing; or beyond which what is known lies."""
    assert claim.number is not None
    alone = not any(mention.end <= claim.start for mention in said_of)
    if claim.compares and not (alone and previous is not None and previous.number is not None):
        measured = _known(claim, about, record)
        return bool(measured) and all(_is_beyond(value, claim) for value in measured)
    known = _known(replace(claim, compares=""), about, record)
    is_one = any(claim.number == value or (claim.number == int(claim.number) == round(value)) for value in known)
    told = is_one or (alone and _asks_for(claim.number, record.request))
    return told and not (claim.compares and previous and not _is_beyond(previous.number or 0.0, claim))


def _known(claim: Claim, about: Sequence[Entity], record: Evidence) -> list[float]:
    return [value for entity in about for value, unit in record.numbers(entity, claim)
            if not claim.unit or unit in ("", claim.unit)]  # fmt: skip


def _is_beyond(value: float, claim: Claim) -> bool:
    assert claim.number is not None
    return value > claim.number if claim.compares == "over" else value < claim.number


def _asks_for(said: float, request: str) -> bool:
    digits = [float(match.group().replace(",", ".")) for match in find(r"-?\d+(?:[.,]\d+)?", request)]
    return said in digits or any(says(word, request) for word, value in words().numbers.items() if value == said)


def _to_you(clause: str, language: Language) -> str:
    """Models give the request back in the words of who made it."""
    for pattern, word in words().addressed.get(language, {}).items():
        clause = re.sub(rf"(?<![\w'’])(?:{pattern})(?![\w'’])", word, clause, flags=re.IGNORECASE)
    return clause


def _folded(pattern: str) -> str:
    """A list of words that YAML wrote on several lines."""
    return re.sub(r"\s*\|\s*", "|", pattern)


def _inside(match: re.Match[str], names: Sequence[Mention]) -> bool:
    return any(name.start <= match.start() and match.end() <= name.end for name in names)


def _with_names(clause: str, house: House, language: Language) -> str:
    """Models like to write ids; people do not say them."""

    def name(match: re.Match[str]) -> str:
        entity = house.entity(match.group())
        if entity is None:
            return match.group()
        spoken = entity.spoken(language)
        return (
            f"the {spoken}"
            if language == "en" and not match.string[: match.start()].rstrip().endswith("the")
            else spoken
        )

    return re.sub(r"\b[a-z_]+\.[a-z0-9_]+\b", name, clause)
