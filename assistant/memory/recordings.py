"""What was said, as sound, for as many days as the owner wishes; by default not at all."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import wave
from collections.abc import Callable
from pathlib import Path

from assistant.events import Ended, Event, Listened
from assistant.models import SAMPLE_RATE
from assistant.record import sealed

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0

MOST_WAITING = 20
"""Recordings that wait for a slow disk; more are not kept."""

_TURN_ID = re.compile(r"[0-9a-f]{8,32}")


class Recordings:
    """Watches turns; `run` writes and deletes. One WAV a turn, named after it, and none of a turn that held a code."""

    def __init__(self, folder: Path, days: int, now: Callable[[], float] = time.time) -> None:
        """days: 0 keeps nothing, and deletes what an earlier setting kept."""
        self._folder = folder
        self._days = days
        self._now = now
        self._heard: dict[str, bytes] = {}
        self._to_write: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(MOST_WAITING)
        self._more = asyncio.Event()

    def watch(self, event: Event) -> None:
        match event:
            case Listened(turn, utterance) if self._days and utterance.pcm:
                self._heard[turn.id] = utterance.pcm
            case Ended(turn) if (pcm := self._heard.pop(turn.id, None)) and sealed(turn) is turn:
                if self._to_write.full():
                    log.warning("the disk is slow: a recording was not kept")
                else:
                    self._to_write.put_nowait((turn.id, pcm))
                    self._more.set()

    def find(self, turn_id: str) -> Path | None:
        """The WAV of a turn; anything that is no turn's id has none."""
        file = self._folder / f"{turn_id}.wav"
        return file if _TURN_ID.fullmatch(turn_id) and file.is_file() else None

    async def run(self) -> None:
        """Write what comes, and look every hour for what is due."""
        while True:
            await asyncio.to_thread(self.sweep)
            try:
                async with asyncio.timeout(SWEEP_SECONDS):
                    while True:
                        await self._more.wait()
                        self._more.clear()
                        await self.write_waiting()
            except TimeoutError:
                pass

    async def write_waiting(self) -> None:
        while not self._to_write.empty():
            turn_id, pcm = self._to_write.get_nowait()
            await asyncio.to_thread(self.write, turn_id, pcm)

    def write(self, turn_id: str, pcm: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._folder / f"{turn_id}.part"
            with wave.open(str(part), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(SAMPLE_RATE)
                file.writeframes(pcm)
            part.chmod(0o600)
            part.replace(self._folder / f"{turn_id}.wav")
        except OSError as error:
            log.warning("a recording could not be kept: %s", error)

    def sweep(self) -> None:
        """Delete what is older than it may be kept."""
        oldest = self._now() - self._days * 24 * 3600
        for file in [*self._folder.glob("*.wav"), *self._folder.glob("*.part")]:
            try:
                if not self._days or file.stat().st_mtime <= oldest:
                    file.unlink()
            except OSError as error:
                log.warning("%s could not be deleted: %s", file, error)
