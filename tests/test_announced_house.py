"""What is said to devices of every kind, from the sentence to the topic and back, and what is answered."""

# ruff: noqa: E501 - one case a line, however long

from __future__ import annotations

import json

import pytest

from assistant.record import SEALED, sealed
from tests.announced import AnnouncedHouse
from tests.fakes import ENTITIES, FakeHouse, FakeLists
from tests.stories import House


@pytest.fixture
def devices() -> AnnouncedHouse:
    return AnnouncedHouse()


@pytest.fixture
def house(devices: AnnouncedHouse) -> House:
    return House(announced=devices, lists=FakeLists("milk", "eggs"))


@pytest.mark.parametrize(
    ("language", "said", "sent", "reply"),
    [
        # A part of the way, from where it stands (half open).
        ("en", "open the blinds a bit", [("blinds/set", "70")], "The office blinds are 70% open."),
        ("en", "lower the blinds a little", [("blinds/set", "30")], "The office blinds are 30% open."),
        ("en", "close the blinds by 10 percent", [("blinds/set", "40")], "The office blinds are 40% open."),
        ("en", "office blinds 30 percent higher", [("blinds/set", "80")], "The office blinds are 80% open."),
        ("en", "wait a bit, open the blinds", [("blinds/set", "100")], "The office blinds are open."),
        ("en", "open the blinds for a bit", [("blinds/set", "100")], "The office blinds are open."),
        ("en", "open the blinds a bit, to 60 percent", [("blinds/set", "60")], "The office blinds are 60% open."),
        ("en", "open the blinds", [("blinds/set", "100")], "The office blinds are open."),
        ("en", "open the garden gate a bit", [], "The garden gate cannot go to a position."),
        ("it", "alza un po' la tapparella", [("blinds/set", "70")], "Ho aperto la tapparella al 70%."),
        ("it", "abbassa la tapparella di 30 per cento", [("blinds/set", "20")], "Ho aperto la tapparella al 20%."),
        # Warmer and cooler than it is (250 mired are 4000 K).
        ("en", "make the kitchen light warmer", [("lamp/set", {"state": "ON", "color_temp": 286})], "The kitchen light is on, at 3497 kelvin."),
        ("en", "make the kitchen light cooler", [("lamp/set", {"state": "ON", "color_temp": 222})], "The kitchen light is on, at 4505 kelvin."),
        ("it", "rendi più calda la luce della cucina", [("lamp/set", {"state": "ON", "color_temp": 286})], "Ho messo la luce della cucina a 3497 kelvin."),
        # Beyond the range.
        ("en", "set the kitchen light to 150 percent", [], "The kitchen light goes only from 0 to 100%."),
        ("en", "set the blinds to 120 percent", [], "The office blinds go only from 0 to 100%."),
        ("en", "increase the irrigation time by 50", [], "The irrigation time goes only from 0 to 30."),
        ("it", "metti la tapparella al 120%", [], "Per la tapparella si può andare solo da 0 a 100%."),
        # Its own words before ours.
        ("en", "set the humidifier to boost", [("airmode/set", "boost")], "The humidifier is set to boost."),
        ("en", "set the heat pump to boost", [("preset/set", "boost")], "The heat pump is set to boost."),
        ("en", "set the office fan to turbo", [("breeze/set", "turbo")], "The office fan is set to turbo."),
        ("en", "set the office fan to high", [("speed/set", "4")], "The office fan is at 100%."),
        # "Close it three quarters" leaves a quarter.
        ("en", "close the blinds three quarters", [("blinds/set", "25")], "The office blinds are 25% open."),
        ("en", "open the blinds three quarters", [("blinds/set", "75")], "The office blinds are 75% open."),
        ("it", "chiudi la tapparella per tre quarti", [("blinds/set", "25")], "Ho aperto la tapparella al 25%."),
        # Between two temperatures, and within them (10 to 28; now 20 to 24).
        ("en", "set the thermostat between 19 and 23 degrees", [("least/set", "19.0"), ("most/set", "23.0")], "The thermostat is set between 19 and 23 degrees."),
        ("en", "keep the living room between 19 and 23 degrees", [("least/set", "19.0"), ("most/set", "23.0")], "The thermostat is set between 19 and 23 degrees."),
        ("en", "keep the temperature in the living room between nineteen and twenty three degrees", [("least/set", "19.0"), ("most/set", "23.0")], "The thermostat is set between 19 and 23 degrees."),
        ("en", "keep the thermostat between 23° and 19°", [("least/set", "19.0"), ("most/set", "23.0")], "The thermostat is set between 19 and 23 degrees."),
        ("en", "set the thermostat two degrees higher", [("least/set", "22.0"), ("most/set", "26.0")], "The thermostat is set between 22 and 26 degrees."),
        ("en", "set the thermostat between 5 and 23 degrees", [], "The thermostat goes only from 10 to 28 degrees."),
        ("en", "set the thermostat to 21 degrees", [], "The thermostat keeps between two temperatures; tell me both, the lowest and the highest."),
        ("en", "set the heat pump between 19 and 23 degrees", [], "The heat pump cannot keep between two temperatures."),
        ("en", "set the heat pump to 21 degrees", [("warm/set", "21.0")], "The heat pump is set to 21 degrees."),
        ("it", "imposta il termostato tra 19 e 23 gradi", [("least/set", "19.0"), ("most/set", "23.0")], "Ho impostato il termostato tra 19 e 23 gradi."),
        ("it", "tieni il termostato fra diciannove e ventitré gradi", [("least/set", "19.0"), ("most/set", "23.0")], "Ho impostato il termostato tra 19 e 23 gradi."),
        ("it", "imposta il termostato a 21 gradi", [], "Il termostato resta tra due temperature: dimmele tutte e due, la più bassa e la più alta."),
        ("it", "imposta la pompa di calore tra 19 e 23 gradi", [], "Per la pompa di calore non si può scegliere un intervallo di temperature."),
        ("zh", "把恒温器设为19到23度", [("least/set", "19.0"), ("most/set", "23.0")], "恒温器已设为19到23度。"),
        # Numbers by a step.
        ("en", "increase the humidifier by 10 percent", [("damp/set", "60")], "The humidifier is set to 60%."),
        ("en", "set the humidifier 10 percent lower", [("damp/set", "40")], "The humidifier is set to 40%."),
        ("en", "lower the humidifier to 30 percent", [("damp/set", "30")], "The humidifier is set to 30%."),
        ("en", "increase the humidifier by 60 percent", [], "The humidifier goes only from 0 to 100%."),
        ("en", "set the boiler 5 degrees higher", [("hotter/set", "55.0")], "The boiler is set to 55 degrees."),
        ("it", "alza lo scaldabagno di 2 gradi", [("hotter/set", "52.0")], "Ho impostato lo scaldabagno a 52 gradi."),
        ("en", "increase the irrigation time by 5", [("minutes/set", "15")], "The irrigation time is set to 15."),
        ("en", "lower the irrigation time to 5", [("minutes/set", "5")], "The irrigation time is set to 5."),
        ("it", "aumenta il tempo d'irrigazione di 5", [("minutes/set", "15")], "Ho impostato il tempo d'irrigazione a 15."),
        # A mower that is to stop is not sent home.
        ("en", "stop the lawn mower", [("mower/set", "paused")], "The lawn mower is paused."),
        ("it", "ferma il tagliaerba", [("mower/set", "paused")], "Ho messo in pausa il tagliaerba."),
        ("en", "send the lawn mower home", [("mower/set", "docked")], "The lawn mower is going back to the dock."),
        ("zh", "暂停割草机", [("mower/set", "paused")], "割草机已暂停。"),
        # Effects, fading, swing, suction, texts, messages.
        ("en", "set the kitchen light to candle", [("lamp/set", {"state": "ON", "effect": "Candle"})], "The kitchen light is on, with Candle."),
        ("en", "set the light strip to candle", [], "The light strip cannot play effects. It can be dimmed and change its colour."),
        ("en", "fade the kitchen light to 40 percent over 5 seconds", [("lamp/set", {"state": "ON", "brightness": 102, "transition": 5.0})], "The kitchen light is at 40%."),
        ("en", "turn off the kitchen light over 3 seconds", [("lamp/set", {"state": "OFF", "transition": 3.0})], "The kitchen light is off."),
        ("it", "spegni la luce della cucina in 3 secondi", [("lamp/set", {"state": "OFF", "transition": 3.0})], "Ho spento la luce della cucina."),
        ("en", "turn on the swing of the heat pump", [("swing/set", "on")], "The swing of the heat pump is on."),
        ("en", "find the robot", [("robot/set", "locate")], "The robot should make itself heard now."),
        ("it", "trova il robot", [("robot/set", "locate")], "Adesso il robot dovrebbe farsi sentire."),
        ("en", "write dinner is ready on the message board", [("board/set", "dinner is ready")], "The message board now says dinner is ready."),
        ("en", "send dinner is ready to the kitchen screen", [("screen/set", "dinner is ready")], "I sent that to the kitchen screen."),
        # Dates and times, said on a Thursday, November 26; nothing is planned.
        ("en", "set the wake time to 6:45", [("wake/set", "06:45:00")], "The wake time is set to 6:45."),
        ("en", "set the wake time to seven", [("wake/set", "07:00:00")], "The wake time is set to 7:00."),
        ("en", "change the wake time to half past six", [("wake/set", "06:30:00")], "The wake time is set to 6:30."),
        ("en", "set the wake time to 8 pm", [("wake/set", "20:00:00")], "The wake time is set to 20:00."),
        ("en", "set the bin day to Friday", [("bins/set", "2026-11-27")], "The bin day is set to Friday, November 27."),
        ("en", "set the bin day to December 5th", [("bins/set", "2026-12-05")], "The bin day is set to Saturday, December 5."),
        ("en", "set the party to Friday at 7 pm", [("party/set", "2026-11-27T19:00:00+01:00")], "The party is set to Friday, November 27 at 19:00."),
        ("en", "set the wake time to seven tomorrow", [], "I did not understand what to do then, so nothing is planned: set the wake time."),
        ("it", "imposta il risveglio alle sette e mezza", [("wake/set", "07:30:00")], "Ho impostato il risveglio alle 7 e 30."),
        ("it", "sposta il giorno dei rifiuti a venerdì", [("bins/set", "2026-11-27")], "Ho impostato il giorno dei rifiuti a venerdì 27 novembre."),
        # Chinese.
        ("zh", "把厨房灯调成蓝色", [("lamp/set", {"state": "ON", "color": {"x": 0.1355, "y": 0.0399}})], "厨房灯颜色已设为蓝色。"),
        ("zh", "把加湿器设为60%", [("damp/set", "60")], "加湿器已设为60%。"),
        ("zh", "把灌溉时间设为20", [("minutes/set", "20")], "灌溉时间已设为20。"),
        ("zh", "打开警笛", [], "要让警笛响起来吗？"),
        # How long and how loud a siren is to be is told before the yes, and so is what it cannot do.
        ("en", "sound the siren for 10 seconds", [], "Shall I sound the siren for 10 seconds?"),
        ("en", "turn on the siren for two minutes", [], "Shall I sound the siren for 2 minutes?"),
        ("en", "sound the siren", [], "Shall I sound the siren?"),
        ("en", "sound the siren for a minute", [], "Shall I sound the siren for 1 minute?"),
        ("en", "sound the siren quietly at 30 %", [], "Shall I sound the siren at 30%?"),
        ("en", "sound the horn for 10 seconds", [], "The horn cannot sound for a set time."),
        ("en", "sound the horn at 30 percent", [], "The horn cannot change how loud it is."),
        ("it", "fai suonare la sirena per 10 secondi", [], "Devo far suonare la sirena per 10 secondi?"),
        ("it", "fai suonare la sirena al 30 per cento", [], "Devo far suonare la sirena al 30%?"),
        ("zh", "让警笛响10秒", [], "要让警笛响起来，响10秒吗？"),
    ],
)  # fmt: skip
async def test_commands(
    house: House, devices: AnnouncedHouse, language: str, said: str, sent: list[tuple[str, object]], reply: str
) -> None:
    await house.say(said, language)

    assert [(topic, json.loads(text) if text.startswith("{") else text) for topic, text in devices.sent] == sent
    assert house.spoken == [reply]


