"""The command line: run, say, hear, why, devices, timers, preferences, pin, doctor, models, brain serve, config check.

`--json` everywhere.

What a command does not need it does not import: `say` to a running daemon is a socket and a line of JSON.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from assistant import log, model_files
from assistant.caller import (
    DONE,
    NOT_DONE,
    PART_DOWN,
    USAGE,
    Choice,
    ask,
    checked,
    configuration_at,
    converse,
    default_config,
    err,
    out,
    print_json,
    sentences,
    table,
    wide,
    write_secret,
)
from assistant.config import state_folder
from assistant.errors import AudioUnavailable, ConfigError
from assistant.events import Events
from assistant.front_door import Knock
from assistant.house_tree import house_tree
from assistant.password import PASSWORD_FILE, guarded, reached_from_elsewhere, write_password
from assistant.terminal import TurnPrinter

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="A private voice assistant for the home that says why.",
)  # fmt: skip
models = typer.Typer(no_args_is_help=True, help="The model files: what is there, and fetching what is not.")
configuration = typer.Typer(no_args_is_help=True, help="The configuration file.")
brain = typer.Typer(no_args_is_help=True, help="The brain's server, on a machine with a GPU.")
console = typer.Typer(no_args_is_help=True, help="The console, a page that the daemon serves.")
cli.add_typer(models, name="models")
cli.add_typer(configuration, name="config")
cli.add_typer(brain, name="brain")
cli.add_typer(console, name="console")
pin = typer.Typer(no_args_is_help=True, help="The PIN that locks and alarms ask for.")
cli.add_typer(pin, name="pin")
preferences = typer.Typer(help="What people told the assistant of themselves.")
cli.add_typer(preferences, name="preferences")

ConfigFile = Annotated[Path | None, typer.Option("--config", help="A configuration other than the usual one.")]
House = Annotated[str | None, typer.Option("--house", help="virtual: the embedded house and broker.")]
NoBrain = Annotated[bool, typer.Option("--no-brain", help="Leave the model out.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Room = Annotated[str | None, typer.Option("--room", help="Where the speaker stands.")]
SessionName = Annotated[str | None, typer.Option("--session", help="Turns of one session belong together.")]
Spoken = Annotated[str | None, typer.Option("--language", help="en, it or zh; default: as configured.")]


@cli.command()
def run(config: ConfigFile = None, house: House = None, no_brain: NoBrain = False) -> None:
    """Start the assistant: listen, think, act, speak, until stopped."""
    choice = Choice(config, house, no_brain)
    with sentences():
        settings = configuration_at(config)
        log.set_up(settings.log_level)
        events = Events()
        events.subscribe(TurnPrinter(out))
        gc.disable()  # all of this stays; looking through it again and again would take a tenth of the time
        from assistant import daemon

        gc.freeze()
        gc.enable()

        asyncio.run(daemon.run(settings, choice.options(ears=True, daemon=True), events))


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
    converse(knocks, Choice(config, house, no_brain), as_json, ears=False)


@cli.command()
def hear(
    files: Annotated[list[Path], typer.Argument(help="WAV files of any rate.")],
    fast: Annotated[bool, typer.Option("--fast", help="As fast as the machine can, not in real time.")] = False,
    as_json: Json = False, session: SessionName = None, room: Room = None, language: Spoken = None,
    config: ConfigFile = None, house: House = None, no_brain: NoBrain = False,
) -> None:  # fmt: skip
    """Play sound files to the assistant as if its microphone heard them."""
    with sentences():
        spoken = _language(language)
        sounds = [_sound(file) for file in files]  # all of them, before anything is started or done
    knocks = (Knock(do="hear", pcm=sound, fast=fast, session=session, room=room, language=spoken) for sound in sounds)
    converse(knocks, Choice(config, house, no_brain), as_json, ears=True)


@cli.command()
def why(session: SessionName = None, as_json: Json = False, config: ConfigFile = None, house: House = None) -> None:
    """Explain the last turn from its record."""
    rows = ask(Knock(do="why", session=session), Choice(config, house))
    if not rows:
        err.print(f"The journal has no turn of session {escape(repr(session))}." if session
                  else "The journal has no turn yet.")  # fmt: skip
        raise typer.Exit(NOT_DONE)
    if as_json:
        return print_json(rows)
    for step in rows[0]["steps"]:
        out.print(escape(step))
    return None


@cli.command()
def devices(
    everything: Annotated[
        bool, typer.Option("--all", help="Also settings, diagnostics, and what was left out, with the reason.")
    ] = False,
    as_json: Json = False, config: ConfigFile = None, house: House = None,
) -> None:  # fmt: skip
    """Show the house by floor and room: how each device is, since when, and who named it."""
    rows = ask(Knock(do="devices", everything=everything), Choice(config, house))
    print_json(rows) if as_json else wide.print(house_tree(rows))


@cli.command()
def timers(as_json: Json = False, config: ConfigFile = None, house: House = None) -> None:
    """Show what is planned: timers, alarms, reminders, commands for later, and changes that are waited for."""
    rows = ask(Knock(do="timers"), Choice(config, house))
    if as_json:
        return print_json(rows)
    if not rows:
        out.print("Nothing is planned.")
        return None
    titles = ("id", "kind", "name", "due", "left", "again", "what")
    return table([titles, *((row["id"], row["kind"], row["name"], _due(row), _left(row), row["repeats"], row["text"])
                            for row in rows)])  # fmt: skip


@preferences.callback(invoke_without_command=True)
def show_preferences(
    context: typer.Context, as_json: Json = False, config: ConfigFile = None, house: House = None
) -> None:
    """What people told the assistant of themselves."""
    if context.invoked_subcommand is None:
        list_preferences(as_json, config, house)


@preferences.command("list")
def list_preferences(as_json: Json = False, config: ConfigFile = None, house: House = None) -> None:
    """Show what is kept, each with its number."""
    rows = ask(Knock(do="preferences"), Choice(config, house))
    if as_json:
        return print_json(rows)
    if not rows:
        return out.print('Nothing is kept. Tell it: say "call me Anna".')
    titles = ("number", "kind", "said", "meant", "language")
    return table([titles, *([row[title] for title in titles] for row in rows)])


@preferences.command("forget")
def forget_preference(
    number: Annotated[int, typer.Argument(help="As `preferences list` shows it.")],
    as_json: Json = False, config: ConfigFile = None, house: House = None,
) -> None:  # fmt: skip
    """Forget one of them."""
    (row,) = ask(Knock(do="forget", number=number), Choice(config, house))
    if as_json:
        print_json([row])
    elif row["forgotten"]:
        out.print(f"Number {number} is forgotten.")
    else:
        err.print(f"There is no number {number}; see: mimo-assistant preferences list")
    raise typer.Exit(DONE if row["forgotten"] else NOT_DONE)


@pin.command("set")
def set_pin(
    file: Annotated[
        Path | None, typer.Option("--file", help="Where its hash goes; default: pin_file, else the state folder.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Choose the PIN. Only its hash is kept, in a file that its owner alone can read."""
    from assistant.intents.pin import make_hash

    with sentences():
        settings, path = configuration_at(config), config or default_config()
        named = settings.policy.pin_file and path.parent / settings.policy.pin_file
        place = file or named or state_folder(settings) / "pin.hash"
        write_secret(place, make_hash(_new_pin()))
        out.print(escape(f"The PIN's hash is in {place}."))
        if place != named:
            out.print(escape(f"Now write in {path}:\n\npolicy:\n  pin_file: {place.absolute()}\n"))
        out.print("Then restart the assistant.")


