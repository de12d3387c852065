"""Connect several people of one login, such as a parent's children, with a calendar each or one for all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bridge.errors import ChoiceNeeded, UnknownName
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.people.accounts import Wanted, add_account
from bridge.people.feeds import add_feed
from bridge.people.names import LONGEST_NAME
from bridge.store.account import StoredAccount
from bridge.store.choice import place_of, source_of
from bridge.store.feed import Feed, NewFeed
from bridge.store.lock import for_login
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import Account


@dataclass(frozen=True, slots=True)
class Child:
    """A person of a login: the identity of an account, and their first name. `connected` is whether they have one."""

    identity: str
    first_name: str
    connected: bool


async def children_of_login(store: Store, at: ConfiguredSource, user: str) -> tuple[Child, ...]:
    """The people of the login of `user` at a source; empty if it has one only, or if there is no login.

    Raises:
        SourceError: the upstream could not be asked.
    """
    accounts = await store.accounts.all(user=user, source=at.name)
    login = next((one.credential_id for one in accounts if one.fits(at.type.name) and one.credential_id), None)
    if login is None:
        return ()
    async with store.locks.hold(for_login(login)):
        try:
            await at.source.connect(None, Account(), await store.credentials.get(login))
        except ChoiceNeeded as error:
            return tuple(Child(one, name, _is_connected(accounts, one, name)) for one, name in error.choices)
    return ()


async def connect_children(
    store: Store, at: ConfiguredSource, user: str, children: Sequence[Child], clock: Clock
) -> list[StoredAccount]:
    """Add an account for each of these people of a login that `finish_login` kept, called by their first names.

    Raises:
        UnknownName: `user` has no login at the source.
        BridgeError: what `add_account` raises.
    """
    before = await store.accounts.all(user=user, source=at.name)
    if not before:
        raise UnknownName(f"{user} has no login at {at.name}.")
    taken = {one.name.casefold() for one in before}
    added = []
    for child in children:
        name = _free_name(child, taken)
        taken.add(name.casefold())
        one = await add_account(store, at, Wanted(user, name=name, identity=child.identity), clock, login_of=user)
        added.append(one.account)
    for waiting in before:
        if added and not waiting.name and not waiting.identity:  # it kept the login until somebody was chosen
            await store.accounts.remove(user, at.name, clock())
    return added


async def add_feed_each(
    store: Store,
    sources: Mapping[str, ConfiguredSource],
    user: str,
    accounts: Sequence[StoredAccount],
    options: Mapping[str, str],
    clock: Clock,
) -> None:
    """Add a feed for each of these accounts, which no other feed of the user shows from then on."""
    others = await store.accounts.all(user=user)
    new = {one.id for one in accounts}
    old = [one for one in others if one.id not in new and one.identity]
    everybodys = shared_sources(sources)
    names = set()
    for feed in await store.feeds.all(user=user):
        names.add(feed.name)
        if feed.members is None:
            await store.feeds.choose(user, feed.name, _without(feed, accounts, old, everybodys))
    for one in accounts:
        name = one.name if one.name not in names else f"{one.name} {one.source}"
        chosen = [place_of(one.source, one.name), *everybodys]
        await add_feed(store, sources, user, NewFeed(name, sources=chosen, options=options), clock)


def shared_sources(sources: Mapping[str, ConfiguredSource]) -> list[str]:
    """The sources whose holidays are everybody's."""
    return [name for name, at in sources.items() if not at.type.accounts and Part.HOLIDAYS in at.type.parts]


def _without(
    feed: Feed, accounts: Collection[StoredAccount], old: Collection[StoredAccount], everybodys: Collection[str]
) -> list[str]:
    """What a feed shows, with none of these accounts: it names the `old` ones where it had them all."""
    there = {one.source for one in accounts}
    before = [*dict.fromkeys(one.source for one in old), *everybodys] if feed.sources is None else feed.sources
    found = []
    for choice in before:
        if choice in there:
            found += [place_of(one.source, one.name) for one in old if one.source == choice]
        elif source_of(choice) not in there or choice not in {place_of(one.source, one.name) for one in accounts}:
            found.append(choice)
    return found


def _is_connected(accounts: Collection[StoredAccount], identity: str, first_name: str) -> bool:
    known = {identity.casefold(), first_name.casefold()} - {""}
    return any(one.identity.casefold() in known or one.first_name.casefold() in known for one in accounts)


def _free_name(child: Child, taken: Collection[str]) -> str:
    """The first name as the name of an account, or one more where it is taken."""
    plain = "".join(sign for sign in child.first_name or child.identity if sign.isprintable() and sign not in "/,")
    name = plain.strip(" .")[: LONGEST_NAME - 4] or "1"
    numbered = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one.casefold() not in taken)
