"""The nouns that every part exchanges, in the field's own words."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Language = str
"""ISO 639-1 code: "en", "it" or "zh"."""

Value = str | int | float | bool | None
"""What a slot, a state attribute or an action's argument may hold."""

RoutingPath = Literal["reflex", "brain", "none"]

Told = Literal["config.yaml", "console", "Home Assistant", "device", "topic", "name"]
"""Who says what a thing is called or where it stands: our settings, what was changed in the console, HA's registry, its
own announcement, the topic of that announcement, or (of a room only) its name."""

Source = Literal["mqtt", "home assistant", "tasmota", "config.yaml"]
"""By which way a thing came to be known; mqtt: by Home Assistant's discovery."""

PREFERENCES = "memory.preferences"
"""The thing of the house that keeps what speakers say of themselves."""

SAMPLE_RATE = 16_000
"""Hz; every sound between the microphone and the recogniser is 16-bit mono at this rate."""


# ── sound and words ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A piece of sound."""

    pcm: bytes
    """Mono, signed 16-bit, little-endian."""
    rate: int = SAMPLE_RATE

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.rate


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said between the wake word and the end of speech."""

    pcm: bytes
    """Mono int16 at 16 kHz, pre-roll included, trailing silence cut."""
    speech_seconds: float
    ended: Literal["silence", "too_long", "nothing_said", "stream_ended"]
    trailing_silence_seconds: float = 0.0
    """Silence between the last sound and the decision that the command had ended."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    language: Language
    confidence: float = 1.0
    """Mean token probability, 0-1."""


# ── the house ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Floor:
    name: str
    aliases: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Room:
    name: str
    floor: str | None = None
    aliases: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    """Other names, the first of a language being the one to speak; may carry its article ("la cucina")."""


@dataclass(frozen=True, slots=True)
class Limits:
    minimum: float
    maximum: float
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing of the house that can be named, read or commanded."""

    id: str
    """Home Assistant's form: "light.kitchen_light"."""
    name: str
    room: str | None = None
    floor: str | None = None
    device_class: str | None = None
    unit: str | None = None
    aliases: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    """brightness, color, color_temperature, position, tilt, percentage, temperature, open (locks), stop, ..."""
    limits: Mapping[str, Limits] = field(default_factory=dict)
    """By attribute: temperature (the device's unit), color_temperature (K), ..."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By attribute: hvac_mode, preset_mode, fan_mode, effect, ..."""
    critical: bool = False
    """Switching it off needs a spoken yes."""
    hidden: bool = False
    """Configuration and diagnostics: reachable by its full name only."""
    readable: bool = True
    """Whether the device reports a state at all."""
    members: tuple[str, ...] = ()
    """Of a group, which is a name for several devices: their ids. What is asked of it is asked of each of them."""
    name_source: Told = "device"
    room_source: Told | None = None
    source: Source = "mqtt"

    @property
    def domain(self) -> str:
        return self.id.partition(".")[0]

    def spoken(self, language: Language) -> str:
        """The name to say in this language."""
        return next(iter(self.aliases.get(language, ())), self.name)


@dataclass(frozen=True, slots=True)
class State:
    """What a device last said of itself."""

    entity_id: str
    value: str | None = None
    """Home Assistant's words (on, off, open, closed, locked, heat, 21.5, ...); None is unknown."""
    attributes: Mapping[str, Value] = field(default_factory=dict)
    """brightness (%), color (a name or "r,g,b"), color_temperature (K), position (%, 100 open),
    temperature (the setpoint), current_temperature, percentage (%), ..."""
    at: datetime | None = None
    """When the device said so; None: the broker had kept it, and nobody knows for how long."""
    available: bool = True
    stale: bool = False
    """Too old, for this device, to be spoken of as what is."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a device once: seen as it happened."""

    entity_id: str
    value: str
    """The state that it went to."""
    at: datetime
    request: str | None = None
    """The words that asked for it; None: nobody asked the assistant."""
    because: str | None = None
    """The reason that was spoken with it."""


ScheduledKind = Literal["timer", "alarm", "reminder", "command", "watch"]


