"""A MiMo of any size as vLLM wants its folder: the true model class, and how large its parts are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = """\
from transformers import Qwen2Config


class MiMoConfig(Qwen2Config):
    model_type = "mimo"

    def __init__(self, *args, num_nextn_predict_layers=0, **kwargs):
        self.num_nextn_predict_layers = num_nextn_predict_layers
        super().__init__(*args, **kwargs)
"""


@dataclass(frozen=True)
class Shape:
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head: int
    feed_forward: int
    context: int
    tokens: int
    end: int
    """The token that ends an answer."""
    dtype: str


def write(folder: Path, shape: Shape) -> None:
    """config.json and what it names; the tokenizer and the weights are another's."""
    config = {
        "architectures": ["MiMoForCausalLM"],
        "auto_map": {"AutoConfig": "configuration_mimo.MiMoConfig"},
        "model_type": "mimo",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head,
        "intermediate_size": shape.feed_forward,
        "num_nextn_predict_layers": 0,
        "max_position_embeddings": shape.context,
        "rope_theta": 640000,
        "rms_norm_eps": 1e-5,
        "attention_bias": True,
        "tie_word_embeddings": False,
        "hidden_act": "silu",
        "vocab_size": shape.tokens,
        "bos_token_id": 0,
        "eos_token_id": shape.end,
        "torch_dtype": shape.dtype,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "configuration_mimo.py").write_text(CONFIGURATION)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": shape.end}))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "eos_token": "<|im_end|>",
                "pad_token": "<|endoftext|>",
                "model_max_length": shape.context,
            }
        )
    )
