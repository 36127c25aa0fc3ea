"""What the skills decide for players, fans, humidifiers, boilers, mowers, alarms, settings, robots and slats."""

from __future__ import annotations

import pytest

from assistant.errors import Ambiguous, NotPossible, OutOfRange
from assistant.models import Action, Limits, Target, Value
from tests.fakes import FakeHouse, thing
from tests.skills.asking import ask, decided


def furnished() -> FakeHouse:
    """A house with one of each kind."""
    house = FakeHouse()
    house.add(
        thing("media_player.kitchen_radio", "Kitchen"),
        thing("media_player.television", "Living Room"),
        thing("fan.ceiling_fan", "Living Room", "", "percentage", "oscillate", "direction", "preset_mode",
              options={"preset_mode": ("Auto", "Night Breeze")}),
        thing("humidifier.air", "Bedroom", limits={"humidity": Limits(30, 70)},
              options={"mode": ("normal", "baby_care")}),
        thing("water_heater.boiler", "Garage", unit="°C", limits={"temperature": Limits(40, 65)},
              options={"operation_mode": ("eco", "heat_pump", "off")}),
        thing("lawn_mower.mower", None),
        thing("alarm_control_panel.alarm", "Hallway"),
        thing("number.chime_volume", None, unit="%", limits={"value": Limits(0, 10)}),
        thing("select.doorbell_tune", None, options={"option": ("Ding Dong", "Westminster")}),
        thing("text.display", None),
        thing("siren.attic_siren", None),
        thing("script.good_morning", None, readable=False),
        thing("cover.study_blind", "Bedroom", "", "position", "tilt", device_class="blind"),
        thing("vacuum.mopper", "Kitchen", "", "clean_area", options={"area": ("Kitchen", "Living Room")}),
        thing("climate.heat_pump", "Bedroom", options={"preset_mode": ("eco", "away"), "fan_mode": ("low", "high")}),
    )  # fmt: skip
    house.report("media_player.kitchen_radio", "playing", volume_level=40, is_volume_muted=False)
    house.report("media_player.television", "off")
    house.report("fan.ceiling_fan", "on", percentage=50)
    house.report("humidifier.air", "on", humidity=50)
    house.report("water_heater.boiler", "eco", temperature=55)
    house.report("number.chime_volume", "4")
    return house


@pytest.mark.parametrize(
    ("intent", "name", "slots", "service", "arguments"),
    [
        ("HassTurnOn", "television", {}, "turn_on", {}),
        ("HassTurnOff", "kitchen radio", {}, "turn_off", {}),
        ("HassMediaUnpause", "kitchen radio", {}, "media_play", {}),
        ("HassMediaPause", "kitchen radio", {}, "media_pause", {}),
        ("HassStopMoving", "kitchen radio", {}, "media_stop", {}),
        ("HassMediaNext", "kitchen radio", {}, "media_next_track", {}),
        ("HassMediaPrevious", "kitchen radio", {}, "media_previous_track", {}),
        ("HassSetVolume", "kitchen radio", {"volume_level": 25}, "volume_set", {"volume_level": 25}),
        ("HassSetVolumeRelative", "kitchen radio", {"volume_step": 15}, "volume_set", {"volume_level": 55}),
        ("HassSetVolumeRelative", "kitchen radio", {"volume_step": -60}, "volume_set", {"volume_level": 0}),
        ("HassMediaPlayerMute", "kitchen radio", {}, "volume_mute", {"is_volume_muted": True}),
        ("HassMediaPlayerUnmute", "kitchen radio", {}, "volume_mute", {"is_volume_muted": False}),
        ("FanSet", "ceiling fan", {"preset_mode": "night breeze"}, "set_preset_mode", {"preset_mode": "Night Breeze"}),
        ("FanSet", "ceiling fan", {"oscillating": True}, "oscillate", {"oscillating": True}),
        ("FanSet", "ceiling fan", {"direction": "reverse"}, "set_direction", {"direction": "reverse"}),
        ("HassFanSetSpeed", "ceiling fan", {"percentage_step": -20}, "set_percentage", {"percentage": 30}),
        ("HassTurnOff", "air", {}, "turn_off", {}),
        ("HassHumidifierSetpoint", "air", {"humidity": 45}, "set_humidity", {"humidity": 45}),
        ("HassHumidifierMode", "air", {"mode": "baby care"}, "set_mode", {"mode": "baby_care"}),
        ("HassTurnOn", "boiler", {}, "turn_on", {}),
        ("HassClimateSetTemperature", "boiler", {"temperature": 60}, "set_temperature", {"temperature": 60}),
        ("HassClimateSetTemperature", "boiler", {"temperature_step": -5}, "set_temperature", {"temperature": 50}),
        ("WaterHeaterSetMode", "boiler", {"operation_mode": "heat pump"}, "set_operation_mode",
         {"operation_mode": "heat_pump"}),
        ("HassLawnMowerStartMowing", "mower", {}, "start_mowing", {}),
        ("HassLawnMowerDock", "mower", {}, "dock", {}),
        ("HassStopMoving", "mower", {}, "pause", {}),
        ("AlarmArm", "alarm", {}, "alarm_arm_away", {}),
        ("AlarmArm", "alarm", {"mode": "night"}, "alarm_arm_night", {}),
        ("AlarmArm", "alarm", {"mode": "home", "code": "1234"}, "alarm_arm_home", {"code": "1234"}),
        ("AlarmDisarm", "alarm", {"code": "1234"}, "alarm_disarm", {"code": "1234"}),
        ("NumberSet", "chime volume", {"value": 7}, "set_value", {"value": 7}),
        ("NumberSet", "chime volume", {"step": -1}, "set_value", {"value": 3}),
        ("SelectOption", "doorbell tune", {"option": "westminster"}, "select_option", {"option": "Westminster"}),
        ("TextSet", "display", {"text": "back at five"}, "set_value", {"value": "back at five"}),
        ("HassTurnOn", "attic siren", {}, "turn_on", {}),
        ("HassTurnOn", "good morning", {}, "turn_on", {}),
        ("CoverSetTilt", "study blind", {"tilt": 50}, "set_cover_tilt_position", {"tilt_position": 50}),
        ("HassVacuumCleanArea", "mopper", {"area": "living room"}, "clean_area", {"area": "Living Room"}),
        ("ClimateSetPresetMode", "heat pump", {"preset_mode": "Away"}, "set_preset_mode", {"preset_mode": "away"}),
        ("HassClimateSetFanMode", "heat pump", {"fan_mode": "Low"}, "set_fan_mode", {"fan_mode": "low"}),
    ],
)  # fmt: skip
async def test_an_intent_becomes_a_service_of_home_assistant(
    intent: str, name: str, slots: dict[str, Value], service: str, arguments: dict[str, Value]
) -> None:
    (action,) = await decided(intent, name, furnished(), **slots)
    assert (action.service, action.arguments) == (service, arguments)