@dataclass(frozen=True, slots=True)
class Watch:
    """A change of the house that somebody waits for."""

    ids: tuple[str, ...]
    """Any of these."""
    state: str
    """The word that was said (open, done, ...) or a limit ("> 25")."""
    clause: str = ""
    """As it was said: "the washing machine is done"."""
    always: bool = False
    """ "Whenever", not "when"."""
    armed: bool = True
    """It was not so when last looked at: only a change counts."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Something that is to happen at a time, or when the house changes."""

    id: int
    kind: ScheduledKind
    due: datetime | None = None
    """The next time; None: a paused timer, or a watch."""
    name: str | None = None
    """ "pasta" """
    text: str = ""
    """What a reminder says, or the words of a command; the first are only ever spoken."""
    seconds: float | None = None
    """How long it was set for, where it counts seconds; then a clock that is put right does not matter to it."""
    remaining: float | None = None
    """Of a paused timer."""
    repeats: str | None = None
    """An RRULE: "FREQ=WEEKLY;BYDAY=MO,TU". """
    start: datetime | None = None
    """Of a repetition: its first time on the house's clocks, without a zone."""
    watch: Watch | None = None
    language: Language = "en"
    """In which it was set, and is told."""
    room: str | None = None
    set_at: datetime | None = None

    @property
    def paused(self) -> bool:
        return self.remaining is not None


# ── what is asked ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Target:
    """Which things are meant, not yet looked up. Empty fields do not narrow; ids win over all."""

    ids: tuple[str, ...] = ()
    """Of all that is meant. "light.lamp_1|light.lamp_2": one of these two, which share their name."""
    name: str | None = None
    area: str | None = None
    floor: str | None = None
    domain: str | None = None
    device_class: str | None = None
    here: bool = False
    """The room that the speaker stands in."""
    everywhere: bool = False
    """ "all the lights" """
    excluded: tuple[str, ...] = ()
    """Ids that "all but ..." takes out."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person wants: Home Assistant's intent names, for both paths."""

    name: str
    target: Target = Target()
    slots: Mapping[str, Value] = field(default_factory=dict)
    """Everything but the target: brightness, color, temperature, position, state, ..."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A word that the recogniser got wrong and the house's catalogue put right."""

    heard: str
    meant: str


@dataclass(frozen=True, slots=True)
class Match:
    """What the reflex made of a sentence."""

    intents: tuple[Intent, ...] = ()
    """Empty: the reflex does not cover it."""
    because: str = ""
    """One clause in English for the record: "fits HassTurnOn" or why nothing fitted."""
    repairs: tuple[Repair, ...] = ()
    instead: bool = False
    """It corrects the turn before, of which the rest is put back."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn that its session still remembers: what "it", "a bit more" and "the bedroom too" refer to."""

    said: str
    """The words, as far as they may be told."""
    reply: str = ""
    intents: tuple[Resolved, ...] = ()
    """None has targets where they were not found."""
    outcomes: tuple[Outcome, ...] = ()
    asked: bool = False
    """The reply was a question of the model, which the next words answer."""


# ── what is thought ──────────────────────────────────────────────────────────────────────

May = Literal["act", "read", "talk"]
"""What a plan may do: anything, only answer from what the house reports, or only talk."""


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's train of thought, as it streams."""

    text: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What the model wants done, as soon as it has written that; its words are still to come."""

    intents: tuple[Intent, ...] = ()
    read: tuple[State, ...] = ()
    """The states that the model was shown."""
    budget: str = ""
    """How long it was let think, and why, in English for the record."""
    think_ms: float = 0.0
    plan_ms: float = 0.0
    """Until the actions were closed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the model decided, parsed and with ids that exist; not yet permitted."""

    intents: tuple[Intent, ...] = ()
    because: str | None = None
    say: str | None = None
    ask: str | None = None
    raw: str = ""
    """The text as the model wrote it."""


# ── what is done ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Action:
    """One command for one entity, in Home Assistant's service words."""

    entity_id: str
    service: str
    """turn_on, turn_off, set_cover_position, lock, set_temperature, ..."""
    arguments: Mapping[str, Value] = field(default_factory=dict)
    """brightness (%), color (name), color_temperature (K), position (%), temperature, ..."""
    restores: bool = False
    """It puts back what an earlier request had changed."""


@dataclass(frozen=True, slots=True)
class Allowed:
    action: Action
    kind: Literal["allowed"] = "allowed"


@dataclass(frozen=True, slots=True)
class NeedsConfirmation:
    action: Action
    reason: str
    kind: Literal["needs_confirmation"] = "needs_confirmation"
    by: Literal["yes", "pin"] = "yes"
    """What confirms it; the PIN is asked for instead of a yes."""


@dataclass(frozen=True, slots=True)
class Denied:
    action: Action
    reason: str
    kind: Literal["denied"] = "denied"


