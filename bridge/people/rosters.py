"""Users in number: those whom a source knows, and the teams that they make up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.errors import ConfigError, UnknownName
from bridge.model.clock import Clock
from bridge.model.event import SHOWN_BY_DEFAULT
from bridge.store.accounts import StoredAccount
from bridge.store.feeds import Members
from bridge.store.storage import Store
from bridge.upstream.capabilities import ListsPeople, Person
from bridge.upstream.configured import ConfiguredSource

_FEED = "default"


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did, or would do: users that it added, each with the token of the feed, those it kept, those gone.

    `gone` are users with an account at the source whom the source does not list as active with an address any more;
    they stay. Without a token: nothing was done yet.
    """

    added: tuple[tuple[str, str | None], ...]
    kept: tuple[str, ...]
    gone: tuple[str, ...]


async def sync_people(store: Store, at: ConfiguredSource, clock: Clock, *, dry_run: bool) -> Synced:
    """Make a user, an account and a feed for everybody active whom a source lists with an e-mail address.

    A user is called by that address. Whoever has an account there already keeps it, under whatever name; groups are
    brought up to date. Nobody is ever removed.

    Raises:
        ConfigError: the source does not list people.
        SourceError: it could not be asked.
    """
    if not isinstance(at.source, ListsPeople):
        raise ConfigError(f"{at.title} does not list people; add accounts one by one.")
    wanted = {person.identity: person for person in await at.source.people() if person.active and person.email}
    accounts = [account for account in await store.accounts.all(source=at.name) if account.user is not None]
    known = {identity: account for account in accounts if (identity := _identity(account, wanted)) is not None}
    gone = tuple(account.user or "" for account in accounts if account.id not in {one.id for one in known.values()})
    new = [person for identity, person in wanted.items() if identity not in known]
    kept = tuple(account.user or "" for account in known.values())
    if dry_run:
        return Synced(tuple((_name(person), None) for person in new), kept, gone)
    for identity, account in known.items():
        await store.accounts.group(account.id, wanted[identity].groups)
    return Synced(tuple([(_name(person), await _add(store, at, person, clock())) for person in new]), kept, gone)


def _identity(account: StoredAccount, people: dict[str, Person]) -> str | None:
    """Which of the people an account stands for: by its person, or by the identity or address that it was given."""
    if account.person in people:
        return account.person
    given = account.identity.strip().casefold()
    return next((key for key, one in people.items() if given in {key.casefold(), one.email.casefold()}), None)


async def _add(store: Store, at: ConfiguredSource, person: Person, now: datetime) -> str | None:
    """The token of the new feed; none where the user has one already."""
    name = _name(person)
    await ensure_user(store, name, now, title=person.title)
    account = await store.accounts.put(
        name,
        at.name,
        identity=person.identity,
        person=person.identity,
        options={},
        credential_id=None,
        now=now,
    )
    await store.accounts.group(account.id, person.groups)
    if any(feed.name == _FEED for feed in await store.feeds.all(user=name)):
        return None
    return await store.feeds.add(name, _FEED, title="", kinds=SHOWN_BY_DEFAULT, sources=None, options={}, now=now)


def _name(person: Person) -> str:
    return person.email.strip().casefold()


async def ensure_user(store: Store, name: str, now: datetime, *, title: str = "") -> None:
    """Make a user of that name unless there is one."""
    try:
        await store.users.get(name)
    except UnknownName:
        await store.users.add(name, title or name, now)


async def check_members(store: Store, members: Members) -> None:
    """See that a team is one.

    Raises:
        UnknownName: a user, or anybody in the group, is not known.
    """
    for user in members.users:
        await store.users.get(user)
    if members.group and not await store.accounts.in_group(members.source, members.group):
        known: Sequence[str] = await store.accounts.groups(members.source)
        listed = f"there is: {', '.join(known)}" if known else f"run `roosterbridge user sync {members.source}` first"
        raise UnknownName(f"Nobody at {members.source} is in a group {members.group}; {listed}.")
