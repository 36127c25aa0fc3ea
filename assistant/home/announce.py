"""The assistant as one device of Home Assistant: what it does is told there, and it can be asked, muted and stopped."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from assistant import __version__
from assistant.config import HomeAssistantSettings, MqttSettings
from assistant.errors import AssistantError
from assistant.events import Activity, Doing, Ended, Event, Heard
from assistant.home.discovery import ORIGIN
from assistant.models import Message, NeedsConfirmation, Turn
from assistant.printable import printable

log = logging.getLogger(__name__)

SOURCE = "home assistant"
"""Of requests that came from there, and the session they share: only there can they be confirmed."""

LANGUAGES = {"auto": "Automatic", "en": "English", "it": "Italiano", "zh": "中文"}

LONGEST_STATE = 255
"""Characters of a state in Home Assistant; the whole text is an attribute."""

LONGEST_TEXT = 1_000
"""Characters that are spoken at most."""

MOST_WAITING = 10
"""Orders of one kind; more is a loop in somebody's automation."""

LATENCY = ("endpoint", "stt", "match", "think", "plan", "act", "confirm", "first_audio")
"""The stages between the last sound of a request and the first of its reply."""


class Controls(Protocol):
    """What can be turned and asked while the assistant runs."""

    muted: bool
    volume: int
    """Percent."""
    language: str

    async def ask(self, text: str, source: str) -> None:
        """Take it for a request; the reply is told by events."""

    async def say(self, text: str) -> None:
        """Speak it as it stands."""

    def stop(self) -> None:
        """Be silent, and leave what is under way."""


