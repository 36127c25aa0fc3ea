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


async def test_only_a_number_is_a_plan(console: Served) -> None:
    browser = await console.browser()
    for number in ("0", "-1", "x", "99999999999999999999999", "1;DROP"):
        assert (await browser.send("DELETE", f"{PLAN}/{number}")).status_code in (404, 422)
