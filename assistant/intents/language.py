"""The language of a typed request, by its function words.

The kept detectors weigh 90 MB (lingua) or guess badly at three words (langdetect); three languages need less.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from assistant import yaml_files
from assistant.models import Language


@cache
def _words() -> dict[Language, frozenset[str]]:
    told = yaml_files.read(Path(__file__).with_name("words") / "languages.yaml")
    return {language: frozenset(words.split()) for language, words in told.items()}


_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[a-zà-ù]+(?:'[a-zà-ù]+)?")


def language_of(text: str, fallback: Language = "en") -> Language:
    """Whichever language knows more of the words; the fallback where none does or both do alike."""
    if _CHINESE.search(text):
        return "zh"
    words = _WORD.findall(text.lower().replace("’", "'"))
    parts = [part for word in words for part in {word, *(piece + "'" for piece in word.split("'")[:-1])}]
    score = {language: sum(part in known for part in parts) for language, known in _words().items()}
    score["it"] += sum(part in {"l'", "dell'", "all'", "nell'", "un'", "c'", "d'", "sull'"} for part in parts)
    if score["it"] == score["en"]:
        return fallback
    return max(score, key=lambda language: score[language])
