"""A place and ears without the rest: what each call is heard to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TypeVar

from assistant.ears import Ears
from assistant.models import AudioChunk, Call, Heard, Language, Turn
from assistant.satellites.local import Local

Taken = TypeVar("Taken")
Sound = AsyncGenerator[AudioChunk, None]


async def each(place: Local, take: Callable[[Sound], Awaitable[Taken]]) -> list[Taken]:
    """What `take` makes of the sound of every call, until the place falls silent."""
    taken: list[Taken] = []

    async def answer(call: Call) -> None:
        assert call.sound is not None
        async with aclosing(call.sound) as sound:
            taken.append(await take(sound))
        place.answered(Turn("", datetime.now(UTC), call.request))

    async with asyncio.TaskGroup() as answers, aclosing(place.calls()) as calls:
        async for call in calls:
            answers.create_task(answer(call))
    return taken


async def heard(
    place: Local,
    ears: Ears,
    language: Language | None,
    hotwords: str = "",
    is_complete: Callable[[str, Language], bool] = lambda text, language: False,
) -> list[Heard]:
    return await each(place, lambda sound: ears.hear(sound, language, hotwords, is_complete))
