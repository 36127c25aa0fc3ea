"""Questions about the house and the day."""

from datetime import datetime

from assistant.skill import Question, Reply, Say, Skill, StateWord, Targets, intent
from skills._answers import answer
from skills._history import told

_READABLE = (
    "alarm_control_panel", "binary_sensor", "climate", "cover", "device_tracker", "fan", "humidifier", "lawn_mower",
    "input_boolean", "light", "lock", "media_player", "number", "person", "select", "sensor", "siren", "switch", "text",
    "todo", "update", "vacuum", "valve", "water_heater",
)  # fmt: skip


class House(Skill):
    """Answers for every domain: reading a state is the same for all."""

    @intent("HassGetState", domains=_READABLE, question=True)
    async def state(self, targets: Targets, state: StateWord | None = None, question: Question = "one") -> Reply:
        """Tell how things are, or when they last came to a state."""
        read = tuple(self.house.state(thing.id) for thing in targets)
        if question in ("when", "who"):
            return Reply(speech=await told(self.history, targets, state, question), read=read)
        return Reply(speech=answer(targets, read, state, question), read=read)

    @intent("HassGetCurrentTime", question=True, model=False)
    async def time(self) -> Reply:
        """Tell the time."""
        return Reply(speech=Say("time", {"now": datetime.now().astimezone()}))

    @intent("HassGetCurrentDate", question=True, model=False)
    async def date(self) -> Reply:
        """Tell the date."""
        return Reply(speech=Say("date", {"now": datetime.now().astimezone()}))

    @intent("HassNevermind", question=True, model=False)
    async def nevermind(self) -> Reply:
        """Do nothing after all."""
        return Reply(speech=Say("nevermind"))
