"""What every test may use."""

from __future__ import annotations

import gc
import signal

import pytest

LONG = (
    "test_spoken_wishes.py", "test_cli.py", "test_spoken_commands.py", "test_fuzz.py", "test_two_turns.py",
    "test_home.py", "test_daemon.py", "test_guard.py", "test_local.py", "test_doctor.py", "test_model_files.py",
    "test_browser.py", "test_browser_looks.py", "test_virtual_house.py", "test_stt.py", "test_install.py",
    "test_talk.py", "test_zigbee2mqtt.py", "test_canceller.py", "test_schedule.py", "test_preferences.py",
    "test_package.py", "test_matcher_household.py", "test_left_undone.py", "test_killed.py", "test_injection.py",
)  # fmt: skip
"""Files of tests that take long: begun first, so that at the end no worker waits for another's. The browser after
the sound card is done: it is a group of processes by itself, to which niceness says nothing, and sound stutters."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


gc.disable()


def interrupted(number: int, frame: object) -> None:
    raise KeyboardInterrupt


signal.signal(signal.SIGINT, interrupted)
"""asyncio puts one of its own in the place of Python's for every test, and each time writes out the task in full."""


def pytest_collection_finish() -> None:
    """What has been imported stays; looking through it again and again for what may go took a tenth of the time."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_sessionfinish() -> None:
    """What is left goes with the process; pytest would look through all of it once more."""
    gc.freeze()
