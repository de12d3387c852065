"""The lists of an institute by person and by key."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from bridge.sources.informat.listing import Listing
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.fields import Owned
from bridge.sources.informat.models.interruption import Interruption

Kept = TypeVar("Kept", bound=Interruption | Assignment)


@dataclass(frozen=True, slots=True)
class Register(Generic[Kept]):
    """The list of a school year.

    `own` has the items of each person by key, or by their whole content if they have none; `None` for one that cannot
    be read. `known` has the items with a key.
    """

    own: Mapping[str, Mapping[str, Kept | None]]
    known: Mapping[str, Kept]


@dataclass(frozen=True, slots=True)
class Own(Generic[Kept]):
    """The items of a person, sorted. `skipped` counts those that cannot be read."""

    items: tuple[Kept, ...]
    skipped: int


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

    def get(self, key: str) -> Kept | None:
        """The item with a key in the latest year; `None` if there is none that can be read."""
        found = (register.known.get(key) for register in reversed(self._registers))
        return next(filter(None, found), None)

    def own(self, person: str) -> Own[Kept]:
        """The items of a person."""
        own = self._own(person).values()
        items = [item for item in own if item is not None]
        return Own(tuple(sorted(items, key=repr)), len(own) - len(items))

    def keyed(self, person: str) -> Iterator[Kept]:
        """The items of a person that have a key."""
        return filter(None, map(self.get, self._own(person)))

    def _own(self, person: str) -> dict[str, Kept | None]:
        return {key: item for register in self._registers for key, item in register.own.get(person, {}).items()}


def interruption_register(listing: Listing[Interruption]) -> Register[Interruption]:
    """Index a list of interruptions by doId. Raises BadResponse if most cannot be read."""
    return _register((raw, item, item.do_id if item else "") for raw, item in listing.read())


def assignment_register(listing: Listing[Assignment]) -> tuple[Register[Assignment], Replacements]:
    """Index a list of assignments by id, and who replaces whom. Raises BadResponse if most cannot be read."""
    pairs = listing.read()
    return _register((raw, item, item.id if item else "") for raw, item in pairs), _replacements(pairs)


def _register(found: Iterable[tuple[Any, Kept | None, str]]) -> Register[Kept]:
    own: dict[str, dict[str, Kept | None]] = defaultdict(dict)
    known: dict[str, Kept] = {}
    for raw, item, key in found:
        person = item.person_id if item else _person(raw)
        if person:
            own[person][key or repr(item or raw)] = item
        if item and key:
            known[key] = item
    return Register(own, known)


def _person(raw: Any) -> str:
    """The person of an unreadable item; empty if that cannot be read either."""
    try:
        return Owned.model_validate(raw).person_id
    except ValidationError:
        return ""


def _replacements(pairs: Iterable[tuple[Any, Assignment | None]]) -> Replacements:
    covered: dict[str, set[str]] = defaultdict(set)
    covering: dict[str, set[str]] = defaultdict(set)
    for _, item in pairs:
        for replacement in item.vervangingen if item else ():
            if replacement.opdracht_id and replacement.do_id:
                covered[replacement.opdracht_id].add(replacement.do_id)
                covering[replacement.do_id].add(replacement.opdracht_id)
    return Replacements(
        {key: frozenset(found) for key, found in covered.items()},
        {key: frozenset(found) for key, found in covering.items()},
    )
