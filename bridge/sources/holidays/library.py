"""What the `holidays` library knows; it works offline and gives single days.

The library takes as long to import as all that settings need otherwise, and few installations have such a source,
so it is imported when it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from bridge.model.window import Window

if TYPE_CHECKING:
    from holidays import HolidayBase

Days = dict[date, list[str]]
_YEARS_OF_PROOF = range(2020, 2031)


@cache
def countries() -> frozenset[str]:
    """The codes of all countries, two capital letters each."""
    import holidays

    return frozenset(holidays.list_supported_countries(include_aliases=False))


def regions(country: str) -> tuple[str, ...]:
    """The regions of a country that have holidays of their own."""
    return tuple(_class(country).subdivisions)


def categories(country: str) -> tuple[str, ...]:
    """The kinds of holidays that a country has."""
    return tuple(_class(country).supported_categories)


@cache
def has_national_school_holidays(country: str) -> bool:
    """Whether school holidays can be told without a region, or there are no regions to tell them by."""
    import holidays

    if not regions(country):
        return True
    return bool(holidays.country_holidays(country, years=_YEARS_OF_PROOF, categories=("school",)))


def days_around(window: Window, *, country: str, region: str | None, chosen: Collection[str], language: str) -> Days:
    """Every holiday from two years before the window to one year after it, with its names, both in order.

    So no range that touches the window is cut, and the first of the year is known to be the first.
    School holidays in NL are known until 2030.
    """
    import holidays

    found = holidays.country_holidays(
        country,
        subdiv=region,
        years=range(window.start.year - 2, window.end.year + 2),
        expand=False,
        categories=tuple(chosen),
        language=_language(_class(country), language),
    )
    return {day: sorted(found.get_list(day)) for day in sorted(found)}


def _class(country: str) -> type[HolidayBase]:
    import holidays

    found: type[HolidayBase] = getattr(holidays, country)
    return found


def _language(of: type[HolidayBase], wanted: str) -> str | None:
    """The library's name of a language: exactly that one, else a variety of it, else the country's own."""
    supported: Sequence[str] = sorted(of.supported_languages)
    exact = wanted.replace("-", "_").casefold()
    base = exact.split("_")[0]
    for name in supported:
        if name.casefold() == exact:
            return name
    varieties = (name for name in supported if name.casefold().split("_")[0] == base)
    return next(varieties, of.default_language)
