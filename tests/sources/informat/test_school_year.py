from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.window import Window
from bridge.sources.informat.school_year import school_years

DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))


def first_day(year: str) -> date:
    return date(int(year[:4]), 9, 1)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2026, 8, 31), date(2026, 9, 1), ("2025-26",)),
        (date(2026, 9, 1), date(2026, 9, 2), ("2026-27",)),
        (date(2026, 8, 31), date(2026, 9, 2), ("2025-26", "2026-27")),
        (date(2026, 9, 23), date(2027, 11, 23), ("2026-27", "2027-28")),
        (date(2026, 8, 2), date(2027, 10, 2), ("2025-26", "2026-27", "2027-28")),
        (date(2008, 12, 1), date(2008, 12, 2), ("2008-09",)),
        (date(2099, 12, 1), date(2099, 12, 2), ("2099-00",)),
        (date(2100, 1, 1), date(2100, 9, 2), ("2099-00", "2100-01")),
    ],
)
def test_a_window_touches_these_school_years(start: date, end: date, years: tuple[str, ...]) -> None:
    assert school_years(Window(start, end)) == years


@given(DAYS, st.integers(1, 1500))
def test_every_day_lies_in_a_year_and_no_year_is_asked_for_in_vain(start: date, length: int) -> None:
    window = Window(start, start + timedelta(days=length))
    years = school_years(window)
    last = window.end - timedelta(days=1)
    assert first_day(years[0]) <= start
    assert first_day(years[-1]) <= last
    assert first_day(years[0]).replace(year=first_day(years[0]).year + 1) > start
    assert first_day(years[-1]).replace(year=first_day(years[-1]).year + 1) > last
    assert [int(year[:4]) for year in years] == list(range(int(years[0][:4]), int(years[-1][:4]) + 1))


@given(DAYS)
def test_a_school_year_is_written_as_the_document_has_it(day: date) -> None:
    (year,) = school_years(Window(day, day + timedelta(days=1)))
    assert len(year) == 7
    assert year[4] == "-"
    assert (int(year[2:4]) + 1) % 100 == int(year[5:])


@given(DAYS, st.integers(1, 400), st.integers(1, 400))
def test_two_windows_that_meet_touch_together_what_the_whole_one_touches(start: date, one: int, other: int) -> None:
    middle = start + timedelta(days=one)
    end = middle + timedelta(days=other)
    both = school_years(Window(start, middle)) + school_years(Window(middle, end))
    assert school_years(Window(start, end)) == tuple(dict.fromkeys(both))
