"""What is said becomes the right radio command, by way of a real mosquitto and a real zigbee2mqtt, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from assistant.app import Assistant, Options, assemble
from assistant.config import Config, HouseSettings, MqttSettings
from assistant.events import Events
from assistant.models import Language, Request, Turn
from tests.brokers import Mosquitto, Peer, until
from tests.zigbee2mqtt.bridge import Frame, Zigbee2Mqtt

pytestmark = [pytest.mark.zigbee2mqtt, pytest.mark.asyncio(loop_scope="module")]

HOUSE = HouseSettings.model_validate({
    "rooms": {
        "Kitchen": {"aliases": {"it": ["la cucina"]}},
        "Living Room": {"aliases": {"it": ["il soggiorno"]}},
        "Bedroom": {"aliases": {"it": ["la camera da letto", "la camera"]}},
        "Bathroom": {"aliases": {"it": ["il bagno"]}},
        "Office": {"aliases": {"it": ["lo studio"]}},
        "Hallway": {"aliases": {"it": ["l'ingresso"]}},
    },
    "devices": {
        "light.kitchen_light": {"aliases": {"it": ["la luce della cucina"]}},
        "Bedroom/Lamp": {"aliases": {"it": ["la lampada della camera"]}},
        "cover.living_room_blind": {"aliases": {"it": ["la tapparella del soggiorno"]}},
        "cover.bedroom_curtain": {"aliases": {"it": ["la tenda della camera"]}},
        "climate.office_radiator": {"aliases": {"it": ["il termostato dello studio"]}},
        "switch.freezer": {"critical": True},
    },
})  # fmt: skip

ROOMS = {
    "light.kitchen_light": "Kitchen",
    "light.living_room_light": "Living Room",
    "light.reading_lamp": None,
    "light.bedroom_lamp": "Bedroom",
    "light.bedroom_fan": "Bedroom",
    "light.sofa_lights": None,
    "switch.coffee_machine": None,
    "switch.freezer": None,
    "switch.bathroom_switch_left": "Bathroom",
    "switch.bathroom_switch_right": "Bathroom",
    "cover.living_room_blind": "Living Room",
    "cover.bedroom_curtain": "Bedroom",
    "climate.office_radiator": "Office",
    "climate.living_room_radiator": "Living Room",
    "climate.bathroom_radiator": "Bathroom",
    "lock.front_door": None,
    "fan.bedroom_fan": "Bedroom",
    "binary_sensor.front_door_contact_contact": None,
    "binary_sensor.hallway_motion_occupancy": "Hallway",
    "binary_sensor.kitchen_leak_water_leak": "Kitchen",
    "binary_sensor.smoke_alarm_smoke": None,
    "sensor.bedroom_climate_temperature": "Bedroom",
    "sensor.bedroom_climate_humidity": "Bedroom",
    "sensor.hallway_motion_illuminance": "Hallway",
    "sensor.coffee_machine_power": None,
}
"""What somebody would speak of, and the room that its name tells."""

HIDDEN = (
    "sensor.kitchen_light_linkquality",
    "select.kitchen_light_power_on_behavior",
    "update.kitchen_light",
    "button.kitchen_light_identify",
    "sensor.bedroom_climate_battery",
    "sensor.hallway_remote_battery",
)
"""Some of those whose entity_category is config or diagnostic."""

# Units of the air: levels of 254, mireds (a million / K), hundredths of a degree, lift in % from the open end.
COMMANDS = [
    ("en", "turn on the coffee machine", "Coffee Machine", "genOnOff.on", {}, "switch.coffee_machine", "on"),
    ("it", "accendi la luce della cucina", "kitchen light", "genOnOff.on", {}, "light.kitchen_light", "on"),
    ("en", "set the reading lamp to 50 percent", "Reading Lamp", "genLevelCtrl.moveToLevelWithOnOff", {"level": 127},
     "light.reading_lamp", "on"),
    ("it", "imposta la lampada della camera a 4000 kelvin", "Bedroom/Lamp", "lightingColorCtrl.moveToColorTemp",
     {"colortemp": 250}, "light.bedroom_lamp", "on"),
    ("it", "metti la tapparella del soggiorno al 30 per cento", "Living Room Blind",
     "closuresWindowCovering.goToLiftPercentage", {"percentageliftvalue": 70}, "cover.living_room_blind", "open"),
    ("it", "chiudi la tenda della camera", "Bedroom Curtain", "genAnalogOutput.write", {"presentValue": 0},
     "cover.bedroom_curtain", "closed"),
    ("it", "imposta il termostato dello studio a 21 gradi", "Office Radiator", "hvacThermostat.write",
     {"occupiedHeatingSetpoint": 2100}, "climate.office_radiator", None),
    ("en", "set the living room radiator to 22.5 degrees", "Living Room Radiator",
     "hvacThermostat.danfossSetpointCommand", {"setpoint": 2250}, "climate.living_room_radiator", None),
    ("en", "set the bedroom fan to 75 percent", "Bedroom Fan", "hvacFanCtrl.write", {"fanMode": 3}, "fan.bedroom_fan",
     "on"),
    ("en", "turn on the left bathroom switch", "Bathroom Switch", "genOnOff.on", {}, "switch.bathroom_switch_left",
     "on"),
    ("en", "turn off the sofa lights", "Sofa Lights", "genOnOff.off", {}, "light.sofa_lights", "off"),
    ("en", "lock the front door", "Front Door", "closuresDoorLock.lockDoor", {}, "lock.front_door", "locked"),
]  # fmt: skip


@dataclass(slots=True)
class Story:
    """An assistant, and a house that it can only reach by radio."""

    assistant: Assistant
    hub: Zigbee2Mqtt
    broker: Mosquitto
    started_in: float
    """Seconds until the last device was announced; five of them zigbee2mqtt only waits."""
    asked_at: int = 0

    async def say(self, text: str, language: Language) -> Turn:
        self.asked_at = len(self.hub.on_the_air())
        return await self.assistant.say(Request(text, language, session="story"))

    async def frame(self, to: str, command: str) -> Frame:
        """The last such command to the device since something was said, as soon as it is on the air."""
        await until(lambda: bool(self._frames(to, command)))
        return self._frames(to, command)[-1]

    def reached(self) -> set[str]:
        """Who got commands since something was said."""
        return {frame["to"] for frame in self.hub.on_the_air()[self.asked_at :]}

    def state(self, entity_id: str) -> str | None:
        return self.assistant.home.state(entity_id).value

    async def becomes(self, entity_id: str, value: str) -> None:
        await until(lambda: self.state(entity_id) == value)

    def _frames(self, to: str, command: str) -> list[Frame]:
        since = self.hub.on_the_air()[self.asked_at :]
        return [frame for frame in since if frame["to"] == to and f"{frame['cluster']}.{frame['command']}" == command]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """The assistant is there first, so the house is announced to it piece by piece."""
    folder = tmp_path_factory.mktemp("zigbee2mqtt")
    async with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        mqtt = MqttSettings(host=broker.host, port=broker.port)
        config = Config(mqtt=mqtt, house=HOUSE, state_folder=tmp_path_factory.mktemp("state"))
        async with (
            assemble(config, Options(brain=False), Events()) as assistant,
            Zigbee2Mqtt(installation, folder, broker.host, broker.port) as hub,
        ):
            began = asyncio.get_running_loop().time()
            await _announced(assistant, hub)
            started_in = asyncio.get_running_loop().time() - began
            await assistant.home.settled()
            yield Story(assistant, hub, broker, started_in)


async def _announced(assistant: Assistant, hub: Zigbee2Mqtt) -> None:
    try:
        # groups come last
        await until(lambda: assistant.home.entity("light.sofa_lights") is not None, within=45)
    except TimeoutError:
        pytest.fail(f"zigbee2mqtt did not announce the house:\n{hub.log.read_text()[-3000:]}")


async def test_the_whole_house_is_found(story: Story) -> None:
    """Every topic of it is an entity or is left out with a reason; what is not spoken of is hidden."""
    home = story.assistant.home
    async with Peer(story.broker.host, story.broker.port) as listener:
        await listener.listen("homeassistant/#")
        await until(lambda: any("light/1221" in topic for topic, _ in listener.heard))
        await asyncio.sleep(0.5)
    announced = {topic for topic, _ in listener.heard}
    found = {entity.id: entity for entity in home.entities()}

    assert len(announced) > 150
    assert len(found) == len(announced)
    assert home.left_out == {}
    assert {entity: found[entity].room for entity in ROOMS} == ROOMS
    assert [entity for entity in ROOMS if found[entity].hidden] == []
    assert [entity for entity in HIDDEN if not found[entity].hidden] == []
    assert [entity for entity in found if not home.state(entity).available] == []


async def test_what_it_does_not_retain_was_asked_for(story: Story) -> None:
    """Each kind in its own words: a blind its position, a radiator its setpoint, a fan its mode, a lamp its level."""
    home = story.assistant.home
    assert home.state("light.bedroom_lamp").value == "off"
    assert home.state("light.bedroom_lamp").attributes == {"brightness": 39, "color_temperature": 2703}
    assert home.state("cover.living_room_blind").attributes["position"] == 100
    assert home.state("climate.office_radiator").attributes == {"temperature": 18, "current_temperature": 19.5}
    assert home.state("fan.bedroom_fan").value == "off"
    assert home.state("lock.front_door").value == "locked"
    assert home.state("switch.bathroom_switch_right").value == "off"
    # it sleeps, and speaks when it has something to say
    assert home.state("sensor.bedroom_climate_temperature").value is None


@pytest.mark.parametrize(("language", "text", "to", "command", "payload", "entity", "value"), COMMANDS)
async def test_command(
    story: Story, language: Language, text: str, to: str, command: str, payload: Frame, entity: str, value: str | None
) -> None:
    turn = await story.say(text, language)

    frame = await story.frame(to, command)
    assert payload.items() <= frame["payload"].items()
    assert story.reached() == {to}
    assert [(outcome.action.entity_id, outcome.confirmed) for outcome in turn.outcomes] == [(entity, True)]
    assert value is None or story.state(entity) == value


async def test_a_colour(story: Story) -> None:
    """Blue is a corner of the colour space, sent in 65536ths."""
    turn = await story.say("make the living room light blue", "en")

    frame = await story.frame("Living Room Light", "lightingColorCtrl.moveToColor")
    assert 0.12 < frame["payload"]["colorx"] / 65536 < 0.18
    assert 0.03 < frame["payload"]["colory"] / 65536 < 0.08
    assert [outcome.confirmed for outcome in turn.outcomes] == [True]
    assert story.assistant.home.state("light.living_room_light").attributes["color"] == "blue"


async def test_tuyas_own_protocol(story: Story) -> None:
    """A TS0601 takes data points: number 2 is the setpoint, four bytes long."""
    turn = await story.say("set the bathroom radiator to 20 degrees", "en")

    frame = await story.frame("Bathroom Radiator", "manuSpecificTuya.dataRequest")
    (point,) = frame["payload"]["dpValues"]
    assert (point["dp"], point["data"]["data"]) == (2, [0, 0, 0, 20])
    assert [outcome.confirmed for outcome in turn.outcomes] == [True]


async def test_a_group_is_one_command_for_all(story: Story) -> None:
    await story.say("turn on the reading lamp", "en")
    await story.becomes("light.reading_lamp", "on")

    await story.say("turn off the sofa lights", "en")

    frame = await story.frame("Sofa Lights", "genOnOff.off")
    assert frame["group"] == 1
    await story.becomes("light.reading_lamp", "off")
    await story.becomes("light.living_room_light", "off")


async def test_a_lock_opens_only_after_a_yes(story: Story) -> None:
    asked = await story.say("unlock the front door", "en")
    assert asked.reply == "Shall I unlock the front door?"
    assert story.reached() == set()

    done = await story.say("yes", "en")
    await story.frame("Front Door", "closuresDoorLock.unlockDoor")
    assert [outcome.confirmed for outcome in done.outcomes] == [True]
    assert story.state("lock.front_door") == "unlocked"


async def test_a_critical_plug_stays_on_after_a_no(story: Story) -> None:
    await story.say("turn off the freezer", "en")
    await story.say("no", "en")

    assert story.reached() == set()
    assert story.state("switch.freezer") == "on"


async def test_questions_about_what_sensors_reported(story: Story) -> None:
    unknown = await story.say("quanti gradi ci sono in camera da letto?", "it")
    assert unknown.reply.startswith("Non lo so")

    await story.hub.speak_up("Bedroom Climate", 1, "msTemperatureMeasurement", measuredValue=2150)
    await story.becomes("sensor.bedroom_climate_temperature", "21.5")
    known = await story.say("quanti gradi ci sono in camera da letto?", "it")
    assert "21,5" in known.reply

    await story.hub.speak_up("hallway_motion", 2, "msOccupancySensing", occupancy=1)
    await story.becomes("binary_sensor.hallway_motion_occupancy", "on")
    moving = await story.say("is there any motion in the hallway?", "en")
    assert moving.reply.startswith("Yes")
    assert story.reached() == set()


async def test_a_lamp_that_was_unplugged_is_not_said_to_be_on(story: Story) -> None:
    """zigbee2mqtt publishes the wished state, but only after the lamp has acknowledged the command."""
    await story.say("turn off the reading lamp", "en")
    await story.hub.unplug("Reading Lamp")

    turn = await story.say("turn on the reading lamp", "en")

    await story.frame("Reading Lamp", "genOnOff.on")
    assert [outcome.confirmed for outcome in turn.outcomes] == [False]
    assert story.state("light.reading_lamp") == "off"
    assert turn.reply.startswith("I sent it, but the reading lamp")


async def test_nobody_outside_can_reach_it(story: Story) -> None:
    assert _listening_sockets(story.hub.pid) == set()


async def test_when_it_stops_its_devices_are_away(story: Story) -> None:
    """The last of these stories: it ends by itself on SIGTERM, and says so on its availability topic."""
    assert await story.hub.stop() == 0
    await until(lambda: not story.assistant.home.state("light.kitchen_light").available)

    turn = await story.say("turn off the coffee machine", "en")
    assert [outcome.messages for outcome in turn.outcomes] == [()]


def _listening_sockets(pid: int) -> set[str]:
    """Inodes of the process's TCP sockets that listen."""
    tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines() for name in ("tcp", "tcp6")]
    rows = [row.split() for table in tables for row in table]
    listening = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    return listening & {str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}
