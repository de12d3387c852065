"""What the hosts on a storage say of themselves, to notice those that differ."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from bridge.errors import ConfigError
from bridge.store.cipher import Cipher
from bridge.store.database import Database
from bridge.store.locks import now_of
from bridge.store.schema import meta

_BEFORE = "host "
_FORGOTTEN_AFTER = 180.0  # seconds; a host says it once a minute


@dataclass(frozen=True, slots=True)
class HostNote:
    """A process on the storage: its id, the name of its machine, and a mark of the value of each setting."""

    id: str
    machine: str
    marks: Mapping[str, str]


class HostStore:
    """The notes of hosts in the storage, encrypted, since a mark could be tried out."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def tell(self, mine: HostNote) -> list[HostNote]:
        """Keep the note of this host for three minutes. Returns those of the others."""
        return await self._database.write(self._tell, mine)

    def _tell(self, connection: Connection, mine: HostNote) -> list[HostNote]:
        now = float(connection.scalar(select(now_of(connection))) or 0)
        rows = connection.execute(select(meta).where(meta.c.name.startswith(_BEFORE))).all()
        said = {row.name: (told, note) for row in rows for told, note in self._read(row.name, row.value)}
        theirs = [note for told, note in said.values() if note.id != mine.id and abs(now - told) < _FORGOTTEN_AFTER]
        gone = {row.name for row in rows} - {_BEFORE + note.id for note in theirs}
        connection.execute(delete(meta).where(meta.c.name.in_(gone)))
        value = self._cipher.encrypt(json.dumps([now, mine.machine, dict(mine.marks)]))
        connection.execute(insert(meta).values(name=_BEFORE + mine.id, value=value))
        return theirs

    def _read(self, name: str, value: str) -> list[tuple[float, HostNote]]:
        with suppress(ConfigError, ValueError):  # of a key that was taken out since, or of another version
            told, machine, marks, *_ = json.loads(self._cipher.decrypt(value))
            return [(told, HostNote(name.removeprefix(_BEFORE), machine, marks))]
        return []