@pytest.mark.parametrize(
    ("language", "said", "reply"),
    [
        ("en", "is the thermostat on?", "The thermostat is on automatic, set between 20 and 24 degrees."),
        ("en", "what is the thermostat set to?", "The thermostat is on automatic, set between 20 and 24 degrees."),
        ("it", "com'è impostato il termostato?", "Il termostato è in automatico, tra 20 e 24 gradi."),
        # The heat pump measures 18.5, the thermostat 21.5, the only thermometer 20.
        ("en", "which room is the warmest?", "The highest is 21.5 degrees, in the living room."),
        ("en", "what is the lowest temperature?", "The lowest is 18.5 degrees, in the office."),
        ("en", "what is the average temperature?", "On average it is 20 degrees."),
        ("it", "dove fa più freddo?", "Il valore più basso: in Office, 18,5 gradi."),
        ("en", "how far open are the blinds?", "The office blinds are open at 50%."),
        ("it", "quanto è aperta la tapparella?", "La tapparella è aperta al 50%."),
        ("en", "what is the battery of the robot?", "The robot has 80% battery."),
        ("it", "quanta batteria ha il robot?", "Il robot ha l'80% di batteria."),
        ("en", "what is the battery of the front door?", "The front door has 35% battery."),
        ("en", "what is the battery of the light strip?", "The light strip cannot tell its battery."),
        ("en", "how much power does the freezer use?", "The freezer is at 90 watts."),
        ("en", "what's the power of the freezer?", "The freezer is at 90 watts."),
        ("it", "quanto consuma il congelatore?", "Il congelatore è a 90 watt."),
        ("en", "how much power is the light strip using?", "The light strip cannot tell how much power it uses."),
        ("en", "how hot is the boiler?", "The boiler is at 47 degrees."),
        ("en", "what is the humidity of the humidifier?", "The humidifier is at 44%."),
        ("en", "what colour is the light strip?", "The light strip is on at 100%, blue."),
        ("en", "where is Anna?", "Anna is away."),
        ("en", "who is home?", "Nobody is at home."),
        ("en", "is anyone home?", "No, nobody is at home."),
        ("it", "chi c'è in casa?", "Nessuno è in casa."),
        ("en", "what is the wake time?", "The wake time is 7:30."),
        ("it", "a che ora è il risveglio?", "Il risveglio è alle 7 e 30."),
        ("en", "what is the party?", "The party is Tuesday, December 1 at 20:00."),
        ("en", "what is the bin day?", "The bin day is Tuesday, December 1."),
        ("en", "is there an update for the router firmware?", "The router firmware is not up to date."),
    ],
)
async def test_questions(house: House, devices: AnnouncedHouse, language: str, said: str, reply: str) -> None:
    await house.say(said, language)

    assert house.spoken == [reply]
    assert devices.sent == []


