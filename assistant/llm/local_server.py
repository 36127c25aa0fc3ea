"""The small brain on this CPU: llama.cpp's HTTP server in a child process, so that its crash is not the assistant's."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from assistant.errors import BrainUnavailable, ModelMissing

log = logging.getLogger(__name__)

LOAD_SECONDS = 120.0
END_SECONDS = 1.5
"""How long the child may take to end by itself; killing it spoils nothing, and we have to stop soon."""
CONTEXT_TOKENS = 4096
KEPT_PROMPTS = 3


class LocalServer:
    """Async context manager; inside it the model at `.url` is loaded and answers."""

    def __init__(self, weights: Path, threads: int = 2, context_tokens: int = CONTEXT_TOKENS) -> None:
        self._weights = weights
        self._threads = threads
        self._context = context_tokens
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def __aenter__(self) -> LocalServer:
        if not self._weights.is_file():
            raise ModelMissing(f"the brain's weights are not at {self._weights}; `mimo-assistant models pull brain`")
        prompts = await asyncio.to_thread(_prompts_beside, self._weights)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", __spec__.name, str(self._weights.resolve())),
            *("--threads", str(self._threads), "--context", str(self._context)),
            *(("--prompts", str(prompts)) if prompts else ()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],  # where this package is found even when it is not installed
            # Threads that spin while they wait make shared cores ten times slower.
            env={**os.environ, "OMP_WAIT_POLICY": "passive"},
        )
        try:
            self.url = await self._address()
        except BaseException:
            await self._end()
            raise
        log.info("the small brain answers at %s", self.url)
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._end()

    async def _address(self) -> str:
        """The child prints its address once the model is loaded."""
        assert self._process is not None and self._process.stdout is not None
        try:
            async with asyncio.timeout(LOAD_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError as error:
            raise BrainUnavailable(f"the small brain did not load within {LOAD_SECONDS:g} s") from error
        if not line.startswith(b"http://"):
            raise BrainUnavailable(
                f"the small brain does not start: {line.decode(errors='replace').strip() or 'it ended'}"
            )
        return f"{line.decode().strip()}/v1"

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _prompts_beside(weights: Path) -> Path | None:
    """Where what was read of prompts is kept from one start to the next; only the newest few, about 50 MB each."""
    folder = weights.resolve().parent / ".prompts"
    try:
        folder.mkdir(exist_ok=True)
        kept = sorted(folder.glob("*.kv"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[KEPT_PROMPTS:]:
            old.unlink(missing_ok=True)
    except OSError:
        return None  # a models folder that others own: it works without, only slower
    return folder if os.access(folder, os.W_OK) else None


def main() -> None:
    """The child: serve until the parent closes our standard input or is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=CONTEXT_TOKENS)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--prompts", type=Path)
    options = parser.parse_args()
    _die_with_parent()
    threading.Thread(target=_end_with_input, name="end with the parent", daemon=True).start()
    print(_serve(options.weights, options.threads, options.context, options.port, options.prompts), flush=True)
    threading.Event().wait()


def _serve(weights: Path, threads: int, context: int, port: int, prompts: Path | None) -> str:
    """Start llama.cpp's server on its own threads; returns its address once the model is loaded."""
    import xllamacpp  # the parent has no use for it

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.warmup = False
    params.cache_ram_mib = 0  # one slot serves one household; its own cache is enough
    params.ui = False
    params.endpoint_slots = False  # it would show the last prompt to whoever asks
    params.cors_origins = "http://127.0.0.1"  # no page in a browser may talk to it
    if prompts is not None:
        params.slot_save_path = f"{prompts}/"
    server = xllamacpp.Server(params)
    _kept.append(server)
    return str(server.listening_address)


_kept: list[object] = []


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _die_with_parent() -> None:
    """Linux ends us with the parent even while the model loads and no Python runs."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


if __name__ == "__main__":
    main()
