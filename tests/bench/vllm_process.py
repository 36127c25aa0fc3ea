"""A vLLM server of our own for as long as a benchmark takes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

MODEL = "mimo"
GPU = ("--dtype", "bfloat16", "--gpu-memory-utilization", "0.5", "--max-num-seqs", "64")
CPU = ("--dtype", "float32", "--enforce-eager", "--max-num-seqs", "4")
END_SECONDS = 15


@dataclass(frozen=True)
class VllmProcess:
    url: str
    started_seconds: float

    async def written(self) -> float:
        """Tokens, since it started."""
        async with httpx.AsyncClient(trust_env=False) as http:
            text = (await http.get(f"{self.url.removesuffix('/v1')}/metrics")).text
        lines = [line for line in text.splitlines() if line.startswith("vllm:generation_tokens_total")]
        return sum(float(line.split()[-1]) for line in lines)


@asynccontextmanager
async def vllm(
    python: str, folder: Path, port: int, log: Path, options: Sequence[str], patience: float
) -> AsyncIterator[VllmProcess]:
    """A process group of its own, ended as one."""
    command = [
        *(python, "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(folder), "--served-model-name", MODEL, "--load-format", "dummy", "--trust-remote-code"),
        *("--host", "127.0.0.1", "--port", str(port), "--max-model-len", "8192"),
        *("--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}'),
        *options,
    ]
    began = time.monotonic()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=output, stderr=output, env=_environment(), start_new_session=True
        )
    url = f"http://127.0.0.1:{port}/v1"
    try:
        await _healthy(url, process, log, patience)
        yield VllmProcess(url, time.monotonic() - began)
    finally:
        await _end(process)


def _environment() -> dict[str, str]:
    return os.environ | {
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_USE_FLASHINFER_SAMPLER": "0",
        "VLLM_USE_DEEP_GEMM": "0",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
    }


async def _healthy(url: str, process: Process, log: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    async with httpx.AsyncClient(trust_env=False) as http:
        while process.returncode is None and time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                if (await http.get(f"{url.removesuffix('/v1')}/health")).is_success:
                    return
            await asyncio.sleep(0.5)
    text = await asyncio.to_thread(log.read_text, errors="replace")
    raise SystemExit(f"vLLM is not there after {patience:.0f} s, or ended:\n{text[-6000:]}")


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its engine, when that did not follow
    await process.wait()
