"""Ending what is under way: turns that can be stopped from outside, and cancellations that must not be lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Stoppable:
    """What is under way, each in the task of whoever waits for it; stopping works as asyncio.timeout does."""

    def __init__(self) -> None:
        self._under_way: dict[object, asyncio.Task[object]] = {}
        self._stopped: set[object] = set()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Ends early, without an exception, when it is stopped meanwhile."""
        task, mark = asyncio.current_task(), object()
        assert task is not None, "a turn runs in a task"
        self._under_way[mark] = task
        try:
            yield
        except asyncio.CancelledError:
            # someone else may have cancelled the task as well: that is theirs to hear
            if mark not in self._stopped or task.uncancel() > 0:
                raise
        finally:
            del self._under_way[mark]
            self._stopped.discard(mark)

    def stop(self) -> None:
        for mark, task in self._under_way.items():
            if mark not in self._stopped:
                self._stopped.add(mark)
                task.cancel()


@contextmanager
def heeding() -> Iterator[None]:
    """Python 3.11's wait_for, which aiomqtt uses throughout, loses a cancellation that comes together with what it
    waited for. A task group cancels only once, so a task that goes on then would hold up the end for ever."""
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError
