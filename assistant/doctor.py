"""Checks every part of the chain as configured: what was found, and the command that mends what is wrong."""

from __future__ import annotations

import asyncio
import json
import math
import secrets
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from assistant import demo, model_files, surroundings
from assistant.audio import echo, webrtc
from assistant.audio.files import chunked, read_samples
from assistant.audio.microphone import Microphone
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import BrainSettings, Config, MqttSettings, PolicySettings
from assistant.errors import AssistantError, AudioUnavailable, BrainUnavailable, HouseUnreachable
from assistant.home.broker import Broker
from assistant.home.cleaning import plain
from assistant.home.home import Home
from assistant.intents.targets import room_called
from assistant.interfaces import House
from assistant.llm.client import Completion, CompletionClient, shown
from assistant.llm.plan import Schema
from assistant.llm.profile import Profile
from assistant.models import Message
from assistant.password import guarded, origin
from assistant.speech.stt import Whisper
from assistant.speech.tts import Piper

BRAIN_REMEDY = "mimo-assistant models pull brain, or set brain.url to a server that runs"

_ECHO_REMEDY = (
    "pactl load-module module-echo-cancel aec_method=webrtc source_name=echo_cancelled sink_name=echo_reference, "
    "then pactl set-default-source echo_cancelled and pactl set-default-sink echo_reference"
)

_WEBRTC_REMEDY = (
    "sudo script/install --webrtc, or for script/run: "
    f"{sys.executable} -m pip install --require-hashes -r script/requirements-webrtc.lock"
)

_TAKEN_OFF_DECIBELS = 15.0
"""Of an echo, by a canceller that works."""

MICROPHONE_REMEDY = "plug it in, or set audio.microphone: null or off"

BROKER_REMEDY = "check mqtt.host, port, username and password"

RECORDING = Path(demo.__path__[0]) / "okay_nabu_what_time_is_it.wav"
"""Says so; 2 s."""

LISTENED_CHUNKS = 16
"""Half a second."""

_CONNECT_SECONDS = 10.0

_ECHO_SECONDS = 3.0

_RIGHTS_REMEDY = (
    "let this user read and write mimo-assistant/# and homeassistant/#, read the devices' state topics and write their "
    "command topics (mosquitto: the file named by acl_file)"
)

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


async def examine(
    config: Config, state: Path, *, virtual_house: bool, brain: bool, config_file: Path | None = None
) -> list[Finding]:
    """Every part in turn; none stops the others."""
    probes = [
        Probe("microphone", lambda: microphone(config, listen=True), MICROPHONE_REMEDY),
        *_echo_probes(config),
        Probe("wake word", lambda: wake_word(config), "set wake_word.model to a bundled name or a .json file"),
        Probe("ears", lambda: _ears(config), "mimo-assistant models pull stt"),
        Probe("voice", lambda: _voice(config), "mimo-assistant models pull voice"),
        Probe("journal", lambda: asyncio.to_thread(journal, state), f"free some space or mend the rights of {state}"),
    ]
    findings = await tried([*probes, *around(config, state, config_file)])
    if config.mqtt.host is not None and not virtual_house:
        findings.append(await _tried(Probe("broker", lambda: _broker(config.mqtt), BROKER_REMEDY)))
        if findings[-1].fine:
            topic = config.home_assistant.topic
            findings.append(await _tried(Probe("broker rights", lambda: _rights(config.mqtt, topic), _RIGHTS_REMEDY)))
            findings.append(await _tried(Probe("house", lambda: _house(config), BROKER_REMEDY)))
    if brain and config.brain.enabled:
        findings.append(await _tried(Probe("brain", lambda: _brain(config), BRAIN_REMEDY)))
    return findings


def around(config: Config, state: Path, config_file: Path | None) -> list[Probe]:
    """What stands around the assistant, whether it runs or not."""
    return [
        Probe("disk", lambda: surroundings.disk(state), "free some space: journal and models need it"),
        Probe("clock", lambda: surroundings.clock(datetime.now(UTC)), "timedatectl set-ntp true"),
        Probe("secrets", lambda: surroundings.secrets(config, config_file, state), "chmod 600 on each of these files"),
        Probe("console", lambda: _console(config, state), "mimo-assistant console password"),
        Probe("service", surroundings.service, "journalctl -u mimo-assistant, then systemctl restart mimo-assistant"),
    ]


