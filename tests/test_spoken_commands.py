"""From a spoken WAV to a device that changed: real wake word, voice activity, Whisper, brokers, SQLite and piper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from assistant.app import Assistant, Options, assemble
from assistant.audio.files import read_samples
from assistant.config import Config, MqttSettings
from assistant.demo.house import VirtualHouse
from assistant.events import Events
from assistant.models import Request, Turn
from tests.brokers import Mosquitto
from tests.spoken import festival_is_here, say

pytestmark = [pytest.mark.audio, pytest.mark.asyncio(loop_scope="module")]

ENGLISH = [
    ("Turn on the kitchen light.", "light.kitchen_light", "on", {}),
    ("Set the kitchen light to forty percent.", "light.kitchen_light", "on", {"brightness": 40}),
    ("Make the living room light blue.", "light.living_room_light", "on", {"color": "blue"}),
    ("Turn off the reading lamp.", "light.reading_lamp", "off", {}),
    ("Turn on the bedroom light.", "light.bedroom_light", "on", {}),
    ("Switch on the coffee machine.", "switch.coffee_machine", "on", {}),
    ("Close the living room blinds.", "cover.living_room_blinds", "closing", {}),
    ("Set the living room blinds to fifty percent.", "cover.living_room_blinds", "opening|closing|open", {}),
    ("Set the thermostat to twenty two degrees.", "climate.thermostat", None, {"temperature": 22}),
    ("Lock the front door.", "lock.front_door", "locked", {}),
    ("Start the robot vacuum.", "vacuum.robot_vacuum", "cleaning", {}),
    ("Turn on the bedroom fan.", "fan.bedroom_fan", "on", {}),
    ("Activate movie night.", "scene.movie_night", None, {}),
]

ITALIAN = [
    ("Accendi la luce della cucina.", "light.kitchen_light", "on", {}),
    ("Imposta la luce della cucina al quaranta per cento.", "light.kitchen_light", "on", {"brightness": 40}),
    ("Spegni la lampada da lettura.", "light.reading_lamp", "off", {}),
    ("Accendi la luce del soggiorno.", "light.living_room_light", "on", {}),
    ("Accendi la luce della camera da letto.", "light.bedroom_light", "on", {}),
    ("Spegni la luce della cucina.", "light.kitchen_light", "off", {}),
    ("Accendi la macchina del caffè.", "switch.coffee_machine", "on", {}),
    ("Blocca la porta d'ingresso.", "lock.front_door", "locked", {}),
    ("Spegni il ventilatore della camera.", "fan.bedroom_fan", "off", {}),
    ("Accendi la lampada da lettura.", "light.reading_lamp", "on", {}),
    ("Avvia il robot aspirapolvere.", "vacuum.robot_vacuum", "cleaning", {}),
    ("Accendi il ventilatore.", "fan.bedroom_fan", "on", {}),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assistant]:
    """The whole chain against Debian's mosquitto."""
    state = tmp_path_factory.mktemp("state")
    async with Mosquitto(state) as broker, VirtualHouse(broker.host, broker.port) as devices:
        mqtt = MqttSettings(host=broker.host, port=broker.port)
        config = Config(language="en", mqtt=mqtt, house=devices.settings, state_folder=state)
        async with assemble(config, Options(brain=False, ears=True), Events()) as assistant:
            await assistant.home.settled()
            yield assistant


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def embedded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Assistant]:
    """The whole chain as `--house virtual` starts it, on amqtt; it speaks Italian."""
    config = Config(language="it", state_folder=tmp_path_factory.mktemp("state"))
    async with assemble(config, Options(virtual_house=True, brain=False, ears=True), Events()) as assistant:
        await assistant.home.settled()
        yield assistant


async def hear(assistant: Assistant, wav: Path, session: str = "") -> Turn:
    (turn,) = await assistant.hear(read_samples(wav), Request(session=session, source="file"), fast=True)
    return turn


def check(turn: Turn, entity: str, value: str | None, attributes: dict[str, object]) -> None:
    heard = turn.transcript.text if turn.transcript else None
    assert [outcome.action.entity_id for outcome in turn.outcomes] == [entity], (heard, turn.error)
    (outcome,) = turn.outcomes
    assert outcome.messages, (heard, outcome.problem)
    if entity.startswith("scene."):
        return
    assert outcome.confirmed, (heard, outcome.problem)
    assert outcome.state is not None
    assert value is None or outcome.state.value in value.split("|")
    assert attributes.items() <= outcome.state.attributes.items()
    assert turn.path == "reflex"
    assert turn.reply and "first_audio" in turn.timings_ms


@pytest.mark.parametrize(("text", "entity", "value", "attributes"), ENGLISH)
async def test_english(
    on_mosquitto: Assistant, text: str, entity: str, value: str | None, attributes: dict[str, object]
) -> None:
    check(await hear(on_mosquitto, say(text, "en", pause=0.3)), entity, value, attributes)


@pytest.mark.skipif(not festival_is_here(), reason="festival is not installed (script/test installs it)")
@pytest.mark.parametrize(("text", "entity", "value", "attributes"), ITALIAN)
async def test_italian(
    embedded: Assistant, text: str, entity: str, value: str | None, attributes: dict[str, object]
) -> None:
    check(await hear(embedded, say(text, "it", pause=0.3)), entity, value, attributes)


async def test_the_garage_door_opens_only_after_a_spoken_yes(on_mosquitto: Assistant) -> None:
    asked = await hear(on_mosquitto, say("Open the garage door.", pause=0.3), session="garage")
    assert asked.outcomes[0].messages == ()
    assert asked.reply == "Shall I open the garage door?"

    done = await hear(on_mosquitto, say("Yes, please.", pause=0.3), session="garage")
    assert [outcome.confirmed for outcome in done.outcomes] == [True]
    assert on_mosquitto.home.state("cover.garage_door").value in ("open", "opening")


async def test_the_journal_has_every_turn(on_mosquitto: Assistant) -> None:
    turn = await hear(on_mosquitto, say("Turn off the kitchen light.", pause=0.3))
    (kept,) = await on_mosquitto.journal.last()
    assert kept == turn
