"""Stories of players, lists, alarms and the past, through the front door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.models import Change, Limits
from tests.fakes import FakeHistory, FakeHouse, FakeLists, thing
from tests.stories import House


@pytest.fixture
def house() -> House:
    devices = FakeHouse()
    devices.add(
        thing("media_player.television", "Living Room", "la televisione"),
        thing("media_player.radio", "Kitchen", "la radio"),
        thing("alarm_control_panel.alarm", "Hallway", "l'allarme"),
        thing("siren.siren", None, "la sirena"),
        thing("script.good_night", None, "buonanotte", critical=True, readable=False),
        thing("humidifier.humidifier", "Bedroom", "l'umidificatore", limits={"humidity": Limits(30, 70)}),
    )
    devices.report("media_player.television", "playing", volume_level=40)
    devices.report("media_player.radio", "off")
    devices.report("alarm_control_panel.alarm", "armed_away")
    return House(devices=devices, lists=FakeLists("milk"))


async def test_the_television_is_muted(house: House) -> None:
    await house.say("mute the television")
    assert house.commands.performed[-1].arguments == {"is_volume_muted": True}
    assert house.spoken == ["The television is muted."]
    await house.say("riattiva l'audio della televisione", language="it")
    assert house.spoken[-1] == "Ho ridato l'audio alla televisione."


async def test_what_plays_is_paused_from_another_room(house: House) -> None:
    """In the kitchen the radio is meant; in the hall, where nothing plays, the one that does."""
    await house.say("pause the music", room="Hallway")
    assert house.spoken[-1] == "The television is paused."


async def test_an_alarm_is_disarmed_with_its_code_and_a_yes(house: House) -> None:
    await house.say("disarm the alarm with code 4 7 1 1")
    assert house.published == []
    assert house.spoken[-1] == "Shall I disarm the alarm?"
    await house.say("yes")
    assert house.commands.performed[-1].arguments == {"code": "4711"}
    assert house.spoken[-1] == "The alarm is disarmed."


async def test_an_alarm_is_not_disarmed_without_its_code(house: House) -> None:
    await house.say("turn off the alarm")
    assert house.spoken[-1] == "I will not do that with the alarm: disarming takes the code."
    await house.say("disinserisci l'allarme", language="it")
    assert house.spoken[-1] == "Lascio stare l'allarme: per disinserirlo serve il codice."
    assert (await house.say("yes")).error_kind == "NothingPending"
    assert house.published == []


async def test_a_siren_and_a_critical_script_ask_first(house: House) -> None:
    await house.say("turn on the siren")
    assert house.spoken[-1] == "Shall I sound the siren?"
    await house.say("no")
    await house.say("run good night")
    assert house.spoken[-1] == "Shall I start the good night?"
    assert house.published == []


async def test_a_shopping_list_by_voice(house: House) -> None:
    await house.say("add eggs and two lemons to the shopping list")
    assert house.spoken[-1] == "Eggs and two lemons are on the shopping list."
    await house.say("what's on the shopping list?")
    assert house.spoken[-1] == "On the shopping list: milk, eggs and two lemons."
    await house.say("take the milk off the shopping list")
    assert house.lists.items == ["eggs", "two lemons"]
    await house.say("is beer on the shopping list?")
    assert house.spoken[-1] == "No, beer is not on the shopping list."
    await house.say("remove beer from the shopping list")
    assert house.spoken[-1] == "I do not see beer on the shopping list."


async def test_the_same_in_italian(house: House) -> None:
    await house.say("aggiungi il pane alla lista della spesa", language="it")
    assert house.lists.items == ["milk", "pane"]
    await house.say("cosa c'è nella lista della spesa?", language="it")
    assert house.spoken[-1] == "Nella lista della spesa: milk e pane."


async def test_lists_need_no_house() -> None:
    """The broker is away, no device is known: the list is there all the same, and lamps are said to be out of reach."""
    house = House(devices=FakeHouse([]))
    await house.say("add bread to the shopping list")
    assert house.lists.items == ["bread"]
    await house.say("turn on the kitchen light")
    assert house.spoken[-1] == "I cannot reach the house right now."


async def test_beyond_the_range_the_range_is_told(house: House) -> None:
    await house.say("set the humidifier to 90 percent")
    assert house.spoken[-1] == "The humidifier goes only from 30 to 70%."
    await house.say("make it 20 degrees warmer", room="Living Room")
    assert house.spoken[-1] == "The thermostat goes only from 7 to 30 degrees."
    assert house.published == []


async def test_when_and_who_from_what_was_seen(house: House) -> None:
    yesterday = (house.wall() - timedelta(days=1)).replace(hour=21, minute=10)
    house.history.changes += [
        Change("cover.garage_door", "open", yesterday),
        Change("light.kitchen_light", "on", yesterday, "turn on the kitchen light"),
    ]
    await house.say("when did the garage door open last?")
    assert house.spoken[-1] == "The garage door last opened yesterday at 21:10."
    await house.say("who turned on the kitchen light?")
    assert house.spoken[-1] == "I did, yesterday at 21:10: somebody said “turn on the kitchen light”."
    await house.say("chi ha aperto la porta del garage?", language="it")
    assert house.spoken[-1] == "Io no: la porta del garage si è aperta ieri alle 21 e 10, e nessuno me l'aveva chiesto."
    assert house.published == []


async def test_what_nobody_saw_is_said(house: House) -> None:
    house.history = FakeHistory()
    await house.say("when was the front door last unlocked?")
    assert house.spoken[-1] == "I have not seen that."
