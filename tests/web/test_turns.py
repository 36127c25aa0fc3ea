"""The journal in the console: searched, opened, marked, exported; recordings kept only where that is wished."""

from __future__ import annotations

import io
import json
import stat
import wave
from pathlib import Path
from typing import Any

import pytest

from assistant.config import EndpointSettings
from assistant.ears import Ears
from assistant.memory.recordings import Recordings
from assistant.models import State
from tests.eval.cases import load
from tests.fakes import thing
from tests.satellites.room import VOICE, Loudness, Speaks, Writes
from tests.stories import House
from tests.web.consoles import Browser, Served, told_by
from tests.web.test_talk import Phone

NASTY = '<img src=x onerror="alert(1)">'


async def say(browser: Browser, *texts: str) -> list[dict[str, Any]]:
    return [await browser.post("/api/say", {"text": text, "language": "en"}) for text in texts]


async def test_the_journal_page_by_page(console: Served) -> None:
    browser = await console.browser()
    said = await say(browser, *["turn on the kitchen light", "turn off the kitchen light"] * 3)
    first = await browser.get("/api/turns", limit=4)
    assert [row["turn"] for row in first["turns"]] == [turn["turn"] for turn in reversed(said)][:4] and first["more"]
    rest = await browser.get("/api/turns", limit=4, before=first["turns"][-1]["at"])
    assert [row["turn"] for row in rest["turns"]] == [turn["turn"] for turn in reversed(said)][4:] and not rest["more"]
    row = first["turns"][0]
    assert said[-1].items() <= row.items()
    assert (row["source"], row["has_audio"], row["wrong"]) == ("console", False, None)


async def test_the_journal_is_searched(console: Served) -> None:
    browser = await console.browser()
    await say(browser, "turn on the kitchen light", "unlock the front door", "flurble the wotsit", "100% of È")

    async def found(search: str, **more: str) -> list[str]:
        return [row["transcript"] for row in (await browser.get("/api/turns", search=search, **more))["turns"]]

    assert await found("KITCHEN") == ["turn on the kitchen light"]
    assert await found("door shall") == ["unlock the front door"], "words of request and reply"
    assert await found("è") == ["100% of È"] and await found("100%") == ["100% of È"]
    assert await found("%") == ["100% of È"] and await found("_") == [] and await found("\\") == []
    assert await found("' OR 1=1 --") == []
    assert "flurble the wotsit" in await found("", only="errors")
    assert "turn on the kitchen light" not in await found("", only="errors")
    long = "x" * 999
    for query in ({"limit": "0"}, {"limit": "100000"}, {"before": "yesterday"}, {"only": "good"}, {"search": long}):
        assert (await browser.http.get("/api/turns", params=query)).status_code == 422


async def test_one_turn_as_a_timeline(console: Served) -> None:
    browser = await console.browser()
    (said,) = await say(browser, "turn on the kitchen light")
    turn = await browser.get(f"/api/turns/{said['turn']}")
    assert [stage["stage"] for stage in turn["timeline"]] == ["match", "act", "confirm"]
    ends = [stage["start_ms"] + stage["ms"] for stage in turn["timeline"]]
    assert [stage["start_ms"] for stage in turn["timeline"]][1:] == pytest.approx(ends[:-1], abs=0.2)
    assert turn["steps"] and "kitchen light" in " ".join(turn["steps"]).lower()
    assert {"plan", "murmur", "read", "because"} <= turn.keys()
    (asked,) = await say(browser, "is the kitchen light on")
    assert (await browser.get(f"/api/turns/{asked['turn']}"))["read"][0]["entity"] == "light.kitchen_light"
    assert (await browser.http.get("/api/turns/ffffffffffff")).json() == {"error": "The journal has no such turn."}


async def test_a_turn_is_marked_as_wrong_and_exported_for_the_evaluation(console: Served, tmp_path: Path) -> None:
    browser = await console.browser()
    right, wrong = await say(browser, "turn on the kitchen light", "turn on the reading lamp")
    await browser.post(f"/api/turns/{wrong['turn']}/wrong", {"note": f"I meant the other lamp {NASTY}\n"})
    rows = (await browser.get("/api/turns", only="wrong"))["turns"]
    assert [row["turn"] for row in rows] == [wrong["turn"]]
    assert rows[0]["wrong"]["note"] == f"I meant the other lamp {NASTY}"

    answer = await browser.http.get("/api/turns/export", params={"only": "wrong"})
    assert answer.headers["content-disposition"] == 'attachment; filename="turns-wrong.jsonl"'
    (case,) = [json.loads(line) for line in answer.text.splitlines()]
    assert case["text"] == "turn on the reading lamp" and case["expect"] is None
    assert case["seen"]["changed"] == {"light.reading_lamp": "on"} and "other lamp" in case["seen"]["note"]

    file = tmp_path / "turns.jsonl"
    file.write_text(answer.text, encoding="utf-8")
    with pytest.raises(ValueError, match="expect"):
        load(file)
    case["expect"] = {"light.living_room_light": "on"}
    file.write_text(json.dumps(case) + "\n", encoding="utf-8")
    (loaded,) = load(file)
    assert loaded.text == "turn on the reading lamp" and loaded.expect == ({"light.living_room_light": "on"},)

    whole = (await browser.http.get("/api/turns/export?only=errors")).text
    assert whole == ""
    await browser.send("DELETE", f"/api/turns/{wrong['turn']}/wrong")
    assert (await browser.get("/api/turns", only="wrong"))["turns"] == []
    assert (await browser.send("POST", "/api/turns/ffffffffffff/wrong", {"note": "?"})).status_code == 404
    assert (await browser.send("POST", f"/api/turns/{right['turn']}/wrong", {"note": "x" * 2000})).status_code == 422


