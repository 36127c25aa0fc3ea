"""Home Assistant's own sentences, behind the reader: their slots in this house's words, and no statement acts."""

from __future__ import annotations

import pytest

from assistant.intents.grammar import Grammar
from assistant.intents.names import Names
from assistant.models import Intent, Target
from tests.intents.houses import demo_house


@pytest.fixture(scope="module")
def grammars() -> dict[str, Grammar]:
    return {language: Grammar.of(Names.of(demo_house()), (), language) for language in ("en", "it", "zh")}


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("en", "turn on the kitchen light", Intent("HassTurnOn", Target(ids=("light.kitchen_light",)))),
        ("it", "accendi la luce della cucina", Intent("HassTurnOn", Target(ids=("light.kitchen_light",)))),
        ("zh", "打开厨房灯", Intent("HassTurnOn", Target(ids=("light.kitchen_light",)))),
        ("en", "turn on the lights", Intent("HassTurnOn", Target(domain="light", here=True))),
        (
            "en",
            "is the bedroom window open?",
            Intent(
                "HassGetState",
                Target(ids=("binary_sensor.bedroom_window",)),
                {"question": "one_yesno", "state": "open"},
            ),
        ),
    ],
)
def test_slots_are_translated(grammars: dict[str, Grammar], language: str, text: str, intent: Intent) -> None:
    assert grammars[language].match(text, language, None) == (intent,)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "the kitchen light is on"),
        ("en", "I turned on the kitchen light"),
        ("en", "don't turn on the kitchen light"),
        ("en", "kitchen light"),
        ("en", "good morning"),
        ("it", "la luce della cucina è bella"),
        ("it", "non aprire il garage"),
    ],
)
def test_what_is_no_command_is_left(grammars: dict[str, Grammar], language: str, text: str) -> None:
    assert grammars[language].match(text, language, None) == ()
