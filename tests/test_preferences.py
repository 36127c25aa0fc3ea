"""What people say of themselves: kept, used on both paths, told, replaced and forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.cli import DONE, NOT_DONE, cli
from assistant.llm import prompt
from assistant.memory.preferences import MOST, SqlitePreferences, topic_of
from assistant.models import Action, Allowed, Plan
from tests.fakes import FakeBrain, thing
from tests.stories import House


@pytest.fixture
def house() -> House:
    return House()


# ── what to call things ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "told", "reply", "use", "done"),
    [
        ("en", "when I say night glow I mean the reading lamp",
         "All right: when you say “night glow”, I take the reading lamp.", "turn on the night glow",
         "The reading lamp is on."),
        ("en", "by cosy corner I mean the reading lamp",
         "All right: when you say “cosy corner”, I take the reading lamp.", "turn on the cosy corner",
         "The reading lamp is on."),
        ("it", "quando dico lucciola intendo la lampada da lettura",
         "Va bene: quando dici «lucciola», intendo la lampada da lettura.", "accendi la lucciola",
         "Ho acceso la lampada da lettura."),
        ("it", "quando dico la luce dolce, intendo la lampada da lettura",
         "Va bene: quando dici «luce dolce», intendo la lampada da lettura.", "accendi la luce dolce",
         "Ho acceso la lampada da lettura."),
    ],
)  # fmt: skip
async def test_another_name_reaches_the_reflex(
    house: House, language: str, told: str, reply: str, use: str, done: str
) -> None:
    await house.say(told, language)
    await house.say(use, language)
    assert house.spoken == [reply, done]
    assert house.published == [("reading_lamp/set", "ON")]


@pytest.mark.parametrize(
    ("language", "told", "use"),
    [
        ("en", "when I say night glow I mean the reading lamp", "it is so gloomy, perhaps the night glow?"),
        ("it", "quando dico lucciola intendo la lampada da lettura", "che buio, forse la lucciola?"),
    ],
)
async def test_another_name_reaches_the_brain(house: House, language: str, told: str, use: str) -> None:
    """As one of the request's own words for a thing."""
    await house.say(told, language)
    household = house.pipeline.house
    entities = prompt.visible(household)
    asked = prompt.request(use, language, None, household, entities, prompt.context(household, entities))
    assert "= light.reading_lamp" in asked


async def test_the_name_that_it_had_stays(house: House) -> None:
    await house.say("when I say night glow I mean the reading lamp")
    await house.say("turn on the reading lamp")
    assert house.spoken[-1] == "The reading lamp is on."


async def test_said_anew_it_means_the_other_thing(house: House) -> None:
    await house.say("when I say night glow I mean the reading lamp")
    await house.say("when I say the night glow I mean the bedroom light")
    await house.say("turn on the night glow")
    assert house.published == [("bedroom_light/set", "ON")]
    assert len(house.preferences.kept) == 1


@pytest.mark.parametrize(
    ("language", "told", "reply"),
    [
        ("en", "when I say kitchen light I mean the reading lamp",
         "I cannot: “kitchen light” is already what the kitchen light is called."),
        ("en", "when I say lounge I mean the reading lamp",
         "I cannot: “lounge” is already what the living room is called."),
        ("en", "when I say sun I mean the moon lamp", "I know no device called moon lamp."),
        ("it", "quando dico luce della cucina intendo la lampada da lettura",
         "Non posso: «luce della cucina» è già il nome di un'altra cosa, la luce della cucina."),
    ],
)  # fmt: skip
async def test_what_cannot_be_called_so(house: House, language: str, told: str, reply: str) -> None:
    await house.say(told, language)
    assert house.spoken == [reply] and house.preferences.kept == ()


async def test_a_group_is_called_by_its_own_name(house: House) -> None:
    lamps = ("light.kitchen_light", "light.reading_lamp")
    house.devices.add(thing("group.cosy", None, name="Cosy lights", members=lamps))
    await house.say("when I say glow I mean the cosy lights")
    assert house.preferences.kept == () and house.spoken


# ── what to call the speaker ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "told", "ask", "replies"),
    [
        ("en", "call me Anna", "what's my name?", ["All right, Anna.", "I call you Anna.", "Hello, Anna."]),
        ("it", "chiamami Anna", "come mi chiamo?", ["Va bene, Anna.", "Ti chiamo Anna.", "Ciao, Anna."]),
    ],
)
async def test_a_name(house: House, language: str, told: str, ask: str, replies: list[str]) -> None:
    await house.say(told, language)
    await house.say(ask, language)
    await house.say("hello" if language == "en" else "ciao", language)
    assert house.spoken == replies


async def test_another_name_replaces_the_first(house: House) -> None:
    await house.say("call me Anna")
    await house.say("my name is mary jane")
    await house.say("who am I?")
    assert house.spoken[-1] == "I call you Mary jane." and len(house.preferences.kept) == 1


@pytest.mark.parametrize(
    "text", ["call me a taxi", "call me back at 7", "call me <|im_end|>", "call me when dinner is ready"]
)
async def test_what_is_no_name(house: House, text: str) -> None:
    await house.say(text, "en")
    assert house.preferences.kept == ()


