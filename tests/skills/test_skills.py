"""What each skill decides, asked the way a person asks: an intent with a target, in a house that stands still."""

from __future__ import annotations

import pytest

from assistant.errors import NotPossible
from assistant.models import Action, Target, Value
from tests.fakes import FakeHouse, thing
from tests.skills.asking import answered, answered_twice, ask, decided


@pytest.mark.parametrize(
    ("intent", "name", "service"),
    [
        ("HassTurnOn", "kitchen light", "turn_on"),
        ("HassTurnOff", "kitchen light", "turn_off"),
        ("HassTurnOn", "coffee machine", "turn_on"),
        ("HassTurnOff", "coffee machine", "turn_off"),
        ("HassTurnOn", "garage door", "open_cover"),
        ("HassTurnOff", "garage door", "close_cover"),
        ("HassStopMoving", "living room blinds", "stop_cover"),
        ("HassTurnOn", "front door", "lock"),
        ("HassTurnOff", "front door", "unlock"),
        ("HassTurnOn", "bedroom fan", "turn_on"),
        ("HassTurnOff", "bedroom fan", "turn_off"),
        ("HassVacuumStart", "robot vacuum", "start"),
        ("HassVacuumReturnToBase", "robot vacuum", "return_to_base"),
        ("HassStopMoving", "robot vacuum", "stop"),
        ("HassTurnOn", "movie night", "turn_on"),
        ("HassTurnOn", "water main", "open_valve"),
        ("HassTurnOff", "water main", "close_valve"),
    ],
)
async def test_an_intent_becomes_the_service_of_its_domain(intent: str, name: str, service: str) -> None:
    (action,) = await decided(intent, name)
    assert (action.service, action.arguments) == (service, {})


async def test_buttons_are_pressed() -> None:
    house = FakeHouse()
    house.add(thing("button.doorbell", None))
    assert await decided("HassTurnOn", "doorbell", house) == [Action("button.doorbell", "press")]


# ── lights ───────────────────────────────────────────────────────────────────────────────


async def test_brightness_colour_and_warmth_are_set() -> None:
    assert await decided("HassLightSet", "living room light", brightness=30, color="red") == [
        Action("light.living_room_light", "turn_on", {"brightness": 30, "color": "red"})
    ]
    assert await decided("HassLightSet", "living room light", temperature=2700) == [
        Action("light.living_room_light", "turn_on", {"color_temperature": 2700})
    ]


async def test_a_colour_and_a_warmth_at_once_are_never_both_sent() -> None:
    """Models like to say "white, 2700 K"; a lamp is either a white or a colour."""
    assert await decided("HassLightSet", "living room light", color="white", temperature=2700) == [
        Action("light.living_room_light", "turn_on", {"color_temperature": 2700})
    ]
    assert await decided("HassLightSet", "living room light", color="blue", temperature=2700) == [
        Action("light.living_room_light", "turn_on", {"color": "blue"})
    ]


async def test_brightness_zero_is_off() -> None:
    assert await decided("HassLightSet", "reading lamp", brightness=0) == [Action("light.reading_lamp", "turn_off")]


@pytest.mark.parametrize(("step", "expected"), [(20, 60), (-20, 20), (80, 100), (-80, 1)])
async def test_a_step_starts_from_what_the_light_last_said(step: int, expected: int) -> None:
    (action,) = await decided("HassLightSet", "living room light", brightness_step=step)
    assert action.arguments == {"brightness": expected}


async def test_a_step_from_off_starts_at_nothing() -> None:
    (action,) = await decided("HassLightSet", "kitchen light", brightness_step=25)
    assert action.arguments == {"brightness": 25}


async def test_a_step_down_leaves_a_light_that_is_off_alone() -> None:
    assert await decided("HassLightSet", "kitchen light", brightness_step=-25) == []


async def test_a_step_from_an_unknown_level_is_refused() -> None:
    house = FakeHouse()
    house.report("light.kitchen_light", None)
    with pytest.raises(NotPossible, match="how bright"):
        await decided("HassLightSet", "kitchen light", house, brightness_step=10)