@cli.command("doctor")
def check_up(as_json: Json = False, config: ConfigFile = None, house: House = None, no_brain: NoBrain = False) -> None:
    """Check the whole chain: what is wrong, and the command that mends it."""
    choice = Choice(config, house, no_brain)
    with sentences():
        settings, options = configuration_at(config), choice.options()
        from assistant import doctor

        findings = asyncio.run(
            doctor.examine(
                settings,
                state_folder(settings),
                virtual_house=options.virtual_house,
                brain=options.brain,
                config_file=options.config_file,
            )
        )
    if as_json:
        print_json([finding.row() for finding in findings])
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
    with sentences():
        rows = [row.row() for row in model_files.listing(model_files.folder(configuration_at(config)))]
    if as_json:
        return print_json(rows)
    titles = ("kind", "name", "MB", "there")
    return table([titles, *((row["kind"], row["name"], row["megabytes"], "yes" if row["present"] else "no")
                            for row in rows)])  # fmt: skip


@models.command("pull")
def pull_models(
    what: Annotated[list[str], typer.Argument(help="stt, voice, brain; or kind/name: voice/it_IT-paola-medium.")],
    source: Annotated[Path | None, typer.Option("--from", help="A folder that already holds the files.")] = None,
    as_json: Json = False, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Fetch model files, resume what was cut off, check their hashes."""
    with sentences():
        settings = configuration_at(config)
        folder = model_files.folder(settings)
        for kind, name in (chosen for item in what for chosen in model_files.chosen(item, settings)):
            place, item = model_files.pull(kind, name, folder, source=source, quiet=as_json), f"{kind}/{name}"
            print_json([{"model": item, "path": str(place)}]) if as_json else out.print(escape(f"{item}: {place}"))


@brain.command("serve", context_settings={"ignore_unknown_options": True})
def serve_brain(
    more: Annotated[list[str] | None, typer.Argument(help="Further options for vLLM: --tensor-parallel-size 2")] = None,
    model: Annotated[str | None, typer.Option(help="A Hugging Face id or a folder; default: the profile's.")] = None,
    profile: Annotated[str, typer.Option(help="Whose model to serve.")] = "mimo-7b-rl-0530",
    host: str = "127.0.0.1", port: int = 8000,
    context: Annotated[int | None, typer.Option(help="Tokens; default: by the GPU's memory.")] = None,
    share: Annotated[float, typer.Option(min=0.1, max=1, help="Of the GPU's memory.")] = 0.92,
    mtp: Annotated[bool, typer.Option("--mtp", help="Draft a token, where that is safe.")] = False,
    memory: Annotated[float | None, typer.Option(help="Choose as if the GPU had so many GiB.")] = None,
    python: Annotated[Path | None, typer.Option(help="The Python that has vLLM.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be started, and why.")] = False,
) -> None:  # fmt: skip
    """Start vLLM with the options that fit this GPU, and say why."""
    from assistant.llm import serving
    from assistant.llm.profile import Profile

    with sentences():
        found = serving.gpus()
        if memory is not None:
            found = [serving.Gpu("A GPU", memory, found[0].capability if found else 8.0)]
        if not found:
            raise ConfigError("nvidia-smi shows no GPU here. Without one: brain: {url: null} runs the small brain on "
                              "the processor; --memory 16 --dry-run shows the choice for another machine.")  # fmt: skip
        name = Profile.load(profile).model
        wish = serving.Wish(model or name, name, host, port, context, share, mtp, tuple(more or ()))
        vllm = None if dry_run and memory else serving.python_with_vllm(python)
        chosen = serving.serving(wish, found[0], serving.vllm_version(vllm) if vllm else ())
        for sentence in chosen.because:
            err.print(escape(sentence), soft_wrap=True)
        command = [str(vllm or serving.INSTALLED), "-m", "vllm.entrypoints.openai.api_server", *chosen.arguments]
        out.print(escape(shlex.join(command)), soft_wrap=True)
        if not dry_run:
            os.execv(command[0], command)


@configuration.command("check")
def check_config(
    file: Annotated[Path | None, typer.Argument(help="Default: the one the assistant would use.")] = None,
    as_json: Json = False, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Read the configuration and say what is wrong with it."""
    path = file or config or default_config()
    try:
        settings = checked(path)
        if settings.console.enabled and reached_from_elsewhere(settings.console):
            guarded(settings.console, state_folder(settings))
    except ConfigError as error:
        print_json([{"file": str(path), "error": error.reason}]) if as_json else err.print(escape(error.reason))
        raise typer.Exit(USAGE) from None
    print_json([{"file": str(path), "error": None}]) if as_json else out.print(escape(f"{path}: good"))


@console.command("password")
def console_password(
    file: Annotated[
        Path | None, typer.Option("--file", help="For console.password_file; default: the state's.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Ask for the console's password and keep its argon2 hash; a restart of the daemon makes it hold."""
    with sentences():
        place = file or state_folder(configuration_at(config)) / PASSWORD_FILE
        if sys.stdin.isatty():
            password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        else:
            password = sys.stdin.readline().rstrip("\r\n")
        write_password(password, place)
        out.print(escape(f"{place}: written. Restart the assistant; it then asks for the password at every browser."))


def main() -> None:
    """The command; no traceback reaches a person."""
    try:
        cli(prog_name="mimo-assistant")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PART_DOWN)


def _new_pin() -> str:
    """Asked for twice and not shown; a script gives it on standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return str(typer.prompt("The new PIN", hide_input=True, confirmation_prompt="Once more", err=True)).strip()


def _language(code: str | None) -> Literal["en", "it", "zh"] | None:
    match code:
        case None | "en" | "it" | "zh":
            return code
    raise typer.BadParameter(f"{code!r} is not a language it speaks: en, it, zh", param_hint="--language")


def _due(row: dict[str, Any]) -> str:
    """By this machine's clock."""
    return datetime.fromisoformat(row["due"]).astimezone().strftime("%Y-%m-%d %H:%M") if row["due"] else ""


def _left(row: dict[str, Any]) -> str:
    """Of a timer, in hours, minutes and seconds."""
    if row["kind"] != "timer" or row["remaining_seconds"] is None:
        return ""
    minutes, seconds = divmod(row["remaining_seconds"], 60)
    left = f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return f"{left} (paused)" if row["paused"] else left


def _sound(file: Path) -> str:
    """As it travels to the daemon; a file that is no sound is a mistake of whoever named it."""
    from assistant.audio.files import read_samples

    try:
        return base64.b64encode(read_samples(file)).decode()
    except AudioUnavailable as error:
        raise ConfigError(error.reason) from error


if __name__ == "__main__":
    main()
