"""The figures of the bench, and what they may be."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.bench import Bench
from tests.bench.refreshes import Cost

_FORMATS = {"": ".3f", "times": ".2f", "s": ".2f", "ms": ".1f", "MB": ".1f", "bytes": ",.0f"}


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, its unit, and the `most` or `least` that it may be."""

    name: str
    title: str
    measure: Callable[[Bench], float]
    unit: str = ""
    most: float | None = None
    least: float | None = None

    def allows(self, figure: float) -> bool:
        """Whether the figure is within its bound."""
        return (self.most is None or figure <= self.most) and (self.least is None or figure >= self.least)

    def format(self, figure: float) -> str:
        """A figure with its unit."""
        return f"{figure:{_FORMATS[self.unit]}} {self.unit}".rstrip()

    @property
    def bound(self) -> str:
        """The bound with its unit; empty where there is none."""
        if self.most is not None:
            return f"≤ {self.format(self.most)}"
        return f"≥ {self.format(self.least)}" if self.least is not None else ""


_USUAL = (
    Row("yardstick", "plain icalendar, one calendar, CPU", lambda bench: bench.usual.yardstick * 1e3, "ms"),
    Row("first-import", "first import of an account ÷ yardstick", lambda bench: bench.usual.first, most=1.0),
    Row("unchanged", "unchanged refresh of an account ÷ yardstick", lambda bench: bench.usual.unchanged, most=0.12),
    Row("one-change", "one changed lesson, beyond that, ÷ yardstick", lambda bench: bench.usual.change, most=0.12),
    Row("storage", "storage of an event, feed included", lambda bench: bench.usual.storage, "bytes", most=450),
    Row("serve-memory", "`serve` after answering 30 feeds, RSS", lambda bench: bench.memory, "MB", most=110),
    Row("version", "`roosterbridge version`, CPU", lambda bench: bench.command("version"), "s", most=0.4),
    Row("help", "`roosterbridge --help`, CPU", lambda bench: bench.command("--help"), "s", most=0.4),
    Row("304", "feeds answered with 304 ÷ bare aiohttp", lambda bench: bench.speed["304"], least=0.7),
    Row("gzip-200", "feeds answered with 200, gzip ÷ bare aiohttp", lambda bench: bench.speed["gzip 200"], least=0.7),
)


def _growth(name: str, title: str, of: Callable[[Cost], float], *, events: float) -> tuple[Row, Row]:
    """How many times the usual figure it is, with more events and with more accounts."""
    return (
        Row(
            f"{name}-4x-events",
            f"{title}, four times the events",
            lambda bench: of(bench.more_events) / of(bench.usual),
            "times",
            most=events,
        ),
        Row(
            f"{name}-10x-accounts",
            f"{title}, ten times the accounts",
            lambda bench: of(bench.more_accounts) / of(bench.usual),
            "times",
            most=1.25,
        ),
    )


ROWS = (
    *_USUAL,
    *_growth("first-import", "first import of an account", lambda cost: cost.first, events=4.4),
    *_growth("unchanged", "unchanged refresh of an account", lambda cost: cost.unchanged, events=2),
    *_growth("one-change", "one changed lesson", lambda cost: cost.change, events=2),
    *_growth("storage", "storage of an event", lambda cost: cost.storage, events=1.1),
)
