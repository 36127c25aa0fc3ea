"""Whether a device says that it is there: topics, modes and templates of Home Assistant's availability."""

from __future__ import annotations

from dataclasses import dataclass

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.home.templates import Payload, Unreadable, read


@dataclass(frozen=True, slots=True)
class Source:
    topic: str
    online: str
    offline: str
    template: str | None


class Availability:
    """Without such topics a device is always there; with them it is away until it says otherwise (as in HA)."""

    __slots__ = ("_latest", "_mode", "_said", "_sources", "topics")

    def __init__(self, config: MqttEntityCommon) -> None:
        self._sources = _sources(config)
        self._mode = config.availability_mode.value
        self._said: dict[Source, bool] = {}
        self._latest = False
        self.topics = frozenset(source.topic for source in self._sources)

    @property
    def online(self) -> bool:
        if not self._sources:
            return True
        match self._mode:
            case "all":
                return all(self._said.get(source, False) for source in self._sources)
            case "any":
                return any(self._said.values())
            case _:
                return self._latest

    def note(self, topic: str, payload: Payload) -> bool:
        """Returns whether the answer changed."""
        if topic not in self.topics:
            return False
        before = self.online
        for source in self._sources:
            if source.topic != topic:
                continue
            try:
                word = read(source.template, payload)
            except Unreadable:
                continue
            if word in (source.online, source.offline):
                self._said[source] = self._latest = word == source.online
        return self.online != before

    def keep(self, other: Availability) -> None:
        """What was known before the device announced itself anew."""
        self._said = {source: said for source, said in other._said.items() if source in self._sources}
        self._latest = other._latest and bool(self._said)


def _sources(config: MqttEntityCommon) -> tuple[Source, ...]:
    if config.availability:
        return tuple(
            Source(item.topic, item.payload_available, item.payload_not_available, item.value_template)
            for item in config.availability
        )
    if config.availability_topic:
        template = config.availability_template
        return (Source(config.availability_topic, config.payload_available, config.payload_not_available, template),)
    return ()
