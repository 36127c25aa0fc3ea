"""The PIN that locks and alarms may ask for: heard as digits in words or figures, checked against its hash."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import ConfigError, PinLocked, PinUnheard, WrongPin
from assistant.intents.normalize import words
from assistant.interfaces import Clock

log = logging.getLogger(__name__)

SHORTEST, LONGEST = 4, 12
"""Digits."""

TRIES = 3
LOCKED_SECONDS = 300.0
"""After so many wrong tries in a row; twice as long after as many more, and so on."""
LONGEST_LOCKED_SECONDS = 3600.0

_AROUND = frozenset(
    re.findall(
        r"\S+",
        "the my is it's its it pin code number please here ok okay um uh and yes s "
        "il lo la mio è e codice numero per favore ecco sì si allora "
        "密码 是 我的 码",
    )
)
"""Words that people put around a PIN."""

_CALLED = frozenset({"pin", "code", "codice", "密码"})

_LIKE_DIGITS = {"oh": "0", "o": "0", "nought": "0", "to": "2", "too": "2", "for": "4", "ate": "8", "won": "1"}
"""What a recogniser makes of English digits, between other digits."""

_TIME_OF_DAY = re.compile(r"\b[0-2]?\d[:.][0-5]\d\b(?![:.]\d)")

_CHINESE = str.maketrans("零〇一二两三四五六七八九幺", "0012234567891")


def make_hash(pin: str) -> str:
    """For `policy.pin_file`. Raises ConfigError for what is no PIN."""
    if not re.fullmatch(rf"[0-9]{{{SHORTEST},{LONGEST}}}", pin):
        raise ConfigError(f"a PIN has {SHORTEST} to {LONGEST} digits and nothing else")
    return PasswordHasher().hash(pin)


def checked_hash(text: str) -> str:
    """Raises ConfigError, which does not repeat the text: people write the PIN itself where its hash belongs."""
    try:
        extract_parameters(text)
    except InvalidHashError as error:
        raise ConfigError("policy: the PIN's hash is none of argon2; make one with: mimo-assistant pin set") from error
    return text


# ── what was said ────────────────────────────────────────────────────────────────────────


def digits_in(text: str) -> str:
    """All digits of a sentence in a row, however they were said: "one two 34", "uno due tre quattro", "1-2-3-4"."""
    return "".join(token for token in _tokens(text) if token.isdigit())


def is_a_pin(text: str) -> bool:
    """Nothing but a PIN and the words around it."""
    digits = len(digits_in(text)) >= SHORTEST
    return digits and all(token.isdigit() or token in _AROUND for token in _tokens(text))


def calls_itself_a_pin(text: str) -> bool:
    """ "The PIN is 4711": whatever else it may be taken for."""
    return is_a_pin(text) and bool({"pin", "密码"}.intersection(_tokens(text)))


def sounds_like_a_pin(text: str) -> bool:
    """A PIN, or as many single digits in a row: nobody may have asked for it, but it was said."""
    if _TIME_OF_DAY.search(text):
        return False
    if is_a_pin(text):
        return True
    tokens, row = _tokens(text), 0
    if _CALLED.intersection(tokens) and len(digits_in(text)) >= SHORTEST:
        return True
    for token in tokens:
        row = row + 1 if len(token) == 1 and token.isdigit() else 0
        if row >= SHORTEST:
            return True
    return False


def _tokens(text: str) -> list[str]:
    """Its words in every language at once: who speaks Italian may still say English digits."""
    plain = re.sub(r"[^\w\s]", " ", text.translate(_CHINESE)).replace("_", " ")
    plain = re.sub(r"(密码|我的|是)", r" \1 ", plain)
    plain = re.sub(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)", " ", plain)
    told = " ".join(word for word in words(" ".join(plain.split()), "en") if word != ",")
    tokens = [part for word in words(told, "it") for part in word.split(".") if part and part != ","]
    return [_digit(tokens, position) for position in range(len(tokens))]


def _digit(tokens: list[str], position: int) -> str:
    beside = tokens[max(0, position - 1) : position] + tokens[position + 1 : position + 2]
    single = any(len(each) == 1 and each.isdigit() for each in beside)
    return _LIKE_DIGITS.get(tokens[position], tokens[position]) if single else tokens[position]


# ── whether it is right ──────────────────────────────────────────────────────────────────


class _Tries(BaseModel):
    """What outlives a restart."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    wrong: int = 0
    """In a row."""
    locked_until: float = 0.0
    """On the wall."""


def _read(file: Path | None) -> _Tries:
    try:
        return _Tries.model_validate_json(file.read_bytes()) if file is not None else _Tries()
    except FileNotFoundError:
        return _Tries()
    except (OSError, ValidationError) as error:
        log.warning("%s cannot be read: %s", file, str(error).splitlines()[0])
        return _Tries()


@dataclass(slots=True)
class Pin:
    """One for the whole house: wrong tries count together, wherever they are made."""

    hash: str
    clock: Clock
    file: Path | None = None
    """Where the wrong tries are kept, so that a restart gives nobody new ones."""
    wall: Clock = time.time
    """Seconds that mean the same after a restart."""
    _wrong: int = field(default=0, init=False)
    _locked_until: float = field(default=-math.inf, init=False)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def __post_init__(self) -> None:
        kept = _read(self.file)
        left = min(kept.locked_until - self.wall(), LONGEST_LOCKED_SECONDS)  # a wall clock may have been put back
        self._wrong, self._locked_until = kept.wrong, self.clock() + left

    @property
    def locked_seconds(self) -> float:
        return max(0.0, self._locked_until - self.clock())

    async def check(self, said: str) -> None:
        """Returns where the sentence holds the PIN. Raises WrongPin, PinLocked, or PinUnheard where no PIN was said."""
        digits = digits_in(said)
        async with self._one:
            if self.locked_seconds:
                raise self.locked()
            if not SHORTEST <= len(digits) <= LONGEST:
                raise PinUnheard("what was said holds no PIN")
            if await asyncio.to_thread(self._fits, digits):
                self._wrong = 0
                await asyncio.to_thread(self._keep)
                return
            self._wrong += 1
            log.warning("a wrong PIN was said, try %d", self._wrong)
            if not self._wrong % TRIES:
                longer = 2 ** min(self._wrong // TRIES - 1, 10)
                self._locked_until = self.clock() + min(LOCKED_SECONDS * longer, LONGEST_LOCKED_SECONDS)
            await asyncio.to_thread(self._keep)
            raise WrongPin("the PIN was wrong") if self._wrong % TRIES else self.locked()

    def locked(self) -> PinLocked:
        return PinLocked("too many wrong PINs", minutes=math.ceil(self.locked_seconds / 60))

    def _keep(self) -> None:
        if self.file is None:
            return
        tries = _Tries(wrong=self._wrong, locked_until=self.wall() + self.locked_seconds)
        try:
            new = self.file.with_suffix(".new")
            new.write_text(tries.model_dump_json(), encoding="utf-8")
            new.replace(self.file)
        except OSError as error:
            log.warning("%s cannot be written: %s", self.file, error.strerror)

    def _fits(self, digits: str) -> bool:
        """In a thread: argon2 is slow on purpose, and takes as long for a wrong PIN as for the right one."""
        try:
            return PasswordHasher().verify(self.hash, digits)
        except VerifyMismatchError:
            return False
        except Argon2Error as error:
            log.error("the PIN could not be checked: %s", error)
            return False
