"""The API's answers, documented; fields that a later version adds are passed on as they are."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class Me(Answer):
    login_needed: bool
    logged_in: bool
    csrf: str | None = Field(None, description="To be sent as X-CSRF-Token with every POST, PUT, PATCH and DELETE.")
    language: str | None = Field(None, description="en, it, zh, or auto.")
    version: str | None = None
    rooms: list[str] = []
    muted: bool | None = None
    volume: int | None = None
    keep_audio: bool = Field(False, description="Whether what is said is kept as sound.")


class Controlled(Answer):
    muted: bool
    volume: int
    language: str


class ActionRow(Answer):
    entity: str
    topic: str | None
    payload: str | None
    verdict: Literal["allowed", "needs_confirmation", "denied"]
    confirmed: bool | None = Field(description="null: nothing was sent, or the device reports no state.")
    problem: str | None


class IntentRow(Answer):
    intent: str
    targets: list[str]
    slots: dict[str, Any]


class Summary(Answer):
    """One turn, as `mimo-assistant say --json` prints it."""

    turn: str
    transcript: str | None
    language: str
    path: str = Field(description="reflex, brain, or none.")
    routed_because: str
    repairs: list[dict[str, str]]
    intents: list[IntentRow]
    actions: list[ActionRow]
    thoughts: str
    budget: str
    because: str | None
    reply: str
    error: str | None
    error_kind: str | None
    timings_ms: dict[str, float | None]


class Now(Answer):
    state: Literal["idle", "listening", "thinking", "speaking"]
    turn: Summary | None


class Wrong(Answer):
    note: str
    at: str


class TurnRow(Summary):
    at: str
    source: str
    room: str | None
    audio_seconds: float | None
    has_audio: bool
    wrong: Wrong | None


class TurnRows(Answer):
    turns: list[TurnRow]
    more: bool


class StageRow(Answer):
    stage: str
    start_ms: float = Field(description="After the last sound of the request, or after its text had come.")
    ms: float


class StateRow(Answer):
    entity: str
    state: str | None
    attributes: dict[str, Any]
    at: str | None
    stale: bool


class TurnWhole(TurnRow):
    steps: list[str]
    plan: str
    murmur: str
    read: list[StateRow]
    timeline: list[StageRow]


class DeviceRow(Answer):
    """One thing of the house, as `mimo-assistant devices --json` prints it, and who fixed what of it."""

    entity: str
    name: str
    name_source: str
    aliases: dict[str, list[str]]
    floor: str | None
    room: str | None
    room_source: str | None
    state: str | None
    unit: str | None
    attributes: dict[str, Any]
    available: bool
    since: str | None
    age_seconds: int | None
    stale: bool
    hidden: bool
    critical: bool
    readable: bool
    source: str
    fixed: list[str] = Field(description="What config.yaml says of it, so that it cannot be changed here.")
    fixed_aliases: dict[str, list[str]]
    changed: dict[str, Any] = Field(description="What was changed here (house.yaml).")


class Tried(Summary):
    device: DeviceRow = Field(description="How it is now.")


class HouseRows(Answer):
    floors: list[dict[str, Any]]
    rooms: list[dict[str, Any]]
    devices: list[DeviceRow]
    left_out: list[dict[str, Any]]
    problem: str | None = Field(description="Why the house cannot be reached, while it cannot.")
    unknown: list[str] = Field(description="What config.yaml names and nothing announced.")


class Finding(Answer):
    part: str
    fine: bool
    found: str
    remedy: str


class Health(Answer):
    findings: list[Finding]
    latency: dict[str, dict[str, Any]] = Field(description="By stage: p50, p95 (ms), count and by_hour, oldest first.")
    brain: list[dict[str, Any]] = Field(description="name, healthy, tokens_per_second.")
    disk: dict[str, int]
    uptime_seconds: int


class Planned(Answer):
    rows: list[dict[str, Any]] = Field(
        description="id, kind, name, text, due, repeats, seconds, remaining_seconds, paused, language, room."
    )
