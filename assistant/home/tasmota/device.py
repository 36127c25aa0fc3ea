"""A Tasmota device as its config message describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Names = Annotated[tuple[str | None, ...], Field(max_length=64)]
Numbers = Annotated[tuple[int, ...], Field(max_length=64)]


class Device(BaseModel):
    """A config message; what we do not use may be anything."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    mac: Annotated[str, Field(pattern=r"^[A-Z0-9_-]{1,32}$")]
    name: Annotated[str, Field(alias="dn", max_length=500)]
    friendly_names: Annotated[Names, Field(alias="fn")] = ()
    host: Annotated[str, Field(alias="hn")] = ""
    topic: Annotated[str, Field(alias="t", min_length=1)]
    full_topic: Annotated[str, Field(alias="ft", min_length=1)]
    prefixes: Annotated[tuple[str, str, str], Field(alias="tp")]
    online: Annotated[str, Field(alias="onln")] = "Online"
    offline: Annotated[str, Field(alias="ofln")] = "Offline"
    words: Annotated[tuple[str, ...], Field(alias="state", min_length=2)]
    relays: Annotated[Numbers, Field(alias="rl")] = ()
    switches: Annotated[Numbers, Field(alias="swc")] = ()
    switch_names: Annotated[Names, Field(alias="swn")] = ()
    options: Annotated[Mapping[str, int], Field(alias="so")] = {}
    linked: Annotated[int, Field(alias="lk")] = 1
    light: Annotated[int, Field(alias="lt_st", ge=0, le=5)] = 0
    fan: Annotated[int, Field(alias="if")] = 0
    tuya: Annotated[int, Field(alias="ty")] = 0
    deep_sleep: Annotated[int, Field(alias="dslp")] = 0
    shutters: Annotated[Numbers, Field(alias="sho")] = ()
    tilts: Annotated[tuple[tuple[int, ...], ...], Field(alias="sht", max_length=64)] = ()

    @property
    def off(self) -> str:
        return self.words[0]

    @property
    def on(self) -> str:
        return self.words[1]

    def told(self, command: str) -> str:
        return self._topic(self.prefixes[0]) + command

    def says(self, what: str) -> str:
        return self._topic(self.prefixes[1]) + what

    def tells(self, what: str) -> str:
        return self._topic(self.prefixes[2]) + what

    def _topic(self, prefix: str) -> str:
        topic = self.full_topic if self.full_topic.endswith("/") else f"{self.full_topic}/"
        known = {"%prefix%": prefix, "%topic%": self.topic, "%hostname%": self.host, "%id%": self.mac[-6:]}
        for word, meaning in known.items():
            topic = topic.replace(word, meaning)
        return topic
