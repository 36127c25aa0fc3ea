"""Builds every part from the configuration and hands them to the pipeline; it and daemon.py alone see all of it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import skills as own_skills
from assistant import model_files
from assistant.audio.canceller import EchoCanceller
from assistant.audio.files import Recording
from assistant.audio.loudspeaker import Loudspeaker
from assistant.audio.silent import Silent
from assistant.audio.vad import Silero
from assistant.audio.wake_word import MicroWakeWord
from assistant.config import BrainSettings, Config, HouseSettings, MqttSettings, Options, house_zone, state_folder
from assistant.controls import Controls
from assistant.demo.broker import EmbeddedBroker
from assistant.demo.house import VirtualHouse
from assistant.ears import Ears
from assistant.errors import AssistantError, HouseUnreachable, ModelMissing
from assistant.events import Events, Notice
from assistant.front_door import Knock
from assistant.home.amendments import Amendments
from assistant.home.home import Home
from assistant.household import Household
from assistant.intents.catalog import Catalog
from assistant.intents.language import language_of
from assistant.intents.matcher import Reflex
from assistant.intents.pin import Pin
from assistant.intents.policy import Policy
from assistant.interfaces import AudioSource, Brain, Speaker
from assistant.llm.brain import TwoPhaseBrain
from assistant.llm.client import shown
from assistant.llm.ladder import Ladder
from assistant.llm.local_server import LocalServer
from assistant.llm.narrator import steps
from assistant.llm.profile import Profile
from assistant.llm.slot import BrainSlot
from assistant.memory.history import SqliteHistory
from assistant.memory.journal import SqliteJournal
from assistant.memory.lists import SqliteLists
from assistant.memory.preferences import SqlitePreferences
from assistant.memory.session import Sessions
from assistant.models import Request, Turn
from assistant.pipeline import Pipeline, Settings
from assistant.quiet import QuietHours
from assistant.record import inventory, left_out, summary
from assistant.satellites.follow_up import FollowUp
from assistant.satellites.interjections import Interjections
from assistant.satellites.local import Local
from assistant.schedule.schedule import Schedule
from assistant.speech.stt import Whisper
from assistant.speech.tts import Piper

log = logging.getLogger(__name__)

KEEP_UP_SECONDS = 1.0
"""Between two looks for new names; learning them takes about as long."""


@dataclass(slots=True)
class Assistant:
    """The assembled chain."""

    config: Config
    options: Options
    events: Events
    home: Home
    household: Household
    """The home, the lists and the preferences."""
    catalog: Catalog
    journal: SqliteJournal
    preferences: SqlitePreferences
    pipeline: Pipeline
    reflex: Reflex
    schedule: Schedule
    brain: BrainSlot | None = None
    amendments: Amendments = field(default_factory=Amendments)
    controls: Controls = field(init=False)
    speaker: Loudspeaker | None = None
    """This machine's own."""
    canceller: EchoCanceller | None = None
    """Between it and this machine's microphone, where there is one in this process."""
    places: dict[str, Speaker] = field(default_factory=dict)
    """The loudspeaker of each room that has one of its own."""

    def __post_init__(self) -> None:
        self.controls = Controls(self.pipeline, self.say, state_folder(self.config) / "controls.json")
        self.controls.silence = self.schedule.silence

    async def say(self, request: Request) -> Turn:
        if not self.options.daemon:  # which keeps up anyway, and journals what is said from its first moment
            await self._prepare_the_reflex(request)
        return await self.pipeline.run(request)

    async def hear(self, pcm: bytes, request: Request, fast: bool = False) -> list[Turn]:
        """One turn for each wake word in the sound; without any, all of it is one command."""
        if self.pipeline.ears is None:
            raise ModelMissing("the ears were not loaded")
        place = Local(
            id=request.session,
            source=Recording(pcm, real_time=not fast),
            wake_word=MicroWakeWord(self.config.wake_word),
            speaker=Loudspeaker(Silent()),
            room=request.room,
            follow_up=self._follow_up(),
            kind="file",
            language=request.language,
        )
        turns: list[Turn] = []
        await self.pipeline.serve(place, turns.append)
        return turns

    def place(
        self, id: str, source: AudioSource, speaker: Loudspeaker | None, *, wake_word: bool = True, kind: str,
        room: str | None = None, muted: Callable[[], bool] = lambda: False,
    ) -> Local:  # fmt: skip
        """Another place where people talk, for `pipeline.serve`; without a wake word it is called by its `press`."""
        return Local(
            id, source, MicroWakeWord(self.config.wake_word) if wake_word else None, speaker, room, muted,
            follow_up=self._follow_up(), interjections=self._interjections(id), events=self.events, kind=kind,
        )  # fmt: skip

    def _follow_up(self) -> FollowUp | None:
        """Without an answer to wait for, no voice activity either."""
        audio = self.config.audio
        if not audio.follow_up_seconds:
            return None
        return FollowUp(Silero(), audio.follow_up_seconds, audio.follow_up_always, self.config.endpoint.threshold)

    def _interjections(self, id: str) -> Interjections | None:
        """None where the microphone would hear the assistant itself."""
        audio, ears, pipeline = self.config.audio, self.pipeline.ears, self.pipeline
        hears_itself = audio.echo_cancellation != "system" and self.canceller is None
        if hears_itself or ears is None:
            return None

        async def reads(pcm: bytes) -> str:
            configured = pipeline.settings.language
            return await ears.read(pcm, pipeline.sessions.language(id) if configured == "auto" else configured)

        return Interjections(Silero(), reads if audio.stop_word else None, self.config.endpoint.threshold)

    async def look_at_the_house(self) -> None:
        """Wait until the devices have announced themselves; say so when the house does not answer."""
        try:
            await self.home.settled(timeout=10.0 if self.options.daemon else 4.0)
        except AssistantError as error:
            again = " It is tried again in the background." if self.options.daemon else ""
            self.events.tell(Notice(f"The house does not answer: {error.reason}.{again}"))
        if self.options.daemon or self.options.ears:
            await self._prepare_the_reflex()

    async def keep_up_with_the_house(self) -> None:
        """Ask what joined since how it is, and teach the reflex the new names while it answers from those it knew."""
        await self.look_at_the_house()
        while True:
            await asyncio.sleep(KEEP_UP_SECONDS)
            with suppress(HouseUnreachable):  # it comes back by itself, and they are asked then
                await self.home.ask_around()
            await self._prepare_the_reflex()

    async def _prepare_the_reflex(self, request: Request | None = None) -> None:
        """Learn the names before they are needed: for one request's language, or for all that may be spoken."""
        language = request.language if request and request.language else self.pipeline.settings.language
        if language == "auto" and request is not None and request.text:
            language = language_of(request.text)
        for code in ("en", "it", "zh") if language == "auto" else (language,):
            await self.reflex.prepare(code)

    async def learn(self) -> None:
        """Names that were just changed, before anybody says them."""
        await self._prepare_the_reflex()

    async def why(self, session: str | None = None) -> Turn | None:
        return next(iter(await self.journal.last(session)), None)

    async def answer(self, knock: Knock) -> list[dict[str, Any]]:
        """What the front door asks."""
        session = (
            f"named {knock.session}" if knock.session else f"once {uuid.uuid4().hex}" if knock.do == "hear" else ""
        )
        request = Request(knock.text, knock.language, knock.room, session, "text")
        match knock.do:
            case "say":
                return [summary(await self.say(request))]
            case "hear":
                return [summary(turn) for turn in await self.hear(knock.sound(), request, knock.fast)]
            case "why":
                turn = await self.why(session or None)
                return [self.explained(turn)] if turn else []
            case "preferences":
                return [each.row() for each in self.preferences.kept]
            case "forget":
                return [{"number": knock.number, "forgotten": await self.preferences.forget(knock.number)}]
            case "timers":
                await self.schedule.look()
                return self.schedule.rows()
            case "devices":
                rows = inventory(self.home, datetime.now(UTC), hidden=knock.everything)
                return rows + left_out(self.home.left_out) if knock.everything else rows

    def explained(self, turn: Turn) -> dict[str, Any]:
        """The turn with three to five short steps from its record."""
        return summary(turn) | {"steps": steps(turn, self.household, turn.language)}


