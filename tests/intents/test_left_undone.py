"""An order that is forbidden, put off, told or hangs on a condition is never carried out by the reflex."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from assistant import yaml_files
from assistant.intents.matcher import Reflex
from tests.intents.household_sentences import SENTENCE_FOLDERS
from tests.intents.houses import demo_house

SENTENCES = Path(__file__).parents[1] / "sentences"
READING = ("HassGetState", "HassClimateGetTemperature", "HassGetCurrentTime", "HassGetCurrentDate", "HassNevermind")
EVERY = 23
"""Each twenty-third order, so that the test takes seconds."""


@pytest.fixture(scope="module")
def reflex() -> Reflex:
    return Reflex(demo_house(), SENTENCE_FOLDERS)


@pytest.fixture(scope="module")
def orders(reflex: Reflex) -> Mapping[str, list[str]]:
    """What people say to have something done, without its full stop, by language."""
    return {language: acting_ones(language, reflex) for language in ("en", "it")}


def acting(said: str, language: str, reflex: Reflex) -> bool:
    return any(intent.name not in READING for intent in reflex.match(said, language).intents)


def acting_ones(language: str, reflex: Reflex) -> list[str]:
    files = [SENTENCES / f"{language}{which}.yaml" for which in ("", "_more", "_third", "_holdout")]
    sentences: list[dict[str, Any]] = [each for file in files for each in yaml_files.read(file)]
    said = [each["say"].rstrip(".!?") for each in sentences]
    return [each for each in said if acting(each, language, reflex)][::EVERY]


@pytest.mark.parametrize(
    ("language", "frame"),
    [
        ("en", "Don't {}"), ("en", "Please do not {}"), ("en", "Never {}"), ("en", "I won't {}"),
        ("en", "If it rains, {}"), ("en", "{} if it rains"), ("en", "When I get home {}"), ("en", "{} when I leave"),
        ("en", "{} in ten minutes"), ("en", "{} tomorrow"), ("en", "{} at eight"), ("en", "{} after dinner"),
        ("en", "{} until midnight"), ("en", "Tell Anna to {}"), ("en", "Remind me to {}"), ("en", "{}, no wait"),
        ("it", "Se piove {}"), ("it", "{} se piove"), ("it", "Quando arrivo {}"), ("it", "{} tra dieci minuti"),
        ("it", "{} domani"), ("it", "{} alle otto"), ("it", "{} dopo cena"), ("it", "{} fino a mezzanotte"),
        ("it", "{} più tardi"), ("it", "Ricordami di {}"), ("it", "{}, anzi no"), ("it", "Perché hai detto {}?"),
    ],
)  # fmt: skip
def test_left_undone(language: str, frame: str, reflex: Reflex, orders: Mapping[str, list[str]]) -> None:
    said = [frame.format(order[0].lower() + order[1:]) for order in orders[language]]
    assert said
    assert [each for each in said if acting(each, language, reflex)] == []
