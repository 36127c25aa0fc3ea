"""Averages, extremes and sums; when something last happened, and who asked for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.models import Change, Target, Value
from tests.fakes import FakeHistory, FakeHouse, thing
from tests.skills.asking import NOW, answered, answered_twice

MORNING = NOW.replace(hour=8, minute=5)
YESTERDAY = (NOW - timedelta(days=1)).replace(hour=21, minute=10)


def measured() -> FakeHouse:
    house = FakeHouse()
    house.add(
        thing("sensor.kitchen_temperature", "Kitchen", device_class="temperature", unit="°C"),
        thing("sensor.garage_temperature", "Garage", device_class="temperature", unit="°C"),
        thing("sensor.bedroom_humidity", "Bedroom", device_class="humidity", unit="%"),
        thing("sensor.kitchen_humidity", "Kitchen", device_class="humidity", unit="%"),
        thing("sensor.oven_power", "Kitchen", device_class="power", unit="W"),
        thing("sensor.fridge_power", "Kitchen", device_class="power", unit="W"),
    )
    for name, value in {"kitchen_temperature": "24", "garage_temperature": "11", "bedroom_humidity": "61",
                        "kitchen_humidity": "50", "oven_power": "1800", "fridge_power": "90"}.items():  # fmt: skip
        house.report(f"sensor.{name}", value)
    return house


@pytest.mark.parametrize(
    ("target", "question", "english", "italian"),
    [
        (Target(domain="sensor", device_class="humidity"), "average", "On average it is 55.5%.", "In media: 55,5%."),
        (Target(domain="sensor", device_class="temperature"), "highest",
         "The highest is 24 degrees, in the kitchen.",
         "Il valore più alto: in cucina, 24 gradi."),
        (Target(domain="sensor", device_class="temperature"), "lowest",
         "The lowest is 11 degrees, in the garage.",
         "Il valore più basso: in garage, 11 gradi."),
        (Target(domain="sensor", device_class="power"), "total", "In all it is 1890 watts.", "In tutto: 1890 watt."),
        (Target(domain="climate"), "average", "On average it is 18.5 degrees.", "In media: 18,5 gradi."),
    ],
)  # fmt: skip
async def test_several_readings_are_reckoned_together(
    target: Target, question: str, english: str, italian: str
) -> None:
    assert await answered_twice("HassGetState", target, measured(), {"question": question}) == (english, italian)


async def test_a_sensor_that_has_not_reported_is_left_out_of_the_average() -> None:
    house = measured()
    house.report("sensor.kitchen_humidity", None)
    target = Target(domain="sensor", device_class="humidity")
    assert await answered("HassGetState", target, house, question="average") == "On average it is 61%."


def history(*changes: Change) -> FakeHistory:
    return FakeHistory(list(changes), began=YESTERDAY - timedelta(days=30))


DOOR_OPENED = Change("binary_sensor.bedroom_window", "on", YESTERDAY)
LIGHT_ON = Change("light.kitchen_light", "on", MORNING, "turn on the kitchen light")
SECRET = Change("light.kitchen_light", "on", MORNING, "")


@pytest.mark.parametrize(
    ("name", "slots", "seen", "english", "italian"),
    [
        ("bedroom window", {"question": "when", "state": "open"}, DOOR_OPENED,
         "The bedroom window last opened yesterday at 21:10.",
         "La finestra della camera si è aperta l'ultima volta ieri alle 21 e 10."),
        ("kitchen light", {"question": "when", "state": "on"}, LIGHT_ON,
         "The kitchen light last turned on today at 8:05.",
         "La luce della cucina si è accesa l'ultima volta oggi alle 8 e 5."),
        ("kitchen light", {"question": "who", "state": "on"}, LIGHT_ON,
         "I did, today at 8:05: somebody said “turn on the kitchen light”.",
         "Sono stato io, oggi alle 8 e 5: qualcuno ha detto «turn on the kitchen light»."),
        ("kitchen light", {"question": "who", "state": "on"}, SECRET,
         "I did, today at 8:05: somebody asked me.",
         "Sono stato io, oggi alle 8 e 5: me l'hanno chiesto."),
        ("bedroom window", {"question": "who", "state": "open"}, DOOR_OPENED,
         "Not me: the bedroom window opened yesterday at 21:10, and nobody had asked me.",
         "Io no: la finestra della camera si è aperta ieri alle 21 e 10, e nessuno me l'aveva chiesto."),
    ],
)  # fmt: skip
async def test_when_and_who(name: str, slots: dict[str, Value], seen: Change, english: str, italian: str) -> None:
    assert await answered_twice("HassGetState", name, None, slots, history(seen)) == (english, italian)


async def test_a_lock_unlocks_when_people_say_opened() -> None:
    seen = history(Change("lock.front_door", "locked", MORNING), Change("lock.front_door", "unlocked", YESTERDAY))
    english, _ = await answered_twice("HassGetState", "front door", None, {"question": "when", "state": "open"}, seen)
    assert english == "The front door last was unlocked yesterday at 21:10."


async def test_what_nobody_saw_is_not_made_up() -> None:
    english, italian = await answered_twice(
        "HassGetState", "kitchen light", None, {"question": "when", "state": "on"}, FakeHistory(began=YESTERDAY)
    )
    assert english == "I have not seen that since I began to watch, yesterday at 21:10."
    assert italian == "Non l'ho visto da quando osservo, ieri alle 21 e 10."
    assert await answered("HassGetState", "kitchen light", None, question="when") == "I have not seen that."
