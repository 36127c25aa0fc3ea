"""How the console looks and loads: a picture of every view, no barrier that axe finds, its weight and first paint."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, Response, expect

from tests.daemons import ROOT
from tests.web.chromium import CHROMIUM, DESK, PHONE, ask, chromium, daemon, opened
from tests.web.test_page import LANGUAGES, MOST_BYTES, texts
from tests.web.thinker import Thinker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason="needs Debian's chromium"),
]

VIEWS = ("now", "turns", "house", "time", "health")
SIZES = {"390x844": PHONE, "1280x800": DESK}

PICTURES = Path(os.environ.get("MIMO_ARTIFACTS") or ROOT / "build") / "screenshots"

FIRST_PAINT_MS = 1000

ASKED = ("Turn on the kitchen light", "Unlock the front door", "Turn off the toaster in the attic", "Close the blinds")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with Thinker() as brain:
        brain.go_on.set()
        settings = {"url": brain.url, "profile": "mimo-7b-rl-0530"}
        async with daemon(tmp_path_factory.mktemp("daemon"), brain=settings, language="auto") as address:
            async with opened(browser, address) as page:
                for text in ASKED:
                    await ask(page, text)
                await plan_something(page, address)
            yield address


async def plan_something(page: Page, url: str) -> None:
    csrf = (await (await page.request.get(f"{url}/api/me")).json())["csrf"]
    for wanted in (
        {"kind": "timer", "seconds": 540, "name": "pasta", "room": "Kitchen"},
        {"kind": "timer", "seconds": 3000},
        {"kind": "alarm", "due": in_days(1, 7), "repeats": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "room": "Bedroom"},
        {"kind": "reminder", "due": in_days(2, 18), "text": "feed the cat"},
        {"kind": "command", "due": in_days(1, 22), "text": "close the blinds", "repeats": "FREQ=DAILY"},
    ):
        answer = await page.request.post(f"{url}/api/schedule", data=wanted, headers={"X-CSRF-Token": csrf})
        assert answer.ok, await answer.text()


def in_days(days: int, hour: int) -> str:
    at = datetime.now().astimezone() + timedelta(days=days)
    return at.replace(hour=hour, minute=0, second=0, microsecond=0).isoformat()


async def unfolded(page: Page, view: str) -> None:
    """What there is to see of a view once somebody has opened it up."""
    match view:
        case "now":
            await ask(page, "It is too dark to read in the living room")
        case "turns":
            await page.locator(".turn > summary").first.click()
            await expect(page.locator(".turn .timeline").first).to_be_visible()
        case "house":
            await page.locator("#device-light\\.kitchen_light > summary").click()
            await expect(page.locator(".tryout .valued").first).to_be_visible()
        case "time" | "health":
            await page.wait_for_timeout(300)
    await page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_is_pictured_and_has_no_barrier(url: str, browser: Browser, view: str, size: str) -> None:
    """Nothing is wider than the screen; axe finds nothing serious, and in the dark, of other colours, all is legible.

    It looks at what there is once all is unfolded, which has in it what there was before.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with opened(browser, url, SIZES[size], view, color_scheme="light") as page:
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(200)
        await pictured(page, f"{view}-{size}")
        await page.emulate_media(color_scheme="light")
        await unfolded(page, view)
        assert await barriers(page) == []
        await pictured(page, f"{view}-open-{size}")
        assert await barriers(page, runOnly=["color-contrast"]) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


async def pictured(page: Page, name: str) -> None:
    """By light and by dark, which only changes the colours."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.screenshot(path=PICTURES / f"{name}-{scheme}.png")


async def barriers(page: Page, **options: object) -> list[str]:
    """What axe finds; all that it finds in order stays in the browser, for there is much of it."""
    await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate(
        "options => axe.run(options).then(found => found.violations)", {"resultTypes": ["violations"], **options}
    )
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_speaks_the_browsers_language(url: str, browser: Browser, language: str) -> None:
    async with opened(
        browser, url, PHONE, "time", locale={"en": "en-GB", "it": "it-IT", "zh": "zh-CN"}[language]
    ) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text(texts(language)["view.time"])
        assert await page.evaluate("document.documentElement.lang") == language
        for view in VIEWS:
            await page.evaluate(f"location.hash = '{view}'")
            await page.wait_for_timeout(200)
            await page.screenshot(path=PICTURES / f"{view}-{language}.png")
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def test_it_is_light_and_paints_at_once(url: str, browser: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    """All five views, with what they ask of the daemon; a browser that has nothing of it yet."""
    visitor = await browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = await visitor.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    await page.goto(url)
    await page.wait_for_selector("#link[data-link=open]")
    for view in VIEWS:
        await page.evaluate(f"location.hash = '{view}'")
        await page.wait_for_load_state("networkidle")
    weight = sum([len(await each.body()) for each in responses if "/api/" not in each.url])
    paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert all(each.url.startswith(url) for each in responses), "nobody else is asked"
    await visitor.close()
    with capsys.disabled():
        print(f"\nthe page: {weight / 1000:.0f} kB in {len(responses)} answers, first contentful paint {paint:.0f} ms")
    assert weight <= MOST_BYTES
    assert paint <= FIRST_PAINT_MS
