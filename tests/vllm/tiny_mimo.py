"""Writes a two-layer MiMo with random weights and a tokenizer of its own: the true model class, in seconds.

Run by the Python that has vLLM: `python tiny_mimo.py FOLDER < text-to-learn-the-tokens-from`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD, FEED_FORWARD, CONTEXT = 64, 2, 2, 1, 32, 128, 8192
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKS = ["<think>", "</think>"]

CONFIGURATION = """\
from transformers import Qwen2Config


class MiMoConfig(Qwen2Config):
    model_type = "mimo"

    def __init__(self, *args, num_nextn_predict_layers=0, **kwargs):
        self.num_nextn_predict_layers = num_nextn_predict_layers
        super().__init__(*args, **kwargs)
"""


def build(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _tokenizer(folder, text)
    (folder / "configuration_mimo.py").write_text(CONFIGURATION)
    (folder / "config.json").write_text(json.dumps(_config(tokens)))
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": 2}))
    save_file(_weights(tokens), folder / "model.safetensors", metadata={"format": "pt"})


def _tokenizer(folder: Path, text: str) -> int:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1000, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(text.splitlines(), trainer)
    tokenizer.add_tokens(MARKS)  # as in MiMo: one token each, and not special
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "eos_token": "<|im_end|>",
                "pad_token": "<|endoftext|>",
                "model_max_length": CONTEXT,
            }
        )
    )
    return tokenizer.get_vocab_size()


def _config(tokens: int) -> dict[str, object]:
    return {
        "architectures": ["MiMoForCausalLM"],
        "auto_map": {"AutoConfig": "configuration_mimo.MiMoConfig"},
        "model_type": "mimo",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD,
        "intermediate_size": FEED_FORWARD,
        "num_nextn_predict_layers": 0,
        "max_position_embeddings": CONTEXT,
        "rope_theta": 640000,
        "rms_norm_eps": 1e-5,
        "attention_bias": True,
        "tie_word_embeddings": False,
        "hidden_act": "silu",
        "vocab_size": tokens,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "torch_dtype": "float32",
    }


def _weights(tokens: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (tokens, HIDDEN),
        "lm_head.weight": (tokens, HIDDEN),
        "model.norm.weight": (HIDDEN,),
    }
    for layer in range(LAYERS):
        start = f"model.layers.{layer}"
        for name, width in (("q", HEADS * HEAD), ("k", KV_HEADS * HEAD), ("v", KV_HEADS * HEAD)):
            shapes[f"{start}.self_attn.{name}_proj.weight"] = (width, HIDDEN)
            shapes[f"{start}.self_attn.{name}_proj.bias"] = (width,)
        shapes[f"{start}.self_attn.o_proj.weight"] = (HIDDEN, HEADS * HEAD)
        for name in ("gate", "up"):
            shapes[f"{start}.mlp.{name}_proj.weight"] = (FEED_FORWARD, HIDDEN)
        shapes[f"{start}.mlp.down_proj.weight"] = (HIDDEN, FEED_FORWARD)
        shapes[f"{start}.input_layernorm.weight"] = (HIDDEN,)
        shapes[f"{start}.post_attention_layernorm.weight"] = (HIDDEN,)
    return {
        name: torch.ones(shape) if name.endswith("norm.weight") else torch.randn(shape) * 0.2
        for name, shape in shapes.items()
    }


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.stdin.read())
