"""Cancellations that come at the worst moment."""

from __future__ import annotations

import asyncio

import pytest

from assistant.stopping import heeding


async def test_a_cancellation_that_meets_what_was_waited_for_is_heard() -> None:
    """As Python 3.11's wait_for would not: it returns, and who loops goes on."""
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    went_on = False

    async def asks() -> None:
        nonlocal went_on
        with heeding():
            await asyncio.wait_for(answer, 5)
        went_on = True

    task = asyncio.create_task(asks(), name="asks")
    await asyncio.sleep(0)
    answer.set_result(None)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on


async def test_what_is_said_while_leaving_is_still_said() -> None:
    """Only a cancellation that comes meanwhile counts."""
    said = False

    async def leaves() -> None:
        nonlocal said
        try:
            await asyncio.sleep(5)
        finally:
            with heeding():
                await asyncio.sleep(0)
                said = True

    task = asyncio.create_task(leaves(), name="leaves")
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert said


async def test_a_failure_is_told_as_it_is() -> None:
    with pytest.raises(ValueError, match="no"), heeding():
        raise ValueError("no")
