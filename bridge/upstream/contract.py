"""The contract of sources: what each of them does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from msgspec import Struct, to_builtins
from pydantic import BaseModel, TypeAdapter

from bridge.errors import BadResponse, SourceError
from bridge.model.event import Event, Part
from bridge.model.names import Names
from bridge.model.window import Window
from bridge.upstream.credential import CredentialSlot

MOST_EVENTS = 20_000
_AT_ONCE = 1000
_MODEL = TypeVar("_MODEL", bound=BaseModel | Struct)
_VALUE = TypeVar("_VALUE")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a source gets it.

    Attributes:
        person: the upstream's own id of the person; empty if there is none.
        options: the options of the account.
        called: the name under which the account is listed, if it has neither identity nor person.
        first_name: of the person, if the upstream says it and a login may have several persons.
        several: whether the login has several persons.
        found: the names of what `connect` found for it, such as timetables; only for the person to read.
        read_at: when each named answer of a part was last delivered, in UTC.
        remembered: the last good answers to further requests of a part.
        wrote: when the upstream last answered a write of this account, in UTC: what was asked for earlier, or in the
            same second, does not know of it.
    """

    person: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    called: str = ""
    first_name: str = field(default="", compare=False)
    several: bool = field(default=False, compare=False)
    found: tuple[str, ...] = field(default=(), compare=False)
    read_at: Mapping[Part, Mapping[str, datetime]] = field(default_factory=dict)
    remembered: Mapping[Part, Mapping[str, bytes]] = field(default_factory=dict)
    wrote: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of an upstream about a part.

    Attributes:
        payload: what `read` of the same source gets: parsed values, or bodies that are not parsed yet. Several answers
            may share it.
        fingerprint: covers everything that `read` uses. While it stays the same, the answer is not read again.
        name: the name of this answer, if a part has several.
        window: the days that it covers completely; `None` is all requested days. Events in the window of no answer
            stay as they are.
        choice: the fingerprint of what a person or an operator has chosen to leave out upstream. If it changes, events
            that the answer lacks were left out and not cancelled.
        notes: sentences about further requests that failed.
        remember: the answers to further requests that succeeded.
        retry_after: how long the upstream asked to wait when it refused a further request.
        leans_on: the part of the account to whose events this one refers: while an answer about that part is refused,
            this part stays as it was too.
        further: what is not up to date if `read` raises BadResponse for it, which then costs only this answer; empty if
            that is the failure of the part.
    """

    payload: Any = field(repr=False)
    fingerprint: str
    name: str = ""
    window: Window | None = None
    choice: str = ""
    notes: tuple[str, ...] = ()
    remember: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    retry_after: timedelta | None = None
    leans_on: Part | None = None
    further: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """An item that could not be read, with what could: the identity of its event, or its start, with a zone.

    `begins` is when an item with an identity begins, if that is known; it names no other item.

    Raises:
        ValueError: the identity is no text, or the start has no zone.
    """

    identity: str = ""
    starts: datetime | None = None
    begins: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.identity, str) or (self.starts is not None and self.starts.tzinfo is None):
            raise ValueError("an unread item is named by text or by a start with a zone")


@dataclass(frozen=True, slots=True)
class Reading:
    """The events or the names in an answer.

    `unread` are the items that could not be read, of `items` in all. `notes` are sentences about what is missing from
    the events. `hidden` are the identities of events that the upstream tells of and that somebody's choice leaves out.
    `also` has other identities of an event, by its own one: it may be stored under one of them, or under one that has
    more after a space. `silent` is how identities begin of what the upstream does not tell of just now, as where it
    refuses one of two lists: events of such an identity stay as they are. `lacking` are the fields of an event, by its
    identity, that the upstream wrote in a way that cannot be read: they stay as they are.
    """

    events: tuple[Event, ...] = ()
    unread: tuple[Unread, ...] = ()
    names: Names | None = None
    items: int = field(default=0, compare=False)
    notes: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def skipped(self) -> int:
        """The number of items that could not be read."""
        return len(self.unread)


Answers = Answer | Sequence[Answer] | SourceError


class Source(Protocol):
    """A configured upstream. `fetch` sends requests, `read` is pure; neither keeps state between calls.

    `bridge.upstream.capabilities` has what else a source can do.
    """

    async def check(self) -> str:
        """Check that the upstream answers and accepts the operator's credentials. Returns a clause for the operator.

        Raises:
            SourceError: it does not.
        """

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """Find the person of an account, by `identity` or else by its login. Returns the account with the person.

        Raises:
            UnknownPerson, ChoiceNeeded: the upstream has no such person, or several.
            ConfigError: the account lacks an option or a secret.
            SourceError: the credentials are refused, or the upstream could not be asked.
        """

    async def fetch(self, account: Account, slot: CredentialSlot, window: Window) -> Mapping[Part, Answers]:
        """Request each part for `window`: a complete answer, the answers that are due, or an error."""

    def read(self, part: Part, payload: Any, account: Account) -> Reading:
        """The events in the `payload` of an answer, also those outside of its window.

        Raises:
            BadResponse: it is not what the upstream's documentation promises, or most of it cannot be read.
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
    """The events of items, without those that cannot be read.

    `whole` is whether these are all items of the part, so that most of them must be readable. The other arguments and
    the errors are those of `read_each`.
    """
    listed = list(items)
    found, unread = read_each(listed, model, events, origin=origin, identify=identify, whole=whole, enough=MOST_EVENTS)
    return Reading(tuple(found), unread, items=len(listed))


