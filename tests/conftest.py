"""What every test may use."""

from __future__ import annotations

import gc

import pytest

LONG = (
    "test_spoken_wishes.py", "test_browser.py", "test_browser_looks.py", "test_cli.py", "test_spoken_commands.py",
    "test_two_turns.py", "test_local.py", "test_daemon.py", "test_fuzz.py", "test_model_files.py",
)  # fmt: skip
"""Files of tests that take a minute: begun first, so that at the end no worker waits for another's."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def pytest_collection_finish() -> None:
    """What has been imported stays; looking through it again and again for what may go took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
