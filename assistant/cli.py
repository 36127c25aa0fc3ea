"""The command line: run, say, hear, why, devices, doctor, models, config check; `--json` everywhere."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant import app, doctor, front_door, log, model_files
from assistant.audio.files import read_samples
from assistant.config import Config
from assistant.errors import AssistantError, ConfigError
from assistant.events import Events, Notice
from assistant.front_door import Answer, Knock
from assistant.terminal import TurnPrinter

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="A private voice assistant for the home that says why.",
)  # fmt: skip
models = typer.Typer(no_args_is_help=True, help="The model files: what is there, and fetching what is not.")
configuration = typer.Typer(no_args_is_help=True, help="The configuration file.")
cli.add_typer(models, name="models")
cli.add_typer(configuration, name="config")

T = TypeVar("T")

DONE, NOT_DONE, USAGE, PART_DOWN = 0, 1, 2, 3

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ConfigFile = Annotated[Path | None, typer.Option("--config", help="A configuration other than the usual one.")]
House = Annotated[str | None, typer.Option("--house", help="virtual: the embedded house and broker.")]
NoBrain = Annotated[bool, typer.Option("--no-brain", help="Leave the model out.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Room = Annotated[str | None, typer.Option("--room", help="Where the speaker stands.")]
SessionName = Annotated[str | None, typer.Option("--session", help="Turns of one session belong together.")]
Spoken = Annotated[str | None, typer.Option("--language", help="en, it or zh; default: as configured.")]


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

    def options(self, *, ears: bool = False, daemon: bool = False) -> app.Options:
        if self.house not in (None, "virtual"):
            raise ConfigError(f"--house {self.house}: the only house that comes with the assistant is 'virtual'")
        return app.Options(self.house == "virtual", not self.no_brain, ears, daemon)


@cli.command()
def run(config: ConfigFile = None, house: House = None, no_brain: NoBrain = False) -> None:
    """Start the assistant: listen, think, act, speak, until stopped."""
    choice = Choice(config, house, no_brain)
    with _sentences():
        settings = _load(config)
        log.set_up(settings.log_level)
        events = Events()
        events.subscribe(TurnPrinter(out))
        asyncio.run(app.run(settings, choice.options(ears=True, daemon=True), events))


@cli.command()
def say(
    text: Annotated[str, typer.Argument(help="What to say; - reads a request a line from standard input.")],
    as_json: Json = False, session: SessionName = None, room: Room = None, language: Spoken = None,
    config: ConfigFile = None, house: House = None, no_brain: NoBrain = False,
) -> None:  # fmt: skip
    """Say something to the assistant in writing."""
    requests = (line.rstrip("\r\n") for line in sys.stdin) if text == "-" else iter([text])
    knocks = (Knock(do="say", text=line, session=session, room=room, language=_language(language))
              for line in requests if text != "-" or line.strip())  # fmt: skip
    _converse(knocks, Choice(config, house, no_brain), as_json, ears=False)


@cli.command()
def hear(
    files: Annotated[list[Path], typer.Argument(help="WAV files of any rate.")],
    fast: Annotated[bool, typer.Option("--fast", help="As fast as the machine can, not in real time.")] = False,
    as_json: Json = False, session: SessionName = None, room: Room = None, language: Spoken = None,
    config: ConfigFile = None, house: House = None, no_brain: NoBrain = False,
) -> None:  # fmt: skip
    """Play sound files to the assistant as if its microphone heard them."""
    knocks = (
        Knock(do="hear", pcm=base64.b64encode(read_samples(file)).decode(), fast=fast, session=session, room=room,
              language=_language(language)) for file in files
    )  # fmt: skip
    _converse(knocks, Choice(config, house, no_brain), as_json, ears=True)


@cli.command()
def why(session: SessionName = None, as_json: Json = False, config: ConfigFile = None, house: House = None) -> None:
    """Explain the last turn from its record."""
    rows = _ask(Knock(do="why", session=session), Choice(config, house))
    if not rows:
        err.print("There is no turn in the journal yet.")
        raise typer.Exit(NOT_DONE)
    if as_json:
        return _print_json(rows)
    for step in rows[0]["steps"]:
        out.print(escape(step))
    return None


@cli.command()
def devices(
    everything: Annotated[bool, typer.Option("--all", help="Settings and diagnostics too.")] = False,
    as_json: Json = False, config: ConfigFile = None, house: House = None,
) -> None:  # fmt: skip
    """List what the house announced, with its state."""
    rows = _ask(Knock(do="devices", everything=everything), Choice(config, house))
    if as_json:
        return _print_json(rows)
    table = Table("device", "room", "state", "entity", box=None)
    for row in rows:
        state = "unknown" if row["state"] is None else row["state"]
        table.add_row(*(escape(str(cell or "")) for cell in (row["name"], row["room"], state, row["entity"])))
    out.print(table)
    return None


@cli.command("doctor")
def check_up(as_json: Json = False, config: ConfigFile = None, house: House = None, no_brain: NoBrain = False) -> None:
    """Check the whole chain: what is wrong, and the command that mends it."""
    choice = Choice(config, house, no_brain)
    with _sentences():
        settings, options = _load(config), choice.options()
        state = app.state_folder(settings)
        findings = asyncio.run(
            doctor.examine(settings, state, virtual_house=options.virtual_house, brain=options.brain)
        )
    if as_json:
        _print_json([finding.row() for finding in findings])
    else:
        for finding in findings:
            mark = "[green]ok [/]" if finding.fine else "[red]no [/]"
            out.print(f"{mark} {finding.part:<12} {escape(finding.found)}")
            if not finding.fine:
                out.print(f"    {'':<12} [yellow]→ {escape(finding.remedy)}[/]")
    raise typer.Exit(DONE if all(finding.fine for finding in findings) else PART_DOWN)


@models.command("list")
def list_models(as_json: Json = False, config: ConfigFile = None) -> None:
    """What can be fetched, and what is there."""
    with _sentences():
        rows = [row.row() for row in model_files.listing(model_files.folder(_load(config)))]
    if as_json:
        return _print_json(rows)
    table = Table("kind", "name", "size", "there", box=None)
    for row in rows:
        table.add_row(str(row["kind"]), str(row["name"]), f"{row['megabytes']} MB", "yes" if row["present"] else "no")
    out.print(table)
    return None


@models.command("pull")
def pull_models(
    what: Annotated[list[str], typer.Argument(help="stt, voice, brain; or kind/name: voice/it_IT-paola-medium.")],
    source: Annotated[Path | None, typer.Option("--from", help="A folder that already holds the files.")] = None,
    as_json: Json = False, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Fetch model files, resume what was cut off, check their hashes."""
    with _sentences():
        settings = _load(config)
        folder = model_files.folder(settings)
        wanted = {"stt": settings.stt.model, "voice": "en_US-joe-medium", "brain": settings.brain.profile}
        for item in what:
            kind, _, name = item.partition("/")
            place = model_files.pull(kind, name or wanted.get(kind, ""), folder, source=source, quiet=as_json)
            _print_json([{"model": item, "path": str(place)}]) if as_json else out.print(f"{item}: {place}")


