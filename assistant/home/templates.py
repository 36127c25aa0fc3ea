"""Home Assistant's templates, as far as MQTT devices use them: Jinja2 in a sandbox with HA's filters."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Undefined, UndefinedError

from assistant.home.cleaning import finite, may_have_halves, whole, whole_json
from assistant.home.paths import NOT_SURE, follow, path_of
from assistant.home.sandbox import COMPILING_SECONDS, RENDERING_SECONDS, OutOfTime, Sandbox, deadline, regex_input

LARGEST_PAYLOAD = 256 * 1024
"""Bytes of a message that we still read; real ones are below 10 kB."""

LONGEST_TEMPLATE = 4_000
"""Characters; real ones are below 2,000."""

LONGEST_OUTPUT = 64 * 1024
"""Characters."""

STRIKES = 3
"""How often a template may take too long before it is not rendered again."""

log = logging.getLogger(__name__)

_NO_DEFAULT = object()
_NOT_JSON = object()
_too_slow: dict[int, int] = {}
"""How often a template took too long, by its hash."""


class Unreadable(Exception):
    """A payload that the device's own template cannot make sense of; the old state stays."""


class TookTooLong(Unreadable):
    """Its template computes without end, or nearly."""


class Payload:
    """One MQTT message; its JSON is parsed once, however many entities share the topic."""

    __slots__ = ("_json", "read", "retained", "text", "took_too_long")

    def __init__(self, text: str, *, retained: bool = False) -> None:
        self.text = text
        self.read: dict[str, str] = {}
        """What templates have made of it: thousands of entities share one topic and template of availability."""
        self.retained = retained
        """The broker had kept it; what it tells of may be long past."""
        self.took_too_long = False
        """One template did; the others of this message are not tried."""
        self._json: Any = None

    @classmethod
    def of(cls, data: bytes, *, retained: bool = False) -> Payload:
        """Raises Unreadable for what is too large or not text."""
        if len(data) > LARGEST_PAYLOAD:
            raise Unreadable(f"{len(data)} bytes are more than any device needs")
        try:
            return cls(data.decode("utf-8"), retained=retained)
        except UnicodeDecodeError as error:
            raise Unreadable("is not text") from error

    @property
    def is_json(self) -> bool:
        return self._parsed() is not _NOT_JSON

    @property
    def json(self) -> Any:
        """Raises Unreadable when it is not JSON."""
        value = self._parsed()
        if value is _NOT_JSON:
            raise Unreadable(f"is not JSON: {self.text[:80]!r}")
        return value

    def _parsed(self) -> Any:
        if self._json is None:
            try:
                self._json = _json(self.text)
            except (ValueError, RecursionError):
                self._json = _NOT_JSON
        return self._json


def read(template: str | None, payload: Payload) -> str:
    """The value that a device's value_template takes from a message; without a template, the message itself."""
    if not template:
        return payload.text
    known = payload.read.get(template)
    if known is None:
        known = payload.read[template] = _read(template, payload)
    return known


def _read(template: str, payload: Payload) -> str:
    path = path_of(template)
    if path is not None and payload.is_json:
        found = follow(path, payload.json)
        if found is not NOT_SURE:
            return str(found).strip()
    variables: dict[str, object] = {"value": payload.text}
    if payload.is_json:
        variables["value_json"] = payload.json
    if payload.took_too_long:
        raise Unreadable("the message has taken too long already")
    try:
        return render(template, **variables)
    except TookTooLong:
        payload.took_too_long = True
        raise


def write(template: str | None, value: object, **variables: object) -> str:
    """The payload that a device's command_template makes of a value."""
    return render(template, value=value, **variables) if template else str(value)


def render(template: str, **variables: object) -> str:
    """Raises Unreadable, whatever went wrong inside."""
    if len(template) > LONGEST_TEMPLATE:
        raise Unreadable(f"a template of {len(template)} characters is longer than any device needs")
    if _too_slow.get(hash(template), 0) >= STRIKES:
        raise Unreadable(f"{template[:80]!r} often took too long")
    try:
        compiled = _compiled(template)
        with deadline(RENDERING_SECONDS):
            return whole(_joined(compiled.generate(variables)).strip())
    except OutOfTime as error:
        strikes = _too_slow[hash(template)] = _too_slow.get(hash(template), 0) + 1
        if strikes == STRIKES:
            log.warning("the template %.80r takes too long; what it reads is left out from now on", template)
        raise TookTooLong(f"{template[:80]!r} takes too long") from error
    except Exception as error:  # a template is foreign code and may raise anything at all
        raise Unreadable(f"{template[:80]!r}: {type(error).__name__}: {error}") from error


def _joined(pieces: Iterator[str]) -> str:
    """Raises ValueError before it fills the memory."""
    made: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST_OUTPUT:
            raise ValueError(f"makes more than {LONGEST_OUTPUT} characters")
        made.append(piece)
    return "".join(made)


def number(text: str) -> float | None:
    """None for what Home Assistant calls no value, and for what nothing can be reckoned with. Raises Unreadable."""
    if text in ("", "None", "null", "unknown", "unavailable"):
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise Unreadable(f"{text[:80]!r} is not a number") from error
    return finite(value)


# ── Home Assistant's filters and functions ───────────────────────────────────────────────


