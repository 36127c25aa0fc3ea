"""What things are called and where they stand: Home Assistant's rules, with `house:` of config.yaml on top."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ha_mqtt_models_pydantic import MqttEntityCommon

from assistant.config import DeviceSettings, HouseSettings, LanguageCode, Names
from assistant.home.discovery import Key, Label
from assistant.home.snapshot import Snapshot
from assistant.models import Entity, Floor, Language, Room, Told

NOTHING_LISTED = Snapshot()
LONGEST_CLASS = 40
"""Characters; whoever sends more does not mean to say what it is."""
NOTHING_AMENDED: Mapping[str, DeviceSettings] = {}


def entity_name(label: Label, domain: str, config: MqttEntityCommon) -> str:
    """The device's name and the entity's own, without saying the device twice."""
    own = label.name
    if own is None and not label.named:
        kind = getattr(config, "device_class", None) or domain
        kind = kind if len(str(kind)) <= LONGEST_CLASS else domain
        own = str(kind).replace("_", " ").capitalize()
    if label.device is None:
        return own or domain.replace("_", " ").capitalize()
    if own is None or own.casefold() == label.device.casefold():
        return label.device
    rest = own[len(label.device) :]
    if own.casefold().startswith(label.device.casefold()) and rest[:1] in (" ", "-", "_", ":"):
        own = rest.strip(" -_:")
    return f"{label.device} {own}" if own else label.device


def name_in_topic(key: Key) -> str | None:
    """What the discovery topic calls a thing that has no name: .../switch/garage_pump/config is the Garage pump."""
    topic, component = key
    words = " ".join(re.split(r"[\s_-]+", component or topic.rpartition("/")[0].rpartition("/")[2])).strip()
    is_address = re.fullmatch(r"(0x)?[0-9a-f]{6,}|[0-9 ]+", words, re.IGNORECASE)
    return words[:1].upper() + words[1:] if words and not is_address else None


def slug(name: str) -> str:
    """For an entity id: "Lampada da caffè" is lampada_da_caffe."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or f"unnamed_{_fingerprint(name)}"


def spaced(name: str) -> str:
    """A name that was made for topics, in words: "hallway_motion", "bedroom/lamp"; but "A/C" stays."""
    return re.sub(r"(?<=[^\W_])_(?=[^\W_])|(?<=\w\w)/(?=\w\w)", " ", name)


