"""Rules for rooms and hours: they tighten what the policy asks for, and nothing that is left unsaid loosens them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.app import assemble
from assistant.caller import checked
from assistant.config import Config, Options, PolicySettings
from assistant.errors import ConfigError
from assistant.events import Events
from assistant.hours import WEEKDAYS, Hours
from assistant.models import Intent, Plan, Request, Target
from tests.fakes import FakeBrain, thing
from tests.stories import House

NIGHT = {"from": "22:00", "to": "07:00"}


def house_with(*rules: dict[str, Any], pin: str | None = None, at: str = "12:00", **more: Any) -> House:
    house = House(rules=PolicySettings.model_validate({"rules": rules, "pin_hash": None}), pin=pin, **more)
    house.now = datetime.combine(datetime(2026, 11, 27), time.fromisoformat(at))  # a Friday
    return house


CHILDREN = {"rooms": ["Bedroom"], "what": ["lock.unlock"], "effect": "deny"}


# ── rooms ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "question", "yes", "refused"),
    [
        ("en", "unlock the front door", "yes",
         "I will not do that with the front door: a rule of the house forbids it here or now."),
        ("it", "sblocca la porta d'ingresso", "sì",
         "Lascio stare la porta d'ingresso: una regola della casa lo vieta da qui o a quest'ora."),
    ],
)  # fmt: skip
async def test_the_childrens_room_does_not_unlock(language: str, question: str, yes: str, refused: str) -> None:
    house = house_with(CHILDREN)
    await house.say(question, language, room="Bedroom")
    assert house.spoken == [refused]
    await house.say(question, language, room="Kitchen")
    await house.say(yes, language, room="Kitchen")
    assert house.published == [("front_door/set", "UNLOCK")]


@pytest.mark.parametrize("room", ["la camera", "bedroom", "camera da letto", None, "Attic"])
async def test_no_other_name_of_the_room_gets_around_it_and_no_silence(room: str | None) -> None:
    """Who does not say where they are might be in the children's room."""
    house = house_with(CHILDREN)
    await house.say("unlock the front door", "en", room=room)
    await house.say("yes", "en", room=room)
    assert house.published == []


async def test_a_rule_for_a_room_that_is_misspelt_holds_everywhere() -> None:
    house = house_with({**CHILDREN, "rooms": ["Bedrom"]})
    await house.say("unlock the front door", room="Kitchen")
    assert house.spoken[0].startswith("I will not")


async def test_the_brain_meets_the_rule_of_the_room() -> None:
    unlock = Plan((Intent("HassTurnOff", Target(ids=("lock.front_door",))),))
    house = house_with(CHILDREN, brain=FakeBrain(unlock))
    await house.say("let my friend come in", room="Bedroom")
    await house.say("yes", room="Bedroom")
    assert house.published == []


async def test_a_yes_from_the_childrens_room_does_not_do_it_either() -> None:
    """Asked in the kitchen, answered by the same session from the bedroom."""
    house = house_with(CHILDREN)
    await house.say("unlock the front door", room="Kitchen")
    await house.say("yes", room="Bedroom")
    assert house.published == []


async def test_opening_is_more_than_unlocking_and_a_script_is_no_way_around() -> None:
    house = house_with(CHILDREN)
    house.devices.add(
        thing("lock.back_door", "Kitchen", "", "open"), thing("script.unlock_door", None, name="Unlock the back door")
    )
    for text in ("open the back door", "run unlock the back door"):
        await house.say(text, "en", room="Bedroom")
        await house.say("yes", "en", room="Bedroom")
    assert house.published == []


async def test_a_device_may_have_a_rule_of_its_own() -> None:
    house = house_with({"entities": ["switch.coffee_machine"], "effect": "confirm"})
    await house.say("turn on the coffee machine")
    assert house.spoken == ["Shall I turn on the coffee machine?"]
    await house.say("turn on the kitchen light")
    assert house.published == [("kitchen_light/set", "ON")]


async def test_a_rule_may_ask_for_the_pin() -> None:
    rule = {"entities": ["switch.coffee_machine"], "effect": "pin"}
    settings = PolicySettings.model_validate({"pin_hash": PIN_HASH, "rules": [rule]})
    house = House(rules=settings, pin="1234")
    await house.say("accendi la macchina del caffè", "it")
    assert house.spoken == ["Dimmi il PIN per la macchina del caffè."]
    await house.say("uno due tre quattro", "it")
    assert house.published == [("coffee_machine/set", "ON")]


# ── hours ────────────────────────────────────────────────────────────────────────────────

ROBOT = {"when": NIGHT, "what": ["vacuum.start"], "effect": "confirm"}


@pytest.mark.parametrize(
    ("language", "text", "question", "yes"),
    [
        ("en", "start the robot vacuum", "Shall I start the robot vacuum?", "yes"),
        ("it", "avvia il robot", "Devo avviare il robot?", "sì"),
    ],
)
async def test_the_robot_asks_at_night(language: str, text: str, question: str, yes: str) -> None:
    house = house_with(ROBOT, at="22:30")
    await house.say(text, language)
    assert house.spoken == [question] and house.published == []
    await house.say(yes, language)
    assert house.published == [("robot_vacuum/set", "START")]


