"""School years in Informat's form."""

from datetime import date

from bridge.model.window import Window

SEPTEMBER = 9


def school_years(window: Window) -> tuple[str, ...]:
    """The school years of the days of `window`, such as `2023-24`, sorted. They begin on 1 September."""
    last = window.end.toordinal() - 1
    end = window.end.fromordinal(max(last, window.start.toordinal()))
    first_year, last_year = (_begin(day) for day in (window.start, end))
    return tuple(map(_name, range(first_year, last_year + 1)))


def year_of(day: date) -> str:
    """The school year of a day."""
    return _name(_begin(day))


def _begin(day: date) -> int:
    return day.year - (day.month < SEPTEMBER)


def _name(year: int) -> str:
    return f"{year:04d}-{(year + 1) % 100:02d}"
