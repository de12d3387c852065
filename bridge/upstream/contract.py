"""What every source does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
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
    named answer of a part came last, in UTC.
    """

    person: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    called: str = ""
    read_at: Mapping[Part, Mapping[str, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an upstream said about one part.

    `payload` is for the `read` of the same source alone: values that were parsed once, or bodies that are not parsed
    yet; several answers may share one. `fingerprint` covers all that reading takes from it: while that stays the same,
    nothing is read again.
    A part may come in several answers, each with a `name` of its own and the `window` that it covers completely;
    `None` is all that was asked for. What lies in the window of no answer stays as it is.
    """

    payload: Any = field(repr=False)
    fingerprint: str
    name: str = ""
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The events of an answer, and how many of its items could not be read; or the names, where it is about those."""

    events: tuple[Event, ...] = ()
    skipped: int = 0
    names: Names | None = None


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
) -> Reading:
    """The events of items. An item that cannot be read is skipped and counted. Raises BadResponse as `read_each`."""
    found, skipped = read_each(items, model, events, origin=origin)
    return Reading(tuple(found), skipped)


def read_each(
    items: Iterable[Any],
    model: type[_MODEL],
    values: Callable[[_MODEL], Iterable[_VALUE]],
    *,
    origin: str,
) -> tuple[list[_VALUE], int]:
    """What `values` gives for each item, and how many items cannot be read.

    Raises:
        BadResponse: more than half of them cannot be read.
    """
    listed = list(items)
    models = _validated(listed, model)
    found: list[_VALUE] = []
    skipped = len(listed) - len(models)
    for item in models:
        try:
            found.extend(values(item))
        except (ValueError, OverflowError):
            skipped += 1
    if skipped * 2 > len(listed):
        raise BadResponse(f"{origin} sent {len(listed)} items, of which {skipped} could not be read.")
    return found, skipped


def _validated(items: list[Any], model: type[_MODEL]) -> list[_MODEL]:
    """The items that are valid: all at once, which is faster, or one by one where that fails."""
    try:
        return _list_of(model).validate_python(items)
    except (ValueError, OverflowError):
        models = []
        for item in items:
            with suppress(ValueError, OverflowError):
                models.append(model.model_validate(item))
        return models


@lru_cache
def _list_of(model: type[_MODEL]) -> TypeAdapter[list[_MODEL]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type] # mypy takes no variable for a type


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Several readings as one."""
    return Reading(
        tuple(event for reading in readings for event in reading.events),
        sum(reading.skipped for reading in readings),
        next((reading.names for reading in readings if reading.names is not None), None),
    )