@configuration.command("check")
def check_config(
    file: Annotated[Path | None, typer.Argument(help="Default: the one the assistant would use.")] = None,
    as_json: Json = False, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Read the configuration and say what is wrong with it."""
    path = file or config or default_config()
    try:
        app.checked(path)
    except ConfigError as error:
        _print_json([{"file": str(path), "error": error.reason}]) if as_json else err.print(escape(error.reason))
        raise typer.Exit(USAGE) from None
    _print_json([{"file": str(path), "error": None}]) if as_json else out.print(f"{path}: good")


def main() -> None:
    """The command; no traceback reaches a person."""
    try:
        cli()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PART_DOWN)


def default_config() -> Path:
    """$MIMO_CONFIG, else the one beside the code, else the installed one."""
    if chosen := os.environ.get("MIMO_CONFIG"):
        return Path(chosen)
    beside = Path(__file__).parent.parent / "config.yaml"
    return beside if beside.exists() else Path("/etc/mimo-assistant/config.yaml")


# ── talking to a chain, the daemon's or our own ──────────────────────────────────────────


def _converse(knocks: Iterator[Knock], choice: Choice, as_json: bool, *, ears: bool) -> None:
    """Print a turn for each knock and leave with the worst of their exit codes."""

    async def conversation() -> int:
        worst = DONE
        async with _door(choice, ears=ears, brain=True, show=not as_json) as (answer, remote):
            for knock in knocks:
                for row in await answer(knock):
                    if as_json:
                        _print_json([row])
                    elif remote:
                        out.print(escape(row["reply"]))
                    worst = max(worst, exit_code(row))
        return worst

    raise typer.Exit(_complete(conversation()))


def _ask(knock: Knock, choice: Choice) -> list[dict[str, Any]]:
    async def question() -> list[dict[str, Any]]:
        async with _door(choice, ears=False, brain=False, show=False) as (answer, _):
            return await answer(knock)

    return _complete(question())


@asynccontextmanager
async def _door(choice: Choice, *, ears: bool, brain: bool, show: bool) -> AsyncIterator[tuple[Answer, bool]]:
    """The daemon's answer function where one runs and will do, else that of a chain opened for this call."""
    settings = _load(choice.config)
    daemon = None if choice.own else front_door.listening(app.state_folder(settings))
    async with AsyncExitStack() as stack:
        if daemon is not None:
            yield await stack.enter_async_context(front_door.knock_at(daemon)), True
            return
        log.set_up("WARNING" if settings.log_level == "INFO" else settings.log_level, tracebacks=False)
        events = Events()
        if show:
            events.subscribe(TurnPrinter(out))
        else:
            events.subscribe(lambda event: err.print(escape(event.text)) if isinstance(event, Notice) else None)
        options = choice.options(ears=ears)
        if not brain:
            options = app.Options(options.virtual_house, brain=False)
        assistant = await stack.enter_async_context(app.assemble(settings, options, events))
        await assistant.look_at_the_house()
        yield assistant.answer, False


def exit_code(row: dict[str, Any]) -> int:
    """0 done, 1 refused or not understood, 3 a part is down."""
    if row["error"] is None:
        held = any(action["verdict"] != "allowed" or action["confirmed"] is False for action in row["actions"])
        return NOT_DONE if held else DONE
    return (
        PART_DOWN
        if row["error_kind"] in {"HouseUnreachable", "BrainUnavailable", "ModelMissing", "AudioUnavailable"}
        else NOT_DONE
    )


def _complete(work: Coroutine[Any, Any, T]) -> T:
    with _sentences():
        return asyncio.run(work)


@contextmanager
def _sentences() -> Iterator[None]:
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


def _load(path: Path | None) -> Config:
    return app.checked(path or default_config())


def _language(code: str | None) -> Literal["en", "it", "zh"] | None:
    match code:
        case None | "en" | "it" | "zh":
            return code
    raise typer.BadParameter(f"{code!r} is not a language it speaks: en, it, zh", param_hint="--language")


def _print_json(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
