"""What words mean after other words: pure, without a dialogue around them."""

from __future__ import annotations

import pytest

from assistant.errors import Ambiguous
from assistant.intents.choices import chosen
from assistant.intents.matcher import Reflex
from assistant.intents.put_back import put_back
from assistant.intents.turns import turns
from assistant.models import Action, Allowed, Entity, Exchange, Intent, Outcome, Resolved, State, Target, Value
from tests.fakes import ENTITIES, ROOMS, FakeHouse

THINGS = {entity.id: entity for entity in ENTITIES}
REFLEX = Reflex(FakeHouse())


def after(name: str, *ids: str, **slots: Value) -> Exchange:
    return Exchange("before", intents=(Resolved(name, tuple(THINGS[each] for each in ids), slots),))


def means(text: str, before: Exchange, language: str = "en") -> tuple[Intent, ...]:
    match = REFLEX.follow(text, language, before)
    return match.intents if match else ()


ON = after("HassTurnOn", "light.kitchen_light")


@pytest.mark.parametrize(
    "text",
    ["turn on the bedroom light", "what time is it", "the weather is nice", "turn it off tomorrow", "and then we left",
     "I like the kitchen"],
)  # fmt: skip
def test_what_stands_by_itself_or_says_something_else_is_left_alone(text: str) -> None:
    assert means(text, ON) == ()


def test_what_is_lent_is_a_name_and_nothing_more() -> None:
    assert means("turn it off", ON) == (Intent("HassTurnOff", Target(ids=("light.kitchen_light",))),)
    assert means("spegnila", ON, "it") == (Intent("HassTurnOff", Target(ids=("light.kitchen_light",))),)


def test_a_place_alone_keeps_the_kind() -> None:
    assert means("and the bedroom", ON) == (Intent("HassTurnOn", Target(area="Bedroom", domain="light")),)


@pytest.mark.parametrize("text", ["and the front door", "the front door too", "no, the front door"])
def test_on_is_not_lent_to_a_lock(text: str) -> None:
    assert means(text, ON) == () and means(text, after("HassTurnOn", "cover.living_room_blinds")) == ()


def test_the_other_of_several_is_a_question() -> None:
    with pytest.raises(Ambiguous):
        means("no, the other one", ON)


def test_less_after_a_step_up_is_as_much_down() -> None:
    before = after("HassLightSet", "light.kitchen_light", brightness_step=10)
    (intent,) = means("a bit less", before)
    assert intent.slots == {"brightness_step": -10}


@pytest.mark.parametrize(
    ("language", "text", "ids"),
    [
        ("en", "the one in the garage", ["light.garage_light"]),
        ("en", "the second one", ["light.kitchen_light"]),
        ("en", "all of them", ["light.garage_light", "light.kitchen_light"]),
        ("en", "all but the garage", ["light.kitchen_light"]),
        ("en", "the light", []),
        ("en", "the blue one", []),
        ("it", "quella della cucina", ["light.kitchen_light"]),
        ("it", "l'ultima", ["light.kitchen_light"]),
        ("it", "nessuna idea", []),
        ("zh", "厨房的", []),
        ("zh", "第一个", ["light.garage_light"]),
    ],
)
def test_an_answer_chooses(language: str, text: str, ids: list[str]) -> None:
    things = [THINGS["light.garage_light"], THINGS["light.kitchen_light"]]
    empty = frozenset({"the", "in", "of", "della", "quella", "l"})
    if text == "厨房的":
        ids = ["light.kitchen_light"]
    assert [each.id for each in chosen(text, things, ROOMS, language, empty)] == ids


def test_every_language_has_the_words_that_it_is_asked_for() -> None:
    assert turns("en").phrases.keys() == turns("it").phrases.keys()
    assert turns("de").phrases == {}


# ── putting back ─────────────────────────────────────────────────────────────────────────


def back(
    entity: Entity, service: str, was: State, now: State, **arguments: Value
) -> list[tuple[str, dict[str, Value]]]:
    action = Action(entity.id, service)
    outcome = Outcome(action, Allowed(action), confirmed=True, state=now, before=was)
    actions = put_back(outcome, entity, now)
    assert actions is not None
    assert all(each.restores for each in actions)
    return [(each.service, dict(each.arguments)) for each in actions]


def state(entity_id: str, value: str, **attributes: Value) -> State:
    return State(entity_id, value, attributes)


LAMP = "light.living_room_light"


@pytest.mark.parametrize(
    ("entity", "was", "now", "expected"),
    [
        (LAMP, state(LAMP, "off"), state(LAMP, "on", brightness=50), [("turn_off", {})]),
        (LAMP, state(LAMP, "on", brightness=40), state(LAMP, "on", brightness=90), [("turn_on", {"brightness": 40})]),
        (LAMP, state(LAMP, "on", brightness=40), state(LAMP, "on", brightness=40), []),
        ("lock.front_door", state("l", "unlocked"), state("l", "locked"), [("unlock", {})]),
        ("cover.living_room_blinds", state("c", "open", position=60), state("c", "closed", position=0),
         [("set_cover_position", {"position": 60})]),
        ("cover.garage_door", state("c", "open"), state("c", "closed"), [("open_cover", {})]),
        ("climate.thermostat", state("t", "heat", temperature=20), state("t", "off", temperature=20),
         [("set_hvac_mode", {"hvac_mode": "heat"})]),
        ("climate.thermostat", state("t", "heat", temperature=20), state("t", "heat", temperature=23),
         [("set_temperature", {"temperature": 20})]),
        ("climate.thermostat", state("t", "heat_cool", target_temp_low=19, target_temp_high=23),
         state("t", "heat_cool", target_temp_low=19, target_temp_high=25),
         [("set_temperature", {"target_temp_low": 19, "target_temp_high": 23})]),
        ("fan.bedroom_fan", state("f", "on", percentage=30), state("f", "on", percentage=80),
         [("set_percentage", {"percentage": 30})]),
        ("vacuum.robot_vacuum", state("v", "docked"), state("v", "cleaning"), [("return_to_base", {})]),
        ("valve.water_main", state("v", "open"), state("v", "closed"), [("open_valve", {})]),
    ],
)  # fmt: skip
def test_it_goes_back_to_how_it_was(entity: str, was: State, now: State, expected: object) -> None:
    assert back(THINGS[entity], "turn_on", was, now) == expected


def test_what_nobody_knows_or_nobody_can_undo_is_no_action() -> None:
    for entity_id, was in ((LAMP, None), (LAMP, State(LAMP)), ("scene.movie_night", state("scene.movie_night", "on"))):
        action = Action(entity_id, "turn_on")
        assert put_back(Outcome(action, Allowed(action), before=was), THINGS[entity_id], State(entity_id, "on")) is None


def test_a_disarmed_alarm_is_armed_again_but_never_the_other_way() -> None:
    alarm = Entity("alarm_control_panel.home", "Alarm")
    assert back(alarm, "alarm_disarm", state("a", "armed_away"), state("a", "disarmed")) == [("alarm_arm_away", {})]
    action = Action(alarm.id, "alarm_arm_away")
    outcome = Outcome(action, Allowed(action), before=state("a", "disarmed"))
    assert put_back(outcome, alarm, state("a", "armed_away")) is None
