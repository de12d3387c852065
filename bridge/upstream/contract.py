"""What every source does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, TypeAdapter

from bridge.errors import BadResponse, SourceError
from bridge.model.event import Event, Part
from bridge.model.names import Names
from bridge.model.window import Window
from bridge.upstream.credential import CredentialSlot

_MODEL = TypeVar("_MODEL", bound=BaseModel)
_VALUE = TypeVar("_VALUE")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to read at a source: `person` is the upstream's own name of them, empty where there is no person.

    `called` is for people to see, where neither an identity was given nor a person is known. `read_at` is when each
    named answer of a part came last, in UTC. `remembered` are the last good answers to further requests of a part.
    """

    person: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    called: str = ""
    read_at: Mapping[Part, Mapping[str, datetime]] = field(default_factory=dict)
    remembered: Mapping[Part, Mapping[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an upstream said about one part.

    `payload` is for the `read` of the same source alone: values that were parsed once, or bodies that are not parsed
    yet; several answers may share one. `fingerprint` covers all that reading takes from it: while that stays the same,
    nothing is read again.
    A part may come in several answers, each with a `name` of its own and the `window` that it covers completely;
    `None` is all that was asked for. What lies in the window of no answer stays as it is.
    `choice` is a fingerprint of what a person or an operator has chosen to leave out upstream: where that is another
    one, what the answer lacks was left out and not cancelled. `notes` are sentences about further requests that
    failed, and `remember` the answers to those that did not.
    """

    payload: Any = field(repr=False)
    fingerprint: str
    name: str = ""
    window: Window | None = None
    choice: str = ""
    notes: tuple[str, ...] = ()
    remember: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """An item that could not be read, by what could be read of it: its event's identity, or when that starts (UTC)."""

    identity: str = ""
    starts: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The events of an answer, or the names, where it is about those.

    `unread` are the items that could not be read, of `items` in all. `notes` are sentences about what is missing from
    the events, which are good all the same.
    """

    events: tuple[Event, ...] = ()
    unread: tuple[Unread, ...] = ()
    names: Names | None = None
    items: int = field(default=0, compare=False)
    notes: tuple[str, ...] = ()

    @property
    def skipped(self) -> int:
        """How many items could not be read."""
        return len(self.unread)


Answers = Answer | Sequence[Answer] | SourceError


class Source(Protocol):
    """One configured upstream. `fetch` asks, `read` is pure; neither keeps anything between calls.

    `capabilities` has what else a source can do.
    """

    async def check(self) -> str:
        """Ask whether the upstream is there and takes our own credentials; a clause for the operator.

        Raises:
            SourceError: it is not, or it does not.
        """

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """The account with the person that `identity` (or, without one, the credential) stands for.

        Raises:
            UnknownPerson, ChoiceNeeded: there is no such person, or more than one.
            ConfigError: the account lacks an option or a secret.
            SourceError: the credentials are refused, or the upstream could not be asked.
        """

    async def fetch(self, account: Account, slot: CredentialSlot, window: Window) -> Mapping[Part, Answers]:
        """Each part's complete answer for `window`, or those of its answers that are due, or why none came."""

    def read(self, part: Part, payload: Any, account: Account) -> Reading:
        """The events in the `payload` of an answer, also those outside of its window.

        Raises:
            BadResponse: it is not what the upstream's document promises, or most of it cannot be read.
        """


def read_items(
    items: Iterable[Any],
    model: type[_MODEL],
    events: Callable[[_MODEL], Iterable[Event]],
    *,
    origin: str,
    identify: Callable[[Any], Unread] | None = None,
    whole: bool = True,
) -> Reading:
    """The events of items. An item that cannot be read is skipped, and nothing else is.

    `whole` is whether these are all items of the part, so that most of it cannot be read if most of these cannot. The
    other arguments and what is raised are those of `read_each`.
    """
    listed = list(items)
    found, unread = read_each(listed, model, events, origin=origin, identify=identify, whole=whole)
    return Reading(tuple(found), unread, items=len(listed))


def read_each(
    items: Iterable[Any],
    model: type[_MODEL],
    values: Callable[[_MODEL], Iterable[_VALUE]],
    *,
    origin: str,
    identify: Callable[[Any], Unread] | None = None,
    whole: bool = True,
) -> tuple[list[_VALUE], tuple[Unread, ...]]:
    """What `values` gives for each item, and the items that cannot be read.

    Args:
        items: the items, as they came.
        model: what an item is validated by.
        values: what is made of a valid item. It raises ValueError where nothing can be made of it.
        origin: the name of the upstream for people.
        identify: what can be read of an item that cannot be read whole. An error in it counts as nothing.
        whole: whether most of these items must be readable.

    Raises:
        BadResponse: more than half of the whole cannot be read.
    """
    listed = list(items)
    found: list[_VALUE] = []
    unread: list[Unread] = []
    for item, valid in zip(listed, _validated(listed, model), strict=True):
        try:
            if valid is None:
                unread.append(_identified(item, identify))
            else:
                found.extend(values(valid))
        except (ValueError, OverflowError):
            unread.append(_identified(item, identify))
    if whole and len(unread) * 2 > len(listed):
        raise mostly_unread(origin, len(listed), len(unread))
    return found, tuple(unread)


def mostly_unread(origin: str, items: int, unread: int) -> BadResponse:
    """The error of a part of which most items cannot be read."""
    return BadResponse(f"{origin} sent {items} items, of which {unread} could not be read.")


def _validated(items: list[Any], model: type[_MODEL]) -> Sequence[_MODEL | None]:
    """Each item as a model, `None` if it is not valid: all at once, which is faster, or one by one if that fails."""
    try:
        return _list_of(model).validate_python(items)
    except (ValueError, OverflowError):
        models: list[_MODEL | None] = []
        for item in items:
            try:
                models.append(model.model_validate(item))
            except (ValueError, OverflowError):
                models.append(None)
        return models


@lru_cache
def _list_of(model: type[_MODEL]) -> TypeAdapter[list[_MODEL]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type] # mypy takes no variable for a type


def _identified(item: Any, identify: Callable[[Any], Unread] | None) -> Unread:
    try:
        return identify(item) if identify is not None else Unread()
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
        return Unread()


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Several readings as one."""
    return Reading(
        tuple(event for reading in readings for event in reading.events),
        tuple(unread for reading in readings for unread in reading.unread),
        next((reading.names for reading in readings if reading.names is not None), None),
        sum(reading.items for reading in readings),
        tuple(dict.fromkeys(note for reading in readings for note in reading.notes)),
    )
