"""A loudspeaker that plays nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

from assistant.models import AudioChunk


class Silent:
    """Takes the reply: where there is no loudspeaker, its first sound can still be timed."""

    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        async for _ in chunks:
            pass
