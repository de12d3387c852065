"""Migrate a storage to the schema of this program."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bridge.errors import ConfigError
from bridge.store.database import Database

_HEAD = "0004"
_LOCK = 0x0B21D6E


async def migrate(database: Database) -> None:
    """Create or upgrade the tables. Processes that start together do this once.

    Raises:
        ConfigError: the storage has the schema of a newer version.
    """
    if await database.read(_version) != _HEAD:
        await database.write(_upgrade)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _version(connection) != _HEAD:
        _run(connection)


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