async def test_a_tone_and_an_update_wait_for_a_yes(house: House, devices: AnnouncedHouse) -> None:
    await house.say("sound the siren with the fire tone")
    assert devices.sent == []
    await house.say("yes")
    assert devices.sent == [("siren/set", '{"state": "ON", "tone": "fire"}')]

    await house.say("install the router firmware update")
    assert house.spoken[-1] == "Shall I install the update of the router firmware?"
    await house.say("no")
    assert len(devices.sent) == 1


async def test_a_siren_sounds_as_long_and_as_loud_as_was_said(house: House, devices: AnnouncedHouse) -> None:
    await house.say("sound the siren at 30 percent for 10 seconds")
    await house.say("yes")
    assert devices.sent == [("siren/set", '{"state": "ON", "duration": 10, "volume_level": 0.3}')]
    assert house.spoken[-1] == "The siren is sounding at 30% for 10 seconds."


async def test_an_alarm_is_set_off_only_after_a_yes_and_with_its_code(house: House, devices: AnnouncedHouse) -> None:
    turn = await house.say("trigger the alarm with code 4711")
    assert "4711" not in str(sealed(turn))
    assert (devices.sent, house.spoken[-1]) == ([], "Shall I set off the alarm?")
    await house.say("yes")
    assert (devices.sent, house.spoken[-1]) == ([("alarm/set", "triggered")], "The alarm is going off.")

    await house.say("fai scattare l'allarme", "it")
    assert house.spoken[-1] == "Devo far scattare l'allarme?"
    await house.say("sì", "it")
    assert house.spoken[-1] == "Per l'allarme ci vuole il codice giusto."
    assert len(devices.sent) == 1