class Announcement:
    """A watcher of events and a guest on the house's connection; `run` does what comes from Home Assistant."""

    def __init__(
        self,
        settings: HomeAssistantSettings,
        mqtt: MqttSettings,
        controls: Controls,
        publish: Callable[[Message], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._mqtt = mqtt
        self._controls = controls
        self._publish = publish
        self._known: dict[str, Message] = {}
        """What was last told of each topic, to be told again at every connection."""
        self._news: asyncio.Queue[Message] = asyncio.Queue(maxsize=200)
        self._asked: asyncio.Queue[str] = asyncio.Queue(maxsize=MOST_WAITING)
        self._to_say: asyncio.Queue[str] = asyncio.Queue(maxsize=MOST_WAITING)
        self._activity = Activity()
        self._orders: Mapping[str, Callable[[str], None]] = {
            "ask": lambda text: self._wait_in(self._asked, text),
            "say": lambda text: self._wait_in(self._to_say, text),
            "stop": lambda _: self._stop(),
            "mute": self._mute,
            "volume": self._turn_volume,
            "language": self._choose_language,
        }
        self._post(self.discovery())
        self._tell("state", "idle")
        for name in ("request", "reply", "reason"):
            self._tell_words(name, "")
        self._tell("latency", {"milliseconds": None})
        self._tell_controls()

    # ── the connection ──

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(self._topic(f"{order}/set") for order in self._orders)

    def greeting(self) -> list[Message]:
        return [self.discovery(), *self._known.values()]

    def receive(self, topic: str, data: bytes, *, retained: bool) -> None:
        """What the broker had kept is nobody's order: it would be obeyed again at every start."""
        name = topic.removeprefix(f"{self._settings.topic}/").removesuffix("/set")
        order = self._orders.get(name)
        if order is None or topic != self._topic(f"{name}/set"):
            return
        if retained:
            log.warning("%s: an order that the broker had kept is not obeyed", topic)
            return
        try:
            order(printable(data.decode()).strip())
        except (ValueError, OverflowError) as error:
            log.warning("%s: %s", topic, error)

    async def run(self) -> None:
        """Tell, answer and speak until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publish_news(), name="tell Home Assistant")
            tasks.create_task(self._answer(), name="answer Home Assistant")
            tasks.create_task(self._speak(), name="speak for Home Assistant")

    # ── what it does ──

    def watch(self, event: Event) -> None:
        changed = self._activity.watch(event)
        match event:
            case Heard(turn, transcript):
                self._tell_words("request", transcript.text, language=transcript.language, source=turn.request.source,
                                 room=turn.request.room)  # fmt: skip
            case Ended(turn):
                self._ended(turn)
        if changed:
            self._tell_doing()

    def _ended(self, turn: Turn) -> None:
        self._tell_words("reply", turn.reply, language=turn.language)
        self._tell_words("reason", turn.because or turn.error or "", path=turn.path,
                         routed_because=turn.routed_because)  # fmt: skip
        stages = {stage: round(turn.timings_ms[stage]) for stage in LATENCY if stage in turn.timings_ms}
        self._tell("latency", {"milliseconds": sum(stages.values()) if stages else None, **stages})
        self._tell("turn", self._event(turn), retain=False)

    def _event(self, turn: Turn) -> dict[str, object]:
        said = turn.transcript.text if turn.transcript else ""
        words = {"request": said, "reply": turn.reply, "reason": turn.because or turn.error or ""}
        return {
            "event_type": _kind(turn),
            "turn": turn.id,
            "path": turn.path,
            "source": turn.request.source,
            "room": turn.request.room,
            "devices": sorted({outcome.action.entity_id for outcome in turn.outcomes}),
            **(words if self._settings.words else {}),
        }

    def _tell_doing(self, besides: Doing = "idle") -> None:
        self._tell("state", self._activity.beside(besides))

    # ── what it is told ──

    def _wait_in(self, queue: asyncio.Queue[str], text: str) -> None:
        if not text:
            return
        try:
            queue.put_nowait(text[:LONGEST_TEXT])
        except asyncio.QueueFull:
            log.warning("Home Assistant asks faster than anything can be answered; %.40r is left out", text)

    def _stop(self) -> None:
        for queue in (self._asked, self._to_say):
            while not queue.empty():
                queue.get_nowait()
        self._controls.stop()

    def _mute(self, word: str) -> None:
        if word in ("ON", "OFF"):
            self._controls.muted = word == "ON"
            self._tell_controls()

    def _turn_volume(self, number: str) -> None:
        self._controls.volume = max(0, min(100, round(float(number))))
        self._tell_controls()

    def _choose_language(self, name: str) -> None:
        for code, known in LANGUAGES.items():
            if name == known:
                self._controls.language = code
        self._tell_controls()

    async def _answer(self) -> None:
        while True:
            await self._controls.ask(await self._asked.get(), SOURCE)

    async def _speak(self) -> None:
        while True:
            text = await self._to_say.get()
            self._tell_doing("speaking")
            try:
                await self._controls.say(text)
            except AssistantError as error:
                log.warning("%.40r could not be spoken: %s", text, error.reason)
            self._tell_doing()

    # ── telling ──

    def _tell_controls(self) -> None:
        self._tell("mute", "ON" if self._controls.muted else "OFF")
        self._tell("volume", str(self._controls.volume))
        self._tell("language", LANGUAGES[self._controls.language])

    def _tell_words(self, name: str, text: str, **more: object) -> None:
        if self._settings.words:
            self._tell(name, {"text": text, **{key: value for key, value in more.items() if value}})

    def _tell(self, name: str, said: str | Mapping[str, object], *, retain: bool = True) -> None:
        payload = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        message = Message(self._topic(name), payload, retain=retain)
        if retain and self._known.get(message.topic) == message:
            return
        if retain:
            self._known[message.topic] = message
        self._post(message)

    def _post(self, message: Message) -> None:
        try:
            self._news.put_nowait(message)
        except asyncio.QueueFull:
            log.debug("%s: left out, the broker does not keep up", message.topic)

    async def _publish_news(self) -> None:
        while True:
            message = await self._news.get()
            try:
                await self._publish(message)
            except AssistantError as error:
                log.debug("not told: %s", error.reason)  # at the next connection all is told anew

    def _topic(self, name: str) -> str:
        return f"{self._settings.topic}/{name}"

    # ── what Home Assistant is shown ──

    def discovery(self) -> Message:
        """The one message that announces the device with all its entities."""
        payload = {
            "device": {
                "identifiers": [self._settings.id],
                "name": self._settings.name,
                "manufacturer": ORIGIN,
                "model": "Voice assistant",
                "sw_version": __version__,
            },
            "origin": {"name": ORIGIN, "sw_version": __version__},
            "availability_topic": self._mqtt.status_topic,
            "qos": 1,
            "components": {
                name: {"unique_id": f"{self._settings.id}_{name}", **given}
                for name, given in self._components().items()
            },
        }
        return Message(self._discovery_topic, json.dumps(payload, ensure_ascii=False), retain=True)

    def withdrawal(self) -> Message:
        """Takes the device away again."""
        return Message(self._discovery_topic, "", retain=True)

    @property
    def _discovery_topic(self) -> str:
        return f"{self._mqtt.discovery_prefix}/device/{self._settings.id}/config"

    def _components(self) -> dict[str, dict[str, Any]]:
        words = {
            f"last_{name}": self._sensor(f"Last {name}", icon, name,
                                         value_template=f"{{{{ value_json.text[:{LONGEST_STATE}] or none }}}}")
            for name, icon in (("request", "mdi:account-voice"), ("reply", "mdi:message-reply-text"),
                               ("reason", "mdi:help-circle-outline"))
        }  # fmt: skip
        return {
            "state": {
                "platform": "sensor", "name": "State", "icon": "mdi:microphone-message", "device_class": "enum",
                "options": ["idle", "listening", "thinking", "speaking"], "state_topic": self._topic("state"),
            },
            **(words if self._settings.words else {}),
            "latency": self._sensor("Last latency", "mdi:timer-outline", "latency",
                                    value_template="{{ value_json.milliseconds }}", device_class="duration",
                                    unit_of_measurement="ms", state_class="measurement", entity_category="diagnostic"),
            "turn": {
                "platform": "event", "name": "Turn", "icon": "mdi:forum-outline", "state_topic": self._topic("turn"),
                "event_types": ["done", "answered", "asked_back", "failed"],
            },
            "mute": self._command("switch", "Mute", "mdi:microphone-off", "mute", state_topic=self._topic("mute")),
            "volume": self._command("number", "Volume", "mdi:volume-high", "volume", state_topic=self._topic("volume"),
                                    min=0, max=100, step=5, unit_of_measurement="%"),
            "language": self._command("select", "Language", "mdi:translate", "language", entity_category="config",
                                      state_topic=self._topic("language"), options=list(LANGUAGES.values())),
            "say": self._command("notify", "Say", "mdi:bullhorn", "say"),
            "ask": self._command("text", "Ask", "mdi:chat-question", "ask", min=0, max=LONGEST_STATE),
            "stop": self._command("button", "Stop", "mdi:stop", "stop"),
        }  # fmt: skip

    def _sensor(self, name: str, icon: str, topic: str, **more: Any) -> dict[str, Any]:
        told = self._topic(topic)
        return {
            "platform": "sensor", "name": name, "icon": icon, "state_topic": told, "json_attributes_topic": told, **more
        }  # fmt: skip

    def _command(self, platform: str, name: str, icon: str, order: str, **more: Any) -> dict[str, Any]:
        command = self._topic(f"{order}/set")
        return {"platform": platform, "name": name, "icon": icon, "command_topic": command, **more}


def _kind(turn: Turn) -> str:
    if any(isinstance(outcome.verdict, NeedsConfirmation) for outcome in turn.outcomes):
        return "asked_back"
    if turn.error or any(outcome.confirmed is False or not outcome.messages for outcome in turn.outcomes):
        return "failed"
    return "done" if turn.outcomes else "answered"
