"""The objects that commands print with `--json` and that the API answers with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from bridge.store.account import StoredAccount
from bridge.store.feed import Feed
from bridge.store.users import User

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A moment as RFC 3339 writes it."""


@dataclass(frozen=True, slots=True)
class UserValue:
    """A user."""

    name: str
    title: str
    created: Moment


@dataclass(frozen=True, slots=True)
class AccountValue:
    """An account and how it stands. `name` tells it from the user's others at the source; null is the usual one."""

    user: str | None
    source: str
    name: str | None
    identity: str
    state: str
    last_ok: Moment | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class FeedValue:
    """A feed, without its address. `sources` is null for all of them."""

    user: str
    name: str
    kinds: Sequence[str]
    sources: Sequence[str] | None
    options: Mapping[str, str]
    created: Moment
    last_read: Moment | None


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """A feed with its secret address."""

    user: str
    name: str
    url: str


def user_value(user: User) -> UserValue:
    """A user as an object."""
    return UserValue(user.name, user.title, user.created.isoformat())


def account_value(account: StoredAccount) -> AccountValue:
    """An account as an object."""
    return AccountValue(
        user=account.user,
        source=account.source,
        name=account.name or None,
        identity=account.identity,
        state=account.state,
        last_ok=_moment(account.last_ok),
        last_error=account.last_error,
    )


def feed_value(feed: Feed) -> FeedValue:
    """A feed as an object."""
    return FeedValue(
        user=feed.user,
        name=feed.name,
        kinds=list(feed.kinds),
        sources=None if feed.sources is None else list(feed.sources),
        options=dict(feed.options),
        created=feed.created.isoformat(),
        last_read=_moment(feed.last_read),
    )


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
