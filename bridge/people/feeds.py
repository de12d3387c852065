"""Add feeds, of a person or of a team, and change their options."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from bridge.calendar.options import FeedOptions
from bridge.calendar.team import ABSENT
from bridge.model.clock import Clock
from bridge.people.rosters import check_members, ensure_user
from bridge.people.sources import check_known
from bridge.store.choice import BETWEEN
from bridge.store.feed import Feed, NewFeed
from bridge.store.storage import Store

TEAM = "team"
"""Whose a team's feed is by default."""


async def add_feed(store: Store, sources: Collection[str], user: str | None, new: NewFeed, clock: Clock) -> str:
    """Add a feed of `user`; without one, of the user `team`, who is added if needed. Returns the token of the feed.

    `sources` are the names of all sources.

    Raises:
        OptionError: an option is not valid.
        UnknownName: the user, a source or a member does not exist, nobody is in the group, or the name is taken.
    """
    members = new.members
    FeedOptions.parse(new.options)
    await _check_choices(store, sources, user or TEAM, new.sources or ())
    if members and members.group:
        check_known(sources, members.source)
    if members is not None:
        await check_members(store, members)
    if user is None:
        await ensure_user(store, TEAM, clock())
    if members is not None:
        new = replace(new, title=new.title or members.group, kinds=ABSENT, sources=None)
    return await store.feeds.add(user or TEAM, new, clock())


async def revise_feed(store: Store, user: str, name: str, given: Mapping[str, str], clock: Clock) -> Feed:
    """Change some options of a feed; an empty value stands for the default.

    Raises:
        OptionError: an option is not valid.
        UnknownName: the feed does not exist.
    """
    FeedOptions.parse({key: value for key, value in given.items() if value})
    before = await store.feeds.get(user, name)
    options = {key: value for key, value in {**before.options, **given}.items() if value}
    FeedOptions.parse(options)
    await store.feeds.revise(user, name, options, clock())
    return await store.feeds.get(user, name)


async def change_feed(store: Store, sources: Collection[str], user: str, new: NewFeed, clock: Clock) -> Feed:
    """Give the feed of that name another title and choice, and other options. `sources` are the names of all sources.

    Raises:
        OptionError: an option is not valid.
        UnknownName: the feed or a source does not exist.
    """
    FeedOptions.parse(new.options)
    await _check_choices(store, sources, user, new.sources or ())
    await store.feeds.change(user, new, clock())
    return await store.feeds.get(user, new.name)


async def _check_choices(store: Store, sources: Collection[str], user: str, choices: Collection[str]) -> None:
    """Check that these name sources, and accounts of `user`. Raises UnknownName."""
    for choice in choices:
        source, between, name = choice.partition(BETWEEN)
        check_known(sources, source)
        if between:
            await store.accounts.find(user, source, name)
