"""`roosterbridge user …`."""

import sys

import typer

from bridge.accounts import remove_user
from bridge.app import Bridge
from bridge.cli.invocation import Invocation, command, group, table
from bridge.cli.names import tidy_name
from bridge.store.users import User

app = group("user", "The people whose calendars are made.")


def _value(user: User) -> dict[str, str]:
    return {"name": user.name, "title": user.title, "created": user.created.isoformat()}


@command(app)
def add(
    invocation: Invocation,
    name: str = typer.Argument(callback=tidy_name),
    title: str = typer.Option("", help="What their calendar is called; default: the name."),
) -> None:
    """Make a user."""

    async def work(bridge: Bridge) -> User:
        await bridge.store.users.add(name, title or name, bridge.clock())
        return await bridge.store.users.get(name)

    user = invocation.run(work)
    invocation.answer(_value(user), f"Added {user.name}.")


@command(app, "list")
def list_users(invocation: Invocation) -> None:
    """List the users."""

    async def work(bridge: Bridge) -> list[User]:
        return await bridge.store.users.all()

    users = invocation.run(work)
    rows = [(user.name, user.title, f"{user.created:%Y-%m-%d}") for user in users]
    invocation.answer([_value(user) for user in users], table(("user", "title", "created"), rows))


@command(app)
def remove(invocation: Invocation, name: str) -> None:
    """Remove a user with all accounts and feeds; their addresses end."""

    async def work(bridge: Bridge) -> list[str]:
        return await remove_user(bridge.store, bridge.sources, name, bridge.clock())

    for warning in invocation.run(work):
        print(warning, file=sys.stderr)
    invocation.answer({"name": name}, f"Removed {name}.")
