"""What a holidays source delivers, region by region."""

from datetime import date

import aiohttp
import pytest

from bridge.model.event import Kind, Part
from bridge.model.window import Window
from bridge.sources.holidays import SOURCE
from bridge.sources.holidays.source import HolidaysSource
from bridge.store.credentials import NoCredential
from bridge.upstream.contract import Account, Answer
from bridge.upstream.discovery import discover
from bridge.upstream.surroundings import Surroundings
from tests.sources.holidays.schools import NOW, SCHOOL_YEAR, by_title, deliver, inclusive

KNOWN = [
    ("NL", "Noord", "Herfstvakantie", "2026-10-10", "2026-10-18"),
    ("NL", "Midden", "Herfstvakantie", "2026-10-17", "2026-10-25"),
    ("NL", "Zuid", "Herfstvakantie", "2026-10-17", "2026-10-25"),
    ("NL", "Noord", "Kerstvakantie", "2026-12-19", "2027-01-03"),
    ("NL", "Midden", "Kerstvakantie", "2026-12-19", "2027-01-03"),
    ("NL", "Zuid", "Kerstvakantie", "2026-12-19", "2027-01-03"),
    ("NL", "Noord", "Voorjaarsvakantie", "2027-02-20", "2027-02-28"),
    ("NL", "Zuid", "Voorjaarsvakantie", "2027-02-13", "2027-02-21"),
    ("NL", "Midden", "Meivakantie", "2027-04-24", "2027-05-02"),
    ("NL", "Zuid", "Koningsdag", "2027-04-27", "2027-04-27"),
    ("NL", "Noord", "Tweede paasdag", "2027-03-29", "2027-03-29"),
    ("BE", "Flemish", "Herfstvakantie", "2026-11-02", "2026-11-08"),
    ("BE", "Flemish", "Krokusvakantie", "2027-02-08", "2027-02-14"),
    ("BE", "Flemish", "Kerstvakantie", "2026-12-21", "2027-01-03"),
    ("BE", "French", "Herfstvakantie", "2026-10-19", "2026-11-01"),
    ("BE", "French", "Krokusvakantie", "2027-02-22", "2027-03-07"),
    ("BE", "French", "Paasvakantie", "2027-04-26", "2027-05-09"),
    ("BE", "German", "Paasvakantie", "2027-03-29", "2027-04-11"),
    ("BE", "German", "Wapenstilstand", "2026-11-11", "2026-11-11"),
]


@pytest.mark.parametrize(("country", "region", "title", "first", "last"), KNOWN)
async def test_known_holidays_are_on_their_days(country: str, region: str, title: str, first: str, last: str) -> None:
    delivered = await deliver(country=country, region=region)
    assert by_title(delivered)[title] == [(first, last)]


async def test_a_holiday_that_the_window_cuts_is_delivered_whole_and_as_the_same() -> None:
    whole = [e for e in (await deliver(country="NL", region="Noord")).events if e.title == "Kerstvakantie"]
    for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 3)):
        window = Window(day, date.fromordinal(day.toordinal() + 1))
        cut = (await deliver(window, country="NL", region="Noord")).events
        assert [e for e in cut if e.title == "Kerstvakantie"] == whole


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028])
async def test_an_identity_does_not_depend_on_where_the_window_begins(year: int) -> None:
    end = date(year + 1, 1, 1)
    early = await deliver(Window(date(year - 3, 1, 1), end), country="NL", region="Zuid")
    late = await deliver(Window(date(year, 1, 1), end), country="NL", region="Zuid")
    assert set(late.events) <= set(early.events)


async def test_the_days_have_the_chosen_language_or_else_the_country_s_own() -> None:
    english = by_title(await deliver(country="NL", region="Noord", language="en", categories=["public"]))
    french = by_title(await deliver(country="BE", region="French", language="fr-BE", categories=["public"]))
    unknown = by_title(await deliver(country="NL", region="Noord", language="sw", categories=["public"]))
    assert "New Year's Day" in english
    assert "Jour de l'Armistice" in french
    assert "Nieuwjaarsdag" in unknown


async def test_only_the_chosen_categories_are_delivered() -> None:
    titles = by_title(await deliver(country="NL", region="Noord", categories="public"))
    assert "Koningsdag" in titles
    assert "Kerstvakantie" not in titles


async def test_a_country_without_regions_needs_none() -> None:
    delivered = await deliver(country="LU", categories=["public"])
    assert "2027-06-23" in {inclusive(event)[0] for event in delivered.events}


async def test_dutch_school_holidays_are_known_until_2030() -> None:
    in_2030 = by_title(await deliver(Window(date(2029, 9, 1), date(2030, 7, 1)), country="NL", region="Noord"))
    in_2032 = by_title(await deliver(Window(date(2031, 9, 1), date(2032, 7, 1)), country="NL", region="Noord"))
    assert "Meivakantie" in in_2030
    assert "Meivakantie" not in in_2032
    assert "Nieuwjaarsdag" in in_2032


async def test_the_same_answer_has_the_same_digest() -> None:
    first, second = [await deliver(country="NL", region="Noord") for _ in range(2)]
    other = await deliver(country="NL", region="Zuid")
    assert first.answers == second.answers
    assert first.answers != other.answers


async def test_check_counts_what_lies_ahead() -> None:
    settings = SOURCE.settings.model_validate({"type": "holidays", "country": "NL", "region": "Noord"})
    async with aiohttp.ClientSession() as session:
        source = SOURCE.create(settings, Surroundings("vrij", session, lambda: NOW))
        assert await source.check() == "NL Noord: 15 holidays in the coming year"


async def test_connecting_changes_nothing() -> None:
    settings = SOURCE.settings.model_validate({"type": "holidays", "country": "NL", "region": "Noord"})
    async with aiohttp.ClientSession() as session:
        source = SOURCE.create(settings, Surroundings("vrij", session, lambda: NOW))
        assert isinstance(source, HolidaysSource)
        assert await source.connect(None, Account(), NoCredential()) == Account()
        answers = await source.fetch(Account(), NoCredential(), SCHOOL_YEAR)
        answer = answers[Part.HOLIDAYS]
        assert isinstance(answer, Answer)
        assert {event.kind for event in source.read(Part.HOLIDAYS, answer.payload, Account()).events} == {Kind.HOLIDAY}


async def test_the_stand_in_is_settings_only() -> None:
    stand_in = discover()["holidays"].stand_in(lambda: NOW)
    async with stand_in.serve() as address:
        assert address is None
        assert stand_in.people == ()
        chosen = stand_in.settings_at(address)
    assert chosen.pop("type") == "holidays"
    assert (await deliver(**chosen)).events
