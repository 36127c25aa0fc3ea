"""How true the reasons are that get spoken: reasons.yaml, labelled by hand, against what the narrator lets through.

`python -m tests.eval.reasons` prints precision (of what is spoken, how much is faithful) and recall (of the faithful
reasons, how many are spoken), and every reason that it judges otherwise than the label.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

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

REASONS = Path(__file__).with_name("reasons.yaml")


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
    spoken: bool

    @property
    def agrees(self) -> bool:
        return self.spoken is (self.reason.label == "faithful")


def load(path: Path = REASONS) -> Sequence[Labelled]:
    return TypeAdapter(tuple[Labelled, ...]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))


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
        Judged(turn, reason, grounded(reason.because, record(turn, house), house, turn.language) is not None)
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


def main() -> None:
    judged = judge(load(), asyncio.run(still_house()))
    spoken = sum(one.spoken for one in judged)
    print(f"{len(judged)} reasons of {len(load())} turns, {spoken} spoken")
    print(f"precision {precision(judged):.3f}, recall {recall(judged):.3f}")
    for language in ("en", "it"):
        own = [one for one in judged if one.turn.language == language]
        print(f"  {language}: precision {precision(own):.3f}, recall {recall(own):.3f}")
    for one in judged:
        if not one.agrees:
            verdict = "spoken, though unfaithful" if one.spoken else "not spoken, though faithful"
            print(
                f"{verdict}: “{one.turn.request}”: {one.reason.because}{f' ({one.reason.why})' * bool(one.reason.why)}"
            )


if __name__ == "__main__":
    main()
