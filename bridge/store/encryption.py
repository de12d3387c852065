"""The encryption of a whole storage: whether the keys fit, and encrypting everything with a new first key."""

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from bridge.errors import ConfigError
from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.marks import put_mark, read_mark
from bridge.store.schema import credentials, feeds, manage_links, meta, outbox, requests, shared_answers, sources

_CHECK = "key_check"
_SEALED = (
    (credentials, credentials.c.secret),
    (credentials, credentials.c.access),
    (feeds, feeds.c.token),
    (manage_links, manage_links.c.token),
    (outbox, outbox.c.about),
    (outbox, outbox.c.content),
    (outbox, outbox.c.instead),
    (requests, requests.c.answer),
    (sources, sources.c.secrets),
)


async def check_key(database: Database, cipher: Cipher) -> None:
    """Refuse keys that do not fit. Raises ConfigError."""
    sealed = await database.read(read_mark, _CHECK)
    if sealed is not None:
        cipher.decrypt(sealed)
        return
    statement = insert(meta).values(name=_CHECK, value=cipher.encrypt(_CHECK))
    try:
        await database.write_durably(execute, statement)
    except IntegrityError:  # another process was first
        await check_key(database, cipher)


async def is_unkeyed(database: Database) -> bool:
    """Whether a storage is not there yet, or was never used with a key."""
    if database.file is not None and not database.file.exists():
        return True

    def is_unkeyed(connection: Connection) -> bool:
        return not inspect(connection).has_table(meta.name) or read_mark(connection, _CHECK) is None

    return await database.read(is_unkeyed)


async def has_first_key(database: Database, cipher: Cipher) -> bool:
    """Whether the storage is encrypted with the first key."""
    sealed = await database.read(read_mark, _CHECK)
    return sealed is not None and cipher.newest(sealed)


async def encrypt_again(database: Database, cipher: Cipher) -> None:
    """Encrypt everything with the first key, in one transaction."""
    await database.write_durably(_encrypt_again, cipher)


async def count_unreadable(database: Database, cipher: Cipher) -> int:
    """How many secrets no key can decrypt."""
    return await database.read(lambda connection: sum(_unreadable(connection, cipher, *one) for one in _SEALED))


def _encrypt_again(connection: Connection, cipher: Cipher) -> None:
    connection.execute(delete(shared_answers))  # which are asked for again
    for table, column in _SEALED:
        key = next(iter(table.primary_key))
        for row in connection.execute(select(key, column).where(column.is_not(None))).all():
            connection.execute(update(table).where(key == row[0]).values({column: cipher.rotate(row[1])}))
    put_mark(connection, _CHECK, cipher.encrypt(_CHECK))


def _unreadable(connection: Connection, cipher: Cipher, table: Table, column: ColumnElement[str]) -> int:
    count = 0
    for sealed in connection.scalars(select(column).select_from(table).where(column.is_not(None))):
        try:
            cipher.decrypt(sealed)
        except ConfigError:
            count += 1
    return count
