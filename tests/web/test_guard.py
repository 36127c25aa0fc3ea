"""Who gets in, and from where: passwords, cookies, other sites' pages, names that point at us."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import stat
import time
from pathlib import Path

import httpx
import pytest
import websockets

from assistant.config import Config, ConsoleSettings
from assistant.errors import ConfigError
from assistant.events import Notice
from assistant.password import PASSWORD_FILE, guarded, write_password
from assistant.web.guard import POLICY
from assistant.web.login import Browsers, Tries
from tests.fakes import FakeClock
from tests.stories import House
from tests.web.consoles import HASHED, PASSWORD, Browser, Served, told_by

EVERYTHING = [
    ("GET", "/api/now"), ("POST", "/api/say"), ("GET", "/api/turns"), ("GET", "/api/turns/export"),
    ("GET", "/api/turns/0123456789ab"), ("GET", "/api/turns/0123456789ab/audio"),
    ("POST", "/api/turns/0123456789ab/wrong"), ("DELETE", "/api/turns/0123456789ab/wrong"), ("GET", "/api/house"),
    ("PUT", "/api/house/light.kitchen_light"), ("POST", "/api/house/light.kitchen_light/try"),
    ("GET", "/api/house/light.kitchen_light/intents"), ("GET", "/api/health"), ("POST", "/api/health/chain"),
    ("POST", "/api/controls"), ("POST", "/api/logout"), ("GET", "/api/openapi.json"), ("GET", "/api/nothing"),
]  # fmt: skip


# ── the login ──


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
async def test_nothing_is_told_before_the_login(locked: Served, method: str, path: str) -> None:
    browser = await locked.browser()
    answer = await browser.send(method, path, {})
    assert answer.status_code == 401
    assert answer.json() == {"error": "Log in first."}


@pytest.mark.parametrize("path", ["/api/events", "/api/talk"])
async def test_nothing_is_heard_before_the_login(locked: Served, path: str) -> None:
    browser = await locked.browser()
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with browser.socket(path):
            pass
    assert refused.value.response.status_code == 403


async def test_the_password_lets_in(locked: Served) -> None:
    browser = await locked.browser()
    assert await browser.open() == {
        "login_needed": True, "logged_in": False, "csrf": None, "language": "auto", "version": None, "rooms": [],
        "muted": None, "volume": None, "keep_audio": False,
    }  # fmt: skip
    answer = await browser.log_in()
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie, "there is no TLS here, and a Secure cookie would never come back"
    assert (await browser.open())["rooms"], "now it tells"
    await browser.post("/api/logout")
    assert (await browser.http.get("/api/now")).status_code == 401


async def test_logging_out_ends_what_is_open(locked: Served) -> None:
    browser = await locked.browser(password=PASSWORD)
    cookie = browser.http.cookies["mimo_session"]
    async with browser.socket("/api/events") as events:
        await events.recv()
        await browser.post("/api/logout")
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(events.recv(), 5)
    again = await locked.browser(cookies={"mimo_session": cookie})
    assert (await again.http.get("/api/now")).status_code == 401, "the cookie is worth nothing any more"


async def test_a_thousand_wrong_passwords(locked: Served) -> None:
    """None gets in, and few cost the work of a real try."""
    browser = await locked.browser()
    answers = [(await browser.log_in(f"guess {number}")).status_code for number in range(1_000)]
    assert set(answers) == {401, 429}
    assert answers.count(401) == 5, "from one address"
    late = await browser.log_in(PASSWORD)
    assert late.status_code == 429, "not even the right one, until a minute has passed"
    assert late.headers["retry-after"] == "60"
    assert locked.story is not None
    locked.story.clock.now += 61
    assert (await browser.log_in(PASSWORD)).status_code == 200


def test_a_minute_later_it_may_be_tried_again() -> None:
    clock = FakeClock()
    tries = Tries(clock)
    assert [tries.allow("10.0.0.7") for _ in range(7)] == [True] * 5 + [False] * 2
    assert tries.allow("10.0.0.8"), "another address is not punished"
    clock.now = 61.0
    assert tries.allow("10.0.0.7")


def test_many_addresses_share_one_limit() -> None:
    tries = Tries(FakeClock())
    assert sum(tries.allow(f"10.0.{number // 250}.{number % 250}") for number in range(5_000)) == 20


async def test_the_hash_and_the_cookie_are_nowhere(locked: Served) -> None:
    browser = await locked.browser(password=PASSWORD)
    await browser.post("/api/say", {"text": "turn on the kitchen light"})
    told = [
        (await browser.http.get(path)).text
        for path in ("/api/me", "/api/now", "/api/turns", "/api/house", "/api/health", "/api/openapi.json", "/metrics")
    ]
    secrets = (HASHED, PASSWORD, browser.http.cookies["mimo_session"])
    assert not [secret for secret in secrets for text in told if secret in text]
    kept = (locked.parts.state / "console-sessions.json").read_text()
    assert browser.http.cookies["mimo_session"] not in kept


async def test_a_browser_stays_in_over_a_restart_until_the_password_changes(tmp_path: Path) -> None:
    async with told_by(House(), tmp_path, password_hash=HASHED) as first:
        before = await first.browser(password=PASSWORD)
        cookies, csrf = dict(before.http.cookies), before.csrf
    assert stat.S_IMODE((tmp_path / "console-sessions.json").stat().st_mode) == 0o600
    async with told_by(House(), tmp_path, password_hash=HASHED) as second:
        after = await second.browser(cookies=cookies)
        assert after.csrf == csrf
        await after.post("/api/say", {"text": "turn on the kitchen light"})
    write_password("another password", tmp_path / PASSWORD_FILE)
    async with told_by(House(), tmp_path) as third:
        late = await third.browser(cookies=cookies)
        assert (await late.http.get("/api/now")).status_code == 401


def test_old_browsers_make_room_and_end(tmp_path: Path) -> None:
    now = [1000.0]
    browsers = Browsers(tmp_path / "sessions.json", "fingerprint", lambda: now[0])
    token = asyncio.run(browsers.let_in())
    assert browsers.knows(token) and not browsers.knows(token + "x")
    now[0] += 31 * 24 * 3600
    assert not browsers.knows(token)


# ── who may listen where ──


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "mimo.local"])
def test_open_to_the_network_without_a_password_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError, match="mimo-assistant console password"):
        guarded(ConsoleSettings(host=host), tmp_path)
    write_password("a good password", tmp_path / PASSWORD_FILE)
    assert guarded(ConsoleSettings(host=host), tmp_path).needed


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1", "localhost"])
def test_this_machine_needs_none(tmp_path: Path, host: str) -> None:
    assert not guarded(ConsoleSettings(host=host), tmp_path).needed


def test_a_proxy_needs_a_password_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="public_origin"):
        guarded(ConsoleSettings(public_origin="https://mimo.example.org"), tmp_path)


def test_a_written_password_is_no_hash(tmp_path: Path) -> None:
    (tmp_path / PASSWORD_FILE).write_text("hunter2hunter2\n")
    with pytest.raises(ConfigError, match="no argon2 hash") as error:
        guarded(ConsoleSettings(), tmp_path)
    assert "hunter2" not in str(error.value)


def test_the_password_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "state" / PASSWORD_FILE
    write_password("correct horse battery", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().startswith("$argon2id$")
    with pytest.raises(ConfigError, match="at least 8"):
        write_password("short", file)


async def test_a_forwarded_request_without_a_password_is_refused(console: Served) -> None:
    """Whoever puts a proxy before a console that trusts this machine would open it to the world."""
    browser = await console.browser()
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"):
        answer = await browser.http.get("/api/me", headers={name: "203.0.113.9"})
        assert answer.status_code == 403 and "password" in answer.json()["error"]


async def test_a_port_that_is_taken_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with told_by(House(), tmp_path, port=port) as served:
            assert served.notices[0].startswith(f"No console at 127.0.0.1 port {port}: Address already in use")
            assert served.story is not None
            assert (await served.story.say("turn on the kitchen light")).reply == "The kitchen light is on."


# ── other sites' pages ──


async def test_a_name_that_somebody_points_at_us_is_not_ours(console: Served) -> None:
    """DNS rebinding: the browser believes to speak to evil.example, and speaks to us."""
    port = console.parts.config.console.port
    for host, status in {
        f"127.0.0.1:{port}": 200, f"localhost:{port}": 200, f"[::1]:{port}": 200, "192.168.1.20": 200,
        f"evil.example:{port}": 421, "evil.example": 421, "localhost.evil.example": 421, "": 421,
    }.items():  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def asked(connection: http.client.HTTPConnection = connection, host: str = host) -> int:
            connection.putrequest("GET", "/api/now", skip_host=True)
            connection.putheader("Host", host)
            connection.endheaders()
            return connection.getresponse().status

        assert await asyncio.to_thread(asked) == status, host
        connection.close()


async def test_a_change_needs_the_token_of_its_page(console: Served) -> None:
    browser = await console.browser()
    body = {"text": "turn on the kitchen light"}
    assert (await browser.http.post("/api/say", json=body)).status_code == 403
    wrong = await browser.http.post("/api/say", json=body, headers={"x-csrf-token": "0" * 64})
    assert wrong.status_code == 403 and "X-CSRF-Token" in wrong.json()["error"]
    other = await console.browser()
    stolen = await browser.http.post("/api/say", json=body, headers={"x-csrf-token": other.csrf})
    assert stolen.status_code == 403, "each browser has its own"
    assert console.story is not None and console.story.published == []


async def test_a_cookie_that_another_port_has_planted_is_of_no_use(console: Served) -> None:
    """Cookies do not know ports: whoever serves on this machine may set one, but cannot know its token."""
    planted = httpx.AsyncClient(base_url=console.url, verify=False, cookies={"mimo_session": "A" * 43})
    answer = await planted.post("/api/say", json={"text": "x"}, headers={"x-csrf-token": "A" * 64})
    await planted.aclose()
    assert answer.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
async def test_another_sites_page_changes_nothing(console: Served, origin: str) -> None:
    browser = await console.browser()
    headers = {"x-csrf-token": browser.csrf, "origin": origin}
    answer = await browser.http.post("/api/say", json={"text": "turn on the kitchen light"}, headers=headers)
    assert answer.status_code == 403 and "another site" in answer.json()["error"]
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with browser.socket("/api/events", origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_a_form_of_another_site_is_no_request(console: Served) -> None:
    """What a browser sends without asking first: a form's encoding, or text that happens to be JSON."""
    browser = await console.browser()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        answer = await browser.http.post(
            "/api/say", content='{"text": "turn on the kitchen light"}',
            headers={"content-type": kind, "x-csrf-token": browser.csrf},
        )  # fmt: skip
        assert answer.status_code == 422, kind
    assert console.story is not None and console.story.published == []


