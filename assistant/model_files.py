"""The model files: where they live, which are there, and fetching what is not, checked by hash."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from assistant import yaml_files
from assistant.config import Config
from assistant.errors import ModelMissing
from assistant.model_sources import Folder, HuggingFace, PackageIndex, Source, Wanted, fetch, is_whole, repository_files

KINDS = ("stt", "voice", "brain")

VOICES = "rhasspy/piper-voices"
WHISPER = "Systran/faster-whisper-{name}"
BRAINS = {
    "mimo-7b-rl-0530": "XiaomiMiMo/MiMo-7B-RL-0530",
    "mimo-v2.6-distill-qwen-9b": "XiaomiMiMo/MiMo-V2.6-Distill-Qwen-9B",
}

Tell = Callable[[str, int, int], None]
"""The file's name, the bytes that are there, the bytes there will be (0: not known)."""


@dataclass(frozen=True, slots=True)
class ModelSet:
    """What one name stands for."""

    kind: str
    name: str
    licence: str
    files: tuple[Wanted, ...] = ()
    repository: str = ""
    """On Hugging Face; empty: only in Python packages."""

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `mimo-assistant models list`."""

    set: ModelSet
    present: bool

    def row(self) -> dict[str, object]:
        found = self.set
        return {"kind": found.kind, "name": found.name, "megabytes": round(found.size / 1e6), "licence": found.licence,
                "present": self.present}  # fmt: skip


def folder(config: Config, environment: Mapping[str, str] = os.environ) -> Path:
    """The setting, else $MIMO_MODELS, else <state>/models when installed, else the user's cache."""
    if config.models_folder:
        return config.models_folder.expanduser()
    if named := environment.get("MIMO_MODELS"):
        return Path(named)
    if state := environment.get("STATE_DIRECTORY"):
        return Path(state.partition(":")[0]) / "models"
    return Path.home() / ".cache" / "mimo-assistant" / "models"


def small_brain(profile: str, gguf: str | None) -> str:
    """By which name its weights are found and fetched: the catalogue's, else the file that the profile names."""
    return profile if _listed("brain", profile) else gguf or profile


def path(kind: str, name: str, models_folder: Path) -> Path:
    """The file or folder to load. Raises ModelMissing naming the command that fetches it."""
    own = Path(name).expanduser()
    found = own if own.is_absolute() else _place(kind, name, models_folder)
    if not (found.exists() if own.is_absolute() else present(kind, name, models_folder)):
        raise ModelMissing(f"{found} is not there; `mimo-assistant models pull {kind}/{name}` fetches it", name=name)
    return found


def present(kind: str, name: str, models_folder: Path) -> bool:
    """Whether every file is there with its size; the hashes were checked when it was fetched."""
    place = _place(kind, name, models_folder)
    listed = _listed(kind, name)
    if listed is None:
        return place.is_file() or (place / "config.json").is_file()
    home = _home(kind, name, models_folder)
    return all((file := home / wanted.file).is_file() and file.stat().st_size == wanted.size for wanted in listed.files)


def listing(models_folder: Path) -> Sequence[Listed]:
    """The sets whose hashes are known, and whether they are there."""
    return [Listed(found, present(found.kind, found.name, models_folder)) for found in _catalogue()]


def chosen(item: str, config: Config) -> Sequence[tuple[str, str]]:
    """Kind and name of what `models pull` is asked for: "stt/tiny" is one set, "voice" all that the settings name."""
    kind, _, name = item.partition("/")
    if name:
        return [(kind, name)]
    if kind == "voice":
        names = [voice for voice in dict.fromkeys(config.voice.voices.values()) if not _is_path(voice)]
        return [(kind, voice) for voice in names]
    return [(kind, {"stt": config.stt.model, "brain": config.brain.profile}.get(kind, ""))]


def pull(
    kind: str,
    name: str,
    models_folder: Path,
    *,
    source: Path | None = None,
    quiet: bool = False,
    tell: Tell | None = None,
) -> Path:
    """Fetch what is missing of a set; returns what `path` does. Blocks: call it in a thread. Raises ModelMissing.

    source: a folder that already holds the files. quiet: without progress bars. tell: told of progress instead.
    """
    home = _home(kind, name, models_folder)
    wanted, sources = _wanted(kind, name, source)
    with ExitStack() as stack:
        telling = stack.enter_context(_told(tell, quiet))
        for index in sources:
            if isinstance(index, PackageIndex):
                stack.callback(index.close)
        for file in wanted:
            if not is_whole(home / file.file, file):
                _from_any(sources, file, home / file.file, telling)
    return path(kind, name, models_folder)


