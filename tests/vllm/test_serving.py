"""The options that `brain serve` chooses are options of the real vLLM."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from assistant.llm.serving import Gpu, Wish, python_with_vllm, serving, vllm_version

pytestmark = pytest.mark.vllm

READ = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = make_arg_parser(FlexibleArgumentParser())
names = ("model", "served_model_name", "max_model_len", "quantization", "kv_cache_dtype", "scheduling_policy", "dtype")
read = [parser.parse_args(each) for each in json.load(sys.stdin)]
print(json.dumps([{name: getattr(each, name) for name in names} for each in read]))
"""


def test_vllm_takes_what_is_chosen_for_each_size() -> None:
    """Whether a card then holds it, only that card can tell."""
    python = python_with_vllm(Path(os.environ["MIMO_VLLM_PYTHON"]))
    version = vllm_version(python)
    wish = Wish("some/folder", served_as="XiaomiMiMo/MiMo-7B-RL-0530", mtp=True)
    cards = [Gpu("A card", gib, 8.9) for gib in (24.0, 15.7, 11.6, 7.6)] + [Gpu("An old card", 15.0, 7.5)]
    chosen = [serving(wish, card, version).arguments for card in cards]
    ran = subprocess.run([str(python), "-c", READ], input=json.dumps(chosen).encode(), capture_output=True, check=True)
    read = json.loads(ran.stdout.splitlines()[-1])
    assert [each["quantization"] for each in read] == [None, "fp8", "fp8", "bitsandbytes", "bitsandbytes"]
    assert [each["kv_cache_dtype"] for each in read] == ["auto", "auto", "fp8", "auto", "auto"]
    assert [each["dtype"] for each in read] == ["auto"] * 4 + ["half"]
    assert [each["max_model_len"] for each in read] == [16384, 8192, 4096, 4096, 4096]
    assert {each["scheduling_policy"] for each in read} == {"priority"}
    assert {(each["model"], *each["served_model_name"]) for each in read} == {
        ("some/folder", "XiaomiMiMo/MiMo-7B-RL-0530")
    }
