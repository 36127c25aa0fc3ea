"""Counts and times for Prometheus, from the events alone; whoever serves them is somebody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

import assistant
from assistant.events import Done, Ended, Event, Notice, Started, Thought
from assistant.models import Message, Turn

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """A watcher of the events, and a guest of the house (`topics`, `greeting`, `receive`) that counts its messages."""

    topics: Iterable[str] = ()

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._thinking: dict[str, tuple[float, float, int]] = {}
        """By turn when its first thought came, when its last, and how many came after the first."""
        self.tokens_per_second: float | None = None
        """Of the last train of thought; None: there was none yet."""
        self.registry = CollectorRegistry()
        kept = self.registry
        self._turns = Counter("mimo_turns", "Requests, by path and outcome.", ["path", "outcome"], registry=kept)
        self._stages = Histogram(
            "mimo_stage_seconds", "How long a stage of a turn took.", ["stage"], buckets=_SECONDS, registry=kept
        )
        self._under_way = Gauge("mimo_turns_under_way", "Requests that are being answered.", registry=kept)
        self._tokens = Counter("mimo_brain_tokens", "Pieces of thought that the model wrote.", registry=kept)
        self._pace = Gauge("mimo_brain_tokens_per_second", "Of the model's last train of thought.", registry=kept)
        self._actions = Counter("mimo_actions", "Commands, by verdict and whether the house confirmed them.",
                                ["verdict", "confirmed"], registry=kept)  # fmt: skip
        self._messages = Counter("mimo_mqtt_messages", "Received, and sent as commands.", ["direction"], registry=kept)
        self._notices = Counter("mimo_notices", "What a person should have seen.", registry=kept)
        Gauge("mimo_info", "The version that runs.", ["version"], registry=kept).labels(assistant.__version__).set(1)
        Gauge("mimo_start_time_seconds", "When it started.", registry=kept).set_to_current_time()

    def gauge(self, name: str, help: str, read: Callable[[], float]) -> None:
        """Something that is asked when it is scraped: open consoles, devices."""
        Gauge(f"mimo_{name}", help, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    # ── a watcher ──

    def watch(self, event: Event) -> None:
        match event:
            case Started():
                self._under_way.inc()
            case Thought(turn):
                now = self._clock()
                began, _, pieces = self._thinking.get(turn.id, (now, now, -1))
                self._thinking[turn.id] = began, now, pieces + 1
                self._tokens.inc()
            case Done(_, outcome):
                self._messages.labels("sent").inc(len(outcome.messages))
                confirmed = {True: "yes", False: "no", None: "unknown"}[outcome.confirmed]
                self._actions.labels(outcome.verdict.kind, confirmed).inc()
            case Notice():
                self._notices.inc()
            case Ended(turn):
                self._under_way.dec()
                self._turns.labels(turn.path, _outcome(turn)).inc()
                for stage, milliseconds in turn.timings_ms.items():
                    self._stages.labels(stage).observe(milliseconds / 1000)
                self._measure(turn)

    def _measure(self, turn: Turn) -> None:
        began, ended, pieces = self._thinking.pop(turn.id, (0.0, 0.0, 0))
        if pieces > 0 and ended > began:
            self.tokens_per_second = pieces / (ended - began)
            self._pace.set(self.tokens_per_second)

    # ── a guest of the house ──

    def greeting(self) -> Iterable[Message]:
        return ()

    def receive(self, topic: str, data: bytes, *, retained: bool) -> None:
        self._messages.labels("received").inc()


def _outcome(turn: Turn) -> str:
    if turn.error is not None:
        return "interrupted" if turn.error == "interrupted" else "failed"
    kinds = {outcome.verdict.kind for outcome in turn.outcomes}
    if "needs_confirmation" in kinds:
        return "asked_back"
    if "denied" in kinds:
        return "denied"
    return "not_confirmed" if any(outcome.confirmed is False for outcome in turn.outcomes) else "done"
