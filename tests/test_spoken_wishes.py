"""What no template says, spoken, and thought about by the real small brain on this CPU."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from assistant.app import Assistant, Options, assemble
from assistant.audio.files import read_samples
from assistant.config import BrainSettings, Config
from assistant.events import Events
from assistant.models import Allowed, Request
from tests.spoken import say

pytestmark = [pytest.mark.audio, pytest.mark.brain, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def assistant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assistant]:
    """As `--house virtual` starts it; a busy machine may take its time, and two threads would wait for each other."""
    brain = BrainSettings(timeout_seconds=300, threads=1)
    config = Config(language="en", state_folder=tmp_path_factory.mktemp("state"), brain=brain)
    async with assemble(config, Options(virtual_house=True, ears=True), Events()) as assistant:
        await assistant.home.settled()
        yield assistant


@pytest.mark.parametrize(
    ("wish", "entities"),
    [
        ("It is too dark to read in the living room.", {"light.living_room_light", "light.reading_lamp"}),
        ("I can hardly see anything in the kitchen.", {"light.kitchen_light"}),
    ],
)
async def test_a_wish_is_understood(assistant: Assistant, wish: str, entities: set[str]) -> None:
    """The model thinks, its plan passes the policy, the device confirms, the reply says what is and why.

    What this small model wants to do beside is held for a yes: nobody spoke of it.
    """
    pcm = read_samples(say(wish, pause=0.3))
    (turn,) = await assistant.hear(pcm, Request(source="file"), fast=True)
    assert (turn.path, turn.error) == ("brain", None)
    assert turn.thoughts
    done = [outcome for outcome in turn.outcomes if isinstance(outcome.verdict, Allowed)]
    assert {outcome.action.entity_id for outcome in done} <= entities
    assert [outcome.confirmed for outcome in done] == [True] * len(done) != []
    assert all(assistant.home.state(outcome.action.entity_id).value == "on" for outcome in done)
    assert any(word in turn.reply for word in ("light", "lamp")), turn.reply
    assert turn.because is None or turn.because in turn.reply
