"""What an operator looks over: how the accounts of sources stand, people, held answers and large calendars."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from bridge.model.event import Part
from bridge.store.account import State
from bridge.store.database import Database
from bridge.store.feed import LARGEST
from bridge.store.schema import USER, accounts, feeds, parts, users
from bridge.store.users import User


@dataclass(frozen=True, slots=True)
class AccountCount:
    """The accounts of a source in a state: how many, how many of them are late, and their oldest good answer."""

    source: str
    state: State
    number: int
    late: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account in a list of people."""

    source: str
    state: State


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A user in a list, with their accounts, the number of their feeds, and when one of these was last read."""

    user: User
    accounts: Sequence[ListedAccount]
    feeds: int
    last_read: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list of people, and how many the whole list has."""

    people: Sequence[ListedPerson]
    total: int


@dataclass(frozen=True, slots=True)
class HeldPart:
    """An answer that is held back: of whom, since when, and the UIDs of the events that would go."""

    account_id: int
    user: str | None
    title: str | None
    source: str
    part: Part
    since: datetime
    missing: Collection[str]


@dataclass(frozen=True, slots=True)
class LargeFeed:
    """A feed with more than 1 MB."""

    id: int
    user: str
    name: str
    size: int


class SurveyStore:
    """Reads what an operator looks over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accounts(self, late: datetime) -> list[AccountCount]:
        """The accounts by source and state. Those that were due before `late` are late, unless they need a login."""
        overdue = (accounts.c.next_due < late) & (accounts.c.state != State.LOGIN_NEEDED)
        query = select(
            accounts.c.source,
            accounts.c.state,
            func.count().label("number"),
            func.count().filter(overdue).label("late"),
            func.min(accounts.c.last_ok).label("oldest"),
        ).group_by(accounts.c.source, accounts.c.state)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [AccountCount(**{**row, "state": State(row["state"])}) for row in rows]

    async def people(
        self, search: str = "", *, source: str | None = None, state: State | None = None, offset: int, limit: int
    ) -> Page:
        """Users, by name, whose name or title contains `search`, with an account at a source or in a state."""
        wanted = select(*USER)
        if search:
            named = func.coalesce(users.c.folded, func.lower(users.c.name)).contains(search.casefold(), autoescape=True)
            wanted = wanted.where(or_(named, users.c.title.icontains(search, autoescape=True)))
        if source is not None or state is not None:
            theirs = select(accounts.c.user_id)
            theirs = theirs if source is None else theirs.where(accounts.c.source == source)
            theirs = theirs if state is None else theirs.where(accounts.c.state == state)
            wanted = wanted.where(users.c.id.in_(theirs))
        return await self._database.read(_page, wanted, offset, limit)

    async def held(self, *, account_id: int | None = None) -> list[HeldPart]:
        """The answers that are held back, the oldest first: of one account, or of a thousand at most."""
        rows = await self._database.read(_held, account_id)
        return [
            HeldPart(
                account_id=row.id,
                user=row.name,
                title=row.title,
                source=row.source,
                part=Part(row.part),
                since=row.held_since,
                missing=frozenset(json.loads(row.held)),
            )
            for row in rows
        ]

    async def large(self, limit: int) -> list[LargeFeed]:
        """The largest feeds of those with more than 1 MB."""
        query = _FEEDS.where(feeds.c.size > LARGEST).order_by(feeds.c.size.desc(), feeds.c.id).limit(limit)
        return await self._feeds(query)

    async def feeds(self, ids: Collection[int]) -> list[LargeFeed]:
        """The feeds with these numbers, by user and name."""
        return await self._feeds(_FEEDS.where(feeds.c.id.in_(ids)).order_by(users.c.name, feeds.c.name))

    async def _feeds(self, query: Select[tuple[int, str, str, int]]) -> list[LargeFeed]:
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [LargeFeed(**{**row, "size": row["size"] or 0}) for row in rows]


_MOST_HELD = 1000
_FEEDS = select(feeds.c.id, users.c.name.label("user"), feeds.c.name, feeds.c.size).join(
    users, users.c.id == feeds.c.user_id
)


def _held(connection: Connection, account_id: int | None) -> Sequence[Row[Any]]:
    """The held answers. Their accounts first: there are few, and the rows of parts are large."""
    concerned = select(accounts.c.id).where(accounts.c.state == State.HELD)
    if account_id is not None:
        concerned = concerned.where(accounts.c.id == account_id)
    ids = connection.scalars(concerned.order_by(accounts.c.id).limit(_MOST_HELD)).all()
    query = (
        select(accounts.c.id, users.c.name, users.c.title, accounts.c.source)
        .add_columns(parts.c.part, parts.c.held, parts.c.held_since)
        .join(parts, parts.c.account_id == accounts.c.id)
        .outerjoin(users, users.c.id == accounts.c.user_id)
        .where(accounts.c.id.in_(ids), parts.c.account_id.in_(ids), parts.c.held.is_not(None))
        .order_by(parts.c.held_since, accounts.c.id)
    )
    return connection.execute(query).all()


def _page(connection: Connection, wanted: Select[tuple[int, str, str, datetime]], offset: int, limit: int) -> Page:
    part = wanted.add_columns(func.count().over().label("total")).order_by(users.c.name).offset(offset).limit(limit)
    rows = connection.execute(part).mappings().all()
    if rows or not offset:
        total = rows[0]["total"] if rows else 0
    else:
        total = connection.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    found = [User(row["id"], row["name"], row["title"], row["created"]) for row in rows]
    ids = [user.id for user in found]
    theirs: dict[int, list[ListedAccount]] = {number: [] for number in ids}
    query = select(accounts.c.user_id, accounts.c.source, accounts.c.state).where(accounts.c.user_id.in_(ids))
    for row in connection.execute(query.order_by(accounts.c.source)):
        theirs[row.user_id].append(ListedAccount(row.source, State(row.state)))
    counted = select(feeds.c.user_id, func.count().label("number"), func.max(feeds.c.last_read).label("last_read"))
    read = {
        row.user_id: (row.number, row.last_read)
        for row in connection.execute(counted.where(feeds.c.user_id.in_(ids)).group_by(feeds.c.user_id))
    }
    people = [ListedPerson(user, theirs[user.id], *read.get(user.id, (0, None))) for user in found]
    return Page(people, total)
