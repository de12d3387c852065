"""What the figures are measured on."""

from functools import cached_property
from pathlib import Path
from statistics import median

from tests.bench.answers import measure_memory, measure_speed
from tests.bench.installation import Installation, new_installation
from tests.bench.processes import PROGRAM, run
from tests.bench.pupils import running_server
from tests.bench.refreshes import MANY_LESSONS, USUAL_LESSONS, Cost, measure_refreshes
from tests.bench.yardstick import Yardstick

ACCOUNTS = 30
_TIMES = 5


class Bench:
    """All measurements; each is made once, when a row asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def imported(self) -> Installation:
        """An installation whose accounts have been read."""
        with running_server(ACCOUNTS, USUAL_LESSONS) as server:
            installation = new_installation(self._folder / "imported", server, ACCOUNTS)
            installation.run("refresh")
        return installation

    @cached_property
    def yardstick(self) -> Yardstick:
        """The calendar of the first pupil."""
        calendar = self.imported.run("feed", "export", "pupil0").output
        return Yardstick.of(calendar, self._folder / "calendar.json")

    @cached_property
    def usual(self) -> Cost:
        """What most installations see."""
        return self._measure("usual", rounds=3)

    @cached_property
    def more_events(self) -> Cost:
        """Four times the events."""
        return self._measure("events", lessons=MANY_LESSONS, rounds=1)

    @cached_property
    def more_accounts(self) -> Cost:
        """Ten times the accounts."""
        return self._measure("accounts", accounts=10 * ACCOUNTS, rounds=1)

    @cached_property
    def memory(self) -> float:
        """Of the service, in MB."""
        return measure_memory(self.imported)

    @cached_property
    def speed(self) -> dict[str, float]:
        """Of the service, by answer."""
        return measure_speed(self.imported)

    def command(self, *words: str) -> float:
        """Seconds of processor time of a command that needs no storage."""
        return median(run([PROGRAM, *words]).cpu for _ in range(_TIMES))

    def _measure(self, name: str, *, accounts: int = ACCOUNTS, lessons: int = USUAL_LESSONS, rounds: int) -> Cost:
        return measure_refreshes(self._folder / name, self.yardstick, accounts=accounts, lessons=lessons, rounds=rounds)