def read_each(
    items: Iterable[Any],
    model: type[_MODEL],
    values: Callable[[_MODEL], Iterable[_VALUE]],
    *,
    origin: str,
    identify: Callable[[Any], Unread] | None = None,
    whole: bool = True,
    enough: int | None = None,
) -> tuple[list[_VALUE], tuple[Unread, ...]]:
    """The results of `values` for all items, and the items that cannot be read.

    Args:
        items: the items, not validated yet, or as a `TypedList` reads them if `model` is the type of one.
        model: the model of an item.
        values: gives the results of a valid item. It raises ValueError for an item that it cannot use.
        origin: the name of the upstream for people.
        identify: reads what it can of an unreadable item. Its errors are ignored.
        whole: whether most of the items must be readable.
        enough: how many results there may be; `None` is any number.

    Raises:
        BadResponse: more than half of the whole cannot be read, or there are more results than `enough`.
    """
    listed = list(items)
    found: list[_VALUE] = []
    unread: list[Unread] = []
    for start in range(0, len(listed), _AT_ONCE):  # models take several times the memory of what is made of them
        some = listed[start : start + _AT_ONCE]
        for item, valid in zip(some, _validated(some, model), strict=True):
            try:
                if valid is None:
                    unread.append(_identified(item, identify))
                else:
                    found.extend(values(valid))
            except (ValueError, OverflowError):
                unread.append(_identified(item, identify))
        if enough is not None and len(found) > enough:
            raise too_many_events(origin)
    if whole and len(unread) * 2 > len(listed):
        raise mostly_unread(origin, len(listed), len(unread))
    return found, tuple(unread)


def too_many_events(origin: str) -> BadResponse:
    """The error of a part with more events than anybody has."""
    return BadResponse(f"{origin} sent more than {MOST_EVENTS:,} events at once.")


def mostly_unread(origin: str, items: int, unread: int) -> BadResponse:
    """The error of a part of which most items cannot be read."""
    if items == 1:
        return BadResponse(f"{origin} sent 1 item, which could not be read.")
    return BadResponse(f"{origin} sent {items} items, of which {unread} could not be read.")


def _validated(items: list[Any], model: type[_MODEL]) -> Sequence[_MODEL | None]:
    """The items as models, `None` for invalid ones. All at once, which is faster, or one by one if that fails."""
    if not issubclass(model, BaseModel):
        return [item if isinstance(item, model) else None for item in items]
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
        return identify(to_builtins(item) if isinstance(item, Struct) else item) if identify is not None else Unread()
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
        return Unread()


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Join readings into one."""
    return Reading(
        tuple(event for reading in readings for event in reading.events),
        tuple(unread for reading in readings for unread in reading.unread),
        next((reading.names for reading in readings if reading.names is not None), None),
        sum(reading.items for reading in readings),
        tuple(dict.fromkeys(note for reading in readings for note in reading.notes)),
        frozenset[str]().union(*(reading.hidden for reading in readings)),
        {identity: others for reading in readings for identity, others in reading.also.items()},
        tuple(dict.fromkeys(beginning for reading in readings for beginning in reading.silent)),
        {identity: names for reading in readings for identity, names in reading.lacking.items()},
    )
