"""What the code alone lets through: plans that a model may write for a request, right ones and wrong ones.

`python -m tests.eval.judged [FILE]` prints a table; no model is asked, its plan stands in the file (judged.yaml).
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from assistant import yaml_files
from assistant.app import Assistant, assemble
from assistant.config import Config, MqttSettings, Options
from assistant.events import Events
from assistant.models import Intent, Plan, Request, Target, Value
from tests.eval.cases import Case
from tests.eval.house import House, open_house
from tests.eval.score import changes, score
from tests.fakes import FakeBrain

JUDGED = Path(__file__).with_name("judged.yaml")


class Judged(Case):
    """A request and the plans that a model may write for it."""

    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One plan, and what became of it."""

    case: Judged
    plan: str
    wanted: bool
    """Whether it was to be carried out."""
    acted: bool
    """Whether anything in the house changed."""
    well: bool
    """Done at once if it was right; if it was wrong, nothing changed."""
    kind: bool
    """And the reply is of the kind that fits."""
    reply: str


@dataclass(slots=True)
class Judging:
    house: House
    assistant: Assistant

    async def ask(self, case: Judged, plan: str, *, wanted: bool) -> Finding:
        before = await self.house.set_back(case.given)
        await self.house.calm()
        await self.assistant.home.settled()
        self.assistant.pipeline.brain = FakeBrain(read_plan(plan))
        turn = await self.assistant.say(Request(case.text, case.language, case.room, session=f"{case.key} {plan}"))
        after = await self.house.calm()
        scored = score(case, before, after, turn, ())
        moved = bool(changes(before, after))
        well = scored.verdict == "right" if wanted else scored.verdict != "wrong action"
        fits = scored.verdict in ("right", "missed") if not wanted else well
        return Finding(case, plan, wanted, moved, well, fits, turn.reply)


@asynccontextmanager
async def judging() -> AsyncIterator[Judging]:
    """The whole assistant in the house of the evaluation; only its brain is told what to think."""
    async with AsyncExitStack() as stack:
        devices = await stack.enter_async_context(open_house())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="judged"))
        config = Config(
            state_folder=Path(folder),
            mqtt=MqttSettings(host=devices.host, port=devices.port),
            house=devices.description.settings(),
        )
        assistant = await stack.enter_async_context(assemble(config, Options(brain=False), Events()))
        await assistant.look_at_the_house()
        assistant.pipeline.settings = replace(assistant.pipeline.settings, routing="brain_only")
        yield Judging(devices, assistant)


def load(path: Path = JUDGED) -> Sequence[Judged]:
    return TypeAdapter(tuple[Judged, ...]).validate_python(yaml_files.read(path))


def read_plan(written: str) -> Plan:
    """ "HassLightSet light.kitchen_light brightness=20; HassTurnOff switch.television"."""
    return Plan(tuple(_intent(part.split()) for part in written.split(";")))


def _intent(words: Sequence[str]) -> Intent:
    name, target, *slots = words
    values: dict[str, Value] = {}
    for slot in slots:
        key, _, value = slot.partition("=")
        values[key] = int(value) if value.lstrip("-").isdigit() else value
    return Intent(name, Target(ids=(target,)), values)


async def findings(cases: Iterable[Judged]) -> list[Finding]:
    async with judging() as running:
        return [
            await running.ask(case, plan, wanted=wanted)
            for case in cases
            for wanted, plans in ((True, case.right), (False, case.wrong))
            for plan in plans
        ]


def table(found: Sequence[Finding]) -> str:
    lines = [
        "| class | wrong plans | of them acted | replied as fits | right plans | done at once |",
        "|---|---|---|---|---|---|",
    ]
    for of in (*dict.fromkeys(one.case.of for one in found), "all"):
        some = [one for one in found if of in (one.case.of, "all")]
        count = Counter((one.wanted, one.well) for one in some)
        wrong = [one for one in some if not one.wanted]
        lines.append(
            f"| {of} | {len(wrong)} | {count[False, False]} | {sum(one.kind for one in wrong)} | "
            f"{count[True, True] + count[True, False]} | {count[True, True]} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.judged", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", default=JUDGED)
    found = asyncio.run(findings(load(parser.parse_args().file)))
    print(table(found), end="\n\n")
    for one in found:
        if not (one.well and one.kind):
            wanted = "right, not done" if one.wanted else "acted" if not one.well else "another kind of reply"
            print(f"- {wanted}: {one.case.text} | {one.plan} | {one.reply}")


if __name__ == "__main__":
    main()
