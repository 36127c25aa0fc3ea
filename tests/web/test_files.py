"""The page's files: only those, asked for anew by their ETag, and never more than they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories import House
from tests.web.consoles import told_by


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A page of our own, beside a file that is none of it."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Console</title>")
    (folder / "app.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("hunter2")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


async def test_the_page_and_its_files(tmp_path: Path, static: Path) -> None:
    async with told_by(House(), tmp_path / "state", static) as console:
        browser = await console.browser()
        for path, kind in (("/", "text/html"), ("/static/app.js", "text/javascript")):
            answer = await browser.http.get(path)
            assert answer.status_code == 200 and answer.headers["content-type"].startswith(kind)
            assert answer.headers["cache-control"] == "no-cache"
            again = await browser.http.get(path, headers={"if-none-match": answer.headers["etag"]})
            assert again.status_code == 304 and again.content == b""
        for path in ("/static/link.txt", "/static/", "/static/../secret.txt", "/static/%2e%2e/secret.txt"):
            answer = await browser.http.get(path)
            assert answer.status_code == 404 and b"hunter2" not in answer.content


async def test_without_a_page_the_api_still_answers(tmp_path: Path, static: Path) -> None:
    (static / "index.html").unlink()
    async with told_by(House(), tmp_path / "state", static) as console:
        browser = await console.browser()
        assert (await browser.http.get("/")).status_code == 404
        assert (await browser.http.get("/api/now")).status_code == 200
