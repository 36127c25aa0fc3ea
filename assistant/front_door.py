"""The local socket: with a daemon running, `say`, `why` and the like go to it, one JSON line each way.

A line protocol of a dozen lines needs no library; a web server comes with the console.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assistant.errors import AssistantError, ConfigError, DaemonUnreachable
from assistant.printable import printable

log = logging.getLogger(__name__)

_LONGEST_LINE = 64 * 1024 * 1024
"""Bytes: ten minutes of sound in base64 are 26 MB."""


class Knock(BaseModel):
    """What comes through the door; it is as untrusted as any input."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["say", "hear", "why", "devices", "timers"]
    text: str = ""
    pcm: str = Field(default="", description="base64 of mono int16 at 16 kHz")
    fast: bool = False
    language: Literal["en", "it", "zh"] | None = None
    room: str | None = None
    session: str | None = None
    everything: bool = False

    @field_validator("text", "room", "session", mode="before")
    @classmethod
    def readable(cls, text: object) -> object:
        return printable(text) if isinstance(text, str) else text

    def sound(self) -> bytes:
        return base64.b64decode(self.pcm, validate=True)


Answer = Callable[[Knock], Awaitable[list[dict[str, Any]]]]


def socket_path(state: Path) -> Path:
    """Where the daemon listens: its runtime folder under systemd, else its state folder."""
    if runtime := os.environ.get("RUNTIME_DIRECTORY"):
        return Path(runtime.split(":")[0]) / "socket"
    return state / "socket"


def listening(state: Path, *, installed: bool) -> Path | None:
    """The socket of a running daemon, if there is one that this user may speak to; a dead one's socket is none.

    installed: the caller uses the installed configuration, whose daemon listens in systemd's runtime folder.
    """
    known = [state / "socket", *([Path("/run/mimo-assistant/socket")] if installed else [])]
    return next((path for path in known if _answers(path)), None)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


@contextmanager
def only_daemon(state: Path) -> Iterator[None]:
    """Hold the state for one daemon; the kernel lets go with its process. Raises DaemonUnreachable when one has it."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = (state / "lock").open("a")
    except OSError as error:
        raise ConfigError(f"{state} cannot be written ({error.strerror}): set state_folder in config.yaml") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DaemonUnreachable(f"another mimo-assistant runs on {state} already; stop it first") from error
        yield


@asynccontextmanager
async def open_door(path: Path, answer: Answer) -> AsyncIterator[None]:
    """Serve until the block ends. The socket is the owner's and their group's alone."""

    visits: set[asyncio.Task[None]] = set()

    async def visitor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a visitor is a task of the server"
        visits.add(task)
        task.add_done_callback(visits.discard)
        try:
            async for line in _lines(reader):
                writer.write(json.dumps(await _answered(line, answer)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            log.info("a caller hung up")
        finally:
            writer.close()

    await asyncio.to_thread(_make_room, path)
    server = await asyncio.start_unix_server(visitor, path, limit=_LONGEST_LINE)
    await asyncio.to_thread(path.chmod, 0o660)
    try:
        yield
    finally:
        server.close()
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        await asyncio.to_thread(path.unlink, True)


@asynccontextmanager
async def knock_at(path: Path) -> AsyncIterator[Answer]:
    """The same questions, asked of a running daemon."""
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST_LINE)
    except OSError as error:
        raise DaemonUnreachable(f"the daemon's socket {path} does not answer: {error.strerror}") from error

    async def ask(knock: Knock) -> list[dict[str, Any]]:
        writer.write(knock.model_dump_json().encode() + b"\n")
        await writer.drain()
        line = await reader.readline()
        if not line:
            raise ConnectionResetError("the daemon hung up")
        reply = json.loads(line)
        if "error" in reply:
            raise DaemonUnreachable(reply["error"])
        answers: list[dict[str, Any]] = reply["answers"]
        return answers

    try:
        yield ask
    finally:
        writer.close()


def _make_room(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the socket {path} cannot be made ({error.strerror}): set state_folder in config.yaml"
        ) from error


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        try:
            line = await reader.readline()
        except ValueError:
            log.warning("a caller sent a line over %d bytes and was cut off", _LONGEST_LINE)
            return
        if not line:
            return
        yield line


async def _answered(line: bytes, answer: Answer) -> dict[str, Any]:
    try:
        return {"answers": await answer(Knock.model_validate_json(line))}
    except AssistantError as error:
        return {"error": error.reason}
    except ValueError as error:
        return {"error": f"the request is not understood: {str(error).splitlines()[0]}"}
    except Exception:
        log.exception("a request failed")
        return {"error": "something went wrong; the daemon's log has more"}
