"""A question waits for one answer, for a while."""

from assistant.memory.session import Sessions
from assistant.models import Action, NeedsConfirmation


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
