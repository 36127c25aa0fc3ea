"""A clear yes or a clear no; anything else is None."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from assistant.models import Language

_YES: Final[dict[Language, frozenset[str]]] = {
    "en": frozenset(
        [
            "yes",
            "yeah",
            "yep",
            "yup",
            "sure",
            "of course",
            "certainly",
            "absolutely",
            "definitely",
            "correct",
            "right",
            "ok",
            "okay",
            "go ahead",
            "do it",
            "go for it",
            "affirmative",
            "confirm",
            "confirmed",
            "i am sure",
            "i'm sure",
            "please do",
            "yes do it",
            "do that",
            "that's right",
        ]
    ),
    "it": frozenset(
        [
            "sì",
            "si",
            "certo",
            "certamente",
            "sicuro",
            "sicura",
            "ok",
            "okay",
            "va bene",
            "d'accordo",
            "esatto",
            "esattamente",
            "confermo",
            "conferma",
            "fallo",
            "procedi",
            "fai pure",
            "vai",
            "come no",
            "assolutamente sì",
            "assolutamente si",
            "ma certo",
            "sì sì",
            "si si",
            "giusto",
            "volentieri",
        ]
    ),
    "zh": frozenset(
        ["是", "是的", "对", "对的", "好", "好的", "可以", "行", "没问题", "确定", "确认", "当然", "嗯", "要", "没错"]
    ),
}

_NO: Final[dict[Language, frozenset[str]]] = {
    "en": frozenset(
        [
            "no",
            "nope",
            "nah",
            "never mind",
            "nevermind",
            "don't",
            "do not",
            "don't do it",
            "do not do it",
            "please don't",
            "cancel",
            "stop",
            "negative",
            "no way",
            "absolutely not",
            "of course not",
            "not now",
            "leave it",
            "forget it",
            "better not",
            "wait",
            "hold on",
        ]
    ),
    "it": frozenset(
        [
            "no",
            "no no",
            "lascia stare",
            "lascia perdere",
            "annulla",
            "ferma",
            "fermo",
            "fermati",
            "meglio di no",
            "assolutamente no",
            "certo che no",
            "non farlo",
            "aspetta",
            "non ora",
            "non adesso",
            "niente",
            "neanche per sogno",
            "per niente",
            "negativo",
            "stop",
        ]
    ),
    "zh": frozenset(["不", "不是", "不要", "不用", "不用了", "不行", "别", "取消", "算了", "不对", "不可以", "否"]),
}

_POLITE: Final = frozenset(
    [
        "please",
        "thanks",
        "thank you",
        "per favore",
        "per piacere",
        "grazie",
        "per cortesia",
        "谢谢",
        "请",
        "吧",
        "了",
        "啊",
        "oh",
        "ah",
        "eh",
        "well",
        "then",
        "allora",
        "dai",
        "beh",
        "um",
        "uh",
    ]
)


def yes_or_no(text: str, language: Language) -> bool | None:
    """True for a clear yes, False for a clear no, None for anything else, two minds included.

    In its own language, or in another that it speaks: in a home of two languages a question in one is answered in the
    other. A yes that asks back ("Yes?") is none.
    """
    others = [other for other in _YES if other != language]
    answers = {_in(text, each) for each in (language, *others)} - {None}
    answer = answers.pop() if len(answers) == 1 else None
    return None if answer and text.rstrip().endswith(("?", "？")) else answer


def _in(text: str, language: Language) -> bool | None:
    rest = _plain(text)
    said: set[bool] = set()
    while rest:
        word, answer = _next(rest, language)
        if not word:
            return None
        if answer is not None:
            said.add(answer)
        rest = rest[len(word) :].strip()
    return said.pop() if len(said) == 1 else None


def _next(rest: str, language: Language) -> tuple[str, bool | None]:
    """The longest known expression that the text begins with, and what it says."""
    yes, no = _YES.get(language, _YES["en"]), _NO.get(language, _NO["en"])
    for known in sorted(yes | no | _POLITE, key=len, reverse=True):
        if rest == known or rest.startswith(known if language == "zh" else known + " "):
            return known, True if known in yes else False if known in no else None
    return "", None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    return " ".join(re.sub(r"[^\w\s']", " ", folded).split())
