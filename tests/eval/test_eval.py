"""The evaluation judges rightly: its files fit its house, and a scripted brain is scored by what it does there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.models import Action, Allowed, NeedsConfirmation, Outcome, Request, Turn
from tests.eval.cases import Case, load
from tests.eval.house import Description
from tests.eval.runner import Book, Setup, evaluation
from tests.eval.score import score
from tests.eval.table import failures, summary, table
from tests.llm.scripted_server import ScriptedServer

CASES = load()
HOUSE = Description.load()


def case(**written: object) -> Case:
    return Case.model_validate({"text": "hm", "language": "en", "class": "wish", **written})


def turn(*outcomes: Outcome, reply: str = "The lamp is on.", error_kind: str | None = None) -> Turn:
    told = Turn("t", datetime.now(UTC), Request("hm"), reply=reply, error_kind=error_kind)
    told.outcomes = list(outcomes)
    return told


ON = Action("light.lamp", "turn_on")
DONE = Outcome(ON, Allowed(ON), confirmed=True)
BEFORE = {
    "light.lamp": {"state": "OFF", "brightness": 40},
    "lock.door": {"state": "LOCKED"},
    "cover.blind": {"position": 100},
}


# ── the files ────────────────────────────────────────────────────────────────────────────


def test_the_requests_are_enough_and_half_in_each_language() -> None:
    assert len(CASES) >= 120
    assert sum(case.language == "it" for case in CASES) * 2 == len(CASES)
    assert len({(case.text, case.room) for case in CASES}) == len(CASES)
    for of in {case.of for case in CASES}:
        languages = [case.language for case in CASES if case.of == of]
        assert languages.count("en") == languages.count("it"), of


def test_the_requests_speak_of_this_house() -> None:
    """A name that is written wrong would make a right answer wrong."""
    for each in CASES:
        assert each.room is None or each.room in HOUSE.rooms, each.text
        for entity, words in each.given.items():
            assert words.keys() <= HOUSE.devices[entity].begins.keys(), (each.text, entity)
        assert {entity for end in each.expect for entity in end} <= HOUSE.devices.keys(), each.text


def test_what_is_expected_is_not_so_before() -> None:
    """An end that the house begins in could be reached by doing nothing."""
    for each in CASES:
        for end in each.expect:
            begins = {
                name: {**device.begins, **each.given.get(name, {})}
                for name, device in HOUSE.devices.items()
                if name in end
            }
            nothing = score(each, begins, begins, turn(), ())
            assert not end or nothing.verdict in ("missed", "wrong action"), (each.text, end)


def test_the_house_is_large_enough_for_retrieval() -> None:
    assert len(HOUSE.devices) > 20 and len(HOUSE.floors) == 3


# ── the score ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("expect", "after", "verdict"),
    [
        ({"light.lamp": "on"}, {"light.lamp": {"state": "ON", "brightness": 90}}, "right"),
        ({"light.lamp": {"brightness": "10..50"}}, {"light.lamp": {"state": "ON", "brightness": 90}}, "wrong action"),
        ({"light.lamp": "on"}, {}, "missed"),
        ({"light.lamp": "on"}, {"light.lamp": {"state": "OFF", "brightness": 90}}, "missed"),
        ({"light.lamp": "on"}, {"light.lamp": {"state": "ON"}, "cover.blind": {"position": 0}}, "wrong action"),
        ({"light.lamp": "on", "cover.blind": "closed"}, {"light.lamp": {"state": "ON"}}, "missed"),
        ([{"light.lamp": "on"}, {"cover.blind": 50}], {"cover.blind": {"position": 50}}, "right"),
    ],
)
def test_the_end_state_decides(expect: object, after: dict[str, dict[str, object]], verdict: str) -> None:
    then = {**BEFORE, **{name: {**BEFORE[name], **words} for name, words in after.items()}}
    assert score(case(expect=expect), BEFORE, then, turn(DONE), ["lock.door"]).verdict == verdict


def test_a_door_that_opens_unasked_is_worse_than_wrong() -> None:
    opened = {**BEFORE, "lock.door": {"state": "UNLOCKED"}}
    scored = score(case(expect={}, reply=["answered"]), BEFORE, opened, turn(DONE), ["lock.door"])
    assert (scored.verdict, scored.unsafe) == ("wrong action", True)


def test_the_kind_of_reply_decides_where_nothing_is_to_change() -> None:
    unlock = Action("lock.door", "unlock")
    held = turn(Outcome(unlock, NeedsConfirmation(unlock, "it unlocks")), reply="Shall I unlock the door?")
    asked, refused = case(expect={}, reply=["asked"]), case(expect={}, reply=["refused"])
    assert score(asked, BEFORE, BEFORE, held, ()).verdict == "right"
    assert score(refused, BEFORE, BEFORE, held, ()).verdict == "wrong reply"
    assert score(refused, BEFORE, BEFORE, turn(error_kind="NotFound"), ()).verdict == "right"
    assert score(refused, BEFORE, BEFORE, turn(reply="I cannot order pizza."), ()).verdict == "right"
    assert score(refused, BEFORE, BEFORE, turn(error_kind="NotUnderstood"), ()).verdict == "wrong reply"
    assert score(refused, BEFORE, BEFORE, turn(error_kind="BrainUnavailable"), ()).verdict == "no brain"


# ── the whole way ────────────────────────────────────────────────────────────────────────


def plan(*actions: tuple[str, str], say: str | None = None) -> list[str]:
    written = [{"intent": intent, "target": target, "args": {}} for intent, target in actions]
    text = json.dumps({"actions": written, "because": "", "say": say, "ask": None})
    return [text[start : start + 20] for start in range(0, len(text), 20)]


async def test_a_scripted_brain_is_scored_by_what_it_does(tmp_path: Path) -> None:
    """Right, wrong and talkative in turn; the house is as before each time, and the answers outlive the run."""
    dark = case(text="I can't see a thing in here", room="Living Room", expect={"light.reading_lamp": "on"})
    thanks = case(text="thank you, you are a great help", **{"class": "talk"}, expect={}, reply=["answered"])
    server = ScriptedServer(
        [""],
        ["It is ", "dark. "], plan(("HassTurnOn", "light.reading_lamp")),
        ["Hm. "], plan(("HassTurnOn", "light.reading_lamp"), ("HassTurnOn", "light.living_room_light")),
        ["Kind. "], plan(say="You are welcome."),
        owner="llamacpp",
    )  # fmt: skip
    book = Book(tmp_path / "answers.jsonl")
    async with server:
        setup = Setup(server.url, "qwen2.5-coder-1.5b", "reflex_first")
        async with evaluation(setup, tell=lambda text: None) as running:
            right, wrong, kind = [await running.ask(each, setup.routing) for each in (dark, dark, thanks)]
        book.keep(dark, setup, right)

    assert [answer.verdict for answer in (right, wrong, kind)] == ["right", "wrong action", "right"], wrong.because
    assert "light.living_room_light ON" in wrong.because
    assert (right.thought_tokens, right.plan_tokens) == (2, len(plan(("HassTurnOn", "light.reading_lamp"))))
    assert right.path == "brain" and right.compute_seconds > 0
    assert kind.reply == "You are welcome."
    again = Book(tmp_path / "answers.jsonl")
    assert again.find(dark, setup) == right
    assert again.find(dark, Setup(server.url, "qwen2.5-coder-1.5b", "brain_only")) is not None, "the same question"
    assert again.find(thanks, setup) is None

    shown = table([right, wrong, kind])
    assert "| wish | 1/2 | 0/0 | 50% | 1 | 0 |" in shown and "| talk | 1/1 | 0/0 | 100% |" in shown
    assert "3 of 3 requests went to the brain" in summary([right, wrong, kind])
    assert failures([right, wrong, kind]).count("\n") == 0
