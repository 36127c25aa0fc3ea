"""Home Assistant's own devices, through our package in it.

Every story runs against a stand-in that executes the package's automations and templates (stand_in.py), and, where
`hass` is installed or $HASS says how to start it, against the real Home Assistant as well. When this was written both
ran, the real one being 2026.11.0 on Python 3.14.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from assistant.config import DeviceSettings, HouseSettings
from assistant.errors import NotPossible
from assistant.home.home import Home
from assistant.models import Action, Allowed, Outcome, Value
from tests.brokers import Mosquitto, Peer, until
from tests.home_assistant.conftest import home_on


async def do(home: Home, entity_id: str, service: str, **arguments: Value) -> Outcome:
    return await home.perform(Allowed(Action(entity_id, service, arguments)))


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_its_devices_are_known_with_rooms_floors_and_aliases(broker: Mosquitto) -> None:
    async with home_on(broker) as home:
        television = home.entity("media_player.television")
        assert television is not None
        assert (television.name, television.room, television.floor) == ("Television", "Lounge", "Ground floor")
        assert "telly" in television.aliases["en"]
        assert home.state("media_player.television").attributes["media_title"] == "News"
        lounge = next(room for room in home.rooms if room.name == "Lounge")
        assert lounge.aliases["it"] == ("il salotto",)
        assert home.entity("sensor.sun_next_dawn") is None


async def test_a_player_is_paused_and_says_so(broker: Mosquitto) -> None:
    async with home_on(broker) as home:
        await do(home, "media_player.television", "media_play")

        outcome = await do(home, "media_player.television", "media_pause")

        assert outcome.confirmed is True
        assert outcome.state is not None
        assert outcome.state.value == "paused"


async def test_what_is_so_already_is_confirmed_at_once(broker: Mosquitto) -> None:
    async with home_on(broker) as home:
        await do(home, "media_player.television", "media_pause")
        assert (await do(home, "media_player.television", "media_pause")).confirmed is True


async def test_volume_is_in_percent_here_and_a_fraction_there(broker: Mosquitto) -> None:
    async with home_on(broker) as home:
        outcome = await do(home, "media_player.television", "volume_set", volume_level=25)
        assert outcome.confirmed is True
        assert json.loads(outcome.messages[0].payload)["data"] == {"volume_level": 0.25}
        assert home.state("media_player.television").attributes["volume_level"] == 25


async def test_a_lamp_of_its_own_is_dimmed(broker: Mosquitto) -> None:
    async with home_on(broker) as home:
        outcome = await do(home, "light.floor_lamp", "turn_on", brightness=30)
        assert outcome.confirmed is True
        assert home.state("light.floor_lamp").attributes["brightness"] == 30


async def test_a_scene_is_started_on_its_word(broker: Mosquitto) -> None:
    """It has no state to read back; Home Assistant's answer is what confirms it."""
    async with home_on(broker) as home:
        await do(home, "light.floor_lamp", "turn_on")

        outcome = await do(home, "scene.movie_time", "turn_on")

        assert outcome.confirmed is True
        await until(lambda: home.state("light.floor_lamp").value == "off")


async def test_what_the_owner_did_not_allow_is_refused_and_said(broker: Mosquitto) -> None:
    """The package of the house names no way in."""
    async with home_on(broker) as home:
        assert (await do(home, "lock.back_door", "lock")).confirmed is True
        with pytest.raises(NotPossible) as caught:
            await do(home, "lock.back_door", "unlock")
        assert "lock.unlock is not in the list" in caught.value.reason
        assert home.state("lock.back_door").value == "locked"


async def test_a_service_that_fails_is_waited_for_no_longer_than_agreed(broker: Mosquitto) -> None:
    """Home Assistant then ends the automation without a word."""
    async with home_on(broker) as home:
        outcome = await do(home, "media_player.television", "media_next_track")
        assert outcome.confirmed is False
        assert outcome.problem == "Home Assistant has not answered for media_player.television within 1 s"


async def test_what_came_over_mqtt_appears_once_under_the_name_of_its_owner(broker: Mosquitto) -> None:
    async with home_on(broker) as home:
        await until(lambda: (home.entity("light.desk_lamp") or home.entities()[0]).room == "Lounge")
        lamps = [entity for entity in home.entities() if "lamp" in entity.id and entity.id != "light.floor_lamp"]
        assert [(lamp.id, lamp.name, lamp.room, lamp.floor) for lamp in lamps] == [
            ("light.desk_lamp", "Writing lamp", "Lounge", "Ground floor")
        ]
        outcome = await do(home, "light.desk_lamp", "turn_on")
        assert outcome.messages[0].topic == "desk/set"


async def test_the_configuration_wins(broker: Mosquitto) -> None:
    own = HouseSettings(
        devices={
            "media_player.television": DeviceSettings(name="Big screen", room="Den", aliases={"it": ["lo schermo"]}),
            "light.desk_lamp": DeviceSettings(room="Study"),
        }
    )
    async with home_on(broker, own) as home:
        television, lamp = home.entity("media_player.television"), home.entity("light.desk_lamp")
        assert television is not None
        assert lamp is not None
        assert (television.name, television.room, television.aliases["it"]) == ("Big screen", "Den", ("lo schermo",))
        assert (lamp.name, lamp.room) == ("Writing lamp", "Study")


async def test_nothing_that_is_called_from_elsewhere_gets_round_the_list(broker: Mosquitto) -> None:
    """Whatever is written on the topic: only listed services, only on things of their own kind."""
    calls = [
        {"service": "homeassistant.restart", "target": ["light.floor_lamp"]},
        {
            "service": "scene.apply",
            "target": ["scene.movie_time"],
            "data": {"entities": {"lock.back_door": "unlocked"}},
        },
        {"service": "light.turn_on", "target": ["lock.back_door"]},
        {"service": "light.turn_on", "target": ["light.no_such_lamp"]},
        {"service": "light.turn_on", "target": "all"},
        {"service": "cover.open_cover", "target": ["cover.garage_door"]},
        {"service": "light.turn_on", "target": []},
        {"service": ["light", "turn_on"], "target": ["light.floor_lamp"]},
        {"service": "light.turn_on.unlock", "target": ["light.floor_lamp"]},
    ]
    async with Peer(broker.host, broker.port) as stranger:
        await stranger.listen("mimo-assistant/ha/result")
        for number, call in enumerate(calls):
            await stranger.publish("mimo-assistant/ha/call", json.dumps({"id": f"n{number}", **call}))
            async with asyncio.timeout(3):
                while True:
                    found = [json.loads(said) for _, said in stranger.heard]
                    answer = next((each for each in found if each["id"] == f"n{number}"), None)
                    if answer is not None:
                        break
                    await asyncio.sleep(0.02)
            assert answer["ok"] is False, call
