"""kill -9 at 50 random moments during changes and runs: nothing acknowledged is lost, nothing runs twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.models import Scheduled
from assistant.schedule.keeper import Keeper
from assistant.schedule.schedule import Schedule
from assistant.schedule.store import Store
from tests.fakes import FakeHouse
from tests.schedule.killed import ZONE, does, tells

ROOT = Path(__file__).parents[2]
KILLS = 50
SEED = 20261126


class Lives:
    """Makes processes that use the schedule, and kills them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._maker = subprocess.Popen(
            [sys.executable, "-m", "tests.schedule.killed"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"},
        )  # fmt: skip

    def one(self, seed: int, seconds: float) -> list[list[str]]:
        """Of so many seconds after its first word, ended by SIGKILL; what it acknowledged."""
        assert self._maker.stdin is not None and self._maker.stdout is not None, "both are pipes"
        (self._folder / "said").write_bytes(b"")
        self._maker.stdin.write(f"{self._folder} {seed}\n")
        process = int(self._maker.stdout.readline())
        deadline = time.monotonic() + 30
        while not (self._folder / "said").stat().st_size:
            assert time.monotonic() < deadline, "it did not come up"
            time.sleep(0.002)
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        assert self._maker.stdout.readline() == "over\n"
        said = (self._folder / "said").read_text()
        return [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]

    def end(self) -> None:
        self._maker.kill()
        self._maker.wait()


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Lives]:
    made = Lives(tmp_path)
    try:
        yield made
    finally:
        made.end()


class Ledger:
    """What must be there by what was acknowledged."""

    def __init__(self) -> None:
        self.far: dict[int, tuple[str, str]] = {}
        self.soon: dict[int, str] = {}

    def read(self, said: list[list[str]]) -> set[int]:
        """Returns the one whose change was under way: it may be as it was, or as it was to become."""
        open_: set[int] = set()
        for words in said:
            match words:
                case ["set", number, seconds, state]:
                    self.far[int(number)] = (seconds, state)
                    open_.discard(int(number))
                case ["cancelled", number]:
                    del self.far[int(number)]
                    open_.discard(int(number))
                case ["begin", number]:
                    open_ = {int(number)}
                case ["soon", number, kind]:
                    self.soon[int(number)] = kind
        return open_

    def compare(self, items: list[Scheduled], open_: set[int]) -> None:
        there = {item.id: (str(float(item.seconds or 0)), "paused" if item.paused else "running")
                 for item in items if item.name == "far"}  # fmt: skip
        for number, state in list(self.far.items()):
            if number in open_:
                if number in there:
                    self.far[number] = there[number]
                else:
                    del self.far[number]
                continue
            assert there.get(number) == state, f"{number} was acknowledged as {state}, and is {there.get(number)}"
        for number in there.keys() - self.far.keys():
            self.far[number] = there[number]  # on the disk, and killed before it was said


def stored(folder: Path) -> list[Scheduled]:
    store = Store(folder / "schedule.sqlite")
    store.open()
    try:
        return store.items()
    finally:
        store.close()


async def test_nothing_is_lost_and_nothing_runs_twice(tmp_path: Path, lives: Lives) -> None:
    chance, ledger = random.Random(SEED), Ledger()
    for kill in range(KILLS):
        open_ = ledger.read(await asyncio.to_thread(lives.one, kill, chance.random() * 0.25))
        ledger.compare(stored(tmp_path), open_)
    await whatever_is_left(tmp_path)

    effects = [line.split() for line in (tmp_path / "effects").read_text().splitlines()]
    did = Counter(int(words[1]) for words in effects if words[0] == "did")
    assert did and set(did.values()) == {1}, "no command reached a device twice"
    first = Counter(int(words[1]) for words in effects if words[0] == "told" and words[2] == "now")
    assert set(first.values()) == {1}, "nothing was told twice as if for the first time"
    told = {int(words[1]) for words in effects if words[0] == "told"}
    assert len(ledger.soon) > KILLS / 2, "it had time to set some"
    for number, kind in ledger.soon.items():
        assert number in told or (kind == "command" and number in did), f"{number}, a {kind}, was acknowledged and lost"
    with sqlite3.connect(tmp_path / "schedule.sqlite") as table:
        assert table.execute("SELECT count(*) FROM runs WHERE finished IS NULL").fetchone() == (0,)


async def whatever_is_left(folder: Path) -> None:
    """A last life, which nobody ends: all that is soon due happens, or is told."""
    async with Schedule(folder / "schedule.sqlite", ZONE) as schedule:
        keeper = Keeper(schedule, FakeHouse(), does(folder), tells(folder))
        await keeper.recover()
        while any(item.name != "far" for item in schedule.items()):
            await keeper.look()
            await asyncio.sleep(0.01)
        await keeper.settled()
