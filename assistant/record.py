"""A turn as JSON: whole for the journal, and in the short form that `--json` prints; and the house's devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from assistant.interfaces import House
from assistant.models import Entity, Outcome, Resolved, Scheduled, State, Turn

_TURN: TypeAdapter[Turn] = TypeAdapter(Turn)

_STAGES = ("endpoint", "stt", "match", "think", "plan", "act", "confirm", "first_audio")

SEALED = "····"
"""What stands where an alarm's code was said."""


def dump(turn: Turn) -> str:
    """Everything but an alarm's code, as JSON text that `restore` reads."""
    return _TURN.dump_json(sealed(turn)).decode()


def sealed(turn: Turn) -> Turn:
    """Without the code of an alarm: people say it in many ways ("one two three four"), so the words go whole."""
    if not any(intent.slots.get("code") for intent in turn.intents) and not any(map(_has_code, turn.outcomes)):
        return turn
    return replace(
        turn,
        request=replace(turn.request, text=turn.request.text and SEALED),
        transcript=turn.transcript and replace(turn.transcript, text=SEALED),
        repairs=(),
        intents=[_sealed_intent(intent) for intent in turn.intents],
        thoughts="",
        plan="",
        because=None,
        murmur="",
        outcomes=[_sealed_outcome(outcome) for outcome in turn.outcomes],
    )


def restore(text: str) -> Turn:
    """Raises pydantic's ValidationError when the text is no turn."""
    return _TURN.validate_json(text)


def summary(turn: Turn) -> dict[str, Any]:
    """The contract of `say --json` and `hear --json`: one object a turn."""
    turn = sealed(turn)
    return {
        "turn": turn.id,
        "transcript": turn.transcript.text if turn.transcript else None,
        "language": turn.language,
        "path": turn.path,
        "routed_because": turn.routed_because,
        "repairs": [{"heard": repair.heard, "meant": repair.meant} for repair in turn.repairs],
        "intents": [
            {"intent": intent.name, "targets": [entity.id for entity in intent.targets], "slots": dict(intent.slots)}
            for intent in turn.intents
        ],
        "actions": [row for outcome in turn.outcomes for row in _actions(outcome)],
        "thoughts": turn.thoughts,
        "budget": turn.budget,
        "because": turn.because,
        "reply": turn.reply,
        "said": turn.said,
        "expects_answer": turn.expects_answer,
        "error": turn.error,
        "error_kind": turn.error_kind,
        "timings_ms": {stage: _rounded(turn.timings_ms.get(stage)) for stage in _STAGES},
    }


def inventory(house: House, now: datetime, *, hidden: bool) -> list[dict[str, Any]]:
    """The contract of `devices --json`: one object an entity, by floor and room as the house has them; groups last.

    hidden: settings and diagnostics too.
    """
    floors = [floor.name for floor in house.floors]
    rooms = {room.name: place for place, room in enumerate(house.rooms)}

    def place(entity: Entity) -> tuple[bool, int, int, str]:
        floor = floors.index(entity.floor) if entity.floor in floors else len(floors)
        return bool(entity.members), floor, rooms.get(entity.room or "", len(rooms)), entity.name.casefold()

    shown = [entity for entity in house.entities() if hidden or entity.members or not entity.hidden]
    return [_device(entity, house.state(entity.id), now) for entity in sorted(shown, key=place)]


def _device(entity: Entity, state: State, now: datetime) -> dict[str, Any]:
    row = {
        "entity": entity.id,
        "name": entity.name,
        "name_source": entity.name_source,
        "aliases": {language: list(names) for language, names in entity.aliases.items()},
        "floor": entity.floor,
        "room": entity.room,
        "room_source": entity.room_source,
        "state": state.value,
        "unit": entity.unit,
        "attributes": dict(state.attributes),
        "available": state.available,
        "since": state.at.isoformat() if state.at else None,
        "age_seconds": max(0, round((now - state.at).total_seconds())) if state.at else None,
        "stale": state.stale,
        "hidden": entity.hidden and not entity.members,
        "critical": entity.critical,
        "readable": entity.readable,
        "source": entity.source,
    }
    return row | {"members": list(entity.members)} if entity.members else row


def scheduled(item: Scheduled, now: datetime) -> dict[str, Any]:
    """The contract of `timers --json`."""
    left = item.remaining if item.due is None else max(0.0, (item.due - now).total_seconds())
    return {
        "id": item.id,
        "kind": item.kind,
        "name": item.name,
        "text": item.watch.clause + (f": {item.text}" if item.text else "") if item.watch else item.text,
        "due": item.due.astimezone(now.tzinfo).isoformat() if item.due else None,
        "repeats": item.repeats,
        "seconds": item.seconds,
        "remaining_seconds": None if left is None else round(left),
        "paused": item.paused,
        "language": item.language,
        "room": item.room,
    }


def left_out(reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was announced and cannot be used, after the devices of `devices --all`."""
    return [{"left_out": topic, "reason": reason} for topic, reason in sorted(reasons.items())]


def _actions(outcome: Outcome) -> list[dict[str, Any]]:
    shared = {
        "entity": outcome.action.entity_id,
        "verdict": outcome.verdict.kind,
        "confirmed": outcome.confirmed,
        "problem": outcome.problem,
    }
    sent: list[tuple[str | None, str | None]] = [(message.topic, message.payload) for message in outcome.messages]
    return [{"topic": topic, "payload": payload} | shared for topic, payload in sent or [(None, None)]]


def _has_code(outcome: Outcome) -> bool:
    return bool(outcome.action.arguments.get("code"))


def _sealed_intent(intent: Resolved) -> Resolved:
    return replace(intent, slots={name: SEALED if name == "code" else value for name, value in intent.slots.items()})


def _sealed_outcome(outcome: Outcome) -> Outcome:
    if not _has_code(outcome):
        return outcome
    action = replace(outcome.action, arguments={**outcome.action.arguments, "code": SEALED})
    messages = tuple(replace(message, payload=SEALED) for message in outcome.messages)
    return replace(outcome, action=action, verdict=replace(outcome.verdict, action=action), messages=messages)


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
