"""How a command reaches a chain, the running daemon's or its own, and what it prints and leaves with."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from assistant import front_door, log
from assistant.config import Config, Options, load, state_folder
from assistant.errors import AssistantError, ConfigError
from assistant.events import Event, Events, Notice
from assistant.front_door import Answer, Knock
from assistant.intents.policy import read_rules
from assistant.llm.profile import Profile
from assistant.printable import printable
from assistant.terminal import TurnPrinter

T = TypeVar("T")

DONE, NOT_DONE, USAGE, PART_DOWN = 0, 1, 2, 3

PARTS = frozenset({"HouseUnreachable", "BrainUnavailable", "BrainNotReady", "ModelMissing", "AudioUnavailable"})
"""The errors that mean: a part is down."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
wide = Console(highlight=False, width=400)
"""For trees, which rich would cut at the terminal's edge: an entity id is there to be copied."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which house, brain and file a command was asked to use."""

    config: Path | None = None
    house: str | None = None
    no_brain: bool = False

    @property
    def own(self) -> bool:
        """Whether the command asks for a chain of its own rather than the running daemon's."""
        return self.config is not None or self.house is not None or self.no_brain

    def options(self, *, ears: bool = False, daemon: bool = False) -> Options:
        if self.house not in (None, "virtual"):
            raise ConfigError(f"--house {self.house}: the only house that comes with the assistant is 'virtual'")
        return Options(self.house == "virtual", not self.no_brain, ears, daemon, self.config or default_config())


# ── the configuration ────────────────────────────────────────────────────────────────────


def default_config() -> Path:
    """$MIMO_CONFIG, else the one beside the code, else the installed one."""
    if chosen := os.environ.get("MIMO_CONFIG"):
        return Path(chosen)
    beside = Path(__file__).parent.parent / "config.yaml"
    return beside if beside.exists() else Path("/etc/mimo-assistant/config.yaml")


def configuration_at(path: Path | None) -> Config:
    return checked(path or default_config())


def checked(path: Path) -> Config:
    """The configuration, with what the parts themselves find wrong with their sections. Raises ConfigError."""
    config = load(path)
    read_rules(config.policy)
    for brain in config.brain.each():
        Profile.load(brain.profile)
    if config.skills_folder and not config.skills_folder.is_dir():
        raise ConfigError(f"{path}: skills_folder: there is no folder {config.skills_folder}")
    return config


def write_secret(file: Path, text: str) -> None:
    """Readable for its owner alone, who is the folder's: root writes for the assistant. Raises ConfigError."""
    new = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
            written.write(f"{text}\n")
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.chown(new, owner.st_uid, owner.st_gid)
        new.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error


# ── talking to a chain ───────────────────────────────────────────────────────────────────


def converse(knocks: Iterator[Knock], choice: Choice, as_json: bool, *, ears: bool) -> None:
    """Print a turn for each knock and leave with the worst of their exit codes."""

    async def conversation() -> int:
        worst = DONE
        async with _door(choice, ears=ears, brain=True, show=not as_json) as (answer, remote):
            for knock in knocks:
                for row in await answer(knock):
                    _show(row, knock, as_json, remote)
                    worst = max(worst, exit_code(row))
        return worst

    raise typer.Exit(_complete(conversation()))


def ask(knock: Knock, choice: Choice) -> list[dict[str, Any]]:
    async def question() -> list[dict[str, Any]]:
        async with _door(choice, ears=False, brain=False, show=False) as (answer, _):
            return await answer(knock)

    return _complete(question())


@asynccontextmanager
async def _door(choice: Choice, *, ears: bool, brain: bool, show: bool) -> AsyncIterator[tuple[Answer, bool]]:
    """The daemon's answer function where one runs and will do, else that of a chain opened for this call."""
    settings, options = configuration_at(choice.config), choice.options(ears=ears)
    installed = default_config().is_relative_to("/etc")
    daemon = None if choice.own else front_door.listening(state_folder(settings), installed=installed)
    async with AsyncExitStack() as stack:
        if daemon is not None:
            yield await stack.enter_async_context(front_door.knock_at(daemon)), True
            return
        from assistant import app  # the whole chain takes a second to import

        log.set_up("WARNING" if settings.log_level == "INFO" else settings.log_level, tracebacks=False)
        events = Events()
        events.subscribe(TurnPrinter(out) if show else _tell_notices)
        chain = app.assemble(settings, replace(options, brain=brain and options.brain), events)
        assistant = await stack.enter_async_context(chain)
        await assistant.look_at_the_house()
        yield assistant.answer, False


def _tell_notices(event: Event) -> None:
    if isinstance(event, Notice):
        err.print(escape(event.text))


def exit_code(row: dict[str, Any]) -> int:
    """0 done, 1 refused or not understood, 3 a part is down."""
    if row["error"] is not None:
        return PART_DOWN if row["error_kind"] in PARTS else NOT_DONE
    return DONE if all(_was_sent(action) for action in row["actions"]) else NOT_DONE


def _was_sent(action: dict[str, Any]) -> bool:
    """What the assistant keeps itself has no topic."""
    done = action["confirmed"] is True or (action["topic"] is not None and action["confirmed"] is not False)
    return action["verdict"] == "allowed" and done


def _complete(work: Coroutine[Any, Any, T]) -> T:
    with sentences():
        return asyncio.run(work)


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what goes wrong outside a turn into a sentence and an exit code."""
    try:
        yield
    except ConfigError as error:
        err.print(escape(error.reason))
        raise typer.Exit(USAGE) from None
    except AssistantError as error:
        err.print(escape(error.reason))
        raise typer.Exit(PART_DOWN) from None
    except ConnectionError as error:
        err.print(escape(f"The daemon broke off: {error}."))
        raise typer.Exit(PART_DOWN) from None


# ── printing ─────────────────────────────────────────────────────────────────────────────


def print_json(rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        print(printable(json.dumps(row, ensure_ascii=False)), flush=True)


def table(rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as they need to be: an entity id is there to be copied, so nothing is cut or wrapped."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        out.print(escape("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()))


def _show(row: dict[str, Any], knock: Knock, as_json: bool, remote: bool) -> None:
    if as_json:
        return print_json([row])
    if remote:
        out.print(escape(row["reply"]))
    if knock.session is None and any(action["verdict"] == "needs_confirmation" for action in row["actions"]):
        out.print('(To answer, ask again with a session: say --session me "…", then say --session me "yes".)')
    return None
