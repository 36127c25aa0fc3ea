"""What the pipeline asks of its parts; tests/fakes.py has one small class for each that cannot run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Protocol

from assistant.models import (
    Allowed,
    AudioChunk,
    Call,
    Change,
    Decided,
    Entity,
    Exchange,
    Floor,
    Language,
    Match,
    May,
    Outcome,
    Plan,
    ReasoningDelta,
    Room,
    Scheduled,
    ScheduledKind,
    State,
    Transcript,
    Turn,
)


class AudioSource(Protocol):
    """A stream of 16 kHz mono int16 sound: a microphone, a file, standard input."""

    @property
    def live(self) -> bool:
        """Whether it goes on whatever happens; a recording that is not waits for the answer to what it has said."""

    def chunks(self) -> AsyncIterator[AudioChunk]:
        """Chunks of 512 samples (32 ms); ends when the sound does. A lost device is reopened inside."""


class WakeWord(Protocol):
    @property
    def probability(self) -> float:
        """How much the last chunk sounded like it, 0-1."""

    def heard_in(self, chunk: AudioChunk) -> bool:
        """Whether the wake word ended in this chunk (keeps state between chunks)."""

    def reset(self) -> None: ...


class VoiceActivity(Protocol):
    def probability(self, chunk: AudioChunk) -> float:
        """Of speech, 0-1, in 512 samples (keeps state between chunks)."""

    def reset(self) -> None: ...


class SpeechToText(Protocol):
    async def transcribe(self, pcm: bytes, language: Language | None, hotwords: str = "") -> Transcript:
        """pcm: mono int16 at 16 kHz. language None: detect once."""


class TextToSpeech(Protocol):
    def synthesize(self, text: str, language: Language) -> AsyncIterator[AudioChunk]:
        """Clause by clause, so that the first sound comes early; chunks carry the voice's own rate."""


class Speaker(Protocol):
    async def play(self, chunks: AsyncIterator[AudioChunk]) -> None:
        """Returns when all was heard; cancelling it silences at once. Takes no chunk before it is nearly its turn to
        be heard: what was taken counts as said."""


class Satellite(Protocol):
    """Where people talk. It is listened to all the time, also while the assistant thinks and speaks."""

    id: str
    room: str | None

    @property
    def speaker(self) -> Speaker | None:
        """Where the replies are heard."""

    def calls(self) -> AsyncGenerator[Call, None]:
        """One whenever somebody begins to speak to the assistant; it listens on while the next one is awaited."""

    def answered(self, turn: Turn) -> None:
        """The turn of a call is over; a reply that expects an answer is one to listen for."""


class House(Protocol):
    """The read side of the house."""

    @property
    def revision(self) -> int:
        """Grows whenever names, rooms or entities change."""

    @property
    def rooms(self) -> Sequence[Room]: ...

    @property
    def floors(self) -> Sequence[Floor]: ...

    def entities(self) -> Sequence[Entity]:
        """Sorted by id."""

    def entity(self, entity_id: str) -> Entity | None: ...

    def state(self, entity_id: str) -> State:
        """Unknown (value None) when the device has not said."""


class Commands(Protocol):
    async def perform(self, allowed: Allowed) -> Outcome:
        """Send, wait for the state to come back, tell. Accepts only what the policy allowed."""


class Matcher(Protocol):
    def match(self, text: str, language: Language, room: str | None = None) -> Match: ...

    def follow(self, text: str, language: Language, before: Exchange) -> Match | None:
        """What the words mean after what was last asked; None when they stand by themselves. Raises Ambiguous."""

    def undoes(self, text: str, language: Language) -> bool:
        """Whether they ask that what was last done be put back."""

    def undone(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        """Which of the things that were changed they ask to put back by name."""

    def chosen(self, text: str, language: Language, things: Sequence[Entity]) -> Sequence[Entity]:
        """Which of the things that were asked about the answer means."""

    def unsure(self, text: str, language: Language) -> bool:
        """Whether it is no request at all: an answer that says nothing."""

    def complete(self, text: str, language: Language) -> bool:
        """Whether the text is already a whole command with a definite target: the ears then wait less."""


class Brain(Protocol):
    async def ready(self) -> bool: ...

    async def warm(self, house: House) -> None:
        """Let it read what it will be told of this house. Raises BrainUnavailable."""

    def think(
        self,
        text: str,
        language: Language,
        room: str | None,
        house: House,
        earlier: Sequence[Exchange] = (),
        may: May = "act",
    ) -> AsyncGenerator[ReasoningDelta | Decided | Plan, None]:
        """Thoughts as they come, then one Decided, which may be acted upon, then one Plan with the words.

        earlier: what the session still remembers, oldest first.
        Closing the stream aborts the server's work.

        Raises BrainUnavailable when the server is away, dies in mid-stream or answers nonsense twice.
        """


class Journal(Protocol):
    async def keep(self, turn: Turn) -> None: ...

    async def last(self, session: str | None = None, limit: int = 1) -> Sequence[Turn]: ...


class History(Protocol):
    """When things changed, as far as somebody watched."""

    async def last(self, entity_id: str, values: Collection[str] = ()) -> Change | None:
        """The newest change of the entity to one of these states, or to any."""

    async def since(self) -> datetime | None:
        """When the watching began."""


class Agenda(Protocol):
    """What is to happen later, and the house's own time."""

    def now(self) -> datetime:
        """In the house's zone."""

    def items(self, *kinds: ScheduledKind) -> Sequence[Scheduled]:
        """By when they are due, of these kinds or of all."""

    def ringing(self) -> Sequence[Scheduled]:
        """What sounds at this moment."""


class Texts(Protocol):
    """The sentences of one language."""

    def say(self, key: str, **values: object) -> str: ...


class Wall(Protocol):
    """The clock on the wall, which people and time servers put right."""

    def __call__(self) -> datetime:
        """Aware."""


class Clock(Protocol):
    def __call__(self) -> float:
        """Seconds, monotonic."""
