"""How Italians speak to their house: classes of speech, a few sentences each."""

from __future__ import annotations

import pytest

from assistant.intents.matcher import Reflex
from tests.intents.houses import demo_house


@pytest.fixture(scope="module")
def reflex() -> Reflex:
    return Reflex(demo_house())


@pytest.mark.parametrize(
    ("said", "name", "target", "slots"),
    [
        ("Accendimela la luce in cucina", "HassTurnOn", "light.kitchen_light", {}),
        ("Scusi, può spegnere la luce della camera?", "HassTurnOff", "light.bedroom_light", {}),
        ("Vorrei che accendessi la luce del soggiorno.", "HassTurnOn", "light.living_room_light", {}),
        ("Stuta la luce in cucina.", "HassTurnOff", "light.kitchen_light", {}),
        ("La macchinetta del caffè, accendila.", "HassTurnOn", "switch.coffee_machine", {}),
        ("Accendi l'abat-jour.", "HassTurnOn", "light.reading_lamp", {}),
        ("Luce cucina al 40.", "HassLightSet", "light.kitchen_light", {"brightness": 40}),
        ("Metti la luce della cucina a un terzo.", "HassLightSet", "light.kitchen_light", {"brightness": 33}),
        ("Tremila kelvin la luce in cucina.", "HassLightSet", "light.kitchen_light", {"temperature": 3000}),
        ("Tapparelle giù.", "HassTurnOff", "cover.living_room_blinds", {}),
        ("Alza la serranda del garage.", "HassTurnOn", "cover.garage_door", {}),
        ("Chiudi la porta d'ingresso a chiave.", "HassTurnOn", "lock.front_door", {}),
        (
            "Alza di mezzo grado il riscaldamento.",
            "HassClimateSetTemperature",
            "climate.thermostat",
            {"temperature_step": 0.5},
        ),
        ("Metti il termostato a ventun gradi e mezzo.", "HassClimateSetTemperature", "climate.thermostat",
         {"temperature": 21.5}),
        ("Il robot, rimettilo in carica.", "HassVacuumReturnToBase", "vacuum.robot_vacuum", {}),
        ("Spegnimi la luce della camera, che dormo.", "HassTurnOff", "light.bedroom_light", {}),
        ("Fa caldo, accendi il ventilatore.", "HassTurnOn", "fan.bedroom_fan", {}),
        ("C'è troppa luce, abbassa le tapparelle.", "HassTurnOff", "cover.living_room_blinds", {}),
        ("Assicurati che la luce in cucina sia spenta.", "HassTurnOff", "light.kitchen_light", {}),
        ("Voglio che il garage venga chiuso.", "HassTurnOff", "cover.garage_door", {}),
        ("È ora di chiudere il garage.", "HassTurnOff", "cover.garage_door", {}),
        ("Le tapparelle puoi aprirle?", "HassTurnOn", "cover.living_room_blinds", {}),
        ("La luce in camera è accesa, spegnila.", "HassTurnOff", "light.bedroom_light", {}),
        ("La luce della camera è troppo forte, abbassala.", "HassLightSet", "light.bedroom_light",
         {"brightness_step": -20}),
        ("Riduci di un altro 10% la luce della cucina.", "HassLightSet", "light.kitchen_light",
         {"brightness_step": -10}),
        ("Togli un grado al termostato.", "HassClimateSetTemperature", "climate.thermostat", {"temperature_step": -1}),
        ("Metti il termostato a 18°.", "HassClimateSetTemperature", "climate.thermostat", {"temperature": 18}),
        ("Blocca la tapparella del soggiorno.", "HassStopMoving", "cover.living_room_blinds", {}),
        ("Spegni la luce in cucina, anzi in camera.", "HassTurnOff", "Bedroom", {}),
        ("Guardiamo un film.", "HassTurnOn", "scene.movie_night", {}),
    ],
)  # fmt: skip
def test_orders(reflex: Reflex, said: str, name: str, target: str, slots: dict[str, float]) -> None:
    (intent,) = reflex.match(said, "it").intents
    assert (intent.name, dict(intent.slots)) == (name, slots)
    assert target in (*intent.target.ids, intent.target.area)


@pytest.mark.parametrize(
    "said",
    [
        "La porta di casa l'ho chiusa?",
        "Il garage è aperto o chiuso?",
        "Fa freddo in camera?",
        "Il robot gira?",
        "Gira il ventilatore?",
        "Controlla che il garage sia chiuso.",
        "La tapparella è a metà?",
        "Com'è messo il garage?",
    ],
)
def test_questions_do_not_act(reflex: Reflex, said: str) -> None:
    (intent,) = reflex.match(said, "it").intents
    assert intent.name in ("HassGetState", "HassClimateGetTemperature")


@pytest.mark.parametrize(
    "said",
    [
        "Sto uscendo.", "Fa freddo.", "Ho freddo.", "Ho acceso la luce.", "Sto per accendere la luce in cucina.",
        "Accendi la luce in cucina alle 8.", "Chiudi le tapparelle alle otto.", "Spegni la luce tra dieci minuti.",
        "Se piove chiudi le tapparelle.", "Quando esco spegni tutto.", "Non accendere la luce in cucina.",
        "Apri la finestra.", "Alza il volume.", "Accendi una candela.", "Il ventilatore?", "Le luci le spengo io.",
        "Sono in cucina, accendi la luce del bagno.",
        "Apri il cancello.", "Blocca il cancello.", "Accendi il computer.", "Apri la portiera.", "Chiudi l'ombrellone.",
        "Chiudi le tapparelle in cucina.", "Accendi il ventilatore in cucina.", "Il robot mi sta simpatico.",
        "La luce della camera è troppo bassa.", "Accendi la luce in cucina, anzi no.", "Che bella luce in cucina!",
        "Metti il ventilatore a velocità 2.",
    ],
)  # fmt: skip
def test_left_alone(reflex: Reflex, said: str) -> None:
    assert reflex.match(said, "it").intents == ()


def test_an_exception_is_no_step(reflex: Reflex) -> None:
    (intent,) = reflex.match("Accendi tutte le luci meno la camera.", "it").intents
    assert (intent.name, intent.target.excluded) == ("HassTurnOn", ("light.bedroom_light",))
