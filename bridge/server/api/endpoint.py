"""What an endpoint of the API is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from inspect import getdoc
from typing import Annotated, Any, Generic, TypeVar, get_args, get_type_hints

from aiohttp.hdrs import METH_GET
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridge.people.names import LONGEST_TITLE, tidy_title
from bridge.server.services import Services

BODY = TypeVar("BODY", bound=BaseModel)
QUERY = TypeVar("QUERY", bound=BaseModel)
ITEM = TypeVar("ITEM")
MOST = 1000
"""How many objects of a list come at once at most."""


class Given(BaseModel):
    """Values that a client gives. Unknown ones are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Given):
    """No values."""


def _readable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text has no NUL")
    return text


Text = Annotated[str, AfterValidator(_readable), Field(max_length=20_000)]
"""A text that every storage can keep."""
Known = Annotated[Text, AfterValidator(str.strip)]
"""The name of a user or a source, without white space at its ends."""


Word = Annotated[str, AfterValidator(_readable), Field(max_length=500)]
"""A text in the query of an address, which has 8,190 bytes at most."""


Title = Annotated[str, AfterValidator(tidy_title), Field(json_schema_extra={"maxLength": LONGEST_TITLE})]
"""A title for people."""


class Listing(Given):
    """Which part of a list is wanted."""

    limit: int = Field(100, ge=1, le=MOST, description="how many objects at most")
    after: Word = Field("", description="the name of the last object of the part before")


@dataclass(frozen=True, slots=True)
class Part(Generic[ITEM]):
    """A part of a list. `after` leads to the next part; `None` if this is the last one."""

    items: Sequence[ITEM]
    after: str | None = None


def part_of(items: Sequence[ITEM], listing: Listing, name: Callable[[ITEM], str]) -> Part[ITEM]:
    """The wanted part of a whole list, which is sorted by `name` here."""
    later = sorted((item for item in items if name(item) > listing.after), key=name)
    return first_of(later[: listing.limit + 1], listing.limit, name)


def first_of(items: Sequence[ITEM], limit: int, name: Callable[[ITEM], str]) -> Part[ITEM]:
    """The first `limit` of these, of which one more was read if there are more."""
    wanted = items[:limit]
    return Part(wanted, name(wanted[-1]) if len(items) > limit else None)


@dataclass(frozen=True, slots=True)
class Call(Generic[BODY, QUERY]):
    """A request, read: the variables of its path, its body and its query."""

    path: Mapping[str, str]
    body: BODY
    query: QUERY


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom a call concerns, and which source or feed."""

    user: str | None = None
    thing: str | None = None


def _by_path(call: Call[Any, Any]) -> Concern:
    return Concern(call.path.get("name"), call.path.get("source") or call.path.get("feed"))


@dataclass(frozen=True)
class Endpoint:
    """An endpoint: a method, a path below `/api/v1`, and the function that answers.

    The function takes the service and a call. Its annotations say what a request has and what the answer is, its
    docstring what it does.

    Attributes:
        does: the command that does the same.
        concerns: whom and what a call concerns.
        largest: how many bytes a body may have.
    """

    method: str
    path: str
    handle: Callable[[Services, Call[Any, Any]], Awaitable[object]]
    does: str
    status: HTTPStatus = HTTPStatus.OK
    concerns: Callable[[Call[Any, Any]], Concern] = _by_path
    largest: int = 1024 * 1024

    @property
    def of_account(self) -> bool:
        """Whether its path names an account: by its source, and where a user has several there by the query `as` too.

        The function gets both as the `source` of the path, as `bridge.store.choice.thing_of` joins them.
        """
        return {"{name}", "{source}"} <= set(self.path.split("/"))

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return (getdoc(self.handle) or "").splitlines()[0]

    @property
    def body(self) -> type[BaseModel]:
        """The type of the body."""
        return self._types[0]

    @property
    def query(self) -> type[BaseModel]:
        """The type of the query."""
        return self._types[1]

    @property
    def answer(self) -> Any:
        """The type of the answer."""
        return self._hints["return"]

    @property
    def recorded(self) -> bool:
        """Whether it is recorded that somebody did it: it changes something, or gives everything of a person away."""
        return self.method != METH_GET or self.does == "user export"

    @cached_property
    def _types(self) -> tuple[type[BaseModel], type[BaseModel]]:
        body, query = get_args(self._hints["call"])
        return body, query

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.handle, include_extras=True)
