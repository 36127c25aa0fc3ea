"""The language of typed requests."""

import pytest

from assistant.intents.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Turn on the kitchen light", "en"),
        ("lights off", "en"),
        ("Is any window open?", "en"),
        ("I'm freezing", "en"),
        ("Accendi la luce in cucina", "it"),
        ("spegni tutto", "it"),
        ("l'aspirapolvere", "it"),
        ("Che ore sono?", "it"),
        ("C'è qualche luce accesa?", "it"),
        ("打开厨房灯", "zh"),
        ("", "en"),
        ("12345", "en"),
    ],
)
def test_knows_the_language(text: str, language: str) -> None:
    assert language_of(text) == language
