"""A turn retold in three to five short steps, all of them from its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from assistant import yaml_files
from assistant.interfaces import House, Journal
from assistant.models import Action, Language, State, Turn
from assistant.texts import Texts

MOST = 5
MOST_STATES = 3
LONGEST_NOTES = 200
"""Characters of the model's thoughts that are quoted."""

_TOLD = (
    "brightness",
    "color",
    "position",
    "temperature",
    "percentage",
    "hvac_mode",
    "volume_level",
    "humidity",
    "item",
)
"""Of what an action was given, that is worth a word."""


def steps(turn: Turn, house: House, language: Language) -> list[str]:
    """What was heard, which way it went and why, what was read, what was sent, what came back."""
    told = _Told(turn, house, language)
    return [told.heard(), *list(told.way())[:1], *list(told.deeds())][:MOST]


class _Told:
    def __init__(self, turn: Turn, house: House, language: Language) -> None:
        self._turn = turn
        self._house = house
        self._texts = _texts().get(language, _texts()["en"])
        self._words = Texts.load(language)

    def heard(self) -> str:
        turn = self._turn
        said = self._say("heard", text=(turn.transcript.text if turn.transcript else turn.request.text) or "…")
        repairs = [self._say("repaired", heard=repair.heard, meant=repair.meant) for repair in turn.repairs[:1]]
        return self._words.grammar.space.join([said, *repairs])

    def way(self) -> Iterator[str]:
        turn = self._turn
        if turn.path == "brain":
            yield self._say("brain_always" if "brain_only" in turn.routed_because else "brain")
        elif turn.path == "reflex":
            yield self._say("reflex")
        else:
            yield self._say("none", reason=(turn.error or turn.routed_because or "?").rstrip("."))

    def deeds(self) -> Iterator[str]:
        turn = self._turn
        read, why = self._read(), turn.because and self._say("because", because=turn.because)
        yield from _joined(self._say("read", states=self._list(read)) if read else None, why)
        sent = self._sent() if turn.path != "none" else None
        ended = self._say("error", reason=turn.error.rstrip(".")) if turn.error and sent else None
        yield from _joined(sent, self._answered() or ended)
        if notes := _short(turn.thoughts):
            yield self._say("notes", notes=notes)

    def _read(self) -> list[str]:
        """Of the states read, those of what was targeted, else of what its room holds."""
        turn = self._turn
        targets = {entity.id for intent in turn.intents for entity in intent.targets}
        states = [state for state in turn.read if state.value is not None]
        close = [state for state in states if state.entity_id in targets]
        if not close and len(states) <= MOST_STATES:
            close = states
        return [self._state(state) for state in close[:MOST_STATES]]

    def _sent(self) -> str:
        by_verdict = {kind: [outcome for outcome in self._turn.outcomes if outcome.verdict.kind == kind]
                      for kind in ("allowed", "needs_confirmation", "denied")}  # fmt: skip
        sent = [outcome for outcome in by_verdict["allowed"] if outcome.messages or outcome.confirmed]
        told = [
            self._say(key, things=self._list(self._deed(outcome.action) for outcome in outcomes))
            for key, outcomes in (
                ("sent", sent),
                ("held", by_verdict["needs_confirmation"]),
                ("denied", by_verdict["denied"]),
            )
            if outcomes
        ]
        return self._words.grammar.space.join(told) or self._say("nothing")

    def _answered(self) -> str:
        sent = [outcome for outcome in self._turn.outcomes if outcome.messages or outcome.confirmed]
        told = []
        for key, wanted in (("confirmed", True), ("unconfirmed", False)):
            names = [self._name(outcome.action.entity_id) for outcome in sent if outcome.confirmed is wanted]
            if names:
                told.append(self._say(key, things=self._list(dict.fromkeys(names))))
        return self._words.grammar.space.join(told)

    def _deed(self, action: Action) -> str:
        verb = self._texts.get(f"do.{action.service}", action.service.replace("_", " "))
        values = ", ".join(self._words.number(action.arguments[name]) for name in _TOLD if name in action.arguments)
        return f"{verb}{self._words.grammar.space}{self._name(action.entity_id)}{f' ({values})' if values else ''}"

    def _state(self, state: State) -> str:
        entity = self._house.entity(state.entity_id)
        value = self._words.reading(state, entity) if entity else str(state.value)
        return self._say("is", name=self._name(state.entity_id), value=value)

    def _name(self, entity_id: str) -> str:
        entity = self._house.entity(entity_id)
        return self._words.name(entity) if entity else entity_id

    def _list(self, things: Iterator[str] | Sequence[str] | Mapping[str, object]) -> str:
        *most, last = things
        return f"{', '.join(most)}{self._texts['and']}{last}" if most else last

    def _say(self, key: str, **values: str) -> str:
        return self._texts[key].format(**values)


def _joined(*sentences: str | None) -> list[str]:
    """One step of what there is; none of nothing."""
    told = " ".join(sentence for sentence in sentences if sentence)
    return [told] if told else []


def _short(thoughts: str) -> str:
    """The model's own notes, as they are, to the end of a sentence where there is one."""
    text = " ".join(thoughts.split())
    if len(text) <= LONGEST_NOTES:
        return text.rstrip(".")
    cut = text[:LONGEST_NOTES]
    return cut[: cut.rfind(". ")] if ". " in cut else f"{cut[: cut.rfind(' ')]} …"


@cache
def _texts() -> dict[Language, dict[str, str]]:
    told = yaml_files.read(Path(__file__).with_name("steps.yaml"))
    return TypeAdapter(dict[str, dict[str, str]]).validate_python(told)


async def retold(turn: Turn, journal: Journal, house: House) -> Sequence[str]:
    """The session's last turn that did not ask the same, in steps from its record."""
    asked = {intent.name for intent in turn.intents}
    for earlier in await journal.last(turn.request.session or None, limit=5):
        if not asked & {intent.name for intent in earlier.intents}:
            return steps(earlier, house, turn.language)
    return ()
