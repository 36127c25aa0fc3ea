"""Names for several devices: `house.groups` of config.yaml as entities of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from assistant.config import GroupSettings
from assistant.home.names import in_tuples, slug
from assistant.models import Entity, State

_SWITCHED = frozenset({"fan", "humidifier", "light", "siren", "switch"})
"""Kinds that people switch on and off in one breath: the Christmas lights are lamps and plugs."""


def groups(settings: Mapping[str, GroupSettings], known: Mapping[str, Entity]) -> list[Entity]:
    """known: the entities of the house by id; a group may name others, which answers say are not there."""
    return [_group(name, group, known) for name, group in settings.items()]


def group_state(group: Entity, state: Callable[[str], State]) -> State:
    """What all its members are; on, when any of them is."""
    states = [state(member) for member in group.members]
    values = {each.value for each in states}
    value = values.pop() if len(values) == 1 else "on" if "on" in values else None
    known = [each.at for each in states if each.at is not None]
    return State(
        group.id,
        value,
        at=min(known) if len(known) == len(states) else None,
        available=any(each.available for each in states),
        stale=any(each.stale for each in states),
    )


def _group(name: str, settings: GroupSettings, known: Mapping[str, Entity]) -> Entity:
    members = [known[member] for member in settings.members if member in known]
    return Entity(
        f"{_domain(settings.members)}.group_{slug(name)}",
        name,
        device_class=_shared(member.device_class for member in members),
        aliases=in_tuples(settings.aliases),
        features=frozenset(feature for member in members for feature in member.features),
        hidden=True,  # only its name means it: "the lights" already means its members
        readable=any(member.readable for member in members),
        members=tuple(dict.fromkeys(settings.members)),
        name_source="config.yaml",
        source="config.yaml",
    )


def _domain(members: Sequence[str]) -> str:
    """Theirs, so that it can be told what they can be told."""
    domains = {member.partition(".")[0] for member in members}
    if len(domains) == 1:
        return domains.pop()
    return "switch" if domains <= _SWITCHED else "group"


def _shared(values: Iterable[str | None]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
