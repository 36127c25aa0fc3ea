"""The console of a real daemon in a process of its own: what it refuses at its start, its ears, its certificate."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from assistant.audio.files import read_samples
from tests.daemons import ROOT, daemon
from tests.spoken import say
from tests.stories import House
from tests.web.consoles import HASHED, PASSWORD, Browser, free_port, told_by


async def run(*arguments: str, given: str = "", **environment: str) -> tuple[int | None, str]:
    """A command's exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assistant.cli", *arguments), env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(given.encode()), 60)
    return process.returncode, out.decode()


async def test_open_to_the_network_without_a_password_it_does_not_start(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"state_folder: {tmp_path / 'state'}\nconsole: {{host: 0.0.0.0, port: {free_port()}}}\n")
    code, said = await run("run", "--no-brain", "--config", str(config))
    assert code == 2 and "mimo-assistant console password" in said and "Traceback" not in said
    code, said = await run("config", "check", str(config))
    assert code == 2 and "console password" in said


async def test_the_password_command(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"state_folder: {tmp_path / 'state'}\n")
    code, said = await run("console", "password", "--config", str(config), given="short\n")
    assert code == 2 and "at least 8" in said
    code, said = await run("console", "password", "--config", str(config), given="a long password\n")
    file = tmp_path / "state" / "console-password"
    assert code == 0 and str(file) in said and "a long password" not in said
    assert file.read_text().startswith("$argon2id$") and file.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", cert, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


async def test_with_a_certificate_the_cookie_is_secure(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    trusting = ssl.create_default_context(cafile=str(cert))
    async with (
        told_by(House(), tmp_path, password_hash=HASHED, tls_cert=cert, tls_key=key) as console,
        httpx.AsyncClient(base_url=console.url, verify=trusting) as client,
    ):
        browser = Browser(client, console.url)
        answer = await browser.log_in(PASSWORD)
        assert answer.status_code == 200 and "; Secure" in answer.headers["set-cookie"]
        async with browser.socket("/api/events", ssl=trusting) as events:
            assert json.loads(await events.recv())[0]["event"] == "state"


async def test_a_certificate_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    (tmp_path / "key.pem").write_text("no key")
    async with told_by(House(), tmp_path, tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem") as console:
        assert console.notices[0].startswith("No console at 127.0.0.1")


@pytest.mark.audio
async def test_the_real_chain_through_the_console(tmp_path: Path) -> None:
    """The bundled recording, then a spoken command from a browser's microphone, on the virtual house."""
    port = free_port()
    async with daemon(tmp_path, "off", console=f"{{port: {port}, keep_audio_days: 1}}") as running:
        await running.told("READY=1")
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            browser = Browser(client, url)
            async with asyncio.timeout(30):
                while True:
                    try:
                        await browser.open()
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.2)
            chain = await browser.post("/api/health/chain")
            assert "what time is it" in chain["transcript"].lower() and chain["error"] is None
            assert chain["timings_ms"]["stt"] is not None

            async with browser.socket("/api/talk?mode=push") as socket:
                pcm = read_samples(say("Turn on the kitchen light."))
                for at in range(0, len(pcm), 8192):
                    await socket.send(pcm[at : at + 8192])
                await socket.send(json.dumps({"end": True}))
                sound, turn = 0, None
                async with asyncio.timeout(60):
                    while True:
                        message = await socket.recv()
                        if isinstance(message, bytes):
                            sound += len(message)
                        elif "turn" in (told := json.loads(message)):
                            turn = told["turn"]
                            break
            assert turn["reply"] == "The kitchen light is on." and turn["actions"][0]["confirmed"] is True
            assert sound > 22_050, "the reply was spoken"
            async with asyncio.timeout(10):
                place = f"/api/turns/{turn['turn']}/audio"
                while (kept := await client.get(place)).status_code != 200:  # noqa: ASYNC110 - it is over HTTP
                    await asyncio.sleep(0.1)
            assert kept.headers["content-type"] == "audio/wav"
        await running.stop()
        assert running.process.returncode == 0
