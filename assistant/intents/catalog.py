"""The skills: loaded file by file, each intent's signature made into its validation, its tool and its help."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.errors import PydanticUserError

from assistant.errors import AssistantError, Missing, NotPossible, NotUnderstood, OutOfRange, SkillBroken
from assistant.interfaces import Agenda, History, House
from assistant.models import Action, Entity, Reply, Resolved, Tool, Value
from assistant.skill import Handles, Skill, Speaker, Targets

log = logging.getLogger(__name__)

Method = Callable[..., Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Handler:
    """One method of one skill for one intent, with what its signature says."""

    intent: str
    domains: tuple[str, ...]
    """Empty: any, or no target at all."""
    method: Method
    slots: type[BaseModel]
    takes_targets: bool
    speaker: str | None
    """The parameter that wants to know who asks."""
    question: bool
    model: bool
    help: str
    file: Path

    async def call(self, targets: Targets, slots: Mapping[str, Value], speaker: Speaker) -> Reply:
        checked = _checked(self, targets, slots)
        arguments: dict[str, Any] = {name: getattr(checked, name) for name in type(checked).model_fields}
        if self.takes_targets:
            arguments["targets"] = targets
        if self.speaker is not None:
            arguments[self.speaker] = speaker
        return await self.method(**arguments)


@dataclass(slots=True)
class Catalog:
    """Everything that can be asked of the house, and who handles it."""

    house: House
    history: History | None = None
    agenda: Agenda | None = None
    broken: tuple[SkillBroken, ...] = ()
    _handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    """By intent and domain; domain "" takes what no other does."""

    @classmethod
    def load(
        cls, folders: Sequence[Path], house: House, history: History | None = None, agenda: Agenda | None = None
    ) -> Catalog:
        """Every skill file of the folders, in order; one that does not load is told in `broken` and left out."""
        catalog = cls(house, history, agenda)
        for folder in folders:
            for path in sorted(folder.glob("[!_]*.py")):
                try:
                    catalog._add(path)
                except SkillBroken as error:
                    catalog.broken += (error,)
        return catalog

    def tools(self) -> tuple[Tool, ...]:
        """Each intent that the model is told of, once, its arguments merged over the domains."""
        intents = sorted({intent for (intent, _), handler in self._handlers.items() if handler.model})
        return tuple(_tool(intent, self._of(intent)) for intent in intents)

    async def handle(self, resolved: Resolved, speaker: Speaker) -> Reply:
        """Ask the skills of the targets' domains what to do. Raises NotUnderstood, NotPossible or OutOfRange."""
        handlers = self._of(resolved.name)
        if not handlers:
            raise NotUnderstood(f"no skill handles {resolved.name}")
        replies = [
            await handler.call(targets, resolved.slots, speaker)
            for handler, targets in self._shares(resolved, handlers)
        ]
        for action in (action for reply in replies for action in reply.actions):
            self._check_limits(action)
        return Reply(
            speech=next((reply.speech for reply in replies if reply.speech), None),
            actions=tuple(action for reply in replies for action in reply.actions),
            read=tuple(state for reply in replies for state in reply.read),
        )

    def _shares(self, resolved: Resolved, handlers: Sequence[Handler]) -> Sequence[tuple[Handler, Targets]]:
        """Each handler with the targets that are its own; found for all before any is called."""
        alone = next((handler for handler in handlers if not handler.takes_targets), None)
        if not resolved.targets:
            if alone is None:
                raise NotUnderstood(f"{resolved.name} was asked of nothing")
            return [(alone, ())]
        shares: dict[int, tuple[Handler, list[Entity]]] = {}
        for entity in resolved.targets:
            handler = self._handlers.get((resolved.name, entity.domain)) or self._handlers.get((resolved.name, ""))
            if handler is None:
                what = f"{resolved.name} is nothing that {entity.id} can do"
                raise NotPossible(what, name=entity, what=resolved.name)
            shares.setdefault(id(handler), (handler, []))[1].append(entity)
        return list(shares.values())

    def _check_limits(self, action: Action) -> None:
        """What the device itself says it takes; a skill need not ask."""
        entity = self.house.entity(action.entity_id)
        if entity is None:
            return
        for name, value in action.arguments.items():
            limits, options = entity.limits.get(name), entity.options.get(name)
            if limits and isinstance(value, int | float) and not limits.minimum <= value <= limits.maximum:
                raise _out_of_range(entity, name, value, limits.minimum, limits.maximum)
            if options and value not in options:
                reason = f"{name} of {entity.id} is one of {', '.join(options)}, not {value}"
                raise NotPossible(reason, name=entity, what=name, options=options)

    def _of(self, intent: str) -> Sequence[Handler]:
        return list({id(each): each for (name, _), each in self._handlers.items() if name == intent}.values())

    def _add(self, path: Path) -> None:
        handlers = _handlers_in(path, self.house, self.history, self.agenda)
        for handler in handlers:
            for domain in handler.domains or ("",):
                if other := self._handlers.get((handler.intent, domain)):
                    raise SkillBroken(
                        f"{path.name}: {handler.intent} for {domain or 'any domain'} is already in {other.file.name}"
                    )
        for handler in handlers:
            self._handlers |= {(handler.intent, domain): handler for domain in handler.domains or ("",)}


