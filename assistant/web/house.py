"""The house: what is there, what people call it, and trying a command on one thing of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.config import DeviceSettings
from assistant.errors import ConfigError
from assistant.home.amendments import Amendment
from assistant.models import Entity, Floor, Intent, Room, Target, Tool, Value
from assistant.models import Request as Asked
from assistant.record import inventory, left_out, summary
from assistant.web import given
from assistant.web.answers import DeviceRow, HouseRows, Tried
from assistant.web.live import Live
from assistant.web.now import visitor_of
from assistant.web.parts import Parts
from assistant.web.refused import Refused

EntityPath = Annotated[str, Path(pattern=r"^[a-z_]{1,40}\.[a-z0-9_]{1,200}$", description="light.kitchen_light")]


class Trial(BaseModel):
    model_config = ConfigDict(extra="forbid")

    intent: Annotated[str, Field(pattern=r"^[A-Za-z]{1,60}$", description="HassTurnOn, HassLightSet, ...")]
    slots: Annotated[dict[str, str | int | float | bool | None], Field(max_length=12)] = {}


def routes(parts: Parts, live: Live) -> APIRouter:
    router, house, amendments = APIRouter(prefix="/api/house", tags=["house"]), parts.household, parts.amendments

    def known(entity_id: str) -> Entity:
        entity = house.entity(entity_id)
        if entity is None:
            raise Refused(404, f"There is no {entity_id} in the house.")
        return entity

    def row(entity_id: str) -> dict[str, Any]:
        rows = inventory(house, datetime.now(UTC), hidden=True)
        return _with_sources(next(each for each in rows if each["entity"] == entity_id), parts)

    @router.get("", response_model=HouseRows)
    async def whole() -> Response:
        """Floors, rooms and devices with their states; also settings and diagnostics, which are `hidden`."""
        return JSONResponse({
            "floors": [_place(floor) for floor in house.floors],
            "rooms": [_place(room) | {"floor": room.floor} for room in house.rooms],
            "devices": [_with_sources(each, parts) for each in inventory(house, datetime.now(UTC), hidden=True)],
            "left_out": left_out(parts.home.left_out),
            "problem": parts.home.problem,
            "unknown": [*parts.home.unknown],
        })  # fmt: skip

    @router.put("/{entity_id}", response_model=DeviceRow)
    async def amend(entity_id: EntityPath, amendment: Amendment) -> Response:
        """What people call it and where it stands; only what is given changes, null takes a change back.

        Kept in house.yaml. What config.yaml says cannot be changed here.
        """
        entity = known(entity_id)
        if parts.home.entity(entity_id) is None or entity.members:
            raise Refused(409, f"{entity.name} is a list or a group: config.yaml names it.")
        _expect_free(amendment, parts.home.configured(entity_id))
        wanted = _together(amendments.of(entity_id), amendment, entity, parts.home.configured(entity_id))
        try:
            await asyncio.to_thread(amendments.put, entity_id, wanted)
        except ConfigError as error:
            raise Refused(503, error.reason) from error
        parts.home.amend(amendments.devices)
        await parts.learn()
        live.house_changed()
        return JSONResponse(row(entity_id))

    @router.get("/{entity_id}/intents")
    async def intents(entity_id: EntityPath) -> Response:
        """What may be tried on it, with the JSON schema of each slot."""
        entity = known(entity_id)
        return JSONResponse({"intents": [_tool(tool, entity) for tool in _tools(parts.catalog.tools(), entity)]})

    @router.post("/{entity_id}/try", response_model=Tried)
    async def attempt(entity_id: EntityPath, trial: Trial, request: Request) -> Response:
        """A turn like any other: the same policy, and where it asks, `POST /api/say` with a yes answers."""
        entity = known(entity_id)
        intent = Intent(trial.intent, Target(ids=(entity.id,)), _values(trial.slots))
        asked = Asked(f"{trial.intent}: {entity.name}", "en", None, visitor_of(request).session, "console")
        turn = await given.run(parts.pipeline, asked, intent, "it was tried in the console")
        return JSONResponse(summary(turn) | {"device": row(entity.id)})

    return router


def _expect_free(amendment: Amendment, configured: DeviceSettings) -> None:
    """What the owner wrote down is not undone from a page."""
    told = amendment.model_dump(exclude_unset=True)
    if "critical" in told and configured.critical and not amendment.critical:
        raise Refused(409, "config.yaml marks it as critical; only there that can be taken back.")
    for setting in ("name", "room", "hidden"):
        written = getattr(configured, setting)
        if told.get(setting) is not None and written is not None and written != told[setting]:
            raise Refused(409, f"config.yaml gives its {setting}; change it there.")


def _together(before: Amendment, change: Amendment, entity: Entity, configured: DeviceSettings) -> Amendment:
    """What was changed until now and what is changed now, without what is so anyway."""
    told = before.model_dump(exclude_unset=True) | change.model_dump(exclude_unset=True)
    aliases = {}
    for language, names in {**before.aliases, **change.aliases}.items():
        anyway = set(entity.aliases.get(language, ())) - set(before.aliases.get(language, ()))
        aliases[language] = [name for name in names if name not in anyway]
    kept = {name: value for name, value in told.items() if value not in (None, getattr(configured, name))}
    kept["aliases"] = {language: names for language, names in aliases.items() if names}
    return Amendment.model_validate(kept)


def _with_sources(row: dict[str, Any], parts: Parts) -> dict[str, Any]:
    """With what was changed here, and what cannot be because config.yaml says it."""
    configured, amended = parts.home.configured(row["entity"]), parts.amendments.of(row["entity"])
    fixed = [name for name in ("name", "room", "hidden") if getattr(configured, name) is not None]
    return row | {
        "fixed": fixed + (["critical"] if configured.critical else []),
        "fixed_aliases": {language: [*names] for language, names in configured.aliases.items()},
        "changed": amended.model_dump(exclude_defaults=True),
    }


def _place(place: Floor | Room) -> dict[str, Any]:
    return {"name": place.name, "aliases": {language: [*names] for language, names in place.aliases.items()}}


def _tools(tools: Sequence[Tool], entity: Entity) -> list[Tool]:
    return [tool for tool in tools if entity.domain in tool.domains]


def _tool(tool: Tool, entity: Entity) -> dict[str, Any]:
    return {
        "intent": tool.intent,
        "help": tool.helps.get(entity.domain, tool.help),
        "slots": dict(tool.arguments),
        "required": list(tool.required),
        "question": tool.question,
    }


def _values(slots: dict[str, str | int | float | bool | None]) -> dict[str, Value]:
    return {name: value for name, value in slots.items() if value is not None}
