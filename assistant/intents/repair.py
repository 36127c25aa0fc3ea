"""Words that the recogniser got wrong, put right from the house's own names; only where no other reading is near."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.intents.vocabulary import Vocabulary
from assistant.models import Intent, Repair


class Repairer:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def repair(
        self, said: Sequence[str], understand: Callable[[Sequence[str]], tuple[Intent, ...]]
    ) -> tuple[tuple[Intent, ...], list[Repair]] | None:
        return None
