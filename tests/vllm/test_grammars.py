"""A plan's EBNF and its JSON schema mean the same to the grammar engine of the real vLLM."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from assistant.config import BrainSettings
from assistant.llm import prompt
from assistant.llm.ebnf import ebnf
from assistant.llm.plan import MOST_ACTIONS, Schema, schema
from tests.llm.any_plan import any_plan, nearly
from tests.llm.large_house import large_house
from tests.llm.sample_house import TOOLS

pytestmark = pytest.mark.vllm

ROOT = Path(__file__).parents[2]
PLANS = 200


def in_house(devices: int, tokens: int = BrainSettings().plan_tokens) -> Schema:
    entities = prompt.visible(large_house(devices))
    return schema(TOOLS, entities, tokens, prompt.groups(entities))


def verdicts(written: Schema, texts: Sequence[str]) -> set[tuple[bool, bool]]:
    """Whether the EBNF and the schema allow these texts: every pair of answers that occurs."""
    given = {"ebnf": ebnf(written), "schema": json.dumps(written), "texts": texts}
    command = [os.environ["MIMO_VLLM_PYTHON"], "-m", "tests.vllm.accepts"]
    ran = subprocess.run(command, input=json.dumps(given).encode(), capture_output=True, check=True, cwd=ROOT)
    return {(as_ebnf, as_schema) for as_ebnf, as_schema in json.loads(ran.stdout)}


def acting(*targets: str, because: str = "") -> str:
    actions = [{"intent": "HassTurnOn", "target": target, "args": {}} for target in targets]
    plan = {"actions": actions, "because": because, "say": None, "ask": None}
    return json.dumps(plan, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("devices", [10, 300, 1000])
def test_what_the_schema_allows_both_allow(devices: int) -> None:
    written, random = in_house(devices), Random(devices)
    assert verdicts(written, [any_plan(written, random) for _ in range(PLANS)]) == {(True, True)}


def test_what_is_no_plan_of_this_house_neither_allows() -> None:
    written, random = in_house(1000, tokens=4000), Random(0)
    lamps: list[str] = written["$defs"]["light"]["enum"]  # type: ignore[index]
    lamp = acting(lamps[0])
    wrong = [acting(name) for name in nearly(lamps, random, PLANS)]
    wrong += [acting(*[lamps[0]] * (MOST_ACTIONS + 1)), acting(because="x" * 121), acting("climate.nowhere")]
    wrong += [lamp[:-1], f"{lamp} ", lamp.replace(",", ", "), lamp.replace('"say":null,', ""), "{}", "[]", ""]
    wrong += [lamp.replace("HassTurnOn", "HassExplode"), lamp.replace("{}", '{"speed":3}')]
    assert verdicts(written, wrong) == {(False, False)}
    assert verdicts(written, [acting(*[lamps[0]] * MOST_ACTIONS), acting(because="x" * 120)]) == {(True, True)}