def _json(text: str) -> Any:
    return whole_json(json.loads(text)) if may_have_halves(text) else json.loads(text)


def _is_defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        raise UndefinedError("value is not defined")
    return value


def _float(value: Any, default: Any = _NO_DEFAULT) -> Any:
    return _convert(float, value, default)


def _int(value: Any, default: Any = _NO_DEFAULT, base: int = 10) -> Any:
    return _convert(
        lambda given: int(given, base) if isinstance(given, str) and base != 10 else int(float(given)), value, default
    )


def _convert(convert: Callable[[Any], Any], value: Any, default: Any) -> Any:
    try:
        return convert(value)
    except (ValueError, TypeError, UndefinedError):
        if default is _NO_DEFAULT:
            raise
        return default


def _round(value: Any, precision: int = 0, method: str = "common", default: Any = _NO_DEFAULT) -> Any:
    def rounded(given: Any) -> float:
        number, scale = float(given), float(10**precision)
        match method:
            case "ceil":
                return math.ceil(number * scale) / scale
            case "floor":
                return math.floor(number * scale) / scale
            case "half":
                return round(number * 2) / 2
            case _:
                return round(number, precision)

    result = _convert(rounded, value, default)
    return int(result) if precision == 0 and method != "half" and isinstance(result, float) else result


def _multiply(value: Any, amount: Any, default: Any = _NO_DEFAULT) -> Any:
    return _convert(lambda given: float(given) * amount, value, default)


def _add(value: Any, amount: Any, default: Any = _NO_DEFAULT) -> Any:
    return _convert(lambda given: float(given) + amount, value, default)


def _iif(value: Any, if_true: Any = True, if_false: Any = False, if_none: Any = _NO_DEFAULT) -> Any:
    if value is None and if_none is not _NO_DEFAULT:
        return if_none
    return if_true if value else if_false


def _bool(value: Any, default: Any = _NO_DEFAULT) -> Any:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    word = str(value).lower()
    if word in words:
        return words[word]
    if default is _NO_DEFAULT:
        raise ValueError(f"{value!r} is not a boolean")
    return default


def _regex_match(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    return bool(re.match(find, regex_input(value), re.IGNORECASE if ignorecase else 0))


def _regex_search(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    return bool(re.search(find, regex_input(value), re.IGNORECASE if ignorecase else 0))


def _regex_replace(value: Any, find: str = "", replace: str = "", ignorecase: bool = False) -> str:
    return re.sub(find, replace, regex_input(value), flags=re.IGNORECASE if ignorecase else 0)


def _regex_findall(value: Any, find: str = "", ignorecase: bool = False) -> list[Any]:
    return re.findall(find, regex_input(value), re.IGNORECASE if ignorecase else 0)


def _regex_findall_index(value: Any, find: str = "", index: int = 0, ignorecase: bool = False) -> Any:
    return _regex_findall(value, find, ignorecase)[index]


def _as_datetime(value: Any, default: Any = _NO_DEFAULT) -> Any:
    def moment(given: Any) -> datetime:
        if isinstance(given, datetime):
            return given
        if isinstance(given, int | float):
            return datetime.fromtimestamp(given, UTC)
        parsed = datetime.fromisoformat(str(given))
        return parsed if parsed.tzinfo else parsed.astimezone()

    return _convert(moment, value, default)


def _as_timestamp(value: Any, default: Any = _NO_DEFAULT) -> Any:
    return _convert(lambda given: _as_datetime(given).timestamp(), value, default)


def _timestamp_custom(value: Any, form: str = "%Y-%m-%d %H:%M:%S", local: bool = True) -> str:
    moment = datetime.fromtimestamp(float(value), UTC)
    return (moment.astimezone() if local else moment).strftime(form)


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _environment() -> Sandbox:
    environment = Sandbox(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    shared = {
        "as_datetime": _as_datetime, "as_timestamp": _as_timestamp, "bool": _bool, "float": _float, "iif": _iif,
        "int": _int, "is_number": _is_number, "timestamp_custom": _timestamp_custom,
    }  # fmt: skip
    environment.filters.update(
        shared, add=_add, from_json=_json, is_defined=_is_defined, multiply=_multiply,
        regex_findall=_regex_findall, regex_findall_index=_regex_findall_index, regex_match=_regex_match,
        regex_replace=_regex_replace, regex_search=_regex_search, round=_round, to_json=_to_json,
        bitwise_and=lambda a, b: int(a) & int(b), bitwise_or=lambda a, b: int(a) | int(b), ord=ord,
    )  # fmt: skip
    environment.globals.update(
        shared, now=lambda: datetime.now().astimezone(), utcnow=lambda: datetime.now(UTC), max=max, min=min,
        strptime=datetime.strptime, pi=math.pi, e=math.e, log=math.log, sqrt=math.sqrt,
    )  # fmt: skip
    environment.tests.update(is_number=_is_number, match=_regex_match, search=_regex_search)
    return environment


_HOME_ASSISTANT = _environment()


@lru_cache(maxsize=4096)
def _compiled(template: str) -> Any:
    """Devices of one make share their templates, so 1,000 entities compile a few dozen."""
    with deadline(COMPILING_SECONDS):
        return _HOME_ASSISTANT.from_string(template)
