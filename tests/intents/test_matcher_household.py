"""The household sentences: what people really say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intents.household_sentences import score
from tests.intents.houses import house_of_many_kinds

SENTENCES = Path(__file__).parents[1] / "sentences"
_FILES = [
    f"{language}{which}"
    for language in ("en", "it")
    for which in ("", "_more", "_third", "_fourth", "_fifth", "_holdout", "_unseen")
]


@pytest.mark.parametrize("file", _FILES)
def test_household_sentences(file: str) -> None:
    """95 in 100 right, and a wrong action in no more than 2 of 100."""
    results = score(SENTENCES / f"{file}.yaml", file[:2])
    assert sum(result.right for result in results) >= 0.95 * len(results)
    assert sum(result.acted for result in results) <= 0.02 * len(results)


@pytest.mark.parametrize("file", ["en_kinds", "en_kinds_holdout", "it_kinds", "it_kinds_holdout"])
def test_household_sentences_of_every_kind(file: str) -> None:
    """In a house with players, lists, an alarm, a mower and more: 88 in 100 right, and no wrong action at all."""
    results = score(SENTENCES / f"{file}.yaml", file[:2], house_of_many_kinds())
    assert sum(result.right for result in results) >= 0.88 * len(results)
    assert [result.sentence["say"] for result in results if result.acted] == []
