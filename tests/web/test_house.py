"""The house in the console, with the whole chain behind it: names are changed and used at once, commands are tried."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from assistant.app import Assistant, assemble
from assistant.config import Config, Options
from assistant.daemon import console_parts
from assistant.events import Events
from assistant.memory.archive import Archive
from assistant.memory.recordings import Recordings
from assistant.web.answers import Health, HouseRows, Me, Now, Planned, Summary, TurnRows, TurnWhole
from tests.web.consoles import Browser, Served, free_port, messages, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAMP = "/api/house/light.kitchen_light"


@asynccontextmanager
async def whole_console(folder: Path, house: dict[str, Any] | None = None) -> AsyncIterator[tuple[Served, Assistant]]:
    """As the daemon has it, on the virtual house, without ears and brain."""
    config_file = folder / "config" / "config.yaml"
    config_file.parent.mkdir(exist_ok=True)
    config = Config.model_validate({"language": "en", "state_folder": folder / "state", "house": house or {},
                                    "console": {"port": free_port()}})  # fmt: skip
    options = Options(virtual_house=True, brain=False, daemon=True, config_file=config_file)
    async with AsyncExitStack() as stack:
        assistant = await stack.enter_async_context(assemble(config, options, Events()))
        await assistant.look_at_the_house()
        archive = await stack.enter_async_context(Archive(folder / "state" / "journal.sqlite"))
        parts = console_parts(assistant, archive, Recordings(folder / "state" / "audio", 0))
        yield await stack.enter_async_context(running(parts)), assistant


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(folder: Path) -> AsyncIterator[Served]:
    house = {"devices": {"light.bedroom_light": {"name": "Moon lamp", "critical": True, "aliases": {"en": ["moon"]}}}}
    async with whole_console(folder, house) as (console, _):
        yield console


@pytest_asyncio.fixture(loop_scope="module")
async def browser(served: Served) -> Browser:
    return await served.browser()


async def device(browser: Browser, entity: str) -> dict[str, Any]:
    rows = (await browser.get("/api/house"))["devices"]
    found: dict[str, Any] = next(row for row in rows if row["entity"] == entity)
    return found


async def test_the_house_by_floor_and_room(browser: Browser) -> None:
    house = await browser.get("/api/house")
    assert [floor["name"] for floor in house["floors"]] == ["Ground floor", "First floor"]
    assert {"name": "Kitchen", "floor": "Ground floor"}.items() <= house["rooms"][0].items()
    lamp = await device(browser, "light.kitchen_light")
    assert lamp["room"] == "Kitchen" and lamp["state"] in ("on", "off") and lamp["source"] == "mqtt"
    assert any(row["entity"] == "todo.shopping_list" for row in house["devices"])
    assert house["problem"] is None


async def test_another_name_is_understood_at_once_and_kept(browser: Browser, folder: Path) -> None:
    changed = await browser.send("PUT", LAMP, {"aliases": {"en": ["disco ball"], "it": ["palla da discoteca"]}})
    assert changed.status_code == 200, changed.text
    assert changed.json()["aliases"]["en"] == ["disco ball"]
    assert changed.json()["changed"] == {"aliases": {"en": ["disco ball"], "it": ["palla da discoteca"]}}
    said = await browser.post("/api/say", {"text": "turn on the disco ball"})
    assert said["actions"][0]["entity"] == "light.kitchen_light" and said["actions"][0]["confirmed"] is True
    kept = (folder / "config" / "house.yaml").read_text(encoding="utf-8")
    assert "disco ball" in kept and "light.kitchen_light" in kept
    await browser.send("PUT", LAMP, {"aliases": {"en": []}})
    row = await device(browser, "light.kitchen_light")
    assert "en" not in row["aliases"] and row["changed"] == {"aliases": {"it": ["palla da discoteca"]}}


async def test_name_and_room_are_changed_and_taken_back(browser: Browser) -> None:
    path = "/api/house/switch.coffee_machine"
    before = await device(browser, "switch.coffee_machine")
    row = (await browser.send("PUT", path, {"name": "Espresso", "room": "Attic", "hidden": False})).json()
    assert (row["name"], row["name_source"], row["room"], row["room_source"]) == (
        "Espresso", "console", "Attic", "console"
    )  # fmt: skip
    assert "Attic" in [room["name"] for room in (await browser.get("/api/house"))["rooms"]]
    said = await browser.post("/api/say", {"text": "turn on the espresso"})
    assert said["actions"][0]["entity"] == "switch.coffee_machine"
    row = (await browser.send("PUT", path, {"name": None, "room": None})).json()
    assert (row["name"], row["room"]) == (before["name"], before["room"])


async def test_marked_as_critical_it_asks_first(browser: Browser) -> None:
    path = "/api/house/light.living_room_light"
    await browser.post("/api/say", {"text": "turn on the living room light"})
    assert (await browser.send("PUT", path, {"critical": True})).json()["critical"] is True
    asked = await browser.post(f"{path}/try", {"intent": "HassTurnOff"})
    assert asked["actions"][0]["verdict"] == "needs_confirmation" and asked["device"]["state"] == "on"
    done = await browser.post("/api/say", {"text": "yes"})
    assert done["actions"][0]["confirmed"] is True
    unmarked = await browser.send("PUT", path, {"critical": False})
    assert unmarked.json()["critical"] is False, "marked here, unmarked here"


async def test_config_yaml_wins(browser: Browser) -> None:
    path = "/api/house/light.bedroom_light"
    row = await device(browser, "light.bedroom_light")
    assert row["fixed"] == ["name", "critical"] and row["fixed_aliases"]["en"] == ["moon"]
    for change, sentence in (({"critical": False}, "critical"), ({"name": "Sun"}, "name")):
        refused = await browser.send("PUT", path, change)
        assert refused.status_code == 409 and "config.yaml" in refused.json()["error"] and sentence in refused.text
    row = (await browser.send("PUT", path, {"aliases": {"en": ["night light"]}, "critical": True})).json()
    assert row["aliases"]["en"] == ["moon", "night light"], "its names stay, and stay first"
    assert row["changed"] == {"aliases": {"en": ["night light"]}}


@pytest.mark.parametrize("change", [
    {"name": ""}, {"name": "x" * 200}, {"aliases": {"tlh": ["x"]}}, {"aliases": {"en": "x"}}, {"aliases": {"en": [""]}},
    {"aliases": ["x"]}, {"critical": "perhaps"}, {"colour": "red"}, {"aliases": {"en": ["x"] * 100}}, [], "x",
])  # fmt: skip
async def test_what_is_no_change_is_refused(browser: Browser, change: Any) -> None:
    answer = await browser.send("PUT", LAMP, change)
    assert answer.status_code == 422 and answer.json()["error"]


async def test_only_what_is_there_is_changed(browser: Browser) -> None:
    assert (await browser.send("PUT", "/api/house/light.nowhere", {"name": "x"})).status_code == 404
    assert (await browser.send("PUT", "/api/house/todo.shopping_list", {"name": "x"})).status_code == 409
    assert (await browser.send("PUT", "/api/house/..%2Fconfig", {"name": "x"})).status_code in (404, 422)


async def test_a_command_is_tried(browser: Browser) -> None:
    tools = {tool["intent"]: tool for tool in (await browser.get(f"{LAMP}/intents"))["intents"]}
    assert "brightness" in tools["HassLightSet"]["slots"] and "HassTurnOn" in tools
    assert "HassClimateSetTemperature" not in tools
    tried = await browser.post(f"{LAMP}/try", {"intent": "HassLightSet", "slots": {"brightness": 30}})
    (action,) = tried["actions"]
    assert action["topic"] == "zigbee2mqtt/kitchen light/set" and json.loads(action["payload"])["brightness"] == 76
    assert action["confirmed"] is True
    assert tried["device"]["state"] == "on" and tried["device"]["attributes"]["brightness"] == 30
    assert (await browser.get("/api/turns", limit=1))["turns"][0]["turn"] == tried["turn"], "it is journalled"


async def test_what_cannot_be_done_is_said(browser: Browser) -> None:
    for path, trial, error in (
        (LAMP, {"intent": "HassLightSet", "slots": {"brightness": 300}}, "brightness"),
        (LAMP, {"intent": "HassNothing"}, "HassNothing"),
        (LAMP, {"intent": "HassTurnOn", "slots": {"area": "x", "name": "y"}}, "takes no"),
    ):
        tried = await browser.post(f"{path}/try", trial)
        assert tried["actions"] == [] and error in tried["error"], tried
    assert (await browser.send("POST", f"{LAMP}/try", {"intent": "<script>"})).status_code == 422


async def test_the_house_tells_what_it_reports(browser: Browser) -> None:
    async with browser.socket("/api/events") as events:
        await browser.post(f"{LAMP}/try", {"intent": "HassTurnOff"})
        await browser.post(f"{LAMP}/try", {"intent": "HassTurnOn"})
        async with asyncio.timeout(10):
            async for event in messages(events):
                rows = {row["entity"]: row for row in event.get("devices", ())} if event["event"] == "house" else {}
                if rows.get("light.kitchen_light", {}).get("state") == "on":
                    return


async def test_health_tells_of_the_parts_that_run(browser: Browser) -> None:
    health = await browser.get("/api/health")
    found = {finding["part"]: finding for finding in health["findings"]}
    assert found["house"]["fine"] and "devices with" in found["house"]["found"]
    assert not found["ears"]["fine"] and "models pull stt" in found["ears"]["remedy"]
    assert {"disk", "clock", "secrets", "console", "journal", "service"} <= found.keys()
    assert health["disk"]["free_bytes"] > 0 and health["brain"] == [] and health["uptime_seconds"] >= 0
    match = health["latency"]["match"]
    assert match["count"] > 0 and match["p50"] <= match["p95"] and len(match["by_hour"]) == 24
    assert sum(hour["count"] for hour in match["by_hour"]) == match["count"]
    refused = await browser.send("POST", "/api/health/chain")
    assert refused.status_code == 503 and "ears" in refused.json()["error"]


async def test_the_answers_are_as_documented(browser: Browser) -> None:
    """/api/openapi.json promises these; what is answered keeps to it."""
    said = await browser.post("/api/say", {"text": "turn on the kitchen light"})
    Summary.model_validate(said, strict=True)
    for path, model in (
        ("/api/me", Me), ("/api/now", Now), ("/api/turns", TurnRows), (f"/api/turns/{said['turn']}", TurnWhole),
        ("/api/house", HouseRows), ("/api/health", Health), ("/api/schedule", Planned),
    ):  # fmt: skip
        model.model_validate(await browser.get(path), strict=True)
    documented = await browser.get("/api/openapi.json")
    assert {"/api/say", "/api/turns/{turn_id}/wrong", "/api/house/{entity_id}/try", "/api/schedule/{number}",
            "/api/health/chain", "/metrics", "/healthz"} <= documented["paths"].keys()  # fmt: skip
    assert "error" in documented["components"]["schemas"]["Problem"]["properties"]


async def test_metrics_count_the_houses_messages(browser: Browser) -> None:
    await browser.post(f"{LAMP}/try", {"intent": "HassTurnOff"})
    told = (await browser.http.get("/metrics")).text
    lines = dict(line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
    assert float(lines['mimo_mqtt_messages_total{direction="received"}']) > 0
    assert float(lines['mimo_mqtt_messages_total{direction="sent"}']) > 0
    assert float(lines['mimo_turns_total{outcome="done",path="reflex"}']) > 0
    assert float(lines['mimo_stage_seconds_count{stage="match"}']) > 0
    assert float(lines["mimo_devices"]) >= 17


async def test_a_change_outlives_a_restart(tmp_path: Path) -> None:
    async with whole_console(tmp_path) as (first, _):
        browser = await first.browser()
        await browser.send("PUT", LAMP, {"aliases": {"en": ["disco ball"]}, "critical": True})
    async with whole_console(tmp_path) as (second, assistant):
        row = await device(await second.browser(), "light.kitchen_light")
        assert row["aliases"]["en"] == ["disco ball"] and row["critical"] is True
        entity = assistant.household.entity("light.kitchen_light")
        assert entity is not None and entity.critical