async def test_both_ends_of_a_range_move_on_and_go_back(house: House, devices: AnnouncedHouse) -> None:
    await house.say("set the thermostat between 19 and 23 degrees")
    await house.say("make it warmer")
    assert devices.sent[2:] == [("least/set", "20.0"), ("most/set", "24.0")]
    await house.say("undo that")
    assert devices.sent[4:] == [("least/set", "19.0"), ("most/set", "23.0")]


async def test_a_time_goes_back_to_what_it_was(house: House, devices: AnnouncedHouse) -> None:
    await house.say("set the wake time to 6:45")
    await house.say("undo that")
    assert devices.sent == [("wake/set", "06:45:00"), ("wake/set", "07:30:00")]
    assert house.schedule.items() == []


async def test_what_a_range_lacks_is_asked_back(house: House, devices: AnnouncedHouse) -> None:
    await house.say("set the thermostat")
    assert house.spoken == ["What shall I set the thermostat to?"]
    await house.say("between 19 and 23 degrees")
    assert devices.sent == [("least/set", "19.0"), ("most/set", "23.0")]


async def test_an_alarm_that_wants_a_code_is_armed_with_it(house: House, devices: AnnouncedHouse) -> None:
    await house.say("arm the alarm")
    assert devices.sent == []
    turn = await house.say("arm the alarm at home with code 4 7 1 1")
    assert devices.sent == [("alarm/set", "armed_home")]
    assert "4711" not in str(sealed(turn))
    assert turn.transcript is not None and turn.transcript.text == SEALED
    await house.say("inserisci l'allarme con il codice 4711", "it")
    assert devices.sent[1:] == [("alarm/set", "armed_away")]


