"""Add everybody whom a source knows, and check the members of teams."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.errors import ConfigError, UnknownName
from bridge.model.clock import Clock
from bridge.people.invitations import Invitation
from bridge.people.leavers import check_plausible, leavers_of
from bridge.people.values import Moment
from bridge.store.account import NewAccount, StoredAccount
from bridge.store.feed import Members, NewFeed
from bridge.store.storage import Store
from bridge.upstream.capabilities import ListsPeople, Person
from bridge.upstream.configured import ConfiguredSource

_FEED = "default"
_NO_ADDRESS = "no school address"


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did, or would do.

    `added` are new users, each with the token of the feed; `None` in a dry run, or if the user already had that feed.
    `kept` have an account already. `gone` have an account, but the source no longer lists them as active with an
    address; they stay. `left_out` are the titles of active people who cannot be added, each with the reason.
    `leaving` are those of the gone whom the source has not known for `gone_for`, with the moment since when.
    """

    added: tuple[tuple[str, str | None], ...]
    kept: tuple[str, ...]
    gone: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    leaving: tuple[tuple[str, datetime], ...] = ()
    gone_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class SyncedUser:
    """A user who was added, with the secret address of the feed."""

    user: str
    url: str | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A person who was not added, and why."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Leaver:
    """A user whom the source has not known for long, and since when. Unless it was a dry run, they were removed."""

    user: str
    since: Moment


@dataclass(frozen=True, slots=True)
class SyncedValue:
    """What a sync did, as an object. `invited` is empty unless invitations were asked for."""

    added: list[SyncedUser]
    kept: list[str]
    gone: list[str]
    left_out: list[LeftOut]
    removed: list[Leaver]
    invited: list[Invitation]


def synced_value(synced: Synced, address: Callable[[str], str], invited: Sequence[Invitation] = ()) -> SyncedValue:
    """What a sync did, as an object. `address` makes the address of a feed from its token."""
    added = [SyncedUser(user, token and address(token)) for user, token in synced.added]
    left_out = [LeftOut(title, why) for title, why in synced.left_out]
    removed = [Leaver(user, since.isoformat()) for user, since in synced.leaving]
    return SyncedValue(added, list(synced.kept), list(synced.gone), left_out, removed, list(invited))


async def sync_people(
    store: Store,
    at: ConfiguredSource,
    clock: Clock,
    *,
    dry_run: bool,
    gone_for: timedelta | None = None,
    watch: Callable[[int, int], None] = lambda _done, _of: None,
) -> Synced:
    """Add a user, an account and a feed for every active person whom a source lists with an e-mail address.

    The address is the name of the user. A person who has an account at the source keeps it, whatever the user is
    called. The groups of all are updated. Nobody is removed: `people.leavers` does that with those whom the source has
    not known for `gone_for`. `watch` is called with how many of how many are done.

    Raises:
        ConfigError: the source does not list people, or suddenly does not know most of those who would be removed.
        SourceError: the source could not be asked.
    """
    if not isinstance(at.source, ListsPeople):
        raise ConfigError(f"{at.title} does not list people; add accounts one by one.")
    active = [person for person in await at.source.people() if person.active]
    wanted = {person.identity: person for person in active if person.email}
    left_out = tuple(sorted((person.title, _NO_ADDRESS) for person in active if not person.email))
    everybody = await store.accounts.all(source=at.name)
    accounts = [account for account in everybody if account.user is not None and not account.name]
    known = {identity: account for account in accounts if (identity := _identity(account, wanted)) is not None}
    gone = tuple(account.user or "" for account in accounts if account.id not in {one.id for one in known.values()})
    new = [person for identity, person in wanted.items() if identity not in known]
    kept = tuple(account.user or "" for account in known.values())
    listed = {person.identity: person for person in active}
    unknown = [account for account in accounts if _identity(account, listed) is None]
    leaving = await leavers_of(store, at, unknown, clock(), gone_for)
    if dry_run:
        return Synced(tuple((_name(person), None) for person in new), kept, gone, left_out, leaving, gone_for)
    check_plausible(at, len(accounts), len(leaving))
    await store.leavers.note(at.name, [account.id for account in unknown], clock())
    total = len(wanted)
    for done, (identity, account) in enumerate(known.items()):
        watch(done, total)
        await store.teams.group(account.id, wanted[identity].groups)
    added = []
    for done, person in enumerate(new, len(known)):
        watch(done, total)
        added.append((_name(person), await _add(store, at, person, clock())))
    return Synced(tuple(added), kept, gone, left_out, leaving, gone_for)


def _identity(account: StoredAccount, people: dict[str, Person]) -> str | None:
    """The key of the person whom an account stands for: by its person, its identity or its address."""
    if account.person in people:
        return account.person
    given = account.identity.strip().casefold()
    return next((key for key, one in people.items() if given in {key.casefold(), one.email.casefold()}), None)


async def _add(store: Store, at: ConfiguredSource, person: Person, now: datetime) -> str | None:
    """The token of the new feed; `None` if the user already has that feed."""
    name = _name(person)
    await ensure_user(store, name, now, title=person.title)
    account = await store.accounts.put(
        NewAccount(name, at.name, identity=person.identity, person=person.identity, source_type=at.type.name), now
    )
    await store.teams.group(account.id, person.groups)
    if any(feed.name == _FEED for feed in await store.feeds.all(user=name)):
        return None
    return await store.feeds.add(name, NewFeed(), now)


def _name(person: Person) -> str:
    return person.email.strip().casefold()


async def ensure_user(store: Store, name: str, now: datetime, *, title: str = "") -> None:
    """Add a user of that name unless one exists."""
    try:
        await store.users.get(name)
    except UnknownName:
        await store.users.add(name, title or name, now)


async def check_members(store: Store, members: Members) -> None:
    """Check that all users of a team exist, or that its group has somebody.

    Raises:
        UnknownName: a user does not exist, or nobody is in the group.
    """
    for user in members.users:
        await store.users.get(user)
    if members.group and not await store.teams.in_group(members.source, members.group):
        known: Sequence[str] = await store.teams.groups(members.source)
        sync = f"run `roosterbridge user sync {members.source}` first"
        listed = f"the groups are: {', '.join(known)}" if known else sync
        raise UnknownName(f'Nobody at {members.source} is in the group "{members.group}"; {listed}.')
