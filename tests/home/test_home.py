"""The house on real brokers: found, read, commanded, lost and found again."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.config import ConfirmSettings, HouseSettings, MqttSettings
from assistant.demo.broker import EmbeddedBroker
from assistant.errors import HouseUnreachable, NotFound, NotPossible
from assistant.home.broker import Broker as Connection
from assistant.home.home import PUT_ASIDE, Home
from assistant.models import Action, Allowed, Message, Outcome, Value
from tests.brokers import PASSWORD, USER, Mosquitto, Peer, free_port, until

Broker = Mosquitto | EmbeddedBroker
QUICK = ConfirmSettings(timeout_seconds=0.6, slow_timeout_seconds=1.2)
PLUG = {"name": "Plug", "cmd_t": "plug/set", "stat_t": "plug", "uniq_id": "plug"}
PLUG_TOPIC = "homeassistant/switch/plug/config"


@asynccontextmanager
async def home_on(broker: Broker, confirm: ConfirmSettings = QUICK, **mqtt: object) -> AsyncIterator[Home]:
    settings = MqttSettings.model_validate({"host": broker.host, "port": broker.port, **mqtt})
    async with Home(settings, confirm, HouseSettings()) as home:
        await home.settled()
        yield home


async def do(home: Home, entity_id: str, service: str, **arguments: Value) -> Outcome:
    return await home.perform(Allowed(Action(entity_id, service, arguments)))


@asynccontextmanager
async def plug_on(
    broker: Broker, payload: Mapping[str, object] | None = None, state: str | None = "OFF"
) -> AsyncIterator[Peer]:
    async with Peer(broker.host, broker.port) as peer:
        await peer.publish(PLUG_TOPIC, json.dumps(payload or PLUG), retain=True)
        if state is not None:
            await peer.publish("plug", state, retain=True)
        await peer.listen("plug/set")
        yield peer


async def test_a_command_is_confirmed_by_the_device(any_broker: Broker) -> None:
    async with plug_on(any_broker) as plug, home_on(any_broker) as home:
        await plug.when("plug/set", ("plug", "ON"))
        assert home.state("switch.plug").value == "off"

        outcome = await do(home, "switch.plug", "turn_on")

        assert outcome.confirmed is True
        assert outcome.state is not None
        assert outcome.state.value == "on"
        assert [(message.topic, message.payload) for message in outcome.messages] == [("plug/set", "ON")]
        assert plug.heard == [("plug/set", "ON")]


async def test_a_device_that_never_answers(any_broker: Broker) -> None:
    async with plug_on(any_broker) as plug, home_on(any_broker) as home:
        began = time.perf_counter()

        outcome = await do(home, "switch.plug", "turn_on")

        assert outcome.confirmed is False
        assert outcome.answered is False
        assert outcome.problem == "switch.plug has not answered within 0.6 s"
        assert time.perf_counter() - began < 1.0
        # once more half-way, in case the first was lost
        assert plug.heard == [("plug/set", "ON")] * 2


async def test_a_device_that_answers_otherwise(any_broker: Broker) -> None:
    async with plug_on(any_broker) as plug, home_on(any_broker) as home:
        await plug.when("plug/set", ("plug", "OFF"))

        outcome = await do(home, "switch.plug", "turn_on")

        assert outcome.confirmed is False
        assert outcome.answered is True
        assert outcome.problem == "switch.plug answered otherwise: off"


async def test_what_already_is_so_counts_after_a_moment(mosquitto: Mosquitto) -> None:
    async with plug_on(mosquitto, state=None) as plug, home_on(mosquitto) as home:
        await plug.publish("plug", "ON", retain=True)
        await until(lambda: home.state("switch.plug").value == "on")

        outcome = await do(home, "switch.plug", "turn_on")

        assert outcome.confirmed is True
        assert outcome.confirm_ms == pytest.approx(300, abs=100)


async def test_what_the_broker_kept_of_a_device_that_is_gone_confirms_nothing(any_broker: Broker) -> None:
    async with plug_on(any_broker, state="ON") as plug, home_on(any_broker) as home:
        assert home.state("switch.plug").value == "on"

        outcome = await do(home, "switch.plug", "turn_on")
        assert outcome.confirmed is False
        assert outcome.problem == "switch.plug has not answered within 0.6 s; it last said on"

        await plug.when("plug/set", ("plug", "ON"))
        assert (await do(home, "switch.plug", "turn_on")).confirmed is True


async def test_a_lock_is_locked_only_when_it_says_so_now(mosquitto: Mosquitto) -> None:
    lock = {"name": "Door", "cmd_t": "door/set", "stat_t": "door"}
    async with Peer(mosquitto.host, mosquitto.port) as door, home_on(mosquitto) as home:
        await door.publish("homeassistant/lock/door/config", json.dumps(lock), retain=True)
        await until(lambda: home.entity("lock.door") is not None)
        await asyncio.sleep(0.1)
        await door.publish("door", "LOCKED", retain=True)
        await until(lambda: home.state("lock.door").value == "locked")

        silent = await do(home, "lock.door", "lock")
        assert silent.confirmed is False
        assert silent.problem == "lock.door has not answered within 1.2 s; it last said locked"

        await door.when("door/set", ("door", "LOCKED"))
        assert (await do(home, "lock.door", "lock")).confirmed is True


@pytest.mark.parametrize("topic", ["a/#/b", "x/\0/y", "a+b/c", "#", "a\x01b", "a/" * 250, "\ud800"], ids=repr)
async def test_a_bad_topic_costs_nobody_else_anything(mosquitto: Mosquitto, topic: str) -> None:
    async with plug_on(mosquitto) as plug:
        bad = {**PLUG, "uniq_id": "bad", "stat_t": topic}
        await plug.publish("homeassistant/switch/bad/config", json.dumps(bad), retain=True)
        async with home_on(mosquitto) as home:
            assert list(home.left_out) == ["homeassistant/switch/bad/config"]
            await plug.when("plug/set", ("plug", "ON"))
            assert (await do(home, "switch.plug", "turn_on")).confirmed is True
            assert home.connected


async def test_the_connection_survives_topics_that_it_cannot_use(mosquitto: Mosquitto) -> None:
    heard: list[tuple[str, bytes, bool]] = []
    settings = MqttSettings(host=mosquitto.host, port=mosquitto.port)
    async with (
        Peer(mosquitto.host, mosquitto.port) as peer,
        Connection(settings, lambda *message: heard.append(message)) as connection,
    ):
        await peer.publish("kept", "1", retain=True)
        connection.subscribe(["a/#/b", "kept", "\ud800", "live"])
        await connection.wait_connected()
        for topic in ("a/#", "", "\ud800"):
            with pytest.raises(NotPossible):
                await connection.publish(Message(topic, "x"))
        await until(lambda: connection.subscribed)
        await until(lambda: len(heard) == 1)
        await peer.publish("live", "2", retain=True)
        await until(lambda: len(heard) == 2)

        assert connection.connected
        assert heard == [("kept", b"1", True), ("live", b"2", False)]


async def test_a_state_that_nobody_reported_confirms_nothing(mosquitto: Mosquitto) -> None:
    async with plug_on(mosquitto, state=None), home_on(mosquitto) as home:
        outcome = await do(home, "switch.plug", "turn_on")

        assert home.state("switch.plug").value is None
        assert outcome.confirmed is False


async def test_a_device_without_a_state_is_neither_confirmed_nor_doubted(mosquitto: Mosquitto) -> None:
    mute = {"name": "Plug", "cmd_t": "plug/set"}
    async with plug_on(mosquitto, mute) as plug, home_on(mosquitto) as home:
        outcome = await do(home, "switch.plug", "turn_on")

        assert outcome.confirmed is None
        assert outcome.messages
        assert await plug.hears("plug/set") == "ON"


async def test_an_unavailable_device_is_not_commanded(any_broker: Broker) -> None:
    async with plug_on(any_broker, {**PLUG, "avty_t": "plug/lwt"}) as plug:
        await plug.publish("plug/lwt", "offline", retain=True)
        async with home_on(any_broker) as home:
            outcome = await do(home, "switch.plug", "turn_on")

            assert outcome.messages == ()
            assert outcome.confirmed is None
            assert outcome.problem == "switch.plug says that it is not available"
            assert plug.heard == []

            await plug.publish("plug/lwt", "online", retain=True)
            await until(lambda: home.state("switch.plug").available)
            assert (await do(home, "switch.plug", "turn_on")).messages


async def test_zigbee2mqtt_is_asked_for_what_it_does_not_retain(any_broker: Broker) -> None:
    lamp = {
        "name": "Lamp",
        "schema": "json",
        "cmd_t": "zigbee2mqtt/my lamp/set",
        "stat_t": "zigbee2mqtt/my lamp",
        "brightness": True,
    }
    async with Peer(any_broker.host, any_broker.port) as hub:
        await hub.publish("homeassistant/light/lamp/config", json.dumps(lamp), retain=True)
        await hub.when("zigbee2mqtt/my lamp/get", ("zigbee2mqtt/my lamp", '{"state": "OFF", "brightness": 100}'))
        async with home_on(any_broker) as home:
            await until(lambda: home.state("light.lamp").value == "off")

            # it obeys silently and tells only when asked
            await hub.listen("zigbee2mqtt/my lamp/set")
            hub.answers["zigbee2mqtt/my lamp/get"] = [("zigbee2mqtt/my lamp", '{"state": "ON", "brightness": 255}')]
            outcome = await do(home, "light.lamp", "turn_on", brightness=100)

            assert outcome.confirmed is True
            assert await hub.hears("zigbee2mqtt/my lamp/get") == '{"state": "", "brightness": ""}'


async def test_a_device_that_joins_later_is_asked_as_soon_as_it_is_there(mosquitto: Mosquitto) -> None:
    lamp = {"name": "Lamp", "schema": "json", "cmd_t": "zigbee2mqtt/lamp/set", "stat_t": "zigbee2mqtt/lamp",
            "avty_t": "zigbee2mqtt/lamp/availability"}  # fmt: skip
    async with Peer(mosquitto.host, mosquitto.port) as hub, home_on(mosquitto) as home:
        await hub.when("zigbee2mqtt/lamp/get", ("zigbee2mqtt/lamp", '{"state": "OFF"}'))
        await hub.publish("homeassistant/light/lamp/config", json.dumps(lamp), retain=True)
        await until(lambda: home.entity("light.lamp") is not None)
        await home.ask_around()
        assert home.state("light.lamp").value is None, "who is away is not asked"

        await hub.publish("zigbee2mqtt/lamp/availability", "online", retain=True)
        await until(lambda: home.state("light.lamp").available)
        await home.ask_around()
        await until(lambda: home.state("light.lamp").value == "off")


async def test_progress_is_waited_for(mosquitto: Mosquitto) -> None:
    lock = {"name": "Door", "cmd_t": "door/set", "stat_t": "door"}
    async with Peer(mosquitto.host, mosquitto.port) as door:
        await door.publish("homeassistant/lock/door/config", json.dumps(lock), retain=True)
        await door.publish("door", "UNLOCKED", retain=True)
        await door.when("door/set", ("door", "LOCKING"))
        async with home_on(mosquitto) as home:
            locking = asyncio.create_task(do(home, "lock.door", "lock"), name="lock")
            await until(lambda: home.state("lock.door").value == "locking")
            await asyncio.sleep(0.2)
            assert not locking.done()
            await door.publish("door", "LOCKED")
            assert (await locking).confirmed is True

            # a bolt that stays half-way is not locked, however long it says that it is locking
            await door.publish("door", "UNLOCKED")
            await until(lambda: home.state("lock.door").value == "unlocked")
            stuck = await do(home, "lock.door", "lock")
            assert stuck.confirmed is False
            assert stuck.problem == "lock.door is still locking after 1.2 s"


async def test_slow_blinds_are_on_their_way(mosquitto: Mosquitto) -> None:
    blind = {"name": "Blind", "cmd_t": "blind/set", "stat_t": "blind"}
    async with Peer(mosquitto.host, mosquitto.port) as motor:
        await motor.publish("homeassistant/cover/blind/config", json.dumps(blind), retain=True)
        await motor.publish("blind", "closed", retain=True)
        await motor.when("blind/set", ("blind", "opening"))
        async with home_on(mosquitto) as home:
            outcome = await do(home, "cover.blind", "open_cover")

            assert outcome.confirmed is True
            assert outcome.state is not None
            assert outcome.state.value == "opening"
            assert motor.heard == [("blind/set", "OPEN")]


async def test_a_kind_may_be_given_a_time_of_its_own(mosquitto: Mosquitto) -> None:
    """A garage door with a reed contact only says where it is when it has got there."""
    door = {"name": "Gate", "cmd_t": "gate/set", "stat_t": "gate", "dev_cla": "garage"}
    patient = ConfirmSettings(timeout_seconds=0.2, slow_timeout_seconds=0.3, kinds={"cover:garage": 2.0})
    async with Peer(mosquitto.host, mosquitto.port) as motor:
        await motor.publish("homeassistant/cover/gate/config", json.dumps(door), retain=True)
        await motor.publish("gate", "open", retain=True)
        await motor.listen("gate/set")
        async with home_on(mosquitto, patient) as home:
            closing = asyncio.create_task(do(home, "cover.gate", "close_cover"), name="close the gate")
            assert await motor.hears("gate/set") == "CLOSE"
            await asyncio.sleep(0.6)
            await motor.publish("gate", "closed")

            assert (await closing).confirmed is True
            # a second press would have stopped it
            assert motor.heard == [("gate/set", "CLOSE")]


async def test_a_code_is_sent_but_not_kept(mosquitto: Mosquitto) -> None:
    """What opens the house is no part of the record that the journal keeps."""
    alarm = {"name": "Alarm", "cmd_t": "alarm/set", "stat_t": "alarm", "code": "REMOTE_CODE",
             "cmd_tpl": "{{ action }} {{ code }}"}  # fmt: skip
    async with Peer(mosquitto.host, mosquitto.port) as panel:
        await panel.publish("homeassistant/alarm_control_panel/alarm/config", json.dumps(alarm), retain=True)
        await panel.publish("alarm", "armed_away", retain=True)
        await panel.when("alarm/set", ("alarm", "disarmed"))
        async with home_on(mosquitto) as home:
            outcome = await do(home, "alarm_control_panel.alarm", "alarm_disarm", code="2580")

            assert outcome.confirmed is True
            assert await panel.hears("alarm/set") == "DISARM 2580"
            assert "2580" not in repr(outcome)


async def test_home_assistants_birth_is_noted_and_never_given_in_its_name(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.host, mosquitto.port) as peer:
        await peer.listen("homeassistant/status")
        async with home_on(mosquitto) as home:
            assert home.home_assistant is None
            for word, there in (("online", True), ("nonsense", True), ("offline", False)):
                await peer.publish("homeassistant/status", word)
                await peer.hears("homeassistant/status", word)
                await until(lambda there=there: home.home_assistant is there)  # type: ignore[misc]
        assert [word for _, word in peer.heard] == ["online", "nonsense", "offline"]


async def test_cancelling_never_leaves_half_a_command(mosquitto: Mosquitto) -> None:
    lamp = {
        "name": "Lamp",
        "cmd_t": "lamp/set",
        "stat_t": "lamp",
        "bri_cmd_t": "lamp/b",
        "bri_stat_t": "lamp/bs",
        "on_cmd_type": "first",
    }
    async with Peer(mosquitto.host, mosquitto.port) as bulb:
        await bulb.publish("homeassistant/light/lamp/config", json.dumps(lamp), retain=True)
        await bulb.listen("lamp/#")
        async with home_on(mosquitto) as home:
            doing = asyncio.create_task(do(home, "light.lamp", "turn_on", brightness=50), name="dim")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            doing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await doing

            assert await bulb.hears("lamp/b") == "128"
            assert await bulb.hears("lamp/set") == "ON"


async def test_devices_come_change_and_go(any_broker: Broker) -> None:
    async with plug_on(any_broker) as plug, home_on(any_broker) as home:
        before = home.revision
        await plug.publish(PLUG_TOPIC, json.dumps({**PLUG, "name": "Fridge"}), retain=True)
        await until(lambda: [entity.name for entity in home.entities()] == ["Fridge"])
        assert home.revision > before

        await plug.publish(PLUG_TOPIC, "", retain=True)
        await until(lambda: not home.entities())
        with pytest.raises(NotFound):
            await do(home, "switch.plug", "turn_on")


@pytest.mark.parametrize(
    "nonsense", [b"not JSON", b"[]", b'{"cmd_t": 5}', b"\xff\xfe", b"x" * 1_000_000], ids=lambda data: repr(data[:12])
)
async def test_nonsense_costs_nobody_else_anything(mosquitto: Mosquitto, nonsense: bytes) -> None:
    async with plug_on(mosquitto) as plug:
        await plug.publish("homeassistant/switch/broken/config", nonsense, retain=True)
        await plug.publish("plug", nonsense)
        async with home_on(mosquitto) as home:
            assert home.entity("switch.plug") is not None
            await plug.publish("plug", nonsense)
            await plug.publish("plug", "ON")
            await until(lambda: home.state("switch.plug").value == "on")


async def test_a_retained_message_that_comes_twice_is_one_device(any_broker: Broker) -> None:
    async with plug_on(any_broker) as plug, home_on(any_broker) as home:
        before = home.revision
        for _ in range(3):
            await plug.publish(PLUG_TOPIC, json.dumps(PLUG), retain=True)
        await plug.publish("plug", "ON", retain=True)
        await until(lambda: home.state("switch.plug").value == "on")

        assert [entity.id for entity in home.entities()] == ["switch.plug"]
        assert home.revision == before


async def test_the_broker_goes_and_comes_back(mosquitto: Mosquitto) -> None:
    async with plug_on(mosquitto), home_on(mosquitto) as home:
        await mosquitto.stop()
        await until(lambda: not home.connected)
        with pytest.raises(HouseUnreachable) as caught:
            await do(home, "switch.plug", "turn_on")
        assert caught.value.say.key == "house_unreachable"
        assert home.problem is not None
        assert str(mosquitto.port) in home.problem

        await mosquitto.start()
        async with plug_on(mosquitto) as plug:
            await until(lambda: home.connected, within=10)
            await plug.when("plug/set", ("plug", "ON"))
            assert (await do(home, "switch.plug", "turn_on")).confirmed is True


async def test_a_broker_that_comes_only_later(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    async with Home(MqttSettings(host=broker.host, port=broker.port), QUICK, HouseSettings()) as home:
        with pytest.raises(HouseUnreachable):
            await home.settled(timeout=0.3)
        async with broker, plug_on(broker):
            await home.settled()
            assert home.entity("switch.plug") is not None


async def test_nobody_there_leaves_no_task_behind() -> None:
    async with Home(MqttSettings(host="127.0.0.1", port=free_port()), QUICK, HouseSettings()):
        await asyncio.sleep(0.05)
    assert [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_it_leaves_at_any_moment_also_while_it_subscribes(mosquitto: Mosquitto) -> None:
    """Hundreds of devices have just introduced themselves when the assistant is told to stop."""
    components = {f"s{n}": {"p": "sensor", "name": f"S{n}", "stat_t": f"s/{n}"} for n in range(400)}
    message = {"dev": {"ids": "1", "name": "Board"}, "o": {"name": "test"}, "cmps": components}
    async with Peer(mosquitto.host, mosquitto.port) as board:
        await board.publish("homeassistant/device/board/config", json.dumps(message), retain=True)
        for _ in range(12):
            async with asyncio.timeout(10):
                async with Home(MqttSettings(host=mosquitto.host, port=mosquitto.port), QUICK, HouseSettings()) as home:
                    await until(lambda: len(home.entities()) == len(components))


async def test_of_a_large_house_the_collector_keeps_out(mosquitto: Mosquitto) -> None:
    """Else Python looks through thousands of entities again and again while they come in, and hears nothing."""
    components = {f"s{n}": {"p": "sensor", "name": f"S{n}", "stat_t": f"s/{n}"} for n in range(PUT_ASIDE)}
    message = {"dev": {"ids": "1", "name": "Board"}, "o": {"name": "test"}, "cmps": components}
    before = gc.get_freeze_count()
    async with Peer(mosquitto.host, mosquitto.port) as board, home_on(mosquitto) as home:
        await board.publish("homeassistant/device/board/config", json.dumps(message), retain=True)
        await until(lambda: len(home.entities()) == PUT_ASIDE)
        await until(lambda: gc.get_freeze_count() - before > PUT_ASIDE)


async def test_an_empty_house_settles(any_broker: Broker) -> None:
    async with home_on(any_broker) as home:
        assert home.entities() == ()


async def test_user_and_password(guarded_mosquitto: Mosquitto) -> None:
    async with home_on(guarded_mosquitto, username=USER, password=SecretStr(PASSWORD)) as home:
        assert home.connected


async def test_a_wrong_password_is_said_but_never_shown(guarded_mosquitto: Mosquitto) -> None:
    settings = MqttSettings(
        host=guarded_mosquitto.host, port=guarded_mosquitto.port, username=USER, password=SecretStr("wrong sesame")
    )
    async with Home(settings, QUICK, HouseSettings()) as home:
        with pytest.raises(HouseUnreachable) as caught:
            await home.settled(timeout=0.5)
    assert "ot authori" in caught.value.reason
    assert "sesame" not in caught.value.reason


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_both_versions_say_hello_and_goodbye(mosquitto: Mosquitto, version: str) -> None:
    async with Peer(mosquitto.host, mosquitto.port) as listener:
        await listener.listen("mimo-assistant/status")
        async with plug_on(mosquitto) as plug, home_on(mosquitto, version=version) as home:
            assert await listener.hears("mimo-assistant/status") == "online"
            await plug.when("plug/set", ("plug", "ON"))
            assert (await do(home, "switch.plug", "turn_on")).confirmed is True
        assert await listener.hears("mimo-assistant/status", "offline") == "offline"


async def test_a_visitor_leaves_the_status_alone(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.host, mosquitto.port) as listener, home_on(mosquitto) as home:
        settings = MqttSettings(host=mosquitto.host, port=mosquitto.port)
        async with Home(settings, QUICK, HouseSettings(), presence=False) as visitor:
            await visitor.settled()
        await asyncio.sleep(0.1)
        assert home.connected
        await listener.listen("mimo-assistant/status")
        assert await listener.hears("mimo-assistant/status") == "online"


async def test_tls_with_the_houses_own_authority(tmp_path: Path) -> None:
    key, certificate = tmp_path / "server.key", tmp_path / "server.crt"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run([*make, *subject], check=True, capture_output=True)  # noqa: ASYNC221 - a test's preparation
    async with Mosquitto(tmp_path, tls=tmp_path) as broker:
        async with home_on(broker, tls=True, ca_file=certificate) as home:
            assert home.connected

        stranger = MqttSettings(host=broker.host, port=broker.port, tls=True)
        async with Home(stranger, QUICK, HouseSettings()) as home:
            with pytest.raises(HouseUnreachable) as caught:
                await home.settled(timeout=0.5)
            assert "certificate" in caught.value.reason.lower()
