"""A Jinja2 sandbox for templates of strangers: beside what Jinja forbids, none may eat the memory or stop the clock."""

from __future__ import annotations

import functools
import gc
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time
from types import FrameType
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

LARGEST_NUMBER = 1e18
MOST_ITEMS = 100_000
"""Characters or items that an operator or a method may make."""
LONGEST_REGEX_INPUT = 4096
RENDERING_SECONDS = 0.01
"""Of computing that a template may take; real ones take a tenth of a millisecond, and all that listens waits for it."""
COMPILING_SECONDS = 0.03
"""The same once a template; real ones take a few milliseconds."""

_WIDE_FORMAT = re.compile(r"\d{5,}|%[-+ #0]*\*|%[-+ #0\d]*\.\*|\{[^{}]*\{")
_ENDLESS_FILTERS = ("batch", "center", "format", "indent", "slice", "wordwrap")


class OutOfTime(BaseException):
    """Not an Exception, so that nothing inside a template swallows it."""


class Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.globals.pop("lipsum", None)
        for name in _ENDLESS_FILTERS:
            self.filters[name] = _bounded(self.filters[name])

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            _check_power(left, right)
        elif operator == "*":
            _check_product(left, right)
        elif operator == "%" and isinstance(left, str | bytes):
            _check_format(left)
        elif operator == "+" and _size(left) + _size(right) > MOST_ITEMS:
            raise SecurityError("the sum is too long")
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Methods of texts: " ".ljust(10 ** 9), "{:>1000000000}".format(1)."""
        if isinstance(getattr(__obj, "__self__", None), str | bytes):
            _check_arguments((__obj.__self__, *args))
        return super().call(__context, __obj, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        if getattr(value, "__name__", "") in ("format", "format_map") and isinstance(
            getattr(value, "__self__", None), str
        ):
            _check_format(value.__self__)
        return super().wrap_str_format(value)


def regex_input(value: object) -> str:
    """Raises SecurityError for a text that is longer than any device's."""
    text = str(value)
    if len(text) > LONGEST_REGEX_INPUT:
        raise SecurityError(f"{len(text)} characters are too many for a regular expression")
    return text


class _Alarm:
    """The process's alarm clock; its handler stays, as a late signal without one would end the process."""

    def __init__(self) -> None:
        self._seconds: float | None = None
        """Of computing that is left when it first rings; None while it is not set."""
        self._began: float | None = None

    @contextmanager
    def set(self, seconds: float) -> Iterator[None]:
        """Nearly all is done before it rings once, so the clock of computing, a slow one, is not asked till then.

        The collector of garbage waits: the finalizers of others must not be interrupted, nor take our time.
        """
        self._seconds, self._began = seconds, None
        collects = gc.isenabled()
        gc.disable()
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds / 5)
        try:
            yield
        finally:
            self._seconds = None
            signal.setitimer(signal.ITIMER_REAL, 0)
            if collects:
                gc.enable()

    @property
    def is_ours(self) -> bool:
        """Only the main thread can be interrupted, and only when nobody else uses the alarm."""
        if threading.current_thread() is not threading.main_thread() or self._seconds is not None:
            return False
        if signal.getsignal(signal.SIGALRM) is signal.SIG_DFL:
            signal.signal(signal.SIGALRM, self._ring)
        return signal.getsignal(signal.SIGALRM) == self._ring

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if self._seconds is None:
            return
        now = thread_time()
        if self._began is None:
            self._began = now
        elif now - self._began >= self._seconds:
            # Where nothing can be raised (a finalizer) it is lost; whoever reports that must not be interrupted too.
            self._began, self._seconds = now, 2 * self._seconds
            raise OutOfTime


_alarm = _Alarm()


@contextmanager
def deadline(seconds: float = RENDERING_SECONDS) -> Iterator[None]:
    """Raises OutOfTime inside the block after once to twice so much computing, even within a regular expression."""
    if _alarm.is_ours:
        with _alarm.set(seconds):
            yield
        return
    began = thread_time()
    yield
    if thread_time() - began >= seconds:
        raise OutOfTime


def _check_power(base: Any, exponent: Any) -> None:
    numbers = isinstance(base, int | float) and isinstance(exponent, int | float)
    if numbers and (abs(base) > LARGEST_NUMBER or abs(exponent) > 64):
        raise SecurityError("the power is too large")


def _check_product(left: Any, right: Any) -> None:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, int) and _size(other) * one > MOST_ITEMS:
            raise SecurityError("the product is too long")
        if isinstance(one, int) and abs(one) > 10**1000:
            raise SecurityError("the product is too large")


def _check_format(form: str | bytes) -> None:
    if _WIDE_FORMAT.search(form if isinstance(form, str) else form.decode("latin-1")):
        raise SecurityError("the format is too wide")


def _check_arguments(arguments: tuple[Any, ...]) -> None:
    length = 1
    for argument in arguments:
        length *= max(1, _size(argument))
    widest = max((argument for argument in arguments if type(argument) is int), default=0)
    if length > MOST_ITEMS * 10 or (widest > MOST_ITEMS and not _formats(arguments)):
        raise SecurityError("the text would become too long")


def _formats(arguments: tuple[Any, ...]) -> bool:
    """ "{}".format(1795435200) takes large numbers; its widths have been looked at."""
    return isinstance(arguments[0], str) and "{" in arguments[0]


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    formats = function.__name__ == "do_format"

    def bounded(*args: Any, **kwargs: Any) -> Any:
        for argument in (*args, *kwargs.values()):
            if formats and isinstance(argument, str):
                _check_format(argument)
            elif not formats and type(argument) is int and argument > MOST_ITEMS:
                raise SecurityError("the text would become too long")
        return function(*args, **kwargs)

    return functools.update_wrapper(bounded, function)  # with Jinja's marks


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0
