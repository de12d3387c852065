"""Draw a calendar as calendar programs do: a week, a month or a list as HTML, and a picture of it.

`python -m tests.agenda FOLDER FEED.ics… [--day 2026-11-23]` writes three pictures of each calendar into FOLDER.
"""

import argparse
import asyncio
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from playwright.async_api import async_playwright

CHROMIUM = shutil.which("chromium")
_ZONE = ZoneInfo("Europe/Amsterdam")
_DAY = timedelta(days=1)
_FIRST_HOUR, _LAST_HOUR, _HOUR = 8, 22, 52
_STYLE = """
body { font: 12px Inter, 'DejaVu Sans', sans-serif; margin: 0; background: white; width: 1240px }
.days { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)) }
.days > div { border-left: 1px solid #ddd; padding: 1px }
.grid > div { position: relative; padding: 0 }
.event { overflow: hidden; color: white; border-radius: 3px; padding: 1px 3px; margin: 1px; line-height: 1.25 }
.grid .event { position: absolute; box-sizing: border-box } .free { opacity: .6 }
.month > div { min-height: 120px; border-top: 1px solid #ddd } .month .event, .whole .event { white-space: nowrap }
.list { padding: 8px } .list p { white-space: pre-wrap; margin: 2px 0 10px 24px; color: #444 }
"""


@dataclass(frozen=True)
class Entry:
    """An event as it is drawn; local times, or whole days with the day after the last."""

    title: str
    start: date
    end: date
    location: str
    description: str
    colour: str
    free: bool

    @property
    def whole(self) -> bool:
        return not isinstance(self.start, datetime)

    def touches(self, day: date) -> bool:
        """Whether it is drawn on this day."""
        first = self.start.date() if isinstance(self.start, datetime) else self.start
        last = (self.end - timedelta(seconds=1)).date() if isinstance(self.end, datetime) else self.end - _DAY
        return first <= day <= last


@dataclass(frozen=True)
class Placed:
    """An entry in the column of a day, which it shares with `of` - 1 others side by side."""

    entry: Entry
    column: int
    of: int


def entries_of(calendar: bytes) -> list[Entry]:
    """The events of a calendar, in the order of time."""
    whole: Any = Calendar.from_ical(calendar)
    return sorted(map(_entry, whole.walk("VEVENT")), key=lambda one: (str(one.start), one.title))


def placed(entries: Iterable[Entry], day: date) -> list[Placed]:
    """The timed entries of a day. Those that overlap, also through others, share its width."""
    found: list[Placed] = []
    for group in _overlapping([one for one in entries if not one.whole and one.touches(day)]):
        columns: list[date] = []
        numbers = []
        for one in group:
            number = next((number for number, end in enumerate(columns) if end <= one.start), len(columns))
            columns[number : number + 1] = [one.end]
            numbers.append(number)
        found += [Placed(one, number, len(columns)) for one, number in zip(group, numbers, strict=True)]
    return found


def week(entries: Sequence[Entry], monday: date) -> str:
    """A week with a column a day, the whole days above."""
    days = [monday + _DAY * number for number in range(7)]
    names = "".join(f"<div><b>{day:%a %d %b}</b></div>" for day in days)
    whole = "".join(
        f"<div>{''.join(_box(one) for one in entries if one.whole and one.touches(day))}</div>" for day in days
    )
    height = (_LAST_HOUR - _FIRST_HOUR) * _HOUR
    timed = "".join(
        f'<div style="height:{height}px">{"".join(_timed(one) for one in placed(entries, day))}</div>' for day in days
    )
    return _page(
        f'<div class="days">{names}</div><div class="days whole">{whole}</div><div class="days grid">{timed}</div>'
    )


def month(entries: Sequence[Entry], monday: date) -> str:
    """Five weeks, a line an event."""
    cells = []
    for day in (monday + _DAY * number for number in range(35)):
        lines = "".join(_box(one) for one in entries if one.touches(day))
        cells.append(f"<div><b>{day:%d %b}</b>{lines}</div>")
    return _page(f'<div class="days month">{"".join(cells)}</div>')


def listed(entries: Sequence[Entry], monday: date) -> str:
    """A week as a list, with all that an event says."""
    lines = []
    for day in (monday + _DAY * number for number in range(7)):
        lines.append(f"<h3>{day:%A %d %B}</h3>")
        lines += [_line(one) for one in entries if one.touches(day)]
    return _page(f'<div class="list">{"".join(lines)}</div>')


VIEWS = {"week": week, "month": month, "list": listed}


async def photograph(pages: dict[Path, str]) -> None:
    """Write a picture of each page, by its path."""
    async with async_playwright() as started:
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        view = await browser.new_page(viewport={"width": 1240, "height": 800})
        for path, page in pages.items():
            await view.set_content(page)
            await view.screenshot(path=path, full_page=True)
        await browser.close()


def pages_of(calendar: bytes, name: str, monday: date, folder: Path) -> dict[Path, str]:
    """Every view of a calendar, by the path of its picture."""
    entries = entries_of(calendar)
    return {folder / f"{name}-{monday}-{view}.png": draw(entries, monday) for view, draw in VIEWS.items()}


def _entry(event: Any) -> Entry:
    start, end = event["dtstart"].dt, event["dtend"].dt
    if isinstance(start, datetime):
        start, end = start.astimezone(_ZONE), end.astimezone(_ZONE)
    title, location, description, colour = (
        str(event.get(name, "")) for name in ("summary", "location", "description", "color")
    )
    return Entry(title, start, end, location, description, colour, free=str(event["transp"]) == "TRANSPARENT")


def _overlapping(entries: Iterable[Entry]) -> list[list[Entry]]:
    groups: list[list[Entry]] = []
    for one in sorted(entries, key=lambda one: (one.start, one.end)):
        if groups and one.start < max(other.end for other in groups[-1]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _times(one: Entry) -> str:
    return "" if one.whole else f"{one.start:%H:%M}-{one.end:%H:%M} "


def _box(one: Entry, style: str = "", text: str = "") -> str:
    free = " free" if one.free else ""
    told = text or f"{_times(one)[:5]} {one.title}"
    return f'<div class="event{free}" style="background:{one.colour or "steelblue"};{style}">{escape(told)}</div>'


def _timed(placed: Placed) -> str:
    one = placed.entry
    assert isinstance(one.start, datetime)
    assert isinstance(one.end, datetime)
    top = (one.start.hour - _FIRST_HOUR + one.start.minute / 60) * _HOUR
    height = (one.end - one.start).total_seconds() / 3600 * _HOUR
    place = f"left:{100 * placed.column / placed.of:.1f}%;width:{100 / placed.of:.1f}%;top:{top:.0f}px;"
    return _box(one, f"{place}height:{height:.0f}px", f"{one.title} {one.location}")


def _line(one: Entry) -> str:
    return f"<div>{_times(one)}<b>{escape(one.title)}</b> {escape(one.location)}</div><p>{escape(one.description)}</p>"


def _page(body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>{body}"


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("feeds", type=Path, nargs="+")
    parser.add_argument("--day", type=date.fromisoformat, default=date.today())  # noqa: DTZ011 - the person's own
    given = parser.parse_args()
    monday = given.day - _DAY * given.day.weekday()
    given.folder.mkdir(parents=True, exist_ok=True)
    pages: dict[Path, str] = {}
    for feed in given.feeds:
        pages |= pages_of(feed.read_bytes(), feed.stem, monday, given.folder)
    asyncio.run(photograph(pages))


if __name__ == "__main__":
    _main()
