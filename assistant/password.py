"""The console's one password, hashed by argon2, and where the console may stand open without it."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import os
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

from assistant.config import ConsoleSettings
from assistant.errors import ConfigError

PASSWORD_FILE = "console-password"

LONGEST_PASSWORD, SHORTEST_PASSWORD = 1_000, 8

MOST_MEMORY_KIB = 1024 * 1024
"""A hash that wants more would take the machine down at every login."""


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


def reached_from_elsewhere(settings: ConsoleSettings) -> bool:
    return not is_this_machine(settings.host) or settings.public_origin is not None


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(settings: ConsoleSettings) -> str:
    """Where a person finds the console."""
    scheme = "https" if settings.tls_cert is not None else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_origin or f"{scheme}://{host}:{settings.port}"


def write_password(password: str, file: Path) -> None:
    """The hash into a file of its owner's alone, who is the folder's owner: root may make it for a service."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ConfigError(f"a password has at least {SHORTEST_PASSWORD} characters")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_secret(file, PasswordHasher().hash(password) + "\n")
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.chown(file, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error


def write_secret(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    new.replace(file)


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
