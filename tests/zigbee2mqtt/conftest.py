"""One real zigbee2mqtt with its house, for all stories of a module."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.zigbee2mqtt.bridge import node


@pytest.fixture(scope="session")
def installation() -> Path:
    """Where `script/test` installed zigbee2mqtt and the Node that it runs on."""
    folder = os.environ.get("MIMO_ZIGBEE2MQTT")
    if folder is None:
        pytest.skip("MIMO_ZIGBEE2MQTT names the folder that zigbee2mqtt was installed in; script/test sets it")
    if not node(Path(folder)).exists():
        pytest.skip(f"{node(Path(folder))} is missing: script/test could not install Node here")
    return Path(folder)
