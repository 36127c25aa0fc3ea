"""Questions about the house and the day."""

from typing import Literal

from assistant.skill import Entity, NotPossible, Question, Reply, Say, Skill, StateWord, Targets, intent
from skills._answers import answer
from skills._history import told

_READABLE = (
    "alarm_control_panel", "binary_sensor", "climate", "cover", "date", "datetime", "device_tracker", "event", "fan",
    "humidifier", "input_boolean", "lawn_mower", "light", "lock", "media_player", "number", "person", "select",
    "sensor", "siren", "switch", "text", "time", "todo", "update", "vacuum", "valve", "water_heater", "weather",
)  # fmt: skip

_MEASURED = {"battery": "battery_level", "temperature": "current_temperature", "humidity": "current_humidity"}
"""Where a device that is no sensor keeps what it measures."""

_USUAL = {"battery": "%", "humidity": "%", "power": "W", "temperature": ""}
"""Units."""


class House(Skill):
    """Answers for every domain: reading a state is the same for all."""

    @intent("HassGetState", domains=_READABLE, question=True)
    async def state(self, targets: Targets, state: StateWord | None = None, question: Question = "one") -> Reply:
        """Tell how things are, or when they last came to a state."""
        read = tuple(self.house.state(thing.id) for thing in targets)
        if question in ("when", "who"):
            return Reply(speech=await told(self.history, targets, state, question, self.now()), read=read)
        return Reply(speech=answer(targets, read, state, question), read=read)

    @intent("MeasureOf", domains=_READABLE, question=True, model=False)
    async def measure(self, targets: Targets, measure: Literal["battery", "humidity", "power", "temperature"]) -> Reply:
        """Tell the battery, temperature, humidity or power of a thing that is no sensor."""
        thing = targets[0]
        own = self.house.state(thing.id)
        value, unit, read = own.attributes.get(_MEASURED.get(measure, "")), _USUAL[measure], own
        if value is None:
            sensor = self._sensor_of(thing, measure)
            read = self.house.state(sensor.id) if sensor else own
            value, unit = (read.value, sensor.unit or unit) if sensor else (None, unit)
        if value is None and read is own:
            raise NotPossible(f"{thing.id} tells no {measure}", name=thing, what=f"tell_{measure}")
        try:
            number = float(str(value))
        except ValueError:
            return Reply(speech=Say("state.one_unknown", {"thing": thing}), read=(read,))
        key = "measure.battery" if measure == "battery" else "measure.one"
        return Reply(speech=Say(key, {"thing": thing, "value": number, "unit": thing.unit or unit}), read=(read,))

    def _sensor_of(self, thing: Entity, measure: str) -> Entity | None:
        """Called as the thing and what it measures: "Front Door Battery"."""
        sensors = (each for each in self.house.entities() if each.domain == "sensor" and each.device_class == measure)
        return next((each for each in sensors if each.name.casefold().startswith(f"{thing.name.casefold()} ")), None)

    @intent("HassGetCurrentTime", question=True, model=False)
    async def time(self) -> Reply:
        """Tell the time."""
        return Reply(speech=Say("time", {"now": self.now()}))

    @intent("HassGetCurrentDate", question=True, model=False)
    async def date(self) -> Reply:
        """Tell the date."""
        return Reply(speech=Say("date", {"now": self.now()}))

    @intent("HassNevermind", question=True, model=False)
    async def nevermind(self) -> Reply:
        """Do nothing after all."""
        return Reply(speech=Say("nevermind"))
