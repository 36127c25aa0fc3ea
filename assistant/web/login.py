"""Who has given the console's password, and how often others may try."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from assistant.password import write_secret

log = logging.getLogger(__name__)

SESSIONS_FILE = "console-sessions.json"

SESSION_SECONDS = 30 * 24 * 3600
MOST_BROWSERS = 500
"""Logged in at once; the oldest has to log in again."""

TRIES_A_MINUTE, TRIES_OF_ALL = 5, 20
"""From one address, and from all: what a forgetful family needs and a guesser does not get far with."""
MOST_ADDRESSES = 2_000


class Tries:
    """Counts logins per minute, from each address and from all."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all: deque[float] = deque()
        self._by_address: dict[str, deque[float]] = {}

    def allow(self, address: str) -> bool:
        """Whether one more may be made now; it counts."""
        now = self._clock()
        own = self._by_address.pop(address, deque())
        for times in (self._all, own):
            while times and times[0] <= now - 60:
                times.popleft()
        self._by_address[address] = own  # the newest last
        while len(self._by_address) > MOST_ADDRESSES:
            del self._by_address[next(iter(self._by_address))]
        if len(own) >= TRIES_A_MINUTE or len(self._all) >= TRIES_OF_ALL:
            return False
        own.append(now)
        self._all.append(now)
        return True

    def succeeded(self, address: str) -> None:
        """Whoever knows the password was not guessing."""
        for tried in self._by_address.pop(address, ()):
            if tried in self._all:
                self._all.remove(tried)


class Browsers:
    """Those that have logged in, by the digest of their cookie. Kept over a restart; another password ends them all."""

    def __init__(self, file: Path, fingerprint: str, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._fingerprint = fingerprint
        self._clock = clock
        self._secret, self._until = self._read()
        self._writing = asyncio.Lock()

    def fresh(self) -> str:
        """A cookie that nobody has guessed."""
        return secrets.token_urlsafe(32)

    def csrf(self, token: str) -> str:
        """What a page has to send along, and a page of another site cannot know."""
        return hmac.new(self._secret, token.encode(), "sha256").hexdigest()

    def knows(self, token: str) -> bool:
        return self._until.get(_digest(token), 0) > self._clock()

    async def let_in(self) -> str:
        now = self._clock()
        self._until = {digest: until for digest, until in self._until.items() if until > now}
        while len(self._until) >= MOST_BROWSERS:
            del self._until[min(self._until, key=self._until.__getitem__)]
        token = self.fresh()
        self._until[_digest(token)] = now + SESSION_SECONDS
        await self._keep()
        return token

    async def let_go(self, token: str) -> None:
        if self._until.pop(_digest(token), None) is not None:
            await self._keep()

    async def _keep(self) -> None:
        kept = {"password": self._fingerprint, "secret": self._secret.hex(), "until": self._until}
        async with self._writing:
            try:
                await asyncio.to_thread(write_secret, self._file, json.dumps(kept))
            except OSError as error:
                log.warning("%s cannot be written (%s): browsers log in again after a restart", self._file, error)

    def _read(self) -> tuple[bytes, dict[str, float]]:
        try:
            kept = json.loads(self._file.read_bytes())
            secret, until = bytes.fromhex(kept["secret"]), {str(key): float(at) for key, at in kept["until"].items()}
        except FileNotFoundError:
            return secrets.token_bytes(32), {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s cannot be read (%s): browsers have to log in again", self._file, type(error).__name__)
            return secrets.token_bytes(32), {}
        return secret, until if kept.get("password") == self._fingerprint else {}


def session_of(token: str) -> str:
    """What a browser's dialogue is called; it does not tell the cookie."""
    return f"console {_digest(token)[:12]}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
