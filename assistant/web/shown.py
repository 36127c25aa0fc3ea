"""Events as the console's pages are told them: JSON objects, without what may be an alarm's code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant import events
from assistant.models import Outcome, Turn
from assistant.record import SEALED, sealed, summary

_NUMBER = (
    r"(?:\d+|zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|double|triple|"
    r"uno|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|un\w*dici|\w+dici|dici\w+|venti\w*|\w+[ae]nta\w*|cento)"
)
_CODE = re.compile(rf"\b{_NUMBER}(?:[\s,.-]+{_NUMBER}){{2,}}\b|\d{{4,}}|[零〇一二三四五六七八九]{{3,}}", re.IGNORECASE)
"""Three numbers in a row, or four digits: a code is said so, and while it is said nobody knows yet what it is for."""


def shown(event: events.Event) -> dict[str, Any] | None:
    """None: a kind of event that pages are not told of."""
    match event:
        case events.Notice(text):
            return {"event": "notice", "turn": None, "text": text}
        case events.Rang(item, text, late):
            return {"event": "rang", "turn": None, "id": item.id, "kind": item.kind, "text": text, "late": late}
        case events.Started(turn):
            request = turn.request
            return _of(turn, "started", at=turn.at.isoformat(), source=request.source, room=request.room,
                       session=request.session)  # fmt: skip
        case events.StageEnded(turn, stage, milliseconds):
            return _of(turn, "stage", stage=stage, ms=round(milliseconds, 1))
        case events.Hearing(turn, text):
            return _of(turn, "hearing", text=without_codes(text))
        case events.Level(place, loudness, wake):
            return {"event": "level", "turn": None, "place": place, "loudness": round(loudness, 3),
                    "wake": round(wake, 3)}  # fmt: skip
        case events.Heard(turn, transcript):
            return _of(turn, "heard", text=without_codes(transcript.text), language=transcript.language,
                       confidence=round(transcript.confidence, 3))  # fmt: skip
        case events.Matched(turn, match):
            return _of(turn, "matched", covered=bool(match.intents), because=_plain(turn, match.because),
                       intents=[intent.name for intent in match.intents],
                       repairs=[{"heard": each.heard, "meant": each.meant} for each in match.repairs])  # fmt: skip
        case events.Thought(turn, text):
            return _of(turn, "thought", text=without_codes(text))
        case events.Planned(turn, plan):
            return _of(turn, "planned", plan=_plain(turn, plan.raw), because=_plain(turn, plan.because))
        case events.Done(turn, outcome):
            return _of(turn, "done", **_action(outcome))
        case events.Murmured(turn, text):
            return _of(turn, "murmured", text=text)
        case events.Saying(turn, text):
            return _of(turn, "saying", text=text, because=turn.because)
        case events.Ended(turn):
            return _of(turn, "ended", summary=summary(turn))
    return None


def without_codes(text: str) -> str:
    return _CODE.sub(SEALED, text)


def _of(turn: Turn, name: str, **more: Any) -> dict[str, Any]:
    return {"event": name, "turn": turn.id, **more}


def _plain(turn: Turn, text: str | None) -> str | None:
    if text is None:
        return None
    return SEALED if sealed(turn) is not turn else without_codes(text)


def _action(outcome: Outcome) -> Mapping[str, Any]:
    action, state = outcome.action, outcome.state
    sealed_arguments = {key: SEALED if key == "code" else value for key, value in action.arguments.items()}
    secret = "code" in action.arguments
    return {
        "entity": action.entity_id,
        "service": action.service,
        "arguments": sealed_arguments,
        "verdict": outcome.verdict.kind,
        "reason": getattr(outcome.verdict, "reason", None),
        "messages": [{"topic": each.topic, "payload": SEALED if secret else each.payload} for each in outcome.messages],
        "confirmed": outcome.confirmed,
        "state": state and {"value": state.value, "attributes": dict(state.attributes)},
        "problem": outcome.problem,
        "act_ms": round(outcome.act_ms, 1),
        "confirm_ms": round(outcome.confirm_ms, 1),
    }
