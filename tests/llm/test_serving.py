"""What is started on which GPU, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.llm.serving import Gpu, Wish, python_with_vllm, read_gpus, serving

MIMO = Wish("XiaomiMiMo/MiMo-7B-RL-0530")
H200, RTX_3090 = Gpu("NVIDIA H200", 140.4, 9.0), Gpu("NVIDIA GeForce RTX 3090", 24.0, 8.6)


def option(arguments: tuple[str, ...], name: str) -> str | None:
    return arguments[arguments.index(name) + 1] if name in arguments else None


@pytest.mark.parametrize(
    ("gib", "quantization", "weights"),
    [(23.6, None, "bf16"), (15.7, "fp8", "fp8"), (11.6, "fp8", "fp8"), (7.6, "bitsandbytes", "int4")],
)
def test_the_weights_are_as_fine_as_the_memory_allows(gib: float, quantization: str | None, weights: str) -> None:
    chosen = serving(MIMO, Gpu("A card", gib, 8.9), (0, 24, 0))
    assert option(chosen.arguments, "--quantization") == quantization
    assert f"{gib:.1f} GiB: {weights}" in chosen.because[0]


def test_what_every_brain_needs_is_always_asked_for() -> None:
    chosen = serving(MIMO, RTX_3090, (0, 24, 0)).arguments
    grammar = json.loads(option(chosen, "--structured-outputs-config") or "")
    assert grammar == {"backend": "xgrammar", "disable_any_whitespace": True}
    assert option(chosen, "--scheduling-policy") == "priority" and "--enable-prefix-caching" in chosen
    assert "--trust-remote-code" in chosen and option(chosen, "--host") == "127.0.0.1"


def test_a_card_that_is_too_small_is_told_what_to_do_instead() -> None:
    with pytest.raises(ConfigError, match="GGUF"):
        serving(MIMO, Gpu("A card", 5.8, 8.9), (0, 24, 0))


def test_an_old_card_gets_what_it_can_reckon_with() -> None:
    """Turing knows neither bf16 nor fp8."""
    chosen = serving(MIMO, Gpu("NVIDIA T4", 15.0, 7.5), (0, 24, 0)).arguments
    assert (option(chosen, "--dtype"), option(chosen, "--quantization")) == ("half", "bitsandbytes")


def test_weights_that_are_small_already_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"quantization_config": {"quant_method": "awq"}}')
    chosen = serving(Wish(str(tmp_path)), Gpu("A card", 7.6, 8.9), (0, 24, 0))
    assert "--quantization" not in chosen.arguments
    assert "awq" in chosen.because[0]


@pytest.mark.parametrize(
    ("asked", "version", "drafts", "why"),
    [
        (False, (0, 33, 0), False, "a gain for one room only"),
        (True, (0, 32, 1), False, "0.32.1 corrupts"),
        (True, (), False, "unknown version"),
        (True, (0, 33, 0), True, "as asked"),
    ],
)
def test_tokens_are_drafted_only_where_that_is_safe(
    asked: bool, version: tuple[int, ...], drafts: bool, why: str
) -> None:
    chosen = serving(Wish("m", mtp=asked), H200, version)
    assert ("--speculative-config" in chosen.arguments) == drafts
    assert why in chosen.because[-1]


def test_a_folder_is_served_by_the_name_that_the_brain_asks_for(tmp_path: Path) -> None:
    chosen = serving(Wish(str(tmp_path), served_as="XiaomiMiMo/MiMo-7B-RL-0530"), H200, (0, 24, 0)).arguments
    assert option(chosen, "--model") == str(tmp_path)
    assert option(chosen, "--served-model-name") == "XiaomiMiMo/MiMo-7B-RL-0530"
    assert option(serving(Wish("m"), H200, ()).arguments, "--served-model-name") == "m"


def test_a_vllm_that_is_too_old_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"vLLM 0\.23\.1 is too old: pip install 'vllm>=0\.24'"):
        serving(MIMO, H200, (0, 23, 1))


@pytest.mark.parametrize(
    ("version", "package"), [((0, 27, 1), "bitsandbytes"), ((0, 28, 0), "vllm-bnb-plugin"), ((), "vllm-bnb-plugin")]
)
def test_int4_in_flight_says_what_it_needs(version: tuple[int, ...], package: str) -> None:
    assert f"pip install {package}." in " ".join(serving(MIMO, Gpu("A card", 7.6, 8.9), version).because)
    assert "pip install" not in " ".join(serving(MIMO, H200, version).because)


def test_further_options_reach_vllm_last() -> None:
    assert serving(Wish("m", more=("--tensor-parallel-size", "2")), H200, ()).arguments[-2:] == (
        "--tensor-parallel-size", "2",
    )  # fmt: skip


def test_nvidia_smis_lines_are_read() -> None:
    shown = "NVIDIA H200, 143771, 9.0\nNVIDIA GeForce RTX 3060, 12288, 8.6\nSome GPU, [N/A], [N/A]\n"
    assert [(gpu.name, round(gpu.gib), gpu.capability) for gpu in read_gpus(shown)] == [
        ("NVIDIA H200", 140, 9.0), ("NVIDIA GeForce RTX 3060", 12, 8.6),
    ]  # fmt: skip


def test_a_python_without_vllm_is_told_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pip install 'vllm>=0\.24'"):
        python_with_vllm(tmp_path / "python")
