"""Misheard words are put right where one reading is near, and never turn a command into its opposite."""

from __future__ import annotations

import pytest

from assistant.intents.matcher import Reflex
from tests.intents.houses import demo_house


@pytest.fixture(scope="module")
def reflex() -> Reflex:
    return Reflex(demo_house())


@pytest.mark.parametrize(
    ("language", "heard", "spoken"),
    [
        ("it", "accendi la ruce della cucina", "accendi la luce della cucina"),
        ("it", "apri le tapperele", "apri le tapparelle"),
        ("it", "spinila macchina del caffè", "spegni la macchina del caffè"),
        ("it", "spegnitute la luce", "spegni tutte le luci"),
        ("en", "walk the front door", "lock the front door"),
        ("en", "open the grouch door", "open the garage door"),
        ("en", "turn on the kitchin light", "turn on the kitchen light"),
    ],
)
def test_understood_as_spoken(reflex: Reflex, language: str, heard: str, spoken: str) -> None:
    repaired = reflex.match(heard, language)
    assert repaired.intents == reflex.match(spoken, language).intents != ()
    assert repaired.repairs


@pytest.mark.parametrize(
    ("language", "heard"),
    [
        ("en", "inlock the front door"),
        ("en", "my sister painted her kitchen yellow"),
        ("en", "she walked to the front door"),
        ("en", "is the hallway empty"),
        ("en", "turn on the bathroom light"),
        ("en", "make the kitchen light cold"),
        ("en", "is it raining"),
        ("en", "is the vacuum walking"),
        ("en", "turn on the toaster"),
        ("en", "turn on the lamp post"),
        ("en", "light a candle in the living room"),
        ("en", "turn up the volume"),
        ("en", "halve the brightness of the reading lamp"),
        ("it", "sto uscendo di casa"),
        ("it", "mia nonna ha cambiato le tende in cucina"),
    ],
)
def test_not_guessed(reflex: Reflex, language: str, heard: str) -> None:
    assert reflex.match(heard, language).intents == ()


def test_what_is_known_needs_no_repair(reflex: Reflex) -> None:
    assert reflex.match("turn on the kitchen light", "en").repairs == ()
