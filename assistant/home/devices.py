"""What announcements say of the device that several of them share: some give only its identifiers and leave the name
and the place to the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from assistant.home.discovery import Announced, Key


class Devices:
    """By identifier and connection, as in Home Assistant's registry. Tasmota's own messages tell all by themselves."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._areas: dict[str, str] = {}
        self._parts: dict[str, dict[Key, Announced]] = {}
        """What was announced of each, in its own words."""

    def completed(self, part: Announced) -> Announced:
        """With what others have said of the same device, where it says nothing itself."""
        label = part.label
        if part.source != "mqtt" or (label.device is not None and label.area is not None):
            return part
        name = next((self._names[each] for each in label.device_ids if each in self._names), None)
        area = next((self._areas[each] for each in label.device_ids if each in self._areas), None)
        return replace(part, label=replace(label, device=label.device or name, area=label.area or area))

    def learn(self, part: Announced) -> Collection[Announced]:
        """In its own words. Returns the other parts of the device that lack what this one is the first to say."""
        if part.source != "mqtt":
            return ()
        waiting: dict[Key, Announced] = {}
        for each in part.label.device_ids:
            parts = self._parts.setdefault(each, {})
            parts[part.key] = part
            if _news(self._names, each, part.label.device):
                waiting |= {key: other for key, other in parts.items() if other.label.device is None}
            if _news(self._areas, each, part.label.area):
                waiting |= {key: other for key, other in parts.items() if other.label.area is None}
        return [other for key, other in waiting.items() if key != part.key]

    def forget(self, part: Announced) -> None:
        """With its last part goes what was said of the device."""
        for each in part.label.device_ids:
            parts = self._parts.get(each, {})
            parts.pop(part.key, None)
            if not parts:
                for known in (self._names, self._areas, self._parts):
                    known.pop(each, None)


def _news(known: dict[str, str], device: str, said: str | None) -> bool:
    before = known.get(device)
    if said is not None:
        known[device] = said
    return said is not None and said != before
