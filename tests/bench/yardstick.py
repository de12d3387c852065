"""The yardstick: plain `icalendar` building and writing the calendar of one pupil.

`python -m tests.bench.yardstick FILE COUNT` does so COUNT times, with the values in FILE.
"""

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from tests.bench.processes import run

_TIMES = 10


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A calendar to write; `file` keeps the values of its events."""

    file: Path

    @classmethod
    def of(cls, calendar: bytes, file: Path) -> "Yardstick":
        """Keep the values of a feed's events in `file`."""
        events = Calendar.from_ical(calendar).walk("VEVENT")
        values = [[(name, _as_json(value)) for name, value in event.items()] for event in events]
        file.write_text(json.dumps(values), "utf-8")
        return cls(file)

    def cpu(self) -> float:
        """Seconds of processor time for one calendar, without the start of the process and its imports."""
        one, more = (self._run(times) for times in (1, 1 + _TIMES))
        return (more - one) / _TIMES

    def _run(self, times: int) -> float:
        return run([sys.executable, "-m", "tests.bench.yardstick", self.file, str(times)]).cpu


def _as_json(value: Any) -> Any:
    """A value of a parsed calendar."""
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        return {"time": moment.replace(tzinfo=None).isoformat(), "zone": str(moment.tzinfo)}
    if isinstance(moment, date):
        return {"day": moment.isoformat()}
    if hasattr(value, "cats"):
        return [str(category) for category in value.cats]
    return int(value) if isinstance(value, int) else str(value)


def _from_json(value: Any) -> Any:
    """The same value as a program has it."""
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return date.fromisoformat(value["day"])
    return datetime.fromisoformat(value["time"]).replace(tzinfo=ZoneInfo(value["zone"]))


def write_calendar(events: list[list[tuple[str, Any]]]) -> bytes:
    """Build the calendar and write it, as anybody would."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Roosterbridge//bench//EN")
    for values in events:
        event = Event()
        for name, value in values:
            event.add(name, value)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def main() -> None:
    """Write the calendar as often as the command line says."""
    file, times = sys.argv[1:]
    kept = json.loads(Path(file).read_text("utf-8"))
    events = [[(name, _from_json(value)) for name, value in event] for event in kept]
    for _ in range(int(times)):
        write_calendar(events)


if __name__ == "__main__":
    main()
