"""Who signs in becomes a user: one who is known, one who was waiting, or a new one."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from bridge.errors import BridgeError, NameTaken
from bridge.model.clock import Clock
from bridge.people.accounts import Wanted, add_account
from bridge.people.audit import recorded
from bridge.people.feeds import add_feed
from bridge.people.names import LONGEST_TITLE, tidy_title, tidy_user_name
from bridge.people.signin.claims import Claims
from bridge.people.users import add_user
from bridge.settings.schema import CLAIM, OidcSettings
from bridge.store.audit import Via
from bridge.store.feed import NewFeed
from bridge.store.identities import Identity
from bridge.store.storage import Store
from bridge.store.users import User
from bridge.upstream.configured import ConfiguredSource

log = structlog.get_logger()


class NotKnown(BridgeError):
    """Who signed in is no user here, and does not become one by signing in."""


class NotJoined(BridgeError):
    """A user has the name of who signed in, but it is not sure that they are the same person."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who signed in. `user` is `None` for an operator who has no calendars."""

    user: User | None
    operator: bool


def needed_claims(settings: OidcSettings) -> frozenset[str]:
    """The claims that a sign-in needs."""
    templates = {name for template in settings.accounts.values() for name in CLAIM.findall(template)}
    return frozenset({settings.username_claim, *templates})


class Arrivals:
    """Makes users of those who sign in."""

    def __init__(
        self, store: Store, sources: Mapping[str, ConfiguredSource], settings: OidcSettings, clock: Clock
    ) -> None:
        self._store = store
        self._sources = sources
        self._settings = settings
        self._clock = clock

    async def arrive(self, claims: Claims, language: str) -> Arrival:
        """Who somebody is that has signed in.

        `language` is that of the calendar that a new user gets.

        Raises:
            NotKnown: they are no user, and the settings add nobody.
            NotJoined: a user of their name exists, and nothing shows that they are the same.
        """
        operator = self._is_operator(claims)
        identity = await self._store.identities.find(claims.issuer, claims.subject)
        if identity is None:
            user = await self._user(claims, operator=operator)
            if user is None:
                return Arrival(None, operator=True)
            identity = await self._add(claims, user)
        await self._equip(claims, identity, language)
        return Arrival(identity.user, operator)

    async def join(self, claims: Claims, user: User, language: str) -> Arrival:
        """Let somebody who has signed in be `user`, whose page they hold.

        Raises:
            NameTaken: they are another user, or another person of the provider is this one.
        """
        identity = await self._store.identities.find(claims.issuer, claims.subject)
        if identity is None:
            identity = await self._add(claims, user)
        elif identity.user.id != user.id:
            raise NameTaken("This school account belongs to another page, or this page to another account.")
        await self._equip(claims, identity, language)
        return Arrival(identity.user, self._is_operator(claims))

    def _is_operator(self, claims: Claims) -> bool:
        name = self._settings.username_claim
        admins = {admin.casefold() for admin in self._settings.admins}
        return claims.credible(name) and claims.values[name].casefold() in admins

    async def _user(self, claims: Claims, *, operator: bool) -> User | None:
        """The user whom a stranger becomes; `None` for an operator who becomes none."""
        claim = self._settings.username_claim
        name = _name(claims, claim)
        twin = name and await self._store.users.like(name)
        if twin:
            user = await self._store.users.get(twin)
            if claims.vouched(claim) and not await self._store.identities.known(user, claims.issuer):
                return user
            if operator:
                return None
            raise NotJoined("There is a page for somebody of this name. Open it from your invitation to join it.")
        if not name or not claims.credible(claim) or not self._settings.register:
            if operator:
                return None
            raise NotKnown("There are no calendars for you here yet. Ask whoever looks after Roosterbridge.")
        async with recorded(self._store, self._clock, Via.PAGE, "user add", user=name):
            return await add_user(self._store, name, _title(claims), self._clock)

    async def _add(self, claims: Claims, user: User) -> Identity:
        await self._store.identities.add(claims.issuer, claims.subject, user, self._clock())
        return Identity(user, frozenset())

    async def _equip(self, claims: Claims, identity: Identity, language: str) -> None:
        """Connect the sources that the settings name, each once, and see that there is a feed then."""
        store, user = self._store, identity.user
        connected = set(identity.connected)
        accounts = {account.source for account in await store.accounts.all(user=user.name)}
        for source, template in self._settings.accounts.items():
            if source not in connected and (source in accounts or await self._connect(claims, user, source, template)):
                connected.add(source)
        if connected == identity.connected:
            return
        await store.identities.note_connected(claims.issuer, claims.subject, connected)
        if not await store.feeds.all(user=user.name):
            new = NewFeed(options={} if language == "nl" else {"language": language})
            async with self._recorded(user, "feed add", new.name):
                await add_feed(store, self._sources, user.name, new, self._clock)

    async def _connect(self, claims: Claims, user: User, source: str, template: str) -> bool:
        """Connect a source. What is refused does not keep anybody from signing in, and is tried again next time."""
        at = self._sources.get(source)
        if at is None:
            log.warning("signin.no_such_source", source=source)
            return False
        try:
            async with self._recorded(user, "account add", source):
                await add_account(self._store, at, Wanted(user.name, identity=claims.fill(template)), self._clock)
        except BridgeError as error:
            log.warning("signin.not_connected", source=source, why=type(error).__name__)
            return False
        return True

    def _recorded(self, user: User, action: str, thing: str) -> AbstractAsyncContextManager[None]:
        return recorded(self._store, self._clock, Via.PAGE, action, user=user.name, thing=thing, actor=user.id)


def _name(claims: Claims, claim: str) -> str:
    """What a user is called after a claim; empty if the claim is no name for a user."""
    try:
        return tidy_user_name(claims.values.get(claim, "").casefold())
    except ValueError:
        return ""


def _title(claims: Claims) -> str:
    return tidy_title(claims.title[:LONGEST_TITLE])