async def test_behind_a_proxy_its_origin_is_ours(tmp_path: Path) -> None:
    async with told_by(House(), tmp_path, password_hash=HASHED, public_origin="https://mimo.example.org") as served:
        headers = {"host": "mimo.example.org", "origin": "https://mimo.example.org", "x-forwarded-for": "203.0.113.9"}
        browser = Browser(httpx.AsyncClient(base_url=served.url, verify=False, headers=headers), served.url)
        answer = await browser.log_in()
        assert answer.status_code == 200 and "Secure" in answer.headers["set-cookie"]
        for _ in range(5):
            assert (await browser.log_in("wrong password")).status_code == 401
        assert (await browser.log_in("wrong password")).status_code == 429
        browser.http.headers["x-forwarded-for"] = "198.51.100.4"
        assert (await browser.log_in()).status_code == 200, "the limit is the address's behind the proxy"
        assert "strict-transport-security" in answer.headers
        await browser.http.aclose()


# ── what every answer carries ──


async def test_every_answer_keeps_pages_apart(console: Served) -> None:
    browser = await console.browser()
    for path in ("/api/me", "/api/nothing", "/static/nothing.js", "/healthz", "/api/turns/not-an-id"):
        headers = (await browser.http.get(path)).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "microphone=(self)" in headers["permissions-policy"]
    assert "default-src 'none'" in POLICY and "unsafe" not in POLICY
    assert (await browser.http.get("/api/me")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [
    "/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py", "/static/..%5cserver.py",
    "/static/....//server.py", "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd", "/static//etc/passwd", "/static/%00",
    "/../assistant/web/server.py", "/api/turns/..%2f..%2fconsole-sessions.json/audio",
    "/api/turns/%2e%2e%2fjournal/audio",
])  # fmt: skip
async def test_no_path_leads_out(console: Served, path: str) -> None:
    """As it stands, not as a client would tidy it."""
    connection = http.client.HTTPConnection("127.0.0.1", console.parts.config.console.port)

    def asked() -> tuple[int, bytes]:
        connection.putrequest("GET", path)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()

    status, body = await asyncio.to_thread(asked)
    connection.close()
    assert status in (400, 404, 422), body
    assert b"import" not in body and b"root:" not in body


