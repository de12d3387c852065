"""Storages of earlier versions: their schema by alembic, their rows as those versions wrote them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

import bridge.store.migrations.migrate
from bridge.store.database import Database


def bring_to(connection: Connection, revision: str) -> None:
    """Upgrade to the schema of `revision`, within the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(bridge.store.migrations.migrate.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def make(url: str, revision: str, *rows: tuple[str, dict[str, object]]) -> None:
    """Make a storage of `revision` with these rows: a table's name, and values by column."""
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(bring_to, revision)
        for table, values in rows:
            names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
            await connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608 - our own words
    await database.close()


def a_feed(number: int, name: str, **values: object) -> tuple[str, dict[str, object]]:
    """A feed's row, of the user with number 1, that was rendered once."""
    usual: dict[str, object] = {
        "id": number,
        "user_id": 1,
        "name": name,
        "title": "",
        "kinds": '["lesson"]',
        "options": "{}",
        "token_hash": f"hash-{number}",
        "token": "",
        "created": 1_795_000_000,
        "wanted": 3,
        "rendered": 3,
        "etag": f'W/"{name}"',
        "modified": 1_795_348_910,
    }
    return "feeds", usual | values
