"""Words that only silence, and commands that begin like them."""

import pytest

from assistant.intents.hush import only_silences


@pytest.mark.parametrize(
    "text", ["stop", "Stop!", "Stop, please.", "Stop it. Stop it.", "Basta, basta!",
             "OK, stop.", "That’s enough.", "Basta.", "Basta, grazie!", "stai zitta",
             "停下。"],
)  # fmt: skip
def test_it_only_silences(text: str) -> None:
    assert only_silences(text)


@pytest.mark.parametrize(
    "text", ["", "stop the vacuum", "ferma la tapparella", "yes", "no", "basta con la luce", "please", "enough light?"]
)
def test_it_asks_for_something(text: str) -> None:
    assert not only_silences(text)
