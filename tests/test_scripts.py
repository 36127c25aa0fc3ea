"""The scripts are sound shell, the locks pin every file and name no place, and config.yaml tells the truth."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from pydantic import BaseModel

from assistant.config import Config, load

CLONE = Path(__file__).parents[1]
SCRIPTS = [CLONE / "script" / name for name in ("run", "test", "install", "lock", "lib.sh")] + [CLONE / ".ci" / "run"]
LOCKS = sorted((CLONE / "script").glob("*.lock"))
PLACES = ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", " @ ", "file:")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_parses(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script], capture_output=True, check=False).stderr == b""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script_passes_shellcheck(script: Path) -> None:
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if shellcheck is None:
        pytest.skip("shellcheck is not here (script/test installs it)")
    command = [shellcheck, "-x", "-P", str(CLONE / "script"), str(script)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


PLAYS_PYTEST = """#!/bin/sh
case "$*" in *"-m sound_card"*) exit $SOUND_CARD ;; *) exit $OTHERS ;; esac
"""


@pytest.mark.parametrize(
    ("others", "sound_card", "status"), [(0, 0, 0), (0, 5, 0), (5, 0, 0), (1, 0, 1), (0, 1, 1), (2, 0, 1)]
)
def test_the_status_says_whether_the_tests_passed(tmp_path: Path, others: int, sound_card: int, status: int) -> None:
    """Either half may have chosen none (5), and nothing is left behind."""
    (tmp_path / "python").write_text(PLAYS_PYTEST)
    (tmp_path / "python").chmod(0o755)
    (logs := tmp_path / "logs").mkdir()
    told = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path), "TMPDIR": str(logs),
            "OTHERS": str(others), "SOUND_CARD": str(sound_card)}  # fmt: skip
    run = "begin_with_the_sound_card tests/one_file.py; run_pytest '' tests/one_file.py"
    command = ["bash", "-c", f"source {CLONE}/script/test; {run}"]
    assert subprocess.run(command, env=told, capture_output=True, check=False).returncode == status
    assert list(logs.iterdir()) == []


@pytest.mark.parametrize("script", [script for script in SCRIPTS if script.suffix != ".sh"], ids=lambda path: path.name)
def test_script_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)


def test_every_lock_is_there() -> None:
    venvs = ["requirements-test.lock", "requirements-vllm.lock", "requirements-webrtc.lock", "requirements.lock"]
    expected = ["node.lock", *venvs, "uv.lock"]
    assert [lock.name for lock in LOCKS] == expected


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_names_no_place(lock: Path) -> None:
    """Where packages come from is the machine's own setting."""
    text = lock.read_text()
    assert [place for place in PLACES if place in text] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_pins_every_package_by_hash(lock: Path) -> None:
    packages = list(_locked(lock))
    assert packages
    unpinned = [
        package for package in packages if not re.match(r"[a-z0-9.\-]+==\S+.* --hash=sha256:[0-9a-f]{64}", package)
    ]
    assert unpinned == []


def test_npms_lock_pins_every_package_by_hash_and_names_no_place() -> None:
    lock = json.loads((CLONE / "tests" / "zigbee2mqtt" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_tests_run_on_the_versions_that_get_installed() -> None:
    installed = {package.split(" --hash")[0] for package in _locked(CLONE / "script" / "requirements.lock")}
    tested = {package.split(" --hash")[0] for package in _locked(CLONE / "script" / "requirements-test.lock")}
    assert installed <= tested


def _locked(lock: Path) -> Iterator[str]:
    """One package with all its hashes on a line."""
    for line in lock.read_text().replace("\\\n", "").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield " ".join(line.split())


@pytest.fixture
def poor_machine(tmp_path: Path) -> dict[str, str]:
    """A Debian without PortAudio, for somebody who is not its administrator."""
    for name in ("bash", "dirname", "cat", "sed", "grep", "env"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).write_text(f'#!/bin/sh\nexec {found} "$@"\n')
    (tmp_path / "dpkg-query").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    for file in tmp_path.iterdir():
        file.chmod(0o755)
    return {"PATH": str(tmp_path), "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PYTHON": sys.executable}


def test_without_rights_the_one_command_is_named(poor_machine: dict[str, str]) -> None:
    result = subprocess.run(
        [CLONE / "script" / "run"],
        env=poor_machine,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 3
    assert "libportaudio2: the microphone and the speaker" in result.stderr
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends libportaudio2\n" in result.stderr


@pytest.fixture(scope="module")
def pip_settings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pip_settings", CLONE / "script" / "pip_settings.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_uv_asks_where_pip_asks(pip_settings: ModuleType) -> None:
    pip = {
        "index-url": "https://mirror.test/simple",
        "extra-index-url": "https://a.test\nhttps://b.test",
        "no-index": "0",
    }
    assert pip_settings.for_uv(pip) == {
        "UV_DEFAULT_INDEX": "https://mirror.test/simple",
        "UV_INDEX": "https://a.test https://b.test",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert pip_settings.for_uv({}) == {}


def test_the_configuration_that_comes_with_it_is_the_default() -> None:
    assert load(CLONE / "config.yaml", environment={}) == Config()


def test_the_configuration_shows_every_setting() -> None:
    """Each field of each section, under its section's name, and nothing that is not one."""
    shown = yaml.safe_load((CLONE / "config.yaml").read_text())
    assert _names(shown, Config) == _fields(Config)


def test_the_configuration_shows_what_a_house_may_say() -> None:
    text = (CLONE / "config.yaml").read_text()
    example = [
        line.partition("#")[2] for line in text.splitlines() if re.match(r"  (floors|rooms|devices): \{\}", line)
    ]
    house = {
        line.split(":")[0]: yaml.safe_load(rest)
        for line, rest in zip(("floors", "rooms", "devices"), example, strict=True)
    }
    checked = Config.model_validate({"house": house}).house
    assert checked.rooms["Bedroom"].floor == "Upstairs"
    device = checked.devices["light.reading_lamp"]
    assert type(device).model_fields.keys() == house["devices"]["light.reading_lamp"].keys()


def _fields(section: type[BaseModel]) -> set[str]:
    names = set()
    for name, field in section.model_fields.items():
        names.add(name)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names |= {f"{name}.{deeper}" for deeper in _fields(inner)}
    return names


def _names(shown: dict[str, object], section: type[BaseModel]) -> set[str]:
    names = set()
    for name, value in shown.items():
        names.add(name)
        inner = section.model_fields[name].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            assert isinstance(value, dict)
            names |= {f"{name}.{deeper}" for deeper in _names(value, inner)}
    return names
