"""What a source is given to work with."""

from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp

from bridge.model.clock import Clock
from bridge.settings.schema import SharingSettings, SourceSettings
from bridge.upstream.http import HttpClient, RetryPolicy
from bridge.upstream.shared_fetch import SharedFetch


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a source is given to work with."""

    name: str
    session: aiohttp.ClientSession
    clock: Clock
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    interval: timedelta = timedelta(minutes=30)

    def http(self, settings: SourceSettings) -> HttpClient:
        """A client within the limits that `settings` give."""
        return HttpClient(
            self.session,
            origin=settings.title or self.name,
            timeout=settings.timeout,
            requests_per_second=settings.requests_per_second,
            retry=self.retry,
        )

    def shared(self, settings: SharingSettings) -> SharedFetch:
        """What is fetched once for many accounts; it is new enough for half an interval at most."""
        return SharedFetch(self.clock, max_age=min(settings.share_for, self.interval / 2))
