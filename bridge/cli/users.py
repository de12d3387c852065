"""`roosterbridge user …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.commands import command, group
from bridge.cli.completion import users as known_users
from bridge.cli.deeds import recorded
from bridge.cli.invocation import Invocation, configured
from bridge.cli.names import title as checked_title
from bridge.cli.names import user_name
from bridge.cli.progress import progress
from bridge.cli.spans import span
from bridge.cli.table import Table
from bridge.cli.terminal import tell

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.people.rosters import SyncedValue
    from bridge.store.users import User

app = group("user", "Users: the people who have calendars.")
_NAME = typer.Argument(autocompletion=known_users)


@command(app)
def add(
    invocation: Invocation,
    name: str = typer.Argument(callback=user_name),
    title: str = typer.Option(
        "", callback=checked_title, help="Their name for people, as in the title of the calendar; by default NAME."
    ),
) -> None:
    """Add a user."""
    from bridge.people.users import add_user
    from bridge.people.values import user_value

    async def work(bridge: Bridge) -> User:
        async with recorded(bridge, "user add", user=name):
            return await add_user(bridge.store, name, title, bridge.clock)

    user = invocation.run(work)
    invocation.answer(user_value(user), f"Added {user.name}.")


@command(app, "list")
def list_users(invocation: Invocation) -> None:
    """List the users."""
    from bridge.people.values import user_value

    async def work(bridge: Bridge) -> list[User]:
        return await bridge.store.users.all()

    users = invocation.run(work)
    rows = [(user.name, user.title, f"{user.created:%Y-%m-%d}") for user in users]
    invocation.answer([user_value(user) for user in users], Table(("user", "title", "created"), rows))


@command(app)
def remove(invocation: Invocation, name: str = _NAME) -> None:
    """Remove a user with all accounts and feeds. The addresses of the feeds stop working."""
    from bridge.people.accounts import remove_user

    async def work(bridge: Bridge) -> list[str]:
        async with recorded(bridge, "user remove", user=name):
            warnings = await remove_user(bridge.store, bridge.sources, name, bridge.clock())
        await bridge.publisher.publish_for(name)
        await bridge.store.database.scrub()
        return warnings

    for warning in invocation.run(work):
        tell(warning)
    invocation.answer({"name": name}, f"Removed {name}.")


@command(app)
def link(
    invocation: Invocation,
    name: str = _NAME,
    new: bool = typer.Option(False, "--new", help="Make a new address; the old one stops working."),
) -> None:
    """Print the secret address of a user's own page."""

    async def work(bridge: Bridge) -> str:
        links = bridge.store.links
        async with recorded(bridge, "user link", user=name):
            token = await (links.renew if new else links.token)(name, bridge.clock())
        return bridge.settings.server.page_address(token)

    url = invocation.run(work)
    invocation.answer({"user": name, "url": url}, url)


@command(app)
def export(invocation: Invocation, name: str) -> None:
    """Print everything that is kept about a user, as JSON. Of secrets it only says that they are kept."""
    import json

    from bridge.people.exports import everything_about

    async def work(bridge: Bridge) -> dict[str, Any]:
        async with recorded(bridge, "user export", user=name):
            return await everything_about(bridge.store, name)

    about = invocation.run(work)
    invocation.answer(about, json.dumps(about, ensure_ascii=False, indent=2))


@command(app)
def sync(
    invocation: Invocation,
    source: str,
    dry_run: bool = typer.Option(False, "--dry-run", help="Only print what would be done."),
    links: Path | None = typer.Option(
        None,
        help="Write an invitation to each who has no address of their page, or has not opened it, to this new CSV.",
    ),
    remove_gone: str | None = typer.Option(
        None, metavar="SPAN", help='Remove those whom the source has not known for so long, as in "30d".'
    ),
) -> None:
    """Add a user, an account and a feed for everybody whom a source lists."""
    from bridge.people.invitations import check_new, invite, write_sheet
    from bridge.people.leavers import remove_leavers
    from bridge.people.rosters import sync_people, synced_value

    gone_for = span(remove_gone)

    async def work(bridge: Bridge) -> tuple[SyncedValue, list[str]]:
        at, invited, warnings = configured(bridge, source), [], []
        if links is not None:
            check_new(links)
        async with recorded(bridge, "user sync", thing=source):
            synced = await sync_people(
                bridge.store, at, bridge.clock, dry_run=dry_run, gone_for=gone_for, watch=bar.show
            )
        if not dry_run:
            warnings = await remove_leavers(
                bridge.store,
                bridge.sources,
                at,
                synced.leaving,
                bridge.clock(),
                lambda action, user: recorded(bridge, action, user=user),
            )
            await bridge.publisher.publish_wanted()
            if synced.leaving:
                await bridge.store.database.scrub()
        if links is not None and not dry_run:
            names = [*(user for user, _ in synced.added), *synced.kept]
            invited = await invite(bridge.store, names, bridge.clock, bridge.settings.server.page_address)
            write_sheet(links, invited)
        return synced_value(synced, bridge.settings.server.feed_address, invited), warnings

    with progress("Reading who is there") as bar:
        synced, warnings = invocation.run(work)
    for warning in warnings:
        tell(warning)
    removed = {one.user: one.since for one in synced.removed}
    rows = [("added", added.user, added.url) for added in synced.added]
    rows += [("kept", user, None) for user in synced.kept]
    rows += [("gone", user, None) for user in synced.gone if user not in removed]
    rows += [
        ("would be removed" if dry_run else "removed", user, f"gone since {since}") for user, since in removed.items()
    ]
    rows += [("left out", one.title, one.why) for one in synced.left_out]
    if links is not None and not dry_run:
        tell(f"{len(synced.invited)} invitations are in {links}, good for 14 days.")
    invocation.answer(synced, Table(("", "user", "address"), rows))
