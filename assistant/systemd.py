"""Tells systemd that the assistant is ready, alive and stopping.

Own code, because the kept bindings need libsystemd's headers to compile and the protocol is one datagram.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


class Notifier:
    """Without NOTIFY_SOCKET (started by hand) every method does nothing."""

    def __init__(
        self, environment: Mapping[str, str] = os.environ, now_seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._interval_seconds = _watchdog_seconds(environment) / 2
        self._now_seconds = now_seconds
        self._fed_at = float("-inf")

    def ready(self) -> None:
        self._send("READY=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Feed the watchdog: call it for every chunk of sound, it sends twice per WatchdogSec."""
        now = self._now_seconds()
        if self._interval_seconds and now - self._fed_at >= self._interval_seconds:
            self._fed_at = now
            self._send("WATCHDOG=1")

    async def heartbeat(self) -> None:
        """Until cancelled, feed the watchdog where no sound is awaited: no microphone is set, or none is plugged in."""
        while True:
            self.alive()
            await asyncio.sleep(self._interval_seconds or 3600)

    def _send(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
                out.sendto(message.encode(), self._address)
        except OSError as error:
            log.warning("systemd was not told %s: %s", message, error)


def _address(written: str) -> str:
    """systemd writes an abstract socket's leading null byte as @."""
    return "\0" + written[1:] if written.startswith("@") else written


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """0 when no watchdog is set, or it is meant for another process."""
    meant_for = environment.get("WATCHDOG_PID", "")
    microseconds = environment.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or (meant_for and meant_for != str(os.getpid())):
        return 0.0
    return int(microseconds) / 1_000_000
