"""A question waits for one answer, for a while."""

from assistant.memory.session import Clarifying, Sessions
from assistant.models import Action, Allowed, Entity, Exchange, NeedsConfirmation, Outcome, Resolved, State


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


HELD = (NeedsConfirmation(Action("lock.front_door", "unlock"), "it unlocks"),)


def test_is_taken_once() -> None:
    sessions = Sessions(Time(), confirm_seconds=30)
    sessions.hold("kitchen", HELD)
    pending = sessions.take("kitchen")
    assert pending is not None and pending.held == HELD
    assert sessions.take("kitchen") is None


def test_is_gone_after_its_time() -> None:
    time = Time()
    sessions = Sessions(time, confirm_seconds=30)
    sessions.hold("kitchen", HELD)
    time.now = 30.1
    assert sessions.take("kitchen") is None


def test_belongs_to_one_session() -> None:
    sessions = Sessions(Time(), confirm_seconds=30)
    sessions.hold("kitchen", HELD)
    assert sessions.take("bedroom") is None
    assert sessions.take("kitchen") is not None


def test_is_not_held_for_a_request_without_a_session() -> None:
    sessions = Sessions(Time(), confirm_seconds=30)
    sessions.hold("", HELD)
    assert sessions.take("") is None


LAMP = Entity("light.lamp", "Lamp")


def exchange(entity_id: str = "light.lamp", *, restores: bool = False) -> Exchange:
    action = Action(entity_id, "turn_on", restores=restores)
    done = Outcome(action, Allowed(action), confirmed=True, before=State(entity_id, "off"))
    return Exchange(f"turn on {entity_id}", intents=(Resolved("HassTurnOn", (LAMP,)),), outcomes=(done,))


def test_what_was_put_back_cannot_be_put_back_again() -> None:
    sessions = Sessions(Time(), confirm_seconds=30)
    sessions.remember("kitchen", exchange("light.one"))
    sessions.remember("kitchen", exchange("light.two"))
    sessions.remember("kitchen", exchange("light.two", restores=True))
    newest = sessions.undoable("kitchen")
    assert newest is not None and newest.said == "turn on light.one"
    sessions.remember("kitchen", exchange("light.one", restores=True))
    assert sessions.undoable("kitchen") is None


def test_whoever_was_silent_for_long_is_forgotten() -> None:
    time = Time()
    sessions = Sessions(time, confirm_seconds=30)
    for number in range(100):
        sessions.remember(f"once {number}", exchange())
    time.now = 10_000
    sessions.remember("kitchen", exchange())
    assert len(sessions._open) == 1


def test_a_question_waits_for_its_own_time() -> None:
    time = Time()
    sessions = Sessions(time, confirm_seconds=5, answer_seconds=60)
    sessions.ask("kitchen", Clarifying("turn on the lamp", (), (LAMP,)))
    time.now = 59
    assert sessions.waits("kitchen") and sessions.take("kitchen") is not None
    assert sessions.take("kitchen") is None
