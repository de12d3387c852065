"""Migrate a storage to the schema of this program."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.errors import ConfigError
from bridge.store.database import Database

_HEAD = "0004"
_LOCK = 0x0B21D6E


async def migrate(database: Database) -> None:
    """Create or upgrade the tables. Processes that start together do this once.

    Raises:
        ConfigError: the storage has the schema of a newer version.
    """
    async with database.read() as connection:
        if await connection.run_sync(_version) == _HEAD:
            return
    async with database.write() as connection:
        if database.file is None:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await _upgrade(connection)


async def _upgrade(connection: AsyncConnection) -> None:
    if await connection.run_sync(_version) == _HEAD:
        return
    await connection.run_sync(_run)


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
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigError("The storage was made by a newer version of Roosterbridge; install that version.") from error
