"""Checks every part of the chain as configured: what was found, and the command that mends what is wrong."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant import model_files
from assistant.audio import echo
from assistant.audio.microphone import Microphone
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import BrainSettings, Config, MqttSettings, PolicySettings
from assistant.errors import AssistantError, AudioUnavailable, BrainUnavailable, HouseUnreachable
from assistant.home.broker import Broker
from assistant.home.cleaning import plain
from assistant.home.home import Home
from assistant.intents.targets import room_called
from assistant.interfaces import House
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.client import shown
from assistant.llm.profile import Profile
from assistant.speech.stt import Whisper
from assistant.speech.tts import Piper

_BRAIN_REMEDY = "mimo-assistant models pull brain, or set brain.url to a server that runs"

_ECHO_REMEDY = (
    "pactl load-module module-echo-cancel aec_method=webrtc source_name=echo_cancelled sink_name=echo_reference, "
    "then pactl set-default-source echo_cancelled and pactl set-default-sink echo_reference"
)

_BROKER_REMEDY = "check mqtt.host, port, username and password"

_LOW_DISK_MEGABYTES = 200

_CONNECT_SECONDS = 10.0

_VERSION_TOPIC, _VERSION_SECONDS = "$SYS/broker/version", 1.0
"""Where mosquitto keeps what it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    fine: bool
    found: str
    remedy: str = ""

    def row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to try: `found` tells what it saw, an AssistantError what is wrong."""

    part: str
    look: Callable[[], Awaitable[str]]
    remedy: str


async def examine(config: Config, state: Path, *, virtual_house: bool, brain: bool) -> list[Finding]:
    """Every part in turn; none stops the others."""
    probes = [
        Probe("microphone", lambda: _microphone(config), "plug it in, or set audio.microphone: null or off"),
        *_echo_probes(config),
        Probe("wake word", lambda: _wake_word(config), "set wake_word.model to a bundled name or a .json file"),
        Probe("ears", lambda: _ears(config), "mimo-assistant models pull stt"),
        Probe("voice", lambda: _voice(config), "mimo-assistant models pull voice"),
        Probe("journal", lambda: asyncio.to_thread(_state, state), f"free some space or mend the rights of {state}"),
    ]
    findings = [await _tried(probe) for probe in probes]
    if config.mqtt.host is not None and not virtual_house:
        findings.append(await _tried(Probe("broker", lambda: _broker(config.mqtt), _BROKER_REMEDY)))
        if findings[-1].fine:
            findings.append(await _tried(Probe("house", lambda: _house(config), _BROKER_REMEDY)))
    if brain and config.brain.enabled:
        findings.append(await _tried(Probe("brain", lambda: _brain(config), _BRAIN_REMEDY)))
    return findings


async def _microphone(config: Config) -> str:
    """Doing without one is a way of use, so its absence is told and is no fault."""
    if config.audio.microphone in ("off", "stdin"):
        return f"set to {config.audio.microphone}"
    try:
        return await Microphone(config.audio).check()
    except AudioUnavailable as error:
        if config.audio.microphone is not None:
            raise
        return f"none ({error.reason}); say and hear work without"


def _echo_probes(config: Config) -> list[Probe]:
    """Only where the configuration says that the sound server cancels it."""
    if config.audio.echo_cancellation == "none":
        return []
    remedy = f"{_ECHO_REMEDY}; or set audio.echo_cancellation: none"
    return [Probe("echo cancellation", lambda: echo.check(config.audio), remedy)]


async def _wake_word(config: Config) -> str:
    await asyncio.to_thread(MicroWakeWord, config.wake_word)
    return config.wake_word.model


async def _ears(config: Config) -> str:
    whisper = Whisper(config.stt, model_files.folder(config))
    await whisper.load()
    return f"Whisper {config.stt.model} loads"


async def _voice(config: Config) -> str:
    await Piper(config.voice, model_files.folder(config)).load()
    return ", ".join(f"{language}: {voice}" for language, voice in config.voice.voices.items())


async def _broker(settings: MqttSettings) -> str:
    versions: asyncio.Queue[bytes] = asyncio.Queue()
    async with Broker(settings, lambda _, data, __: versions.put_nowait(data), presence=False) as broker:
        broker.subscribe([_VERSION_TOPIC])
        try:
            await asyncio.wait_for(broker.wait_connected(), _CONNECT_SECONDS)
        except TimeoutError as error:
            raise HouseUnreachable(broker.problem) from error
        product = ""
        with suppress(TimeoutError):  # not every broker tells, nor everyone
            product = f" ({plain((await asyncio.wait_for(versions.get(), _VERSION_SECONDS)).decode(errors='replace'))})"
    user = f", as {settings.username}" if settings.username else ""
    return f"{settings.host}:{settings.port} answers{product}, MQTT {settings.version}{user}"


def unknown_to_rules(settings: PolicySettings, house: House) -> list[str]:
    """A rule for a room that is misspelt holds everywhere, one for a device nowhere."""
    entities = [each for rule in settings.rules for each in rule.entities if house.entity(each) is None]
    rooms = [each for rule in settings.rules for each in rule.rooms if room_called(each, house.rooms) is None]
    return list(dict.fromkeys([*entities, *rooms]))


async def _house(config: Config) -> str:
    async with Home(config.mqtt, config.confirm, config.house, presence=False) as home:
        await home.settled()
        entities = [entity for entity in home.entities() if not entity.members]
        told = [f"{_count(home.devices, 'device')} with {_count(len(entities), 'entity', 'entities')}"]
        if home.left_out:
            told.append(f"{_count(len(home.left_out), 'announcement')} left out (devices --all says why)")
        if unknown := [*home.unknown, *unknown_to_rules(config.policy, home)]:
            told.append(f"config.yaml names what did not announce itself: {', '.join(unknown)}")
        return "; ".join(told)


async def _brain(config: Config) -> str:
    told = [await _one_brain(settings, config) for settings in config.brain.each()]
    return "; ".join(told)


async def _one_brain(settings: BrainSettings, config: Config) -> str:
    if settings.url is None:
        return str(model_files.path("brain", settings.profile, model_files.folder(config)))
    async with TwoPhaseBrain(settings, Profile.load(settings.profile), (), settings.url) as brain:
        if not await brain.ready():
            raise BrainUnavailable(f"{shown(settings.url)} does not answer")
    return f"{shown(settings.url)} answers"


def _state(state: Path) -> str:
    try:
        state.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(state / "journal.sqlite") as connection:
            (turns,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (OSError, sqlite3.Error) as error:
        raise AssistantError(f"{state} cannot be written: {error}") from error
    free = shutil.disk_usage(state).free // 1_000_000
    if free < _LOW_DISK_MEGABYTES:
        raise AssistantError(f"only {free} MB are free in {state}")
    return f"{state}, {free:,} MB free" if turns else f"{state} (new), {free:,} MB free"


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


async def _tried(probe: Probe) -> Finding:
    try:
        return Finding(probe.part, True, await probe.look())
    except AssistantError as error:
        return Finding(probe.part, False, error.reason, probe.remedy)