async def test_more_than_a_request_holds_is_not_read(console: Served) -> None:
    browser = await console.browser()
    large = await browser.send("POST", "/api/say", {"text": "x" * 100_000})
    assert large.status_code == 413

    async def endless() -> object:
        for _ in range(100):
            yield b"x" * 10_000

    chunked = await browser.http.post(
        "/api/say", content=endless(),  # type: ignore[arg-type]
        headers={"content-type": "application/json", "x-csrf-token": browser.csrf},
    )  # fmt: skip
    assert chunked.status_code == 413


@pytest.mark.parametrize("body", [
    "", "{", "[]", "null", '{"text": ""}', '{"text": 1}', '{"text": "x", "language": "xx"}', '{"say": "x"}',
    '{"text": "' + "[" * 30_000 + '"}', '{"text": ' + "[" * 20_000, '{"text": "\\ud800"}', '{"text": "x", "x": 1}',
])  # fmt: skip
async def test_what_is_malformed_gets_a_sentence(console: Served, body: str) -> None:
    browser = await console.browser()
    answer = await browser.http.post(
        "/api/say", content=body, headers={"content-type": "application/json", "x-csrf-token": browser.csrf}
    )
    assert answer.status_code in (200, 400, 422)
    if answer.status_code != 200:
        error = answer.json()["error"]
        assert isinstance(error, str) and "Traceback" not in error and len(error) < 300
    assert (await browser.http.get("/healthz")).json() == {"ok": True}


