"""A turn whose intent is known already: what a page's button or form asks for goes the way of what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.models import Entity, Intent, Language, Match, Request, Turn
from assistant.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Given:
    """interfaces.Matcher for one turn."""

    intent: Intent
    because: str

    def match(self, text: str, language: Language, room: str | None = None) -> Match:
        return Match((self.intent,), self.because)

    def complete(self, text: str, language: Language) -> bool:
        return True

    def follow(self, text: str, language: Language, before: object) -> Match | None:
        """It goes on from nothing, and answers nothing."""
        return None

    def undoes(self, text: str, language: Language) -> bool:
        return False

    def undone(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        return ()

    def chosen(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        return ()

    def unsure(self, text: str, language: Language) -> bool:
        return False


async def run(pipeline: Pipeline, request: Request, intent: Intent, because: str) -> Turn:
    """Past the reflex and the brain; all else is as with any turn."""
    settings = replace(pipeline.settings, routing="reflex_first")
    once = replace(pipeline, matcher=Given(intent, because), brain=None, settings=settings)
    once.foresight = pipeline.foresight  # words for later are still read by the reflex
    return await once.run(request)
