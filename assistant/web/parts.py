"""What the console is given of the assembled chain; it asks at the same front door as everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.config import Config
from assistant.controls import Controls
from assistant.events import Events
from assistant.home.amendments import Amendments
from assistant.home.home import Home
from assistant.household import Household
from assistant.intents.catalog import Catalog
from assistant.llm.slot import BrainSlot
from assistant.memory.archive import Archive
from assistant.memory.recordings import Recordings
from assistant.metrics import Metrics
from assistant.models import Request, Turn
from assistant.pipeline import Pipeline
from assistant.satellites.local import Local
from assistant.schedule.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Parts:
    config: Config
    state: Path
    """The state folder."""
    config_file: Path | None
    events: Events
    home: Home
    household: Household
    catalog: Catalog
    pipeline: Pipeline
    controls: Controls
    brain: BrainSlot | None
    schedule: Schedule
    archive: Archive
    recordings: Recordings
    amendments: Amendments
    metrics: Metrics
    say: Callable[[Request], Awaitable[Turn]]
    hear: Callable[[bytes, Request], Awaitable[list[Turn]]]
    place: Callable[..., Local]
    """Another place where people talk, for `pipeline.serve`."""
    learn: Callable[[], Awaitable[None]]
    """Teach the reflex new names at once."""