async def test_metrics_from_elsewhere_need_the_token(tmp_path: Path) -> None:
    async with told_by(House(), tmp_path, password_hash=HASHED, metrics_token="scrape-me-please",
                       public_origin="http://mimo.local") as served:  # fmt: skip
        away = {"x-forwarded-for": "192.168.1.9"}
        async with httpx.AsyncClient(base_url=served.url, verify=False) as prometheus:
            assert (await prometheus.get("/metrics")).status_code == 200, "from this machine"
            assert (await prometheus.get("/metrics", headers=away)).status_code == 401
            wrong = await prometheus.get("/metrics", headers=away | {"authorization": "Bearer nonsense"})
            assert wrong.status_code == 401
            right = await prometheus.get("/metrics", headers=away | {"authorization": "Bearer scrape-me-please"})
            assert right.status_code == 200 and "mimo_turns_under_way" in right.text
            assert (await prometheus.get("/api/now", headers={"authorization": "Bearer scrape-me-please"})
                    ).status_code == 401, "it opens nothing else"  # fmt: skip


async def test_a_notice_is_data(console: Served) -> None:
    """What a device is called may look like markup; it goes out as JSON, and only as that."""
    browser = await console.browser()
    async with browser.socket("/api/events") as events:
        await events.recv()
        console.parts.events.tell(Notice("<script>alert(1)</script>"))
        assert json.loads(await events.recv())[0]["text"] == "<script>alert(1)</script>"
    answer = await browser.http.get("/api/house/%3Cscript%3E.x/intents")
    assert answer.headers["content-type"] == "application/json"


def test_the_default_is_this_machine_alone() -> None:
    assert Config().console.host == "127.0.0.1" and Config().console.keep_audio_days == 0


async def test_a_slow_login_does_not_hold_up_the_loop(locked: Served) -> None:
    browser, began = await locked.browser(), time.monotonic()
    trying = asyncio.create_task(browser.log_in("wrong password"))
    other = await locked.browser()
    assert (await other.http.get("/healthz")).status_code == 200
    assert (await trying).status_code == 401 and time.monotonic() - began < 30