class House:
    """Rooms, floors and devices as the configuration, Home Assistant and the devices' suggested areas name them."""

    def __init__(
        self,
        settings: HouseSettings,
        areas: Iterable[str],
        listed: Snapshot = NOTHING_LISTED,
        amended: Mapping[str, DeviceSettings] = NOTHING_AMENDED,
    ) -> None:
        """amended: by entity id what people changed in the console, below what the settings say."""
        self.listed = listed
        self.amended = amended
        self.configured: dict[str, DeviceSettings] = {}
        """By entity id what the settings say of it or of its whole device, of those that were described."""
        own = tuple(Floor(name, in_tuples(floor.aliases)) for name, floor in settings.floors.items())
        called = {_plain(name): floor.name for floor in own for name in _names(floor)}
        self.floors: Sequence[Floor] = (*own, *(floor for floor in listed.floors if _plain(floor.name) not in called))
        rooms = _rooms(settings, listed, called)
        self._devices = {name.casefold(): device for name, device in settings.devices.items()}
        self._rooms = {_plain(name): room for room in reversed(rooms) for name in _names(room)}
        wanted = [*areas, *(device.room for device in [*settings.devices.values(), *amended.values()] if device.room)]
        for area in sorted(set(wanted)):
            if _plain(area) not in self._rooms:
                rooms.append(Room(area))
                self._rooms[_plain(area)] = rooms[-1]
        self.rooms: Sequence[Room] = tuple(rooms)
        known = sorted((name for name in self._rooms if name), key=len, reverse=True)
        self._in_a_name = re.compile(rf"\b(?:{'|'.join(map(re.escape, known))})\b") if known else None

    def described(
        self, entity: Entity, device: str | None, area: str | None, area_source: Told = "device", given_name: str = ""
    ) -> Entity:
        """With its room and floor, and with what the configuration says of it or of its whole device on top.

        area: where it stands as area_source says; given_name: what it called itself, where somebody renamed it.
        """
        own = self._own((entity.id, entity.name, given_name), device)
        if own is not None:
            self.configured[entity.id] = own
        amended = self.amended.get(entity.id)
        if amended is not None and amended.room:
            area, area_source = amended.room, "console"
        room, room_source = self._placed(entity.name, device, own, area, area_source)
        name, floor = spaced(entity.name), self.floor_of(room)
        entity = replace(entity, name=name, room=room, floor=floor, room_source=room_source)
        if amended is not None:
            entity = _amended(entity, amended)
        if own is None:
            return entity
        more = amended.aliases if amended is not None else {}
        aliases: dict[Language, tuple[str, ...]] = dict(entity.aliases)
        aliases |= {each: _once(names, more.get(each, ())) for each, names in own.aliases.items()}
        return replace(
            entity,
            name=own.name or entity.name,
            name_source="config.yaml" if own.name else entity.name_source,
            aliases=aliases,
            critical=own.critical or entity.critical,
            hidden=entity.hidden if own.hidden is None else own.hidden,
        )

    def _own(self, names: Iterable[str], device: str | None) -> DeviceSettings | None:
        """As configured for it, by id or name, and for its whole device."""
        own = next((found for name in names if (found := self._devices.get(name.casefold()))), None)
        whole = self._devices.get(device.casefold()) if device else None
        if own is None and whole is None:
            return None
        own = own or DeviceSettings()
        if whole is None:
            return own
        return own.model_copy(update={
            "room": own.room or whole.room,
            "critical": own.critical or whole.critical,
            "hidden": whole.hidden if own.hidden is None else own.hidden,
        })  # fmt: skip

    def _placed(
        self, name: str, device: str | None, own: DeviceSettings | None, area: str | None, area_source: Told
    ) -> tuple[str | None, Told | None]:
        """As configured for it or its device, else as suggested, else as its name tells ("Kitchen ceiling")."""
        configured = own.room if own else None
        if given := configured or area:
            return self._rooms[_plain(given)].name, "config.yaml" if configured else area_source
        for called in (name, device):
            found = self._in_a_name.search(_plain(called)) if called and self._in_a_name else None
            if found:
                return self._rooms[found.group()].name, "name"
        return None, None

    def floor_of(self, room: str | None) -> str | None:
        found = self._rooms.get(_plain(room)) if room else None
        return found.floor if found else None


def _amended(entity: Entity, amended: DeviceSettings) -> Entity:
    """Other names come after those that were known; the first of a language is the one to speak."""
    aliases: dict[Language, tuple[str, ...]] = dict(entity.aliases)
    aliases |= {each: _once(aliases.get(each, ()), names) for each, names in amended.aliases.items()}
    return replace(
        entity,
        name=amended.name or entity.name,
        name_source="console" if amended.name else entity.name_source,
        aliases=aliases,
        critical=entity.critical or amended.critical,
        hidden=entity.hidden if amended.hidden is None else amended.hidden,
    )


def _once(first: Iterable[str], then: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *then]))


def _rooms(settings: HouseSettings, listed: Snapshot, called: Mapping[str, str]) -> list[Room]:
    """The configured ones, with what Home Assistant adds to them, then its own."""
    own = [Room(name, room.floor, in_tuples(room.aliases)) for name, room in settings.rooms.items()]
    theirs = [replace(room, floor=called.get(_plain(room.floor), room.floor) if room.floor else None)
              for room in listed.rooms]  # fmt: skip
    more = {_plain(room.name): room for room in theirs}
    rooms = [_completed(room, [more.pop(_plain(name), None) for name in _names(room)]) for room in own]
    return [*rooms, *more.values()]


def _completed(room: Room, others: Iterable[Room | None]) -> Room:
    for other in others:
        if other is not None:
            room = replace(room, floor=room.floor or other.floor, aliases={**other.aliases, **room.aliases})
    return room


def _names(place: Room | Floor) -> list[str]:
    return [place.name, *(alias for aliases in place.aliases.values() for alias in aliases)]


def _plain(name: str) -> str:
    return " ".join(spaced(name).casefold().replace("_", " ").split())


def in_tuples(aliases: Mapping[LanguageCode, Names]) -> dict[Language, tuple[str, ...]]:
    return {language: tuple(names) for language, names in aliases.items()}


def _fingerprint(name: str) -> str:
    return "".join(f"{ord(character):x}" for character in name)[:24]
