"""How true the reasons are that get spoken: reasons*.yaml, labelled by hand, against what the narrator lets through.

`python -m tests.eval.reasons` prints for each set precision (of the clauses that something was spoken of, how many are
faithful) and recall (of the faithful ones, how many were), and every clause that is judged otherwise than its label.
`--spoken` prints what is said of each.
"""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from assistant import yaml_files
from assistant.config import ConfirmSettings, MqttSettings
from assistant.home.home import Home
from assistant.llm.narrator import grounded
from assistant.models import (
    Action,
    Allowed,
    Entity,
    Floor,
    Message,
    Outcome,
    Request,
    Resolved,
    Room,
    State,
    Transcript,
    Turn,
    Value,
)
from tests.eval.house import open_house

SETS = tuple(sorted(Path(__file__).parent.glob("reasons*.yaml")))
""" "reasons.yaml" was tuned on; how each other was first met stands in docs/brain-eval.md."""


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(_Read):
    because: str
    label: Literal["faithful", "unfaithful"]
    why: str = ""


class Done(_Read):
    service: str
    arguments: dict[str, str | int | float] = {}
    becomes: str | dict[str, str | int | float]
    confirmed: bool = True


class Labelled(_Read):
    """A turn's record and the reasons given for it."""

    request: str
    language: Literal["en", "it"]
    room: str | None = None
    read: dict[str, str | dict[str, str | int | float | bool]]
    done: dict[str, Done]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Still:
    """The evaluation's house as it was announced; implements interfaces.House. Nothing in it moves."""

    rooms: Sequence[Room]
    floors: Sequence[Floor]
    known: Mapping[str, Entity]
    states: Mapping[str, State]
    revision: int = 1

    def entities(self) -> Sequence[Entity]:
        return tuple(self.known.values())

    def entity(self, entity_id: str) -> Entity | None:
        return self.known.get(entity_id)

    def state(self, entity_id: str) -> State:
        return self.states.get(entity_id, State(entity_id))


@dataclass(frozen=True, slots=True)
class Judged:
    turn: Labelled
    reason: Reason
    said: str | None
    """What the narrator makes of it."""

    @property
    def spoken(self) -> bool:
        return self.said is not None

    @property
    def agrees(self) -> bool:
        return self.spoken is (self.reason.label == "faithful")


def load(path: Path) -> Sequence[Labelled]:
    return TypeAdapter(tuple[Labelled, ...]).validate_python(yaml_files.read(path))


async def still_house() -> Still:
    """From the discovery messages, as the assistant understands them."""
    async with open_house() as devices:
        mqtt = MqttSettings(host=devices.host, port=devices.port)
        async with Home(mqtt, ConfirmSettings(), devices.description.settings()) as home:
            await home.settled()
            known = {entity.id: entity for entity in home.entities()}
            return Still(home.rooms, home.floors, known, {name: home.state(name) for name in known})


def judge(turns: Sequence[Labelled], house: Still) -> list[Judged]:
    return [
        Judged(turn, reason, grounded(reason.because, record(turn, house), house, turn.language))
        for turn in turns
        for reason in turn.reasons
    ]


def precision(judged: Sequence[Judged]) -> float:
    """Of what is spoken, how much is faithful."""
    spoken = [one for one in judged if one.spoken]
    return sum(one.agrees for one in spoken) / len(spoken)


def recall(judged: Sequence[Judged]) -> float:
    """Of the faithful reasons, how many are spoken."""
    faithful = [one for one in judged if one.reason.label == "faithful"]
    return sum(one.spoken for one in faithful) / len(faithful)


def share(judged: Sequence[Judged]) -> float:
    """Of the turns, how many have a reason that gets spoken."""
    turns = {id(one.turn) for one in judged}
    return len({id(one.turn) for one in judged if one.spoken}) / len(turns)


def wilson(right: int, of: int) -> tuple[float, float]:
    """Between which shares the true one lies, 95 times of 100."""
    z = 1.96
    middle, spread = right / of + z * z / (2 * of), z * math.sqrt(right * (of - right) / of**3 + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def record(told: Labelled, house: Still) -> Turn:
    """The turn as the pipeline would have kept it."""
    request = Request(told.request, told.language, told.room)
    turn = Turn("labelled", datetime.now(UTC), request, transcript=Transcript(told.request, told.language))
    turn.path = "brain"
    turn.read = [_state(name, said) for name, said in told.read.items()]
    for name, done in told.done.items():
        entity, arguments = house.known[name], dict[str, Value](done.arguments)
        turn.intents.append(Resolved(done.service, (entity,), arguments))
        action = Action(name, done.service, arguments)
        sent = (Message(f"{name}/set", done.service),)
        turn.outcomes.append(Outcome(action, Allowed(action), sent, done.confirmed, _state(name, done.becomes)))
    return turn


def _state(name: str, said: str | Mapping[str, str | int | float | bool]) -> State:
    if isinstance(said, str):
        return State(name, said)
    attributes = {key: value for key, value in said.items() if key not in ("value", "available")}
    value = said.get("value")
    return State(name, None if value is None else str(value), attributes, available=bool(said.get("available", True)))


def _line(name: str, judged: Sequence[Judged]) -> str:
    spoken = [one for one in judged if one.spoken]
    low, high = wilson(sum(one.agrees for one in spoken), len(spoken))
    return (
        f"{name:12} {len(judged):4} reasons, {len(spoken):3} spoken: precision {precision(judged):.3f} "
        f"({low:.3f}-{high:.3f}), recall {recall(judged):.3f}, turns with one {share(judged):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spoken", action="store_true")
    spoken = parser.parse_args().spoken
    house = asyncio.run(still_house())
    every: list[Judged] = []
    for path in SETS:
        judged = judge(load(path), house)
        print(_line(path.stem, judged))
        for one in judged:
            if not one.agrees or (spoken and one.said):
                verdict = "right" if one.agrees else "WRONG" if one.spoken else "unsaid"
                print(f"  {verdict}: “{one.turn.request}”: {one.reason.because} → {one.said}")
        every += judged
    for language in ("en", "it"):
        print(_line(language, [one for one in every if one.turn.language == language]))


if __name__ == "__main__":
    main()
