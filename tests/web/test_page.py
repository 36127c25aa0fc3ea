"""The console's page as files: one set of texts in each language, no markup made of data, no weight, no stranger."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "assistant" / "web" / "static"
SCRIPTS = sorted(STATIC.rglob("*.js"))
LANGUAGES = ("en", "it", "zh")

MOST_BYTES = 200_000


def texts(language: str) -> dict[str, str]:
    return json.loads((STATIC / "texts" / f"{language}.json").read_text(encoding="utf-8"))


def test_every_language_has_every_text() -> None:
    english = texts("en")
    for language in LANGUAGES:
        assert texts(language).keys() == english.keys()
        assert all(text.strip() for text in texts(language).values())


def test_every_language_fills_in_the_same() -> None:
    for language in LANGUAGES:
        for key, text in texts(language).items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", texts("en")[key])), (language, key)


def test_what_the_page_says_is_there_and_what_is_there_is_said() -> None:
    """Keys stand whole in the scripts, or as `group.${…}` and word("group", …)."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in [*SCRIPTS, STATIC / "index.html"])
    quoted = set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)*)"', source))
    groups = {*re.findall(r"`([a-z_.]+)\.\$\{", source), *re.findall(r'word\("([a-z]+)"', source), "state", "talk"}
    said = {key for key in texts("en") if key in quoted or any(key.startswith(f"{group}.") for group in groups)}
    assert said == texts("en").keys()
    literal = set(re.findall(r'say\("([^"]+)"', source)) | set(re.findall(r'data-say(?:-label)?="([^"]+)"', source))
    assert literal <= texts("en").keys()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_data_never_becomes_markup_or_code(path: Path) -> None:
    """Names, transcripts and thoughts are text; what would read them as anything else is not used at all."""
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc"
    forbidden = rf"{markup}|\beval\b|new Function"
    assert re.findall(forbidden, path.read_text(encoding="utf-8")) == []


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    """The content policy allows neither; offline there is nobody else."""
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page) == []
    for path in STATIC.rglob("*"):
        if path.is_file():
            addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"']*", path.read_text(encoding="utf-8"))
            assert [each for each in addresses if "www.w3.org/2000/svg" not in each] == [], path.name


def test_all_of_it_is_light() -> None:
    assert sum(path.stat().st_size for path in STATIC.rglob("*") if path.is_file()) <= MOST_BYTES