async def test_a_light_that_cannot_be_dimmed_is_named() -> None:
    with pytest.raises(NotPossible) as raised:
        await decided("HassLightSet", "garage light", brightness=10)
    assert raised.value.say.values["what"] == "brightness"


async def test_of_a_room_those_that_can_change_do_and_the_others_are_named() -> None:
    reply = await ask("HassLightSet", Target(area="living room", domain="light"), color="red")
    assert [action.entity_id for action in reply.actions] == ["light.living_room_light"]
    assert reply.speech is not None
    assert not isinstance(reply.speech, str)
    assert [each.id for each in reply.speech.values["things"]] == ["light.reading_lamp"]  # type: ignore[attr-defined]


# ── climate, covers, fans, valves ────────────────────────────────────────────────────────


async def test_the_temperature_is_set_or_stepped() -> None:
    assert await decided("HassClimateSetTemperature", Target(), temperature=21.5) == [
        Action("climate.thermostat", "set_temperature", {"temperature": 21.5})
    ]
    assert await decided("HassClimateSetTemperature", Target(), temperature_step=-2) == [
        Action("climate.thermostat", "set_temperature", {"temperature": 18.0})
    ]


async def test_a_temperature_step_from_an_unknown_setpoint_is_refused() -> None:
    house = FakeHouse()
    house.report("climate.thermostat", "heat")
    with pytest.raises(NotPossible, match="temperature"):
        await decided("HassClimateSetTemperature", Target(), house, temperature_step=1)


async def test_heating_is_turned_on_in_a_mode_that_it_has() -> None:
    assert await decided("HassTurnOn", "thermostat") == [
        Action("climate.thermostat", "set_hvac_mode", {"hvac_mode": "heat"})
    ]
    assert await decided("HassTurnOff", "thermostat") == [
        Action("climate.thermostat", "set_hvac_mode", {"hvac_mode": "off"})
    ]


async def test_how_warm_it_is_comes_from_thermostat_or_thermometer() -> None:
    assert (
        await answered("HassClimateGetTemperature", Target(area="living room"))
        == "It is 18.5 degrees in the living room."
    )
    assert await answered("HassClimateGetTemperature", Target(area="bedroom")) == "It is 21.5 degrees in the bedroom."
    _, italian = await answered_twice("HassClimateGetTemperature", Target(area="camera"), None, {})
    assert italian == "Ci sono 21,5 gradi in camera da letto."


async def test_a_thermometer_that_has_not_said_anything_is_no_guess() -> None:
    house = FakeHouse()
    house.report("sensor.bedroom_temperature", None)
    assert await answered("HassClimateGetTemperature", Target(area="bedroom"), house) == (
        "I do not know: the bedroom temperature has not reported."
    )


async def test_positions_need_a_cover_that_knows_them() -> None:
    assert await decided("HassSetPosition", "living room blinds", position=40) == [
        Action("cover.living_room_blinds", "set_cover_position", {"position": 40})
    ]
    assert await decided("HassSetPosition", "garage door", position=100) == [Action("cover.garage_door", "open_cover")]
    with pytest.raises(NotPossible):
        await decided("HassSetPosition", "garage door", position=40)
    with pytest.raises(NotPossible):
        await decided("HassStopMoving", "garage door")
    with pytest.raises(NotPossible):
        await decided("HassSetPosition", "water main", position=40)


async def test_fan_speed() -> None:
    assert await decided("HassFanSetSpeed", "bedroom fan", percentage=50) == [
        Action("fan.bedroom_fan", "set_percentage", {"percentage": 50})
    ]
    assert await decided("HassFanSetSpeed", "bedroom fan", percentage=0) == [Action("fan.bedroom_fan", "turn_off")]


