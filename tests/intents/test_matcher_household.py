"""The household sentences: what people really say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intents.household_sentences import score

SENTENCES = Path(__file__).parents[1] / "sentences"
_FILES = [
    f"{language}{which}"
    for language in ("en", "it")
    for which in ("", "_more", "_third", "_fourth", "_fifth", "_holdout")
]


@pytest.mark.parametrize("file", _FILES)
def test_household_sentences(file: str) -> None:
    """95 in 100 right, and a wrong action in no more than 2 of 100."""
    results = score(SENTENCES / f"{file}.yaml", file[:2])
    assert sum(result.right for result in results) >= 0.95 * len(results)
    assert sum(result.acted for result in results) <= 0.02 * len(results)
