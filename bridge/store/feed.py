"""A feed, and its row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from bridge.errors import UnknownName
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.store.schema import feeds, users

LARGEST = 1_000_000
"""The size in bytes from which some calendar programs refuse a feed."""


@dataclass(frozen=True, slots=True)
class Members:
    """The people whose absences a team's feed shows: chosen users, or the current members of a group at a source.

    The names of chosen users are for `FeedStore.add` alone. The storage keeps the people.
    """

    users: tuple[str, ...] = ()
    source: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed to add, or what an existing one shall be. A team's has `members`, whose absences it shows."""

    name: str = "default"
    title: str = ""
    kinds: Sequence[Kind] = SHOWN_BY_DEFAULT
    sources: Sequence[str] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    members: Members | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, without its token.

    Attributes:
        sources: the sources and single accounts that it shows, as in `bridge.store.choice`; `None` is all.
        wanted: the number of the wanted rendering.
        members: for a team's feed, whose absences it shows; `None` is the user's own events.
        revised: when its options were last changed (UTC), or `None`.
        size: the size of its calendar in bytes; `None` before the first one.
        reader: the family of the program that last read it; `None` if that is unknown.
        changes: the UIDs of the events that may differ from its calendar; `None` is any.
    """

    id: int
    user_id: int
    user: str
    user_title: str
    name: str
    title: str
    kinds: tuple[Kind, ...]
    sources: tuple[str, ...] | None
    options: Mapping[str, str]
    created: datetime
    last_read: datetime | None
    wanted: int
    members: Members | None = None
    revised: datetime | None = None
    size: int | None = None
    changes: frozenset[str] | None = None
    reader: str | None = None


QUERY = select(feeds, users.c.name.label("user"), users.c.title.label("user_title")).join(
    users, users.c.id == feeds.c.user_id
)


def find_feed(connection: Connection, user: str, name: str) -> RowMapping:
    """The row of a feed.

    Raises:
        UnknownName: the feed does not exist.
    """
    query = QUERY.where(users.c.name == user, feeds.c.name == name)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownName(f'{user} has no feed called "{name}".')
    return row


def read_feed(row: RowMapping) -> Feed:
    """A feed from a row of `QUERY`."""
    return Feed(
        id=row["id"],
        user_id=row["user_id"],
        user=row["user"],
        user_title=row["user_title"],
        name=row["name"],
        title=row["title"],
        kinds=tuple(Kind(kind) for kind in json.loads(row["kinds"])),
        sources=None if row["sources"] is None else tuple(json.loads(row["sources"])),
        options=json.loads(row["options"]),
        created=row["created"],
        last_read=row["last_read"],
        wanted=row["wanted"],
        members=None if row["members"] is None else _members(json.loads(row["members"])),
        revised=row["revised"],
        size=row["size"],
        changes=None if row["changes"] is None else frozenset(row["changes"].split("\n")) - {""},
        reader=row["reader"],
    )


def _members(values: Mapping[str, Any]) -> Members:
    return Members(source=values["source"], group=values["group"])
