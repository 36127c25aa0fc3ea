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
    _within: ClassVar = {
        "il": "nel ", "lo": "nello ", "la": "nella ", "i": "nei ", "gli": "negli ", "le": "nelle ", "l": "nell'",
    }  # fmt: skip

    def named(self, name: str) -> str:
        return name

    def noun(self, name: str) -> str:
        return self._articles.sub("", name)

    def place(self, name: str) -> str:
        article = self._article(name)
        if article is None:
            return f"in {name}"
        return self._within[article] + self._articles.sub("", name)

    def joined(self, names: Sequence[str], word: str) -> str:
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

    def joined(self, names: Sequence[str], word: str) -> str:
        return names[0] if len(names) == 1 else "、".join(names[:-1]) + word + names[-1]

    def agreeing(self, forms: Sequence[str], names: Sequence[str]) -> str:
        return forms[0]


GRAMMARS: dict[str, Grammar] = {"en": English(), "it": Italian(), "zh": Chinese()}