async def test_opening_a_valve_further_asks_and_closing_it_further_does_not(
    house: House, devices: AnnouncedHouse
) -> None:
    """40 % are open."""
    await house.say("open the water main a bit")
    assert devices.sent == []
    await house.say("yes")
    assert devices.sent == [("main/set", "60")]
    await house.say("close the water main by 30 percent")
    assert devices.sent[1:] == [("main/set", "30")]


async def test_a_fan_is_reversed_and_no_command_is(house: House, devices: AnnouncedHouse) -> None:
    """Also where "reverse that" would undo something."""
    await house.say("set the office fan to 75 percent")
    await house.say("reverse the office fan")
    assert devices.sent == [("speed/set", "3"), ("way/set", "reverse")]
    await house.say("reverse that")
    assert devices.sent[2:] == [("way/set", "forward")]


async def test_on_from_a_step(house: House, devices: AnnouncedHouse) -> None:
    await house.say("open the blinds a bit")
    await house.say("a bit more")
    assert devices.sent == [("blinds/set", "70"), ("blinds/set", "90")]


@pytest.mark.parametrize(
    ("language", "said", "items"),
    [
        ("en", "add bread, two lemons and tea to the shopping list", ["bread", "two lemons", "tea"]),
        ("en", "Add bread, tea, and jam to the shopping list.", ["bread", "tea", "jam"]),
        ("en", "add bread to the shopping list, please", ["bread"]),
        ("en", "We're out of tea, put it on the shopping list.", ["tea"]),
        ("it", "aggiungi pane, due limoni e tè alla lista della spesa", ["pane", "due limoni", "tè"]),
    ],
)
async def test_what_is_listed_with_commas_is_several_things(
    house: House, language: str, said: str, items: list[str]
) -> None:
    await house.say(said, language)

    assert house.lists.items == ["milk", "eggs", *items]


async def test_a_list_is_cleared_and_that_is_undone(house: House) -> None:
    await house.say("clear the shopping list")
    assert house.spoken[-1] == "I took milk and eggs off the shopping list."
    await house.say("svuota la lista della spesa", "it")
    assert house.spoken[-1] == "Nella lista della spesa non c'è niente."
    await house.say("undo that", "en")
    assert house.lists.items == ["milk", "eggs"]


async def test_thermostats_alone_tell_where_it_is_warmest() -> None:
    house = House(devices=FakeHouse([each for each in ENTITIES if each.domain != "sensor"]))
    await house.say("where is it warmest?")
    assert house.spoken == ["The highest is 18.5 degrees, in the living room."]
