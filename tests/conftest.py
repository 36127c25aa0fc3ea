"""What every test may use."""

from __future__ import annotations

import pytest

LONG = (
    "test_spoken_wishes.py", "test_browser.py", "test_browser_looks.py", "test_cli.py", "test_spoken_commands.py",
    "test_two_turns.py", "test_local.py", "test_daemon.py", "test_fuzz.py", "test_model_files.py",
)  # fmt: skip
"""Files of tests that take a minute: begun first, so that at the end no worker waits for another's."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
