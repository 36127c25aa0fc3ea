"""Which announced devices Home Assistant lists as well, so that nothing appears twice and its names reach both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from assistant.home.discovery import Key
from assistant.home.snapshot import Listed


@dataclass(frozen=True, slots=True)
class Announcement:
    """What tells an announced entity from others."""

    key: Key
    id: str
    name: str
    device_ids: frozenset[str]

    @property
    def domain(self) -> str:
        return self.id.partition(".")[0]


def twins(announced: Iterable[Announcement], listed: Iterable[Listed]) -> Mapping[Key, Listed]:
    """Surest first: the same device and id, the same device and name, the only one of its kind on the same device;
    without a device, what came over MQTT under the same id or name."""
    ours, theirs, found = list(announced), list(listed), dict[Key, Listed]()
    for our_marks, their_marks in _RULES:
        taken = {each.id for each in found.values()}
        ours = [each for each in ours if each.key not in found]
        theirs = [each for each in theirs if each.id not in taken]
        found |= _pairs(ours, theirs, our_marks, their_marks)
    return found


_Marks = Callable[[Announcement], Iterable[Hashable]]
_TheirMarks = Callable[[Listed], Iterable[Hashable]]

_RULES: tuple[tuple[_Marks, _TheirMarks], ...] = (
    (
        lambda ours: ((device, ours.id) for device in ours.device_ids),
        lambda theirs: ((device, theirs.id) for device in theirs.device_ids),
    ),
    (
        lambda ours: ((device, ours.domain, ours.name.casefold()) for device in ours.device_ids),
        lambda theirs: ((device, theirs.domain, theirs.name.casefold()) for device in theirs.device_ids),
    ),
    (
        lambda ours: ((device, ours.domain) for device in ours.device_ids),
        lambda theirs: ((device, theirs.domain) for device in theirs.device_ids),
    ),
    (
        lambda ours: (ours.id,),
        lambda theirs: (theirs.id,) if theirs.mqtt else (),
    ),
    (
        lambda ours: ((ours.domain, ours.name.casefold()),),
        lambda theirs: ((theirs.domain, theirs.name.casefold()),) if theirs.mqtt else (),
    ),
)


def _pairs(
    ours: Iterable[Announcement], theirs: Iterable[Listed], our_marks: _Marks, their_marks: _TheirMarks
) -> Mapping[Key, Listed]:
    """Those that share a mark which nobody else on either side has."""
    marked: dict[Hashable, list[Listed]] = defaultdict(list)
    for listed in theirs:
        for mark in set(their_marks(listed)):
            marked[mark].append(listed)
    ours = list(ours)
    count = Counter(mark for each in ours for mark in set(our_marks(each)))
    found: dict[Key, Listed] = {}
    taken: set[str] = set()
    for each in ours:
        for mark in our_marks(each):
            candidates = marked.get(mark, [])
            if count[mark] == 1 and len(candidates) == 1 and candidates[0].id not in taken:
                found[each.key] = candidates[0]
                taken.add(candidates[0].id)
                break
    return found