# ── a file into handlers ─────────────────────────────────────────────────────────────────


def _handlers_in(path: Path, house: House, history: History | None, agenda: Agenda | None) -> list[Handler]:
    try:
        skill_class = _skill_class(_module(path))
        skill = skill_class(house, history, agenda)
        found = [
            _handler(path, method, handles, skill)
            for name in sorted(vars(skill_class))
            for method in (getattr(skill, name),)
            for handles in getattr(method, "__intents__", ())
        ]
    except SkillBroken as error:
        raise SkillBroken(f"{path.name}: {error.reason}") from error
    except (Exception, SystemExit) as error:  # a user's file may raise anything, and only that file is left out
        raise SkillBroken(f"{path.name}: {type(error).__name__}: {error}") from error
    if not found:
        raise SkillBroken(f"{path.name}: {skill_class.__name__} handles no intent")
    return found


def _module(path: Path) -> ModuleType:
    package = importlib.util.find_spec("skills")
    if package is not None and str(path.parent) in (package.submodule_search_locations or ()):
        return importlib.import_module(f"skills.{path.stem}")
    spec = importlib.util.spec_from_file_location(f"own_skill_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SkillBroken("is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses of the file look themselves up there
    spec.loader.exec_module(module)
    return module


def _skill_class(module: ModuleType) -> type[Skill]:
    found = [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, Skill) and each.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise SkillBroken(f"should hold one Skill, not {len(found)}")
    return found[0]


def _handler(path: Path, method: Method, handles: Handles, skill: Skill) -> Handler:
    where = f"{method.__name__} ({handles.intent})"
    if not inspect.ismethod(method):
        raise SkillBroken(f"{where} should be a method of the skill")
    signature = _signature(where, method.__func__)
    return Handler(
        intent=handles.intent,
        domains=handles.domains or ((skill.domain,) if skill.domain else ()),
        method=method,
        slots=signature.slots,
        takes_targets=signature.takes_targets,
        speaker=signature.speaker,
        question=handles.question,
        model=handles.model,
        help=" ".join((inspect.getdoc(method) or "").split()),
        file=path,
    )


@dataclass(frozen=True, slots=True)
class _Signature:
    slots: type[BaseModel]
    takes_targets: bool
    speaker: str | None


@cache
def _signature(where: str, function: Callable[..., object]) -> _Signature:
    """What a method wants to be given; read once, for pydantic takes its time over each."""
    if not inspect.iscoroutinefunction(function):
        raise SkillBroken(f"{where} should be async")
    hints = get_type_hints(function, include_extras=True)
    if hints.get("return") is not Reply:
        raise SkillBroken(f"{where} should return a Reply")
    parameters = dict(list(inspect.signature(function).parameters.items())[1:])
    return _Signature(
        slots=_slots_model(where, parameters, hints),
        takes_targets="targets" in parameters,
        speaker=next((name for name in parameters if hints.get(name) is Speaker), None),
    )


def _slots_model(where: str, parameters: Mapping[str, inspect.Parameter], hints: Mapping[str, Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or name not in hints:
            raise SkillBroken(f"{where}: {parameter} needs a name and a type")
        if name == "targets" and hints[name] != Targets:
            raise SkillBroken(f"{where}: targets should be Targets")
        if name != "targets" and hints[name] is not Speaker:
            fields[name] = (hints[name], ... if parameter.default is parameter.empty else parameter.default)
    try:
        model: type[BaseModel] = create_model(where, __config__=ConfigDict(extra="forbid"), **fields)
        model.model_json_schema()
    except PydanticUserError as error:
        raise SkillBroken(f"{where}: a slot's type cannot be checked: {error}") from error
    return model


# ── what comes in ────────────────────────────────────────────────────────────────────────


def _checked(handler: Handler, targets: Targets, slots: Mapping[str, Value]) -> BaseModel:
    try:
        return handler.slots.model_validate({name: value for name, value in slots.items() if value is not None})
    except ValidationError as error:
        raise _problem(handler, targets, error) from error


def _problem(handler: Handler, targets: Targets, error: ValidationError) -> AssistantError:
    """Pydantic's first complaint as something to say."""
    first = error.errors()[0]
    slot, name = str(first["loc"][0]), next(iter(targets), None)
    if first["type"] in ("greater_than_equal", "less_than_equal"):
        limits = _argument(handler.slots.model_json_schema()["properties"][slot])
        return _out_of_range(name, slot, first["input"], limits.get("minimum"), limits.get("maximum"))
    if first["type"] == "missing":
        return Missing(f"{handler.intent} needs to be told the {slot}", name=name, what=slot)
    if first["type"] == "extra_forbidden":
        return NotPossible(f"{handler.intent} of {_id(name)} takes no {slot}", name=name, what=slot)
    said = "that" if slot == "code" else repr(first["input"])
    return NotUnderstood(f"{slot} cannot be {said}: {first['msg']}")


def _out_of_range(entity: Entity | None, what: str, value: object, minimum: object, maximum: object) -> OutOfRange:
    reason = f"{what} of {_id(entity)} goes from {minimum} to {maximum}, not {value}"
    return OutOfRange(reason, name=entity, what=what, minimum=minimum, maximum=maximum, unit=_unit(entity, what))


def _unit(entity: Entity | None, what: str) -> str | None:
    units = {"color_temperature": "K"} | dict.fromkeys(
        ("brightness", "position", "tilt_position", "percentage", "humidity"), "%"
    )
    if what in ("temperature", "target_temp_low", "target_temp_high") and entity is not None:
        return "K" if entity.domain == "light" else entity.unit or "°C"
    return units.get(what)


def _id(entity: Entity | None) -> str:
    return entity.id if entity else "the house"


# ── what the model is told ───────────────────────────────────────────────────────────────


def _tool(intent: str, handlers: Sequence[Handler]) -> Tool:
    schemas = [handler.slots.model_json_schema() for handler in handlers]
    arguments: dict[str, Mapping[str, object]] = {}
    for schema in schemas:
        arguments |= {name: _argument(each) for name, each in schema.get("properties", {}).items()}
    return Tool(
        intent=intent,
        domains=tuple(dict.fromkeys(domain for handler in handlers for domain in handler.domains)),
        arguments=arguments,
        required=tuple(dict.fromkeys(name for schema in schemas for name in schema.get("required", ()))),
        help=" ".join(dict.fromkeys(handler.help for handler in handlers)),
        question=all(handler.question for handler in handlers),
        helps={domain: handler.help for handler in handlers for domain in handler.domains},
    )


def _argument(schema: Mapping[str, Any]) -> dict[str, object]:
    """Without pydantic's titles and its way to say that an argument may be left out."""
    bare = {key: value for key, value in schema.items() if key not in ("title", "default", "anyOf")}
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            bare |= {key: value for key, value in choice.items() if key != "title"}
    return bare
