"""What was heard, as plain words: no capitals, no punctuation, no politeness, numbers as digits."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from unicode_rbnf import RbnfEngine

from assistant.models import Language

_AFTER_IS: Final = (
    r"(?:still|not|too|so|very|really|quite|rather|already|always|a bit|a little|getting|been|on|off|open|closed|shut|"
    r"locked|unlocked|asleep|awake|cold|hot|freezing|here|full|dirty|(?!heating|lighting|reading|ceiling|cooling)\w+ing)"
)
"""What follows "is" and not a name: "the lamp's on" tells, "the lamp's switch" is a thing."""

_CONTRACTIONS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "en": (
        (r"\b(what|where|who|how|that|there|here)'?s\b", r"\1 is"),
        (r"\bit's\b", "it is"),
        (r"\bhalf (?:a|of a) degree\b", "0.5 degrees"),
        (r"\ba degree and a half\b", "1.5 degrees"),
        (r"\banother (?:degree|one degree)\b", "1 degrees more"),
        (r"\b(?:a|one|a single) degree\b(?! and)", "1 degrees"),
        (r"\ba[./]\s?c\b\.?", "ac"),
        (r"^what(?: is|'s) (.+?) up to\b(?=\W*$)", r"what is \1 doing"),
        (r"\ba couple(?: of)? (?=degrees|percent|notches)", "2 "),
        (r"\bid\b", "i would"),
        (r"\b(i|it|we|you|that|they|he|she)'d\b", r"\1 would"),
        (r"\b(\w+) degrees? and a half\b", r"\1 and a half degrees"),
        (r"\b(\w+) and (?:a )?half (?=degrees)", r"\1 and a half "),
        (r"\b(?:a|one) hundred\b", "100"),
        (r"\b(i'm|im)\b", "i am"),
        (r"\blet's\b", "let us"),
        (r"\bwon't\b", "will not"),
        (r"\bcan't\b", "can not"),
        (r"\b(\w+)n't\b", r"\1 not"),
        (r"\b(\w+)'re\b", r"\1 are"),
        (r"\b(\w+)'(?:ve)\b", r"\1 have"),
        (r"\b(\w+)'(?:ll)\b", r"\1 will"),
        (rf"\b(\w+)'s (?={_AFTER_IS}\b)", r"\1 is "),
        (r"\b(\w+)'s\b", r"\1"),
    ),
    "it": ((r"\bpo'", "po "), (r"(\w)'", r"\1 ")),
}

_SIGNS: Final = (
    ("%", " percent "),
    (" per cento", " percent "),
    ("°c", " degrees "),
    ("°", " degrees "),
    ("º", " degrees "),
)

_AMOUNTS: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "it": (
        (r"\bventun\b", "ventuno"),
        (r"(?<!che )\bsia ((?:il|la|lo|le|i|gli|l) .+?) (?:che|sia) (?=(?:il|la|lo|le|i|gli|l) )", r"\1 e "),
        (r"\b(?:un )?mezzo grado\b", "0,5 gradi"),
        (r"\bun grado e mezzo\b", "1,5 gradi"),
        (r"\bun paio di (?=gradi)", "2 "),
        (r"\bun grado\b", "1 gradi"),
    ),
}
"""Amounts that are no numerals, as numerals."""

_SETTING: Final = frozenset({"imposta", "impostare", "impostami", "metti", "mettere", "mettimi", "regola", "porta"})
"""Verbs that say nothing without what they set, and to what."""
_LEAST_SETTING: Final = 4
"""Words: "imposta il termostato a 22"."""

_HALF_DEGREES: Final = (("gradi", "e", "mezzo"), ("grado", "e", "mezzo"))

_LARGEST: Final = 100
_KELVINS: Final = range(2000, 7000, 100)
_NOT_NUMBERS: Final[dict[Language, frozenset[str]]] = {"it": frozenset({"un", "una"})}


def words(text: str, language: Language) -> tuple[str, ...]:
    """The words of a sentence, numbers as digits ("twenty one point five" is "21.5")."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'").replace("`", "'")
    for pattern, instead in (*_CONTRACTIONS.get(language, ()), *_AMOUNTS.get(language, ())):
        plain = re.sub(pattern, instead, plain)
    for sign, instead in _SIGNS:
        plain = plain.replace(sign, instead)
    plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    plain = re.sub(r"(\d)(?=[a-z])", r"\1 ", plain)
    plain = re.sub(r"[,;:!?]|\.(?!\d)|(?<!\d)\.", " , ", plain)
    plain = re.sub(r"[^\w\s.,]", " ", plain)
    found = [word for word in plain.split() if word == "," or word.strip("._")]
    while found and found[-1] == ",":
        found.pop()
    found = _another(_digits([folded(word) for word in found], language))
    return tuple(_set_to(found) if language == "it" else found)


