"""house.yaml: what people change of the house in the console; config.yaml always wins over it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from assistant.config import DeviceSettings, EntityId, LanguageCode
from assistant.errors import ConfigError
from assistant.printable import printable

HEADER = "# Written by the console, entity by entity. What config.yaml says under `house:` wins over it.\n"

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Amendment(BaseModel):
    """Of one entity, what a person wants otherwise; what is not given stays as it was, null takes it back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name | None = None
    aliases: Mapping[LanguageCode, Annotated[list[Name], Field(max_length=20)]] = {}
    room: Name | None = None
    critical: bool = False
    hidden: bool | None = None

    @field_validator("name", "room", mode="before")
    @classmethod
    def readable(cls, text: object) -> object:
        return printable(text) if isinstance(text, str) else text

    @field_validator("aliases", mode="before")
    @classmethod
    def all_readable(cls, aliases: object) -> object:
        if not isinstance(aliases, Mapping):
            return aliases
        return {language: [printable(each) if isinstance(each, str) else each for each in names]
                if isinstance(names, Sequence) and not isinstance(names, str) else names
                for language, names in aliases.items()}  # fmt: skip

    def settings(self) -> DeviceSettings:
        return DeviceSettings.model_validate(self.model_dump(exclude_unset=True))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    devices: Mapping[EntityId, Amendment] = {}


class Amendments:
    """By entity id. Kept beside config.yaml, or in the state folder where that is not to be written."""

    def __init__(self, config_file: Path | None = None, state: Path = Path()) -> None:
        self.file = _place(config_file, state)
        self._devices: dict[str, Amendment] = {}
        self.problem: str | None = None
        """Why the file could not be read; it is then left as it is."""
        self._read()

    @property
    def devices(self) -> Mapping[str, DeviceSettings]:
        return {entity_id: each.settings() for entity_id, each in self._devices.items()}

    def of(self, entity_id: str) -> Amendment:
        return self._devices.get(entity_id, Amendment())

    def put(self, entity_id: str, amendment: Amendment) -> None:
        """Raises ConfigError where it cannot be kept; nothing has changed then."""
        if self.problem is not None:
            raise ConfigError(f"{self.file.name} has to be mended or deleted first: {self.problem}")
        empty = amendment == Amendment()
        devices = {key: each for key, each in self._devices.items() if key != entity_id}
        self._write(devices if empty else devices | {entity_id: amendment})
        self._devices = devices if empty else devices | {entity_id: amendment}

    def _read(self) -> None:
        try:
            data = yaml.safe_load(self.file.read_text(encoding="utf-8"))
            self._devices = dict(_File.model_validate(data or {}).devices)
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"it cannot be read: {error.strerror}"
        except ValidationError as error:
            first = error.errors()[0]
            self.problem = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        except (yaml.YAMLError, UnicodeDecodeError):
            self.problem = "it is not YAML"

    def _write(self, devices: Mapping[str, Amendment]) -> None:
        told = {key: each.model_dump(exclude_defaults=True) for key, each in sorted(devices.items())}
        new = self.file.with_name(f"{self.file.name}.new")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            text = yaml.safe_dump({"devices": told}, allow_unicode=True, sort_keys=False, width=110)
            new.write_text(HEADER + text, encoding="utf-8")
            new.replace(self.file)
        except OSError as error:
            raise ConfigError(f"{self.file} cannot be written: {error.strerror}") from error


def _place(config_file: Path | None, state: Path) -> Path:
    if config_file is not None and os.access(config_file.parent, os.W_OK):
        return config_file.parent / "house.yaml"
    return state / "house.yaml"
