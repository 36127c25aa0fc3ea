"""Sentences about time as templates: (a|b), [optional], {slot}, <rule>, ⌚ for a time, ⏳ for a length of time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant import yaml_files
from assistant.intents.times.reading import AMOUNT, TIME, Masked
from assistant.intents.times.when import When
from assistant.models import Language, Value

_FOLDER = Path(__file__).parent / "sentences"
_TOKEN = re.compile(r"[\[\]()|]|\{\w+\}|<\w+>|[^\s\[\]()|{}<>]+")

_NAME = 3
"""Most words of a name; a longer one is something else."""


_LONGEST_CLAUSE = 12
"""Words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A template that a whole sentence fits."""

    intent: str
    slots: Mapping[str, Value]
    """Given with the template."""
    spans: Mapping[str, tuple[int, int]]
    """Which of the masked words each {slot} took."""
    times: tuple[When, ...]
    amounts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Template:
    intent: str
    slots: Mapping[str, Value]
    expressions: tuple[re.Pattern[str], ...]
    """Several where two slots stand side by side: each with another boundary between them."""

    def fits(self, mask: Masked) -> Iterator[Found]:
        text = mask.text + " "
        for expression in self.expressions:
            if (found := expression.fullmatch(text)) is not None:
                yield self._found(found, mask)

    def _found(self, found: re.Match[str], mask: Masked) -> Found:
        spans = {name.rpartition("_")[0]: _words(found.string, *found.span(name))
                 for name in found.groupdict() if found[name]}  # fmt: skip
        inside = [index for start, end in spans.values() for index in range(start, end)]
        times = _outside(mask.words, TIME, inside)
        amounts = _outside(mask.words, AMOUNT, inside)
        return Found(self.intent, self.slots, spans, tuple(mask.times[i] for i in times),
                     tuple(mask.amounts[i] for i in amounts))  # fmt: skip


@cache
def templates(language: Language) -> tuple[Template, ...]:
    """In the order in which they are tried."""
    path = _FOLDER / f"{language}.yaml"
    if not path.exists():
        return ()
    data: dict[str, Any] = yaml_files.read(path)
    rules: Mapping[str, str] = data["rules"]
    return tuple(_read(data["intents"], rules))


@cache
def courtesies(language: Language) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What may stand before a sentence, and after it."""
    path = _FOLDER / f"{language}.yaml"
    data: dict[str, Any] = yaml_files.read(path)
    first, last = (_expression(data["rules"][name], data["rules"]) for name in ("before", "after"))
    return re.compile(rf"(?:{first})*"), re.compile(rf"(?:{last})*$")


def speaks_of_time(text: str, language: Language) -> bool:
    """Whether a word of it is one of timers, alarms, reminders or waiting, with or without a time."""
    return _has_word(text, language, "spoken_of")


def speaks_against(text: str, language: Language) -> bool:
    """Whether it may be said that something should not be, "don't wake me at seven"."""
    return _has_word(text, language, "spoken_against")


def _has_word(text: str, language: Language, kind: str) -> bool:
    spoken = _words_of(language, kind)
    return spoken is not None and spoken.search(text.casefold().replace("’", "'")) is not None


@cache
def _words_of(language: Language, kind: str) -> re.Pattern[str] | None:
    path = _FOLDER / f"{language}.yaml"
    if not path.exists():
        return None
    data: dict[str, Any] = yaml_files.read(path)
    return re.compile(rf"\b(?:{data[kind]})\b")


@cache
def clauses(language: Language) -> tuple[tuple[str, bool, re.Pattern[str]], ...]:
    """How people say that something comes to a state: (state, whether a number follows, expression)."""
    path = _FOLDER / f"{language}.yaml"
    data: dict[str, Any] = yaml_files.read(path)
    return tuple((state, "{number}" in text, re.compile(_expression(text, data["rules"])))
                 for state, texts in data["clauses"].items() for text in texts)  # fmt: skip


def _read(intents: Mapping[str, list[Any]], rules: Mapping[str, str]) -> Iterator[Template]:
    for intent, blocks in intents.items():
        for block in blocks:
            texts, slots = (block["say"], block.get("slots", {})) if isinstance(block, dict) else ([block], {})
            for text in texts:
                yield Template(intent, slots, tuple(map(_compiled, _boundaries(_expression(text, rules)))))


def _compiled(expression: str) -> re.Pattern[str]:
    """A slot may stand in several alternatives; Python wants each group of a name of its own."""
    seen: Counter[str] = Counter()

    def numbered(found: re.Match[str]) -> str:
        seen[found[1]] += 1
        return f"(?P<{found[1]}_{seen[found[1]]}>"

    return re.compile(re.sub(r"\(\?P<(\w+)>", numbered, expression))


def _boundaries(expression: str) -> list[str]:
    if "(?P<clause>" not in expression or "(?P<command>" not in expression:
        return [expression]
    slot = _slot("clause")
    return [expression.replace(slot, rf"(?P<clause>(?:\S+ ){{{length}}})") for length in range(_LONGEST_CLAUSE, 1, -1)]


def _expression(text: str, rules: Mapping[str, str]) -> str:
    """Every word is followed by a blank, so that what is optional takes its own with it."""
    made = ""
    for token in _TOKEN.findall(text):
        match token[0]:
            case "[" | "(":
                made += "(?:"
            case "]":
                made += ")?"
            case ")" | "|":
                made += token
            case "<":
                made += f"(?:{_expression(rules[token[1:-1]], rules)})"
            case "{":
                made += _slot(token[1:-1])
            case _:
                made += re.escape(token) + " "
    return made


def _slot(name: str) -> str:
    match name:
        case "number":
            return r"(?P<number>\d+(?:\.\d+)?) "
        case "name":
            return rf"(?P<name>(?:[^\s,{TIME}{AMOUNT}]+ ){{1,{_NAME}}}?)"
        case "plain":
            return rf"(?P<plain>(?:[^\s{TIME}]+ )+?)"
    return rf"(?P<{name}>(?:\S+ )+?)"


def _words(text: str, start: int, end: int) -> tuple[int, int]:
    return text[:start].count(" "), text[:end].count(" ")


def _outside(words: tuple[str, ...], sign: str, inside: list[int]) -> list[int]:
    """Which of the signs of this kind no slot has taken."""
    places = [index for index, word in enumerate(words) if word == sign]
    return [order for order, index in enumerate(places) if index not in inside]
