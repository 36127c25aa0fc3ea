"""How many household sentences the reflex gets right: `python household_sentences.py FILE LANGUAGE`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant import yaml_files
from assistant.errors import AssistantError
from assistant.intents.matcher import Reflex
from assistant.intents.targets import resolve
from assistant.models import Match
from tests.intents.houses import FakeHouse, demo_house, house_of_many_kinds

_WHITES = {"warm white": 2700, "neutral white": 4000, "cool white": 5000, "cold white": 5000}
SENTENCE_FOLDERS = [Path(__file__).parents[2] / "skills" / "sentences"]


@dataclass(frozen=True)
class Result:
    sentence: dict[str, Any]
    right: bool
    got: str
    acted: bool
    """It would have acted, or asked, although wrong."""


def score(path: Path, language: str, house: FakeHouse | None = None) -> list[Result]:
    house = house or demo_house()
    reflex = Reflex(house, SENTENCE_FOLDERS)
    sentences = yaml_files.read(path)
    return [_judge(sentence, reflex, house, language) for sentence in sentences]


def _judge(sentence: dict[str, Any], reflex: Reflex, house: FakeHouse, language: str) -> Result:
    match = reflex.match(sentence["say"], language, sentence.get("room"))
    got = _found(match, house, sentence.get("room"), language)
    right = any(_same(wanted, got) for wanted in _accepted(sentence))
    return Result(sentence, right, str(got), bool(match.intents) and not right)


def _found(
    match: Match, house: FakeHouse, room: str | None, language: str
) -> list[tuple[str, set[str], dict[str, Any]]]:
    found = []
    for intent in match.intents:
        try:
            targets = {entity.id for entity in resolve(intent, house, room, language).targets}
        except AssistantError as error:
            targets = {f"({error.reason})"}
        found.append((intent.name, targets, dict(intent.slots)))
    return found


def _accepted(sentence: dict[str, Any]) -> list[dict[str, Any]]:
    both = [{key: value for key, value in sentence.items() if key != "or"}]
    return both + [{**sentence, **other} for other in sentence.get("or", [])]


def _same(wanted: dict[str, Any], got: list[tuple[str, set[str], dict[str, Any]]]) -> bool:
    if "intents" in wanted:
        return len(wanted["intents"]) == len(got) and all(
            any(_one(each, [single]) for single in got) for each in wanted["intents"]
        )
    return _one(wanted, got)


def _one(wanted: dict[str, Any], got: list[tuple[str, set[str], dict[str, Any]]]) -> bool:
    names = {name for name, _, _ in got}
    intent = wanted.get("intent")
    allowed = intent if isinstance(intent, list) else [intent]
    if not got:
        return None in allowed
    if not names <= set(allowed):
        return False
    targets = set().union(*(ids for _, ids, _ in got))
    sets = [set(ids) for ids in wanted.get("targets_any", [wanted.get("targets", [])])]
    slots = wanted.get("slots") or {}
    if slots.get("color") in _WHITES:  # a shade of white may be told in kelvin
        slots = {"temperature": _WHITES[slots["color"]]}
    return targets in sets and all(
        all(_equal(each.get(key), value) for key, value in slots.items()) for _, _, each in got
    )


def _equal(got: Any, wanted: Any) -> bool:
    if wanted in ("+", "-"):
        return isinstance(got, int | float) and (got > 0) == (wanted == "+")
    return got in wanted if isinstance(wanted, list) else got == wanted


if __name__ == "__main__":
    kinds = "_kinds" in sys.argv[1]
    results = score(Path(sys.argv[1]), sys.argv[2], house_of_many_kinds() if kinds else None)
    for result in results:
        if not result.right:
            print("WRONG" if result.acted else "none ", result.sentence, "\n      got", result.got)
    right = sum(result.right for result in results)
    print(f"{right}/{len(results)} right, {sum(result.acted for result in results)} wrong, in {sys.argv[2]}")
