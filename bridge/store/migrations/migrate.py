"""Migrate a storage to the schema of this program."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bridge.errors import ConfigError, StorageError
from bridge.store.database import Database
from bridge.store.sqlite import BUSY_SECONDS

_VERSIONS = Path(__file__).parent / "versions"
# alembic could tell, but takes a while to import: the newest revision, by the names of the modules.
HEAD = max(module.name[1:5] for module in _VERSIONS.glob("v[0-9][0-9][0-9][0-9]_*.py"))
_LOCK = 0x0B21D6E


async def migrate(database: Database) -> None:
    """Create or upgrade the tables. Processes that start together do this once.

    Raises:
        ConfigError: the storage has the schema of a newer version.
    """
    before = await database.read(_version)
    if before == HEAD:
        return
    await database.upgrade(_upgrade)
    if before is not None and database.file is not None:
        with suppress(StorageError):  # no room for a copy, or another process reads: then it stays as large
            await database.read(_shrink)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _version(connection) != HEAD:
        _run(connection)


def _shrink(connection: Connection) -> None:
    """Give the disk back what an SQLite file does not need any more; not if that means waiting for others."""
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run(connection: Connection) -> None:
    # alembic takes a while to import, and is needed only here
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigError("The storage was made by a newer version of Roosterbridge; install that version.") from error
