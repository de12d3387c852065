"""Wait for a PostgreSQL server that is not there yet, and see whether it is one that can be used."""

import asyncio
import time
from datetime import timedelta

import structlog
from sqlalchemy import Connection, text

from bridge.errors import ConfigError, StorageError
from bridge.store.database import Database

_PAUSE = 1.0
log = structlog.get_logger()


async def await_storage(url: str, wait: timedelta) -> None:
    """Wait until the PostgreSQL server at `url` answers, for at most `wait`; say so in the log. SQLite is there.

    Raises:
        StorageError: it has not answered in time.
        ConfigError: it is a replica, or the database has an encoding other than UTF-8.
    """
    database = Database(url)
    try:
        if database.file is None:
            _expect_usable(database.place, *await _answer(database, wait))
    finally:
        await database.close()


async def _answer(database: Database, wait: timedelta) -> tuple[str, bool]:
    deadline = time.monotonic() + wait.total_seconds()
    waiting = False
    while True:
        try:
            return await database.read(_ask)
        except StorageError as error:
            if time.monotonic() > deadline:
                raise
            if not waiting:
                log.warning("storage.awaited", at_most_seconds=round(wait.total_seconds()), sentence=error.sentence)
            waiting = True
        await asyncio.sleep(_PAUSE)


def _ask(connection: Connection) -> tuple[str, bool]:
    row = connection.execute(text("SELECT current_setting('server_encoding'), pg_is_in_recovery()")).one()
    return str(row[0]), bool(row[1])


def _expect_usable(place: str, encoding: str, replica: bool) -> None:
    if replica:
        raise ConfigError(f"The PostgreSQL server at {place} is a replica, which only reads; name the one that writes.")
    if encoding != "UTF8":
        raise ConfigError(f"The database at {place} has the encoding {encoding}; make one with UTF8.")
