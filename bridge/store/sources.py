"""The sources that were added without the settings file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bridge.errors import NameTaken, UnknownName
from bridge.store.cipher import Cipher
from bridge.store.database import Database
from bridge.store.marks import read_mark, stamp
from bridge.store.schema import sources

_STAMP = "sources"
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source in the storage: settings as they were given. `secrets` are those that nobody is shown."""

    name: str
    type: str
    settings: Values
    secrets: Values = field(repr=False)


class SourceStore:
    """The sources in the storage, their secrets encrypted."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def stamp(self) -> str | None:
        """A text that differs after any of them was changed; `None` if none ever was."""
        return await self._database.read(read_mark, _STAMP)

    async def all(self) -> list[StoredSource]:
        """All of them, by name."""
        query = select(sources).order_by(sources.c.name)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [
            StoredSource(row["name"], row["type"], json.loads(row["settings"]), self._open(row["secrets"]))
            for row in rows
        ]

    async def add(self, source: StoredSource, now: datetime) -> None:
        """Add a source.

        Raises:
            NameTaken: there is one of that name.
        """

        def add(connection: Connection) -> None:
            if connection.scalar(select(sources.c.name).where(sources.c.name == source.name)) is not None:
                raise NameTaken(f'A source called "{source.name}" exists already.')
            connection.execute(insert(sources).values(name=source.name, changed=now, **self._columns(source)))
            stamp(connection, _STAMP)

        await self._database.write_durably(add)

    async def replace(self, source: StoredSource, now: datetime) -> None:
        """Replace the source of that name.

        Raises:
            UnknownName: there is none.
        """

        def replace(connection: Connection) -> None:
            which = update(sources).where(sources.c.name == source.name)
            if not connection.execute(which.values(changed=now, **self._columns(source))).rowcount:
                raise UnknownName(f'The storage has no source called "{source.name}".')
            stamp(connection, _STAMP)

        await self._database.write_durably(replace)

    async def remove(self, name: str) -> None:
        """Remove a source.

        Raises:
            UnknownName: there is none.
        """

        def remove(connection: Connection) -> None:
            if not connection.execute(delete(sources).where(sources.c.name == name)).rowcount:
                raise UnknownName(f'The storage has no source called "{name}".')
            stamp(connection, _STAMP)

        await self._database.write_durably(remove)

    def _columns(self, source: StoredSource) -> dict[str, object]:
        sealed = self._cipher.encrypt(json.dumps(dict(source.secrets))) if source.secrets else None
        return {"type": source.type, "settings": json.dumps(dict(source.settings)), "secrets": sealed}

    def _open(self, sealed: str | None) -> dict[str, object]:
        opened: dict[str, object] = {} if sealed is None else json.loads(self._cipher.decrypt(sealed))
        return opened
