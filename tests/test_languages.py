"""Whatever the code may say, it can say in every language; and a house may speak two."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, meta

import assistant
import skills
from assistant import yaml_files
from assistant.intents.policy import ASKED_A_QUESTION
from assistant.texts import LANGUAGES, Texts
from tests.stories import House

ASSISTANT = Path(assistant.__path__[0])
CODE = sorted([*ASSISTANT.rglob("*.py"), *Path(skills.__path__[0]).glob("*.py")])

NOT_ALL_NEED = {
    "rooms",
    "told",
    "state",
    "things",
    "thing",
    "items",
    "asked_day",
    "count",
    "place",
    "kind",
    "age",
    "detail",
}
"""Fields that a language may leave out: agreement, prepositions and word order want them in one and not in another."""


@cache
def nodes() -> Sequence[ast.AST]:
    """Of all the code there is."""
    return [node for path in CODE for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


def called(node: ast.AST, *names: str) -> bool:
    """A call of Say(...), texts.say(...) and the like."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    name = (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
    return name in names


def literals(node: ast.AST | None) -> list[str]:
    """Also of "a if so else b"; of f"measure.{x}" its beginning, with a star."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            return literals(one) + literals(other)
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return [text + "*"]
    return []


def first(node: ast.AST) -> ast.AST | None:
    assert isinstance(node, ast.Call)
    return node.args[0] if node.args else None


def given(node: ast.AST, name: str) -> list[str]:
    assert isinstance(node, ast.Call)
    return [text for keyword in node.keywords if keyword.arg == name for text in literals(keyword.value)]


@cache
def spoken_keys() -> frozenset[str]:
    """Every key of a sentence that stands in the code."""
    keys = {text for node in nodes() if called(node, "Say") for text in literals(first(node))}
    for node in nodes():
        if isinstance(node, ast.Call) and re.search(
            r"[Tt]exts(?:\.load\(.*\))?\.(?:say|clause)$", ast.unparse(node.func)
        ):
            keys |= set(literals(first(node)))
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign) and [ast.unparse(target) for target in line.targets] == ["key"]:
                    keys |= set(literals(line.value))
    return frozenset(keys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_code_is_there(language: str) -> None:
    keys = spoken_keys() - {"silence"}  # stands for saying nothing
    assert {"not_planned", "undo.nothing", "help.can", "pin_wrong"} <= keys
    known = set(Texts.load(language).sentences)
    assert [key for key in keys if not is_there(key, known)] == []


def is_there(key: str, known: set[str]) -> bool:
    return any(each.startswith(key[:-1]) for each in known) if key.endswith("*") else key in known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_there(language: str) -> None:
    """Of the policy's refusals, of what cannot be planned, and of what a device cannot do."""
    texts = Texts.load(language)
    refusals = {ASKED_A_QUESTION}
    whys: set[str] = set()
    kinds: set[str] = set()
    for node in nodes():
        if called(node, "Denied") and isinstance(node, ast.Call) and len(node.args) > 1:
            refusals |= {text for text in literals(node.args[1]) if not text.endswith("*")}
        if called(node, "NotPlanned"):
            whys |= set(given(node, "why"))
        if called(node, "NotPlanned", "NotFound"):
            kinds |= set(given(node, "kind"))
    assert len(refusals) >= 6
    if language != "en":  # the record's own words are English
        assert [reason for reason in refusals if reason not in texts.words["reasons"]] == []
    assert len(whys) >= 10
    assert [why for why in whys - {"none"} if f"'{why}'" not in texts.sentences["not_planned"]] == []
    assert [kind for kind in kinds - {"room", "floor"} if kind not in texts.words["kinds"]] == []


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_sentence_has_the_same_fields(language: str) -> None:
    """What English tells of, the others tell of, and they ask for nothing that English is not given."""
    english, other = Texts.load("en"), Texts.load(language)
    for key, sentence in english.sentences.items():
        assert fields(sentence) ^ fields(other.sentences[key]) <= NOT_ALL_NEED, key


def fields(sentence: str) -> set[str]:
    environment = Environment(autoescape=False)
    texts = Texts.load("en")
    environment.filters |= dict.fromkeys(texts.filters, str)
    return meta.find_undeclared_variables(environment.parse(sentence)) - {"loop"}


def test_every_sort_of_words_is_there() -> None:
    """Down to the last form: times, colours, modes, reasons, changes; English colours and modes are the house's own."""
    english, italian, chinese = (shape(Texts.load(language).words) for language in LANGUAGES)
    assert italian == chinese
    assert english <= italian


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_why_is_there(language: str) -> None:
    steps = yaml_files.read(ASSISTANT / "llm" / "steps.yaml")
    assert steps[language].keys() == steps["en"].keys()


