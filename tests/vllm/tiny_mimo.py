"""Writes a two-layer MiMo with random weights and a tokenizer of its own: the true model class, in seconds.

Run by the Python that has vLLM: `python -m tests.vllm.tiny_mimo FOLDER < text-to-learn-the-tokens-from`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tests.vllm.mimo_config import Shape, write

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKS = ["<think>", "</think>"]
TINY = Shape(
    hidden=64, layers=2, heads=2, kv_heads=1, head=32, feed_forward=128, context=8192, tokens=0, end=2, dtype="float32"
)


def build(folder: Path, text: str) -> None:
    tokenizer = _tokenizer(text)
    shape = replace(TINY, tokens=tokenizer.get_vocab_size())
    write(folder, shape)
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(_weights(shape), folder / "model.safetensors", metadata={"format": "pt"})


def _tokenizer(text: str) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1000, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(text.splitlines(), trainer)
    tokenizer.add_tokens(MARKS)  # as in MiMo: one token each, and not special
    return tokenizer


def _weights(shape: Shape) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    hidden = shape.hidden
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (shape.tokens, hidden),
        "lm_head.weight": (shape.tokens, hidden),
        "model.norm.weight": (hidden,),
    }
    for layer in range(shape.layers):
        start = f"model.layers.{layer}"
        for name, heads in (("q", shape.heads), ("k", shape.kv_heads), ("v", shape.kv_heads)):
            shapes[f"{start}.self_attn.{name}_proj.weight"] = (heads * shape.head, hidden)
            shapes[f"{start}.self_attn.{name}_proj.bias"] = (heads * shape.head,)
        shapes[f"{start}.self_attn.o_proj.weight"] = (hidden, shape.heads * shape.head)
        for name in ("gate", "up"):
            shapes[f"{start}.mlp.{name}_proj.weight"] = (shape.feed_forward, hidden)
        shapes[f"{start}.mlp.down_proj.weight"] = (hidden, shape.feed_forward)
        shapes[f"{start}.input_layernorm.weight"] = (hidden,)
        shapes[f"{start}.post_attention_layernorm.weight"] = (hidden,)
    return {
        name: torch.ones(size) if name.endswith("norm.weight") else torch.randn(size) * 0.2
        for name, size in shapes.items()
    }


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.stdin.read())
