"""Times as people say them, and the moments that they mean."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assistant import yaml_files
from assistant.intents.times.reading import read
from assistant.intents.times.when import later

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 26, 11, 22, tzinfo=ROME)
SAID = yaml_files.read(Path(__file__).parents[1] / "sentences" / "times.yaml")
CASES = [(language, purpose, text, expected)
         for language, purposes in SAID.items() for purpose, texts in purposes.items()
         for text, expected in texts.items()]  # fmt: skip


def told(text: str, language: str, purpose: str, now: datetime = NOW) -> str | None:
    found = read(text, language, now, waking=purpose == "alarms", loose=False)
    if found is None:
        return None
    year = "" if found.at.year == now.year else f"{found.at.year}-"
    at = f"{year}{found.at:%m-%d %H:%M}"
    return f"{at} every {found.repeats}" if found.repeats else at


def meant(expected: str | None) -> str | None:
    if expected is None or not expected.startswith("+"):
        return expected
    return f"{later(NOW, float(expected)):%m-%d %H:%M}"


@pytest.mark.parametrize(("language", "purpose", "text", "expected"), CASES)
def test_a_time_is_read(language: str, purpose: str, text: str, expected: str | None) -> None:
    assert told(text, language, purpose) == meant(expected)
    if expected is not None and expected.startswith("+") and int(expected) % 86_400:
        found = read(text, language, NOW)
        assert found is not None and found.seconds == float(expected)
        assert found.at - NOW == timedelta(seconds=float(expected))
