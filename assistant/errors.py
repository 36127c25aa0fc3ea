"""What can go wrong, each with the sentence to say.

AssistantError
├── NotUnderstood        nothing fits what was heard
│   ├── NothingSaid      silence or noise after the wake word
│   ├── NothingPending   a yes or no that answers no question
│   ├── PinUnheard       the PIN was asked for, and what was said is none
│   ├── PinUnasked       a PIN that nobody asked for
│   └── TooLong          longer than anybody commands a house
├── WrongPin
├── PinLocked            too many wrong ones
├── NotFound             "no room called attic"
├── Ambiguous            "two lamps called reading lamp"
├── NotPossible          the device lacks it, or the value is out of range
│   ├── OutOfRange
│   ├── Missing          nothing says how much, or to what: it is asked back
│   ├── NotPlanned       a time that is past, no such timer, nothing to be kept for later
│   ├── AtOnce           two things that cannot both be
│   ├── NotSo            what the order hangs on is not so
│   └── NotOfTheHouse    an errand into the world outside
├── HouseUnreachable     the broker is away
├── BrainUnavailable     the model is away, silent, or answered nonsense
│   ├── BrainNotReady    it is still being fetched or loaded
│   └── BrainNonsense    it is there, and wrote no plan twice
├── AudioUnavailable     no microphone or speaker, or a sound file that cannot be read
├── ModelMissing         a model file is not there or its hash is wrong
├── DaemonUnreachable    its socket does not answer, or another one runs already
├── SkillBroken          a skill file does not load
└── ConfigError          config.yaml is wrong
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models import Entity, Say


class AssistantError(Exception):
    """Carries the sentence to say and, in English, the reason for the record."""

    key = "error"

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.say = Say(self.key, values)


class NotUnderstood(AssistantError):
    key = "not_understood"


class NothingSaid(NotUnderstood):
    key = "nothing_said"


class NothingPending(NotUnderstood):
    key = "nothing_pending"


class TooLong(NotUnderstood):
    key = "too_long"


class PinUnheard(NotUnderstood):
    key = "pin_unheard"


class PinUnasked(NotUnderstood):
    key = "pin_unasked"


class WrongPin(AssistantError):
    key = "pin_wrong"


class PinLocked(AssistantError):
    """values: minutes."""

    key = "pin_locked"


class NotFound(AssistantError):
    """values: kind (room, floor, device, or a domain), name."""

    key = "not_found"


class Ambiguous(AssistantError):
    """values: names (the candidates, as spoken), things (the candidates)."""

    key = "ambiguous"

    @property
    def things(self) -> Sequence[Entity]:
        things = self.say.values.get("things", ())
        assert isinstance(things, Sequence), "the candidates are entities"
        return things


class NotPossible(AssistantError):
    """values: name, what (brightness, colour, ...), and for a range minimum, maximum, unit."""

    key = "not_possible"


class OutOfRange(NotPossible):
    key = "out_of_range"


class Missing(NotPossible):
    """values: name, what."""

    key = "missing"


class NotPlanned(NotPossible):
    """values: why (past, far, time, text, many, which, none, command, ...), and what the sentence names."""

    key = "not_planned"


class AtOnce(NotPossible):
    """values: name."""

    key = "at_once"


class NotSo(NotPossible):
    """values: thing, state."""

    key = "not_so"


class NotOfTheHouse(NotPossible):
    key = "not_of_the_house"


class HouseUnreachable(AssistantError):
    key = "house_unreachable"


class BrainUnavailable(AssistantError):
    key = "brain_unavailable"


class BrainNotReady(BrainUnavailable):
    key = "brain_not_ready"


class BrainNonsense(BrainUnavailable):
    """The server is well; asking it something else may do."""

    key = "brain_nonsense"


class AudioUnavailable(AssistantError):
    key = "audio_unavailable"


class ModelMissing(AssistantError):
    key = "model_missing"


class DaemonUnreachable(AssistantError):
    key = "error"


class SkillBroken(AssistantError):
    key = "skill_broken"


class ConfigError(AssistantError):
    key = "config_error"
