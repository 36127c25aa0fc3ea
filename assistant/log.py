"""Log lines that carry their turn's id."""

from __future__ import annotations

import logging
from contextvars import ContextVar

_NOISY = (
    "aiomqtt", "amqtt", "faster_whisper", "httpcore", "httpx", "mqtt", "transitions", "uvicorn", "websockets",
)  # fmt: skip

turn_id: ContextVar[str] = ContextVar("turn_id", default="-")


class _TurnId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.turn = turn_id.get()
        return True


class _Sentences(logging.Formatter):
    """For a person at a terminal: what happened, never a traceback."""

    def formatException(self, ei: object) -> str:
        return ""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).rstrip()


def set_up(level: str = "INFO", *, tracebacks: bool = True) -> None:
    """Log to standard error, which systemd's journal keeps."""
    handler = logging.StreamHandler()
    handler.addFilter(_TurnId())
    formatter = logging.Formatter if tracebacks else _Sentences
    handler.setFormatter(formatter("%(levelname)s %(name)s [%(turn)s] %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in (
        "httpx",
        "httpcore",
        "faster_whisper",
        "transitions",
        "amqtt",
        "aiomqtt",
        "mqtt",
        "uvicorn",
        "websockets",
    ):
        logging.getLogger(noisy).setLevel("WARNING")
