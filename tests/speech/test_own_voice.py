"""What comes back of the assistant's own sentence is nobody's request; what people say of it is."""

import pytest

from assistant.speech.own_voice import echoes

SAID = [
    "The living room light is on. I am looking at the reading lamp.",
    "Shall I unlock the front door?",
    "Ho acceso la luce della cucina. La temperatura in camera è di 21,5 gradi.",
    "厨房的灯开了。",
]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("The living room light is on.", SAID[0]),
        ("living room lights", SAID[0]),
        ("looking at the reading lamps", SAID[0]),
        ("Unlock the front door?", SAID[1]),
        ("the front door", SAID[1]),
        ("ho acceso la luce della cuccina", SAID[2]),
        ("è di 21,5 gradi", SAID[2]),
        ("灯开了", SAID[3]),
    ],
)
def test_a_piece_of_it(heard: str, said: str) -> None:
    assert echoes(heard, said)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("", SAID[0]),
        ("...", SAID[0]),
        ("turn off the living room light", SAID[0]),
        ("the living room light is off", SAID[0]),
        ("the living room light is on, thank you", SAID[0]),
        ("yes", SAID[1]),
        ("no", SAID[1]),
        ("lock the front door", SAID[1]),
        ("spegni la luce della cucina", SAID[2]),
        ("accendi la luce della cucina", SAID[2]),
        ("sì", SAID[2]),
        ("把厨房的灯关了", SAID[3]),
        ("yes", ""),
    ],
)
def test_somebody_else(heard: str, said: str) -> None:
    assert not echoes(heard, said)
