"""`roosterbridge storage …` and `roosterbridge key …`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bridge.cli.commands import command, group
from bridge.cli.invocation import Invocation
from bridge.cli.terminal import tell
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.store.copies import Inventory

app = group("storage", "The storage: copies of it, and whether it is whole.")
keys = group("key", "The keys that encrypt secrets in the storage.")


@command(app)
def backup(invocation: Invocation, path: Path = typer.Argument(metavar="PATH", help="A new SQLite file.")) -> None:
    """Write a whole copy of the storage into a file, also while the service runs."""
    from bridge.store.copies import back_up

    async def work(bridge: Bridge) -> None:
        await back_up(bridge.store.database, path)

    invocation.run(work)
    invocation.answer({"path": str(path)}, f"Wrote a copy of the storage to {path}. It needs the same secret key.")


@command(app)
def copy(
    invocation: Invocation,
    source: str = typer.Argument(metavar="FROM", help="The address of a storage, as in the settings."),
    target: str = typer.Argument(metavar="TO", help="The address of an empty one: sqlite:///… or postgresql://…"),
) -> None:
    """Copy everything from one storage into an empty one, and check the copy. Stop the service before."""
    import asyncio

    from bridge.cli.progress import progress
    from bridge.logs import configure_logs
    from bridge.store.cipher import Cipher, load_keys
    from bridge.store.copies import copy_storage, take_inventory
    from bridge.store.database import Database

    settings = invocation.settings()
    configure_logs("error", settings.logging.format)

    async def work() -> Inventory:
        old, new = Database(source), Database(target)
        try:
            with progress("Copying") as bar:
                await copy_storage(old, new, moved=bar.show)
            return await take_inventory(new, Cipher(load_keys(settings.security)))
        finally:
            await old.close()
            await new.close()

    found = asyncio.run(work())
    _tell(invocation, found)


@command(app, "check")
def check_storage(invocation: Invocation) -> None:
    """Say what the storage holds, and whether it is whole."""
    from bridge.store.copies import take_inventory

    async def work(bridge: Bridge) -> Inventory:
        return await take_inventory(bridge.store.database, bridge.store.cipher)

    _tell(invocation, invocation.run(work))


def _tell(invocation: Invocation, found: Inventory) -> None:
    """Print what a storage holds; end with 1 if it is not whole."""
    counts = f"users: {found.users}, accounts: {found.accounts}, feeds: {found.feeds}, events: {found.events}"
    invocation.answer(asdict(found), "\n".join([counts, *(found.problems or ["The storage is whole."])]))
    if found.problems:
        tell(f"The storage is not whole: {found.problems[0]}")
        raise typer.Exit(1)


@command(keys)
def rotate(invocation: Invocation) -> None:
    """Make a new first key and encrypt everything with it. The old key stays in the file, to read, until you remove it.

    Where the keys come from a variable, put the new key before the others yourself first.
    """
    from bridge.store.cipher import add_first_key
    from bridge.store.encryption import encrypt_again, has_first_key

    security = invocation.settings().security

    async def work(bridge: Bridge) -> None:
        if security.secret_key is None:
            add_first_key(security.secret_key_file)
            bridge.store.cipher.read_again()
        elif await has_first_key(bridge.store.database, bridge.store.cipher):
            raise ConfigError("The keys come from a variable; put a new one first in it, then run this again.")
        await encrypt_again(bridge.store.database, bridge.store.cipher)

    invocation.run(work)
    invocation.answer({"rotated": True}, "Everything is encrypted with the first key; older ones can be removed.")