@pytest.mark.parametrize(
    ("intent", "name", "slots", "lacking"),
    [
        ("FanSet", "bedroom fan", {"oscillating": True}, "oscillate"),
        ("FanSet", "bedroom fan", {"preset_mode": "auto"}, "preset_mode"),
        ("CoverSetTilt", "garage door", {"tilt": 50}, "tilt"),
        ("HassVacuumCleanArea", "robot vacuum", {"area": "Kitchen"}, "area"),
        ("ClimateSetPresetMode", "thermostat", {"preset_mode": "eco"}, "preset_mode"),
        ("HassSetVolumeRelative", "television", {"volume_step": 10}, "unknown_level"),
    ],
)
async def test_what_a_device_lacks_is_named(intent: str, name: str, slots: dict[str, Value], lacking: str) -> None:
    with pytest.raises(NotPossible) as raised:
        await decided(intent, name, furnished(), **slots)
    assert raised.value.say.values["what"] == lacking


async def test_an_option_that_there_is_not_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(NotPossible) as raised:
        await decided("HassHumidifierMode", "air", furnished(), mode="jungle")
    assert raised.value.say.values["options"] == ("normal", "baby_care")
    with pytest.raises(NotPossible) as raised:
        await decided("HassVacuumCleanArea", "mopper", furnished(), area="Garage")
    assert raised.value.say.values["options"] == ("Kitchen", "Living Room")


@pytest.mark.parametrize(
    ("intent", "name", "slots", "minimum", "maximum"),
    [
        ("HassHumidifierSetpoint", "air", {"humidity": 90}, 30, 70),
        ("HassClimateSetTemperature", "boiler", {"temperature_step": 20}, 40, 65),
        ("HassClimateSetTemperature", "thermostat", {"temperature_step": 15}, 7, 30),
        ("NumberSet", "chime volume", {"value": 11}, 0, 10),
        ("HassSetVolume", "kitchen radio", {"volume_level": 120}, 0, 100),
    ],
)
async def test_beyond_its_range_nothing_is_set_and_the_range_is_told(
    intent: str, name: str, slots: dict[str, Value], minimum: float, maximum: float
) -> None:
    with pytest.raises(OutOfRange) as raised:
        await decided(intent, name, furnished(), **slots)
    said = raised.value.say.values
    assert (said["minimum"], said["maximum"]) == (minimum, maximum)


async def test_without_a_name_the_player_that_plays_is_meant() -> None:
    assert await decided("HassMediaPause", Target(), furnished()) == [
        Action("media_player.kitchen_radio", "media_pause")
    ]
    assert await decided("HassSetVolumeRelative", Target(), furnished(), volume_step=-10) == [
        Action("media_player.kitchen_radio", "volume_set", {"volume_level": 30})
    ]


async def test_without_one_that_plays_it_asks_which() -> None:
    house = furnished()
    house.report("media_player.kitchen_radio", "idle")
    with pytest.raises(Ambiguous):
        await ask("HassMediaPause", Target(), house)
