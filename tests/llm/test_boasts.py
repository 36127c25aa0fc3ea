"""A model that claims to have acted without a plan is not repeated."""

import pytest

from assistant.llm.narrator import boasts


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("I have turned on the kitchen light.", "en"),
        ("I've set the thermostat to 21 degrees.", "en"),
        ("The door is now locked.", "en"),
        ("The lights have been switched off.", "en"),
        ("I'm opening the blinds for you.", "en"),
        ("Done! Enjoy.", "en"),
        ("Ho acceso la luce della cucina.", "it"),
        ("La porta è stata chiusa.", "it"),
        ("Le luci sono ora spente.", "it"),
        ("Fatto.", "it"),
        ("I turned on the light.", "it"),
        ("我已经打开了灯", "zh"),
    ],
)
def test_a_boast(said: str, language: str) -> None:
    assert boasts(said, language)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("The kitchen light is on.", "en"),
        ("The capital of France is Paris.", "en"),
        ("Shall I turn on the light?", "en"),
        ("I cannot do that.", "en"),
        ("Have a nice trip!", "en"),
        ("La luce della cucina è accesa.", "it"),
        ("Buon viaggio!", "it"),
        ("Vuoi che accenda la luce?", "it"),
        ("你好", "zh"),
    ],
)
def test_no_boast(said: str, language: str) -> None:
    assert not boasts(said, language)