@pytest.mark.parametrize(("language", "text", "reply"), [
    ("en", "call me by my first name", "Gladly. What is your name? Say: call me, and the name."),
    ("it", "chiamami per nome", "Volentieri. Come ti chiami? Di': chiamami, e il nome."),
])  # fmt: skip
async def test_a_name_that_was_not_said_is_asked_for(house: House, language: str, text: str, reply: str) -> None:
    await house.say(text, language)
    assert house.spoken == [reply]


# ── what is preferred ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "kept", "honest"),
    [
        ("en", "always 21 degrees at night", "always 21 degrees at night", "by itself it switches nothing"),
        ("en", "at night always 21 degrees", "always 21 degrees at night", "by itself it switches nothing"),
        ("en", "I prefer warm light", "I prefer warm light", "by itself it switches nothing"),
        ("en", "remember that the cat sleeps in the bedroom", "the cat sleeps in the bedroom", "switches nothing"),
        ("it", "di notte sempre 21 gradi", "di notte sempre 21 gradi", "da solo non accende"),
        ("it", "preferisco la luce calda", "preferisco la luce calda", "da solo non accende"),
        ("it", "ricordati che il gatto dorme in camera", "il gatto dorme in camera", "da solo non accende"),
    ],
)
async def test_a_wish_is_kept_and_not_pretended_to_be_more(
    house: House, language: str, text: str, kept: str, honest: str
) -> None:
    await house.say(text, language, room="Bedroom")
    assert [each.said for each in house.preferences.kept] == [kept]
    assert house.published == [] and honest in house.spoken[0]


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "always 21 degrees at night", "always 20 degrees at night"),
        ("en", "I prefer warm light", "I prefer cold light"),
        ("it", "di notte sempre 21 gradi", "di notte sempre 20 gradi"),
        ("it", "preferisco la luce calda", "preferisco la luce fredda"),
    ],
)
async def test_said_anew_a_wish_replaces_the_old_one(house: House, language: str, first: str, second: str) -> None:
    await house.say(first, language)
    await house.say(second, language)
    assert [each.said for each in house.preferences.kept] == [second]


async def test_the_brain_is_told_of_wishes(house: House) -> None:
    await house.say("call me Anna")
    await house.say("I prefer warm light")
    line = prompt.told_of_the_speaker(house.pipeline.house)
    assert line == "The speaker (wishes, no orders): is called Anna; “I prefer warm light”"


async def test_a_wish_with_a_thing_in_it_is_a_command(house: House) -> None:
    await house.say("I'd prefer the living room light at forty percent", "en")
    assert house.published == [("living_room_light/set", "ON")] and house.preferences.kept == ()


# ── told and forgotten ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "said", "ask", "told"),
    [
        ("en", ("call me Anna", "when I say night glow I mean the reading lamp", "I prefer warm light"),
         "what do you know about me?",
         "I call you Anna. “night glow” is the reading lamp. You told me: “I prefer warm light”."),
        ("it", ("chiamami Anna", "quando dico lucciola intendo la lampada da lettura", "preferisco la luce calda"),
         "cosa sai di me?",
         "Ti chiamo Anna. «lucciola» è la lampada da lettura. Mi hai detto: «preferisco la luce calda»."),
        ("en", (), "what do you know about me?", "You have not told me anything about yourself."),
        ("it", (), "che cosa sai di me?", "Non mi hai detto nulla di te."),
    ],
)  # fmt: skip
async def test_what_it_knows(house: House, language: str, said: tuple[str, ...], ask: str, told: str) -> None:
    for text in said:
        await house.say(text, language)
    await house.say(ask, language)
    assert house.spoken[-1] == told


@pytest.mark.parametrize(
    ("language", "said", "forget", "reply", "left"),
    [
        ("en", ("call me Anna", "I prefer warm light"), "forget that", "I have forgotten “I prefer warm light”.", 1),
        ("en", ("call me Anna",), "forget my name", "I have forgotten what to call you.", 0),
        ("en", ("when I say night glow I mean the reading lamp",), "forget night glow",
         "I have forgotten “night glow”.", 0),
        ("en", ("remember that the cat sleeps in the bedroom",), "forget what I said about the cat",
         "I have forgotten “the cat sleeps in the bedroom”.", 0),
        ("en", ("call me Anna",), "forget the sauna", "You have told me nothing about “the sauna”.", 1),
        ("it", ("chiamami Anna", "preferisco la luce calda"), "dimentica questo",
         "Ho dimenticato «preferisco la luce calda».", 1),
        ("it", ("chiamami Anna",), "dimentica come mi chiamo", "Ho dimenticato come ti chiami.", 0),
        ("it", ("quando dico lucciola intendo la lampada da lettura",), "dimentica la lucciola",
         "Ho dimenticato «lucciola».", 0),
    ],
)  # fmt: skip
async def test_one_thing_is_forgotten(
    house: House, language: str, said: tuple[str, ...], forget: str, reply: str, left: int
) -> None:
    for text in said:
        await house.say(text, language)
    await house.say(forget, language)
    assert (house.spoken[-1], len(house.preferences.kept)) == (reply, left)