async def tried(probes: Sequence[Probe]) -> list[Finding]:
    """One after the other: together they would take the machine's breath."""
    return [await _tried(probe) for probe in probes]


async def _console(config: Config, state: Path) -> str:
    settings = config.console
    if not settings.enabled:
        return "switched off"
    password = await asyncio.to_thread(guarded, settings, state)
    return f"{origin(settings)}, {'with a password' if password.needed else 'for this machine alone'}"


async def microphone(config: Config, *, listen: bool = False) -> str:
    """Doing without one is a way of use, so its absence is told and is no fault. listen: also how loud it is there."""
    if config.audio.microphone in ("off", "stdin"):
        return f"set to {config.audio.microphone}"
    device = Microphone(config.audio)
    try:
        name = await device.check()
        return f"{name}, {await _loudness(device)}" if listen else name
    except AudioUnavailable as error:
        if config.audio.microphone is not None:
            raise
        return f"none ({error.reason}); say and hear work without"


async def _loudness(device: Microphone) -> str:
    """Over half a second. A room is never quite still, so a row of zeros is a muted or dead microphone."""
    loudest = 0
    async with aclosing(device.chunks()) as chunks:  # type: ignore[type-var]
        for _ in range(LISTENED_CHUNKS):
            chunk = await anext(chunks)
            loudest = max(loudest, int(np.abs(np.frombuffer(chunk.pcm, "<i2").astype(np.int32)).max(initial=0)))
    if not loudest:
        raise AudioUnavailable("it delivers nothing but zeros: it is muted, or its cable is")
    return f"peak {20 * math.log10(loudest / 32768):.0f} dB while listened to"


async def wake_word(config: Config) -> str:
    return await asyncio.to_thread(_wakes, config)


def _wakes(config: Config) -> str:
    """The bundled recording holds one of the wake words; of another only that it loads is known."""
    detector = MicroWakeWord(config.wake_word)
    if config.wake_word.model != "okay_nabu":
        return f"{config.wake_word.model} loads"
    if not any(detector.heard_in(chunk) for chunk in chunked(read_samples(RECORDING))):
        raise AssistantError("okay_nabu is not heard in the bundled recording: wake_word.sensitivity may be too high")
    return "okay_nabu, heard in the bundled recording"


def _echo_probes(config: Config) -> list[Probe]:
    """Only where the configuration says that it is cancelled, and by what."""
    part, otherwise = "echo cancellation", "or set audio.echo_cancellation: none"
    match config.audio.echo_cancellation:
        case "none":
            return []
        case "system":
            return [Probe(part, lambda: echo.check(config.audio), f"{_ECHO_REMEDY}; {otherwise}")]
        case "webrtc":
            return [Probe(part, lambda: asyncio.to_thread(_takes_off_echo), f"{_WEBRTC_REMEDY}; {otherwise}")]


def _takes_off_echo() -> str:
    taken_off = webrtc.attenuation(read_samples(RECORDING))
    if taken_off < _TAKEN_OFF_DECIBELS:
        raise AssistantError(f"WebRTC takes only {taken_off:.0f} dB off an echo of the bundled recording")
    return f"WebRTC takes {taken_off:.0f} dB off an echo of the bundled recording"


async def _ears(config: Config) -> str:
    whisper = Whisper(config.stt, model_files.folder(config))
    await whisper.load()
    pcm, began = await asyncio.to_thread(read_samples, RECORDING), time.perf_counter()
    words = (await whisper.transcribe(pcm, "en")).text
    took = time.perf_counter() - began
    if "time" not in words.lower():
        raise AssistantError(f"Whisper {config.stt.model} hears {words!r} in “okay nabu, what time is it”")
    return f"Whisper {config.stt.model} hears the bundled recording in {took:.1f} s"


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


