"""A console without a password, on this machine, and one with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories import House
from tests.web.consoles import HASHED, Served, told_by


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Served]:
    async with told_by(House(), tmp_path) as served:
        yield served


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Served]:
    async with told_by(House(), tmp_path, password_hash=HASHED) as served:
        yield served
