"""The surroundings of a source: what it is created with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp

from bridge.model.clock import Clock
from bridge.settings.schema import SharingSettings, SourceSettings
from bridge.upstream.addresses import Addresses
from bridge.upstream.budget import Budget, OwnBudget
from bridge.upstream.http import HttpClient
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.shared_answers import SharedAnswers
from bridge.upstream.shared_fetch import SharedFetch


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The session, the clock and the limits of a source, and the address where browser logins come back to.

    `budget` limits the requests; `None` for one of its own. `sent` is called for each request.
    `answers` are those that other hosts share; `None` for a host that is alone.
    """

    name: str
    session: aiohttp.ClientSession
    clock: Clock
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    interval: timedelta = timedelta(minutes=30)
    callback: str = "http://127.0.0.1:8080/connect/callback"
    budget: Budget | None = None
    sent: Callable[[], None] = lambda: None
    answers: SharedAnswers | None = None

    def http(self, settings: SourceSettings) -> HttpClient:
        """An HTTP client with the limits of `settings`."""
        return HttpClient(
            self.session,
            origin=settings.title or self.name,
            timeout=settings.timeout,
            budget=self.budget or OwnBudget(settings.requests_per_second),
            retry=self.retry,
            addresses=Addresses.of(settings),
            sent=self.sent,
            answers=self.answers,
        )

    def shared(self, settings: SharingSettings) -> SharedFetch:
        """A cache of answers for many accounts, for at most half an interval."""
        return SharedFetch(self.clock, max_age=min(settings.share_for, self.interval / 2))
