"""School years in Informat's form."""

from bridge.model.window import Window

_SEPTEMBER = 9


def school_years(window: Window) -> tuple[str, ...]:
    """The school years of the days of `window`, such as `2023-24`, sorted. They begin on 1 September."""
    last = window.end.toordinal() - 1
    end = window.end.fromordinal(max(last, window.start.toordinal()))
    first_year, last_year = (day.year - (day.month < _SEPTEMBER) for day in (window.start, end))
    return tuple(f"{year:04d}-{(year + 1) % 100:02d}" for year in range(first_year, last_year + 1))
