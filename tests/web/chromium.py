"""Headless Chromium with the console of a real daemon in it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from playwright.async_api import Browser, BrowserType, ConsoleMessage, Page, async_playwright, expect

from tests.daemons import ROOT
from tests.spoken import models_folder
from tests.web.consoles import free_port

PHONE, DESK = (390, 844), (1280, 800)

WHOLE = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
"""Debian's, with windows, menus, and questions before a page gets the microphone."""

CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE
"""The same without them, where it is: it takes half the time to start and to open a page."""

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
"""Nobody is called from here: neither for updates nor for anything else."""

START_SECONDS = 120.0

expect.set_options(timeout=20_000)  # a busy machine is no fault of the page


@asynccontextmanager
async def daemon(folder: Path, **settings: object) -> AsyncIterator[str]:
    """`mimo-assistant run` on the virtual house; yields the console's address. settings: as in config.yaml."""
    port = free_port()
    config: Mapping[str, object] = {
        "language": "en", "state_folder": str(folder / "state"), "audio": {"microphone": "off", "speaker": "off"},
        "console": {"port": port, "keep_audio_days": 1}, **settings,
    }  # fmt: skip
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "assistant.cli", "run", "--house", "virtual"),
            *("--config", str(folder / "config.yaml")),
            *(() if "brain" in settings else ("--no-brain",)),
            stdout=log, stderr=log, cwd=folder,
            env=os.environ | {"MIMO_MODELS": str(models_folder()), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            async with asyncio.timeout(START_SECONDS):
                while not await asyncio.to_thread(_answers, f"{url}/healthz"):
                    assert process.returncode is None, (folder / "log").read_text()
                    await asyncio.sleep(0.2)
            yield url
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright, _launched(playwright.chromium, CHROMIUM) as browser:
        yield browser


@asynccontextmanager
async def another(browser: Browser, *arguments: str, program: str = CHROMIUM) -> AsyncIterator[Browser]:
    """With other arguments; what drives the first drives it too, which is dear to start."""
    async with _launched(browser.browser_type, program, *arguments) as launched:
        yield launched


@asynccontextmanager
async def _launched(kind: BrowserType, program: str, *arguments: str) -> AsyncIterator[Browser]:
    browser = await kind.launch(executable_path=program, args=[*QUIET, *arguments])
    try:
        yield browser
    finally:
        await browser.close()


@dataclass
class Complaints:
    """What the browser had to say against the page: exceptions, and what the content policy forbade."""

    heard: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append(message.text)

    def on_error(self, error: Exception) -> None:
        self.heard.append(f"{error}")


@asynccontextmanager
async def opened(
    browser: Browser, url: str, size: tuple[int, int] = DESK, view: str = "now", **context: object
) -> AsyncIterator[Page]:
    """The page, connected; at the end the browser must have had nothing against it."""
    visitor = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        **{"locale": "en-GB", "reduced_motion": "reduce", **context},  # type: ignore[arg-type]
    )
    complaints = Complaints()
    try:
        page = await visitor.new_page()
        page.set_default_timeout(20_000)
        page.on("console", complaints.on_console)
        page.on("pageerror", complaints.on_error)
        await page.goto(f"{url}/#{view}")
        await page.wait_for_selector("#link[data-link=open]")
        yield page
        assert complaints.heard == []
    finally:
        await visitor.close()


async def ask(page: Page, text: str) -> str:
    """In writing, in the view "now"; the reply."""
    await page.fill("input[name=request]", text)
    await page.press("input[name=request]", "Enter")
    return await reply_to(page, text)


async def reply_to(page: Page, text: str) -> str:
    story = page.locator(".stage .story").filter(has=page.locator(".heard p.heard", has_text=text))
    reply: str = await story.locator("p.reply").inner_text()
    return reply
