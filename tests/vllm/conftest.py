"""The real vLLM server with a tiny random MiMo, once for all contract tests."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from assistant.llm import prompt
from tests.llm.sample_house import TOOLS, SampleHouse

ROOT = Path(__file__).parents[2]
HEALTH_SECONDS = 480
CONTEXT_TOKENS = 8192
OPTIONS = {
    "xgrammar": [
        *("--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}'),
        *("--scheduling-policy", "priority", "--enable-prefix-caching"),
    ],
    "outlines": ["--structured-outputs-config", '{"backend":"outlines"}'],
}


@dataclass(frozen=True)
class VllmServer:
    url: str
    model: str
    process: subprocess.Popen[bytes]
    log: Path

    def metric(self, name: str) -> float:
        """The engine's own count."""
        text = httpx.get(f"{self.url.removesuffix('/v1')}/metrics", trust_env=False).text
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))

    def kill(self) -> None:
        """Server, engine and all, as when the machine goes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VllmServer, VllmServer]]:
    """Two with the same model, and grammars held in different ways; they start side by side."""
    python = os.environ.get("MIMO_VLLM_PYTHON")
    assert python, "MIMO_VLLM_PYTHON names the Python that has vLLM; `script/test --vllm` sets it"
    folder = tmp_path_factory.mktemp("tiny-mimo")
    making = [python, "-m", "tests.vllm.tiny_mimo", str(folder)]
    subprocess.run(making, input=_text().encode(), check=True, cwd=ROOT)
    first, second = (_start(python, folder, f"{backend}.log", OPTIONS[backend]) for backend in ("xgrammar", "outlines"))
    try:
        for server in (first, second):
            _wait(server, server.log)
        yield first, second
    finally:
        for server in (first, second):
            server.process.terminate()
        for server in (first, second):
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(20)
            server.kill()  # its engine, when the server itself was killed


@pytest.fixture(scope="session")
def vllm(servers: tuple[VllmServer, VllmServer]) -> VllmServer:
    return servers[0]


@pytest.fixture(scope="session")
def another(servers: tuple[VllmServer, VllmServer]) -> VllmServer:
    """As somebody may have started it: it refuses EBNF, and knows no priorities."""
    return servers[1]


def _start(python: str, folder: Path, log_name: str, options: Sequence[str]) -> VllmServer:
    port, log = _free_port(), folder / log_name
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_command(python, folder, port), *options],
            stdout=output,
            stderr=output,
            env=_environment(),
            start_new_session=True,
        )
    return VllmServer(f"http://127.0.0.1:{port}/v1", "tiny-mimo", process, log)


def _command(python: str, folder: Path, port: int) -> list[str]:
    return [
        *(python, "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(folder), "--served-model-name", "tiny-mimo", "--trust-remote-code"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--dtype", "float32", "--enforce-eager", "--max-model-len", str(CONTEXT_TOKENS), "--max-num-seqs", "4"),
    ]


def _environment() -> dict[str, str]:
    return os.environ | {
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "OMP_WAIT_POLICY": "passive",
        "VLLM_REGEX_COMPILATION_TIMEOUT_S": "100",  # outlines needs 2 s for a plan, and many more on a busy machine
    }


def _text() -> str:
    """What the tokens are learnt from: our own prompt, so that it is short in them."""
    house = SampleHouse()
    entities = prompt.visible(house)
    states = prompt.context(house, entities)
    asked = prompt.request("it is too dark to read in here", "en", "Kitchen", house, entities, states)
    return "\n".join([prompt.instructions(TOOLS, house, entities, examples=True), asked] * 2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: VllmServer, log: Path) -> None:
    deadline = time.monotonic() + HEALTH_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, f"vLLM ended:\n{log.read_text(errors='replace')[-4000:]}"
        try:
            if httpx.get(f"{server.url.removesuffix('/v1')}/health", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise AssertionError(f"vLLM was not ready in {HEALTH_SECONDS} s:\n{log.read_text(errors='replace')[-4000:]}")
