"""What is planned, in the console: made, changed and cancelled through the policy, and told to every page."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from assistant.config import PolicySettings
from assistant.intents.policy import Policy
from tests.web.consoles import Browser, Served, messages

PLAN = "/api/schedule"


async def rows(browser: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await browser.get(PLAN))["rows"]
    return found


async def test_a_timer_is_made_paused_made_longer_and_cancelled(console: Served) -> None:
    browser = await console.browser()
    assert await rows(browser) == []
    (timer,) = (await browser.post(PLAN, {"kind": "timer", "seconds": 300, "name": "pasta"}))["rows"]
    assert (timer["kind"], timer["name"], timer["seconds"], timer["remaining_seconds"]) == ("timer", "pasta", 300, 300)
    assert timer["paused"] is False
    path = f"{PLAN}/{timer['id']}"
    assert (await browser.send("PATCH", path, {"paused": True})).json()["rows"][0]["paused"] is True
    assert (await browser.send("PATCH", path, {"paused": False})).json()["rows"][0]["paused"] is False
    assert (await browser.send("PATCH", path, {"seconds": 60})).json()["rows"][0]["remaining_seconds"] == 360
    assert (await browser.send("DELETE", path)).json()["rows"] == []
    assert (await browser.send("DELETE", path)).status_code == 404


async def test_an_alarm_and_a_reminder_at_their_times(console: Served) -> None:
    assert console.story is not None
    now, browser = console.story.schedule.now(), await console.browser()
    tomorrow = (now + timedelta(days=1)).isoformat()
    await browser.post(PLAN, {"kind": "alarm", "due": tomorrow, "repeats": "FREQ=WEEKLY;BYDAY=MO,TU"})
    await browser.post(PLAN, {"kind": "reminder", "due": tomorrow, "text": "water the plants", "language": "en"})
    found = {row["kind"]: row for row in await rows(browser)}
    assert found["alarm"]["repeats"] == "FREQ=WEEKLY;BYDAY=MO,TU"
    assert found["reminder"]["text"] == "water the plants"
    later = (now + timedelta(days=2)).isoformat()
    moved = await browser.send("PATCH", f"{PLAN}/{found['reminder']['id']}", {"due": later})
    assert moved.status_code == 200
    assert {row["kind"]: row for row in await rows(browser)}["reminder"]["due"] > found["reminder"]["due"]


async def test_what_it_has_can_be_changed_and_the_rest_stays(console: Served) -> None:
    assert console.story is not None
    now, browser = console.story.schedule.now(), await console.browser()
    tomorrow = now.replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=1)
    await browser.post(PLAN, {"kind": "alarm", "due": tomorrow.isoformat(), "name": "work"})
    await browser.post(PLAN, {"kind": "reminder", "due": tomorrow.isoformat(), "text": "water the plants"})
    await browser.post(PLAN, {"kind": "timer", "seconds": 300, "name": "pasta"})
    by_kind = {row["kind"]: f"{PLAN}/{row['id']}" for row in await rows(browser)}

    async def changed(kind: str, **change: Any) -> dict[str, Any]:
        answer = await browser.send("PATCH", by_kind[kind], change)
        assert answer.status_code == 200, answer.text
        return next(row for row in answer.json()["rows"] if row["kind"] == kind)

    alarm = await changed("alarm", name="gym", repeats="FREQ=DAILY")
    assert (alarm["name"], alarm["repeats"], alarm["due"]) == ("gym", "FREQ=DAILY", tomorrow.isoformat())
    later = tomorrow.replace(hour=9) + timedelta(days=2)
    alarm = await changed("alarm", repeats="", due=later.isoformat())
    assert (alarm["name"], alarm["repeats"], alarm["due"]) == ("gym", None, later.isoformat())
    assert (await changed("alarm", name=""))["name"] is None
    reminder = await changed("reminder", text="feed the cat")
    assert (reminder["text"], reminder["due"]) == ("feed the cat", tomorrow.isoformat())
    await changed("timer", paused=True)
    timer = await changed("timer", name="rice")
    assert (timer["name"], timer["paused"], timer["remaining_seconds"]) == ("rice", True, 300)


async def test_new_days_begin_with_the_next_of_them(console: Served) -> None:
    """An alarm of a day that is five days off rings tomorrow once it is for every day."""
    assert console.story is not None
    now, browser = console.story.schedule.now(), await console.browser()
    due = now.replace(second=0, microsecond=0) + timedelta(days=5, minutes=-1)
    day = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[due.weekday()]
    await browser.post(PLAN, {"kind": "alarm", "due": due.isoformat(), "repeats": f"FREQ=WEEKLY;BYDAY={day}"})
    (row,) = await rows(browser)
    await browser.send("PATCH", f"{PLAN}/{row['id']}", {"repeats": "FREQ=DAILY"})
    assert (await rows(browser))[0]["due"] == (due - timedelta(days=4)).isoformat()


@pytest.mark.parametrize(("change", "said"), [
    ({"text": ""}, "A reminder needs its words."), ({"name": "cat"}, "A reminder has no name."),
    ({"due": "2001-01-01T00:00:00+00:00"}, "2001-01-01T00:00:00+00:00 is past."),
    ({"paused": True}, "1 is no timer."), ({"repeats": "FREQ=WEEKLY;BYDAY=NODAY"}, "repeats: "),
    ({"repeats": "every day"}, "repeats: "), ({"repeats": "FREQ=DAILY;INTERVAL=0"}, "repeats: "),
    ({"kind": "alarm"}, "kind: "), ({"due": "9999-12-31T23:59:59-12:00"}, "due: "),
    ({"due": "9999-12-01T00:00:00+00:00"}, "That is more than a year away."),
])  # fmt: skip
async def test_a_change_that_makes_no_sense_gets_a_sentence(console: Served, change: dict[str, Any], said: str) -> None:
    browser = await console.browser()
    (before,) = (await browser.post(PLAN, {"kind": "reminder", "seconds": 600, "text": "feed the cat"}))["rows"]
    answer = await browser.send("PATCH", f"{PLAN}/{before['id']}", change)
    assert answer.status_code in (409, 422) and answer.json()["error"].startswith(said), answer.text
    assert [(row["text"], row["due"]) for row in await rows(browser)] == [("feed the cat", before["due"])]


async def test_every_change_is_a_turn_in_the_journal(console: Served) -> None:
    browser = await console.browser()
    (timer,) = (await browser.post(PLAN, {"kind": "timer", "seconds": 300, "name": "pasta", "room": "Kitchen"}))["rows"]
    await browser.send("PATCH", f"{PLAN}/{timer['id']}", {"seconds": 60})
    await browser.send("DELETE", f"{PLAN}/{timer['id']}")
    await browser.send("POST", PLAN, {"kind": "timer"})
    refused, cancelled, longer, made = (await browser.get("/api/turns"))["turns"]
    assert [turn["reply"] for turn in (made, longer, cancelled)] == [
        "The pasta timer is set for 5 minutes.", "The pasta timer has 6 minutes left.", "I cancelled the pasta timer."
    ]  # fmt: skip
    assert made["actions"][0]["entity"] == "schedule.timers" and made["actions"][0]["confirmed"] is True
    assert (made["source"], made["room"], made["path"]) == ("console", "Kitchen", "reflex")
    assert made["routed_because"] == "it was asked for in a form" and made["intents"][0]["intent"] == "PlanSet"
    assert refused["error"] == "it has no time" and refused["actions"] == []
    why = await browser.post("/api/say", {"text": "why did you do that", "language": "en"})
    assert "it has no time" in why["reply"]


async def test_a_watch_waits_for_no_time(console: Served) -> None:
    assert console.story is not None
    await console.story.say("tell me when the bedroom window opens")
    browser = await console.browser()
    (watch,) = await rows(browser)
    for change in ({"due": (console.story.schedule.now() + timedelta(hours=1)).isoformat()}, {"seconds": 60}):
        answer = await browser.send("PATCH", f"{PLAN}/{watch['id']}", change)
        assert (answer.status_code, answer.json()["error"]) == (409, "A watch has no time.")
    assert await rows(browser) == [watch]


async def test_what_was_asked_still_waits_when_a_form_was_sent(console: Served) -> None:
    assert console.story is not None
    browser = await console.browser()
    asked = await browser.post("/api/say", {"text": "turn off the freezer", "language": "en"})
    assert asked["reply"] == "Shall I turn off the freezer?"
    await browser.post(PLAN, {"kind": "timer", "seconds": 300, "name": "yes"})
    assert console.story.published == []
    assert (await browser.post("/api/say", {"text": "yes", "language": "en"}))["reply"] == "The freezer is off."
    assert console.story.published == [("freezer/set", "OFF")]


async def test_what_is_said_shows_and_what_is_made_is_known(console: Served) -> None:
    browser = await console.browser()
    async with browser.socket("/api/events") as events:
        await browser.post("/api/say", {"text": "set a timer for five minutes"})
        async with asyncio.timeout(10):
            async for event in messages(events):
                if event["event"] == "schedule" and event["rows"]:
                    break
        assert event["rows"][0]["kind"] == "timer" and event["rows"][0]["seconds"] == 300
    await browser.post(PLAN, {"kind": "timer", "seconds": 60, "name": "eggs"})
    assert "eggs" in (await browser.post("/api/say", {"text": "which timers are running"}))["reply"].lower()


@pytest.mark.parametrize("plan", [
    {"kind": "timer"}, {"kind": "party", "seconds": 1}, {"kind": "timer", "seconds": 0},
    {"kind": "timer", "seconds": 1e12},
    {"kind": "alarm", "due": "tomorrow"}, {"kind": "alarm", "due": "2001-01-01T00:00:00+00:00"},
    {"kind": "alarm", "due": "2026-11-27T07:00:00"}, {"kind": "timer", "seconds": 5, "name": "x" * 500},
    {"kind": "alarm", "seconds": 60, "repeats": "FREQ=SECONDLY"}, {"kind": "timer", "seconds": 5, "more": 1}, [],
    {"kind": "timer", "seconds": 5, "repeats": "FREQ=DAILY"}, {"kind": "alarm", "seconds": 60, "text": "unlock"},
])  # fmt: skip
async def test_what_is_no_plan_gets_a_sentence(console: Served, plan: Any) -> None:
    browser = await console.browser()
    answer = await browser.send("POST", PLAN, plan)
    assert answer.status_code in (409, 422) and answer.json()["error"], answer.text
    assert await rows(browser) == []


async def test_what_the_policy_denies_is_not_planned(console: Served) -> None:
    pipeline = console.parts.pipeline
    pipeline.policy = Policy(PolicySettings(deny=["schedule.add_alarm"]), pipeline.house)
    browser = await console.browser()
    refused = await browser.send("POST", PLAN, {"kind": "alarm", "seconds": 60})
    assert refused.status_code == 409 and "forbids" in refused.json()["error"]
    assert await rows(browser) == []
    assert (await browser.get("/api/turns"))["turns"][0]["actions"][0]["verdict"] == "denied"


async def test_what_needs_a_yes_is_not_planned_from_a_form(console: Served) -> None:
    """Nor does a yes that is said later do it."""
    pipeline = console.parts.pipeline
    pipeline.policy = Policy(PolicySettings(confirm=["schedule.add_alarm"]), pipeline.house)
    browser = await console.browser()
    assert (await browser.send("POST", PLAN, {"kind": "alarm", "seconds": 60})).status_code == 409
    await browser.post("/api/say", {"text": "yes"})
    assert await rows(browser) == []


async def test_what_will_need_a_yes_is_not_planned(console: Served) -> None:
    assert console.story is not None
    due, browser = (console.story.schedule.now() + timedelta(hours=1)).isoformat(), await console.browser()
    for text, language in (("unlock the front door", "en"), ("sblocca la porta d'ingresso", "it")):
        plan = {"kind": "command", "due": due, "text": text, "language": language}
        refused = await browser.send("POST", PLAN, plan)
        assert refused.status_code == 409 and "needs a spoken yes" in refused.json()["error"]
    assert await rows(browser) == []
    await browser.post(PLAN, {"kind": "command", "due": due, "text": "turn on the kitchen light", "language": "en"})
    assert len(await rows(browser)) == 1


async def test_words_that_mean_nothing_are_not_planned(console: Served) -> None:
    browser = await console.browser()
    plan = {"kind": "command", "seconds": 60, "text": "the weather in spring", "language": "en"}
    answer = await browser.send("POST", PLAN, plan)
    assert answer.status_code == 409 and "I would not understand it when it is due" in answer.json()["error"]
    assert await rows(browser) == []


async def test_a_plan_is_not_changed_into_what_will_need_a_yes(console: Served) -> None:
    assert console.story is not None
    due, browser = (console.story.schedule.now() + timedelta(hours=1)).isoformat(), await console.browser()
    for text, risky, language in (
        ("turn on the kitchen light", "unlock the front door", "en"),
        ("accendi la luce della cucina", "sblocca la porta d'ingresso", "it"),
    ):
        plan = {"kind": "command", "due": due, "text": text, "language": language}
        made = (await browser.post(PLAN, plan))["rows"][-1]
        refused = await browser.send("PATCH", f"{PLAN}/{made['id']}", {"text": risky})
        assert refused.status_code == 409 and "needs a spoken yes" in refused.json()["error"]
        assert text in [row["text"] for row in await rows(browser)]


async def test_only_a_number_is_a_plan(console: Served) -> None:
    browser = await console.browser()
    for number in ("0", "-1", "x", "99999999999999999999999", "1;DROP"):
        assert (await browser.send("DELETE", f"{PLAN}/{number}")).status_code in (404, 422)
