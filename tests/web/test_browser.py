"""The console in a browser, with a real daemon behind it: asking in writing and aloud, thoughts, names, attacks."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from assistant.models import SAMPLE_RATE
from tests.spoken import okay_nabu, spoken, write
from tests.stories import House
from tests.web.chromium import CHROMIUM, DESK, PHONE, WHOLE, another, ask, chromium, daemon, opened, reply_to
from tests.web.consoles import HASHED, PASSWORD, told_by
from tests.web.thinker import THOUGHTS, Thinker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason="needs Debian's chromium"),
]

SECOND = np.zeros(SAMPLE_RATE, np.int16)

ATTACK = "<img src=x onerror=\"window.attacked='yes'\"><script>window.attacked='yes'</script>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def brain() -> AsyncIterator[Thinker]:
    async with Thinker() as thinker:
        yield thinker


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory, brain: Thinker) -> AsyncIterator[str]:
    house = {"devices": {"switch.coffee_machine": {"name": ATTACK}}, "rooms": {"Attic <b>bold</b>": {}}}
    async with daemon(
        tmp_path_factory.mktemp("daemon"), brain={"url": brain.url, "profile": "mimo-7b-rl-0530"}, house=house
    ) as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


# ── now ──


async def test_a_typed_request_is_done_and_shown(url: str, browser: Browser) -> None:
    """Heard, the path and why, the action sent and confirmed, the reply."""
    async with opened(browser, url, PHONE) as page:
        assert await ask(page, "Turn on the kitchen light") == "The kitchen light is on."
        story = page.locator(".stage .story")
        await expect(story.locator(".path .way")).to_have_text("Reflex")
        await expect(story.locator(".actions .deed")).to_have_text(
            re.compile(r"Kitchen Light\s*allowed→sent→confirmed")
        )
        await expect(story.locator(".wire")).to_contain_text("zigbee2mqtt/kitchen light/set")
        await expect(page.locator("#announcer")).to_have_text("The kitchen light is on.")


async def test_another_page_sees_it_happen(url: str, browser: Browser) -> None:
    async with opened(browser, url) as watching, opened(browser, url, PHONE) as asking:
        await ask(asking, "Turn off the kitchen light")
        assert await reply_to(watching, "Turn off the kitchen light") == "The kitchen light is off."


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_thoughts_stream_in(url: str, browser: Browser, brain: Thinker, size: tuple[int, int]) -> None:
    """Its beginning is there while the model still thinks: open on a desk, on a phone folded with its last words."""
    brain.go_on.clear()
    async with opened(browser, url, size) as page:
        await page.fill("input[name=request]", "It is too dark to read in the living room")
        await page.press("input[name=request]", "Enter")
        thoughts = page.locator(".stage p.thoughts")
        await expect(thoughts).to_have_text(THOUGHTS[0].strip())
        await expect(page.locator(".stage .way")).to_have_text("Brain")
        if size == DESK:
            await expect(thoughts).to_be_visible()
        else:
            await expect(thoughts).to_be_hidden()
            await expect(page.locator(".stage .latest")).to_have_text(THOUGHTS[0].strip())
        brain.go_on.set()
        await expect(thoughts).to_have_text("".join(THOUGHTS))
        await expect(page.locator(".stage p.reply")).to_contain_text("The reading lamp is on")
        await expect(page.locator(".stage .intents")).to_contain_text("HassTurnOn Reading Lamp")
        await ask(page, "Turn off the reading lamp")


async def test_stop_ends_a_thought(url: str, browser: Browser, brain: Thinker) -> None:
    brain.go_on.clear()
    async with opened(browser, url) as page:
        await page.fill("input[name=request]", "It is too dark to read in the living room")
        await page.press("input[name=request]", "Enter")
        await expect(page.locator(".stage p.thoughts")).to_be_visible()
        await page.get_by_role("button", name="Stop what is being done").click()
        await expect(page.locator(".stage .reply .problem")).to_contain_text("interrupted")
    brain.go_on.set()


async def test_muting_and_volume_are_the_houses(url: str, browser: Browser) -> None:
    async with opened(browser, url) as page, opened(browser, url, PHONE) as other:
        mute = page.get_by_role("button", name="Mute the house's microphone")
        await mute.click()
        await expect(mute).to_have_attribute("aria-pressed", "true")
        await expect(page.locator(".now .state")).to_have_text("The house's microphone is muted")
        await expect(other.get_by_role("button", name="Mute the house's microphone")).to_have_attribute(
            "aria-pressed", "true"
        )
        await mute.click()
        await page.locator(".menu summary").click()
        await page.get_by_role("slider").fill("40")
        await other.locator(".menu summary").click()
        await expect(other.get_by_role("slider")).to_have_value("40")


# ── aloud ──


@asynccontextmanager
async def hearing(browser: Browser, folder: Path, *parts: np.ndarray) -> AsyncIterator[Browser]:
    """Chromium whose microphone hears these sounds once, then silence; at 48 kHz, as real ones do."""
    said = np.concatenate([SECOND, *parts, SECOND, SECOND, SECOND])
    finer = np.interp(np.arange(len(said) * 3) / 3, np.arange(len(said)), said)
    recording = await asyncio.to_thread(write, folder / "command.wav", finer, 48_000)
    async with another(
        browser,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}%noloop",
    ) as launched:
        yield launched


@pytest.mark.audio
async def test_a_spoken_request_is_heard_through_the_browser(url: str, browser: Browser, tmp_path: Path) -> None:
    """Held while it is said; the turn is shown and its reply comes back as sound, which is played."""
    command = spoken("Turn on the bedroom light.", "en", "")
    async with hearing(browser, tmp_path, command) as talking, opened(talking, url, PHONE) as page:
        await note_played_sound(page)
        push = page.locator(".push")
        await push.hover()
        await page.mouse.down()
        await expect(push).to_have_attribute("data-talk", "listening")
        await expect(page.locator(".stage p.heard")).to_have_text(
            re.compile("bedroom light", re.IGNORECASE), timeout=60_000
        )
        await page.mouse.up()
        await expect(page.locator(".stage p.reply")).to_have_text("The bedroom light is on.", timeout=60_000)
        await expect(push).to_have_attribute("aria-pressed", "false", timeout=30_000)
        assert await page.evaluate("window.played") > 0.5, "seconds of reply"


@pytest.mark.audio
async def test_hands_free_the_wake_word_begins_a_request(url: str, browser: Browser, tmp_path: Path) -> None:
    """One press, then no hands: the page listens on after the reply until it is pressed again."""
    command = (okay_nabu(), SECOND[: SAMPLE_RATE // 3], spoken("Turn off the bedroom light.", "en", ""))
    async with hearing(browser, tmp_path, *command) as talking, opened(talking, url, PHONE) as page:
        await note_played_sound(page)
        hands = page.get_by_role("button", name="Hands-free")
        await hands.click()
        await expect(page.locator(".now .state")).to_have_text("Waiting for the wake word")
        await expect(page.locator(".stage p.reply")).to_have_text("The bedroom light is off.", timeout=60_000)
        await expect(page.locator(".now .state")).to_have_text("Waiting for the wake word", timeout=30_000)
        assert await page.evaluate("window.played") > 0.5, "seconds of reply"
        await hands.click()
        await expect(hands).to_have_attribute("aria-pressed", "false")


async def note_played_sound(page: Page) -> None:
    await page.evaluate(
        """() => {
            window.played = 0;
            const start = AudioBufferSourceNode.prototype.start;
            AudioBufferSourceNode.prototype.start = function (...when) {
                window.played += this.buffer.duration;
                return start.apply(this, when);
            };
        }"""
    )


RECORDED = """async ([rate, tone]) => {
    const context = new OfflineAudioContext(1, 2 * rate, rate);
    await context.audioWorklet.addModule("/static/recorder.js");
    const recorder = new AudioWorkletNode(context, "recorder");
    const samples = [];
    recorder.port.onmessage = ({ data }) => samples.push(...data);
    const source = new OscillatorNode(context, { frequency: tone });
    source.connect(recorder).connect(context.destination);
    source.start();
    await context.startRendering();
    await new Promise((done) => setTimeout(done, 300));
    return samples;
}"""


@pytest.mark.parametrize("rate", [44_100, 48_000, 16_000, 96_000])
async def test_any_rate_becomes_16_khz_without_ghosts(url: str, browser: Browser, rate: int) -> None:
    """A tone stays what it is and as loud; one above what 16 kHz can hold is gone, and is no other tone."""
    async with opened(browser, url) as page:
        kept = np.array(await page.evaluate(RECORDED, [rate, 1000]))
        assert len(kept) == pytest.approx(2 * SAMPLE_RATE, abs=600)
        middle = kept[4096 : 4096 + SAMPLE_RATE] / 32767
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) / (len(middle) / 4)
        assert spectrum.argmax() == 1000 and spectrum[1000] == pytest.approx(1, abs=0.02)
        assert np.delete(spectrum, slice(995, 1006)).max() < 0.003, "-50 dB"
        if rate > 2 * SAMPLE_RATE:
            ghost = np.array(await page.evaluate(RECORDED, [rate, 10_000]))[4096:-4096]
            assert np.abs(ghost).max() < 0.01 * 32767, "-40 dB"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--use-fake-device-for-media-stream", "--deny-permission-prompts"], "The microphone was refused. Allow it"),
        ([], "No microphone was found on this device."),
    ],
    ids=["refused", "none"],
)
@pytest.mark.skipif(shutil.which(WHOLE) is None, reason="needs Debian's chromium")
async def test_without_a_microphone_the_page_says_why(
    url: str, browser: Browser, arguments: list[str], sentence: str
) -> None:
    async with another(browser, *arguments, program=WHOLE) as launched, opened(launched, url, PHONE) as page:
        await page.locator(".push").click()
        await expect(page.locator(".ask .hint")).to_contain_text(sentence)
        await expect(page.locator(".push")).to_have_attribute("aria-pressed", "false")


async def test_an_insecure_origin_is_said_in_a_sentence(url: str, browser: Browser) -> None:
    async with opened(browser, url, PHONE) as page:
        await page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
        await page.reload()
        await expect(page.locator(".ask .hint")).to_contain_text("Browsers give the microphone only to secure pages")
        await expect(page.locator(".push")).to_be_disabled()


# ── turns ──


async def test_a_turn_is_found_looked_at_and_marked_as_wrong(url: str, browser: Browser) -> None:
    async with opened(browser, url) as page:
        await ask(page, "Turn on the living room light")
        await page.get_by_role("link", name="Turns").click()
        await page.get_by_label("Search").fill("living room light")
        turn = page.locator(".turn").first
        await expect(turn.locator(".asked")).to_have_text("Turn on the living room light")
        await turn.locator("> summary").click()
        await expect(turn.get_by_role("img", name="Stages: Matching")).to_be_visible()
        assert await turn.locator("svg.timeline rect").count() >= 3, "matching, sending, confirming"
        await turn.get_by_label("What should it have done?").fill("I meant the kitchen")
        await turn.get_by_role("button", name="This was wrong").click()
        await expect(turn.get_by_role("button", name="It was right after all")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Export the wrong ones").click()
        (case,) = json_lines(await (await download.value).path())
        assert (case["text"], case["seen"]["note"]) == ("Turn on the living room light", "I meant the kitchen")


async def test_a_note_is_kept_while_turns_go_on_and_the_list_is_searched(url: str, browser: Browser) -> None:
    async with opened(browser, url) as page:
        await ask(page, "Turn on the hallway light")
        await page.get_by_role("link", name="Turns").click()
        turn = page.locator(".turn").first
        await turn.locator("> summary").click()
        note = turn.get_by_label("What should it have done?")
        await note.press_sequentially("The other ")
        async with opened(browser, url) as other:
            await ask(other, "Turn off the hallway light")
        await expect(page.locator(".turn .asked").first).to_have_text("Turn off the hallway light")
        written = page.locator(".turn[open]").get_by_label("What should it have done?")
        await expect(written).to_be_focused()
        await page.keyboard.type("light")
        async with page.expect_response("**/api/turns?*"):
            await page.get_by_label("Search").fill("hallway light")
        await expect(written).to_have_value("The other light")


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


# ── house ──


@pytest.mark.audio
async def test_a_new_name_is_understood_at_once(url: str, browser: Browser, tmp_path: Path) -> None:
    """Given on the page, then typed, then said."""
    command = spoken("Turn off the moon lamp.", "en", "")
    async with hearing(browser, tmp_path, command) as talking, opened(talking, url, view="house") as page:
        device = page.locator("#device-light\\.living_room_light")
        await device.locator("> summary").click()
        await device.get_by_label("English").fill("moon lamp, big moon")
        await device.get_by_role("button", name="Save").click()
        await expect(page.locator("#notices")).to_contain_text("Saved")
        await page.get_by_role("link", name="Now").click()
        assert await ask(page, "Turn on the big moon") == "The living room light is on."
        await page.locator(".push").hover()
        await page.mouse.down()
        await expect(page.locator(".stage p.reply")).to_have_text("The living room light is off.", timeout=60_000)
        await page.mouse.up()


async def test_a_command_is_tried_and_the_state_comes_back(url: str, browser: Browser) -> None:
    async with opened(browser, url, view="house") as page:
        device = page.locator("#device-cover\\.garage_door")
        await device.locator("> summary").click()
        await device.get_by_role("button", name="Open", exact=True).click()
        await expect(device.locator(".tried .chip").first).to_have_text("asks first")
        await device.get_by_role("button", name="Yes").click()
        await expect(device.locator(".tried .chip").last).to_have_text("confirmed")
        await expect(device.locator(".reads .value")).to_have_text(re.compile("opening|open"))


async def test_the_house_shows_what_happens_in_it(url: str, browser: Browser) -> None:
    async with opened(browser, url, view="house") as watching, opened(browser, url, PHONE) as asking:
        await ask(asking, "Turn on the bedroom light")
        value = watching.locator("#device-light\\.bedroom_light .value")
        await expect(value).to_have_text(re.compile("^on"))
        await ask(asking, "Turn off the bedroom light")
        await expect(value).to_have_text("off")


# ── time ──


async def test_a_timer_is_made_counts_down_and_is_cancelled(url: str, browser: Browser) -> None:
    """On one page; another one that is open sees it come and go."""
    async with opened(browser, url, PHONE, "time") as page, opened(browser, url, view="time") as other:
        await page.get_by_label("Minutes").fill("9")
        await page.get_by_label("Name (if it needs one)").fill("pasta")
        await page.get_by_role("button", name="Set it").click()
        timer = page.locator(".timers > li", has_text="pasta")
        await expect(timer.get_by_role("timer")).to_have_text(re.compile(r"^0[89]:"))
        await expect(timer.get_by_role("timer")).to_have_text(re.compile(r"^08:[0-5]\d$"))
        await expect(other.locator(".timers > li", has_text="pasta")).to_be_visible()
        await timer.get_by_role("button", name="Pause").click()
        await expect(timer.get_by_text("paused")).to_be_visible()
        await timer.get_by_role("button", name="Go on").click()
        await timer.get_by_role("button", name="+1 min").click()
        await expect(timer.get_by_role("timer")).to_have_text(re.compile("^09:"))
        await timer.get_by_role("button", name="Cancel: pasta").click()
        await expect(timer).to_have_count(0)
        await expect(other.locator(".timers > li", has_text="pasta")).to_have_count(0)


async def test_an_alarm_is_made_for_workdays_and_moved(url: str, browser: Browser) -> None:
    async with opened(browser, url, view="time") as page:
        await page.get_by_role("radio", name="Alarm").check()
        await page.get_by_label("When").fill("06:45")
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
            await page.get_by_label(day).check()
        await page.get_by_role("button", name="Set it").click()
        alarm = page.locator(".dues > li", has_text="on workdays")
        await expect(alarm.locator("time strong")).to_have_text("06:45")
        await alarm.get_by_role("button", name="Change: Alarm").click()
        when = alarm.get_by_label("When")
        await when.fill((await when.input_value())[:11] + "07:30")
        await alarm.get_by_role("button", name="Save").click()
        await expect(alarm.locator("time strong")).to_have_text("07:30")
        await alarm.get_by_role("button", name="Cancel: Alarm").click()
        await expect(alarm).to_have_count(0)


async def test_an_alarm_gets_another_name_and_other_days(url: str, browser: Browser) -> None:
    """On the page; and the journal has it."""
    async with opened(browser, url, PHONE, "time") as page:
        await page.get_by_role("radio", name="Alarm").check()
        await page.get_by_label("Name (if it needs one)").fill("work")
        await page.get_by_label("Saturday").check()
        await page.get_by_role("button", name="Set it").click()
        await page.get_by_role("button", name="Change: work").click()
        alarm = page.locator(".dues > li", has_text="Change")
        await expect(alarm.get_by_label("Saturday")).to_be_checked()
        await alarm.get_by_label("Sunday").check()
        await alarm.get_by_label("Name (if it needs one)").fill("gym")
        await alarm.get_by_role("button", name="Save").click()
        await expect(page.locator(".dues > li", has_text="gym")).to_contain_text("at the weekend")
        await page.get_by_role("button", name="Cancel: gym").click()
        await page.get_by_role("link", name="Turns").click()
        newest = page.locator("details.turn").first
        await expect(newest).to_contain_text("I cancelled the gym alarm")
        await expect(newest).to_contain_text("this page")


async def test_what_was_planned_aloud_is_shown(url: str, browser: Browser) -> None:
    async with opened(browser, url) as page:
        await ask(page, "Set a timer for twelve minutes")
        await page.get_by_role("link", name="Time").click()
        timer = page.locator(".timers > li").first
        await expect(timer.get_by_role("timer")).to_have_text(re.compile("^1[12]:"))
        await timer.get_by_role("button", name="Cancel").click()
        await expect(page.locator(".timers > li")).to_have_count(0)


# ── health ──


async def test_health_tells_how_fast_it_was_and_runs_the_chain(url: str, browser: Browser) -> None:
    async with opened(browser, url) as page:
        await ask(page, "Is the bedroom window open?")
        await page.get_by_role("link", name="Health").click()
        await expect(page.get_by_role("img", name=re.compile("Matching: p50"))).to_be_visible()
        await page.get_by_role("button", name="Run the chain").click()
        await expect(page.locator(".chain")).to_contain_text("The chain works.", timeout=60_000)
        await expect(page.locator(".chain")).to_contain_text("time is it")


# ── data is never markup ──


async def test_names_and_transcripts_are_never_markup(url: str, browser: Browser) -> None:
    async with opened(browser, url) as page:
        await ask(page, ATTACK)
        for view in ("turns", "house", "time", "health", "now"):
            await page.evaluate(f"location.hash = '{view}'")
            await page.wait_for_timeout(300)
            assert await page.evaluate("window.attacked") is None
            assert await page.locator("main img[src=x], main b").count() == 0
        await page.evaluate("location.hash = 'house'")
        await expect(page.locator(".device .name", has_text="<img src=x")).to_be_visible()
        await page.evaluate("location.hash = 'turns'")
        await expect(page.locator(".turn .asked", has_text="<img src=x").first).to_be_visible()


# ── who gets in ──


async def test_the_page_asks_for_the_password_and_takes_leave(browser: Browser, tmp_path: Path) -> None:
    async with told_by(House(), tmp_path, password_hash=HASHED) as served:
        visitor = await browser.new_context()
        page = await visitor.new_page()
        await page.goto(served.url)
        await expect(page.get_by_label("Password")).to_be_focused()
        await page.keyboard.type("guessed")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("That is not the password.")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#link[data-link=open]")
        assert await ask(page, "turn on the kitchen light") == "The kitchen light is on."
        await page.locator(".menu summary").click()
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        await visitor.close()


async def test_when_the_assistant_goes_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    visitor = await browser.new_context()
    page = await visitor.new_page()
    async with told_by(House(), tmp_path) as served:
        await page.goto(served.url)
        await page.wait_for_selector("#link[data-link=open]")
    await expect(page.locator("#link-text")).to_have_text("The assistant does not answer; trying again…")
    await page.fill("input[name=request]", "turn on the kitchen light")
    await page.keyboard.press("Enter")
    await expect(page.locator(".ask .hint")).to_have_text("The assistant cannot be reached. Is it running?")
    await expect(page.locator("input[name=request]")).to_have_value("turn on the kitchen light")
    await visitor.close()


# ── without a mouse ──


async def test_all_of_the_main_path_can_be_gone_by_keyboard(url: str, browser: Browser) -> None:
    async with opened(browser, url) as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await tab_to(page, "input[name=request]")
        await page.keyboard.type("Turn on the kitchen light")
        await page.keyboard.press("Enter")
        await expect(page.locator(".stage p.reply")).to_have_text("The kitchen light is on.")
        await tab_to(page, "#nav a[data-view=turns]", back=True)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Turns")).to_be_focused()
        await tab_to(page, ".turn > summary")
        await page.keyboard.press("Enter")
        await expect(page.locator(".turn .story").first).to_be_visible()


async def tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    for _ in range(40):
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        await page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{selector} cannot be reached")