@pytest.mark.parametrize(("at", "asks"), [("21:59", False), ("22:00", True), ("06:59", True), ("07:00", False)])
async def test_the_hours_of_a_rule(at: str, asks: bool) -> None:
    house = house_with(ROBOT, at=at)
    await house.say("start the robot vacuum")
    assert bool(house.published) is not asks


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = Hours(time(22), time(7), ("fri",))
    assert datetime(2026, 11, 27, 23) in friday_night and datetime(2026, 11, 28, 6, 59) in friday_night
    assert datetime(2026, 11, 27, 6) not in friday_night and datetime(2026, 11, 28, 23) not in friday_night
    assert datetime(2026, 11, 27, 12) in Hours(weekdays=("fri",)) and datetime(2026, 11, 27).weekday() == 4
    assert all(datetime(2026, 11, day, 3) in Hours() for day in range(1, 8)) and len(WEEKDAYS) == 7


# ── only stricter ────────────────────────────────────────────────────────────────────────


async def test_a_rule_takes_nothing_from_what_is_built_in() -> None:
    house = house_with({"entities": ["lock.front_door", "switch.freezer"], "effect": "confirm"})
    await house.say("unlock the front door", room="Kitchen")
    assert house.published == []


async def test_the_strictest_rule_wins() -> None:
    house = house_with({"what": ["lock.unlock"], "effect": "confirm"}, {"what": ["lock.unlock"], "effect": "deny"})
    await house.say("unlock the front door", room="Kitchen")
    assert house.spoken[0].startswith("I will not")


# ── config.yaml ──────────────────────────────────────────────────────────────────────────

PIN_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("policy: {rules: [{effect: deny}]}", "a rule needs what"),
        ("policy: {rules: [{what: [lock.unlok], effect: deny}]}", "'lock.unlok' is no domain.service"),
        ("policy: {rules: [{what: [lock.unlock], effect: allow}]}", "'deny', 'confirm' or 'pin'"),
        ("policy: {rules: [{what: [lock.unlock], effect: deny, when: {from: '25:00', to: '1:00'}}]}", "from"),
        ("policy: {rules: [{what: [lock.unlock], effect: deny, when: {from: '22:00'}}]}", "from and to go together"),
        ("policy: {rules: [{what: [lock.unlock], effect: deny, room: Attic}]}", "is not a setting"),
        ("policy: {rules: [{what: [lock.unlock], effect: pin}]}", "there is none"),
        ("policy: {pin_hash: '1234'}", "none of argon2"),
        ("policy: {pin_file: nowhere}", "cannot be read"),
        ("quiet_hours: {volume: 20}", "Field required"),
        ("quiet_hours: {from: '22:00', to: '22:00'}", "same time"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        checked(file)
    assert told in error.value.reason
    assert "1234" not in error.value.reason


def test_times_may_stand_without_quotes(tmp_path: Path) -> None:
    """YAML makes 1320 of 22:00."""
    file = tmp_path / "config.yaml"
    file.write_text("quiet_hours: {from: 22:00, to: 07:00}\npolicy: {rules: [{what: [lock.unlock], effect: deny, "
                    "when: {from: 21:30, to: 23:00, weekdays: [sat]}}]}")  # fmt: skip
    config = checked(file)
    assert config.quiet_hours is not None and config.quiet_hours.begin == time(22) and config.quiet_hours.end == time(7)
    assert config.policy.rules[0].when.hours() == Hours(time(21, 30), time(23), ("sat",))


def test_the_pin_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "pin.hash").write_text(PIN_HASH + "\n")
    file = tmp_path / "config.yaml"
    file.write_text("policy: {pin_file: pin.hash}")
    config = checked(file)
    assert config.policy.pin_hash is not None and config.policy.pin_hash.get_secret_value() == PIN_HASH
    assert PIN_HASH not in repr(config)


async def test_hours_are_those_of_the_house_not_of_the_machine(tmp_path: Path) -> None:
    """A rule for just now, as the clocks show it on the other side of the world."""
    there = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    begin, end = (f"{there + timedelta(hours=more):%H:%M}" for more in (-1, 1))
    rule = {"when": {"from": begin, "to": end}, "what": ["light.turn_on"], "effect": "deny"}
    config = Config.model_validate({"language": "en", "state_folder": tmp_path, "timezone": "Pacific/Kiritimati",
                                    "policy": {"rules": [rule]}})  # fmt: skip
    async with assemble(config, Options(virtual_house=True, brain=False), Events()) as assistant:
        await assistant.look_at_the_house()
        turn = await assistant.say(Request("turn on the kitchen light", "en"))
    assert "a rule of the house forbids it" in turn.reply
