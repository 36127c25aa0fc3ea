"""The daemon: every task of a running assistant, named and owned here, until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from assistant.app import Assistant, assemble
from assistant.audio.canceller import EchoCanceller
from assistant.audio.files import Stdin
from assistant.audio.loudspeaker import Loudspeaker
from assistant.audio.microphone import Microphone
from assistant.audio.speaker import SoundCard
from assistant.audio.webrtc import Webrtc
from assistant.config import Config, Options, state_folder
from assistant.errors import AssistantError, AudioUnavailable, BrainUnavailable
from assistant.events import Event, Events, Notice, Started
from assistant.front_door import only_daemon, open_door, socket_path
from assistant.home.announce import Announcement
from assistant.interfaces import AudioSource
from assistant.llm.slot import BrainSlot
from assistant.memory.archive import Archive
from assistant.memory.recordings import Recordings
from assistant.metrics import Metrics
from assistant.models import AudioChunk, Request, Scheduled, Turn
from assistant.password import Password, guarded
from assistant.ringer import Ringer
from assistant.satellites.local import Local
from assistant.schedule.keeper import Keeper
from assistant.systemd import Notifier
from assistant.web.parts import Parts

log = logging.getLogger(__name__)

HOUSE_LOOK_SECONDS = 5.0
"""Between two looks whether the house changed; devices that join together are then read of together."""

MICROPHONE_RETRY_SECONDS = 10.0
"""Between two looks for a microphone that is not there yet; less than half of the unit's WatchdogSec."""


async def run(config: Config, options: Options, events: Events) -> None:
    """The daemon: until SIGTERM or SIGINT cancels it."""
    notifier = Notifier()
    task = asyncio.current_task()
    assert task is not None, "the daemon runs in a task"

    def stop() -> None:
        notifier.stopping()
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    password = guarded(config.console, state_folder(config)) if config.console.enabled else None
    try:
        with only_daemon(state_folder(config)):
            async with assemble(config, options, events) as assistant:
                await _serve(assistant, notifier, password)
    except asyncio.CancelledError:
        log.info("stopped")


async def _serve(assistant: Assistant, notifier: Notifier, password: Password | None) -> None:
    """Every task of the daemon, named and owned here; any that fails unexpectedly ends the process."""
    async with AsyncExitStack() as stack:
        socket = socket_path(state_folder(assistant.config))
        await stack.enter_async_context(open_door(socket, assistant.answer))
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        tasks.create_task(assistant.keep_up_with_the_house(), name="keep up with the house")
        if assistant.brain is not None:
            tasks.create_task(_join_the_brain(assistant), name="join the brain")
            tasks.create_task(_keep_warm(assistant, assistant.brain), name="keep the brain warm")
        if assistant.config.audio.echo_cancellation == "webrtc":
            assistant.canceller = await _canceller(assistant)
        if assistant.config.audio.speaker != "off":
            assistant.speaker = assistant.controls.speaker = _loudspeaker(assistant)
        tasks.create_task(_keep_the_schedule(assistant), name="keep the schedule")
        tasks.create_task(_announce(assistant), name="announce to Home Assistant")
        if password is not None:
            tasks.create_task(_console(assistant, password), name="console")
        tasks.create_task(_listen(assistant, notifier), name="listen")
        notifier.ready()


async def _console(assistant: Assistant, password: Password) -> None:
    """The page and its API. Its web framework is imported here: only the daemon needs it."""
    from assistant.web.server import serve

    state = state_folder(assistant.config)
    recordings = Recordings(state / "audio", assistant.config.console.keep_audio_days)
    async with Archive(state / "journal.sqlite") as archive, asyncio.TaskGroup() as tasks:
        tasks.create_task(recordings.run(), name="keep recordings")
        await serve(console_parts(assistant, archive, recordings), password)


def console_parts(assistant: Assistant, archive: Archive, recordings: Recordings) -> Parts:
    """What the console is given; from here on the metrics count."""
    metrics = Metrics()
    assistant.events.subscribe(recordings.watch)
    assistant.events.subscribe(metrics.watch)
    assistant.home.invite(metrics)
    return Parts(
        config=assistant.config, state=state_folder(assistant.config), config_file=assistant.options.config_file,
        events=assistant.events, home=assistant.home, household=assistant.household, catalog=assistant.catalog,
        pipeline=assistant.pipeline, controls=assistant.controls, brain=assistant.brain, schedule=assistant.schedule,
        archive=archive, recordings=recordings, amendments=assistant.amendments, metrics=metrics, say=assistant.say,
        hear=assistant.hear, place=assistant.place, learn=assistant.learn,
    )  # fmt: skip