async def _rights(settings: MqttSettings, topic: str) -> str:
    """Whether what is sent under the assistant's own topic comes back: a broker tells nobody what its ACL forbids."""
    echo, word = asyncio.Event(), secrets.token_hex(8)

    def receive(_: str, data: bytes, __: bool) -> None:
        if data == word.encode():
            echo.set()

    own = f"{topic}/doctor"
    async with Broker(settings, receive, presence=False) as broker:
        broker.subscribe([own])
        try:
            await asyncio.wait_for(broker.wait_connected(), _CONNECT_SECONDS)
            async with asyncio.timeout(_ECHO_SECONDS):
                while not echo.is_set():
                    await broker.publish(Message(own, word))
                    with suppress(TimeoutError):
                        await asyncio.wait_for(echo.wait(), _ECHO_SECONDS / 6)
        except TimeoutError as error:
            raise HouseUnreachable(f"what is sent to {own} does not come back: the broker's ACL forbids it") from error
    return f"may read and write {topic}/#"


def unknown_to_rules(settings: PolicySettings, house: House) -> list[str]:
    """A rule for a room that is misspelt holds everywhere, one for a device nowhere."""
    entities = [each for rule in settings.rules for each in rule.entities if house.entity(each) is None]
    rooms = [each for rule in settings.rules for each in rule.rooms if room_called(each, house.rooms) is None]
    return list(dict.fromkeys([*entities, *rooms]))


async def _house(config: Config) -> str:
    async with Home(config.mqtt, config.confirm, config.house, presence=False) as home:
        await home.settled()
        return house(home, config.policy)


def house(home: Home, policy: PolicySettings | None = None) -> str:
    """What has announced itself, and what did not."""
    entities = [entity for entity in home.entities() if not entity.members]
    told = [f"{_count(home.devices, 'device')} with {_count(len(entities), 'entity', 'entities')}"]
    if home.left_out:
        told.append(f"{_count(len(home.left_out), 'announcement')} left out (devices --all says why)")
    if unknown := [*home.unknown, *(unknown_to_rules(policy, home) if policy else ())]:
        told.append(f"config.yaml names what did not announce itself: {', '.join(unknown)}")
    return "; ".join(told)


async def _brain(config: Config) -> str:
    told = [await _one_brain(settings, config) for settings in config.brain.each()]
    return "; ".join(told)


async def _one_brain(settings: BrainSettings, config: Config) -> str:
    profile, key = Profile.load(settings.profile), settings.api_key.get_secret_value() if settings.api_key else None
    if settings.url is None:
        weights = model_files.small_brain(settings.profile, profile.gguf)
        return str(model_files.path("brain", weights, model_files.folder(config)))
    model = settings.model or profile.model
    async with CompletionClient(settings.url, model, key, settings.timeout_seconds) as client:
        if not await client.ready():
            raise BrainUnavailable(f"{shown(settings.url)} does not answer")
        pace = await _pace(client)
        await _expect_grammar(client)
    return f"{shown(settings.url)} answers as {model}, {pace:.0f} tokens/s, keeps to a grammar"


async def _pace(client: CompletionClient) -> float:
    """Over a short answer, without the wait for its first word."""
    times = []
    async with aclosing(client.stream(Completion("Count: one, two, three,", max_tokens=24))) as pieces:
        async for _ in pieces:
            times.append(time.perf_counter())
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 and times[-1] > times[0] else 0.0


async def _expect_grammar(client: CompletionClient) -> None:
    """Every plan is held to one; a server that ignores it writes nonsense."""
    only: Schema = {"type": "object", "properties": {"lamp": {"enum": ["on"]}}, "required": ["lamp"],
                    "additionalProperties": False}  # fmt: skip
    async with aclosing(client.stream(Completion("Say something.", max_tokens=24, schema=only))) as pieces:
        written = "".join([piece async for piece in pieces])
    try:
        kept = json.loads(written) == {"lamp": "on"}
    except ValueError:
        kept = False
    if not kept:
        raise BrainUnavailable(f"the server does not keep to a grammar: it wrote {plain(written, 60)!r}")


def journal(state: Path) -> str:
    try:
        state.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(state / "journal.sqlite") as connection:
            (turns,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (OSError, sqlite3.Error) as error:
        raise AssistantError(f"{state} cannot be written: {error}") from error
    return f"{state}" if turns else f"{state} (new)"


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


async def _tried(probe: Probe) -> Finding:
    try:
        return Finding(probe.part, True, await probe.look())
    except AssistantError as error:
        return Finding(probe.part, False, error.reason, probe.remedy)
