"""What is old is told with its age, in three languages; the clock is the turn's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assistant.models import State, Value
from tests.stories import House

THREE_HOURS = timedelta(hours=3)


def heard(house: House, entity_id: str, value: str, *, kept: bool = False, ago: timedelta = THREE_HOURS,
          **attributes: Value) -> None:  # fmt: skip
    """So long ago, too long for this device."""
    at = None if kept else datetime.now(UTC) - ago
    house.devices.states[entity_id] = State(entity_id, value, attributes, at, stale=True)


@pytest.mark.parametrize(
    ("asked", "language", "told"),
    [
        ("how warm is it in the bedroom?", "en", "It was 21 degrees in the bedroom 3 hours ago."),
        ("quanti gradi ci sono in camera?", "it", "C'erano 21 gradi in camera da letto 3 ore fa."),
        ("卧室几度？", "zh", "卧室3小时前21度。"),
    ],
)
async def test_a_thermometer_that_fell_silent(asked: str, language: str, told: str) -> None:
    house = House()
    heard(house, "sensor.bedroom_temperature", "21")
    await house.say(asked, language)
    assert house.spoken == [told]


@pytest.mark.parametrize(
    ("asked", "language", "told"),
    [
        ("how warm is it in the bedroom?", "en",
         "It was 21 degrees in the bedroom at the last report, before I started."),
        ("quanti gradi ci sono in camera?", "it",
         "C'erano 21 gradi in camera da letto all’ultima notizia, prima del mio avvio."),
        ("卧室几度？", "zh", "卧室21度，这是我启动前的最后一次报告。"),
    ],
)  # fmt: skip
async def test_nobody_makes_up_the_age_of_what_the_broker_kept(asked: str, language: str, told: str) -> None:
    house = House()
    heard(house, "sensor.bedroom_temperature", "21", kept=True)
    await house.say(asked, language)
    assert house.spoken == [told]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("what is the state of the front door?", "The front door was locked 3 hours ago."),
        ("is the front door locked?", "Yes, the front door is locked. But the front door last reported 3 hours ago."),
        ("which lights are on?", "The living room light is on. But the reading lamp last reported 3 hours ago."),
        ("how bright is it in the living room?", "The living room brightness is 12 lux."),
        ("la porta d'ingresso è chiusa a chiave?",
         "Sì, la porta d'ingresso è chiusa a chiave. Ma la porta d'ingresso ha dato notizie l'ultima volta 3 ore fa."),
    ],
)  # fmt: skip
async def test_of_any_device(asked: str, told: str) -> None:
    house = House()
    heard(house, "lock.front_door", "locked")
    heard(house, "light.reading_lamp", "off")
    await house.say(asked)
    assert house.spoken == [told]


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(seconds=20), "1 minute ago"),
        (timedelta(minutes=61), "61 minutes ago"),
        (timedelta(minutes=140), "2 hours ago"),
        (timedelta(hours=30), "30 hours ago"),
        (timedelta(days=5), "5 days ago"),
    ],
)
async def test_the_age_in_round_numbers(ago: timedelta, told: str) -> None:
    house = House()
    heard(house, "sensor.bedroom_temperature", "21", ago=ago)
    await house.say("how warm is it in the bedroom?")
    assert house.spoken == [f"It was 21 degrees in the bedroom {told}."]


async def test_what_is_fresh_is_told_as_it_is() -> None:
    house = House()
    await house.say("how warm is it in the bedroom?")
    assert house.spoken == ["It is 21.5 degrees in the bedroom."]


async def test_a_command_is_answered_by_what_the_device_says_now() -> None:
    house = House()
    heard(house, "light.reading_lamp", "off")
    await house.say("turn on the reading lamp")
    assert house.spoken == ["The reading lamp is on."]
