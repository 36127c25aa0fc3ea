"""What differs from model to model: names, chat template, thinking marks, sampling. One YAML file each in profiles/."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant import yaml_files
from assistant.errors import ConfigError

FOLDER = Path(__file__).parent / "profiles"


class Sampling(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0


class Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    id: str
    model: str
    """Its Hugging Face id, which is also the name vLLM serves it by."""
    gguf: str | None = None
    """What the small brain on this CPU runs: a path, or a file under <models>/brain."""
    context_tokens: Annotated[int, Field(ge=2048)]
    characters_per_token: Annotated[float, Field(ge=0.5, le=8)] = 3.0
    """A low estimate, so that a large house's prompt still fits."""
    message: str = "<|im_start|>{role}\n{text}<|im_end|>\n"
    assistant: str = "<|im_start|>assistant\n"
    """How the answer's turn opens."""
    instructions_in: Literal["system", "user"] = "system"
    """user: the system message is sent, and empty."""
    think_open: str = "<think>\n"
    think_close: str = "</think>"
    skip_thinking: str = "<think>\n\n</think>\n\n"
    """Prefilled when there is to be no thought."""
    thinking: Sampling = Sampling()
    planning: Sampling = Sampling()
    examples: bool = False
    """Small models need to be shown; reasoners do better without."""

    @classmethod
    def load(cls, name: str) -> Profile:
        """A profile that comes with the assistant, or a file of one's own. Raises ConfigError."""
        return _load(name)

    def render(self, instructions: str, request: str) -> str:
        """The prompt up to where the answer begins."""
        if self.instructions_in == "user":
            messages = [("system", ""), ("user", f"{instructions}\n\n{request}")]
        else:
            messages = [("system", instructions), ("user", request)]
        turns = [self.message.format(role=role, text=text) for role, text in messages]
        return "".join(turns) + self.assistant

    def after(self, thoughts: str) -> str:
        """The closed thoughts, ready for the plan."""
        return f"{self.think_open}{thoughts.strip()}\n{self.think_close}\n\n"


def _load(name: str) -> Profile:
    path = FOLDER / f"{name}.yaml"
    if not path.is_file():
        path = Path(name).expanduser()
    try:
        return Profile.model_validate(yaml_files.read(path))
    except OSError as error:
        raise ConfigError(f"brain.profile: {name!r} is neither a file nor one of {', '.join(known())}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
        raise ConfigError(f"{path}: {'; '.join(problems)}") from error


def known() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
