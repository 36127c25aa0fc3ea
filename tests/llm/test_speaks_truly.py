"""What the model says by itself is spoken where it is no news of the house, or where the record bears it out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.interfaces import House
from assistant.llm.narrator import speaks_truly
from assistant.models import Entity, State, Turn
from tests.llm.sample_house import ENTITIES, SampleHouse
from tests.llm.test_narrator import turn


def talk(language: str = "en", house: House | None = None, request: str = "hm") -> Turn:
    """The brain was shown all that can be read and planned nothing."""
    house = house or SampleHouse()
    spoken = turn(request, language)
    spoken.read = [house.state(entity.id) for entity in house.entities() if not entity.hidden]
    return spoken


GENERAL = [
    "The capital of France is Paris.",
    "Why did the lamp blush?",
    "Why did the lamp blush? Somebody looked at it.",
    "Have a nice trip!",
    "There are 24 hours in a day.",
    "A week has seven days.",
    "All roads lead to Rome.",
    "Nobody knows why.",
    "Nothing is impossible.",
    "The museum is open on Sundays.",
    "Good night! I am here if you need me.",
    "I can turn lights on and off, and open the blinds.",
    "I am fine, and you?",
    "La capitale della Francia è Parigi.",
    "Buon viaggio!",
    "Tutte le strade portano a Roma.",
    "Nessuno lo sa.",
    "你好",
    "法国的首都是巴黎。",
]

FALSE = [
    ("en", "All the doors are locked."),
    ("en", "The windows are open."),
    ("en", "Everything is off, and nobody is home."),
    ("en", "Everything is off."),
    ("en", "Everything is fine at home."),
    ("en", "Nobody is home."),
    ("en", "No one's home."),
    ("en", "Everyone has left the house."),
    ("en", "They are all asleep."),
    ("en", "No doors are locked."),
    ("en", "All lights are on."),
    ("en", "None of the lights are on, they are off."),
    ("en", "It is 25 degrees inside."),
    ("en", "It is twenty-five degrees inside."),
    ("en", "It is 25°C."),
    ("en", "The humidity is 80 %."),
    ("en", "It is cold inside."),
    ("en", "It is unlocked."),
    ("en", "cover.garage_door is open."),
    ("en", "The bathroom is empty."),
    ("en", "The car is locked."),
    ("en", "I can tell you that the lights are off."),
    ("it", "Tutte le luci sono accese."),
    ("it", "È tutto spento."),
    ("it", "Non c'è nessuno in casa."),
    ("it", "Nessuno è in casa."),
    ("it", "Ci sono 25 gradi."),
    ("it", "Tutte le porte sono aperte."),
    ("it", "All the lights are on."),
    ("zh", "所有的灯都开着。"),
    ("zh", "没有人在家。"),
    ("zh", "室内二十五度。"),
]

TRUE = [
    ("en", "All the windows are closed."),
    ("en", "The living room blinds are open."),
    ("en", "The lights in the kitchen are off."),
    ("en", "Everything in the kitchen is off."),
    ("en", "The kitchen light is off."),
    ("en", "Yes, it is 19 degrees in the bedroom."),
    ("en", "It is 19 degrees in the bedroom."),
    ("en", "The front door is locked and the bedroom window is closed."),
    ("it", "La luce della cucina è spenta."),
    ("it", "Il termostato segna 18,5 gradi."),
    ("zh", "厨房的灯关着"),
]


@pytest.mark.parametrize("said", GENERAL)
def test_general_talk_is_allowed(said: str) -> None:
    for language in ("en", "it", "zh"):
        assert speaks_truly(said, talk(language), SampleHouse(), language)  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "said"), FALSE)
def test_what_the_record_does_not_hold_is_not_said(language: str, said: str) -> None:
    assert not speaks_truly(said, talk(language), SampleHouse(), language)  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "said"), TRUE)
def test_what_the_record_holds_is_said(language: str, said: str) -> None:
    assert speaks_truly(said, talk(language), SampleHouse(), language)  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "said"), TRUE)
def test_nothing_is_said_of_a_house_that_was_not_read(language: str, said: str) -> None:
    unread = talk(language)
    unread.read = []
    assert not speaks_truly(said, unread, SampleHouse(), language)  # type: ignore[arg-type]


def test_a_house_has_no_one_temperature() -> None:
    """The bedroom reports 19.2, the thermostat 18.5."""
    assert not speaks_truly("It is 19 degrees inside.", talk(), SampleHouse(), "en")
    assert speaks_truly("It is 19 degrees in the bedroom.", talk(), SampleHouse(), "en")


def test_all_means_those_too_that_were_not_read() -> None:
    """One of two doors was read: nothing can be said of all. A garage door has no lock that could be told of."""
    doors = [entity for entity in ENTITIES if entity.id != "cover.garage_door"]
    house = SampleHouse((*doors, Entity("lock.back_door", "Back Door", "Kitchen")))
    house.states["lock.back_door"] = State("lock.back_door", "locked")
    assert speaks_truly("All the doors are locked.", talk(house=house), house, "en")
    partly = talk(house=house)
    partly.read = [state for state in partly.read if state.entity_id != "lock.back_door"]
    assert not speaks_truly("All the doors are locked.", partly, house, "en")
    assert not speaks_truly("The doors are locked.", partly, house, "en")
    assert speaks_truly("The front door is locked.", partly, house, "en")


def test_everything_may_really_be_off() -> None:
    house = SampleHouse()
    house.states = {
        name: replace(state, value="off") if state.value in ("on", "heat") else state
        for name, state in house.states.items()
    }
    assert speaks_truly("Everything is off.", talk(house=house), house, "en")
    assert speaks_truly("È tutto spento.", talk("it", house), house, "it")


@pytest.mark.parametrize(
    ("asked", "said"), [("is nobody home?", "Nobody is home."), ("is it cold inside?", "It is cold inside.")]
)
def test_a_question_bears_out_no_answer(asked: str, said: str) -> None:
    """Nothing in the house reports these, and that somebody asked makes them no truer."""
    assert not speaks_truly(said, talk(request=asked), SampleHouse(), "en")
