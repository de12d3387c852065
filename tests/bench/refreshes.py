"""What refreshing costs: whole `refresh` processes, less one on an empty storage."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from tests.bench.installation import Installation, new_installation
from tests.bench.pupils import RunningServer, running_server
from tests.bench.yardstick import Yardstick

USUAL_LESSONS = 272
MANY_LESSONS = 4 * 413 - (413 - USUAL_LESSONS)


@dataclass(frozen=True, slots=True)
class Cost:
    """What an account costs.

    `yardstick` is in seconds; `first`, `unchanged` and `change` are in yardsticks; `events` and `requests` (of an
    unchanged refresh) are counts; `storage` is in bytes per event.
    """

    yardstick: float
    first: float
    unchanged: float
    change: float
    events: float
    requests: float
    storage: float

    def __str__(self) -> str:
        return (
            f"An account of {self.events:.0f} events takes {self._time(self.first)} for its first import, "
            f"{self._time(self.unchanged)} for an unchanged refresh of {self.requests:.0f} requests, "
            f"and {self._time(self.change)} beyond that for one changed lesson."
        )

    def _time(self, cost: float) -> str:
        return f"{1e3 * self.yardstick * cost:.1f} ms"


def measure_refreshes(folder: Path, yardstick: Yardstick, *, accounts: int, lessons: int, rounds: int) -> Cost:
    """The medians of some rounds, each with a new storage."""
    with running_server(accounts, lessons) as server:
        nobody = new_installation(folder / "nobody", server, 0)
        template = new_installation(folder / "template", server, accounts)
        costs = [_measure_round(template, nobody, server, yardstick) for _ in range(rounds)]
    return Cost(**{name: median(getattr(cost, name) for cost in costs) for name in Cost.__slots__})


def _measure_round(template: Installation, nobody: Installation, server: RunningServer, yardstick: Yardstick) -> Cost:
    """A first import; then by turns a refresh in which nothing changed and one with a changed lesson each."""
    accounts = len(template.feeds)
    installation = template.copy("round")
    start = [nobody.run("--json", "refresh").cpu]
    unit = [yardstick.cpu()]
    first, rows = _refresh(installation)
    events = sum(row["events"] for row in rows)
    unchanged, changed, requests = [], [], []
    for _ in range(3):
        server.count_requests()
        unchanged.append(_refresh(installation, changes=0)[0])
        requests.append(server.count_requests() / accounts)
        server.change_lessons()
        changed.append(_refresh(installation, changes=accounts)[0])
        start.append(nobody.run("--json", "refresh").cpu)
    unit.append(yardstick.cpu())
    share = mean(unit) * accounts
    return Cost(
        yardstick=mean(unit),
        first=(first - median(start)) / share,
        unchanged=(median(unchanged) - median(start)) / share,
        change=(median(changed) - median(unchanged)) / share,
        events=events / accounts,
        requests=mean(requests),
        storage=installation.stored_bytes() / events,
    )


def _refresh(installation: Installation, changes: int | None = None) -> tuple[float, Sequence[Any]]:
    """The processor time and the rows of a refresh, in which so many events must have changed."""
    ended = installation.run("--json", "refresh")
    rows = json.loads(ended.output)
    if not all(row["ok"] for row in rows) or changes not in {None, sum(row["changed"] for row in rows)}:
        raise RuntimeError(f"The refresh did something else: {rows[:5]}")
    return ended.cpu, rows
