"""The names that registers gave last."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select

from bridge.model.names import Names
from bridge.store.choice import Placed
from bridge.store.database import Database
from bridge.store.schema import accounts, names, parts

_SUM = select(func.coalesce(func.sum(parts.c.events), 0)).where(parts.c.account_id == accounts.c.id)


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account, whose it is (`None` is everybody's), the names that it gave, if any, and how many events it has."""

    user_id: int | None
    account: Placed
    names: Names | None
    events: int = 0


class NameStore:
    """The names in the storage. A refresh writes them with `keep_names`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_account(self, account_id: int) -> Names:
        """The names from an account; empty if there are none yet."""
        query = select(names.c.content).where(names.c.account_id == account_id)
        content = await self._database.read(lambda connection: connection.scalar(query))
        return Names() if content is None else _decode(content)

    async def of_sources(self, sources: Collection[str]) -> list[Names]:
        """The names from sources without accounts, in the order of the sources' names."""
        query = (
            select(names.c.content)
            .join(accounts, accounts.c.id == names.c.account_id)
            .where(accounts.c.source.in_(sources), accounts.c.user_id.is_(None))
            .order_by(accounts.c.source)
        )
        contents = await self._database.read(lambda connection: connection.scalars(query).all())
        return [_decode(content) for content in contents]

    async def of_users(self, users: Collection[int], registers: Collection[str]) -> list[NamedAccount]:
        """The accounts of these users, and these `registers`, which have no accounts; sorted by source and name."""
        shared = accounts.c.user_id.is_(None) & accounts.c.source.in_(registers)
        query = (
            select(
                accounts.c.user_id,
                accounts.c.source,
                accounts.c.name,
                accounts.c.first_name,
                names.c.content,
                _SUM.scalar_subquery().label("events"),
            )
            .outerjoin(names, names.c.account_id == accounts.c.id)
            .where(accounts.c.user_id.in_(users) | shared)
            .order_by(accounts.c.source, accounts.c.name)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            NamedAccount(
                row.user_id,
                Placed(row.source, row.name, row.first_name or ""),
                None if row.content is None else _decode(row.content),
                int(row.events),
            )
            for row in rows
        ]


def keep_names(connection: Connection, account_id: int, given: Names) -> None:
    """Within a transaction: store the names from an account, in place of earlier ones."""
    connection.execute(delete(names).where(names.c.account_id == account_id))
    content = json.dumps(asdict(given), ensure_ascii=False)
    connection.execute(insert(names).values(account_id=account_id, content=content))


def _decode(content: str) -> Names:
    return Names(**json.loads(content))
