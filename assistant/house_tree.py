"""The house as a tree for people: floors, rooms, and each device with its state, its age and who named it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.text import Text
from rich.tree import Tree

Row = Mapping[str, Any]
"""One object of `devices --json`."""

_TELLING = {
    "brightness": "%",
    "position": "%",
    "percentage": "%",
    "current_temperature": "°C",
    "temperature": "°C",
    "battery_level": "%",
}
"""The attributes worth a place beside the state, and their unit where the device names none."""

_WHO = {"device": "the device", "topic": "its topic", "name": "its name"}


def house_tree(rows: Iterable[Row]) -> Tree:
    """rows: as `devices --json` has them, already in order."""
    rows = list(rows)
    known = [row for row in rows if "entity" in row]
    tree = Tree(Text("House" if known else "No device has announced itself", style="bold"))
    branches: dict[tuple[str, ...], Tree] = {(): tree}
    for row in known:
        _branch(branches, _place(row)).add(_line(row))
    for row in rows:
        if "left_out" in row:
            _branch(branches, ("left out",)).add(_left_out(row))
    return tree


def _place(row: Row) -> tuple[str, ...]:
    if row.get("members"):
        return ("groups",)
    return tuple(name for name in (row["floor"], row["room"]) if name) or ("in no room",)


def _branch(branches: dict[tuple[str, ...], Tree], place: tuple[str, ...]) -> Tree:
    if place not in branches:
        branches[place] = _branch(branches, place[:-1]).add(Text(place[-1], style="bold"))
    return branches[place]


def _line(row: Row) -> Text:
    line = Text.assemble((row["name"], "cyan"), "  ", _state(row))
    if age := _age(row):
        line.append(f"  {age}", "yellow" if row["stale"] else "green")
    return line.append(f"  {row['entity']}  {_origin(row)}", "dim")


def _state(row: Row) -> tuple[str, str]:
    if not row["available"]:
        return "away" if row["state"] is None else f"away, was {row['state']}", "red"
    if row["state"] is None:
        return ("unknown", "yellow") if row["readable"] else ("reports no state", "dim")
    unit, attributes = row["unit"], row["attributes"]
    told = [f"{row['state']} {unit}" if unit and _is_number(row["state"]) else row["state"]]
    told += [f"{name.replace('_', ' ')} {attributes[name]} {unit or usual if 'temp' in name else usual}"
             for name, usual in _TELLING.items() if name in attributes]  # fmt: skip
    return ", ".join(told), ""


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def _age(row: Row) -> str:
    if row["state"] is None:
        return ""
    told = "age unknown" if row["age_seconds"] is None else f"{_span(row['age_seconds'])} ago"
    return f"stale: {told}" if row["stale"] else told


def _span(seconds: int) -> str:
    for least, size, unit in ((172_800, 86_400, "days"), (7200, 3600, "h"), (120, 60, "min")):
        if seconds >= least:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _origin(row: Row) -> str:
    name, room = (_WHO.get(row[source], row[source]) for source in ("name_source", "room_source"))
    told = [f"named and placed by {name}"] if name == room else [f"named by {name}"]
    if room and room != name:
        told.append(f"placed by {room}")
    if row["source"] not in ("mqtt", "config.yaml"):
        told.append(f"through {row['source']}")
    told += [word for word in ("critical", "hidden") if row[word]]
    if row.get("members"):
        told.append(f"= {', '.join(row['members'])}")
    return "; ".join(told)


def _left_out(row: Row) -> Text:
    return Text.assemble(row["left_out"], "  ", (row["reason"], "yellow"))
