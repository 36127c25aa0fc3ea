"""script/install into a staging folder: what stands there works, and an upgrade keeps what is the owner's."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

CLONE = Path(__file__).parents[1]
SECONDS = 600


def install(staging: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(CLONE / "script" / "install"), *options]
    environment = os.environ | {"DESTDIR": str(staging)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staging")
    result = install(folder)
    assert result.returncode == 0, result.stderr[-2000:]
    return folder


def exec_start(staging: Path) -> list[str]:
    """The installed unit's command, its program below the staging folder."""
    unit = (staging / "etc/systemd/system/mimo-assistant.service").read_text()
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    program, *arguments = shlex.split(line.removeprefix("ExecStart="))
    return [f"{staging}{program}", *arguments]


def started(command: list[str]) -> subprocess.CompletedProcess[str]:
    """As systemd does it: away from the clone and with an environment of its own."""
    bare = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    return subprocess.run(command, env=bare, cwd="/", capture_output=True, text=True, timeout=120, check=False)


def test_the_units_command_starts(staging: Path) -> None:
    result = started([*exec_start(staging), "--help"])
    assert result.returncode == 0, result.stderr
    assert "--no-brain" in result.stdout


def test_the_installed_configuration_is_good(staging: Path) -> None:
    python, _m, module, *_run = exec_start(staging)
    result = started([python, "-m", module, "config", "check", f"{staging}/etc/mimo-assistant/config.yaml"])
    assert result.returncode == 0, result.stderr


def test_the_code_is_the_installed_one(staging: Path) -> None:
    result = started([exec_start(staging)[0], "-c", "import assistant, skills; print(assistant.__file__)"])
    assert result.stdout.strip() == f"{staging}/opt/mimo-assistant/app/assistant/__init__.py", result.stderr


def test_the_installed_units_are_valid(staging: Path) -> None:
    """Every program that they name is there. The interpreter, a link out of the staging folder, gets a stand-in."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here (script/test installs systemd)")
    for unit in sorted((staging / "etc/systemd/system").glob("mimo-*.service")):
        text = unit.read_text().replace("ExecStart=/opt", f"ExecStart={staging}/opt")
        copy = staging / unit.name
        copy.write_text(text)
        command = ["systemd-analyze", "verify", "--man=no", str(copy)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")


def test_nothing_names_the_staging_folder(staging: Path) -> None:
    """Scripts and settings point to the final place."""
    folders = [staging / "opt/mimo-assistant/venv/bin", staging / "usr/local/bin", staging / "etc"]
    found = subprocess.run(
        ["grep", "-rlI", str(staging), *map(str, folders)], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""


def test_the_command_uses_the_services_settings(staging: Path) -> None:
    command = staging / "usr/local/bin/mimo-assistant"
    assert os.access(command, os.X_OK)
    assert "/etc/mimo-assistant/config.yaml" in command.read_text()
    assert "exec /opt/mimo-assistant/venv/bin/python -m assistant.cli" in command.read_text()


def test_an_upgrade_keeps_settings_and_state(staging: Path) -> None:
    settings = staging / "etc/mimo-assistant/config.yaml"
    journal = staging / "var/lib/mimo-assistant/journal.db"
    journal.parent.mkdir(parents=True)
    journal.write_text("turns")
    settings.write_text("language: it\n")
    old = staging / "opt/mimo-assistant/app/assistant/gone.py"
    old.write_text("# a file of the older version\n")

    result = install(staging, "--upgrade")

    assert result.returncode == 0, result.stderr[-2000:]
    assert settings.read_text() == "language: it\n"
    assert (settings.parent / "config.yaml.new").read_text() == (CLONE / "config.yaml").read_text()
    assert journal.read_text() == "turns"
    assert not old.exists()
    assert started([*exec_start(staging), "--help"]).returncode == 0


def test_without_a_brain_new_settings_leave_it_out(staging: Path) -> None:
    """The service may not fetch the weights, so it must not try to; settings that are there stay as they are."""
    settings = staging / "etc/mimo-assistant/config.yaml"
    owners = settings.read_text()
    settings.unlink()

    result = install(staging, "--upgrade", "--no-brain")

    assert result.returncode == 0, result.stderr[-2000:]
    default = (CLONE / "config.yaml").read_text().splitlines()
    changed = [(old, new) for old, new in zip(default, settings.read_text().splitlines(), strict=True) if old != new]
    assert changed == [("  enabled: true", "  enabled: false")]
    assert yaml.safe_load(settings.read_text())["brain"]["enabled"] is False

    settings.write_text(owners)
    result = install(staging, "--upgrade", "--no-brain")
    assert (result.returncode, settings.read_text()) == (0, owners)
    assert "brain: {enabled: false}" in result.stderr


def test_uninstalling_keeps_what_is_the_owners_until_purged(staging: Path) -> None:
    """Runs last: it takes the staged installation away."""
    assert install(staging, "--uninstall").returncode == 0
    left = sorted(str(path.relative_to(staging)) for path in staging.rglob("*") if path.is_file())
    kept = ["etc/mimo-assistant/config.yaml", "etc/mimo-assistant/config.yaml.new", "var/lib/mimo-assistant/journal.db"]
    assert [path for path in left if "/" in path] == kept

    assert install(staging, "--uninstall", "--purge").returncode == 0
    assert not (staging / "etc/mimo-assistant").exists()
    assert not (staging / "var/lib/mimo-assistant").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--remove"], "does not know --remove"), (["--purge"], "--uninstall"), (["--upgrade"], "Nothing is installed")],
)
def test_wrong_use_is_told_and_changes_nothing(tmp_path: Path, options: list[str], said: str) -> None:
    result = install(tmp_path, *options)
    assert result.returncode == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []
