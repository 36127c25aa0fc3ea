"""A reason is spoken only when the record bears it out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.llm.narrator import grounded, steps
from assistant.models import (
    Action,
    Allowed,
    Message,
    NeedsConfirmation,
    Outcome,
    Request,
    Resolved,
    State,
    Transcript,
    Turn,
    Value,
)
from tests.llm.sample_house import SampleHouse


def turn(text: str, language: str, *targets: str, service: str = "turn_on", **slots: Value) -> Turn:
    """The brain was shown the whole house and then acted on the targets, which confirmed."""
    house = SampleHouse()
    entities = tuple(entity for name in targets if (entity := house.entity(name)))
    acted = Turn("t1", datetime.now(UTC), Request(text, language, "Kitchen"), transcript=Transcript(text, language))
    acted.path = "brain"
    acted.read = [house.state(entity.id) for entity in house.entities() if not entity.hidden]
    acted.intents = [Resolved("HassTurnOn", entities, slots)] if entities else []
    after = {"turn_on": "on", "turn_off": "off"}.get(service, service)
    for entity in entities:
        action = Action(entity.id, service, slots)
        acted.outcomes.append(
            Outcome(action, Allowed(action), (Message(f"{entity.id}/set", "X"),), True, State(entity.id, after))
        )
    return acted


def dark(language: str = "en") -> Turn:
    text = "it is too dark to read in the living room" if language == "en" else "non ci vedo in soggiorno"
    return turn(text, language, "light.reading_lamp")


def cold(language: str = "en") -> Turn:
    text = "it is cold in here" if language == "en" else "fa freddo qui"
    return turn(text, language, "climate.thermostat", service="set_temperature", temperature=21)


def leaving(language: str = "en") -> Turn:
    text = "I am leaving" if language == "en" else "sto uscendo"
    return turn(text, language, "light.bedroom_light", service="turn_off")


FAITHFUL = [
    (dark(), "the reading lamp was off", "the reading lamp was off"),
    (dark(), "light.reading_lamp was off", "the reading lamp was off"),
    (dark(), "the user's reading lamp was not on", "the reading lamp was off"),
    (
        dark(),
        "it is too dark to read and the reading lamp was off",
        "it is too dark to read and the reading lamp was off",
    ),
    (dark(), "The living room light and the reading lamp were off.", "the reading lamp was off"),
    (dark(), "the lights in the living room were off", "the reading lamp was off"),
    (dark(), "the brightness in the living room is 12 lux", "the living room was at 12 lux"),
    (dark(), "it was off", "the reading lamp was off"),
    (dark(), "the bedroom light is on but the reading lamp was off", "the reading lamp was off"),
    (dark(), "it is too dark to read", "it is too dark to read"),
    (dark(), "la lampada da lettura era spenta", "the reading lamp was off"),
    (
        cold(),
        "it is cold in here and the thermostat was set to 20 degrees",
        "it is cold in here and the thermostat was set to 20 degrees",
    ),
    (cold(), "the thermostat reads 18.5 degrees", "it was 18.5 degrees in the living room"),
    (cold(), "the bedroom is at 19 degrees", "it was 19.2 degrees in the bedroom"),
    (cold(), "the humidity in the bedroom is 61 %", "the humidity in the bedroom was 61%"),
    (cold(), "the bedroom window is not open", "the bedroom window was closed"),
    (cold(), "the thermostat shows 18.5 degrees, below 20", "it was 18.5 degrees in the living room"),
    (dark("it"), "la lampada da lettura era spenta", "la lampada da lettura era spenta"),
    (dark("it"), "the reading lamp was off", "la lampada da lettura era spenta"),
    (dark("it"), "la luminosità del soggiorno è di 12 lux", "in soggiorno c'erano 12 lux"),
    (cold("it"), "fa freddo qui e il termostato segna 18,5 gradi", "fa freddo qui e in soggiorno c'erano 18,5 gradi"),
    (cold("it"), "il riscaldamento era impostato a venti gradi", "il termostato era impostato a 20 gradi"),
]

UNFAITHFUL = [
    (dark(), "the kitchen light was on", "it was off"),
    (dark(), "the reading lamp and the bedroom light were off", "the bedroom light was on"),
    (dark(), "the lights in the bedroom were off", "they were on"),
    (dark(), "the balcony is dark", "there is no balcony"),
    (dark(), "the tv was on", "there is none"),
    (dark(), "the curtains in the bedroom were closed", "the bedroom has none"),
    (dark(), "it is evening", "nobody said so and nothing reports it"),
    (dark(), "it is cold in the living room", "the request says dark, not cold"),
    (dark(), "Marta is reading", "nobody knows a Marta"),
    (dark(), "your wife Marta is reading", "nobody knows a Marta"),
    (dark(), "the brightness in the living room is 40 lux", "it is 12"),
    (dark(), "router uptime is low", "it was not shown"),
    (dark(), "movie night needs light", "the scene has no state and was not targeted"),
    (dark(), "light.reading_lamp state_off", "not words"),
    (dark(), "the reading lamp is now on", "that is what was done, no reason for it"),
    (dark(), "the living room is dark and the reading lamp was off", "the request says it in other words"),
    (leaving(), "the front door is locked", "true, but no reason to turn off a lamp"),
    (dark(), "the front door is unlocked", "it is locked"),
    (dark(), "the reading lamp was not off", "it was"),
    (dark(), "the garage door is open", "it is closed"),
    (dark(), "", "nothing was given"),
    (dark(), "the reading lamp was off " * 9, "far too long"),
    (cold(), "the thermostat reads 17 degrees", "it reads 18.5"),
    (cold(), "the bedroom is at 18.5 degrees", "that is the thermostat, in the living room"),
    (cold(), "the humidity in the bedroom is 61 degrees", "61 are per cent"),
    (cold(), "the bedroom window is open", "it is closed"),
    (cold(), "somebody moved in the hallway, where there is motion and the light is on", "there is no such light"),
    (cold(), "it is raining", "nothing reports it"),
    (cold(), "the heater in the bathroom is off", "there is no bathroom"),
    (cold(), "the thermostat is off", "it heats"),
    (dark("it"), "la luce della cucina era accesa", "it was off"),
    (dark("it"), "la luce del bagno era spenta", "there is no bathroom"),
    (dark("it"), "è sera", "nothing reports it"),
    (cold("it"), "il termostato segna 25 gradi", "it reads 18.5"),
    (cold("it"), "la finestra della camera è aperta", "it is closed"),
    (cold("it"), "Giulia ha freddo e Marco no", "nobody knows them"),
    (cold("it"), "piove", "nothing reports it"),
]


@pytest.mark.parametrize(
    ("record", "clause", "spoken"), FAITHFUL, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_faithful_reason_is_said_in_our_words(record: Turn, clause: str, spoken: str) -> None:
    """What the model's clause selects, in the language of who asked."""
    assert grounded(clause, record, SampleHouse(), record.language) == spoken


@pytest.mark.parametrize(
    ("record", "clause", "wrong"), UNFAITHFUL, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_unfaithful_reason_is_left_out(record: Turn, clause: str, wrong: str) -> None:
    assert grounded(clause, record, SampleHouse(), record.language) is None, wrong


@pytest.mark.parametrize(
    ("asked", "clause", "spoken"),
    [
        ("I want to read, and it is dark", "I want to read", "you want to read"),
        ("it is too dark for me to read", "it is too dark for me to read", "it is too dark for you to read"),
        ("my eyes hurt, some light please", "my eyes hurt", "your eyes hurt"),
        ("I am reading", "you said you are reading", "you said you are reading"),
        ("if I am reading, light up", "you are reading", None),
        ("I am not reading", "you are reading", None),
        ("I think I am reading", "you are reading", None),
        ("everybody but Anna is reading", "Anna is reading", None),
        ("I am reading in the mornings", "you are reading", None),
        ("am I reading?", "you are reading", None),
        ("turn the reading lamp on", "turn the reading lamp on", None),
    ],
)
def test_who_answers_says_you_and_quotes_only_what_was_reported(asked: str, clause: str, spoken: str | None) -> None:
    """Small models repeat the request's own words, which are not the assistant's."""
    record = turn(asked, "en", "light.reading_lamp")
    assert grounded(clause, record, SampleHouse(), "en") == spoken


def test_without_a_record_nothing_is_borne_out() -> None:
    """On the reflex path no state was read, so no state may be claimed."""
    blank = dark()
    blank.read, blank.outcomes, blank.intents = [], [], []
    assert grounded("the reading lamp was off", blank, SampleHouse(), "en") is None


def test_a_chinese_reason_is_held_against_the_record_too() -> None:
    record = turn("太暗了", "zh", "light.kitchen_light")
    assert grounded("厨房的灯关着", record, SampleHouse(), "zh") == "Kitchen Light关着"
    assert grounded("厨房的灯开着", turn("太暗了", "zh"), SampleHouse(), "zh") is None
    assert grounded("下雨了", record, SampleHouse(), "zh") is None


def test_steps_retell_the_turn() -> None:
    record = dark()
    record.because = "the reading lamp was off"
    told = steps(record, SampleHouse(), "en")
    assert told == [
        "I heard “it is too dark to read in the living room”.",
        "No fixed command fits, so I thought about it.",
        "I read that the reading lamp is off. The reason: the reading lamp was off.",
        "I sent this: turn on the reading lamp. It was confirmed by the reading lamp.",
    ]


def test_steps_of_a_question_and_of_a_refusal() -> None:
    asked = dark("it")
    action = Action("lock.front_door", "unlock")
    asked.outcomes = [Outcome(action, NeedsConfirmation(action, "it unlocks"))]
    assert "Prima di agire ho chiesto conferma: sbloccare la porta d'ingresso." in steps(asked, SampleHouse(), "it")
    lost = Turn("t2", datetime.now(UTC), Request("blah", "en"), error="nothing fits")
    assert steps(lost, SampleHouse(), "en") == ["I heard “blah”.", "I did not understand it: nothing fits."]