Verdict = Allowed | NeedsConfirmation | Denied


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT publication."""

    topic: str
    payload: str
    qos: int = 1
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an action."""

    action: Action
    verdict: Verdict
    messages: tuple[Message, ...] = ()
    """What was sent, in order; empty when it was not permitted."""
    confirmed: bool | None = None
    """True: the house reported it. False: it did not answer in time or answered otherwise.
    None: nothing was sent, or the device reports no state."""
    state: State | None = None
    """As read back."""
    problem: str | None = None
    """Why it was not sent or not confirmed, in English for the record."""
    act_ms: float = 0.0
    confirm_ms: float = 0.0
    answered: bool = False
    """Whether the device is there and reported after the command, though it may be something else."""
    before: State | None = None
    """What the device last said before the command: what an undo goes back to."""


# ── what is answered ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence from assistant/texts/<language>.yaml and what fills it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


Tone = Literal["done", "not_done"]
"""What may be told without words."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reply is given."""

    volume: int = 100
    """Percent of what it is otherwise."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a skill decided. Speech about actions is composed later, from what the house confirmed."""

    speech: str | Say | None = None
    actions: tuple[Action, ...] = ()
    read: tuple[State, ...] = ()
    """The states that the answer rests on."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked of the assistant and where it came from."""

    text: str | None = None
    """None: it is still to be heard."""
    language: Language | None = None
    """None: the configured one, or what the recogniser detects."""
    room: str | None = None
    session: str = ""
    source: str = "text"
    """microphone, file, text, ..."""
    speak: bool = False
    """Whether the reply is to be played aloud."""
    unbidden: bool = False
    """It was listened for without the wake word: silence, or noise, then is no request."""
    interrupts: bool = False
    """It cut short what the assistant was saying or doing."""
    not_echo_of: str = ""
    """What the assistant had just said there, whose echo is no request."""
    unattended: bool = False
    """Nobody is there to answer: what needs a spoken yes is not done, and only the reflex is asked."""


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody begins to speak to the assistant at one place."""

    request: Request
    sound: AsyncGenerator[AudioChunk, None] | None = None
    """From just before their first word; closing it ends the listening. None: the request has its words already."""
    may_be_echo: bool = False
    """It began without the wake word just after the assistant had spoken there."""


@dataclass(slots=True)
class Turn:
    """The record of one utterance; the pipeline fills it from top to bottom and the journal keeps it."""

    id: str
    at: datetime
    request: Request
    audio_seconds: float | None = None
    transcript: Transcript | None = None
    repairs: tuple[Repair, ...] = ()
    instead: bool = False
    """It corrects the turn before."""
    path: RoutingPath = "none"
    routed_because: str = ""
    intents: list[Resolved] = field(default_factory=list)
    read: list[State] = field(default_factory=list)
    thoughts: str = ""
    budget: str = ""
    """How long the model was let think, and why."""
    plan: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    because: str | None = None
    """The reason that was spoken: only what the record holds."""
    reply: str = ""
    asks: bool = False
    """The model asks back instead of acting."""
    said: str = ""
    """What of the reply was heard: less than all of it when it was interrupted, nothing where nothing speaks."""
    expects_answer: bool = False
    """The reply asks something, and what is said next in this session is taken for the answer."""
    murmur: str = ""
    """What was said while the model thought."""
    error: str | None = None
    """Why it was not done, in English for the record."""
    error_kind: str | None = None
    """The class of errors.py that the reason came with."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    """endpoint (last sound to decision), stt (decision to text), match, think, plan, act, confirm, first_audio."""

    @property
    def language(self) -> Language:
        return self.transcript.language if self.transcript else self.request.language or "en"


@dataclass(frozen=True, slots=True)
class Resolved:
    """An intent whose targets were found in the house."""

    name: str
    targets: tuple[Entity, ...] = ()
    slots: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """One intent as the model is told of it, made from a skill method's signature and docstring."""

    intent: str
    domains: tuple[str, ...]
    """Whose entities it may target; empty: it takes no target."""
    arguments: Mapping[str, Mapping[str, object]]
    """JSON schema by argument name."""
    required: tuple[str, ...]
    help: str
    question: bool = False
    """It only reads."""
    helps: Mapping[str, str] = field(default_factory=dict)
    """The help by domain, where it differs."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ears made of one call."""

    utterance: Utterance
    transcript: Transcript | None
    """None: nothing was said."""
    endpoint_ms: float = 0.0
    """Last sound to the decision that the command had ended, in audio time."""
    stt_ms: float = 0.0
    """That decision to the text; about 0 when the trial decode was kept."""
