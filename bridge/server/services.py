"""What pages and API work with."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.model.clock import Clock
from bridge.people.audit import recorded
from bridge.people.known_sources import KnownSources
from bridge.people.sources import check_known
from bridge.publishing.publisher import Publisher
from bridge.server.sessions import Sessions
from bridge.settings.schema import ServerSettings
from bridge.store.audit import Via
from bridge.store.storage import Store
from bridge.store.users import User
from bridge.sync.desk import Desk
from bridge.sync.refresher import Refresher
from bridge.sync.sweeper import Sweeper
from bridge.upstream.capabilities import ExchangesSecret, OffersLogin
from bridge.upstream.configured import ConfiguredSource

if TYPE_CHECKING:  # where there is a provider, app.py imports it
    from bridge.people.signin.arrivals import Arrivals
    from bridge.people.signin.provider import Provider


@dataclass(frozen=True, slots=True)
class SignInServices:
    """What people sign in with: the provider, who they become here, which claims that takes, and who is an operator."""

    provider: Provider
    arrivals: Arrivals
    needs: frozenset[str]
    admins_hash: str | None


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the service that pages and API use.

    `server` knows the addresses of feeds and pages. `sign_in` is `None` where the settings name no provider.
    """

    store: Store
    sources: Mapping[str, ConfiguredSource]
    known: KnownSources
    publisher: Publisher
    refresher: Refresher
    sweeper: Sweeper
    clock: Clock
    server: ServerSettings
    sessions: Sessions
    sign_in: SignInServices | None
    desk: Desk

    def recorded(self, person: User, action: str, thing: str | None = None) -> AbstractAsyncContextManager[None]:
        """Record that a person does this to their own calendars, on a page; see `bridge.people.audit.recorded`."""
        return recorded(self.store, self.clock, Via.PAGE, action, user=person.name, thing=thing, actor=person.id)

    def recorded_for(
        self, operator: User | None, action: str, *, user: str | None = None, thing: str | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Record that an operator does this on a page; `operator` is `None` for one who has no calendar here."""
        actor = None if operator is None else operator.id
        return recorded(self.store, self.clock, Via.PAGE, action, user=user, thing=thing, actor=actor)

    def source(self, name: str) -> ConfiguredSource:
        """The source of that name. Raises UnknownName."""
        check_known(self.sources, name)
        return self.sources[name]

    def logs_in(self, at: ConfiguredSource) -> bool:
        """Whether people connect a source by a browser login, rather than with a password or token."""
        return isinstance(at.source, OffersLogin) and not isinstance(at.source, ExchangesSecret)

    def title_of(self, source: str) -> str:
        """What people call a source, which the settings may no longer have."""
        at = self.sources.get(source)
        return source if at is None else at.title
