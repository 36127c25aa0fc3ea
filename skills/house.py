"""Questions about the house and the day."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from assistant.skill import Entity, Question, Reply, Say, Skill, State, StateWord, Targets, intent

_READABLE = (
    "alarm_control_panel", "binary_sensor", "climate", "cover", "device_tracker", "fan", "humidifier", "lawn_mower",
    "light", "lock", "number", "select", "sensor", "siren", "switch", "update", "vacuum", "valve", "water_heater",
)  # fmt: skip

_TELLING = {"light": "brightness", "cover": "position", "fan": "percentage", "climate": "temperature"}
"""The attribute worth a word beside the state."""

_MOST_READINGS = 3

Known = Sequence[tuple[Entity, State]]
"""Things that have reported, with what they said."""

_SAME = {
    "on": {"open", "opening", "unlocked"},
    "off": {"closed", "locked"},
    "open": {"on", "opening"},
    "closed": {"off"},
}
"""Devices answer in their own words: an open window is "on", an open cover is "open"."""


class House(Skill):
    """Answers for every domain: reading a state is the same for all."""

    @intent("HassGetState", domains=_READABLE, question=True)
    async def state(self, targets: Targets, state: StateWord | None = None, question: Question = "one") -> Reply:
        """Tell how things are, or whether, which or how many are in a state."""
        read = [self.house.state(thing.id) for thing in targets]
        return Reply(speech=_answer(targets, read, state, question), read=tuple(read))

    @intent("HassGetCurrentTime", question=True)
    async def time(self) -> Reply:
        """Tell the time."""
        return Reply(speech=Say("time", {"now": datetime.now().astimezone()}))

    @intent("HassGetCurrentDate", question=True)
    async def date(self) -> Reply:
        """Tell the date."""
        return Reply(speech=Say("date", {"now": datetime.now().astimezone()}))

    @intent("HassNevermind", question=True)
    async def nevermind(self) -> Reply:
        """Do nothing after all."""
        return Reply(speech=Say("nevermind"))


def _answer(targets: Targets, read: Sequence[State], wanted: str | None, question: Question) -> Say:
    pairs = list(zip(targets, read, strict=True))
    known = [(thing, state) for thing, state in pairs if state.value is not None]
    silent = [(thing, state) for thing, state in pairs if state.value is None]
    if not known:
        return _unknown(*silent[0])
    if wanted is None:
        return _told(known)
    so = [thing for thing, state in known if _is(state.value, wanted)]
    not_so = [thing for thing, state in known if not _is(state.value, wanted)]
    if silent and ((question == "all" and not not_so) or (question in ("any", "one_yesno") and not so)):
        return _unknown(*silent[0])  # the one that keeps silent might be the exception
    return _compared(question, wanted, so, not_so, known)


def _unknown(thing: Entity, state: State) -> Say:
    return Say("state.one_unknown" if state.available else "state.one_away", {"thing": thing})


def _told(known: Known) -> Say:
    if len(known) == 1:
        thing, state = known[0]
        return Say("state.one", {"thing": thing, "state": state, **_detail(thing, state)})
    if len(known) <= _MOST_READINGS:
        return Say("state.several", {"readings": known})
    return Say("state.many", {"counts": Counter(state.value for _, state in known).most_common()})


def _detail(thing: Entity, state: State) -> dict[str, object]:
    name = _TELLING.get(thing.domain)
    value = state.attributes.get(name) if name else None
    if value is None or state.value in ("off", "closed", "open"):
        return {}
    return {"detail": name, "value": value, "unit": (thing.unit or "°C") if name == "temperature" else "%"}


def _compared(question: Question, wanted: str, so: Targets, not_so: Targets, known: Known) -> Say:
    match question:
        case "any" if not so:
            return Say("state.any_no", {"wanted": wanted, "things": not_so})
        case "all" if not not_so:
            return Say("state.all_yes", {"wanted": wanted, "things": so})
        case "all":
            return Say("state.all_no", {"wanted": wanted, "things": not_so})
        case "which":
            return Say("state.which" if so else "state.which_none", {"wanted": wanted, "things": so or not_so})
        case "how_many":
            return Say("state.how_many", {"wanted": wanted, "things": so or not_so, "count": len(so)})
        case "any":
            return Say("state.one_yes", {"wanted": wanted, "things": so})
    if len(known) > 1:
        return Say("state.which" if so else "state.which_none", {"wanted": wanted, "things": so or not_so})
    if so:
        return Say("state.one_yes", {"wanted": wanted, "things": so})
    return Say("state.one_no", {"thing": known[0][0], "state": known[0][1]})


def _is(value: str | None, wanted: str) -> bool:
    return value == wanted or value in _SAME.get(wanted, ())