async def test_what_was_right_is_exported_with_what_it_changed(console: Served, tmp_path: Path) -> None:
    browser = await console.browser()
    await say(browser, "turn on the kitchen light", "unlock the front door", "is the kitchen light on", "flurble it")
    file = tmp_path / "all.jsonl"
    file.write_text((await browser.http.get("/api/turns/export?only=all")).text, encoding="utf-8")
    cases = {case.text: case for case in load(file)}
    assert cases["turn on the kitchen light"].expect == ({"light.kitchen_light": "on"},)
    assert cases["unlock the front door"].replies == ("asked",)
    assert cases["is the kitchen light on"].replies == ("answered",)
    assert cases["flurble it"].replies == ("refused",)


async def test_names_and_words_stay_data(tmp_path: Path) -> None:
    """Markup in a device's name, a request, a room or a note comes back as it was, and only as JSON."""
    house = House()
    house.devices.add(thing("light.nasty", "Kitchen", name=f"Lamp {NASTY}"))
    house.devices.states["light.nasty"] = State("light.nasty", "off", {"effect": NASTY})
    async with told_by(house, tmp_path) as console:
        browser = await console.browser()
        answer = await browser.send("POST", "/api/say", {"text": f"turn on {NASTY}", "room": NASTY})
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["transcript"] == f"turn on {NASTY}"
        listing = await browser.http.get("/api/turns")
        assert listing.headers["content-type"] == "application/json" and NASTY in listing.json()["turns"][0]["room"]
        rows = {row["entity"]: row for row in (await browser.get("/api/house"))["devices"]}
        assert rows["light.nasty"]["name"] == f"Lamp {NASTY}"
        assert rows["light.nasty"]["attributes"] == {"effect": NASTY}


# ── recordings ──


async def spoken(console: Served) -> tuple[Browser, dict[str, Any]]:
    console.parts.pipeline.ears = Ears(Loudness, Writes("turn on the kitchen light"), EndpointSettings())
    console.parts.pipeline.voice = Speaks()
    browser = await console.browser()
    async with browser.socket("/api/talk") as socket:
        phone = Phone(socket)
        await phone.speaks()
        await phone.ends()
        return browser, (await phone.until("turn"))["turn"]


async def test_what_is_said_is_not_kept(console: Served) -> None:
    browser, turn = await spoken(console)
    assert (await browser.http.get(f"/api/turns/{turn['turn']}/audio")).status_code == 404
    assert not (console.parts.state / "audio").exists()
    assert (await browser.open())["keep_audio"] is False


async def test_what_is_said_is_kept_for_as_long_as_wished(tmp_path: Path) -> None:
    async with told_by(House(), tmp_path, keep_audio_days=7) as console:
        browser, turn = await spoken(console)
        assert (await browser.open())["keep_audio"] is True
        await console.parts.recordings.write_waiting()
        row = (await browser.get("/api/turns"))["turns"][0]
        assert row["has_audio"] and row["audio_seconds"] > 0.5
        answer = await browser.http.get(f"/api/turns/{turn['turn']}/audio")
        assert answer.headers["content-type"] == "audio/wav"
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
            assert VOICE.pcm[:100] in sound.readframes(sound.getnframes())
        file = tmp_path / "audio" / f"{turn['turn']}.wav"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_recordings_go_when_they_are_due(tmp_path: Path) -> None:
    now = [1_000_000.0]
    recordings = Recordings(tmp_path, 7, lambda: now[0])
    recordings.write("0123456789ab", bytes(3200))
    file = recordings.find("0123456789ab")
    assert file is not None
    now[0] = file.stat().st_mtime + 6.9 * 86_400
    recordings.sweep()
    assert file.exists()
    now[0] = file.stat().st_mtime + 7.1 * 86_400
    recordings.sweep()
    assert not file.exists()


def test_whoever_turns_it_off_wants_nothing_kept(tmp_path: Path) -> None:
    Recordings(tmp_path, 7).write("0123456789ab", bytes(3200))
    Recordings(tmp_path, 0).sweep()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("turn_id", ["../journal", "0123456789ab/../x", "", "..", "0123456789AB", "x" * 12])
def test_only_a_turns_id_names_a_recording(tmp_path: Path, turn_id: str) -> None:
    (tmp_path / "journal.wav").write_bytes(b"RIFF")
    (tmp_path / "audio").mkdir()
    assert Recordings(tmp_path / "audio", 7).find(turn_id) is None
