"""Only a clear yes or no counts as one."""

from __future__ import annotations

import pytest

from assistant.intents.answers import yes_or_no


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("Yes.", "en", True),
        ("yes please, go ahead", "en", True),
        ("No thanks", "en", False),
        ("No?", "en", False),
        ("yes, no", "en", None),
        ("yes turn on the light", "en", None),
        ("of course not", "en", False),
        ("maybe", "en", None),
        ("", "en", None),
        ("Sì, certo!", "it", True),
        ("si", "it", True),
        ("no, lascia stare", "it", False),
        ("non lo so", "it", None),
        ("certo che no", "it", False),
        ("好的。", "zh", True),
        ("不要", "zh", False),
        ("也许", "zh", None),
    ],
)
def test_answers(text: str, language: str, answer: bool | None) -> None:
    assert yes_or_no(text, language) is answer
