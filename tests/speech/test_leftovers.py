"""The wake phrase never reaches the command, and the command loses no word."""

import pytest

from assistant.speech.leftovers import without_wake_phrase

HEARD = {
    "Okay Nabu, turn on the light.": "turn on the light.",
    "OK, Naboo. Turn on the light.": "Turn on the light.",
    "Ok, now boot, set the blinds to 50%": "set the blinds to 50%",
    "Nabu turn on the light": "turn on the light",
    "knob, close the garage door.": "close the garage door.",
    "Ok Nabu accendi la luce": "accendi la luce",
    "Okay, turn on the light": "turn on the light",
    "Okay Nabu.": "",
    "Nabu": "",
    "": "",
    "...": "...",
}

COMMANDS = [
    "turn on the light",
    "no",
    "No.",
    "sì",
    "nine degrees",
    "open the blinds",
    "never mind",
    "nascondi",
    "打开厨房灯",
]


@pytest.mark.parametrize("heard", HEARD)
def test_the_wake_phrase_goes(heard: str) -> None:
    assert without_wake_phrase(heard, "okay nabu") == HEARD[heard]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_stays_whole(command: str) -> None:
    assert without_wake_phrase(command, "okay nabu") == command
    assert without_wake_phrase(command, "alexa") == command


def test_other_phrases() -> None:
    assert without_wake_phrase("Hey Jarvis, lights off", "hey jarvis") == "lights off"
    assert without_wake_phrase("Alexa, lights off", "alexa") == "lights off"