async def _keep_the_schedule(assistant: Assistant) -> None:
    """See that what is planned happens; a house that has just started is given time to announce itself."""
    schedule, settings = assistant.schedule, assistant.config.schedule
    ringer = Ringer(
        schedule,
        assistant.events,
        lambda room: assistant.places.get(room or "", assistant.controls.speaker),
        lambda: assistant.pipeline.voice,
        settings.ring_seconds,
        settings.alarm_seconds,
    )

    async def do(item: Scheduled) -> Turn:
        return await assistant.say(Request(item.text, item.language, item.room, source="schedule", unattended=True))

    assistant.home.observe(lambda before, after: schedule.changed.set())
    with suppress(AssistantError):
        await assistant.home.settled(timeout=10.0)
    await Keeper(schedule, assistant.household, do, ringer.tell, settings.late_minutes).run()


async def _announce(assistant: Assistant) -> None:
    """Be a device of Home Assistant, or no longer be one."""
    home, settings = assistant.home, assistant.config.home_assistant
    announcement = Announcement(settings, home.mqtt, assistant.controls, home.publish)
    if not settings.announce:
        with suppress(AssistantError):
            await home.publish(announcement.withdrawal())
        return
    home.invite(announcement)
    assistant.events.subscribe(announcement.watch)
    await announcement.run()


async def _listen(assistant: Assistant, notifier: Notifier) -> None:
    """Serve the microphone; without one the rest works by `say` and `hear`, and a missing one is awaited."""
    settings = assistant.config.audio
    if settings.microphone == "off" or assistant.pipeline.ears is None:
        return await notifier.heartbeat()
    if settings.microphone == "stdin":
        return await assistant.pipeline.serve(_living_place(assistant, _Fed(Stdin(), notifier, assistant.canceller)))
    microphone = Microphone(settings, notifier.alive, assistant.canceller)
    await _there(microphone, assistant, notifier)
    return await assistant.pipeline.serve(_living_place(assistant, microphone))


async def _there(microphone: Microphone, assistant: Assistant, notifier: Notifier) -> None:
    """Wait for it. systemd is kept content only where the configuration names none: a named one has to be there."""
    told = False
    while True:
        try:
            await microphone.check()
            return
        except AudioUnavailable as error:
            if not told:
                hint = 'Try: mimo-assistant say "…" or mimo-assistant hear FILE.wav'
                assistant.events.tell(Notice(f"No microphone ({error.reason}). {hint}"))
                told = True
        if assistant.config.audio.microphone is None:
            notifier.alive()
        await asyncio.sleep(MICROPHONE_RETRY_SECONDS)
        await microphone.look_again()


def _living_place(assistant: Assistant, source: AudioSource) -> Local:
    config = assistant.config
    assistant.events.tell(Notice(f"Listening for “{config.wake_word.model.replace('_', ' ')}”."))
    return assistant.place(
        "local", source, assistant.speaker, kind="microphone", room=config.audio.room,
        muted=lambda: assistant.controls.muted,
    )  # fmt: skip


async def _canceller(assistant: Assistant) -> EchoCanceller | None:
    """Without its library the assistant does not listen while it speaks, but for the wake word."""
    try:
        return EchoCanceller((await asyncio.to_thread(Webrtc)).cancel)
    except AudioUnavailable as error:
        assistant.events.tell(Notice(f"No echo cancellation ({error.reason}). Try: mimo-assistant doctor"))
        return None


def _loudspeaker(assistant: Assistant) -> Loudspeaker:
    audio = assistant.config.audio
    return Loudspeaker(SoundCard(audio, assistant.canceller), assistant.controls.loudness, audio.duck_to_percent)


@dataclass(frozen=True, slots=True)
class _Fed:
    """A pipe whose every chunk feeds the watchdog: it is fed only while sound really arrives."""

    source: AudioSource
    notifier: Notifier
    canceller: EchoCanceller | None

    @property
    def live(self) -> bool:
        return self.source.live

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        async for chunk in self.source.chunks():
            self.notifier.alive()
            yield chunk if self.canceller is None else AudioChunk(self.canceller.clean(chunk.pcm))


async def _join_the_brain(assistant: Assistant) -> None:
    assert assistant.brain is not None
    try:
        await assistant.brain.open()
        assistant.events.tell(Notice("The brain has joined."))
    except AssistantError as error:
        assistant.events.tell(Notice(f"No brain: {error.reason}. The reflex works without it."))


async def _keep_warm(assistant: Assistant, brain: BrainSlot) -> None:
    """Whenever someone is about to speak, or the house changed, the brain reads what it will be told of the house."""
    wanted = asyncio.Event()
    revision = assistant.household.revision

    def on_a_call(event: Event) -> None:
        if isinstance(event, Started) and event.turn.request.text is None:
            wanted.set()

    unsubscribe = assistant.events.subscribe(on_a_call)
    try:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(HOUSE_LOOK_SECONDS):
                    await wanted.wait()
            if wanted.is_set() or assistant.household.revision != revision:
                wanted.clear()
                revision = assistant.household.revision
                with suppress(BrainUnavailable):
                    await brain.warm(assistant.household)
    finally:
        unsubscribe()