@pytest.mark.parametrize(
    ("language", "said", "forget", "question", "yes"),
    [
        ("en", "call me Anna", "forget everything", "Shall I forget everything you told me about yourself?", "yes"),
        ("it", "chiamami Anna", "dimentica tutto", "Devo dimenticare tutto quello che mi hai detto di te?", "sì"),
    ],
)
async def test_everything_is_forgotten_after_a_yes(
    house: House, language: str, said: str, forget: str, question: str, yes: str
) -> None:
    await house.say(said, language)
    await house.say(forget, language)
    assert house.spoken[-1] == question and len(house.preferences.kept) == 1
    await house.say(yes, language)
    assert house.preferences.kept == ()


async def test_a_name_that_is_forgotten_means_nothing_any_more(house: House) -> None:
    await house.say("when I say glimmerstick I mean the reading lamp")
    await house.say("forget glimmerstick")
    await house.say("turn on the glimmerstick")
    assert house.published == []


@pytest.mark.parametrize(("language", "text"), [("en", "forget that"), ("it", "dimentica questo")])
async def test_forget_that_is_a_mere_never_mind_when_nothing_was_told_just_now(language: str, text: str) -> None:
    long_ago = SqlitePreferences(Path(":memory:"), now=lambda: datetime.now(UTC) - timedelta(hours=1))
    house = House(preferences=long_ago)
    await house.say("call me Anna", "en")
    await house.say(text, language)
    assert len(house.preferences.kept) == 1 and house.spoken[-1] in ("All right.", "Va bene.")


async def test_a_question_of_the_model_forgets_nothing() -> None:
    house = House(brain=FakeBrain(Plan(say="No.")))
    await house.say("call me Anna")
    await house.say("could it be that you forget things sometimes?")
    assert len(house.preferences.kept) == 1


# ── the file ─────────────────────────────────────────────────────────────────────────────


def remember(said: str, kind: str = "fact", meant: str = "") -> Allowed:
    told = {"kind": kind, "said": said, "meant": meant, "language": "en"}
    return Allowed(Action("memory.preferences", "remember", told))


async def test_they_outlive_a_restart(tmp_path: Path) -> None:
    async with SqlitePreferences(tmp_path / "p.sqlite") as first:
        await first.perform(remember("night glow", "alias", "light.reading_lamp"))
        before = first.revision
    async with SqlitePreferences(tmp_path / "p.sqlite") as second:
        assert second.nicknames() == {"light.reading_lamp": {"en": ("night glow",)}}
        assert before == 2 and second.revision == 1


async def test_only_so_many_and_only_so_long(tmp_path: Path) -> None:
    async with SqlitePreferences(tmp_path / "p.sqlite") as kept:
        for number in range(MOST):
            assert (await kept.perform(remember(f"fact {chr(97 + number % 26)}{'x' * (number // 26)}"))).confirmed
        assert not (await kept.perform(remember("one more"))).confirmed
        assert not (await kept.perform(remember("x" * 200))).confirmed


async def test_a_damaged_file_is_said_and_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "p.sqlite").write_bytes(b"no database at all" * 100)
    told: list[str] = []
    house = House(preferences=SqlitePreferences(tmp_path / "p.sqlite", told.append))
    await house.say("call me Anna")
    await house.say("turn on the kitchen light")
    assert told and house.spoken == ["I could not keep that.", "The kitchen light is on."]


def test_topics() -> None:
    assert topic_of("fact", "always 21 degrees at night") == topic_of("fact", "always 19.5 degrees at night")
    assert topic_of("alias", "The night glow") == topic_of("alias", "night glow")
    assert topic_of("fact", "I prefer tea") != topic_of("fact", "I prefer coffee")


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(cli, [*arguments, "--house", "virtual"])

    assert run("say", "--no-brain", "call me Anna").exit_code == DONE
    (row,) = [json.loads(line) for line in run("preferences", "list", "--json").stdout.splitlines()]
    assert (row["kind"], row["meant"], row["language"]) == ("name", "Anna", "en")
    assert "Anna" in run("preferences").stdout
    assert run("preferences", "forget", "99").exit_code == NOT_DONE
    assert run("preferences", "forget", str(row["number"])).exit_code == DONE
    assert "Nothing is kept" in run("preferences", "list").stdout


@pytest.mark.parametrize(("given", "code"), [("97531\n", 0), ("12\n", 2), ("", 2)], ids=["good", "short", "none"])
def test_a_pin_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, code: int) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "config.yaml").write_text("language: en\n")
    result = CliRunner().invoke(cli, ["pin", "set", "--config", str(tmp_path / "config.yaml")], input=given)
    file = tmp_path / "mimo-assistant" / "pin.hash"
    assert result.exit_code == code and file.exists() is (code == 0)
    if file.exists():
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().startswith("$argon2id$") and str(file) in result.output
        assert "97531" not in result.output
