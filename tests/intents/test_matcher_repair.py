"""Misheard words are put right where one reading is near, and never turn a command into its opposite."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assistant.intents.matcher import Reflex
from assistant.intents.targets import resolve
from assistant.models import Match, Value
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
        ("it", "chiudiata parella del soggiorno", "chiudi la tapparella del soggiorno"),
        ("it", "apriata parella del soggiorno", "apri la tapparella del soggiorno"),
        ("it", "nitil termostato a 20 gradi", "metti il termostato a 20 gradi"),
        ("en", "walk the front door", "lock the front door"),
        ("en", "open the grouch door", "open the garage door"),
        ("en", "turn on the kitchin light", "turn on the kitchen light"),
    ],
)
def test_understood_as_spoken(reflex: Reflex, language: str, heard: str, spoken: str) -> None:
    repaired = reflex.match(heard, language)
    assert _meant(repaired) == _meant(reflex.match(spoken, language)) != []
    assert repaired.repairs


def _meant(match: Match) -> list[tuple[str, set[str], Mapping[str, Value]]]:
    """Intents with what they are found to be about; "the blinds" and "the living room blinds" are the same here."""
    return [
        (intent.name, {thing.id for thing in resolve(intent, demo_house(), "Living Room", "it").targets}, intent.slots)
        for intent in match.intents
    ]


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
        ("en", "take the day off"),
        ("en", "did you see the match last night"),
        ("en", "tell anna to bedroom lights on"),
        ("en", "increase the brightness in the bedroom by a quarter"),
        ("en", "halve the brightness of the reading lamp"),
        ("it", "sto uscendo di casa"),
        ("it", "alza il riscaldamento fino a mezzanotte"),
        ("it", "di ad anna metti la tapparella a metà"),
        ("it", "ieri il termostato a 20 gradi"),
        ("it", "il termostato ha 22 gradi"),
        ("it", "mia nonna ha cambiato le tende in cucina"),
    ],
)
def test_not_guessed(reflex: Reflex, language: str, heard: str) -> None:
    assert reflex.match(heard, language).intents == ()


def test_what_is_known_needs_no_repair(reflex: Reflex) -> None:
    assert reflex.match("turn on the kitchen light", "en").repairs == ()


def test_a_verb_that_sets_pauses_before_its_thing(reflex: Reflex) -> None:
    """Whisper for "imposta il termostato a 22 gradi"."""
    heard = reflex.match("imposta, il termostato ha 22 gradi", "it")
    assert heard.intents == reflex.match("imposta il termostato a 22 gradi", "it").intents != ()
