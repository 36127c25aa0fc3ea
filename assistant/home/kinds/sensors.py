"""What only reports: sensors, binary sensors, events, updates and trackers of people and things."""

from __future__ import annotations

from collections.abc import Mapping

from ha_mqtt_models_pydantic import BinarySensor as BinarySensorConfig
from ha_mqtt_models_pydantic import DeviceTracker as TrackerConfig
from ha_mqtt_models_pydantic import Event as EventConfig
from ha_mqtt_models_pydantic import Sensor as SensorConfig
from ha_mqtt_models_pydantic import Update as UpdateConfig

from assistant.home.cleaning import finite
from assistant.home.kinds.command import Command
from assistant.home.kinds.kind import Abilities, Kind, Order, Reading, Report, choices, having, messages
from assistant.home.kinds.reading import NO_VALUE, record, text, words
from assistant.home.templates import Payload, Unreadable, read
from assistant.models import Value


class Sensor(Kind[SensorConfig]):
    __slots__ = ()

    def readings(self) -> list[Reading]:
        config = self.config
        counts = bool(config.unit_of_measurement or config.state_class)
        return text("state", config.state_topic, config.value_template, counts=counts)


class BinarySensor(Kind[BinarySensorConfig]):
    __slots__ = ()

    def readings(self) -> list[Reading]:
        config = self.config
        meant = {config.payload_on: "on", config.payload_off: "off"}
        return words("state", config.state_topic, config.value_template, meant)

    def settle(self, report: Mapping[str, Value], age: float | None) -> str | None:
        """With off_delay it never says that it is off: so long after "on" it is."""
        delay, state = self.config.off_delay, super().settle(report, age)
        return "off" if state == "on" and delay is not None and (age is None or age >= delay) else state


class Event(Kind[EventConfig]):
    """Its state is what happened last: of doorbells and buttons."""

    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        return Abilities(options=choices(event_type=self.config.event_types))

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)]

    def _note(self, payload: Payload, report: Report) -> None:
        if payload.retained:
            raise Unreadable("it happened before we listened")
        said = record(Payload(read(self.config.value_template, payload)))
        what = said.get("event_type")
        if what not in self.config.event_types:
            raise Unreadable(f"{str(what)[:80]!r} is none of {', '.join(self.config.event_types)}")
        report["state"] = str(what)


class Update(Kind[UpdateConfig]):
    """On when there is something newer than what runs."""

    __slots__ = ()

    @property
    def abilities(self) -> Abilities:
        return Abilities(having(install=self.config.command_topic))

    def readings(self) -> list[Reading]:
        config = self.config
        found = text("latest_version", config.latest_version_topic, config.latest_version_template)
        return [*found, Reading(config.state_topic, self._note)] if config.state_topic else found

    def settle(self, report: Mapping[str, Value], age: float | None) -> str | None:
        installed, latest = report.get("installed_version"), report.get("latest_version")
        if installed is None or latest is None:
            return None
        return "off" if installed == latest else "on"

    def order(self, command: Command) -> Order:
        """Nobody waits minutes for it; the device's next report will tell."""
        if command.service != "install":
            raise command.lacks(command.service)
        topic = command.needed(self.config.command_topic, "install")
        return Order(messages((topic, command.needed(self.config.payload_install, "install"))))

    def _note(self, payload: Payload, report: Report) -> None:
        said = read(self.config.value_template, payload)
        inner = Payload(said)
        if not inner.is_json or not isinstance(inner.json, dict):
            if said in ("", NO_VALUE):
                raise Unreadable("says nothing")
            report["installed_version"] = said
            return
        for key in ("installed_version", "latest_version", "title"):
            if isinstance(inner.json.get(key), str | int | float):
                report[key] = str(inner.json[key])
        if isinstance(inner.json.get("in_progress"), bool):
            report["in_progress"] = inner.json["in_progress"]
        if "update_percentage" in inner.json:
            report["update_percentage"] = finite(inner.json["update_percentage"])


class Tracker(Kind[TrackerConfig]):
    """home, not_home, or the place's name. Coordinates alone say nothing without Home Assistant's zones."""

    __slots__ = ()

    def readings(self) -> list[Reading]:
        return [Reading(self.config.state_topic, self._note)] if self.config.state_topic else []

    def _note(self, payload: Payload, report: Report) -> None:
        config = self.config
        said = read(config.value_template, payload)
        if not said.strip():
            raise Unreadable("says nothing")
        known = {config.payload_home: "home", config.payload_not_home: "not_home", config.payload_reset: None}
        report["state"] = known.get(said, said)