@asynccontextmanager
async def assemble(config: Config, options: Options, events: Events) -> AsyncIterator[Assistant]:
    """Open everything in order; it closes in reverse."""
    async with AsyncExitStack() as stack:
        mqtt, house = config.mqtt, config.house
        if options.virtual_house or mqtt.host is None:
            mqtt, house = await _virtual_house(stack, config)
        loading = asyncio.create_task(_ears_and_voice(config), name="load the ears") if options.ears else None
        if loading:
            stack.callback(loading.cancel)
        home = await stack.enter_async_context(
            Home(mqtt, config.confirm, house, presence=options.daemon, home_assistant=config.home_assistant)
        )
        state = state_folder(config)
        amendments = Amendments(options.config_file, state)
        if amendments.problem is not None:
            events.tell(Notice(f"{amendments.file} is left aside: {amendments.problem}."))
        home.amend(amendments.devices)

        def warn(text: str) -> None:
            events.tell(Notice(text))

        journal = await stack.enter_async_context(SqliteJournal(state / "journal.sqlite", warn))
        history = await stack.enter_async_context(SqliteHistory(state / "journal.sqlite", warn))
        home.observe(history.note)
        events.subscribe(history.watch)
        lists = await stack.enter_async_context(SqliteLists(state / "lists.sqlite", warn))
        preferences = await stack.enter_async_context(SqlitePreferences(state / "preferences.sqlite", warn))
        schedule = await stack.enter_async_context(Schedule(state / "schedule.sqlite", house_zone(config), warn=warn))
        household = Household(home, lists, preferences, schedule, nicknames=preferences.nicknames)
        catalog = Catalog.load(_skill_folders(config), household, history, schedule)
        for broken in catalog.broken:
            events.tell(Notice(f"A skill was left out: {broken.reason}"))
        hashed = config.policy.pin_hash
        pin = Pin(hashed.get_secret_value(), time.monotonic, state / "pin.json") if hashed else None
        brain = _brain(config, options, home, household, catalog, events)
        if brain is not None:
            await stack.enter_async_context(brain)
        ears, voice = await loading if loading else (None, None)
        reflex = Reflex(household, [folder / "sentences" for folder in _skill_folders(config)], schedule)
        pipeline = Pipeline(
            house=household,
            commands=household,
            matcher=reflex,
            catalog=catalog,
            policy=Policy(config.policy, household, pin, schedule.now),
            sessions=Sessions(time.monotonic, config.policy.confirm_seconds, **config.dialogue.model_dump()),
            journal=journal,
            events=events,
            settings=Settings(
                config.language, config.routing, config.explain, config.stt.hotwords, config.brain.murmur_after_seconds
            ),
            brain=brain,
            ears=ears,
            voice=voice,
            pin=pin,
            quiet=QuietHours(config.quiet_hours, household, schedule.now) if config.quiet_hours else None,
            ringing=schedule.ringing,
        )
        yield Assistant(
            config,
            options,
            events,
            home,
            household,
            catalog,
            journal,
            preferences,
            pipeline,
            reflex,
            schedule,
            brain,
            amendments,
        )


