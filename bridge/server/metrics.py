"""Metrics for Prometheus, by source and never by person."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bridge.store.account import State
from bridge.sync.load import Load
from bridge.sync.outcome import Row


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.feed_requests = Counter(
            "roosterbridge_feed_requests_total",
            "Requests for feeds by status",
            ["status"],
            registry=self.registry,
        )
        self.parts = Counter(
            "roosterbridge_parts_total",
            "Refreshed parts by source, part and outcome",
            ["source", "part", "outcome"],
            registry=self.registry,
        )
        self.events = Counter(
            "roosterbridge_events_total",
            "Events added, changed and removed by upstreams, by source and change",
            ["source", "change"],
            registry=self.registry,
        )
        self.refreshes = Histogram(
            "roosterbridge_refresh_seconds",
            "Seconds that the refresh of an account took, by source",
            ["source"],
            registry=self.registry,
        )
        self.accounts = Gauge(
            "roosterbridge_accounts",
            "Accounts by source and state",
            ["source", "state"],
            registry=self.registry,
        )
        self.needed = self._of_source("requests_needed", "Requests a second that a source's interval needs")
        self.allowed = self._of_source("requests_allowed", "Requests a second that a source's settings allow")
        self.per_refresh = self._of_source("requests_per_refresh", "Requests of a refresh at a source, lately")
        self.lag = self._of_source("lag_seconds", "How long the account that is due longest at a source has been due")
        self.unrendered = Counter(
            "roosterbridge_feeds_not_rendered_total",
            "Feeds that kept their last bytes because rendering failed",
            registry=self.registry,
        )
        self.refused = Gauge(
            "roosterbridge_feeds_refused",
            "Feeds that keep their last bytes because the new calendar did not pass the check",
            registry=self.registry,
        )
        self.faulty = Gauge(
            "roosterbridge_feeds_faulty",
            "Feeds of which the daily inspection found that they could break a calendar program",
            registry=self.registry,
        )
        self.large = Gauge(
            "roosterbridge_feeds_large",
            "Feeds of more than 1 MB, which some calendar programs refuse",
            registry=self.registry,
        )

    def _of_source(self, name: str, what: str) -> Gauge:
        return Gauge(f"roosterbridge_{name}", what, ["source"], registry=self.registry)

    def weigh(self, loads: Sequence[Load]) -> None:
        """Set the load of each source."""
        for gauge in (self.needed, self.allowed, self.per_refresh, self.lag):
            gauge.clear()
        for load in loads:
            self.allowed.labels(load.source).set(load.allowed)
            self.lag.labels(load.source).set(load.lag.total_seconds())
            if load.needed is not None and load.per_refresh is not None:
                self.needed.labels(load.source).set(load.needed)
                self.per_refresh.labels(load.source).set(load.per_refresh)

    def refreshed(self, source: str, rows: Sequence[Row], seconds: float) -> None:
        """Count a refresh."""
        self.refreshes.labels(source).observe(seconds)
        for row in rows:
            outcome = "ok" if row.ok else "forbidden" if row.forbidden else "failed"
            self.parts.labels(source, row.part or "none", outcome).inc()
            for change in ("added", "changed", "removed"):
                self.events.labels(source, change).inc(getattr(row, change))

    def count_accounts(self, counts: dict[tuple[str, State], int]) -> None:
        """Set the number of accounts by source and state."""
        self.accounts.clear()
        for (source, state), count in counts.items():
            self.accounts.labels(source, state).set(count)

    def text(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self.registry)
