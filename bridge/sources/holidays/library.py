"""The `holidays` package, which has single days and needs no network.

It is imported when it is used: its import takes as long as all that settings need otherwise.
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
    """The codes of all countries, of two capital letters."""
    import holidays

    return frozenset(holidays.list_supported_countries(include_aliases=False))


def regions(country: str) -> tuple[str, ...]:
    """The regions of a country with holidays of their own."""
    return tuple(_class(country).subdivisions)


def categories(country: str) -> tuple[str, ...]:
    """The categories of holidays of a country."""
    return tuple(_class(country).supported_categories)


@cache
def has_national_school_holidays(country: str) -> bool:
    """Whether school holidays do not depend on a region, or the country has no regions."""
    import holidays

    if not regions(country):
        return True
    return bool(holidays.country_holidays(country, years=_YEARS_OF_PROOF, categories=("school",)))


def days_around(window: Window, *, country: str, region: str | None, chosen: Collection[str], language: str) -> Days:
    """The holidays from two years before the window until one year after it: days with names, both sorted.

    So no holiday that touches the window is cut, and the first one of a name in a year is known. School holidays in
    NL are known until 2030.
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
    """The package's name of a language: the same, else a variety of it, else that of the country itself."""
    supported: Sequence[str] = sorted(of.supported_languages)
    exact = wanted.replace("-", "_").casefold()
    base = exact.split("_")[0]
    for name in supported:
        if name.casefold() == exact:
            return name
    varieties = (name for name in supported if name.casefold().split("_")[0] == base)
    return next(varieties, of.default_language)
