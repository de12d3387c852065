"""`roosterbridge feed …`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import typer

from bridge.cli.commands import command, group
from bridge.cli.completion import feeds
from bridge.cli.deeds import recorded
from bridge.cli.invocation import Invocation
from bridge.cli.names import feed_name
from bridge.cli.names import title as checked_title
from bridge.cli.pairs import parse_list, parse_pairs
from bridge.cli.table import Table
from bridge.cli.terminal import tell
from bridge.errors import ConfigError
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.settings.nearest import nearest

if TYPE_CHECKING:
    from segno import QRCode

    from bridge.app import Bridge
    from bridge.store.feed import Feed, Members

app = group("feed", "Feeds: secret addresses that show a selection of events.")
_KINDS = ", ".join(Kind)
# Not from the options themselves, which take long to import; a test compares.
_OPTIONS = (
    "cancelled, privacy, absence_details, checkin_details, alarms, merge_double, include, exclude, title, language, "
    "past, future, holiday_clears, categories, homework, homework_done, alerts, compress"
)
_NAME = typer.Option("default", autocompletion=feeds, help="The name of the feed; by default `default`.")


def _kinds(given: str | None) -> tuple[Kind, ...]:
    words = parse_list(given)
    if words is None:
        return SHOWN_BY_DEFAULT
    for unknown in (word for word in words if word not in set(Kind)):
        raise typer.BadParameter(f'no kind is called "{unknown}"; {nearest(unknown, Kind)}', param_hint="--kinds")
    if not words:
        raise typer.BadParameter(f"kinds: {', '.join(Kind)}", param_hint="--kinds")
    return tuple(kind for kind in Kind if kind in words)


def _options(given: list[str]) -> dict[str, str]:
    from bridge.calendar.options import FeedOptions, OptionError

    options = parse_pairs(given)
    try:
        FeedOptions.parse(options)
    except OptionError as error:
        raise typer.BadParameter(error.sentence, param_hint="--option") from None
    return options


@command(app)
def add(
    invocation: Invocation,
    user: str | None = typer.Argument(None, help="Whose feed it is; for a team by default the user `team`."),
    name: str = typer.Option("default", callback=feed_name, help="The name of the feed; by default `default`."),
    title: str = typer.Option(
        "", callback=checked_title, help="The title of the calendar; by default that of the user."
    ),
    kinds: str | None = typer.Option(None, help=f"The kinds of events, comma-separated: {_KINDS}."),
    sources: str | None = typer.Option(
        None, help="Sources, or SOURCE/NAME for one account, comma-separated; by default all."
    ),
    option: list[str] = typer.Option(
        [], metavar="KEY=VALUE", help=f"An option, repeatable: {_OPTIONS}. See docs/feeds.md."
    ),
    users: str | None = typer.Option(None, help="Show who of these users is absent; comma-separated."),
    source: str | None = typer.Option(None, help="The source that has the --group."),
    group: str | None = typer.Option(None, help="Show who of this group is absent."),
) -> None:
    """Add a feed and print its secret address."""
    from bridge.people.feeds import TEAM, add_feed
    from bridge.store.feed import NewFeed

    chosen, options, wanted = _kinds(kinds), _options(option), parse_list(sources)
    members = _members(parse_list(users), source, group)
    if members is not None and (kinds or sources):
        raise typer.BadParameter("a team's feed shows absences alone, without --kinds and --sources")
    if user is None and members is None:
        raise typer.BadParameter("whose feed is it? Give a user, or --users or --group for a team")
    owner = user or TEAM
    new = NewFeed(name, title, chosen, wanted, options, members)

    async def work(bridge: Bridge) -> str:
        async with recorded(bridge, "feed add", user=owner, thing=name):
            token = await add_feed(bridge.store, bridge.settings.sources, user, new, bridge.clock)
        await bridge.publisher.publish_for(owner)
        return bridge.settings.server.feed_address(token)

    url = invocation.run(work)
    invocation.answer({"user": owner, "name": name, "url": url}, url)


def _members(users: list[str] | None, source: str | None, group: str | None) -> Members | None:
    from bridge.store.feed import Members

    if (source is None) is not (group is None):
        raise typer.BadParameter("--source and --group belong together")
    if users is not None and group is not None:
        raise typer.BadParameter("a team is --users or a --group, not both")
    if users is not None:
        return Members(users=tuple(users))
    return None if group is None else Members(source=source or "", group=group)


@command(app, "set")
def revise(
    invocation: Invocation,
    user: str,
    name: str = _NAME,
    option: list[str] = typer.Option(
        ..., metavar="KEY=VALUE", help="An option, repeatable; KEY= sets its default again."
    ),
) -> None:
    """Change the options of a feed. Its address stays."""
    from bridge.people.feeds import revise_feed
    from bridge.people.values import feed_value

    given = parse_pairs(option)
    _options([f"{key}={value}" for key, value in given.items() if value])

    async def work(bridge: Bridge) -> Feed:
        async with recorded(bridge, "feed set", user=user, thing=name):
            feed = await revise_feed(bridge.store, user, name, given, bridge.clock)
        await bridge.publisher.publish_for(user)
        return feed

    feed = invocation.run(work)
    options = " ".join(f"{key}={value}" for key, value in feed.options.items()) or "none"
    invocation.answer(feed_value(feed), f"Options of the feed {name} of {user}: {options}.")


@command(app, "list")
def list_feeds(invocation: Invocation, user: str | None = typer.Option(None, help="Only this user's.")) -> None:
    """List the feeds. Their addresses are printed only when they are added or rotated."""
    from bridge.people.values import feed_value
    from bridge.store.feed import LARGEST

    async def work(bridge: Bridge) -> list[Feed]:
        if user is not None:
            await bridge.store.users.get(user)
        return await bridge.store.feeds.all(user=user)

    feeds = invocation.run(work)
    rows = [
        (
            feed.user,
            feed.name,
            ",".join(feed.kinds),
            "all" if feed.sources is None else ",".join(feed.sources),
            " ".join(f"{key}={value}" for key, value in feed.options.items()),
            f"{feed.created:%Y-%m-%d}",
            f"{feed.last_read:%Y-%m-%d %H:%M}Z" if feed.last_read else "never",
        )
        for feed in feeds
    ]
    columns = ("user", "feed", "kinds", "sources", "options", "created", "last read")
    for feed in feeds:
        if feed.size is not None and feed.size > LARGEST:
            tell(
                f"The feed {feed.name} of {feed.user} has {feed.size / 1e6:.1f} MB; Google reads about 1 MB. "
                f"Make it smaller: roosterbridge feed set {quote(feed.user)} --name {quote(feed.name)} "
                "--option past=14d --option future=120d",
            )
    invocation.answer([feed_value(feed) for feed in feeds], Table(columns, rows))


@command(app)
def rotate(invocation: Invocation, user: str, name: str = _NAME) -> None:
    """Give a feed a new address. The old one stops working."""

    async def work(bridge: Bridge) -> str:
        async with recorded(bridge, "feed rotate", user=user, thing=name):
            return bridge.settings.server.feed_address(await bridge.store.feeds.rotate(user, name, bridge.clock()))

    url = invocation.run(work)
    invocation.answer({"user": user, "name": name, "url": url}, url)


@command(app)
def revoke(invocation: Invocation, user: str, name: str = _NAME) -> None:
    """Remove a feed. Its address stops working."""

    async def work(bridge: Bridge) -> None:
        async with recorded(bridge, "feed revoke", user=user, thing=name):
            await bridge.store.feeds.revoke(user, name, bridge.clock())

    invocation.run(work)
    invocation.answer({"user": user, "name": name}, f"Revoked the feed {name} of {user}.")


@command(app)
def qr(
    invocation: Invocation,
    user: str,
    name: str = _NAME,
    svg: Path | None = typer.Option(None, metavar="PATH", help="Write it as an SVG file instead."),
) -> None:
    """Print the address of a feed as a QR code for a phone's camera."""
    import segno

    async def work(bridge: Bridge) -> str:
        return bridge.settings.server.feed_address(await bridge.store.feeds.token(user, name))

    url = invocation.run(work)
    code = segno.make(url, micro=False)
    value = {"user": user, "name": name, "url": url}
    if svg is not None:
        _write_svg(code, svg)
        invocation.answer(value, f"Wrote {svg}.")
        return
    drawn = io.StringIO()
    code.terminal(drawn, compact=True)
    invocation.answer(value, drawn.getvalue().rstrip("\n"))


def _write_svg(code: QRCode, path: Path) -> None:
    """Write a code for its owner alone: who reads it reads the calendar. Raises ConfigError."""
    from bridge.store.private_files import make_file

    drawn = io.BytesIO()
    code.save(drawn, kind="svg", scale=8, light="white")
    try:
        made = make_file(path, drawn.getvalue())
    except OSError as error:
        raise ConfigError(f"{path} cannot be written.") from error
    if not made:
        raise ConfigError(f"{path} exists already, and is not overwritten.")


@command(app)
def export(invocation: Invocation, user: str, name: str = _NAME) -> None:
    """Print the calendar of a feed as iCalendar (.ics)."""

    async def work(bridge: Bridge) -> bytes:
        await bridge.publisher.publish_for(user)
        return await bridge.store.renderings.calendar(user, name)

    calendar = invocation.run(work)
    if invocation.as_json:
        invocation.answer({"user": user, "name": name, "calendar": calendar.decode()}, None)
        return
    sys.stdout.buffer.write(calendar)
    sys.stdout.buffer.flush()
