"""How names, lists, places and adjectives are put together in each language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Protocol


class Grammar(Protocol):
    decimal: str
    """Mark between whole and fraction."""
    space: str
    """Between sentences, and between a number and what is counted."""

    def named(self, name: str) -> str:
        """A thing's name inside a sentence, with its article where one is needed."""

    def noun(self, name: str) -> str:
        """The name without its article: "which kitchen light"."""

    def place(self, name: str) -> str:
        """Where: "in the kitchen"."""

    def behind(self, preposition: str, name: str) -> str:
        """The preposition, grown together with the article where a language does that: "della cucina"."""

    def before(self, word: str, number: str) -> str:
        """The word and the number behind it, as they are said together: "al 40%", "all'80%"."""

    def uncounted(self, kind: str) -> str:
        """The noun without the measure word that stands between it and a number."""

    def joined(self, names: Sequence[str], word: str) -> str:
        """word: the language's own "and" or "or"."""

    def agreeing(self, forms: Sequence[str], names: Sequence[str]) -> str:
        """The form of a word that goes with these names."""


class English:
    """forms: singular, plural."""

    decimal = "."
    space = " "

    def named(self, name: str) -> str:
        words = [word.lower() if word.istitle() else word for word in name.split()]
        if words and words[0].lower() in ("the", "my", "our", "a", "an"):
            return " ".join(words)
        return "the " + " ".join(words)

    def noun(self, name: str) -> str:
        return re.sub(r"^(?:the|my|our|an?) ", "", self.named(name))

    def place(self, name: str) -> str:
        prepositions = {"upstairs": "upstairs", "downstairs": "downstairs"}
        return prepositions.get(name.lower(), f"{'on' if 'floor' in name.lower() else 'in'} {self.named(name)}")

    def behind(self, preposition: str, name: str) -> str:
        return f"{preposition} {self.named(name)}"

    def before(self, word: str, number: str) -> str:
        return f"{word} {number}"

    def uncounted(self, kind: str) -> str:
        return kind

    def joined(self, names: Sequence[str], word: str) -> str:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"

    def agreeing(self, forms: Sequence[str], names: Sequence[str]) -> str:
        plural = len(names) != 1 or re.search(r"[^aius]s$", names[0], re.IGNORECASE) is not None
        return forms[-1] if plural else forms[0]


class Italian:
    """forms: masculine, feminine, masculine plural, feminine plural; a name's article tells which."""

    decimal = ","
    space = " "

    _articles: ClassVar = re.compile(r"^(il|lo|la|i|gli|le)\s+|^(l)['’]\s*", re.IGNORECASE)
    _stems: ClassVar = {"a": "a", "di": "de", "in": "ne", "su": "su", "da": "da"}
    _endings: ClassVar = {"il": "l ", "lo": "llo ", "la": "lla ", "i": "i ", "gli": "gli ", "le": "lle ", "l": "ll'"}
    _bare: ClassVar = re.compile(
        r"(?:cucina|camera(?: da letto| matrimoniale| degli ospiti)?|cameretta|bagno|soggiorno|salotto"
        r"|sala(?: da pranzo)?|garage|giardino|cortile|cantina|soffitta|mansarda|taverna|ufficio|lavanderia|corridoio"
        r"|terrazza"
        r"|veranda|biblioteca|dispensa|cabina armadio)",
        re.IGNORECASE,
    )
    """Where people are without an article: "in cucina", but "nello studio"."""
    _outside: ClassVar = re.compile(r"(?:balcone|terrazzo|tetto|pianerottolo)\b", re.IGNORECASE)
    _floor: ClassVar = re.compile(r"\bpiano\b", re.IGNORECASE)
    _vowel: ClassVar = re.compile(r"(?:8|11(?!\d)|1(?!\d))")
    """Numbers that are said with a vowel first: uno, otto, undici, ottanta."""

    def named(self, name: str) -> str:
        return name

    def noun(self, name: str) -> str:
        return self._articles.sub("", name)

    def place(self, name: str) -> str:
        noun = self.noun(name)
        if self._bare.fullmatch(noun):
            return f"in {noun.lower()}"
        preposition = "su" if self._outside.match(noun) else "a" if self._floor.search(noun) else "in"
        return self.behind(preposition, name)

    def behind(self, preposition: str, name: str) -> str:
        article = self._article(name)
        if article is None:
            return f"{preposition} {name}"
        return self._stems[preposition] + self._endings[article] + self.noun(name)

    def before(self, word: str, number: str) -> str:
        if not self._vowel.match(number):
            return f"{word} {number}"
        return {"al": "all'", "il": "l'", "del": "dell'"}[word] + number

    def uncounted(self, kind: str) -> str:
        return kind

    def joined(self, names: Sequence[str], word: str) -> str:
        if word == "e" and names[-1][:1].lower() in ("e", "è"):
            word = "ed"
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"

    def agreeing(self, forms: Sequence[str], names: Sequence[str]) -> str:
        if len(forms) == 2:  # verbs: singular and plural are enough
            return forms[1] if len(names) != 1 or self._plural(names[0]) else forms[0]
        feminine = all(self._feminine(name) for name in names)
        plural = len(names) != 1 or self._plural(names[0])
        return forms[min(len(forms) - 1, feminine + 2 * plural)]

    def _article(self, name: str) -> str | None:
        found = self._articles.match(name)
        return (found[1] or found[2]).lower() if found else None

    def _plural(self, name: str) -> bool:
        return self._article(name) in ("i", "gli", "le")

    def _feminine(self, name: str) -> bool:
        article = self._article(name)
        if article in ("la", "le"):
            return True
        first_word = self._articles.sub("", name).split(" ")[0]
        return article in ("l", None) and first_word.lower().endswith(("a", "à", "luce", "lampade", "zione"))


class Chinese:
    """One form for everything."""

    decimal = "."
    space = ""

    def named(self, name: str) -> str:
        return name

    def noun(self, name: str) -> str:
        return name

    def place(self, name: str) -> str:
        return name

    def behind(self, preposition: str, name: str) -> str:
        return preposition + name

    def before(self, word: str, number: str) -> str:
        return word + number

    def uncounted(self, kind: str) -> str:
        return kind[1:]  # 盏灯, 个风扇: every kind in zh.yaml begins with one

    def joined(self, names: Sequence[str], word: str) -> str:
        return names[0] if len(names) == 1 else "、".join(names[:-1]) + word + names[-1]

    def agreeing(self, forms: Sequence[str], names: Sequence[str]) -> str:
        return forms[0]


GRAMMARS: dict[str, Grammar] = {"en": English(), "it": Italian(), "zh": Chinese()}
