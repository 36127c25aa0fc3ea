"""What is spoken: only what the record holds, in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import assistant.texts
from assistant import yaml_files
from assistant.errors import Ambiguous, AssistantError, HouseUnreachable, NotFound, NotPossible, OutOfRange
from assistant.models import (
    Action,
    Allowed,
    Denied,
    Message,
    NeedsConfirmation,
    Outcome,
    Request,
    Say,
    State,
    Turn,
    Value,
)
from assistant.replies import compose
from assistant.texts import LANGUAGES, Texts
from tests.fakes import FakeHouse, thing

SENT = (Message("topic", "payload"),)


def turn(*outcomes: Outcome, language: str = "en", because: str | None = None, path: str = "brain") -> Turn:
    record = Turn("1", datetime.now(UTC), Request(language=language), path=path, because=because)  # type: ignore[arg-type]
    record.outcomes += outcomes
    return record


def done(entity_id: str, service: str, reported: str | None = None, **arguments: Value) -> Outcome:
    action = Action(entity_id, service, arguments)
    return Outcome(action, Allowed(action), SENT, True, State(entity_id, reported, arguments) if reported else None)


def spoken(*outcomes: Outcome, language: str = "en", because: str | None = None) -> str:
    return compose(turn(*outcomes, language=language, because=because), FakeHouse())


@pytest.mark.parametrize(
    ("outcome", "english", "italian"),
    [
        (done("light.kitchen_light", "turn_on"), "The kitchen light is on.", "Ho acceso la luce della cucina."),
        (done("light.kitchen_light", "turn_off"), "The kitchen light is off.", "Ho spento la luce della cucina."),
        (done("light.reading_lamp", "turn_on", brightness=40), "The reading lamp is at 40%.",
         "Ho messo la lampada da lettura al 40%."),
        (done("light.living_room_light", "turn_on", color="red"), "The living room light is on, red.",
         "Ho messo la luce del soggiorno sul rosso."),
        (done("light.living_room_light", "turn_on", color_temperature=2700),
         "The living room light is on, at 2700 kelvin.", "Ho messo la luce del soggiorno a 2700 kelvin."),
        (done("lock.front_door", "lock"), "The front door is locked.", "Ho chiuso a chiave la porta d'ingresso."),
        (done("cover.garage_door", "open_cover"), "The garage door is open.", "Ho aperto la porta del garage."),
        (done("cover.living_room_blinds", "set_cover_position", position=30),
         "The living room blinds are 30% open.", "Ho aperto la tapparella del soggiorno al 30%."),
        (done("climate.thermostat", "set_temperature", temperature=21.5), "The thermostat is set to 21.5 degrees.",
         "Ho impostato il termostato a 21,5 gradi."),
        (done("climate.thermostat", "set_hvac_mode", hvac_mode="off"), "The thermostat is off.",
         "Ho spento il termostato."),
        (done("climate.thermostat", "set_hvac_mode", hvac_mode="heat"), "The thermostat is set to heating.",
         "Ho messo il termostato in modalità riscaldamento."),
        (done("fan.bedroom_fan", "set_percentage", percentage=50), "The bedroom fan is at 50%.",
         "Ho messo il ventilatore al 50%."),
        (done("vacuum.robot_vacuum", "start"), "The robot vacuum is cleaning.", "Ho avviato il robot."),
        (done("vacuum.robot_vacuum", "return_to_base"), "The robot vacuum is going back to base.",
         "Ho rimandato alla base il robot."),
    ],
    ids=lambda value: value.action.service if isinstance(value, Outcome) else "",
)  # fmt: skip
def test_what_was_confirmed_is_told(outcome: Outcome, english: str, italian: str) -> None:
    assert spoken(outcome) == english
    assert spoken(outcome, language="it") == italian


def test_the_value_that_the_house_reported_is_told_not_the_one_asked_for() -> None:
    asked = done("climate.thermostat", "set_temperature", temperature=21.4)
    reported = replace(asked, state=State("climate.thermostat", "heat", {"temperature": 21.5}))
    assert spoken(reported) == "The thermostat is set to 21.5 degrees."


def test_what_is_still_moving_is_not_said_to_have_arrived() -> None:
    opening = done("cover.garage_door", "open_cover", "opening")
    assert spoken(opening) == "The garage door is opening."
    assert spoken(opening, language="it") == "La porta del garage è in apertura."


def test_several_devices_share_a_sentence() -> None:
    both = [done("light.kitchen_light", "turn_off"), done("light.reading_lamp", "turn_off")]
    assert spoken(*both) == "The kitchen light and the reading lamp are off."
    assert spoken(*both, language="it") == "Ho spento la luce della cucina e la lampada da lettura."


def test_many_devices_are_counted() -> None:
    all_lights = [done(each.id, "turn_off") for each in FakeHouse().entities() if each.domain == "light"]
    assert spoken(*all_lights) == "5 lights are off."
    assert spoken(*all_lights, done("switch.coffee_machine", "turn_off")) == "6 devices are off."
    assert spoken(*all_lights, language="it") == "Ho spento 5 luci."
    assert spoken(*all_lights, language="zh") == "5盏灯已关闭。"


def test_what_was_not_confirmed_is_not_claimed() -> None:
    action = Action("light.kitchen_light", "turn_on")
    silent = Outcome(action, Allowed(action), SENT, False, problem="light.kitchen_light has not answered within 3 s")
    assert spoken(silent) == "I sent it, but the kitchen light has not answered."
    assert spoken(silent, language="it") == "Ho inviato il comando, ma la luce della cucina non ha risposto."
    otherwise = replace(silent, problem="light.kitchen_light answered otherwise: off", answered=True,
                        state=State("light.kitchen_light", "off"))  # fmt: skip
    assert spoken(otherwise) == "I sent it, but the kitchen light is off."
    assert spoken(otherwise, language="it") == "Ho inviato il comando, ma la luce della cucina è spenta."
    brighter = Action("light.kitchen_light", "turn_on", {"brightness": 80})
    on = replace(otherwise, action=brighter, state=State("light.kitchen_light", "on", {"brightness": 10}))
    assert spoken(on) == "I sent it, but the kitchen light is on, not as you wanted."
    speechless = replace(silent, answered=True, state=State("light.kitchen_light"))
    assert spoken(speechless) == "I sent it, but the kitchen light has not answered."
    move = Action("cover.garage_door", "close_cover")
    stuck = Outcome(move, Allowed(move), SENT, False, State("cover.garage_door", "opening"), answered=True)
    assert spoken(stuck) == "I sent it, but the garage door is opening."
    unsent = Outcome(action, Allowed(action), problem="says that it is not available")
    assert spoken(unsent) == "I sent nothing: the kitchen light is not reachable."


def test_what_reports_no_state_is_told_as_sent() -> None:
    action = Action("switch.coffee_machine", "turn_on")
    assert spoken(Outcome(action, Allowed(action), SENT)) == "I sent it to the coffee machine; it does not report back."
    scene = Action("scene.movie_night", "turn_on")
    assert spoken(Outcome(scene, Allowed(scene), SENT)) == "I started the movie night scene."


def test_a_yes_is_asked_for() -> None:
    unlock = Action("lock.front_door", "unlock")
    held = Outcome(unlock, NeedsConfirmation(unlock, "unlocking needs a spoken yes"))
    assert spoken(held) == "Shall I unlock the front door?"
    assert spoken(held, language="it") == "Devo sbloccare la porta d'ingresso?"
    assert spoken(held, language="zh") == "要解锁Front Door吗？"
    assert spoken(held, because="you are leaving") == "Shall I unlock the front door?"


@pytest.mark.parametrize(
    ("action", "english", "italian"),
    [
        (Action("climate.thermostat", "set_hvac_mode", {"hvac_mode": "off"}), "Shall I turn off the thermostat?",
         "Devo spegnere il termostato?"),
        (Action("climate.thermostat", "set_hvac_mode", {"hvac_mode": "heat"}), "Shall I set the thermostat to heating?",
         "Devo mettere il termostato in modalità riscaldamento?"),
        (Action("vacuum.robot_vacuum", "return_to_base"), "Shall I send the robot vacuum back to base?",
         "Devo rimandare alla base il robot?"),
    ],
)  # fmt: skip
def test_the_question_names_what_would_be_done(action: Action, english: str, italian: str) -> None:
    held = Outcome(action, NeedsConfirmation(action, "the request does not speak of it"))
    assert spoken(held) == english
    assert spoken(held, language="it") == italian


def test_what_was_not_permitted_has_no_reason_of_the_models() -> None:
    lamp = Action("light.reading_lamp", "turn_on")
    denied = Outcome(lamp, Denied(lamp, "a question was asked"))
    assert "dark" not in spoken(denied, because="it is dark")


def test_what_is_done_is_told_before_what_is_asked() -> None:
    unlock = Action("lock.front_door", "unlock")
    held = Outcome(unlock, NeedsConfirmation(unlock, "unlocking needs a spoken yes"))
    assert spoken(held, done("light.kitchen_light", "turn_on")) == (
        "The kitchen light is on. Shall I unlock the front door?"
    )


def test_a_denial_has_its_reason() -> None:
    action = Action("light.kitchen_light", "turn_on")
    denied = Outcome(action, Denied(action, "a question was asked"))
    assert spoken(denied) == "I will not do that with the kitchen light: a question was asked."
    assert spoken(denied, language="it") == "Lascio stare la luce della cucina: mi hai fatto una domanda."


def test_why_comes_last_and_only_where_wanted() -> None:
    lamp = done("light.reading_lamp", "turn_on")
    assert spoken(lamp, because="It was dark in the living room.") == (
        "The reading lamp is on, because it was dark in the living room."
    )
    assert spoken(lamp, because="because I was asked") == "The reading lamp is on, because I was asked."
    assert spoken(lamp, language="it", because="perché era buio in soggiorno") == (
        "Ho acceso la lampada da lettura, perché era buio in soggiorno."
    )
    assert spoken(lamp, language="zh", because="客厅很暗") == "Reading Lamp已打开，因为客厅很暗。"
    silent = replace(lamp, confirmed=False, problem="it has not answered within 3 s")
    assert "because" not in spoken(silent, because="it was dark")
    assert compose(turn(lamp, because="it was dark"), FakeHouse(), explain="off") == "The reading lamp is on."


def test_steps_tell_what_was_looked_at() -> None:
    record = turn(done("light.reading_lamp", "turn_on"), because="it was dark")
    record.read = [State("sensor.living_room_brightness", "12"), State("sensor.bedroom_temperature", None)]
    assert compose(record, FakeHouse(), explain="steps") == (
        "I looked: The living room brightness is 12 lux. The reading lamp is on, because it was dark."
    )


def test_the_models_own_words_never_stand_in_for_what_was_done() -> None:
    record = turn(done("light.reading_lamp", "turn_on"))
    assert compose(record, FakeHouse(), "I have turned on every lamp!") == "The reading lamp is on."
    assert compose(turn(), FakeHouse(), "Which lamp shall it be?") == "Which lamp shall it be?"


def test_nothing_is_told_as_nothing() -> None:
    assert spoken() == "There was nothing to do."


@pytest.mark.parametrize(
    ("error", "english", "italian"),
    [
        (NotFound("", kind="room", name="attic"), "I know no room called attic.",
         "Non conosco nessuna stanza che si chiami attic."),
        (NotFound("", kind="device", name="disco ball", place="kitchen"),
         "I know no device called disco ball in the kitchen.",
         "Non conosco nessun dispositivo che si chiami disco ball in kitchen."),
        (NotFound("", kind="light", name="light", place="Kitchen"), "I found no lights in the kitchen.",
         "Non trovo luci in cucina."),
        (NotFound("", kind="blind", name="blind"), "I found no blinds.", "Non trovo tapparelle."),
        (Ambiguous("", names=("Kitchen Light", "Reading Lamp")),
         "Which one do you mean: the kitchen light or the reading lamp?",
         "Quale intendi: Kitchen Light o Reading Lamp?"),
        (NotPossible("", name="Kitchen Light", what="color"),
         "The kitchen light cannot change its colour. It can be dimmed.",
         "Per la luce della cucina non si può cambiare il colore. Si può regolare la luminosità."),
        (NotPossible("", name="Thermostat", what="hvac_mode", options=("off", "heat")),
         "The thermostat can only be set to off or heating.",
         "Per il termostato si può scegliere solo spento o riscaldamento."),
        (OutOfRange("", name="Thermostat", what="temperature", minimum=7, maximum=30, unit="°C"),
         "The thermostat goes only from 7 to 30 degrees.", "Per il termostato si può andare solo da 7 a 30 gradi."),
        (HouseUnreachable(""), "I cannot reach the house right now.", "Adesso non raggiungo la casa."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, AssistantError) else "",
)  # fmt: skip
def test_errors_have_their_sentence(error: AssistantError, english: str, italian: str) -> None:
    assert compose(turn(), FakeHouse(), error.say) == english
    assert compose(turn(language="it"), FakeHouse(), error.say) == italian


def test_an_error_after_something_was_done_is_told_after_it() -> None:
    record = turn(done("light.reading_lamp", "turn_on"))
    assert compose(record, FakeHouse(), HouseUnreachable("gone").say) == (
        "The reading lamp is on. I cannot reach the house right now."
    )


def every_error() -> list[type[AssistantError]]:
    found: list[type[AssistantError]] = [AssistantError]
    for each in found:
        found += each.__subclasses__()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_can_be_said_even_without_details(language: str) -> None:
    for error in every_error():
        if error.key in ("error", "ambiguous") or error.__module__ == "assistant.errors":
            values = {"names": ("a", "b")} if error.key == "ambiguous" else {}
            said = compose(turn(language=language), FakeHouse(), error("reason", **values).say)
            assert len(said) > 2
            assert "None" not in said
            assert "Undefined" not in said


def keys(language: str) -> dict[str, set[str]]:
    words = yaml_files.read(Path(assistant.texts.__path__[0], f"{language}.yaml"))["words"]
    return {
        "sentences": set(Texts.load(language).sentences),
        "words": set(words),
        **{group: set(words[group]) for group in ("kinds", "features", "units", "states")},
        **{f"states.{scope}": set(map(str, entries)) for scope, entries in words["states"].items()},
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_keys(language: str) -> None:
    assert keys(language) == keys("en")


def test_there_are_three_languages_and_english_stands_in_for_the_rest() -> None:
    assert LANGUAGES == ("en", "it", "zh")
    assert Texts.load("fr") is Texts.load("en")


def test_time_and_date_are_spoken() -> None:
    now = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    assert Texts.load("en").say("time", now=now) == "It is 9:05."
    assert Texts.load("it").say("time", now=now) == "Sono le 9 e 5."
    assert Texts.load("en").say("date", now=now) == "It is Monday, November 23."
    assert Texts.load("it").say("date", now=now) == "Oggi è lunedì 23 novembre."
    assert Texts.load("zh").say("date", now=now) == "今天是11月23日星期一。"


def test_italian_places_take_their_preposition() -> None:
    place = Texts.load("it").place
    said = {
        "la cucina": "in cucina", "la camera da letto": "in camera da letto", "il garage": "in garage",
        "Bagno": "in bagno",
        "l'ingresso": "nell'ingresso", "lo studio": "nello studio", "la camera dei bambini": "nella camera dei bambini",
        "il balcone": "sul balcone", "il primo piano": "al primo piano", "Kitchen": "in Kitchen",
    }  # fmt: skip
    assert {name: place(name) for name in said} == said


def test_italian_prepositions_grow_together_with_the_article() -> None:
    italian = Texts.load("it")
    assert italian.behind(["la lista", "l'armadio", "lo scaffale"], "a") == "alla lista, all'armadio e allo scaffale"
    assert [italian.behind("il ventilatore", word) for word in ("di", "da", "in", "su")] == [
        "del ventilatore", "dal ventilatore", "nel ventilatore", "sul ventilatore",
    ]  # fmt: skip
    assert italian.joined(["latte", "pane", "erbe"]) == "latte, pane ed erbe"


def test_italian_numbers_are_elided_and_counted_as_they_are_said() -> None:
    italian = Texts.load("it")
    shares = [italian.before(value, "%", "al") for value in (1, 8, 11, 18, 40, 80, 85, 100, 8.5)]
    assert shares == ["all'1%", "all'8%", "all'11%", "al 18%", "al 40%", "all'80%", "all'85%", "al 100%", "all'8,5%"]
    assert [italian.quantity(value, "h") for value in (1, 2)] == ["un'ora", "2 ore"]
    assert [italian.quantity(value, "°C") for value in (1, 1.5)] == ["un grado", "1,5 gradi"]


@pytest.mark.parametrize(
    ("hour", "minute", "italian", "chinese"),
    [
        (0, 0, "È mezzanotte.", "现在0点整。"),
        (0, 10, "È mezzanotte e 10.", "现在0点10分。"),
        (1, 5, "È l'una e 5.", "现在1点5分。"),
        (12, 0, "Sono le 12.", "现在12点整。"),
        (21, 30, "Sono le 21 e 30.", "现在21点30分。"),
    ],
)
def test_every_hour_is_told_as_people_tell_it(hour: int, minute: int, italian: str, chinese: str) -> None:
    now = datetime(2026, 12, 1, hour, minute, tzinfo=UTC)
    assert Texts.load("it").say("time", now=now) == italian
    assert Texts.load("zh").say("time", now=now) == chinese
    assert Texts.load("it").say("date", now=now) == "Oggi è martedì 1º dicembre."


def test_an_unknown_sentence_is_an_error_said_plainly() -> None:
    assert compose(turn(), FakeHouse(), Say("no.such.sentence")) == "Something went wrong; I did nothing."


@pytest.mark.parametrize(
    ("thing_id", "service", "arguments", "english", "italian"),
    [
        ("media_player.radio", "media_play", {}, "The radio is playing.", "Ho fatto partire la radio."),
        ("media_player.radio", "volume_set", {"volume_level": 30}, "The radio is at volume 30.",
         "Ho messo a 30 il volume della radio."),
        ("media_player.radio", "volume_mute", {"is_volume_muted": True}, "The radio is muted.",
         "Ho tolto l'audio alla radio."),
        ("media_player.radio", "volume_mute", {"is_volume_muted": False}, "The radio is no longer muted.",
         "Ho ridato l'audio alla radio."),
        ("fan.bedroom_fan", "oscillate", {"oscillating": False}, "The bedroom fan is no longer swinging.",
         "Il ventilatore non oscilla più."),
        ("humidifier.air", "set_humidity", {"humidity": 45}, "The air is set to 45%.",
         "Ho impostato l'umidificatore al 45%."),
        ("cover.living_room_blinds", "set_cover_tilt_position", {"tilt_position": 50},
         "The slats of the living room blinds are 50% open.",
         "Ho aperto le lamelle della tapparella del soggiorno al 50%."),
        ("vacuum.robot_vacuum", "clean_area", {"area": "Kitchen"}, "The robot vacuum is cleaning the kitchen.",
         "Il robot sta pulendo la cucina."),
        ("alarm_control_panel.alarm", "alarm_disarm", {"code": "1234"}, "The alarm is disarmed.",
         "Ho disinserito l'allarme."),
        ("number.chime", "set_value", {"value": 7.0}, "The chime is set to 7.", "Ho impostato la suoneria a 7."),
        ("todo.shopping_list", "add_item", {"item": "milk"}, "Milk is on the shopping list.",
         "Ho aggiunto milk alla lista della spesa."),
    ],
)  # fmt: skip
def test_what_the_newer_kinds_confirmed_is_told(
    thing_id: str, service: str, arguments: dict[str, Value], english: str, italian: str
) -> None:
    house = FakeHouse()
    house.add(
        thing("media_player.radio", None, "la radio"), thing("humidifier.air", None, "l'umidificatore"),
        thing("alarm_control_panel.alarm", None, "l'allarme"), thing("number.chime", None, "la suoneria"),
        thing("todo.shopping_list", None, "la lista della spesa"),
    )  # fmt: skip
    outcome = done(thing_id, service, "on", **arguments)
    assert compose(turn(outcome), house) == english
    assert compose(turn(outcome, language="it"), house) == italian


def test_several_things_put_on_a_list_share_a_sentence() -> None:
    house = FakeHouse()
    house.add(thing("todo.shopping_list", None, "la lista della spesa"))
    put = [done("todo.shopping_list", "add_item", item=item) for item in ("milk", "bread")]
    assert compose(turn(*put), house) == "Milk and bread are on the shopping list."
    assert compose(turn(*put, language="it"), house) == "Ho aggiunto milk e bread alla lista della spesa."
