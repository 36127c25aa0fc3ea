"""What people turn while the assistant runs: mute, volume, language, stop, and speaking a text as it stands."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.intents.language import language_of
from assistant.interfaces import Speaker
from assistant.models import Request, Turn
from assistant.pipeline import Pipeline

log = logging.getLogger(__name__)


class _Kept(BaseModel):
    """What outlives a restart. Nobody who muted a microphone wants a power cut to unmute it; the language is
    config.yaml's again."""

    model_config = ConfigDict(extra="ignore")

    muted: bool = False
    volume: Annotated[int, Field(ge=0, le=100)] = 100


class Controls:
    def __init__(
        self,
        pipeline: Pipeline,
        ask: Callable[[Request], Awaitable[Turn]],
        file: Path | None = None,
    ) -> None:
        """ask: how every request is asked; file: where mute and volume are kept."""
        self._pipeline = pipeline
        self._ask = ask
        self._file = file
        self._kept = _read(file)
        self.speaker: Speaker | None = None
        """Where `say` is heard."""
        self.silence: Callable[[], object] = lambda: None
        """Ends what rings."""

    # ── turned ──

    @property
    def muted(self) -> bool:
        """The microphone is not listened to."""
        return self._kept.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._keep(_Kept(muted=muted, volume=self._kept.volume))

    @property
    def volume(self) -> int:
        """Of the loudspeaker, in percent of what the voice is configured for."""
        return self._kept.volume

    @volume.setter
    def volume(self, percent: int) -> None:
        self._keep(_Kept(muted=self._kept.muted, volume=percent))

    def loudness(self) -> int:
        return self._kept.volume

    @property
    def language(self) -> str:
        """Of requests that do not name theirs."""
        return self._pipeline.settings.language

    @language.setter
    def language(self, code: str) -> None:
        """Codes as in config.yaml."""
        self._pipeline.settings = replace(self._pipeline.settings, language=code)

    # ── asked ──

    async def ask(self, text: str, source: str) -> None:
        """A request like any other: same policy, and its own session, so that no yes from here answers elsewhere."""
        await self._ask(Request(text, session=source, source=source))

    async def say(self, text: str) -> None:
        """Aloud, as it stands: it is nobody's request. Raises AudioUnavailable."""
        voice = self._pipeline.voice
        if voice is None or self.speaker is None:
            log.warning("there is no loudspeaker to say %.40r on", text)
            return
        language = self.language if self.language != "auto" else language_of(text)
        with self._pipeline.turns.under_way():
            await self.speaker.play(voice.synthesize(text, language))

    def stop(self) -> None:
        """The turns under way, what is being said and what rings."""
        self._pipeline.turns.stop()
        self.silence()

    def _keep(self, kept: _Kept) -> None:
        self._kept = kept
        if self._file is None:
            return
        try:
            new = self._file.with_suffix(".new")
            new.write_text(kept.model_dump_json(), encoding="utf-8")
            new.replace(self._file)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._file, error.strerror)


def _read(file: Path | None) -> _Kept:
    try:
        return _Kept.model_validate_json(file.read_bytes()) if file is not None else _Kept()
    except FileNotFoundError:
        return _Kept()
    except (OSError, ValidationError) as error:
        log.warning("%s cannot be read: %s", file, str(error).splitlines()[0])
        return _Kept()