async def _virtual_house(stack: AsyncExitStack, config: Config) -> tuple[MqttSettings, HouseSettings]:
    """The embedded broker and the devices that announce themselves on it."""
    broker = await stack.enter_async_context(EmbeddedBroker())
    devices = await stack.enter_async_context(VirtualHouse(broker.host, broker.port))
    mqtt = MqttSettings(host=broker.host, port=broker.port)
    described = devices.settings
    own = config.house
    merged = own.model_copy(
        update={
            "floors": {**described.floors, **own.floors},
            "rooms": {**described.rooms, **own.rooms},
            "devices": {**described.devices, **own.devices},
        }
    )
    return mqtt, merged


async def _ears_and_voice(config: Config) -> tuple[Ears, Piper]:
    folder = model_files.folder(config)
    whisper, piper = Whisper(config.stt, folder), Piper(config.voice, folder)
    await whisper.load()
    await piper.load()
    return Ears(Silero, whisper, config.endpoint, config.wake_word.model.replace("_", " ")), piper


def _skill_folders(config: Config) -> list[Path]:
    own = Path(own_skills.__path__[0])
    return [own, config.skills_folder] if config.skills_folder else [own]


def _brain(
    config: Config, options: Options, home: Home, household: Household, catalog: Catalog, events: Events
) -> BrainSlot | None:
    """One small brain on this CPU, or a ladder of all that are configured."""
    if not (options.brain and config.brain.enabled):
        return None
    kinds = [(settings, Profile.load(settings.profile)) for settings in config.brain.each()]
    tools = catalog.tools()

    @asynccontextmanager
    async def opened() -> AsyncIterator[Brain]:
        async with AsyncExitStack() as stack:
            brains: list[tuple[str, Brain]] = []
            for settings, profile in kinds:
                url = settings.url
                if url is None:
                    url = await stack.enter_async_context(_small_server(settings, config, options, events))
                name = f"at {shown(url)}" if settings.url else "on this CPU"
                brains.append((name, await stack.enter_async_context(TwoPhaseBrain(settings, profile, tools, url))))
            first = brains[0][1]
            if config.brain.endpoints or config.brain.url:
                first = await stack.enter_async_context(Ladder(brains, lambda text: events.tell(Notice(text))))
            with suppress(HouseUnreachable):
                await home.settled()
            await first.warm(household)
            yield first

    return BrainSlot(opened, patient=not options.daemon)


@asynccontextmanager
async def _small_server(
    settings: BrainSettings, config: Config, options: Options, events: Events
) -> AsyncIterator[str]:
    """The small brain on this CPU; a daemon fetches its weights first. Yields its URL."""
    folder = model_files.folder(config)
    name = model_files.small_brain(settings.profile, Profile.load(settings.profile).gguf)
    if options.daemon and not model_files.present("brain", name, folder):
        events.tell(Notice("The brain is being fetched in the background; the reflex works meanwhile."))
        await _fetched("brain", name, folder)
    weights = model_files.path("brain", name, folder)
    async with LocalServer(weights, settings.threads) as server:
        yield server.url


async def _fetched(kind: str, name: str, folder: Path) -> None:
    """`models pull` in a process of its own, with its progress bar: a daemon that is asked to stop can end it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assistant.cli", "models", "pull", f"{kind}/{name}"),
        env={**os.environ, "MIMO_MODELS": str(folder)},
    )
    try:
        if await process.wait() != 0:
            raise ModelMissing(f"{kind}/{name} could not be fetched; try again with: mimo-assistant models pull {kind}")
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
