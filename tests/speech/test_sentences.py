"""The first clause comes early, and no word is lost."""

import pytest

from assistant.speech.sentences import clauses

CUTS = {
    "The kitchen light is on, because it is getting dark outside. Good night.": [
        "The kitchen light is on,",
        "because it is getting dark outside.",
        "Good night.",
    ],
    "It is 21.5 degrees in the bedroom.": ["It is 21.5 degrees in the bedroom."],
    "Ci sono 21,5 gradi in camera, e la finestra è aperta.": [
        "Ci sono 21,5 gradi in camera,",
        "e la finestra è aperta.",
    ],
    "厨房的灯已经打开了，因为外面天黑了。": ["厨房的灯已经打开了，", "因为外面天黑了。"],
    "Yes, it is on.": ["Yes, it is on."],
    "Mr. Smith is at the front door.": ["Mr. Smith is at the front door."],
    "": [],
    "  ": [],
}


@pytest.mark.parametrize("text", CUTS)
def test_clauses(text: str) -> None:
    assert list(clauses(text)) == CUTS[text]


def test_nothing_is_lost() -> None:
    text = " ".join(CUTS)
    assert "".join("".join(clauses(text)).split()) == "".join(text.split())