def folded(word: str) -> str:
    """Without accents, which recognisers drop; but "è" (is) stays apart from "e" (and)."""
    if word == "è" or word.isascii():
        return word
    bare = (letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", "".join(bare))


def number(word: str) -> float | None:
    """The value of a word made of digits."""
    return float(word) if re.fullmatch(r"\d+(\.\d+)?", word) else None


def _digits(found: list[str], language: Language) -> list[str]:
    result: list[str] = []
    position, table = 0, _numbers(language)
    while position < len(found):
        for length in (4, 3, 2, 1):
            value = table.get(tuple(found[position : position + length]))
            if value is not None:
                break
        else:
            length, value = 1, found[position]
        result.append(value)
        position += length
    return _decimals(result, language)


def _decimals(found: list[str], language: Language) -> list[str]:
    """ "21 point 5" and "20 e mezzo"."""
    point = {"en": ("point",), "it": ("virgola", "punto")}.get(language, ())
    half = {"en": ("and", "a", "half"), "it": ("e", "mezzo")}.get(language, ())
    result: list[str] = []
    position = 0
    while position < len(found):
        word = found[position]
        whole = word.isdigit()
        if whole and position + 2 < len(found) and found[position + 1] in point and found[position + 2].isdigit():
            result.append(f"{word}.{found[position + 2]}")
            position += 3
        elif whole and half == ("e", "mezzo") and tuple(found[position + 1 : position + 4]) in _HALF_DEGREES:
            result += [f"{word}.5", "gradi"]
            position += 4
        elif whole and half and tuple(found[position + 1 : position + 1 + len(half)]) == half:
            result.append(f"{word}.5")
            position += 1 + len(half)
        else:
            result.append(word)
            position += 1
    return result


def _another(found: list[str]) -> list[str]:
    """ "another 20 percent" is "20 percent more"."""
    if "another" not in found[:-1]:
        return found
    at = found.index("another")
    if number(found[at + 1]) is None:
        return found
    end = at + (3 if found[at + 2 : at + 3] in (["percent"], ["degrees"]) else 2)
    return [*found[:at], *found[at + 1 : end], "more", *found[end:]]


def _set_to(found: list[str]) -> list[str]:
    """ "Imposta, il termostato ha 22 gradi": recognisers pause after the verb and write "ha" (has) for "a" (to)."""
    if len(found) < _LEAST_SETTING or found[0] not in _SETTING:
        return found
    told = [found[0], *found[2:]] if found[1] == "," else found
    if told[1] not in ("il", "la", "lo", "l", "i", "le"):
        return found
    follows = zip(told, [*told[1:], ""], strict=True)
    return ["a" if word == "ha" and number(after) is not None else word for word, after in follows]


@cache
def _numbers(language: Language) -> dict[tuple[str, ...], str]:
    """Every way to write 0 to 100, and light temperatures, in words."""
    try:
        engine = RbnfEngine.for_language(language)
    except ValueError:
        return {}
    table: dict[tuple[str, ...], str] = {}
    for value in (*range(_LARGEST + 1), *_KELVINS):
        for spelled in set(engine.format_number(value).text_by_ruleset.values()):
            plain = folded(spelled.replace("\u00ad", "").replace("-", " ").casefold())
            if re.fullmatch(r"[^\W\d_]+( [^\W\d_]+)*", plain) and plain not in _NOT_NUMBERS.get(language, ()):
                table.setdefault(tuple(plain.split()), str(value))
    return table
