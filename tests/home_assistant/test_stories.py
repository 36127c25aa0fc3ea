"""Spoken, and done by Home Assistant: the whole chain from words to the reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from assistant.config import PolicySettings
from assistant.events import Events
from assistant.home.home import Home
from assistant.intents.catalog import Catalog
from assistant.intents.matcher import Reflex
from assistant.intents.policy import Policy
from assistant.memory.session import Sessions
from assistant.models import Request
from assistant.pipeline import Pipeline
from tests.brokers import Mosquitto, Peer, until
from tests.fakes import FakeClock, FakeJournal
from tests.home_assistant.conftest import home_on
from tests.stories import SKILLS

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def speaking_to(broker: Mosquitto) -> AsyncIterator[tuple[Pipeline, Home]]:
    async with home_on(broker) as home:
        yield (
            Pipeline(
                house=home,
                commands=home,
                matcher=Reflex(home, [SKILLS / "sentences"]),
                catalog=Catalog.load([SKILLS], home),
                policy=Policy(PolicySettings(), home),
                sessions=Sessions(FakeClock(), confirm_seconds=30),
                journal=FakeJournal(),
                events=Events(),
            ),
            home,
        )


async def test_movie_time(broker: Mosquitto) -> None:
    """A scene of Home Assistant's, known without a word of configuration."""
    async with speaking_to(broker) as (pipeline, home):
        await pipeline.run(Request("turn on the floor lamp", session="story"))
        turn = await pipeline.run(Request("turn on movie time", session="story"))
        assert turn.reply == "I started the movie time scene."
        await until(lambda: home.state("light.floor_lamp").value == "off")


async def test_its_lamps_are_those_of_the_room(broker: Mosquitto) -> None:
    """One came over MQTT, one did not; nobody who speaks needs to know which."""
    async with speaking_to(broker) as (pipeline, _):
        turn = await pipeline.run(Request("turn on the lights in the lounge", session="story"))
        assert {outcome.action.entity_id: outcome.confirmed for outcome in turn.outcomes} == {
            "light.floor_lamp": True,
            "light.desk_lamp": True,
        }
        turn = await pipeline.run(Request("accendi la luce in salotto", "it", session="story"))
        assert {outcome.action.entity_id for outcome in turn.outcomes} == {"light.floor_lamp", "light.desk_lamp"}


async def test_a_door_of_its_asks_first_and_is_then_refused_by_its_owner(broker: Mosquitto) -> None:
    """Our policy first, the package's list after it."""
    async with Peer(broker.host, broker.port) as listener, speaking_to(broker) as (pipeline, _):
        await listener.listen("mimo-assistant/ha/call")
        turn = await pipeline.run(Request("unlock the back door", session="story"))
        assert turn.reply == "Shall I unlock the back door?"
        assert listener.heard == []
        turn = await pipeline.run(Request("yes", session="story"))
        assert turn.reply == "The back door cannot do that."
        assert turn.error is not None
        assert "not in the list" in turn.error


async def test_home_assistant_may_keep_silent(broker: Mosquitto, tmp_path: Path) -> None:
    """A broker with only what it kept of the list: nobody is there to do it."""
    async with Peer(broker.host, broker.port) as listener:
        await listener.listen("mimo-assistant/ha/list/0")
        kept = await listener.hears("mimo-assistant/ha/list/0")
    async with Mosquitto(tmp_path) as alone, Peer(alone.host, alone.port) as keeper:
        await keeper.publish("mimo-assistant/ha/list/0", kept, retain=True)
        async with speaking_to(alone) as (pipeline, _):
            turn = await pipeline.run(Request("turn off the floor lamp", session="story"))
        assert turn.reply == "I sent it, but the floor lamp has not answered."
        assert turn.outcomes[0].problem == "Home Assistant has not answered for light.floor_lamp within 1 s"