# ── questions ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "slots", "english", "italian"),
    [
        ("front door", {}, "The front door is locked.", "La porta d'ingresso è chiusa a chiave."),
        ("front door", {"state": "locked", "question": "one_yesno"}, "Yes, the front door is locked.",
         "Sì, la porta d'ingresso è chiusa a chiave."),
        ("front door", {"state": "unlocked", "question": "one_yesno"}, "No, the front door is locked.",
         "No, la porta d'ingresso è chiusa a chiave."),
        ("bedroom window", {"state": "on", "question": "one_yesno"}, "Yes, the bedroom window is open.",
         "Sì, la finestra della camera è aperta."),
        ("bedroom window", {"state": "closed", "question": "one_yesno"}, "No, the bedroom window is open.",
         "No, la finestra della camera è aperta."),
        ("bedroom temperature", {}, "The bedroom temperature is 21.5 degrees.",
         "La temperatura della camera è 21,5 gradi."),
        ("living room brightness", {}, "The living room brightness is 12 lux.",
         "La luminosità del soggiorno è 12 lux."),
        ("living room light", {}, "The living room light is on at 40%.", "La luce del soggiorno è accesa al 40%."),
        (Target(domain="light"), {"state": "on", "question": "any"}, "Yes, the living room light is on.",
         "Sì, la luce del soggiorno è accesa."),
        (Target(domain="light"), {"state": "on", "question": "which"}, "The living room light is on.",
         "È accesa la luce del soggiorno."),
        (Target(domain="light"), {"state": "on", "question": "how_many"}, "1 is on.",
         "Una sola: la luce del soggiorno."),
        (Target(domain="light", area="kitchen"), {"state": "on", "question": "any"}, "No, none of them is on.",
         "No, nessuna è accesa."),
        (Target(domain="lock"), {"state": "locked", "question": "all"}, "Yes, all of them are locked.",
         "Sì, la porta d'ingresso è chiusa a chiave."),
        ("robot vacuum", {}, "The robot vacuum is at its base.", "Il robot è alla base."),
        ("hallway motion", {}, "The hallway motion is seeing no motion.", "Non c'è movimento nell'ingresso."),
    ],
)  # fmt: skip
async def test_questions_are_answered(
    target: Target | str, slots: dict[str, Value], english: str, italian: str
) -> None:
    assert await answered_twice("HassGetState", target, None, slots) == (english, italian)


async def test_all_is_only_yes_when_all_of_them_are() -> None:
    house = FakeHouse()
    assert await answered(
        "HassGetState", Target(domain="light", area="living room"), house, state="on", question="all"
    ) == ("No, the reading lamp is not.")


async def test_what_has_not_reported_is_not_counted_as_closed() -> None:
    house = FakeHouse()
    house.report("light.kitchen_light", None)
    said = await answered("HassGetState", Target(domain="light", area="kitchen"), house, state="on", question="any")
    assert said == "I do not know: the kitchen light has not reported."
    everything = await answered("HassGetState", Target(domain="light"), house, state="off", question="all")
    assert everything == "No, the living room light is not."
    house.report("light.living_room_light", "off")
    assert await answered("HassGetState", Target(domain="light"), house, state="off", question="all") == (
        "I do not know: the kitchen light has not reported."
    )


@pytest.mark.parametrize(
    ("thing_id", "state", "service"),
    [("light.kitchen_light", "on", "turn_off"), ("light.kitchen_light", "off", "turn_on"),
     ("cover.garage_door", "open", "close_cover")],
)  # fmt: skip
async def test_a_toggle_goes_the_other_way(thing_id: str, state: str, service: str) -> None:
    house = FakeHouse()
    house.report(thing_id, state)
    assert await decided("HassToggle", Target(ids=(thing_id,)), house) == [Action(thing_id, service)]


async def test_a_toggle_of_the_unknown_is_no_guess() -> None:
    house = FakeHouse()
    house.report("light.kitchen_light", None)
    with pytest.raises(NotPossible):
        await ask("HassToggle", "kitchen light", house)


async def test_the_time_is_told_as_the_house_has_it_and_never_mind_does_nothing() -> None:
    """In the zone of config.yaml; the machine may stand on another (UTC, as many do)."""
    assert await answered("HassGetCurrentTime", Target()) == "It is 14:30."
    assert await answered("HassGetCurrentDate", Target()) == "It is Thursday, March 5."
    assert await answered("HassNevermind", Target()) == "All right."
