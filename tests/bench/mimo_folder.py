"""Writes the folder of a MiMo-7B without weights, for `vllm --load-format dummy`: its shape and Qwen2's real tokenizer.

`python -m tests.bench.mimo_folder GGUF FOLDER [--tiny]`, by a Python with `gguf` and `tokenizers` (not ours):
the tokenizer is read out of the small brain's weights. With --tiny the body is small enough for a CPU.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gguf import GGUFReader
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from tests.vllm.mimo_config import Shape, write

CONTROL = 3
"""How GGUF marks <|im_start|> and its like."""
ADDED = 4
MARKS = ("<think>", "</think>")
QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
MIMO_7B = Shape(
    hidden=4096, layers=36, heads=32, kv_heads=8, head=128, feed_forward=11008,
    context=32768, tokens=151680, end=151645, dtype="bfloat16",
)  # fmt: skip
TINY = Shape(
    hidden=64, layers=2, heads=2, kv_heads=1, head=32, feed_forward=128,
    context=32768, tokens=151680, end=151645, dtype="float32",
)  # fmt: skip


def tokenizer(gguf: Path) -> Tokenizer:
    fields = GGUFReader(gguf).fields
    tokens, kinds, merges = (fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "token_type", "merges"))
    extra = [AddedToken(token, special=kind == CONTROL, normalized=False)
             for token, kind in zip(tokens, kinds, strict=True) if kind in (CONTROL, ADDED)]  # fmt: skip
    words = tokens[: tokens.index(extra[0].content)]
    pairs = [tuple(merge.split(" ")) for merge in merges]
    found = Tokenizer(models.BPE({word: number for number, word in enumerate(words)}, pairs))
    found.normalizer = normalizers.NFC()
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    found.decoder = decoders.ByteLevel()
    found.add_tokens([*extra, *(AddedToken(mark, normalized=False) for mark in MARKS)])
    return found


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("gguf", type=Path)
    options.add_argument("folder", type=Path)
    options.add_argument("--tiny", action="store_true")
    chosen = options.parse_args()
    write(chosen.folder, TINY if chosen.tiny else MIMO_7B)
    tokenizer(chosen.gguf).save(str(chosen.folder / "tokenizer.json"))
