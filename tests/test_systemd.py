"""The units are valid and hardened, and systemd is told the truth."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from assistant.caller import USAGE
from assistant.systemd import Notifier

UNITS = sorted((Path(__file__).parents[1] / "systemd").glob("*.service"))
WATCHDOG = {"WATCHDOG_USEC": "20000000"}


class Systemd:
    """The receiving end of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)

    def told(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return messages

    def close(self) -> None:
        self._socket.close()


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    listener = Systemd(str(tmp_path / "notify"))
    yield listener
    listener.close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"NOTIFY_SOCKET": str(tmp_path / "notify")}


def test_a_life_is_told_in_order(systemd: Systemd, environment: dict[str, str]) -> None:
    notifier = Notifier(environment)
    notifier.ready()
    notifier.stopping()
    assert systemd.told() == ["READY=1", "STOPPING=1"]


def test_watchdog_is_fed_only_while_audio_arrives(systemd: Systemd, environment: dict[str, str]) -> None:
    """Twice per interval however many chunks come, and never without one."""
    clock = Clock()
    notifier = Notifier(environment | WATCHDOG, clock)
    for _ in range(100):  # 30 s of chunks: due at 0, 10 and 20 s
        notifier.alive()
        clock.seconds += 0.3
    assert systemd.told() == ["WATCHDOG=1"] * 3
    clock.seconds += 3600
    assert systemd.told() == []
    notifier.alive()
    assert systemd.told() == ["WATCHDOG=1"]


async def test_heartbeat_feeds_where_no_sound_is_awaited(systemd: Systemd, environment: dict[str, str]) -> None:
    beats = asyncio.create_task(Notifier(environment | {"WATCHDOG_USEC": "100000"}).heartbeat())
    await asyncio.sleep(0.3)
    beats.cancel()
    assert len(systemd.told()) >= 3  # every 0.05 s


async def test_heartbeat_goes_on_where_nobody_watches() -> None:
    """The daemon lives as long as its tasks: started by hand, without a microphone, it has to stay."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Notifier({}).heartbeat(), 0.05)


def test_no_watchdog_set_means_none_fed(systemd: Systemd, environment: dict[str, str]) -> None:
    Notifier(environment).alive()
    assert systemd.told() == []


@pytest.mark.parametrize(("pid", "expected"), [(os.getpid(), ["WATCHDOG=1"]), (1, [])], ids=["ours", "another"])
def test_watchdog_of_another_process_is_not_ours(
    systemd: Systemd, environment: dict[str, str], pid: int, expected: list[str]
) -> None:
    Notifier(environment | WATCHDOG | {"WATCHDOG_PID": str(pid)}).alive()
    assert systemd.told() == expected


def test_abstract_socket() -> None:
    name = f"mimo-assistant-test-{os.getpid()}"
    listener = Systemd("\0" + name)
    try:
        Notifier({"NOTIFY_SOCKET": "@" + name}).ready()
        assert listener.told() == ["READY=1"]
    finally:
        listener.close()


def test_started_by_hand_nothing_happens() -> None:
    Notifier({}).ready()


def test_a_systemd_that_went_away_is_survived(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("systemd-analyze is not here (script/test installs systemd)")
    return found


def test_both_units_are_there() -> None:
    assert [unit.name for unit in UNITS] == ["mimo-assistant.service", "mimo-brain.service"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_valid(analyze: str, unit: Path, tmp_path: Path) -> None:
    """An unknown key only warns, so standard error has to be empty."""
    runnable = (
        tmp_path / unit.name
    )  # verify also asks that the program exists; where it gets installed is test_install's
    runnable.write_text("".join(_with_true(line) for line in unit.read_text().splitlines(keepends=True)))
    result = subprocess.run([analyze, "verify", "--man=no", str(runnable)], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_what_cannot_mend_itself_is_not_restarted_for_ever() -> None:
    """A wrong configuration ends with 2; anything else that fails at once is tried a few times."""
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNITS[0])
    service, limits = unit["Service"], unit["Unit"]
    assert (service["Restart"], int(service["RestartPreventExitStatus"])) == ("on-failure", USAGE)
    burst, interval = int(limits["StartLimitBurst"]), int(limits["StartLimitIntervalSec"])
    assert burst * (int(service["RestartSec"]) + 5) < interval, "one that fails within 5 s reaches the limit"
    assert burst * int(service["WatchdogSec"]) > interval, "a sound card that went silent does not"


def _with_true(line: str) -> str:
    program, _, rest = line.partition(" ")
    return f"ExecStart=/bin/true {rest}" if program.startswith("ExecStart=") else line


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_hardened(analyze: str, unit: Path) -> None:
    """An exposure of at most 2.5 of 10."""
    command = [analyze, "security", "--offline=true", "--threshold=25", "--no-pager", str(unit)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-200:]
