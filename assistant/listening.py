"""From what was written or said to the words of a request, of which secrets are recorded nowhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal

from assistant.discretion import Discretion
from assistant.ears import Ears, hotwords
from assistant.errors import NothingSaid, TooLong
from assistant.events import Events, Heard, Hearing, Listened
from assistant.intents.language import language_of
from assistant.interfaces import House, Matcher
from assistant.memory.session import Sessions
from assistant.models import AudioChunk, Language, Transcript, Turn
from assistant.speech.own_voice import echoes

Sound = AsyncGenerator[AudioChunk, None]

LONGEST_REQUEST = 1_000
"""Characters; more is no command, and would fill the model's context."""


@dataclass(frozen=True, slots=True)
class Listener:
    house: House
    matcher: Matcher
    sessions: Sessions
    discretion: Discretion
    events: Events

    def read(self, turn: Turn, language: Language | Literal["auto"]) -> Transcript:
        """The words of a written request. Its record is sealed before anybody is told of it."""
        request = turn.request
        text = request.text or ""
        known = self.sessions.language(request.session) or "en"
        spoken = request.language or (language_of(text, known) if language == "auto" else language)
        transcript = Transcript(text, spoken)
        if request.text is not None:
            turn.request = replace(request, text=self.discretion.sealed(turn.request, transcript).text)
        return transcript

    async def listen(
        self, turn: Turn, sound: Sound, ears: Ears, language: Language | Literal["auto"], help_with_names: bool
    ) -> Transcript:
        """The words of a spoken one. Raises NothingSaid and TooLong."""
        spoken = turn.request.language or (None if language == "auto" else language)
        names = hotwords(self.house, spoken) if help_with_names else ""
        async with aclosing(sound):
            heard = await ears.hear(
                sound, spoken, names, self.matcher.complete, lambda text: self._tell_so_far(turn, text)
            )
        turn.audio_seconds = heard.utterance.seconds
        self.events.tell(Listened(turn, heard.utterance))
        turn.timings_ms |= {"endpoint": heard.endpoint_ms, "stt": heard.stt_ms}
        if heard.transcript is None:
            turn.transcript = Transcript("", spoken or "en")
            raise NothingSaid("nothing was said after the wake word")
        if heard.utterance.ended == "too_long":
            turn.transcript = self.discretion.sealed(turn.request, heard.transcript)
            raise TooLong("the command was longer than endpoint.maximum_seconds")
        if echoes(heard.transcript.text, turn.request.not_echo_of):
            turn.transcript = heard.transcript
            raise NothingSaid("only its own voice was heard")
        return heard.transcript

    def note(self, turn: Turn, words: Transcript) -> Transcript:
        """Keep and tell the words, as far as they may be. Raises NothingSaid when there are none, and TooLong."""
        turn.transcript = self.discretion.sealed(turn.request, words)
        if not any(character.isalnum() for character in words.text):
            raise NothingSaid("the request is empty" if turn.request.text is not None else "no words were heard")
        if len(words.text) > LONGEST_REQUEST:
            turn.transcript = replace(turn.transcript, text=turn.transcript.text[:LONGEST_REQUEST])
            raise TooLong(f"the request is longer than {LONGEST_REQUEST} characters")
        self.sessions.speaks(turn.request.session, turn.language)
        self.events.tell(Heard(turn, turn.transcript))
        return words

    def _tell_so_far(self, turn: Turn, text: str) -> None:
        if not self.discretion.may_grow_secret(turn.request, text):
            self.events.tell(Hearing(turn, text))
