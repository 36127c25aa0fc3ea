"""The schedule in a process that is killed: it sets, changes, cancels and runs as fast as it can, and says so first.

Every line on standard output is an acknowledgement: what it says was on the disk before it was said.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from assistant.errors import NotPlanned
from assistant.models import Request, Scheduled, Transcript, Turn, Watch
from assistant.schedule.keeper import Keeper, Told
from assistant.schedule.schedule import Schedule
from tests.fakes import FakeHouse

ZONE = timezone(timedelta(hours=1))


def acknowledge(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def effect(folder: Path, *words: object) -> None:
    """What the world sees of it: a command that reached a device, words on a loudspeaker."""
    with (folder / "effects").open("ab", buffering=0) as file:
        file.write((" ".join(map(str, words)) + "\n").encode())


def does(folder: Path) -> Callable[[Scheduled], Awaitable[Turn]]:
    async def do(item: Scheduled) -> Turn:
        effect(folder, "did", item.id)
        await asyncio.sleep(random.random() * 0.05)
        return Turn("", datetime.now(ZONE), Request(item.text), transcript=Transcript(item.text, "en"))

    return do


def tells(folder: Path) -> Callable[[Told], Awaitable[None]]:
    async def tell(told: Told) -> None:
        how = "unsure" if "do not know" in told.text else "late" if told.late else "now"
        effect(folder, "told", told.item.id, how)
        await asyncio.sleep(random.random() * 0.05)

    return tell


async def main(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with Schedule(folder / "schedule.sqlite", ZONE) as schedule:
        keeper = asyncio.create_task(Keeper(schedule, FakeHouse(), does(folder), tells(folder)).run())
        acknowledge("ready")
        while not keeper.done():
            await change(schedule, chance)
            await asyncio.sleep(chance.random() * 0.005)
        await keeper


async def change(schedule: Schedule, chance: random.Random) -> None:
    """One random change; those that lie far ahead stay until they are changed."""
    far = [item for item in schedule.items() if item.name == "far"]
    which = chance.random()
    try:
        if which < 0.5:
            soon = chance.random() * 0.2
            kind = chance.choice(["command", "timer", "reminder"])
            item = await schedule.add(kind, seconds=soon, text="" if kind == "timer" else f"{kind} of {soon}")
            acknowledge("soon", item.id, kind)
        elif which < 0.65 or len(far) < 3:
            item = await schedule.add("timer", seconds=100_000 + chance.randrange(1000), name="far")
            acknowledge("set", item.id, float(item.seconds or 0), "running")
        elif which < 0.7 and not schedule.items("watch"):
            watch = Watch(("light.kitchen_light",), "on", "the light goes on")
            item = await schedule.add("watch", watch=watch, name="far")
            acknowledge("set", item.id, float(item.seconds or 0), "running")
        else:
            item = chance.choice([each for each in far if each.kind == "timer"])
            acknowledge("begin", item.id)
            await alter(schedule, item, chance)
    except NotPlanned as error:
        acknowledge("refused", error.reason.replace(" ", "_"))


async def alter(schedule: Schedule, item: Scheduled, chance: random.Random) -> None:
    match chance.choice(["longer", "pause", "cancel"]):
        case "longer":
            item = await schedule.change(item.id, seconds=chance.randrange(1, 100))
        case "pause":
            item = await (schedule.resume if item.paused else schedule.pause)(item.id)
        case "cancel":
            await schedule.cancel(item.id)
            acknowledge("cancelled", item.id)
            return
    acknowledge("set", item.id, float(item.seconds or 0), "paused" if item.paused else "running")


def serve() -> None:
    """For each line "folder seed": a life in a process of its own, made by fork, as importing takes longer than
    living. Answers its number, and once more when it is over."""
    for line in sys.stdin:
        folder, seed = line.split()
        process = os.fork()
        if process == 0:
            os.dup2(os.open(Path(folder) / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            asyncio.run(main(Path(folder), int(seed)))
            os._exit(1)
        acknowledge(process)
        os.waitpid(process, 0)
        acknowledge("over")


if __name__ == "__main__":
    serve()