FORMS = ("times.at", "time", "one")
"""Groups in which a language has as many forms as it needs."""


def shape(words: object, path: str = "") -> set[str]:
    if not isinstance(words, dict):
        return {path}
    if path in FORMS:
        return {path}
    return {each for name, inner in words.items() for each in shape(inner, f"{path}.{name}".strip("."))}


# ── a bilingual home ─────────────────────────────────────────────────────────────────────


async def test_each_request_is_answered_in_its_own_language() -> None:
    house = House()
    said = [
        ("turn on the kitchen light", "en"),
        ("spegni la luce della cucina", "it"),
        ("打开厨房的灯", "zh"),
        ("turn it off", "en"),
    ]
    replies = [(await house.say(text, language)).reply for text, language in said]
    assert replies == [
        "The kitchen light is on.",
        "Ho spento la luce della cucina.",
        "Kitchen Light已打开。",
        "The kitchen light is off.",
    ]


async def test_what_is_typed_is_known_by_its_words() -> None:
    house = House()
    replies = [(await house.say(text)).reply for text in ("turn on the kitchen light", "spegni la luce della cucina")]
    assert replies == ["The kitchen light is on.", "Ho spento la luce della cucina."]


@pytest.mark.parametrize(
    ("asked", "yes", "language", "told"),
    [
        ("unlock the front door", "sì", "it", "Ho sbloccato la porta d'ingresso."),
        ("sblocca la porta d'ingresso", "yes please", "en", "The front door is unlocked."),
        ("unlock the front door", "是的", "zh", "Front Door已解锁。"),
    ],
)
async def test_a_yes_of_another_language_answers(asked: str, yes: str, language: str, told: str) -> None:
    house = House()
    await house.say(asked, "it" if asked.startswith("sblocca") else "en")
    assert (await house.say(yes, language)).reply == told
    assert house.published == [("front_door/set", "UNLOCK")]


async def test_a_choice_in_another_language_answers() -> None:
    house = House()
    await house.say("turn on the light", "en")
    assert (await house.say("quella della cucina", "it")).reply == "Ho acceso la luce della cucina."


# ── help, and Chinese ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "language", "begins"),
    [
        ("what can you do?", "en", "I see to lights, "),
        ("che cosa sai fare?", "it", "Mi occupo di luci, tapparelle"),
        ("你能做什么", "zh", "我可以控制灯、窗帘"),
        ("thank you", "en", "You are welcome."),
        ("grazie mille", "it", "Prego."),
        ("谢谢", "zh", "不客气。"),
    ],
)
async def test_help_tells_what_this_house_can(text: str, language: str, begins: str) -> None:
    house = House()
    assert (await house.say(text, language)).reply.startswith(begins)
    assert house.published == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("设置一个十分钟的计时器", "计时器已设为10分钟。"),
        ("设置一个半小时的计时器", "计时器已设为1小时30分钟。"),
        ("半小时计时器", "计时器已设为30分钟。"),
        ("一小时20分钟计时器", "计时器已设为1小时20分钟。"),
        ("取消计时器", "没有计时器。"),
        ("把Kitchen Light调到40%", "Kitchen Light亮度已调到40%。"),
        ("把Thermostat设为21度", "Thermostat已设为21度。"),
        ("打开车库的风扇", "车库没有风扇。"),
    ],
)
async def test_chinese_of_its_own(text: str, told: str) -> None:
    assert (await House().say(text, "zh")).reply == told


@pytest.mark.parametrize(
    "text",
    ["十分钟后关闭Kitchen Light", "明天早上七点叫我起床", "提醒我六点打电话", "每天七点打开厨房的灯", "设置七点的闹钟"],
)
async def test_what_is_for_later_is_not_done_now(text: str) -> None:
    """Times are read in English and Italian; a brain might take a Chinese one for a command."""
    house = House()
    assert "英语" in (await house.say(text, "zh")).reply
    assert house.published == []


async def test_a_chinese_timer_from_beginning_to_end() -> None:
    house = House()
    await house.say("设置10分钟的计时器", "zh")
    house.clock.now += 90
    replies = [
        (await house.say(text, "zh")).reply
        for text in ("还剩多久", "暂停计时器", "继续计时器", "计时器加5分钟", "取消计时器")
    ]
    assert replies == [
        "10分钟的计时器还剩8分钟30秒。", "10分钟的计时器已暂停，还剩8分钟30秒。", "10分钟的计时器继续，还剩8分钟30秒。",
        "15分钟的计时器还剩13分钟30秒。", "已取消15分钟的计时器。",
    ]  # fmt: skip