def _is_path(name: str) -> bool:
    return Path(name).expanduser().is_absolute()


def _is_gguf(name: str) -> bool:
    return name.endswith(".gguf")


def _from_any(sources: Sequence[Source], file: Wanted, target: Path, tell: Tell) -> None:
    """The sources in turn; the first problem is the one to tell, for the first source is the likely one."""
    problems: list[ModelMissing] = []
    for source in sources:
        try:
            return fetch(source, file, target, lambda there: tell(file.file, there, file.size))
        except ModelMissing as error:
            problems.append(error)
    raise problems[0]


def _wanted(kind: str, name: str, source: Path | None) -> tuple[Sequence[Wanted], Sequence[Source]]:
    listed = _listed(kind, name)
    if listed is not None:
        if source is not None:
            return listed.files, [Folder(source)]
        more: list[Source] = [HuggingFace(listed.repository)] if listed.repository else []
        return listed.files, [PackageIndex(), *more]
    if source is not None:
        return _files_in(kind, name, source), [Folder(source)]
    repository, files = _on_hugging_face(kind, name)
    return files, [HuggingFace(repository)]


def _on_hugging_face(kind: str, name: str) -> tuple[str, Sequence[Wanted]]:
    """Sets beyond the catalogue, by their well-known places."""
    if kind == "voice" and len(parts := name.split("-")) == 3:
        language, speaker, quality = parts
        stem = f"{language.partition('_')[0]}/{language}/{speaker}/{quality}/{name}.onnx"
        return VOICES, repository_files(VOICES, stem, f"{stem}.json")
    if kind == "stt" and name:
        repository = WHISPER.format(name=name)
        return repository, [
            file for file in repository_files(repository) if file.name.endswith((".bin", ".json", ".txt"))
        ]
    if kind == "brain" and name in BRAINS:
        endings = (".safetensors", ".json", ".txt", ".py", ".jinja")
        return BRAINS[name], [file for file in repository_files(BRAINS[name]) if file.name.endswith(endings)]
    known = ", ".join(f"{each.kind}/{each.name}" for each in _catalogue())
    raise ModelMissing(
        f"no model is called {kind}/{name}; there are {known}, voice/<a piper voice>, stt/<a Whisper size>"
    )


def _files_in(kind: str, name: str, source: Path) -> Sequence[Wanted]:
    if kind == "voice":
        return [Wanted(f"{name}.onnx"), Wanted(f"{name}.onnx.json")]
    if kind == "brain" and _is_gguf(name):
        return [Wanted(name)]
    files = [Wanted(file.name) for file in sorted(source.iterdir()) if file.is_file()] if source.is_dir() else []
    if not files:
        raise ModelMissing(f"{source} holds no files")
    return files


# ── places ───────────────────────────────────────────────────────────────────────────────


def _place(kind: str, name: str, models_folder: Path) -> Path:
    """What a part loads: a folder for stt and for vLLM's brains, a file for voices and the small brains."""
    if kind == "voice":
        return models_folder / "voice" / f"{name}.onnx"
    listed = _listed(kind, name)
    if kind == "brain" and listed is not None:
        return models_folder / "brain" / listed.files[0].file
    return models_folder / kind / name


def _home(kind: str, name: str, models_folder: Path) -> Path:
    """The folder that a set's files go to."""
    flat = kind == "voice" or (kind == "brain" and (_listed(kind, name) is not None or _is_gguf(name)))
    return models_folder / kind if flat else models_folder / kind / name


def _listed(kind: str, name: str) -> ModelSet | None:
    return next((found for found in _catalogue() if (found.kind, found.name) == (kind, name)), None)


@cache
def _catalogue() -> tuple[ModelSet, ...]:
    return TypeAdapter(tuple[ModelSet, ...]).validate_python(yaml_files.read(Path(__file__).with_suffix(".yaml")))


# ── telling ──────────────────────────────────────────────────────────────────────────────


@contextmanager
def _told(tell: Tell | None, quiet: bool) -> Iterator[Tell]:
    """A bar a file on standard error, or the caller's own way, or silence."""
    if tell is not None or quiet:
        yield tell or (lambda name, there, whole: None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, object] = {}

        def show(name: str, there: int, whole: int) -> None:
            task = tasks.get(name)
            if task is None:
                task = tasks[name] = bars.add_task(name, total=whole or None)
            bars.update(task, completed=there)  # type: ignore[arg-type]

        yield show
