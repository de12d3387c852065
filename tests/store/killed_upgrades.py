"""Upgrades a storage over and over, each time in a process that kills itself some statements later.

Prints the schema that each of the killed ones left; ends once an upgrade comes to its end.
"""

import asyncio
import os
import signal
import sys
from itertools import count
from typing import Any

import alembic.command
import alembic.config  # noqa: F401 - here, so that not each of the processes has to import it
from sqlalchemy import event, text

from bridge.store.database import Database
from bridge.store.migrations.migrate import migrate


async def _upgrade(url: str, last: int) -> None:
    database = Database(url)
    statements = 0

    @event.listens_for(database.engine, "before_cursor_execute")
    def die(*_: Any) -> None:
        nonlocal statements
        statements += 1
        if statements > last:
            os.kill(os.getpid(), signal.SIGKILL)

    await migrate(database)
    await database.close()


async def _revision(url: str) -> str:
    database = Database(url)
    query = text("SELECT version_num FROM alembic_version")
    found = await database.read(lambda connection: connection.scalar(query))
    await database.close()
    return str(found)


def main(url: str, step: int) -> None:
    for last in count(step=step):
        child = os.fork()
        if not child:
            asyncio.run(_upgrade(url, last))
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
            return
        sys.stdout.write(f"{asyncio.run(_revision(url))}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
