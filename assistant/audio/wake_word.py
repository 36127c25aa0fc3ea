"""Hears its name: microWakeWord on a stream of sound."""

from __future__ import annotations

import json
from pathlib import Path

from pymicro_wakeword import MicroWakeWord as Detector
from pymicro_wakeword import MicroWakeWordFeatures, Model

from assistant.config import WakeWordSettings
from assistant.errors import ModelMissing
from assistant.models import AudioChunk

BUNDLED = tuple(model.value for model in Model)
"""The names that come with the package."""


class MicroWakeWord:
    """Half a per cent of a core; fires 50-210 ms after the end of the phrase."""

    def __init__(self, settings: WakeWordSettings) -> None:
        self._detector = _load(settings.model)
        self._features = MicroWakeWordFeatures()
        if settings.sensitivity is not None:
            self._detector.probability_cutoff = settings.sensitivity
        self.probability = 0.0

    @property
    def phrase(self) -> str:
        """What to say, such as "Okay Nabu"."""
        return str(self._detector.wake_word)

    def heard_in(self, chunk: AudioChunk) -> bool:
        heard = False
        for features in self._features.process_streaming(chunk.pcm):
            self.probability = float(self._detector.process_streaming_prob(features) or 0.0)
            heard = heard or self.probability > self._detector.probability_cutoff
        return heard

    def reset(self) -> None:
        self._features.reset()
        self._detector.reset()


def _load(model: str) -> Detector:
    if model in BUNDLED:
        return Detector.from_builtin(Model(model))
    path = Path(model).expanduser()
    if not path.is_file():
        raise ModelMissing(
            f"wake word {model!r} is neither bundled ({', '.join(BUNDLED)}) nor the path of a microWakeWord .json",
            what="wake word",
        )
    try:
        weights = path.parent / json.loads(path.read_text(encoding="utf-8"))["model"]
        if not weights.is_file():
            raise ModelMissing(f"{path} names {weights.name}, which is not beside it", what="wake word")
        return Detector.from_config(path)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ModelMissing(f"{path} is no microWakeWord model: {error!r}", what="wake word") from error
