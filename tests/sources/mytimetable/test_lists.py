"""What the samples of lists hold, written down by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import aiohttp
import pytest

from bridge.errors import BadResponse, NotOffered
from bridge.sources.mytimetable.catalogue import Catalogue, covering
from bridge.sources.mytimetable.client import MyTimetableClient, NoTimetable
from bridge.sources.mytimetable.models import Database, FilterOption, Timetable, TimetableFilter, TimetableType
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.weeks import WeekNames
from bridge.upstream.http import HttpClient
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.shared_fetch import SharedFetch
from bridge.upstream.standin import StandIn
from tests.sources.mytimetable.conftest import WINDOW
from tests.sources.mytimetable.outcomes import answer

SAMPLES = Path(__file__).parent / "samples" / "lists"


def sample(name: str) -> str:
    return (SAMPLES / f"{name}.json").read_text()


@pytest.fixture
def client(configure: Callable[..., MyTimetableSettings], session: aiohttp.ClientSession) -> MyTimetableClient:
    return MyTimetableClient(HttpClient(session, origin="Universiteit", retry=RetryPolicy(attempts=1)), configure())


@pytest.fixture
def catalogue(client: MyTimetableClient, configure: Callable[..., MyTimetableSettings]) -> Catalogue:
    now = datetime(2026, 10, 14, tzinfo=UTC)
    return Catalogue(client, SharedFetch(lambda: now, max_age=configure().share_for))


async def test_the_types_of_timetables(catalogue: Catalogue, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/timetabletypesdetails"] = answer(200, sample("timetabletypedetailslist"))
    assert await catalogue.types(None) == [
        TimetableType(name="module", description="Course", weight=1),
        TimetableType(name="pos", description="Programme of study", weight=2),
    ]


async def test_types_without_a_weight_come_first(catalogue: Catalogue, stand_in: StandIn) -> None:
    body = '{"timetableTypes": [{"name": "b", "weight": 2}, {"name": "a", "weight": "x"}, {"name": null}]}'
    stand_in.faults["/api/v0/timetabletypesdetails"] = answer(200, body)
    assert [kind.name for kind in await catalogue.types(None)] == ["a", "b"]


async def test_before_3_0_types_have_only_names(catalogue: Catalogue, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/timetabletypesdetails"] = answer(404, "")
    assert [kind.name for kind in await catalogue.types(None)] == ["module", "studentset", "location", "user"]
    stand_in.faults["/api/v0/timetabletypes"] = answer(403, "")
    assert await catalogue.types(None) == []


async def test_the_timetables_of_a_type(catalogue: Catalogue, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/timetables"] = answer(200, sample("timetablelist"))
    assert await catalogue.timetables("module", "", "", None) == [
        Timetable(
            value="2017!module!49CBD432F01E8C5057B344E02604A76F", description="Automotive Engineering", hostKey="AE"
        ),
        Timetable(value="2017!module!49CBD432F01E8C5057B344E02604A770", description="BioRobotics", hostKey="BR"),
    ]


async def test_the_filters_of_a_type(catalogue: Catalogue, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/timetablefilters"] = answer(200, sample("timetablefiltertypelist"))
    assert await catalogue.filters("module", "", None) == [
        TimetableFilter(
            type="posdepartment",
            option=(
                FilterOption(value="0F5E7058EC134851B6EF5356A1864B04", name="Department of Engineering", hostKey="DE"),
                FilterOption(
                    value="646ADCA666D4A88402CA46C26A738046",
                    name="Department of Law, Economics, and Governance",
                    hostKey="DLEG",
                ),
            ),
        ),
        TimetableFilter(
            type="pos",
            option=(FilterOption(value="0F2C927DF37F3A2BEF1F1713768E4EDE", name="Astrophysics", hostKey="ASTR"),),
        ),
    ]


async def test_the_databases_with_and_without_labels(catalogue: Catalogue, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/databasedetails"] = answer(200, sample("databasedetails"))
    assert await catalogue.databases(None) == [
        Database(key="2015", label="2015/2016"),
        Database(key="2016", label="2016/2017"),
        Database(key="TimetableDB", label="Custom"),
    ]
    stand_in.faults["/api/v0/databasedetails"] = answer(404, "")
    stand_in.faults["/api/v0/databases"] = answer(200, sample("datasourceslist"))
    assert [database.key for database in await catalogue.databases(None)] == ["2017", "2016", "2015"]
    stand_in.faults["/api/v0/databases"] = answer(403, "")
    assert await catalogue.databases(None) == []


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2015, 7, 31), []),
        (date(2015, 8, 1), ["2015"]),
        (date(2016, 7, 31), ["2015"]),
        (date(2016, 8, 1), ["2016"]),
        (date(2018, 1, 1), []),
    ],
)
def test_a_database_covers_the_academic_year_that_its_label_begins_with(day: date, key: list[str]) -> None:
    databases = [
        Database(key="2015", label="2015/2016"),
        Database(key="A", label="Rooster 2016-2017"),
        Database(key="TimetableDB", label="Custom"),
        Database(key="", label="2018/2019"),
    ]
    expected = [{"2016": "A"}.get(year, year) for year in key]
    assert [database.key for database in covering(databases, day)] == expected


async def test_the_names_of_weeks(catalogue: Catalogue, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/weeklabelmaps/SYLLABUS"] = answer(200, sample("weeklabelmap"))
    stand_in.faults["/api/v0/weeklabelmaps"] = answer(200, sample("weeklabelmaps"))
    labels = await catalogue.week_labels(None)
    weeks = WeekNames.of(labels, "Universiteit")
    days = (date(2014, 1, 19), date(2014, 1, 20), date(2014, 2, 2), date(2014, 2, 3))
    assert [weeks.name(day) for day in days] == ["", "wk 4", "wk 5", ""]
    stand_in.faults.clear()
    stand_in.faults["/api/v0/weeklabelmaps"] = answer(404, "")
    with pytest.raises(NotOffered, match="no names for its weeks"):
        await catalogue.week_labels(None)


async def test_of_an_error_only_its_type_is_told(client: MyTimetableClient, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/timetables"] = answer(404, sample("errormessage"))
    with pytest.raises(NoTimetable) as raised:
        await client.single("2017!module!A", None, WINDOW)
    assert raised.value.sentence == "Universiteit has no timetable 2017!module!A (timetable_not_found)."


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", "null", '{"timetableTypes": null}', "[{"])
async def test_an_answer_that_is_no_list_is_refused(catalogue: Catalogue, stand_in: StandIn, body: str) -> None:
    stand_in.faults["/api"] = answer(200, body)
    for ask in (catalogue.types, catalogue.databases, catalogue.week_labels):
        with pytest.raises(BadResponse):
            await ask(None)
    with pytest.raises(BadResponse):
        await catalogue.timetables("module", "", "", None)
    with pytest.raises(BadResponse):
        await catalogue.filters("module", "", None)


async def test_items_that_cannot_be_read_are_left_out_unless_they_are_most(
    catalogue: Catalogue, stand_in: StandIn
) -> None:
    stand_in.faults["/api/v0/timetables"] = answer(200, '{"timetable": [{"value": "A!B"}, null]}')
    assert await catalogue.timetables("module", "", "", None) == [Timetable(value="A!B")]
    stand_in.faults["/api/v0/timetables"] = answer(200, '{"timetable": [{"value": "A!B"}, null, {}]}')
    with pytest.raises(BadResponse, match="3 items"):
        await catalogue.timetables("module", "", "", None)
