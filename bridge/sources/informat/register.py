"""The lists of an institute by person and by key."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from bridge.sources.informat.listing import Listing
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.models.unreadable import Unreadable

Kept = TypeVar("Kept", bound=Interruption | Assignment)


@dataclass(frozen=True, slots=True)
class Register(Generic[Kept]):
    """The list of a school year.

    `own` has the items of each person by key, or by their whole content if they have none; `None` for one that cannot
    be read. `known` has the items with a key, `lost` whose the unreadable ones with a key are.
    """

    own: Mapping[str, Mapping[str, Kept | None]]
    known: Mapping[str, Kept]
    lost: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Own(Generic[Kept]):
    """The items of a person, sorted. `unread` are the keys of those that cannot be read, empty for one without."""

    items: tuple[Kept, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replacements:
    """Who replaces whom: interruptions by the assignment that covers them, and the other way round."""

    covered: Mapping[str, frozenset[str]]
    covering: Mapping[str, frozenset[str]]


class Years(Generic[Kept]):
    """The lists of several school years. An item in two of them is one."""

    def __init__(self, registers: Iterable[Register[Kept]]) -> None:
        self._registers = tuple(registers)

    def __bool__(self) -> bool:
        """Whether there are items."""
        return any(register.own for register in self._registers)

    @property
    def persons(self) -> frozenset[str]:
        """The persons who have an item."""
        return frozenset().union(*(register.own for register in self._registers))

    def get(self, key: str) -> Kept | None:
        """The item with a key in the latest year; `None` if there is none that can be read."""
        found = (register.known.get(key) for register in reversed(self._registers))
        return next(filter(None, found), None)

    def lost(self, key: str) -> str:
        """Whose item it is that has this key and cannot be read; empty if there is none."""
        found = (register.lost.get(key) for register in reversed(self._registers))
        return next(filter(None, found), "")

    def own(self, person: str) -> Own[Kept]:
        """The items of a person."""
        own = self._own(person)
        items = [item for item in own.values() if item is not None]
        unread = [key if self.lost(key) else "" for key, item in own.items() if item is None]
        return Own(tuple(sorted(items, key=repr)), tuple(sorted(unread)))

    def keys(self, person: str) -> Iterable[str]:
        """The keys of the items of a person, also unreadable ones, and something else for those without a key."""
        return self._own(person)

    def keyed(self, person: str) -> Iterator[Kept]:
        """The items of a person that have a key."""
        return filter(None, map(self.get, self._own(person)))

    def _own(self, person: str) -> dict[str, Kept | None]:
        return {key: item for register in self._registers for key, item in register.own.get(person, {}).items()}


def interruption_register(listing: Listing[Interruption]) -> Register[Interruption]:
    """Index a list of interruptions by doId. Raises BadResponse if most cannot be read."""
    return _register(listing.read(), attrgetter("do_id"))


def assignment_register(listing: Listing[Assignment]) -> tuple[Register[Assignment], Replacements]:
    """Index a list of assignments by id, and who replaces whom. Raises BadResponse if most cannot be read."""
    pairs = listing.read()
    return _register(pairs, attrgetter("id")), _replacements(pairs)


def _register(pairs: Iterable[tuple[Any, Kept | None]], key_of: Callable[[Any], str]) -> Register[Kept]:
    own: dict[str, dict[str, Kept | None]] = defaultdict(dict)
    known: dict[str, Kept] = {}
    lost: dict[str, str] = {}
    for raw, item in pairs:
        named = item or _unreadable(raw)
        key, person = key_of(named), named.person_id
        if person:
            own[person][key or repr(item or raw)] = item
        if item and key:
            known[key] = item
        elif key and person:
            lost[key] = person
    return Register(own, known, lost)


def _unreadable(raw: Any) -> Unreadable:
    """What can be read of an unreadable item."""
    try:
        return Unreadable.model_validate(raw)
    except ValidationError:
        return Unreadable()


def _replacements(pairs: Iterable[tuple[Any, Assignment | None]]) -> Replacements:
    covered: dict[str, set[str]] = defaultdict(set)
    covering: dict[str, set[str]] = defaultdict(set)
    for raw, item in pairs:
        for replacement in (item or _unreadable(raw)).vervangingen:
            if replacement.opdracht_id and replacement.do_id:
                covered[replacement.opdracht_id].add(replacement.do_id)
                covering[replacement.do_id].add(replacement.opdracht_id)
    return Replacements(
        {key: frozenset(found) for key, found in covered.items()},
        {key: frozenset(found) for key, found in covering.items()},
    )
