"""Who may use the console: one password, hashed by argon2, and the browsers that have given it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import json
import logging
import os
import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

from assistant.config import ConsoleSettings
from assistant.errors import ConfigError

log = logging.getLogger(__name__)

PASSWORD_FILE, SESSIONS_FILE = "console-password", "console-sessions.json"

SESSION_SECONDS = 30 * 24 * 3600
MOST_BROWSERS = 500
"""Logged in at once; the oldest has to log in again."""

TRIES_A_MINUTE, TRIES_OF_ALL = 5, 20
"""From one address, and from all: what a forgetful family needs and a guesser does not get far with."""
MOST_ADDRESSES = 2_000

LONGEST_PASSWORD, SHORTEST_PASSWORD = 1_000, 8

MOST_MEMORY_KIB = 1024 * 1024
"""A hash that wants more would take the machine down at every login."""


# ── the password ─────────────────────────────────────────────────────────────────────────


class Password:
    """Tried in a thread, one after the other: a login costs 64 MB and some tens of milliseconds."""

    def __init__(self, hashed: str | None) -> None:
        """None: nobody needs to log in."""
        self._hashed = hashed
        self._trying = asyncio.Lock()

    @property
    def needed(self) -> bool:
        return self._hashed is not None

    @property
    def fingerprint(self) -> str:
        """Changes with the password, and does not tell it."""
        return hashlib.sha256((self._hashed or "").encode()).hexdigest()

    async def is_right(self, tried: str) -> bool:
        async with self._trying:
            return await asyncio.to_thread(self._verified, tried)

    def _verified(self, tried: str) -> bool:
        if self._hashed is None:
            return False
        try:
            return PasswordHasher().verify(self._hashed, tried)
        except Argon2Error:
            return False


def guarded(settings: ConsoleSettings, state: Path) -> Password:
    """The console's password. Raises ConfigError where it would stand open to more than this machine without one."""
    hashed = _hash(settings, state)
    if hashed is None and not is_this_machine(settings.host):
        raise ConfigError(
            f"console.host is {settings.host}, and without a password everybody on that network could open your doors: "
            "make one with `mimo-assistant console password`, or set console.host to 127.0.0.1"
        )
    if hashed is None and settings.public_origin is not None:
        raise ConfigError(
            f"console.public_origin is {settings.public_origin}, so others than this machine come in: make a password "
            "with `mimo-assistant console password`"
        )
    return Password(hashed)


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def write_password(password: str, file: Path) -> None:
    """The hash into a file that only its owner reads: whoever owns the folder, so that root can make it for a service."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ConfigError(f"a password has at least {SHORTEST_PASSWORD} characters")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_secret(file, PasswordHasher().hash(password) + "\n")
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.chown(file, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error


def _hash(settings: ConsoleSettings, state: Path) -> str | None:
    file = state / PASSWORD_FILE
    if settings.password_hash is not None:
        return _checked(settings.password_hash.get_secret_value(), "console.password_hash or its file")
    try:
        return _checked(file.read_text(encoding="utf-8").strip(), str(file))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


def _checked(hashed: str, where: str) -> str:
    try:
        memory = extract_parameters(hashed).memory_cost
    except InvalidHashError:
        raise ConfigError(f"{where} is no argon2 hash; `mimo-assistant console password` makes one") from None
    if memory > MOST_MEMORY_KIB:
        raise ConfigError(f"{where} wants {memory // 1024} MB at every login")
    return hashed


# ── who tries ────────────────────────────────────────────────────────────────────────────


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


# ── who is in ────────────────────────────────────────────────────────────────────────────


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
                await asyncio.to_thread(_write_secret, self._file, json.dumps(kept))
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


def _write_secret(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    new.replace(file)
