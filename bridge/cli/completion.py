"""What a shell completes: the users, sources and feeds that there are. It changes and prints nothing.

Where the settings or the storage cannot be read, there is nothing to complete.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.invocation import Invocation
from bridge.errors import BridgeError

if TYPE_CHECKING:
    from bridge.settings.schema import Settings
    from bridge.store.database import Database

_PATIENCE = 3.0  # a shell waits for the answer
_Find = Callable[["Database"], Coroutine[Any, Any, list[str]]]


def users(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of users; after a comma, of one more."""
    from bridge.store.listing import user_names

    before, last = _last(incomplete)
    return [f"{before}{name}" for name in _stored(ctx, lambda database: user_names(database, last))]


def sources(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of sources; after a comma, of one more."""
    settings = _settings(ctx)
    before, last = _last(incomplete)
    return [f"{before}{name}" for name in (settings.sources if settings else ()) if name.startswith(last)]


def feeds(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of a user's feeds."""
    from bridge.store.listing import feed_names

    user = str(ctx.params.get("user") or next(iter(ctx.args), ""))  # in `args` while an option lacks its value
    return _stored(ctx, lambda database: feed_names(database, user, incomplete))


def accounts(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of a user's accounts at a source."""
    from bridge.store.listing import account_names

    given = [str(ctx.params.get(name) or "") for name in ("user", "source")]
    user, source = given if all(given) else (*ctx.args, "", "")[:2]  # in `args` while an option lacks its value
    return _stored(ctx, lambda database: account_names(database, user, source, incomplete))


COMPLETED = {
    "user": users,
    "users": users,
    "login_of": users,
    "source": sources,
    "sources": sources,
    "account": accounts,
}
"""What completes the parameters of all commands, by name."""


def _last(incomplete: str) -> tuple[str, str]:
    before, comma, last = incomplete.rpartition(",")
    return before + comma, last


def _settings(ctx: typer.Context) -> Settings | None:
    given = ctx.params.get("config") or ctx.find_root().params.get("config")
    try:
        return Invocation(Path(given) if given else None).settings()
    except BridgeError:
        return None


def _stored(ctx: typer.Context, find: _Find) -> list[str]:
    """What is found in the storage as it is: it is neither made nor upgraded."""
    import asyncio

    import structlog
    from sqlalchemy.exc import SQLAlchemyError

    from bridge.store.database import Database

    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # a shell would show it in its line
    settings = _settings(ctx)
    if settings is None:
        return []
    try:
        database = Database(settings.storage.url)
        if database.file is not None and not database.file.is_file():
            return []
        return asyncio.run(_within(find, database))
    except (BridgeError, SQLAlchemyError, OSError):
        return []


async def _within(find: _Find, database: Database) -> list[str]:
    import asyncio

    try:
        return await asyncio.wait_for(find(database), _PATIENCE)
    finally:
        await database.close()
