"""Loops of the recogniser are said once."""

import pytest

from assistant.speech.repeats import collapsed

LOOPS = {
    "Turn on the light. Turn on the light. Turn on the light.": "Turn on the light.",
    "Switch on the coffee machine, Switch on the coffee machine, Switch": "Switch on the coffee machine",
    "Turn off the lights upstairs, lights upstairs, lights upstairs, lights": "Turn off the lights upstairs",
    "light light light light": "light",
}
WHOLE = [
    "no, no",
    "turn on the light and turn on the fan",
    "set it to 20",
    "accendi la luce e spegni la luce",
    "",
    "打开厨房灯",
]


@pytest.mark.parametrize("heard", LOOPS)
def test_a_loop_is_said_once(heard: str) -> None:
    assert collapsed(heard) == LOOPS[heard]


@pytest.mark.parametrize("heard", WHOLE)
def test_other_text_is_untouched(heard: str) -> None:
    assert collapsed(heard) == heard
